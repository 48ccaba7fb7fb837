package vet

import (
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// origin is the table column that a plan's column is.
type origin struct {
	scan   *plan.Scan
	column int
}

// planned looks at the plan of a query or change.
func (s *script) planned(st ast.Statement, root plan.Node) {
	from, _ := st.Span()
	places := map[string]int{} // of relations in FROM, by the name they go by
	ast.Inspect(st, func(n any) bool {
		if r, ok := n.(*ast.TableRef); ok {
			name := r.Alias
			if name == "" {
				name = r.Name.Object()
			}
			if _, ok := places[name]; !ok {
				places[name] = r.Pos.Offset()
			}
		}
		return true
	})
	target(st, places)
	place := func(alias string) int {
		if at, ok := places[alias]; ok {
			return at
		}
		return from
	}
	origins := map[expr.ColumnID]origin{}
	plan.Walk(root, func(n plan.Node) bool {
		if c, ok := n.(*plan.Scan); ok {
			for i := range c.Output {
				origins[c.Output[i].ID] = origin{c, c.Attrs[i]}
			}
		}
		return true
	})
	plan.Walk(root, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			s.scan(n, place(n.Alias))
		case *plan.Join:
			s.join(n, origins, place)
		}
		plan.Exprs(n, s.asTexts)
		return true
	})
}

// asTexts warns of a comparison for which a number or a time becomes a text, since the other side is a text, or a time where this is a number.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html#r_Type_conversion
func (s *script) asTexts(e expr.Expr) {
	expr.Walk(e, func(e expr.Expr) bool {
		c, ok := e.(*expr.Compare)
		if !ok {
			return true
		}
		for _, side := range []expr.Expr{c.Left, c.Right} {
			cast, ok := side.(*expr.Cast)
			if !ok || !cast.Implicit || !cast.To.IsText() || cast.Pos < 0 {
				continue
			}
			if from := cast.Arg.Type(); from.IsNumber() || from.IsDatetime() {
				s.warn("compared-as-text", cast.Pos, "%s is compared as text: cast one side to the type that is meant", from)
				break
			}
		}
		return true
	})
}

// target notes the place of the table that a statement changes.
func target(st ast.Statement, places map[string]int) {
	var n ast.Name
	var alias string
	switch st := st.(type) {
	case *ast.Update:
		n, alias = st.Table, st.Alias
	case *ast.Delete:
		n, alias = st.Table, st.Alias
	case *ast.Merge:
		n, alias = st.Table, st.Alias
	default:
		return
	}
	if alias == "" {
		alias = n.Object()
	}
	places[alias] = n.Offset()
}

// scan warns of conditions on a table with a sort key that cannot use it.
// https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-sort-key.html
func (s *script) scan(n *plan.Scan, at int) {
	sort := n.Table.Def.Sort
	if len(n.Filter) == 0 || len(sort.Columns) == 0 || sort.Style == storage.SortNone {
		return
	}
	keys := sort.Columns
	if sort.Style != storage.Interleaved { // every column of an interleaved key counts alike
		keys = keys[:1]
	}
	wrapped := -1
	for _, k := range keys {
		for _, e := range n.Filter {
			if column, ok := compile.Prunes(n, e); ok && column == k || converted(n, e, k) {
				return
			}
			if _, either := e.(*expr.Or); !either && reads(n, e, k) {
				wrapped = k
			} else if either && reads(n, e, k) {
				return // arms may be ranges
			}
		}
	}
	if wrapped >= 0 {
		s.warn("sort-key-wrapped", at, "the condition on %s.%s, its sort key, is no plain comparison with a value: zone maps cannot skip blocks", n.Alias, n.Table.Columns[wrapped].Name)
		return
	}
	s.warn("sort-key-missed", at, "no condition on %s.%s, its first sort key column: every block of %s is read", n.Alias, n.Table.Columns[keys[0]].Name, n.Table.Name)
}

// converted says that a condition compares a column with a value after a cast that nobody wrote: a date with a timestamp. Whether Redshift asks zone maps
// then is not known.
func converted(n *plan.Scan, e expr.Expr, column int) bool {
	c, ok := e.(*expr.Compare)
	if !ok {
		return false
	}
	l, r := implicit(c.Left), implicit(c.Right)
	if len(expr.Columns(l)) == 0 {
		l, r = r, l
	}
	_, bare := l.(*expr.Column)
	return bare && len(expr.Columns(r)) == 0 && reads(n, l, column)
}

// implicit sees through casts that nobody wrote.
func implicit(e expr.Expr) expr.Expr {
	for {
		c, ok := e.(*expr.Cast)
		if !ok || !c.Implicit {
			return e
		}
		e = c.Arg
	}
}

// reads says whether a condition reads a column of a scan's table.
func reads(n *plan.Scan, e expr.Expr, column int) bool {
	for _, id := range expr.Columns(e) {
		for i := range n.Output {
			if n.Output[i].ID == id && n.Attrs[i] == column {
				return true
			}
		}
	}
	return false
}

// join warns of joins that compare all pairs of rows, or move rows.
// https://docs.aws.amazon.com/redshift/latest/dg/query-performance-improvement-opportunities.html
func (s *script) join(n *plan.Join, origins map[expr.ColumnID]origin, place func(string) int) {
	if n.Method == plan.NestedLoop && len(n.EquiOuter) == 0 {
		if plan.AtMostOne(n.Outer) || plan.AtMostOne(n.Inner) || systemOnly(n.Outer) || systemOnly(n.Inner) || n.Kind > plan.Full {
			return
		}
		a, b := name(n.Outer), name(n.Inner)
		if place(a) > place(b) {
			a, b = b, a
		}
		if len(n.On) == 0 {
			s.warn("cross-join", place(b), "%s and %s have no join condition: every row of one meets every row of the other", a, b)
		} else {
			s.warn("nested-loop", place(b), "%s and %s are joined without an equality: all pairs of rows are compared", a, b)
		}
		return
	}
	s.distribution(n, origins, place)
}

// distribution warns of an equality join of tables with declared distributions that is not on both distribution keys.
// https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-best-dist-key.html
func (s *script) distribution(n *plan.Join, origins map[expr.ColumnID]origin, place func(string) int) {
	var a, b *plan.Scan
	var pairs []string
	for i := range n.EquiOuter {
		l, lok := origins[n.EquiOuter[i]]
		r, rok := origins[n.EquiInner[i]]
		if !lok || !rok || l.column < 0 || r.column < 0 || !declared(l.scan) || !declared(r.scan) {
			continue
		}
		if distKey(l) && distKey(r) {
			return
		}
		if place(l.scan.Alias) > place(r.scan.Alias) {
			l, r = r, l
		}
		a, b = l.scan, r.scan
		pairs = append(pairs, fmt.Sprintf("%s.%s = %s.%s", a.Alias, a.Table.Columns[l.column].Name, b.Alias, b.Table.Columns[r.column].Name))
	}
	if a != nil {
		s.warn("join-not-on-distkey", place(b.Alias), "join on %s, but %s is %s and %s is %s: rows move between slices",
			strings.Join(pairs, " AND "), a.Alias, style(a), b.Alias, style(b))
	}
}

// declared says that rows of a table are spread over slices as the script said, not as the engine chose.
func declared(n *plan.Scan) bool {
	d := n.Table.Def.Dist
	return d.Style == storage.Even || d.Style == storage.Key
}

func distKey(o origin) bool {
	d := o.scan.Table.Def.Dist
	return d.Keyed() && d.Column == o.column
}

// style is a table's distribution in words.
func style(n *plan.Scan) string {
	if d := n.Table.Def.Dist; d.Keyed() {
		return "DISTKEY(" + n.Table.Columns[d.Column].Name + ")"
	}
	return "DISTSTYLE EVEN"
}

// systemOnly says that a node reads system tables alone.
func systemOnly(n plan.Node) bool {
	virtual, other := false, false
	plan.Walk(n, func(n plan.Node) bool {
		switch n.(type) {
		case *plan.VirtualScan:
			virtual = true
		case *plan.Scan, *plan.ExternalScan, *plan.Load, *plan.WorkScan:
			other = true
		}
		return true
	})
	return virtual && !other
}

// name is what a node's rows are called: its first relation.
func name(n plan.Node) string {
	out := ""
	plan.Walk(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Subquery:
			if out == "" {
				out = n.Alias
			}
		case *plan.Scan:
			if out == "" {
				out = n.Alias
			}
		case *plan.ExternalScan:
			if out == "" {
				out = n.Alias
			}
		case *plan.VirtualScan:
			if out == "" {
				out = n.Alias
			}
		}
		return out == ""
	})
	if out == "" {
		return "a subquery"
	}
	return out
}
