package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// scan compiles the scan of a table. Conditions that storage can test on encoded values become predicates; the rest is a program over the columns read.
//
//	Filter [year > 1980, title like 'A%', genre in ('a','b')]  ->  Predicates [year > 1980] [genre in (a, b)]   Filter title like 'A%'
func (c *compiler) scan(n *plan.Scan, need plan.Set) (*flow, error) {
	s := &exec.ScanSource{View: c.view(n.Table), KeyPred: -1, Table: n.Table.Name, TableID: n.Table.ID, NodeID: n.ID}
	def := n.Table.Def
	where := exec.OnSlices
	distKey := -1
	switch def.Dist.Style {
	case storage.All, storage.AutoAll:
		where = exec.OnOneSlice // one copy is read, by slice 0
	case storage.Key, storage.AutoKey:
		if !n.Spread {
			distKey = def.Dist.Column
		}
	}
	var rest []expr.Expr
	for _, e := range n.Filter {
		p, ok, err := predicate(n.Output, n.Attrs, e)
		if err != nil {
			return nil, err
		}
		if !ok {
			rest = append(rest, e)
			continue
		}
		if p.Op == storage.Eq && p.Column == distKey && s.KeyPred < 0 {
			s.KeyPred = len(s.Predicates)
		}
		s.Predicates = append(s.Predicates, p)
	}
	wanted := need
	if len(rest) > 0 {
		need = need.Clone()
		for _, e := range rest {
			need.AddExpr(e)
		}
	}
	var cols []plan.Column
	var rowID *plan.Column
	for i, a := range n.Attrs {
		switch {
		case !need.Has(n.Output[i].ID):
		case a < 0:
			rowID = &n.Output[i]
		default:
			cols, s.Columns = append(cols, n.Output[i]), append(s.Columns, a)
		}
	}
	if rowID != nil { // storage adds it as the last column
		s.RowIDs = true
		cols = append(cols, *rowID)
	}
	f := source(where, s, cols)
	rest, calling := parted(rest)
	if len(rest) > 0 {
		var err error
		if s.Filter, err = f.program(expr.AndOf(rest...)); err != nil {
			return nil, err
		}
	}
	return f, c.filter(f, calling, wanted, n.ID)
}

var storageOps = [...]storage.Op{expr.Eq: storage.Eq, expr.Ne: storage.Ne, expr.Lt: storage.Lt, expr.Le: storage.Le, expr.Gt: storage.Gt, expr.Ge: storage.Ge}

// Prunes gives the table column that a scan's condition compares with fixed values, as zone maps can: blocks may be skipped by it.
func Prunes(n *plan.Scan, e expr.Expr) (column int, ok bool) {
	p, ok, err := predicate(n.Output, n.Attrs, e)
	return p.Column, ok && err == nil && p.Op != storage.Ne
}

// predicate turns a condition on one column of a scan, which gives the columns out of attrs, into a storage predicate, if it is one.
func predicate(out []plan.Column, attrs []int, e expr.Expr) (exec.Pred, bool, error) {
	switch e := e.(type) {
	case *expr.Compare:
		l, r, op := e.Left, e.Right, e.Op
		if fixed(l) {
			l, r, op = r, l, op.Flip()
		}
		l, days := dateOf(l, r.Type())
		attr, t, ok := tableColumn(out, attrs, l)
		if !ok || !fixed(r) || !days && !comparable(t, r.Type()) {
			return exec.Pred{}, false, nil
		}
		v, err := constant(r)
		return exec.Pred{Column: attr, Op: storageOps[op], Value: v, Days: days}, err == nil, err
	case *expr.IsNull:
		attr, _, ok := tableColumn(out, attrs, e.Arg)
		if !ok {
			return exec.Pred{}, false, nil
		}
		if e.Not {
			return exec.Pred{Column: attr, Op: storage.IsNotNull}, true, nil
		}
		return exec.Pred{Column: attr, Op: storage.IsNull}, true, nil
	case *expr.In:
		attr, t, ok := tableColumn(out, attrs, e.Arg)
		if !ok || e.Not {
			return exec.Pred{}, false, nil
		}
		p := exec.Pred{Column: attr, Op: storage.In}
		for _, x := range e.List {
			if !fixed(x) || !comparable(t, x.Type()) {
				return exec.Pred{}, false, nil
			}
			v, err := constant(x)
			if err != nil {
				return exec.Pred{}, false, err
			}
			p.Values = append(p.Values, v)
		}
		return p, true, nil
	}
	return exec.Pred{}, false, nil
}

// dateOf gives the date that an expression turns into a timestamp because it is compared with one: dates can be compared with it as they are stored.
func dateOf(e expr.Expr, with types.Type) (expr.Expr, bool) {
	c, ok := e.(*expr.Cast)
	if !ok || with.Kind != types.Timestamp || c.To.Kind != types.Timestamp || c.Arg.Type().Kind != types.Date {
		return e, false
	}
	return c.Arg, true
}

// tableColumn sees through casts that leave the data as it is.
func tableColumn(out []plan.Column, attrs []int, e expr.Expr) (attr int, t types.Type, ok bool) {
	col, is := expr.Bare(e).(*expr.Column)
	if !is {
		return 0, types.Type{}, false
	}
	for i := range out {
		if out[i].ID == col.ID && attrs[i] >= 0 {
			return attrs[i], out[i].Type, true
		}
	}
	return 0, types.Type{}, false
}

// comparable says that a value of type v can be compared with stored values of type t as they are.
func comparable(t, v types.Type) bool {
	switch {
	case t.Kind == types.Super: // blocks know nothing of their order
		return false
	case t.IsInteger():
		return v.IsInteger()
	case t.IsText():
		return v.IsText()
	case t.IsFloat():
		return v.IsFloat()
	case t.Kind == types.Numeric:
		return v.Kind == types.Numeric && v.Scale == t.Scale && v.Lane() == t.Lane()
	}
	return t.Kind == v.Kind
}

// fixed says that an expression has one value in the whole run, which can be computed before it.
func fixed(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Const, *expr.Param:
		return true
	case *expr.Column:
		return false
	}
	ok := true
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Column, *expr.Subquery:
			ok = false
		case *expr.Call:
			ok = ok && e.Fn.Volatility != function.Volatile
		}
		return ok
	})
	return ok
}

func constant(e expr.Expr) (*expr.Program, error) {
	return expr.Compile(e, func(expr.ColumnID) int { return -1 })
}

// away is where rows come from that no table holds.
func away(p *plan.Place) exec.Where {
	if p.Kind == plan.OnLeader {
		return exec.OnLeader
	}
	return exec.OnOneSlice
}

// virtual compiles the scan of a system table.
func (c *compiler) virtual(n *plan.VirtualScan) (*flow, error) {
	f := source(away(&n.Place), &exec.VirtualSource{Rows: n.Table.Rows, Columns: n.Attrs, Name: n.Table.Name}, n.Output)
	return f, f.filter(n.Filter)
}

// values compiles constant rows.
func (c *compiler) values(n *plan.Values) (*flow, error) {
	s := &exec.ValuesSource{Rows: make([][]*expr.Program, len(n.Rows))}
	cells := 0
	for _, r := range n.Rows {
		cells += len(r)
	}
	all := make([]*expr.Program, 0, cells)
	for i, r := range n.Rows {
		from := len(all)
		for _, e := range r {
			p, err := constant(e)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
		s.Rows[i] = all[from:len(all):len(all)]
	}
	return source(away(&n.Place), s, n.Output), nil
}

// Loader is what a plan.Load's Source must be: it opens the reader of one slice's files.
type Loader interface {
	OpenSlice(slice, slices int) (exec.RowReader, error)
}

// Unloader is what a plan.Unload's Target must be: it opens the writer of one slice's files.
type Unloader interface {
	OpenSlice(slice int) (exec.RowWriter, error)
}

// unload compiles the writing of files.
func (c *compiler) unload(n *plan.Unload) (*flow, error) {
	t, ok := n.Target.(Unloader)
	if !ok {
		return nil, sqlstate.FeatureNotSupported.Errorf("UNLOAD to this target is not supported")
	}
	f, err := c.node(n.Input, plan.SetOfColumns(n.Output))
	if err != nil {
		return nil, err
	}
	f.exactly(n.Output)
	if n.Serial {
		c.toLeader(f, n.ID)
	} else {
		c.together(f, n.ID)
	}
	f.step(&exec.UnloadStep{Open: t.OpenSlice, NodeID: n.ID})
	return f, nil
}

// load compiles the reading of files.
func (c *compiler) load(n *plan.Load) (*flow, error) {
	l, ok := n.Source.(Loader)
	if !ok {
		return nil, sqlstate.FeatureNotSupported.Errorf("COPY from this source is not supported")
	}
	return source(exec.OnSlices, &exec.LoadSource{Open: l.OpenSlice, Name: n.Table.Name}, n.Output), nil
}
