"""What a program does with psycopg2 or psycopg 3 (the module's name is the first argument, the port the second): each line printed is a fact."""
import datetime
import decimal
import importlib
import sys

module = importlib.import_module(sys.argv[1])
dsn = "host=127.0.0.1 port=%s dbname=dev user=awsuser password=Secret123 sslmode=require" % sys.argv[2]
connection = module.connect(dsn)
cursor = connection.cursor()


def fails(text, values=None):
    """fails runs a statement that is refused, and gives its SQLSTATE and words."""
    try:
        cursor.execute(text, values)
    except module.Error as e:
        state = getattr(e, "pgcode", None) or getattr(e, "sqlstate", None)
        connection.rollback()
        return state, str(e).split("\n")[0]
    return "no error"


cursor.execute("CREATE TABLE films (id int, title varchar(40), price numeric(8,2), seen boolean, day date, at timestamptz)")
row = (1, "it's \\ 100%", decimal.Decimal("12.50"), True, datetime.date(1979, 5, 25), datetime.datetime(2024, 2, 29, 12, 0, 0, 250000, datetime.timezone.utc))
cursor.execute("INSERT INTO films VALUES (%s, %s, %s, %s, %s, %s)", row)
cursor.execute("INSERT INTO films (id, title) VALUES (%s, %s)", (2, None))
print("inserted:", cursor.rowcount)
connection.commit()
cursor.execute("SELECT * FROM films WHERE title = %s AND day = %s AND price = %s", (row[1], row[4], row[2]))
print("same row:", cursor.fetchall() == [row])
cursor.execute("SELECT title, at FROM films WHERE id = %(id)s", {"id": 2})
print("nulls:", cursor.fetchone())
print("types:", [(d[0], d[1]) for d in cursor.description])
cursor.executemany("INSERT INTO films (id) VALUES (%s)", [(i,) for i in range(10, 15)])
print("many:", cursor.rowcount)
connection.rollback()
print("syntax:", fails("SELEC 1"))
print("injected:", fails("SELECT %s::int", ("\\'; DROP TABLE films; --",)))
print("returning:", fails("INSERT INTO films (id) VALUES (%s) RETURNING id", (3,)))
cursor.execute("SELECT count(*) FROM films")
print("left:", cursor.fetchone()[0])
if module.__name__ == "psycopg2":  # it writes a list into the statement: ARRAY[1, 7]
    cursor.execute("SELECT title FROM films WHERE id = ANY(%s)", ([1, 7],))
else:
    cursor.execute("SELECT title FROM films WHERE id = ANY('{1,7}')")
print("any:", cursor.fetchall() == [(row[1],)])
connection.commit()
named = connection.cursor("portion")
named.itersize = 1
named.execute("SELECT id FROM films ORDER BY id")
print("cursor with a name:", [r[0] for r in named])
connection.commit()
connection.autocommit = True
cursor.execute("VACUUM films")
print("vacuum:", cursor.statusmessage)
try:
    module.connect(dsn.replace("Secret123", "wrong"))
except module.Error as e:
    print("password:", "password authentication failed" in str(e))
