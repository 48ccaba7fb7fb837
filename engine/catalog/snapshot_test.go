package catalog

import (
	"errors"
	"fmt"
	"math/rand"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestTree holds the tree against a map, and old trees against what they were.
func TestTree(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	type state struct {
		t tree
		m map[Key]any
	}
	cur := state{m: map[Key]any{}}
	var old []state
	for i := range 20000 {
		k := Key{fmt.Sprint("s", r.Intn(3)), fmt.Sprint("t", r.Intn(700))}
		if r.Intn(3) == 0 {
			cur.t = cur.t.without(k)
			delete(cur.m, k)
		} else {
			cur.t = cur.t.with(k, i)
			cur.m[k] = i
		}
		if i%4000 == 0 {
			m := map[Key]any{}
			for k, v := range cur.m {
				m[k] = v
			}
			old = append(old, state{cur.t, m})
		}
	}
	for _, s := range append(old, cur) {
		if s.t.size != len(s.m) {
			t.Fatalf("size %d, want %d", s.t.size, len(s.m))
		}
		for k, v := range s.m {
			if s.t.get(k) != v {
				t.Fatalf("%v: %v, want %v", k, s.t.get(k), v)
			}
		}
		n := 0
		s.t.each(func(any) { n++ })
		if n != len(s.m) {
			t.Fatalf("each gave %d of %d", n, len(s.m))
		}
	}
}

// TestResolve looks names up along a path.
func TestResolve(t *testing.T) {
	sys := NewSystem(func() []*Virtual { return []*Virtual{{Schema: PgCatalog, Name: "pg_class"}} })
	c := New(sys, "dev", "awsuser").WithSchema(&Schema{ID: 1, Name: "s"})
	a, b := &Table{ID: 1, Schema: Public, Name: "t"}, &Table{ID: 2, Schema: "s", Name: "t"}
	c1 := c.With(a).With(b)
	path := []string{PgCatalog, "s", Public}
	if o, err := c1.Resolve(path, "", "t"); err != nil || o != b {
		t.Fatal(o, err)
	}
	if o, err := c1.Resolve(path, Public, "t"); err != nil || o != a {
		t.Fatal(o, err)
	}
	if o, err := c1.Resolve(path, "", "pg_class"); err != nil || o.(*Virtual).Name != "pg_class" {
		t.Fatal(o, err)
	}
	for _, x := range []struct {
		schema, name string
		code         sqlstate.Code
		text         string
	}{
		{"", "u", sqlstate.UndefinedTable, `relation "u" does not exist`},
		{"s", "u", sqlstate.UndefinedTable, `relation "s.u" does not exist`},
		{"nope", "u", sqlstate.InvalidSchemaName, `schema "nope" does not exist`},
	} {
		_, err := c1.Resolve(path, x.schema, x.name)
		var e *sqlstate.Error
		if !errors.As(err, &e) || e.Code != x.code || e.Message != x.text {
			t.Errorf("%q.%q: %v", x.schema, x.name, err)
		}
	}
	if _, err := c.Resolve(path, "", "t"); err == nil {
		t.Error("the first catalog changed")
	}
	c2 := c1.Without("s", "t")
	if o, _ := c2.Resolve(path, "", "t"); o != a {
		t.Error("s.t is still there")
	}
	if len(c1.Tables()) != 2 || len(c2.Tables()) != 1 {
		t.Error("tables")
	}
}

// TestDependents finds the views above a table.
func TestDependents(t *testing.T) {
	c := New(nil, "dev", "awsuser").With(&Table{ID: 1, Schema: Public, Name: "t"}).With(&View{ID: 2, Schema: Public, Name: "v", Depends: []uint32{1}})
	if d := c.Dependents(1); len(d) != 1 || d[0].Name != "v" {
		t.Fatal(d)
	}
	if d := c.Dependents(2); len(d) != 0 {
		t.Fatal(d)
	}
}

// BenchmarkWith adds a table to a catalog of a thousand.
func BenchmarkWith(b *testing.B) {
	c := New(nil, "dev", "awsuser")
	for i := range 1000 {
		c = c.With(&Table{ID: uint32(i), Schema: Public, Name: fmt.Sprint("table_", i)})
	}
	t := &Table{ID: 5000, Schema: Public, Name: "one_more"}
	b.ReportAllocs()
	for b.Loop() {
		c.With(t)
	}
}
