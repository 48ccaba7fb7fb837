package compile

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// modelTime makes the random tests run from a random seed, which is printed, for that long; CI gives them their share of a minute.
var modelTime = flag.Duration("model", 0, "run the random queries this long, from a random seed")

// seeds calls f with the first few seeds, or with ever new ones for -model; half of the time is each test's.
func seeds(t *testing.T, few uint64, f func(seed uint64)) (n uint64) {
	if *modelTime == 0 {
		for n = range few {
			f(n)
		}
		return few
	}
	first, start := rand.Uint64()>>1, time.Now()
	t.Logf("first seed %d", first)
	for ; time.Since(start) < *modelTime/2; n++ {
		f(first + n)
	}
	return n
}

// generator makes random tables and random plans as bind makes them.
type generator struct {
	*rand.Rand
	next   expr.ColumnID
	tables []*catalog.Table
	stats  map[uint32]optimize.TableStats
	rows   map[uint32][]row
}

func newGenerator(seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7)), stats: map[uint32]optimize.TableStats{}, rows: map[uint32][]row{}}
	for i, name := range []string{"a", "b", "c"} {
		id := uint32(100000 + i)
		t := &catalog.Table{
			ID: id, Schema: "public", Name: name, Def: &storage.Definition{ID: id, Dist: storage.Distribution{Column: -1}},
			Columns: []catalog.Column{{Name: "k", Type: types.TInt4}, {Name: "x", Type: types.TInt4}, {Name: "y", Type: types.TInt8}},
		}
		switch g.IntN(5) {
		case 0:
			t.Def.Dist.Style = storage.All
		case 1:
			t.Def.Dist.Style = storage.Even
		case 2:
			t.Def.Dist = storage.Distribution{Style: storage.Key, Column: 2}
		default:
			t.Def.Dist = storage.Distribution{Style: storage.Key, Column: 0}
			t.Def.Sort = storage.SortKey{Style: storage.Compound, Columns: []int{0}}
		}
		n := g.IntN(9)
		for range n {
			var r row
			for _, c := range t.Columns {
				d := types.Datum{Type: c.Type, Int: int64(g.IntN(5))}
				if g.IntN(6) == 0 {
					d = types.NullOf(c.Type)
				}
				r = append(r, d)
			}
			g.rows[id] = append(g.rows[id], r)
		}
		if g.IntN(2) == 0 { // estimates may be far off: rows must be right all the same
			g.stats[id] = optimize.TableStats{Rows: float64(1 + g.IntN(100000)), Loaded: true, Statistics: &storage.Statistics{
				Rows:    1000,
				Columns: []storage.ColumnStats{{NDistinct: float64(1 + g.IntN(1000))}, {NDistinct: 10}, {NDistinct: 4, NullFrac: 0.2}},
			}}
		}
		g.tables = append(g.tables, t)
	}
	return g
}

func (g *generator) id() expr.ColumnID { g.next++; return g.next }

func ref(c plan.Column) *expr.Column {
	return &expr.Column{ID: c.ID, Typ: c.Type, Table: c.Table, Name: c.Name}
}

func passing(n plan.Node, cols []plan.Column) *plan.Project {
	p := &plan.Project{Input: n}
	for _, c := range cols {
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: ref(c)})
	}
	return p
}

// block is one SELECT being made: outer columns it may name, and those it did.
type block struct {
	outer []plan.Column
	used  []expr.ColumnID
}

func (b *block) use(e expr.Expr) expr.Expr {
	for _, id := range expr.Columns(e) {
		for _, c := range b.outer {
			if c.ID == id {
				b.used = append(b.used, id)
			}
		}
	}
	return e
}

func (g *generator) scan() (plan.Node, []plan.Column) {
	t := g.tables[g.IntN(len(g.tables))]
	s := &plan.Scan{Table: t, Alias: t.Name}
	for i, c := range t.Columns {
		s.Output = append(s.Output, plan.Column{ID: g.id(), Name: c.Name, Table: t.Name, Type: c.Type})
		s.Attrs = append(s.Attrs, i)
	}
	return s, s.Output
}

func (g *generator) relation(depth int) (plan.Node, []plan.Column) {
	if depth > 0 && g.IntN(4) == 0 {
		n, cols := g.query(depth-1, &block{})
		return &plan.Subquery{Input: n, Alias: "d", Output: cols}, cols
	}
	return g.scan()
}

func (g *generator) pickCol(cols []plan.Column) plan.Column { return cols[g.IntN(len(cols))] }

func (g *generator) number() expr.Expr {
	return &expr.Const{Value: types.Datum{Type: types.TInt4, Int: int64(g.IntN(5))}}
}

func (g *generator) op() expr.CompareOp {
	if g.IntN(2) == 0 {
		return expr.Eq
	}
	return expr.CompareOp(g.IntN(6))
}

// cond makes a condition over cols, now and then one over outer columns or a subquery.
func (g *generator) cond(depth int, cols []plan.Column, b *block) expr.Expr {
	l := ref(g.pickCol(cols))
	switch k := g.IntN(12); {
	case k < 4:
		return &expr.Compare{Op: g.op(), Left: l, Right: g.number()}
	case k < 6:
		return &expr.Compare{Op: g.op(), Left: l, Right: ref(g.pickCol(cols))}
	case k == 6:
		return &expr.IsNull{Arg: l, Not: g.IntN(2) == 0}
	case k == 7:
		return &expr.Or{Args: []expr.Expr{g.cond(0, cols, &block{}), g.cond(depth, cols, b)}}
	case k == 8:
		return &expr.Not{Arg: g.cond(depth*g.IntN(2), cols, b)}
	}
	if len(b.outer) > 0 && g.IntN(2) == 0 {
		op := expr.Eq
		if g.IntN(4) == 0 {
			op = g.op()
		}
		return b.use(&expr.Compare{Op: op, Left: l, Right: ref(g.pickCol(b.outer))})
	}
	if depth == 0 {
		return &expr.Compare{Op: g.op(), Left: l, Right: g.number()}
	}
	return g.subquery(depth-1, cols)
}

// subquery makes EXISTS, IN, NOT IN, quantified and scalar subqueries, correlated or not.
func (g *generator) subquery(depth int, cols []plan.Column) expr.Expr {
	b := &block{}
	if g.IntN(2) == 0 {
		b.outer = cols
	}
	l := ref(g.pickCol(cols))
	kind := g.IntN(6)
	if kind == 0 {
		b.outer = b.outer[:len(b.outer):len(b.outer)]
		n, cs := g.from(depth, b)
		a := g.aggregate(n, cs, false)
		s := &expr.Subquery{Kind: expr.Scalar, Plan: passing(a, []plan.Column{a.Aggs[0].Column}), Outer: b.used, Typ: types.TInt8}
		return &expr.Compare{Op: g.op(), Left: l, Right: s}
	}
	n, cs := g.query(depth, b)
	n, cs = passing(n, cs[:1]), cs[:1]
	s := &expr.Subquery{Plan: n, Outer: b.used, Typ: types.TBool, Left: []expr.Expr{l}}
	_ = cs
	switch kind {
	case 1, 2:
		s.Kind, s.Left, s.Not = expr.Exists, nil, g.IntN(2) == 0
	case 3:
		s.Kind = expr.Any
	case 4:
		s.Kind, s.Op = expr.All, expr.Ne
	default:
		s.Kind, s.Op = expr.SubqueryKind(int(expr.Any)+g.IntN(2)), g.op()
	}
	return s
}

// from makes FROM and WHERE.
func (g *generator) from(depth int, b *block) (plan.Node, []plan.Column) {
	n, cols := g.relation(depth)
	for range g.IntN(3) {
		m, mc := g.relation(depth)
		j := &plan.Join{Kind: plan.Inner, Outer: n, Inner: m}
		if g.IntN(2) == 0 { // ANSI join
			j.Kind = plan.JoinKind(g.IntN(4))
			j.On = []expr.Expr{&expr.Compare{Op: expr.Eq, Left: ref(g.pickCol(cols)), Right: ref(g.pickCol(mc))}}
			if g.IntN(3) == 0 && j.Kind != plan.Full {
				j.On = append(j.On, g.cond(0, append(cols[:len(cols):len(cols)], mc...), &block{}))
			}
			if g.IntN(6) == 0 && j.Kind != plan.Full {
				j.On = j.On[1:]
			}
		}
		n, cols = j, append(cols[:len(cols):len(cols)], mc...)
	}
	var conds []expr.Expr
	for range g.IntN(4) {
		if len(cols) > 3 && g.IntN(2) == 0 {
			conds = append(conds, &expr.Compare{Op: expr.Eq, Left: ref(g.pickCol(cols)), Right: ref(g.pickCol(cols))})
		} else {
			conds = append(conds, g.cond(depth, cols, b))
		}
	}
	if len(conds) > 0 {
		n = &plan.Filter{Input: n, Conds: conds}
	}
	return n, cols
}

func (g *generator) aggregate(n plan.Node, cols []plan.Column, grouped bool) *plan.Aggregate {
	a := &plan.Aggregate{Input: n}
	if grouped {
		for range 1 + g.IntN(2) {
			c := g.pickCol(cols)
			dup := false
			for _, x := range a.Groups {
				dup = dup || x == c.ID
			}
			if !dup {
				a.Groups = append(a.Groups, c.ID)
			}
		}
	}
	for range 1 + g.IntN(2) {
		name := []string{"count", "sum", "min", "max"}[g.IntN(4)]
		agg := plan.Agg{Column: plan.Column{ID: g.id(), Name: name, Type: types.TInt8}, Fn: aggregateOf(name), Args: []expr.Expr{ref(g.pickCol(cols))}, Distinct: g.IntN(4) == 0}
		if name == "count" && g.IntN(2) == 0 {
			agg.Args, agg.Distinct = nil, false
		}
		a.Aggs = append(a.Aggs, agg)
	}
	if g.IntN(4) == 0 {
		a.Having = []expr.Expr{&expr.Compare{Op: g.op(), Left: ref(a.Aggs[0].Column), Right: g.number()}}
	}
	return a
}

// query makes a SELECT.
func (g *generator) query(depth int, b *block) (plan.Node, []plan.Column) {
	if depth > 0 && len(b.outer) == 0 && g.IntN(8) == 0 {
		return g.setOp(depth - 1)
	}
	n, cols := g.from(depth, b)
	if g.IntN(6) == 0 {
		x := &plan.Expand{Input: n, Number: plan.Column{ID: g.id(), Name: "set", Type: types.TInt4}, Count: 1 + g.IntN(3)}
		n, cols = x, x.Columns()
	}
	if g.IntN(3) == 0 {
		a := g.aggregate(n, cols, g.IntN(4) > 0)
		n, cols = a, a.Columns()
	}
	p := &plan.Project{Input: n}
	var out []plan.Column
	for range 1 + g.IntN(3) {
		c := g.pickCol(cols)
		dup := false
		for _, x := range out {
			dup = dup || x.ID == c.ID
		}
		switch {
		case depth > 0 && len(b.outer) == 0 && g.IntN(8) == 0: // a subquery as a value
			s := g.subquery(depth-1, cols)
			number := func(i int64) expr.Expr { return &expr.Const{Value: types.Datum{Type: types.TInt8, Int: i}} }
			e := &expr.Case{Whens: []expr.When{{Cond: s, Then: number(1)}, {Cond: &expr.Not{Arg: s}, Then: number(2)}}, Else: number(3), Typ: types.TInt8}
			o := plan.Column{ID: g.id(), Name: "case", Type: types.TInt8}
			p.Exprs, out = append(p.Exprs, plan.Named{Column: o, Expr: e}), append(out, o)
		case dup || g.IntN(5) == 0: // computed
			e := &expr.Coalesce{Args: []expr.Expr{ref(c), &expr.Const{Value: types.Datum{Type: c.Type, Int: 9}}}, Typ: c.Type}
			o := plan.Column{ID: g.id(), Name: "coalesce", Type: c.Type}
			p.Exprs, out = append(p.Exprs, plan.Named{Column: o, Expr: e}), append(out, o)
		default:
			p.Exprs, out = append(p.Exprs, plan.Named{Column: c, Expr: ref(c)}), append(out, c)
		}
	}
	n = p
	if g.IntN(5) == 0 {
		n = &plan.Distinct{Input: n}
	}
	if g.IntN(4) == 0 {
		s := &plan.Sort{Input: n}
		for _, c := range out { // every column: LIMIT must choose the same rows everywhere
			s.Keys = append(s.Keys, plan.SortKey{ID: c.ID, Desc: g.IntN(2) == 0, NullsFirst: g.IntN(2) == 0})
		}
		n = s
		if g.IntN(2) == 0 {
			n = &plan.Limit{Input: n, Count: int64(g.IntN(5)), Offset: int64(g.IntN(3))}
		}
	}
	return n, out
}

func (g *generator) setOp(depth int) (plan.Node, []plan.Column) {
	side := func() (plan.Node, []plan.Column) {
		n, cols := g.query(depth, &block{})
		p := &plan.Project{Input: n}
		o := plan.Column{ID: g.id(), Name: "v", Type: types.TInt8}
		p.Exprs = []plan.Named{{Column: o, Expr: &expr.Coalesce{Args: []expr.Expr{&expr.Cast{Arg: ref(cols[0]), To: types.TInt8, Pos: -1}}, Typ: types.TInt8}}}
		if cols[0].Type == types.TInt8 {
			p.Exprs[0].Expr = ref(cols[0])
		}
		return p, p.Columns()
	}
	l, lc := side()
	r, _ := side()
	out := []plan.Column{{ID: g.id(), Name: "v", Type: lc[0].Type}}
	switch g.IntN(4) {
	case 0:
		return &plan.Append{Inputs: []plan.Node{l, r}, Output: out}, out
	case 1:
		return &plan.Distinct{Input: &plan.Append{Inputs: []plan.Node{l, r}, Output: out}}, out
	case 2:
		return &plan.SetOp{Left: l, Right: r, Output: out}, out
	}
	return &plan.SetOp{Left: l, Right: r, Except: true, Output: out}, out
}

// spread lays the tables of a program's views over slices.
func (g *generator) spread(n plan.Node, slices int) (views [][][]row, keys []int) {
	for _, t := range Views(n) {
		v := make([][]row, slices)
		key := -1
		switch t.Def.Dist.Style {
		case storage.All:
			key = -2
		case storage.Key:
			key = t.Def.Dist.Column
		}
		for i, r := range g.rows[t.ID] {
			to := i % slices
			if key == -2 {
				to = 0
			} else if key >= 0 {
				to = hashOf(r[key]) % slices
			}
			v[to] = append(v[to], r)
		}
		views, keys = append(views, v), append(keys, key)
	}
	return views, keys
}

func bag(rows []row) string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = text(r)
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

var filled int

// once runs one random query through optimizer, compiler and machine and compares it with its meaning. It reports refusals.
func once(seed uint64) (refused bool, err error) {
	defer func(start time.Time) {
		if d := time.Since(start); d > time.Second {
			fmt.Println("slow", seed, d)
		}
	}(time.Now())
	g := newGenerator(seed)
	n, cols := g.query(2, &block{})
	topo := storage.Topology{Nodes: 1 + g.IntN(3), SlicesPerNode: 1 + g.IntN(3)}
	var want []row
	defer func() {
		if r := recover(); r == errEndless {
			refused = true
		} else if r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	want, _ = (&naive{rows: g.rows}).node(n, scope{})
	env := &optimize.Env{Topology: topo, Parallel: float64(1 + g.IntN(50)), Stats: func(t *catalog.Table) optimize.TableStats { return g.stats[t.ID] }}
	p, err := optimize.Optimize(n, env)
	if err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) && e.Code == sqlstate.FeatureNotSupported {
			return true, nil
		}
		return false, err
	}
	explained := strings.Join(plan.Explain(p, false), "\n")
	prog, err := Compile(p, &Env{Topology: topo, Columns: cols})
	if err != nil {
		return false, err
	}
	views, keys := g.spread(p, topo.Slices())
	m, err := run(prog, views, keys)
	if err != nil {
		return false, err
	}
	got := m.result
	if len(want) > 0 {
		filled++
	}
	if bag(got) != bag(want) {
		return false, fmt.Errorf("got\n%s\nwant\n%s\n%s\n%s", bag(got), bag(want), explained, Steps(prog))
	}
	if s, ok := n.(*plan.Sort); ok {
		k := sortKeys(&flow{cols: cols}, s.Keys)
		if !sort.SliceIsSorted(got, func(i, j int) bool { return less(got[i], got[j], k) }) {
			return false, fmt.Errorf("not sorted\n%s\n%s", explained, Steps(prog))
		}
	}
	return false, nil
}

// TestRandomQueries compares thousands of random queries on random tables, distributions, topologies and estimates with their meaning.
func TestRandomQueries(t *testing.T) {
	n := uint64(1000)
	if testing.Short() {
		n = 200
	}
	refused, bad := 0, 0
	n = seeds(t, n, func(seed uint64) {
		r, err := once(seed)
		if r {
			refused++
		}
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			if bad++; bad > 5 {
				t.FailNow()
			}
		}
	})
	if refused > int(n)/4 {
		t.Errorf("%d of %d queries refused", refused, n)
	}
	t.Logf("%d of %d refused, %d with rows", refused, n, filled)
}
