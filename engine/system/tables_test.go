package system

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// listed reads guideColumns.
func listed() map[string][]string {
	out := map[string][]string{}
	for _, l := range strings.Split(strings.TrimSpace(strings.ReplaceAll(guideColumns, "\n\t", " ")), "\n") {
		name, cols, _ := strings.Cut(l, ": ")
		out[name] = strings.Split(cols, ", ")
	}
	return out
}

// ours is a type of the guide as it is here.
func ours(t string) string {
	switch t {
	case "bytea":
		return "text"
	case "abstime":
		return "timestamp"
	case `"char"`:
		return "character(1)"
	}
	return t
}

// TestColumns holds the columns of every table, their types and their order against the guide's.
func TestColumns(t *testing.T) {
	guide := listed()
	class := guide["pg_class"]
	guide["pg_class_info"] = append(append([]string{"reloid oid"}, class...), "relcreationtime timestamp", "releffectivediststyle integer")
	attribute := guide["pg_attribute"]
	guide["pg_attribute_info"] = append(attribute[:len(attribute):len(attribute)], "attacl aclitem[]")
	for _, name := range []string{"pg_operator", "pg_conversion"} { // tools ask for the comment of the function, by its number
		for i, c := range guide[name] {
			guide[name][i] = strings.Replace(c, " regproc", " oid", 1)
		}
	}
	seen := map[string]bool{}
	for _, v := range Tables() {
		name := v.Name
		if v.Schema != catalog.PgCatalog {
			name = v.Schema + "." + v.Name
		}
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if strings.HasPrefix(name, "redshiftsim_") {
			continue
		}
		want, ok := guide[name]
		if !ok {
			t.Errorf("%s: the guide has no such table", name)
			continue
		}
		var got []string
		for _, c := range v.Columns {
			if c.Hidden {
				continue
			}
			typ := c.Type.String()
			if c.Type.Kind == types.Timestamp {
				typ = "timestamp"
			}
			got = append(got, c.Name+" "+typ)
		}
		for i := range want {
			n := strings.IndexByte(want[i], ' ')
			want[i] = want[i][:n+1] + ours(want[i][n+1:])
		}
		if g, w := strings.Join(got, ", "), strings.Join(want, ", "); g != w {
			t.Errorf("%s:\ngot  %s\nwant %s", name, g, w)
		}
	}
	for name := range guide {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

// rowsOf reads a table: the named columns of each row, printed, parted by |; NULL is ~. No column = all.
func rowsOf(t testing.TB, e *Env, name string, columns ...string) []string {
	t.Helper()
	for _, v := range Tables() {
		if v.Name != name && v.Schema+"."+v.Name != name {
			continue
		}
		at := make([]int, 0, len(v.Columns))
		for _, c := range columns {
			found := -1
			for i := range v.Columns {
				if v.Columns[i].Name == c {
					found = i
				}
			}
			if found < 0 {
				t.Fatalf("%s has no column %s", name, c)
			}
			at = append(at, found)
		}
		if len(columns) == 0 {
			for i := range v.Columns {
				at = append(at, i)
			}
		}
		var out []string
		err := v.Rows(e, func(row []types.Datum) bool {
			if len(row) != len(v.Columns) {
				t.Fatalf("%s: a row of %d columns", name, len(row))
			}
			cells := make([]string, len(at))
			for i, c := range at {
				if row[c].Type != v.Columns[c].Type {
					t.Fatalf("%s.%s is a %s", name, v.Columns[c].Name, row[c].Type)
				}
				cells[i] = "~"
				if !row[c].Null {
					cells[i] = strings.TrimRight(types.Format(row[c], time.UTC), " ")
				}
			}
			out = append(out, strings.Join(cells, "|"))
			return true
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return out
	}
	t.Fatalf("there is no table %s", name)
	return nil
}

// same compares rows.
func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("%s:\n%s\nwant\n%s", what, g, w)
	}
}

// world is a cluster made by hand: a catalog with versions by table number.
type world struct {
	c        *catalog.Catalog
	topo     storage.Topology
	versions map[uint32]*storage.Version
}

// newWorld is a cluster of nodes x slices without tables.
func newWorld(nodes, slices int) *world {
	return &world{
		c: catalog.New(catalog.NewSystem(Tables), "dev", "awsuser"), topo: storage.Topology{Nodes: nodes, SlicesPerNode: slices},
		versions: map[uint32]*storage.Version{},
	}
}

// ann is an ordinary user.
var ann = &principal.User{ID: 101, Name: "ann", Connections: -1}

// env is what a session of user reads.
func (w *world) env(user *principal.User) *Env {
	return &Env{
		Namespace: func() string { return "b6c8a0e2-5a3d-4b7e-9f00-3f6a1d2c4e5f" },
		Catalog:   w.c, Version: func(id uint32) *storage.Version { return w.versions[id] }, Topology: w.topo, Log: NewLog(0), User: user,
		Database: "dev", PID: 10001, Now: at(100),
	}
}

// admin is what the administrator reads.
func (w *world) admin() *Env { return w.env(w.c.User("awsuser")) }

// at is a moment, seconds after the begin of 2026.
func at(seconds float64) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// add creates a table with rows, placed by its distribution.
func (w *world) add(t testing.TB, tbl *catalog.Table, rows [][]any) {
	t.Helper()
	if tbl.Schema == "" {
		tbl.Schema, tbl.Owner, tbl.Backup = catalog.Public, principal.AdminID, true
	}
	tbl.Def.ID = tbl.ID
	for i := range tbl.Columns {
		c := &tbl.Columns[i]
		c.PosAttr = i + 1
		tbl.Def.Columns = append(tbl.Def.Columns, storage.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull})
	}
	w.c = w.c.With(tbl)
	v := storage.NewVersion(tbl.Def, w.topo)
	w.versions[tbl.ID] = v
	if len(rows) == 0 {
		return
	}
	b := &vector.Batch{Len: len(rows)}
	for c := range tbl.Columns {
		x := vector.New(tbl.Columns[c].Type, len(rows))
		for r := range rows {
			x.Set(r, datum(tbl.Columns[c].Type, rows[r][c]))
		}
		b.Columns = append(b.Columns, x)
	}
	slots := make([]uint16, len(rows))
	tbl.Def.Place(w.topo, b, 0, slots)
	wr := storage.ViewOf(v).NewWriter()
	for s := range w.topo.Slices() {
		part := *b
		part.Sel = nil
		for r, slot := range slots {
			if int(slot) == s {
				part.Sel = append(part.Sel, uint16(r))
			}
		}
		if len(part.Sel) > 0 {
			if err := wr.Append(s, &part); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.apply(t, tbl.ID, wr)
}

// apply closes a writer and makes its version the newest.
func (w *world) apply(t testing.TB, id uint32, wr *storage.Writer) {
	t.Helper()
	d, err := wr.Close()
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.versions[id].Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	w.versions[id] = v
}

// datum makes a value of a type.
func datum(t types.Type, v any) types.Datum {
	switch v := v.(type) {
	case int:
		return types.Datum{Type: t, Int: int64(v)}
	case string:
		return types.Datum{Type: t, Text: v}
	}
	return types.NullOf(t)
}

// films is the table of the lesson: five columns.
func films(id uint32, name string, d storage.Distribution, k storage.SortKey) *catalog.Table {
	return &catalog.Table{
		ID: id, Name: name,
		Columns: []catalog.Column{
			{Name: "title", Type: types.TVarchar(80)},
			{Name: "genre", Type: types.TVarchar(20)},
			{Name: "year", Type: types.TInt4},
			{Name: "minutes", Type: types.TInt4},
			{Name: "director", Type: types.TVarchar(60)},
		},
		Def: &storage.Definition{Dist: d, Sort: k},
	}
}

// filmRows are n rows: years go from 1900 upwards.
func filmRows(n int) [][]any {
	out := make([][]any, n)
	for i := range out {
		out[i] = []any{fmt.Sprintf("Film %03d", i), []string{"crime", "drama"}[i%2], 1900 + i, 90 + i%7, nil}
	}
	return out
}

// Shorthands of distributions and sort keys.
var (
	even   = storage.Distribution{Style: storage.Even, Column: -1}
	unkeyd = storage.SortKey{Style: storage.SortNone}
)

// TestAll reads every table in full, as the administrator and as an ordinary user.
func TestAll(t *testing.T) {
	w := busy(t)
	for _, user := range []string{"awsuser", "ann"} {
		e := w.env(w.c.User(user))
		e.Log = w.log(t)
		fill(e)
		for _, v := range Tables() {
			n := 0
			err := v.Rows(e, func([]types.Datum) bool {
				n++
				return true
			})
			if refused := v.Superuser && user == "ann"; (err != nil) != refused {
				t.Errorf("%s as %s: %v", v.Name, user, err)
			}
			if n > 1 { // a reader that has enough is heard
				n = 0
				if err := v.Rows(e, func([]types.Datum) bool {
					n++
					return false
				}); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// TestRefused holds the text of a refusal against PostgreSQL's.
func TestRefused(t *testing.T) {
	w := newWorld(1, 2)
	w.c = w.c.WithEntry(ann)
	for _, v := range Tables() {
		if v.Name == "stv_blocklist" {
			err := v.Rows(w.env(w.c.User("ann")), func([]types.Datum) bool { return true })
			if err == nil || err.Error() != "ERROR: permission denied for relation stv_blocklist (SQLSTATE 42501)" {
				t.Error(err)
			}
			if err := v.Rows(nil, nil); err == nil {
				t.Error("rows without an Env")
			}
		}
	}
}

// BenchmarkTables makes the list of tables, which the first look-up of a process waits for.
func BenchmarkTables(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Tables()
	}
}
