package system

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// PlanJSON gives the record's plan with what it did on each slice, in the shape of PostgreSQL's EXPLAIN (ANALYZE, FORMAT JSON); ok is false for a
// statement that has no plan or did not run one.
func (r *Record) PlanJSON() (out []byte, ok bool, err error) {
	if r.Plan == nil || r.Report == nil {
		return nil, false, nil
	}
	out, err = plan.JSON(r.Root(), r.profile())
	return out, err == nil, err
}

// profile gives each node of the plan what the last of its steps did on each slice. Projections and filters behind a step are the node's.
//
//	node 2   aggr partial | dist     then    aggr final | project      node 2's rows are the project's
func (r *Record) profile() *plan.Run {
	run := &plan.Run{Planning: r.Planned.Sub(r.Start), Execution: r.Report.End.Sub(r.Report.Start), Nodes: map[int][]plan.NodeRun{}, Literal: r.literal}
	hs, networks := hashes(r.Root()), map[int]bool{}
	plan.Walk(r.Root(), func(n plan.Node) bool {
		if net, ok := n.(*plan.Network); ok {
			networks[net.ID] = true
		}
		return true
	})
	last, segment := 0, -1
	r.eachStep(func(steps []exec.StepReport) {
		s := &steps[0]
		if s.Segment != segment {
			last, segment = 0, s.Segment
		}
		id := s.NodeID
		switch s.Label {
		case "project":
			if id == 0 {
				id = last
			}
		case "dist", "bcast", "return":
			if !networks[id] {
				return
			}
		case "hash":
			if h, ok := hs[id]; ok {
				id = h
			}
		}
		if last = id; id == 0 {
			return
		}
		before := run.Nodes[id]
		runs := make([]plan.NodeRun, len(steps))
		for i := range steps {
			s := &steps[i]
			runs[i] = plan.NodeRun{Slice: s.Slice, Leader: s.Slice == exec.LeaderSlice, Start: s.Start.Sub(r.Report.Start), End: s.End.Sub(r.Report.Start), Rows: s.Rows}
			switch {
			case s.Label == "scan" && s.Table != 0:
				runs[i].Removed, runs[i].BlocksRead, runs[i].BlocksSkipped = s.Scan.RowsPreUser-s.Rows, s.Scan.BlocksRead, s.Scan.BlocksSkipped
			case i < len(before) && before[i].Slice == s.Slice: // a filter behind a scan
				runs[i].Removed, runs[i].BlocksRead, runs[i].BlocksSkipped = before[i].Removed+before[i].Rows-s.Rows, before[i].BlocksRead, before[i].BlocksSkipped
			}
		}
		run.Nodes[id] = runs
	})
	return run
}
