package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// calls has the calls of Lambda functions in expressions that are computed for every row sent in batches, ahead of what reads their results as columns.
//
//	Project [f(g(a)) + 1]      scan t | call g -> exchange 0      scan network | call f -> exchange 1      scan network | project #9 + 1
//
// need are the columns that must pass. Calls that not every row needs (in an arm of CASE) stay, and are sent for those rows of each batch that need them.
func (c *compiler) calls(f *flow, exprs []expr.Expr, need plan.Set, node int) ([]expr.Expr, error) {
	copied := false
	for {
		var call *expr.Call
		for _, e := range exprs {
			if call = expr.NextCall(e); call != nil {
				break
			}
		}
		if call == nil || len(f.open) > 1 {
			return exprs, nil
		}
		if !copied {
			exprs, copied = append([]expr.Expr(nil), exprs...), true
		}
		col := plan.Column{ID: c.newID(), Name: call.Fn.Name, Type: call.Fn.Returns}
		for i, e := range exprs {
			exprs[i] = expr.Replace(e, func(x expr.Expr) expr.Expr {
				if expr.Equal(x, call) {
					return &expr.Column{ID: col.ID, Typ: col.Type, Name: col.Name}
				}
				return nil
			})
		}
		if err := c.call(f, call, col, exprs, need, node); err != nil {
			return nil, err
		}
	}
}

// call ends the open segment with a call, and opens the one that reads the results, in the same place.
func (c *compiler) call(f *flow, call *expr.Call, result plan.Column, exprs []expr.Expr, need plan.Set, node int) error {
	args, err := f.programs(call.Args)
	if err != nil {
		return err
	}
	read := need.Clone()
	for _, e := range exprs {
		read.AddExpr(e)
	}
	s := &exec.CallStep{Exchange: len(c.p.Exchanges), Fn: call.Fn.External, Args: args, NodeID: node}
	var cols []plan.Column
	for i := range f.cols {
		if read.Has(f.cols[i].ID) {
			s.Keep, cols = append(s.Keep, i), append(cols, f.cols[i])
		}
	}
	where := f.where()
	f.cols = append(cols, result)
	ts := typesOf(f.cols)
	c.p.Exchanges = append(c.p.Exchanges, exec.Exchange{Types: ts, ToLeader: where == exec.OnLeader, Calls: true})
	f.step(s)
	f.done = append(f.done, f.open...)
	f.open = []*exec.Segment{{Where: where, Source: &exec.InboxSource{Exchange: s.Exchange}, Types: ts}}
	return nil
}

// newID numbers a column that no plan has.
func (c *compiler) newID() expr.ColumnID {
	if c.ids == 0 {
		plan.Walk(c.whole, func(n plan.Node) bool {
			for _, col := range n.Columns() {
				c.ids = max(c.ids, col.ID)
			}
			return true
		})
	}
	c.ids++
	return c.ids
}

// filter adds conditions: those that call Lambda functions see the rows that the others leave.
func (c *compiler) filter(f *flow, conds []expr.Expr, need plan.Set, node int) error {
	plain, calling := parted(conds)
	if err := f.filter(plain); err != nil || len(calling) == 0 {
		return err
	}
	calling, err := c.calls(f, calling, need, node)
	if err != nil {
		return err
	}
	return f.filter(calling)
}

// parted tells conditions that call a Lambda function for every row from others.
func parted(conds []expr.Expr) (plain, calling []expr.Expr) {
	for i, e := range conds {
		if expr.NextCall(e) == nil {
			continue
		}
		plain = append(plain, conds[:i]...)
		for _, e := range conds[i:] {
			if expr.NextCall(e) == nil {
				plain = append(plain, e)
			} else {
				calling = append(calling, e)
			}
		}
		return plain, calling
	}
	return conds, nil
}
