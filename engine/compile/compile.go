// Package compile turns an optimized plan into a program: streams of segments of steps, columns by position. Nothing is decided here that EXPLAIN
// would have to show: who moves, where things meet and how many phases they have is read off the plan.
//
//	Merge                         stream 0   segment 0 slices   scan event | bcast                                     exchange 0
//	  Network                                segment 1 slices   scan network | hash                                    table 0
//	    Sort                      stream 1   segment 2 slices   scan sales | hjoin | aggr partial | dist               exchange 1
//	      Aggregate two-phase                segment 3 slices   scan network | aggr final | sort | return              exchange 2
//	        Join DS_BCAST_INNER              segment 4 leader   merge | return
//	          Scan sales
//	          Scan event
//
//	flow       what a node gives while the program is built: ended segments, open segments to which steps are added, columns by position
//	exchange   ends the open segments and opens one that reads what they sent
//
// A stream is the build of one hash table, the filling of a worktable (WITH), or the rest; it runs after those before it, and a recursion's again and again. What a step needs and nobody above it reads is dropped before
// rows are sent, sorted or kept.
package compile

import (
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Env is what compiling asks of the session.
type Env struct {
	Topology storage.Topology
	// Columns are the result's columns in order; nil = the plan's.
	Columns []plan.Column
}

// Views lists the tables whose views a program of plan n runs over: view number i is that of table i. Each table has one view, which the program may
// read several times and write.
func Views(n plan.Node) []*catalog.Table {
	var out []*catalog.Table
	add := func(t *catalog.Table) {
		for _, o := range out {
			if o.ID == t.ID {
				return
			}
		}
		out = append(out, t)
	}
	plan.Walk(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			add(n.Table)
		case *plan.Insert:
			add(n.Table)
		case *plan.Delete:
			add(n.Table)
		case *plan.Update:
			add(n.Table)
		}
		return true
	})
	return out
}

// Compile makes the program of a plan that optimize has returned.
func Compile(n plan.Node, env *Env) (*exec.Program, error) {
	c := &compiler{tables: Views(n), whole: n}
	c.p = &exec.Program{Views: len(c.tables), Topology: env.Topology, Slices: env.Topology.Slices()}
	parts := []plan.Node{n}
	if all, ok := n.(*plan.Changes); ok {
		parts = all.Parts
	}
	for _, n := range parts {
		f, err := c.root(n, env)
		if err != nil {
			return nil, err
		}
		c.stream(f)
	}
	c.p.Streams = c.streams
	return c.p, nil
}

// root compiles a query, or one change.
func (c *compiler) root(n plan.Node, env *Env) (*flow, error) {
	switch n := n.(type) {
	case *plan.Insert:
		return c.insert(n)
	case *plan.Delete:
		return c.delete(n)
	case *plan.Update:
		return c.update(n)
	case *plan.Unload:
		return c.unload(n)
	}
	cols := env.Columns
	if cols == nil {
		cols = n.Columns()
	}
	return c.query(n, cols)
}

// compiler is the state of compiling one plan.
type compiler struct {
	p       *exec.Program
	tables  []*catalog.Table
	streams []exec.Stream
	saved   map[*plan.Worktable]saved
	first   map[int]bool // tables of outer rows that are kept first: one join reads each
	whole   plan.Node
	ids     expr.ColumnID // the last that newID gave
	share   float64       // of the rows of the join that is compiled next, by its outermost scan: what tables that are there already leave; 0 = all
}

// flow is what a node gives: segments that have ended (of the same stream), segments that are open, and the columns of the batches that these push.
type flow struct {
	done []*exec.Segment
	open []*exec.Segment
	cols []plan.Column
}

// source opens a flow.
func source(where exec.Where, s exec.SourceSpec, cols []plan.Column) *flow {
	return &flow{open: []*exec.Segment{{Where: where, Source: s, Types: typesOf(cols)}}, cols: cols}
}

// step adds a step to every open segment.
func (f *flow) step(s exec.StepSpec) {
	for _, g := range f.open {
		g.Steps = append(g.Steps, s)
	}
}

// where says who runs the open segments.
func (f *flow) where() exec.Where {
	w := f.open[0].Where
	for _, g := range f.open[1:] {
		if g.Where != w {
			return exec.OnSlices
		}
	}
	return w
}

// layout gives the position of a column.
func (f *flow) layout(id expr.ColumnID) int {
	for i := range f.cols {
		if f.cols[i].ID == id {
			return i
		}
	}
	return -1
}

// position is layout for a column that must be there.
func (f *flow) position(id expr.ColumnID) int {
	i := f.layout(id)
	if i < 0 {
		panic(fmt.Sprintf("compile: column #%d is not in the batch", id))
	}
	return i
}

func (f *flow) positions(ids []expr.ColumnID) []int {
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = f.position(id)
	}
	return out
}

// program compiles an expression over the flow's columns.
func (f *flow) program(e expr.Expr) (*expr.Program, error) {
	return expr.Compile(e, f.position)
}

func (f *flow) programs(es []expr.Expr) ([]*expr.Program, error) {
	out := make([]*expr.Program, len(es))
	for i, e := range es {
		var err error
		if out[i], err = f.program(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func typesOf(cols []plan.Column) []types.Type {
	out := make([]types.Type, len(cols))
	for i := range cols {
		out[i] = cols[i].Type
	}
	return out
}

// filter adds a FilterStep.
func (f *flow) filter(conds []expr.Expr) error {
	if len(conds) == 0 {
		return nil
	}
	p, err := f.program(expr.AndOf(conds...))
	if err != nil {
		return err
	}
	f.step(&exec.FilterStep{Cond: p})
	return nil
}

// exactly makes the flow give cols in their order and nothing else.
func (f *flow) exactly(cols []plan.Column) {
	same := len(cols) == len(f.cols)
	for i := 0; same && i < len(cols); i++ {
		same = cols[i].ID == f.cols[i].ID
	}
	if same {
		return
	}
	s := &exec.ProjectStep{Exprs: make([]*expr.Program, len(cols)), PassThrough: make([]int, len(cols)), Types: typesOf(cols)}
	for i := range cols {
		s.PassThrough[i] = f.position(cols[i].ID)
	}
	f.step(s)
	f.cols = cols
}

// narrow drops the columns that are not needed; one stays, to carry the number of rows.
func (f *flow) narrow(need plan.Set) {
	var cols []plan.Column
	for i := range f.cols {
		if need.Has(f.cols[i].ID) {
			cols = append(cols, f.cols[i])
		}
	}
	if len(cols) == 0 && len(f.cols) > 0 {
		cols = f.cols[:1:1]
	}
	f.exactly(cols)
}

// stream ends a flow as a stream of its own.
func (c *compiler) stream(f *flow) {
	c.streams = append(c.streams, exec.Stream{Segments: append(f.done, f.open...)})
}

// exchange ends the open segments with a step that sends to a new exchange, and opens the segment that reads it.
func (c *compiler) exchange(f *flow, where exec.Where, end func(exchange int) exec.StepSpec) {
	x := len(c.p.Exchanges)
	ts := typesOf(f.cols)
	c.p.Exchanges = append(c.p.Exchanges, exec.Exchange{Types: ts, ToLeader: where == exec.OnLeader})
	f.step(end(x))
	f.done = append(f.done, f.open...)
	f.open = []*exec.Segment{{Where: where, Source: &exec.InboxSource{Exchange: x}, Types: ts}}
}

// toLeader sends rows to the leader, if they are not there.
func (c *compiler) toLeader(f *flow, node int) {
	if f.where() != exec.OnLeader {
		c.exchange(f, exec.OnLeader, func(x int) exec.StepSpec { return &exec.ReturnStep{Exchange: x, NodeID: node} })
	}
}

// toSlice0 sends rows to slice 0, if they are not there in one stream.
func (c *compiler) toSlice0(f *flow, node int) {
	if len(f.open) > 1 || f.where() == exec.OnSlices {
		c.exchange(f, exec.OnOneSlice, func(x int) exec.StepSpec { return &exec.DistStep{Exchange: x, ToSlice0: true, NodeID: node} })
	}
}

// byKeys sends rows to the slices of the hash of columns.
func (c *compiler) byKeys(f *flow, keys []expr.ColumnID, node int) {
	at := f.positions(keys)
	c.exchange(f, exec.OnSlices, func(x int) exec.StepSpec { return &exec.DistStep{Exchange: x, Keys: at, NodeID: node} })
}

// moved sends rows to a place.
func (c *compiler) moved(f *flow, p *plan.Place, node int) {
	switch p.Kind {
	case plan.OnLeader:
		c.toLeader(f, node)
	case plan.OnSlice0, plan.OnAll:
		c.toSlice0(f, node)
	case plan.ByKey:
		c.byKeys(f, p.Keys, node)
	}
}

// together makes one open segment of several: before a step that keeps rows.
func (c *compiler) together(f *flow, node int) {
	if len(f.open) == 1 {
		return
	}
	one := true
	for _, g := range f.open {
		one = one && g.Where == exec.OnOneSlice
	}
	if one {
		c.toSlice0(f, node)
		return
	}
	c.exchange(f, exec.OnSlices, func(x int) exec.StepSpec { return &exec.DistStep{Exchange: x, NodeID: node} })
}

// view gives the number of a table's view.
func (c *compiler) view(t *catalog.Table) int {
	for i, o := range c.tables {
		if o.ID == t.ID {
			return i
		}
	}
	panic("compile: a table without a view")
}

// query compiles a plan whose rows the cursor gives.
func (c *compiler) query(n plan.Node, cols []plan.Column) (*flow, error) {
	f, err := c.node(n, plan.SetOfColumns(cols))
	if err != nil {
		return nil, err
	}
	f.exactly(cols)
	c.toLeader(f, n.Props().ID)
	c.p.Columns = make([]exec.ResultColumn, len(cols))
	for i := range cols {
		c.p.Columns[i] = exec.ResultColumn{Name: cols[i].Name, Type: cols[i].Type}
	}
	return f, nil
}

// node compiles n. The flow has at least the columns of need that n gives.
func (c *compiler) node(n plan.Node, need plan.Set) (*flow, error) {
	share := c.share
	c.share = 0
	switch n := n.(type) {
	case *plan.Scan:
		return c.scan(n, need)
	case *plan.VirtualScan:
		return c.virtual(n)
	case *plan.ExternalScan:
		return c.external(n)
	case *plan.Values:
		return c.values(n)
	case *plan.Load:
		return c.load(n)
	case *plan.Filter:
		below := need.Clone()
		for _, e := range n.Conds {
			below.AddExpr(e)
		}
		f, err := c.node(n.Input, below)
		if err != nil {
			return nil, err
		}
		return f, c.filter(f, n.Conds, need, n.ID)
	case *plan.Project:
		return c.project(n, need)
	case *plan.Subquery:
		return c.node(n.Input, need)
	case *plan.Join:
		return c.join(n, need, share)
	case *plan.Aggregate:
		return c.aggregate(n)
	case *plan.Expand:
		return c.expand(n, need)
	case *plan.Unnest:
		return c.unnest(n, need)
	case *plan.Distinct:
		return c.distinct(n)
	case *plan.Sort:
		return c.sort(n, need)
	case *plan.Merge:
		return c.merge(n, need)
	case *plan.Network:
		return c.network(n, need)
	case *plan.Limit:
		return c.limit(n, need)
	case *plan.Append:
		return c.append(n)
	case *plan.Recursive:
		return c.recursive(n)
	case *plan.WorkScan:
		return c.workScan(n)
	case *plan.With:
		return c.with(n, need)
	case *plan.SetOp:
		return c.setOp(n)
	case *plan.Window:
		return c.window(n, need)
	}
	panic(fmt.Sprintf("compile: %T", n))
}

// share compiles what the expressions of a step have in common, and gives the layout that the expressions then have.
func (f *flow) share(s *exec.ProjectStep, shared, exprs []expr.Expr) (layout func(expr.ColumnID) int, err error) {
	layout = func(id expr.ColumnID) int {
		if k := int(expr.SharedID(0) - id); k >= 0 {
			return len(f.cols) + k
		}
		return f.position(id)
	}
	s.Width = len(f.cols)
	var read plan.Set
	for _, e := range shared {
		p, err := expr.Compile(e, layout)
		if err != nil {
			return nil, err
		}
		s.Shared = append(s.Shared, p)
	}
	for _, e := range append(append([]expr.Expr{}, shared...), exprs...) {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok && c.ID > expr.SharedID(0) && !read.Has(c.ID) {
				read.Add(c.ID)
				s.Reads = append(s.Reads, f.position(c.ID))
			}
			return true
		})
	}
	return layout, nil
}

// filtered gives the scan that a flow is, and the conditions that its program tests; nil when it is more, or there are none.
func (f *flow) filtered(n plan.Node) (*exec.ScanSource, []expr.Expr) {
	scan, ok := n.(*plan.Scan)
	if !ok || len(f.open) != 1 || len(f.open[0].Steps) > 0 {
		return nil, nil
	}
	s, ok := f.open[0].Source.(*exec.ScanSource)
	if !ok || s.Filter == nil {
		return nil, nil
	}
	var rest []expr.Expr
	for _, e := range scan.Filter {
		if _, stored, err := predicate(scan.Output, scan.Attrs, e); !stored && err == nil {
			rest = append(rest, e)
		}
	}
	return s, rest
}

// carry lets a project step have what the filter of the scan below it has computed.
func (f *flow) carry(s *exec.ProjectStep, source *exec.ScanSource, conds, carried []expr.Expr) (err error) {
	var list []expr.Expr
	at := make([]int, len(carried))
	for k, e := range carried {
		if at[k] = -1; e != nil {
			at[k] = len(list)
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil
	}
	s.Carried = at
	source.Filter, err = expr.CompileCarrying(expr.AndOf(conds...), f.position, list)
	return err
}

// project computes columns; those that nobody reads are left out.
func (c *compiler) project(n *plan.Project, need plan.Set) (*flow, error) {
	var below plan.Set
	var list []*plan.Named
	passing := true
	for i := range n.Exprs {
		e := &n.Exprs[i]
		if !need.Has(e.ID) {
			continue
		}
		below.AddExpr(e.Expr)
		list = append(list, e)
		col, ok := e.Expr.(*expr.Column)
		passing = passing && ok && col.ID == e.ID
	}
	f, err := c.node(n.Input, below)
	if err != nil || passing && len(list) > 0 {
		return f, err
	}
	s := &exec.ProjectStep{Exprs: make([]*expr.Program, len(list)), PassThrough: make([]int, len(list)), Types: make([]types.Type, len(list))}
	cols := make([]plan.Column, len(list))
	exprs := make([]expr.Expr, len(list))
	for i, e := range list {
		exprs[i] = e.Expr
	}
	layout := f.position
	if exprs, err = c.calls(f, exprs, plan.Set{}, n.ID); err != nil {
		return nil, err
	}
	source, conds := f.filtered(n.Input)
	shared, exprs, carried := expr.Share(exprs, conds)
	if len(shared) > 0 {
		if layout, err = f.share(s, shared, exprs); err != nil {
			return nil, err
		}
		if err = f.carry(s, source, conds, carried); err != nil {
			return nil, err
		}
	}
	for i, e := range list {
		cols[i], s.Types[i] = e.Column, e.Type
		if col, ok := exprs[i].(*expr.Column); ok && f.layout(col.ID) >= 0 { // else it is a shared one
			s.PassThrough[i] = f.position(col.ID)
			continue
		}
		s.PassThrough[i] = -1
		if s.Exprs[i], err = expr.Compile(exprs[i], layout); err != nil {
			return nil, err
		}
	}
	f.step(s)
	f.cols = cols
	return f, nil
}
