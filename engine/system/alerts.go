package system

import (
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// alertTables show what is worth a second look.
var alertTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ALERT_EVENT_LOG.html
	{
		"stl_alert_event_log", 0, "userid integer, query integer, slice integer, segment integer, step integer, pid integer, xid bigint, " +
			"event character(1024), solution character(1024), event_time timestamp",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				for _, a := range x.alerts() {
					r.int(int64(x.UserID), x.Query, int64(a.slice), int64(a.segment), int64(a.step), int64(x.PID), x.XID)
					r.text(a.event, a.solution)
					r.time(x.Start)
					r.send()
				}
				return !r.over
			})
		},
	},
}

// alert is a row of stl_alert_event_log.
type alert struct {
	slice, segment, step int
	event, solution      string
}

// Limits above which the log speaks. The guide gives the first two; of deleted rows it says "a relatively large number": here, as many as the scan kept.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ALERT_EVENT_LOG.html
const (
	selectiveRatio = 0.05      // rows returned to rows scanned
	manyRows       = 1_000_000 // moved over the network
	ghostRatio     = 0.5       // deleted rows to rows scanned
)

// alerts are the events of a query. Those of the plan stand once, at the step that its node became; those of scans once a slice.
// https://docs.aws.amazon.com/redshift/latest/dg/c-reviewing-query-alerts.html
func (r *Record) alerts() []alert {
	var out []alert
	if r.Plan != nil {
		out = r.planAlerts(out)
	}
	var aggregates map[int]bool // nodes for which rows are distributed to be grouped
	r.eachStep(func(slices []exec.StepReport) {
		s := &slices[0]
		switch s.Label {
		case "scan":
			if s.Table != 0 {
				out = scanAlerts(out, slices)
			}
		case "dist", "bcast":
			rows := int64(0)
			for i := range slices {
				rows += slices[i].Rows
			}
			if s.Label == "bcast" && r.Program != nil { // it was counted for each slice that got it
				rows /= int64(max(1, r.Program.Slices))
			}
			if _, placed := (step{r, s}).spec().(*exec.PlaceStep); placed || rows <= manyRows {
				return
			}
			a := alert{segment: s.Segment, step: s.Step, solution: "Review the choice of distribution key to collocate the join or aggregation"}
			if aggregates == nil {
				aggregates = r.aggregates()
			}
			purpose := "join"
			if aggregates[s.NodeID] {
				purpose = "aggregation"
			}
			a.event = fmt.Sprintf("Distributed a large number of rows across the network:%d rows were distributed in order to process the %s", rows, purpose)
			if s.Label == "bcast" {
				a.event = fmt.Sprintf("Broadcasted a large number of rows across the network:%d rows were broadcasted in order to process the join", rows)
				a.solution = "Review the choice of distribution key to collocate the join and consider using distributed tables"
			}
			out = append(out, a)
		}
	})
	return out
}

// aggregates are the numbers of the plan's nodes that group rows.
func (r *Record) aggregates() map[int]bool {
	out := map[int]bool{}
	plan.Walk(r.Root(), func(n plan.Node) bool {
		switch n.(type) {
		case *plan.Aggregate, *plan.Distinct:
			out[n.Props().ID] = true
		}
		return true
	})
	return out
}

// planAlerts adds what the plan alone tells: missing statistics, nested loops, an inner side that goes to one slice.
func (r *Record) planAlerts(out []alert) []alert {
	missing := false
	plan.Walk(r.Root(), func(n plan.Node) bool {
		a := alert{}
		switch n := n.(type) {
		case *plan.Scan:
			if !n.NoStats || missing {
				return true
			}
			missing = true
			a.event, a.solution = "Missing query planner statistics", "Run the ANALYZE command"
		case *plan.Join:
			switch {
			case n.Method == plan.NestedLoop && n.Kind != plan.SingleRow:
				a.event, a.solution = "Nested Loop Join in the query plan", "Review the join predicates to avoid Cartesian products"
			case n.Distribution == plan.DistAllInner:
				a.event = "DS_DIST_ALL_INNER for Hash Join in the query plan"
				a.solution = "Review the choice of distribution strategy to distribute the inner, rather than outer, table"
			}
		}
		if a.event != "" {
			a.segment, a.step = r.stepOf(n)
			out = append(out, a)
		}
		return true
	})
	return out
}

// stepOf finds the step that a plan node became; 0, 0 when none did.
func (r *Record) stepOf(n plan.Node) (segment, at int) {
	if r.Report == nil {
		return 0, 0
	}
	_, join := n.(*plan.Join)
	for _, s := range r.steps() {
		if s.NodeID == n.Props().ID && (!join || s.Label == "hjoin" || s.Label == "mjoin" || s.Label == "nloop") {
			return s.Segment, s.Step
		}
	}
	return 0, 0
}

// scanAlerts adds the events of a scan of a table, by slice.
func scanAlerts(out []alert, slices []exec.StepReport) []alert {
	for i := range slices {
		s := &slices[i]
		a := alert{slice: s.Slice, segment: s.Segment, step: s.Step}
		if pre := s.Scan.RowsPreUser; pre > 0 && float64(s.Rows) < selectiveRatio*float64(pre) {
			a.event = fmt.Sprintf("Very selective query filter:ratio=rows(%d)/rows_pre_user_filter(%d)=%.6f", s.Rows, pre, float64(s.Rows)/float64(pre))
			a.solution = "Review the choice of sort key to enable range restricted scans, or run the VACUUM command to ensure the table is sorted"
			out = append(out, a)
		}
		if ghosts := s.Scan.Rows - s.Scan.RowsPreUser; ghosts > 0 && float64(ghosts) >= ghostRatio*float64(s.Scan.Rows) {
			a.event = fmt.Sprintf("Scanned a large number of deleted rows:rows_pre_filter(%d)-rows_pre_user_filter(%d)=%d rows were deleted", s.Scan.Rows, s.Scan.RowsPreUser, ghosts)
			a.solution = "Run the VACUUM command to reclaim deleted space"
			out = append(out, a)
		}
	}
	return out
}

// alertOf is the event at a step, "" when there is none.
func alertOf(list []alert, segment, at int) string {
	for i := range list {
		if list[i].segment == segment && list[i].step == at {
			return list[i].event
		}
	}
	return ""
}
