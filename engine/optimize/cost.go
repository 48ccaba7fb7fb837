package optimize

import (
	"math"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// The cost model is PostgreSQL 8.0's without pages and with a price on the network; the constants are fitted to the plans that the guide prints.
// Costs are carried unrounded.
const (
	tupleCost     = 0.01   // a row through a node
	operatorCost  = 0.0025 // an operator or function call
	sortPenalty   = 1e12   // of every Sort
	broadcastCost = 10000  // a byte sent to all nodes
	windowCost    = 0.0075 // a row through a Window
)

// rowBytes is what a row of a width weighs on the network: aligned to four bytes, with a header of eight.
func rowBytes(width int) float64 { return float64(4*((width+3)/4) + 8) }

// ops counts the operators of conditions.
func ops(es []expr.Expr) float64 {
	n := 0
	for _, e := range es {
		n += expr.Ops(e)
	}
	return float64(n)
}

// parallel is the factor k of the cluster.
func (o *optimizer) parallel() float64 {
	switch {
	case o.env.Parallel > 0:
		return o.env.Parallel
	case o.env.Topology.Nodes > 0:
		return float64(o.env.Topology.Nodes)
	}
	return 1
}

// network is the price of moving the sides of a join as a label says.
func (o *optimizer) network(d plan.Distribution, outer, inner *plan.Info) float64 {
	in, out := inner.Rows*rowBytes(inner.Width), outer.Rows*rowBytes(outer.Width)
	switch d {
	case plan.BcastInner, plan.DistAllInner:
		return broadcastCost * in
	case plan.DistInner:
		return broadcastCost / o.parallel() * in
	case plan.DistOuter:
		return broadcastCost / o.parallel() * out
	case plan.DistBoth:
		return broadcastCost / o.parallel() * (in + out)
	}
	return 0
}

// sortInfo is the cost of sorting what in gives.
func sortInfo(in *plan.Info) plan.Info {
	n := max(in.Rows, 2)
	i := *in
	i.Startup = sortPenalty + in.Total + 2*operatorCost*n*math.Log2(n)
	i.Total = i.Startup + operatorCost*in.Rows
	return i
}

// limitInfo is the cost of the first rows of in.
func limitInfo(in *plan.Info, count, offset int64) plan.Info {
	i := *in
	perRow := (in.Total - in.Startup) / max(in.Rows, 1)
	skip := min(float64(offset), in.Rows)
	i.Startup = in.Startup + perRow*skip
	left := max(in.Rows-skip, 1)
	if count >= 0 {
		left = max(min(float64(count), left), 1)
	}
	i.Rows = left
	i.Total = min(i.Startup+perRow*left, in.Total)
	if i.Total < i.Startup {
		i.Total = i.Startup
	}
	return i
}
