package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// TestOrigins: rows say of which column of which table each of their columns is, by the numbers that the catalog has for it. What is expected is what PostgreSQL 15 says,
// of views and CTEs too; materialized views and renamed columns are as its views and tables.
func TestOrigins(t *testing.T) {
	p := newPeer(t, newTestServer(t, Config{}))
	p.ready()
	for _, sql := range []string{
		"create table t (gone int, a int not null, b varchar(10))", "alter table t drop column gone", "create table u (a int, c int)", "alter table u rename column c to d",
		"create schema s", "create view s.v as select b as x, a as y, a + 1 as z from t", "create view s.late as select a, b from public.t with no schema binding",
		"create materialized view mv as select b, a from t", "insert into t values (1, 'x')", "prepare named as select b, 1 from t",
	} {
		p.query(sql)
	}
	for _, c := range []struct{ sql, want string }{
		{"select * from t", "t.a t.b"},
		{"select b, a as z, a + 1, b::varchar(20), 'x', count(*) from t group by 1, 2 having count(*) > 0 order by 1 limit 3", "t.b t.a - - - -"},
		{"select a, a from t", "t.a t.a"},
		{"select t.a, u.d, q.d from t left join u on t.a = u.a, (select * from u) q", "t.a u.d u.d"},
		{"select * from s.v", "v.x v.y v.z"},
		{"select l, k from s.v q(k, l, m), u", "v.y v.x"},
		{"select w.y from (select * from s.v) w", "v.y"},
		{"select b, a from s.late", "late.? late.?"},
		{"select a, b from mv", "mv.a mv.b"},
		{"with q as (select a, b || 'x' as e from t) select e, a from q", "- t.a"},
		{"select a from t union all select a from u", "-"},
		{"select distinct a, max(b) over (partition by a) from t", "t.a -"},
		{"select (select a from u limit 1), a from t", "- t.a"},
		{"select relname, oid from pg_class", "pg_class.relname pg_class.?"},
		{"select table_name from information_schema.tables", "tables.table_name"},
		{"execute named", "t.b -"},
		{"show search_path", "-"},
		{"explain select a from t", "-"},
	} {
		p.send(&pgproto3.Query{String: c.sql})
		want := p.origins()
		p.ready()
		if got := p.named(want); got != c.want {
			t.Errorf("%s: %s, want %s", c.sql, got, c.want)
		}
		p.send(&pgproto3.Parse{Query: c.sql}, &pgproto3.Describe{ObjectType: 'S'}, &pgproto3.Bind{}, &pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}, &pgproto3.Sync{})
		for _, of := range []string{"statement", "portal"} {
			if got := p.origins(); got != want {
				t.Errorf("%s: %s %s, want %s", c.sql, of, got, want)
			}
		}
		p.ready()
	}
}

// TestCursorOrigins: a cursor's rows are of its query's tables, and a plan that is shared tells of the tables at hand.
func TestCursorOrigins(t *testing.T) {
	for _, name := range []string{"orders_17", "orders_18"} {
		p := newPeer(t, newTestServer(t, Config{}))
		p.ready()
		p.query("create table other (i int)")
		p.query(fmt.Sprintf("create table %s (id int, v int)", name))
		for range 3 {
			p.send(&pgproto3.Query{String: fmt.Sprintf("select v, id from %s where id = 3", name)})
			of := p.origins()
			p.ready()
			if got, want := p.named(of), fmt.Sprintf("%[1]s.v %[1]s.id", name); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		p.query("begin; declare c cursor for select v from " + name)
		p.send(&pgproto3.Describe{ObjectType: 'P', Name: "c"}, &pgproto3.Parse{Query: "fetch forward 1 from c"}, &pgproto3.Describe{ObjectType: 'S'}, &pgproto3.Bind{}, &pgproto3.Execute{}, &pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Sync{})
		var all []string
		for range 3 {
			all = append(all, p.origins())
		}
		p.ready()
		p.send(&pgproto3.Query{String: "fetch forward 1 from c"})
		all = append(all, p.origins())
		p.ready()
		p.query("commit")
		for _, of := range all {
			if got := p.named(of); got != name+".v" {
				t.Errorf("cursor: %s", got)
			}
		}
	}
}

// origins reads up to the description of rows: relation:attribute of each column.
func (p *peer) origins() string {
	p.t.Helper()
	for {
		m, err := p.fe.Receive()
		if err != nil {
			p.t.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.ErrorResponse:
			p.t.Fatal(m.Message)
		case *pgproto3.RowDescription:
			var out []string
			for _, f := range m.Fields {
				out = append(out, fmt.Sprintf("%d:%d", f.TableOID, f.TableAttributeNumber))
			}
			return strings.Join(out, " ")
		}
	}
}

// named asks the catalog for the names of what origins gave.
func (p *peer) named(origins string) string {
	p.t.Helper()
	var out []string
	for _, of := range strings.Fields(origins) {
		relation, attribute, _ := strings.Cut(of, ":")
		if relation == "0" {
			out = append(out, "-")
			continue
		}
		p.send(&pgproto3.Query{String: fmt.Sprintf("select relname || '.' || coalesce(attname, '?') from pg_class c left join pg_attribute a on attrelid = c.oid and attnum = %s where c.oid = %s", attribute, relation)})
		out = append(out, string(p.row().Values[0]))
		p.ready()
	}
	return strings.Join(out, " ")
}

// query runs a text that must succeed.
func (p *peer) query(sql string) {
	p.t.Helper()
	p.send(&pgproto3.Query{String: sql})
	if code := p.ready(); code != "" {
		p.t.Fatalf("%s: %s", sql, code)
	}
}
