package compile

import (
	"errors"
	"fmt"
	"sort"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// naive computes a logical plan straight from its meaning, subqueries once a row: what every optimized program is compared with.
type naive struct {
	rows  map[uint32][]row // by table id
	steps int              // rows looked at so far
}

// errEndless ends a query that has no meaning in reasonable time: joins within a subquery within a subquery, each computed once a row.
var errEndless = errors.New("too many rows")

// step counts a row.
func (n *naive) step() {
	if n.steps++; n.steps > 200_000 {
		panic(errEndless)
	}
}

// scope holds the values of columns; subqueries see the rows around them.
type scope map[expr.ColumnID]types.Datum

func (s scope) with(cols []plan.Column, r row) scope {
	n := scope{}
	for k, v := range s {
		n[k] = v
	}
	for i := range cols {
		n[cols[i].ID] = r[i]
	}
	return n
}

// Three-valued truth: 1, 0, -1 for NULL.
func truth(d types.Datum) int {
	switch {
	case d.Null:
		return -1
	case d.Bool:
		return 1
	}
	return 0
}

func boolean(t int) types.Datum {
	return types.Datum{Type: types.TBool, Null: t < 0, Bool: t == 1}
}

func not(t int) int {
	if t < 0 {
		return t
	}
	return 1 - t
}

func compareInts(op expr.CompareOp, a, b types.Datum) int {
	if a.Null || b.Null {
		return -1
	}
	var r bool
	switch op {
	case expr.Eq:
		r = a.Int == b.Int
	case expr.Ne:
		r = a.Int != b.Int
	case expr.Lt:
		r = a.Int < b.Int
	case expr.Le:
		r = a.Int <= b.Int
	case expr.Gt:
		r = a.Int > b.Int
	default:
		r = a.Int >= b.Int
	}
	if r {
		return 1
	}
	return 0
}

func (n *naive) eval(e expr.Expr, s scope) types.Datum {
	switch e := e.(type) {
	case *expr.Column:
		d, ok := s[e.ID]
		if !ok {
			panic(fmt.Sprintf("naive: no column %d", e.ID))
		}
		return d
	case *expr.Const:
		return e.Value
	case *expr.Cast: // between integers
		d := n.eval(e.Arg, s)
		d.Type = e.To
		return d
	case *expr.Compare:
		return boolean(compareInts(e.Op, n.eval(e.Left, s), n.eval(e.Right, s)))
	case *expr.And:
		t := 1
		for _, a := range e.Args {
			switch truth(n.eval(a, s)) {
			case 0:
				return boolean(0)
			case -1:
				t = -1
			}
		}
		return boolean(t)
	case *expr.Or:
		t := 0
		for _, a := range e.Args {
			switch truth(n.eval(a, s)) {
			case 1:
				return boolean(1)
			case -1:
				t = -1
			}
		}
		return boolean(t)
	case *expr.Not:
		return boolean(not(truth(n.eval(e.Arg, s))))
	case *expr.IsNull:
		if n.eval(e.Arg, s).Null != e.Not {
			return boolean(1)
		}
		return boolean(0)
	case *expr.Coalesce:
		for _, a := range e.Args {
			if d := n.eval(a, s); !d.Null {
				return d
			}
		}
		return types.NullOf(e.Typ)
	case *expr.Case:
		for _, w := range e.Whens {
			if truth(n.eval(w.Cond, s)) == 1 {
				return n.eval(w.Then, s)
			}
		}
		return n.eval(e.Else, s)
	case *expr.Subquery:
		rows, _ := n.node(e.Plan.(plan.Node), s)
		switch e.Kind {
		case expr.Scalar:
			if len(rows) == 0 {
				return types.NullOf(e.Typ)
			}
			if len(rows) > 1 {
				panic("naive: more than one row")
			}
			return rows[0][0]
		case expr.Exists:
			if (len(rows) > 0) != e.Not {
				return boolean(1)
			}
			return boolean(0)
		}
		left := n.eval(e.Left[0], s)
		t := 0
		if e.Kind == expr.All {
			t = 1
		}
		for _, r := range rows {
			c := compareInts(e.Op, left, r[0])
			if e.Kind == expr.Any && c == 1 {
				return boolean(1)
			}
			if e.Kind == expr.All && c == 0 {
				return boolean(0)
			}
			if c < 0 {
				t = -1
			}
		}
		return boolean(t)
	}
	panic(fmt.Sprintf("naive: %T", e))
}

func (n *naive) all(es []expr.Expr, s scope) bool {
	for _, e := range es {
		if truth(n.eval(e, s)) != 1 {
			return false
		}
	}
	return true
}

func (n *naive) node(p plan.Node, s scope) ([]row, []plan.Column) {
	cols := p.Columns()
	var out []row
	switch p := p.(type) {
	case *plan.Scan:
		for _, r := range n.rows[p.Table.ID] {
			o := pick(r, p.Attrs)
			if n.all(p.Filter, s.with(cols, o)) {
				out = append(out, o)
			}
		}
	case *plan.Values:
		for _, es := range p.Rows {
			o := row{}
			for _, e := range es {
				o = append(o, n.eval(e, s))
			}
			out = append(out, o)
		}
	case *plan.Filter:
		in, _ := n.node(p.Input, s)
		for _, r := range in {
			n.step()
			if n.all(p.Conds, s.with(cols, r)) {
				out = append(out, r)
			}
		}
	case *plan.Project:
		in, ic := n.node(p.Input, s)
		for _, r := range in {
			o := row{}
			for i := range p.Exprs {
				o = append(o, n.eval(p.Exprs[i].Expr, s.with(ic, r)))
			}
			out = append(out, o)
		}
	case *plan.Subquery:
		out, _ = n.node(p.Input, s)
	case *plan.Join:
		l, lc := n.node(p.Outer, s)
		r, rc := n.node(p.Inner, s)
		met := make([]bool, len(r))
		nulls := func(c []plan.Column) row {
			o := row{}
			for i := range c {
				o = append(o, types.NullOf(c[i].Type))
			}
			return o
		}
		for _, a := range l {
			found := false
			for i, b := range r {
				n.step()
				both := append(append(row{}, a...), b...)
				if n.all(p.On, s.with(append(lc[:len(lc):len(lc)], rc...), both)) {
					found, met[i] = true, true
					out = append(out, both)
				}
			}
			if !found && (p.Kind == plan.Left || p.Kind == plan.Full) {
				out = append(out, append(append(row{}, a...), nulls(rc)...))
			}
		}
		if p.Kind == plan.Right || p.Kind == plan.Full {
			for i, b := range r {
				if !met[i] {
					out = append(out, append(nulls(lc), b...))
				}
			}
		}
	case *plan.Expand:
		in, _ := n.node(p.Input, s)
		for _, r := range in {
			for i := range p.Count {
				out = append(out, append(append(row{}, r...), types.Datum{Type: types.TInt4, Int: int64(i)}))
			}
		}
	case *plan.Aggregate:
		out = n.aggregate(p, s)
	case *plan.Distinct:
		in, _ := n.node(p.Input, s)
		seen := map[string]bool{}
		for _, r := range in {
			if !seen[text(r)] {
				seen[text(r)] = true
				out = append(out, r)
			}
		}
	case *plan.Sort:
		in, _ := n.node(p.Input, s)
		f := &flow{cols: cols}
		keys := sortKeys(f, p.Keys)
		out = append(out, in...)
		sort.SliceStable(out, func(i, j int) bool { return less(out[i], out[j], keys) })
	case *plan.Limit:
		in, _ := n.node(p.Input, s)
		out = in[min(int(p.Offset), len(in)):]
		if p.Count >= 0 {
			out = out[:min(int(p.Count), len(out))]
		}
	case *plan.Append:
		for _, in := range p.Inputs {
			r, _ := n.node(in, s)
			out = append(out, r...)
		}
	case *plan.SetOp:
		l, _ := n.node(p.Left, s)
		r, _ := n.node(p.Right, s)
		right, seen := map[string]bool{}, map[string]bool{}
		for _, x := range r {
			right[text(x)] = true
		}
		for _, x := range l {
			if k := text(x); right[k] != p.Except && !seen[k] {
				seen[k] = true
				out = append(out, x)
			}
		}
	default:
		panic(fmt.Sprintf("naive: %T", p))
	}
	return out, cols
}

func (n *naive) aggregate(p *plan.Aggregate, s scope) []row {
	in, ic := n.node(p.Input, s)
	type group struct {
		key  row
		rows []row
	}
	groups := map[string]*group{}
	var order []string
	if len(p.Groups) == 0 {
		order, groups[""] = []string{""}, &group{}
	}
	for _, r := range in {
		sc := scope{}.with(ic, r)
		k := row{}
		for _, g := range p.Groups {
			k = append(k, sc[g])
		}
		g := groups[text(k)]
		if g == nil {
			g = &group{key: k}
			groups[text(k)] = g
			order = append(order, text(k))
		}
		g.rows = append(g.rows, r)
	}
	var out []row
	for _, k := range order {
		g := groups[k]
		o := append(row{}, g.key...)
		for i := range p.Aggs {
			a := &p.Aggs[i]
			var vals []int64
			seen := map[int64]bool{}
			for _, r := range g.rows {
				d := types.Datum{Type: types.TInt8}
				if len(a.Args) > 0 {
					d = n.eval(a.Args[0], s.with(ic, r))
				}
				if d.Null || a.Distinct && seen[d.Int] {
					continue
				}
				seen[d.Int] = true
				vals = append(vals, d.Int)
			}
			d := types.Datum{Type: types.TInt8, Null: len(vals) == 0}
			if a.Fn.Name == "count" {
				d = types.Datum{Type: types.TInt8, Int: int64(len(vals))}
			}
			for j, v := range vals {
				switch a.Fn.Name {
				case "sum":
					d.Int += v
				case "min":
					if j == 0 || v < d.Int {
						d.Int = v
					}
				case "max":
					if j == 0 || v > d.Int {
						d.Int = v
					}
				}
			}
			o = append(o, d)
		}
		if n.all(p.Having, s.with(p.Columns(), o)) {
			out = append(out, o)
		}
	}
	return out
}
