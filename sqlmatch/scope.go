package sqlmatch

import (
	"reflect"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// scope is what a query names by itself: the items of its FROM, and the output columns.
//
//	SELECT m.year AS y FROM movies m ORDER BY y        tables {"m"}       outputs {"y"}
//	SELECT movies.year AS z FROM movies ORDER BY z     tables {"movies"}  outputs {"z"}       the same with IgnoreAliases
type scope struct{ tables, outputs []string }

// concealed are the owners of queries whose output names nobody sees: IN, EXISTS, scalar subqueries, ARRAY, INSERT.
var concealed = map[reflect.Type]bool{
	reflect.TypeFor[ast.In](): true, reflect.TypeFor[ast.Exists](): true, reflect.TypeFor[ast.Subquery](): true, reflect.TypeFor[ast.Quantified](): true,
	reflect.TypeFor[ast.Array](): true, reflect.TypeFor[ast.Insert](): true,
}

// scoped says whether the alias of a node is one that only its own query can use.
func scoped(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[ast.TableRef](), reflect.TypeFor[ast.Derived](), reflect.TypeFor[ast.TableFunc](), reflect.TypeFor[ast.Unnest](), reflect.TypeFor[ast.Pivot](),
		reflect.TypeFor[ast.Unpivot](), reflect.TypeFor[ast.Update](), reflect.TypeFor[ast.Delete](), reflect.TypeFor[ast.Merge]():
		return true
	}
	return false
}

// ownName is the name that a column of a select list has without an alias: a column's; "" = it is no column.
func ownName(it ast.Item) string {
	if c, ok := it.Expr.(*ast.ColumnRef); ok && len(c.Parts) > 0 {
		return c.Parts[len(c.Parts)-1]
	}
	return ""
}

// outputName is the name of a column of a select list, as far as the text gives one.
func outputName(it ast.Item) string {
	if it.Alias != "" {
		return it.Alias
	}
	return ownName(it)
}

// itemAlias is the alias of a column that says more than none would: not that of x AS x.
func itemAlias(it ast.Item) string {
	if it.Alias == ownName(it) {
		return ""
	}
	return it.Alias
}

// tableAlias is the alias of a table that says more than none would: not that of movies AS movies.
func tableAlias(n ast.Name, alias string, columns []string) string {
	if columns == nil && alias == n.Object() {
		return ""
	}
	return alias
}

// alias is the alias of a node of FROM, or of the table that a statement changes.
func alias(node any) string {
	switch n := node.(type) {
	case ast.TableRef:
		return tableAlias(n.Name, n.Alias, n.Columns)
	case ast.Update:
		return tableAlias(n.Table, n.Alias, nil)
	case ast.Delete:
		return tableAlias(n.Table, n.Alias, nil)
	case ast.Merge:
		return tableAlias(n.Table, n.Alias, nil)
	}
	return reflect.ValueOf(node).FieldByName("Alias").String()
}

// scopeOf collects the names of a statement.
func scopeOf(st any) (s scope) {
	switch st := st.(type) {
	case *ast.Select:
		for _, f := range st.From {
			s.add(f)
		}
		for _, it := range st.Items {
			s.outputs = append(s.outputs, outputName(it))
		}
	case *ast.Update:
		s.table(st.Table, st.Alias)
		for _, f := range st.From {
			s.add(f)
		}
	case *ast.Delete:
		s.table(st.Table, st.Alias)
		for _, f := range st.Using {
			s.add(f)
		}
	case *ast.Merge:
		s.table(st.Table, st.Alias)
		s.add(st.Source)
	}
	return s
}

func (s *scope) table(n ast.Name, alias string) {
	if alias == "" {
		alias = n.Object()
	}
	s.tables = append(s.tables, alias)
}

func (s *scope) add(f ast.From) {
	switch f := f.(type) {
	case *ast.TableRef:
		s.table(f.Name, f.Alias)
	case *ast.Join:
		s.add(f.L)
		s.add(f.R)
	case *ast.Derived:
		s.tables = append(s.tables, f.Alias)
	case *ast.TableFunc:
		s.tables = append(s.tables, f.Alias)
	case *ast.Unnest:
		s.tables = append(s.tables, f.Alias)
	case *ast.Pivot:
		s.tables = append(s.tables, f.Alias)
	case *ast.Unpivot:
		s.tables = append(s.tables, f.Alias)
	}
}

// inScope compares with f while the names of two statements are known.
func (w *walk) inScope(a, b scope, f func() bool) bool {
	before := w.scopes
	w.scopes[0], w.scopes[1] = append(slices.Clip(before[0]), a), append(slices.Clip(before[1]), b)
	ok := f()
	w.scopes = before
	return ok
}

// binding is what a name means: which scope from the inside, table or output column, and which one; ok = it is an alias at all.
type binding struct {
	depth  int
	output bool
	index  int
	ok     bool
}

// lookup finds what the first part of a name means.
func lookup(scopes []scope, parts []string) binding {
	for i := len(scopes) - 1; i >= 0; i-- {
		s := scopes[i]
		if len(parts) > 1 {
			if k := slices.Index(s.tables, parts[0]); k >= 0 {
				return binding{len(scopes) - i, false, k, true}
			}
		} else if k := slices.Index(s.outputs, parts[0]); k >= 0 && i == len(scopes)-1 {
			return binding{1, true, k, true}
		}
	}
	return binding{}
}

// names compares the names of two columns, or of two tables of FROM.
func (w *walk) names(a, b []string, column bool) bool {
	if w.o.aliases && len(a) > 0 && len(a) == len(b) && (column || len(a) > 1) {
		x, y := lookup(w.scopes[0], a), lookup(w.scopes[1], b)
		if x.ok && y.ok {
			return x == y && slices.Equal(a[1:], b[1:])
		}
	}
	return slices.Equal(a, b)
}

// selects compares two queries, their clauses in the order in which they are written.
func (w *walk) selects(a, b *ast.Select) bool {
	if a.Op != b.Op {
		return w.differ("%s is not %s", operation(a), operation(b))
	}
	return w.inScope(scopeOf(a), scopeOf(b), func() bool {
		x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
		if w.o.columns && w.top && a.Op == "" && a.Left == nil && b.Left == nil {
			c, d := *a, *b
			c.Items, d.Items = nil, nil
			x, y = reflect.ValueOf(&c).Elem(), reflect.ValueOf(&d).Elem()
		}
		return w.structs(x, y)
	})
}

// operation is the word of a set operation.
func operation(q *ast.Select) string {
	if q.Op == "" {
		return "SELECT"
	}
	return strings.ToUpper(q.Op)
}
