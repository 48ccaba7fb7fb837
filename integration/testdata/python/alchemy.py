"""What TestSQLAlchemy runs: SQLAlchemy with the dialect of sqlalchemy-redshift, and pandas. Each line printed is a fact."""
import sys
import warnings

warnings.simplefilter("ignore")
import pandas
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.orm import Session, declarative_base

registry.register("redshift.psycopg2", "sqlalchemy_redshift.dialect", "RedshiftDialect_psycopg2")
engine = sa.create_engine(f"redshift+psycopg2://awsuser:Secret123@127.0.0.1:{sys.argv[1]}/dev", connect_args={"sslmode": "disable"})  # the dialect trusts certificates of AWS alone
meta = sa.MetaData()
parent = sa.Table("parent", meta, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("name", sa.String(30), nullable=False, unique=True, info={"encode": "zstd"}), redshift_diststyle="ALL")
child = sa.Table(
    "child", meta, sa.Column("id", sa.Integer), sa.Column("parent", sa.Integer, sa.ForeignKey("parent.id")), sa.Column("amount", sa.Numeric(8, 2)), sa.Column("at", sa.DateTime),
    redshift_distkey="parent", redshift_sortkey="at")
meta.create_all(engine)
with engine.begin() as c:
    c.execute(sa.text("CREATE VIEW v AS SELECT id, name FROM parent"))
    c.execute(sa.text("CREATE VIEW late AS SELECT id FROM public.parent WITH NO SCHEMA BINDING"))
i = sa.inspect(engine)
print("tables:", sorted(i.get_table_names()), sorted(i.get_view_names()), i.has_table("nowhere"))
for t in ("parent", "child", "v", "late"):
    print(t + ":", [(c["name"], str(c["type"]), c["nullable"]) for c in i.get_columns(t)])
print("keys:", i.get_pk_constraint("parent")["constrained_columns"], i.get_unique_constraints("parent")[0]["column_names"], [(f["constrained_columns"], f["referred_table"], f["referred_columns"]) for f in i.get_foreign_keys("child")])
print("options:", i.get_table_options("child")["redshift_distkey"], i.get_table_options("child")["redshift_sortkey"], i.get_table_options("parent")["redshift_diststyle"])
print("view:", i.get_view_definition("v"))
again = sa.MetaData()
again.reflect(engine)
print("reflected:", sorted(again.tables), list(again.tables["child"].foreign_keys)[0].target_fullname)
with engine.begin() as c:
    c.execute(parent.insert(), [{"id": 1, "name": "it's"}, {"id": 2, "name": "b"}])
    c.execute(child.insert().values(id=1, parent=1, amount="1.5"))
    c.execute(parent.update().where(parent.c.id == 2).values(name="z"))
    print("join:", [(r[0], str(r[1])) for r in c.execute(sa.select(parent.c.name, child.c.amount).join(child, child.c.parent == parent.c.id))])
frame = pandas.DataFrame({"id": [1, 2, 3], "name": ["x", "y", None], "amount": [1.5, 2.5, None], "at": pandas.to_datetime(["2024-01-01", "2024-01-02", None]), "ok": [True, False, True]})
frame.to_sql("frame", engine, index=False, if_exists="replace")
frame.to_sql("frame", engine, index=False, if_exists="append", method="multi")
print("frame:", pandas.read_sql("SELECT count(*) AS n, sum(amount) AS total, max(at) AS last FROM frame", engine).astype(str).values.tolist(), len(pandas.read_sql_table("frame", engine)))
Base = declarative_base()


class Film(Base):
    __tablename__ = "films"
    id = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    title = sa.Column(sa.String(40))


Base.metadata.create_all(engine)
with Session(engine) as s:
    s.add_all([Film(id=1, title="a"), Film(id=2, title="b")])
    s.commit()
    s.get(Film, 1).title = "c"
    s.delete(s.get(Film, 2))
    s.commit()
    print("session:", [(f.id, f.title) for f in s.query(Film)])
