package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestAlike: what a table is to a plan has as many parts as alike looks at.
func TestAlike(t *testing.T) {
	for _, x := range []struct {
		of     any
		fields int
	}{
		{catalog.Table{}, 14},
		{catalog.Column{}, 11},
		{catalog.Constraint{}, 6},
		{catalog.Identity{}, 3},
		{storage.Definition{}, 6},
		{storage.Column{}, 4},
		{storage.SortKey{}, 2},
	} {
		if n := reflect.TypeOf(x.of).NumField(); n != x.fields {
			t.Errorf("%T has %d fields, not %d: what is the new one to a plan (alike)?", x.of, n, x.fields)
		}
	}
	table := func(change func(*catalog.Table)) *catalog.Table {
		x := &catalog.Table{
			ID: 1, Schema: "public", Name: "t_1", Owner: 100, Backup: true,
			Columns:     []catalog.Column{{Name: "a", Type: types.TInt4, PosAttr: 1}, {Name: "b_1", Type: types.TVarchar(9), PosAttr: 2}},
			Constraints: []catalog.Constraint{{Kind: 'p', Columns: []int{0}}, {Kind: 'f', Columns: []int{1}, RefTable: 1, RefColumns: []int{0}}},
			Def: &storage.Definition{
				ID: 1, Columns: []storage.Column{{Name: "a", Type: types.TInt4}, {Name: "b_1", Type: types.TVarchar(9)}},
				Dist: storage.Distribution{Column: -1}, Sort: storage.SortKey{Style: storage.Compound, Columns: []int{0}}, BlockBytes: 1 << 20,
			},
		}
		if change != nil {
			change(x)
		}
		return x
	}
	like := func(a, b *catalog.Table) bool {
		return alike(&plan.Renaming{From: []string{"t_1", "b_1"}, To: []string{"t_2", "b_2"}, Tables: []*catalog.Table{a}, Own: []*catalog.Table{b}}, a, b)
	}
	other := func(x *catalog.Table) {
		x.ID, x.Name, x.Def.ID, x.Comment, x.Version, x.Constraints[1].RefTable, x.Constraints[0].Name = 2, "t_2", 2, "other", 7, 2, "k"
		x.Columns[1].Name, x.Def.Columns[1].Name, x.Columns[0].Comment = "b_2", "b_2", "c"
	}
	if !like(table(nil), table(other)) {
		t.Error("tables that differ in numbers, names and comments are not alike")
	}
	for i, change := range []func(*catalog.Table){
		func(x *catalog.Table) { x.Schema = "s" },
		func(x *catalog.Table) { x.Name = "t_3" },
		func(x *catalog.Table) { x.Owner++ },
		func(x *catalog.Table) { x.Temp = true },
		func(x *catalog.Table) { x.Maintains = 3 },
		func(x *catalog.Table) { x.Backup = false },
		func(x *catalog.Table) { x.Columns = x.Columns[:1] },
		func(x *catalog.Table) { x.Columns[0].Name = "c" },
		func(x *catalog.Table) { x.Columns[0].Name = "b_1" },
		func(x *catalog.Table) { x.Columns[0].Type = types.TInt8 },
		func(x *catalog.Table) { x.Columns[0].NotNull = true },
		func(x *catalog.Table) { x.Columns[0].Default = "1" },
		func(x *catalog.Table) { x.Columns[0].Identity = &catalog.Identity{Step: 1} },
		func(x *catalog.Table) { x.Columns[0].Encoding = "raw" },
		func(x *catalog.Table) { x.Columns[0].PosAttr = 3 },
		func(x *catalog.Table) { x.Columns[0].Hidden = true },
		func(x *catalog.Table) { x.Columns[0].CaseInsensitive = true },
		func(x *catalog.Table) { x.Constraints = x.Constraints[:1] },
		func(x *catalog.Table) { x.Constraints[0].Kind = 'u' },
		func(x *catalog.Table) { x.Constraints[0].Columns = []int{1} },
		func(x *catalog.Table) { x.Constraints[1].RefTable = 1 },
		func(x *catalog.Table) { x.Constraints[1].RefColumns = []int{1} },
		func(x *catalog.Table) { x.Def.Columns[0].Type = types.TInt8 },
		func(x *catalog.Table) { x.Def.Columns[0].Encoding++ },
		func(x *catalog.Table) { x.Def.Columns[0].NotNull = true },
		func(x *catalog.Table) { x.Def.Columns[0].Name = "c" },
		func(x *catalog.Table) { x.Def.Dist.Style = storage.All },
		func(x *catalog.Table) { x.Def.Sort.Style = storage.Interleaved },
		func(x *catalog.Table) { x.Def.Sort.Columns = []int{1} },
		func(x *catalog.Table) { x.Def.BlockBytes = 4096 },
		func(x *catalog.Table) { x.Def.Temp = true },
	} {
		b := table(other)
		change(b)
		if like(table(nil), b) {
			t.Errorf("change %d: the tables are alike", i)
		}
	}
}

// written writes what there is of an entry: its plan with all that it names, its program, and what the session asks of it.
func written(e *planEntry) string {
	var b strings.Builder
	root := e.renaming.Of(e.root)
	for _, l := range plan.Explain(root, true) {
		fmt.Fprintln(&b, l)
	}
	plan.Walk(root, func(n plan.Node) bool {
		fmt.Fprintf(&b, "%T %v", n, n.Columns())
		switch n := n.(type) {
		case *plan.Scan:
			fmt.Fprintf(&b, " %s %d %s %v", n.Table.Name, n.Table.ID, n.Alias, n.Attrs)
		case *plan.Insert:
			fmt.Fprint(&b, n.Table.Name, n.Table.ID)
		case *plan.Update:
			fmt.Fprint(&b, n.Table.Name, n.Table.ID)
		case *plan.Delete:
			fmt.Fprint(&b, n.Table.Name, n.Table.ID)
		}
		plan.Exprs(n, func(x expr.Expr) {
			expr.Walk(x, func(x expr.Expr) bool {
				if c, ok := x.(*expr.Column); ok {
					fmt.Fprintf(&b, " %v", *c)
				}
				return true
			})
		})
		fmt.Fprintln(&b)
		return true
	})
	for _, l := range strings.Split(compile.Steps(e.program), "\n") { // which names the tables that it was made for
		fmt.Fprintln(&b, regexp.MustCompile(`scan \S+`).ReplaceAllString(l, "scan"))
	}
	marks := slices.Clone(e.marks)
	for i := range marks {
		if e.renaming != nil {
			marks[i].table = e.renaming.ByID(marks[i].table).ID
		}
	}
	o := e.bound
	fmt.Fprintln(&b, e.result(), e.path, e.guarded, e.size, e.inserts, e.reruns, e.simple, e.bytes(), marks, o.Kind, o.Columns == nil, o.Insensitive, o.Params, o.UsesTables, o.Volatile)
	for _, list := range [][]*catalog.Table{e.views, o.Reads, {o.Writes}} {
		for _, t := range list {
			fmt.Fprintf(&b, "%p ", t)
		}
	}
	for _, l := range e.looked {
		fmt.Fprintf(&b, "%s %s %p ", l.schema, l.name, l.object)
	}
	for _, z := range e.sizes {
		fmt.Fprintf(&b, "%p %d %v ", z.table, z.step, z.stats)
	}
	return b.String()
}

// adoptedAs compares the plan that a text finds with the one that would be made of it; false = it finds none.
func adoptedAs(t *testing.T, s *Session, text string) bool {
	x, _, err := s.read(text, nil)
	if err != nil || !x.kept || s.tx != nil {
		return false
	}
	s.begin()
	defer s.rollback()
	s.tx.Refresh()
	s.refresh(s.tx.Catalog())
	s.searchPath()
	e := s.adopt(x)
	if e == nil {
		return false
	}
	e.kept = true
	own, err := s.planTyped(x.named(x.stmts[0]), x.text, nil, nil)
	if err != nil {
		t.Errorf("%s: a plan was found, but none can be made: %v", text, err)
		return true
	}
	own.kept = true
	if got, want := written(e), written(own); got != want {
		t.Errorf("%s: found\n%s\nmade\n%s", text, got, want)
	}
	return true
}

// TestAdopted: a plan that comes from another cluster, and from other names, is the one that would have been made, in every statement of the tests of SQL.
func TestAdopted(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs much of testdata four times, one after the other")
	}
	word := regexp.MustCompile(`\b[a-z_]{2,}\b`)
	adopted, texts, counts := 0, 0, map[string]int{}
	file := func(text string) {
		for _, suffix := range []string{"", "", "_17", "_18"} {
			s := connect(t, New(Config{}), "")
			for _, block := range strings.Split(text, "\n\n") {
				_, block, _ = strings.Cut(block, "\n")
				block, _, _ = strings.Cut(block, "----")
				for _, text := range strings.Split(block, ";") {
					if suffix != "" {
						text = word.ReplaceAllStringFunc(text, func(w string) string {
							if parse.Reserved(w) || bindsAs(w) {
								return w
							}
							return w + suffix
						})
					}
					if strings.Contains(strings.ToLower(text), "pg_sleep") {
						continue
					}
					texts++
					if adoptedAs(t, s, text) {
						adopted++
						if x, _, err := s.read(text, nil); err == nil {
							counts[ast.KindOf(x.stmts[0])]++
						}
					}
					if r, err := s.Query(t.Context(), text, nil); err == nil {
						_, _ = r.finish()
					}
					if s.tx != nil && s.tx.Failed {
						s.rollback()
					}
				}
			}
			s.Close()
		}
	}
	for _, dir := range []string{"query", "dml", "plan", "ddl", "error", "function", "system"} {
		err := fs.WalkDir(os.DirFS("../testdata/"+dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".test") {
				return err
			}
			text, err := os.ReadFile("../testdata/" + dir + "/" + path)
			if err == nil {
				file(string(text))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if adopted < 1000 || counts["SELECT"] == 0 || counts["INSERT"] == 0 || counts["UPDATE"] == 0 || counts["DELETE"] == 0 {
		t.Errorf("%d of %d texts found a plan: %v", adopted, texts, counts)
	}
	t.Logf("%d of %d texts found a plan: %v", adopted, texts, counts)
}

// bindsAs says that a word is a type's or a function's name, or one of the words that the tests of SQL have in places where no name stands.
func bindsAs(w string) bool {
	return slices.Contains(strings.Fields("public pg_catalog varchar char integer int bigint smallint decimal numeric date timestamp timestamptz time real "+
		"float boolean double precision values insert update delete set diststyle distkey sortkey even all key auto sum count min max avg abs"), w)
}

// TestAdoptedSideBySide: clusters that take a plan, and the room of its run, from each other at the same time.
func TestAdoptedSideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 20 {
				c := New(Config{})
				s, err := c.NewSession(SessionOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				name := fmt.Sprintf("beside_%d%02d", i, k)
				for _, text := range []string{
					"create table " + name + " (id int, v varchar(20), extra_" + fmt.Sprint(k%3) + " int)",
					fmt.Sprintf("insert into %s values (%d, 'text %d', %d)", name, k, i, i*k), fmt.Sprintf("update %s set id = %d where id = %d", name, k+1, k),
				} {
					if n, err := s.Exec(t.Context(), text, nil); err != nil || n != 1 && strings.HasPrefix(text, "update") {
						t.Error(text, n, err)
					}
				}
				for _, x := range []struct{ text, want string }{
					{fmt.Sprintf("select v from %s where id = %d", name, k+1), fmt.Sprintf("text %d", i)},
					{fmt.Sprintf("select * from %s where id = %d", name, k+1), fmt.Sprintf("%d text %d %d", k+1, i, i*k)},
					{fmt.Sprintf("select count(*), sum(extra_%d) from %s", k%3, name), fmt.Sprintf("1 %d", i*k)},
				} {
					if got, err := rowsIn(s, x.text); err != nil || len(got) != 1 || got[0] != x.want {
						t.Errorf("%s: %q, %v, want %s", x.text, got, err, x.want)
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestAdoptedPrepared: a prepared statement takes a plan over, is not harmed by what comes after it, and is known to EXECUTE and to errors by its own text.
func TestAdoptedPrepared(t *testing.T) {
	for _, n := range []string{"17", "18", "17"} {
		s := connect(t, New(Config{}), "")
		run(t, s, "create table prep_"+n+" (id int, v varchar(9), x_"+n+" int)", "insert into prep_"+n+" values (1, 'one', "+n+"), (2, 'two', "+n+")")
		st, err := s.Prepare(t.Context(), "select v, x_"+n+" from prep_"+n+" where id = $1")
		if err != nil {
			t.Fatal(err)
		}
		if c, err := st.Columns(); err != nil || len(c) != 2 || c[1].Name != "x_"+n {
			t.Errorf("%v, %v", c, err)
		}
		if err := s.Keep("p", st); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			want(t, s, "execute p (2)", "two "+n)
			r, err := st.Query(t.Context(), []types.Datum{{Type: types.TInt8, Int: 1}})
			if err != nil {
				t.Fatal(err)
			}
			if b, err := r.Next(); err != nil || b.Rows() != 1 || r.Columns()[1].Name != "x_"+n {
				t.Errorf("%v %v", b, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			want(t, s, "select v from prep_"+n+" where id = 1", "one")
		}
		_, err = s.Prepare(t.Context(), "select y_"+n+" from prep_"+n+" where id = $1")
		if e := (*sqlstate.Error)(nil); !errors.As(err, &e) || e.Message != `column "y_`+n+`" does not exist in prep_`+n || e.Position != 8 {
			t.Errorf("%v", err)
		}
		run(t, s, "drop table prep_"+n)
		if _, err := st.Query(t.Context(), []types.Datum{{Type: types.TInt8, Int: 1}}); err == nil || !strings.Contains(err.Error(), `relation "prep_`+n+`" does not exist`) {
			t.Errorf("%v", err)
		}
	}
}
