package explorer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// queryRequest asks for a query of the log by its number in stl_query.
type queryRequest struct {
	Query int64 `json:"query"`
}

// queryView is what a query was planned to do and did.
type queryView struct {
	Query   int64      `json:"query"`
	Text    string     `json:"text"`
	Micros  int64      `json:"micros"`
	Aborted bool       `json:"aborted"`
	Plan    []planNode `json:"plan"`  // in EXPLAIN's order
	Steps   []step     `json:"steps"` // by segment and step
	Moves   []move     `json:"moves"`
	Scans   []scan     `json:"scans"`
	Alerts  []alert    `json:"alerts"`
}

// planNode is a node of STL_EXPLAIN.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_EXPLAIN.html
type planNode struct {
	ID     int64    `json:"id"`
	Parent int64    `json:"parent"` // 0 = none
	Line   string   `json:"line"`   // as EXPLAIN prints it
	Info   string   `json:"info"`
	Cost   float64  `json:"cost"` // the total of the node and those below
	Rows   float64  `json:"rows"` // as estimated
	Steps  []string `json:"steps"`
}

// step is a step of a segment with what each slice did.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_REPORT.html
type step struct {
	Stream  int64       `json:"stream"`
	Segment int64       `json:"segment"`
	Step    int64       `json:"step"`
	Label   string      `json:"label"`
	Node    int64       `json:"node"` // of the plan; 0 = none
	Slices  []stepSlice `json:"slices"`
}

// stepSlice is a step on a slice. Times are microseconds of this machine since the query began.
type stepSlice struct {
	Slice  int64 `json:"slice"` // 6411 = the leader
	Rows   int64 `json:"rows"`
	Bytes  int64 `json:"bytes"`
	Looked int64 `json:"looked"` // rows of a scan before its conditions
	Memory int64 `json:"memory"`
	Start  int64 `json:"start"`
	End    int64 `json:"end"`
}

// move is what went from one slice to another.
type move struct {
	Segment int64  `json:"segment"`
	Label   string `json:"label"` // dist, bcast, return
	From    int64  `json:"from"`
	To      int64  `json:"to"` // 6411 = the leader
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
}

// scan is what a slice read of a table.
type scan struct {
	Slice   int64  `json:"slice"`
	Table   string `json:"table"`
	Read    int64  `json:"read"` // blocks
	Skipped int64  `json:"skipped"`
	Looked  int64  `json:"looked"` // rows
	Rows    int64  `json:"rows"`
}

// alert is a row of STL_ALERT_EVENT_LOG.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ALERT_EVENT_LOG.html
type alert struct {
	Event    string `json:"event"`
	Solution string `json:"solution"`
}

// query reads a query of the log.
func (t *tab) query(ctx context.Context, q *queryRequest) (*queryView, error) {
	v := &queryView{Query: q.Query, Plan: []planNode{}, Steps: []step{}, Moves: []move{}, Scans: []scan{}, Alerts: []alert{}}
	var start time.Time
	found := false
	ask := func(err error, sql string, f func(cells)) error {
		if err != nil {
			return err
		}
		return t.each(ctx, fmt.Sprintf(sql, q.Query), f)
	}
	err := ask(nil, "SELECT trim(querytxt), starttime, endtime, aborted FROM stl_query WHERE query = %d", func(c cells) {
		start, found = c.time(1), true
		v.Text, v.Micros, v.Aborted = c.text(0), c.time(2).Sub(start).Microseconds(), c.int(3) != 0
	})
	if err == nil && !found {
		return nil, refusal{http.StatusNotFound, errors.New("the log has no query " + strconv.FormatInt(q.Query, 10))}
	}
	err = ask(err, "SELECT nodeid, parentid, plannode, info FROM stl_explain WHERE query = %d ORDER BY nodeid", func(c cells) {
		n := planNode{ID: c.int(0), Parent: c.int(1), Line: c.text(2), Info: c.text(3), Steps: []string{}}
		n.Cost, n.Rows = figures(n.Line)
		v.Plan = append(v.Plan, n)
	})
	streams := map[int64]int64{}
	err = ask(err, "SELECT segment, stream FROM stl_stream_segs WHERE query = %d", func(c cells) { streams[c.int(0)] = c.int(1) })
	nodes := map[[2]int64]int64{}
	err = ask(err, "SELECT nodeid, segment, step FROM stl_plan_info WHERE query = %d", func(c cells) {
		nodes[[2]int64{c.int(1), c.int(2)}] = c.int(0)
		for i := range v.Plan {
			if n := &v.Plan[i]; n.ID == c.int(0) {
				n.Steps = append(n.Steps, c.text(1)+"."+c.text(2))
			}
		}
	})
	err = ask(err, "SELECT segment, step, label, slice, rows, bytes, rows_pre_filter, workmem, start_time, end_time FROM svl_query_report WHERE query = %d ORDER BY segment, step, slice", func(c cells) {
		at := [2]int64{c.int(0), c.int(1)}
		if n := len(v.Steps); n == 0 || v.Steps[n-1].Segment != at[0] || v.Steps[n-1].Step != at[1] {
			v.Steps = append(v.Steps, step{Stream: streams[at[0]], Segment: at[0], Step: at[1], Label: strings.Join(strings.Fields(c.text(2)), " "), Node: nodes[at]})
		}
		s := &v.Steps[len(v.Steps)-1]
		s.Slices = append(s.Slices, stepSlice{c.int(3), c.int(4), c.int(5), c.int(6), c.int(7), c.time(8).Sub(start).Microseconds(), c.time(9).Sub(start).Microseconds()})
	})
	err = ask(err, "SELECT segment, trim(label), from_slice, to_slice, rows, bytes FROM redshiftsim_moves WHERE query = %d ORDER BY 1, 3, 4", func(c cells) {
		v.Moves = append(v.Moves, move{c.int(0), c.text(1), c.int(2), c.int(3), c.int(4), c.int(5)})
	})
	err = ask(err, "SELECT slice, trim(name), blocks_read, blocks_skipped, rows_pre_filter, rows FROM redshiftsim_scan WHERE query = %d ORDER BY 2, 1", func(c cells) {
		v.Scans = append(v.Scans, scan{c.int(0), c.text(1), c.int(2), c.int(3), c.int(4), c.int(5)})
	})
	err = ask(err, "SELECT DISTINCT trim(event), trim(solution) FROM stl_alert_event_log WHERE query = %d ORDER BY 1", func(c cells) {
		v.Alerts = append(v.Alerts, alert{c.text(0), c.text(1)})
	})
	return v, err
}

// planFigures are the cost and the rows of a line of EXPLAIN.
var planFigures = regexp.MustCompile(`\(cost=[0-9.]+\.\.([0-9.]+) rows=([0-9]+)`)

// figures reads them; a line without any, as of a Network, has none.
func figures(line string) (cost, rows float64) {
	m := planFigures.FindStringSubmatch(line)
	if m == nil {
		return 0, 0
	}
	cost, _ = strconv.ParseFloat(m[1], 64) // the expression says that they are numbers
	rows, _ = strconv.ParseFloat(m[2], 64)
	return cost, rows
}
