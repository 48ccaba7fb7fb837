package plan

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// Run is what a run of a plan did.
type Run struct {
	Planning, Execution time.Duration
	Nodes               map[int][]NodeRun   // by the ID of a Line; a node that is not there did nothing of its own
	Literal             func(string) string // puts the values of $1, $2 .. into a condition; nil = they stay
}

// NodeRun is what a node did in one place.
type NodeRun struct {
	Slice                     int  // meaningless when Leader
	Leader                    bool // on the leader
	Start, End                time.Duration
	Rows                      int64
	Removed                   int64 // of a scan: rows that its filter did not let pass
	BlocksRead, BlocksSkipped int64 // of a scan
}

// JSON gives an optimized plan in the shape of PostgreSQL's EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON), which plan viewers read; run nil = without ANALYZE.
//
//	[{"Plan": {"Node Type": "Hash Join", "Join Type": "Inner", "Distribution": "DS_BCAST_INNER", "Total Cost": .., "Actual Rows": .., "Actual Loops": 4,
//	           "Workers": [{"Worker Number": 0, "Actual Rows": ..}, ..],                                       one a slice
//	           "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "Outer", ..}, ..]},
//	  "Planning Time": .., "Execution Time": ..}]
//
// A node that PostgreSQL has bears its name there, and its operator as EXPLAIN prints it in "Redshift Operator". As in PostgreSQL the rows and times of a
// node are means over its loops, which are the slices that it ran on. Times are milliseconds since the query began: the steps of a segment run together
// and have the segment's. A change has one element for each of its plans (MERGE).
//
// https://www.postgresql.org/docs/current/using-explain.html
func JSON(n Node, run *Run) ([]byte, error) {
	p := explain(n)
	j := jsonPlan{explainer: p, run: run}
	var out []any
	for i := range p.lines {
		if p.lines[i].Parent != 0 {
			continue
		}
		root := object{{"Plan", j.node(i, "")}}
		if run != nil {
			root = append(root, member{"Planning Time", millis(run.Planning)}, member{"Execution Time", millis(run.Execution)})
		}
		out = append(out, root)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// jsonPlan is the state of making one plan's JSON.
type jsonPlan struct {
	explainer
	run *Run
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members one after the other.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for k, v := range []any{m.name, m.value} {
			if k == 1 {
				b.WriteByte(':')
			}
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return nil, err
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// millis is a time as PostgreSQL writes it.
func millis(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

// cents is a cost as PostgreSQL writes it.
func cents(x float64) float64 { return math.Round(x*100) / 100 }

// node makes the object of line at.
func (j *jsonPlan) node(at int, relation string) object {
	l := &j.lines[at]
	kind, own := jsonKind(l, &j.explainer)
	o := object{{"Node Type", kind}}
	if relation != "" {
		o = append(o, member{"Parent Relationship", relation})
	}
	o = append(o, member{"Parallel Aware", l.Info.Place.Kind != OnLeader}, member{"Async Capable", false}, member{"Redshift Operator", l.Operator})
	o = append(o, own...)
	o = append(o, member{"Startup Cost", cents(l.Info.Startup)}, member{"Total Cost", cents(l.Info.Total)}, member{"Plan Rows", l.Info.Rows},
		member{"Plan Width", l.Info.Width})
	runs := j.runs(at)
	if j.run != nil {
		o = append(o, actual(runs)...)
	}
	if out := j.output(l); len(out) > 0 {
		o = append(o, member{"Output", out})
	}
	for i := range l.Details {
		switch d := &l.Details[i]; d.Name {
		case "": // a Network says where to
			o = append(o, member{"Network Type", d.String()})
			if j.run != nil {
				o = append(o, member{"Workers Planned", len(runs)}, member{"Workers Launched", len(runs)})
			}
		case "Sort Key", "Merge Key", "Partition", "Order", "Inner Dist Key", "Outer Dist Key":
			o = append(o, member{d.Name, d.Values})
		default:
			cond := strings.Join(d.Values, ", ")
			if j.run != nil && j.run.Literal != nil {
				cond = j.run.Literal(cond)
			}
			o = append(o, member{d.Name, cond})
		}
	}
	o = append(o, scanned(l, runs)...)
	o = append(o, workers(runs)...)
	kids := j.children(at)
	plans := make([]object, len(kids))
	for i, k := range kids {
		plans[i] = j.node(k, parentRelationship(kind, i))
	}
	if len(plans) > 0 {
		o = append(o, member{"Plans", plans})
	}
	return o
}

// children are the lines right below a line.
func (j *jsonPlan) children(at int) (kids []int) {
	for k := at + 1; k < len(j.lines); k++ {
		if j.lines[k].Parent == j.lines[at].ID {
			kids = append(kids, k)
		}
	}
	return kids
}

// parentRelationship is what a node is to the one above it, in PostgreSQL's words.
func parentRelationship(above string, i int) string {
	switch {
	case above == "Append":
		return "Member"
	case above == "Subquery Scan":
		return "Subquery"
	case i == 1:
		return "Inner"
	}
	return "Outer"
}

// jsonKind gives the node type and the members that only this kind of node has.
func jsonKind(l *Line, p *explainer) (kind string, own object) {
	op := strings.TrimPrefix(strings.TrimPrefix(l.Operator, "XN "), "LD ")
	switch n := l.Node.(type) {
	case *Scan:
		return "Seq Scan", relationOf(n.Table.Schema, n.Table.Name, n.Alias)
	case *VirtualScan:
		return "Seq Scan", relationOf(n.Table.Schema, n.Table.Name, n.Alias)
	case *ExternalScan:
		if strings.HasPrefix(op, "Seq Scan PartitionInfo") {
			op = "Seq Scan"
		}
		for _, kind := range []string{"S3 Seq Scan", "S3 Query Scan"} {
			if strings.HasPrefix(op, kind) {
				op = kind
			}
		}
		return op, relationOf(n.Schema, n.Table.Name, n.Alias)
	case *Load:
		return "Load", relationOf(n.Table.Schema, n.Table.Name, "")
	case *Subquery:
		return "Subquery Scan", object{{"Alias", n.Alias}}
	case *Values:
		if len(n.Rows) == 1 {
			return "Result", nil
		}
		return "Values Scan", object{{"Alias", "*VALUES*"}}
	case *WorkScan:
		return "WorkTable Scan", object{{"CTE Name", n.Table.Name}}
	case *With:
		return "With", object{{"CTE Name", n.Table.Name}}
	case *Recursive:
		return "Recursive Union", nil
	case *Distinct:
		return "Unique", nil
	case *Window:
		return "WindowAgg", nil
	case *Aggregate:
		own = object{{"Strategy", map[string]string{"Aggregate": "Plain", "GroupAggregate": "Sorted", "HashAggregate": "Hashed"}[op]}, {"Partial Mode", "Simple"}}
		if len(n.Groups) > 0 {
			own = append(own, member{"Group Key", p.ids(n.Groups, n.Input)})
		}
		return "Aggregate", own
	case *SetOp:
		switch {
		case op == "Sort", op == "Append", op == "Hash":
			return op, nil
		case n.Except:
			return "SetOp", object{{"Strategy", "Sorted"}, {"Command", "Except"}}
		}
		return "SetOp", object{{"Strategy", "Hashed"}, {"Command", "Intersect"}}
	case *Join:
		if op == "Hash" {
			return "Hash", nil
		}
		kind = [...]string{"", "Hash Join", "Merge Join", "Nested Loop"}[n.Method]
		own = object{{"Join Type", [...]string{"Inner", "Left", "Right", "Full", "Semi", "Anti", "Anti", "Left"}[n.Kind]}}
		if n.Distribution != DistUnset {
			own = append(own, member{"Distribution", n.Distribution.String()})
		}
		return kind, own
	}
	return op, nil
}

// relationOf names a table.
func relationOf(schema, table, alias string) object {
	if alias == "" {
		alias = table
	}
	return object{{"Relation Name", table}, {"Schema", schema}, {"Alias", alias}}
}

// output names what a line gives.
func (j *jsonPlan) output(l *Line) []string {
	n := l.Node
	if k, ok := n.(*Join); ok && strings.HasSuffix(l.Operator, "XN Hash") {
		n = k.Inner
	}
	cols := n.Columns()
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = j.text(c.ID, n, j.tables > 1, c.Name)
	}
	return out
}

// runs is what a line did: its own doings, else what those below it gave, for a line that only passes rows on.
func (j *jsonPlan) runs(at int) []NodeRun {
	if j.run == nil {
		return nil
	}
	if r, ok := j.run.Nodes[j.lines[at].ID]; ok {
		return r
	}
	var sum []NodeRun
	for _, k := range j.children(at) {
	next:
		for _, r := range j.runs(k) {
			r.Removed, r.BlocksRead, r.BlocksSkipped = 0, 0, 0
			for i := range sum {
				if s := &sum[i]; s.Slice == r.Slice && s.Leader == r.Leader {
					s.Rows, s.Start, s.End = s.Rows+r.Rows, min(s.Start, r.Start), max(s.End, r.End)
					continue next
				}
			}
			sum = append(sum, r)
		}
	}
	if _, ok := j.lines[at].Node.(*Network); !ok && j.lines[at].Info.Place.Kind == OnLeader && len(sum) > 0 { // the leader takes what all have
		one := NodeRun{Leader: true, Start: sum[0].Start}
		for _, r := range sum {
			one.Rows, one.Start, one.End = one.Rows+r.Rows, min(one.Start, r.Start), max(one.End, r.End)
		}
		return []NodeRun{one}
	}
	return sum
}

// actual are the means over the places.
func actual(runs []NodeRun) object {
	n := float64(max(len(runs), 1))
	var rows float64
	var start, end time.Duration
	for i := range runs {
		rows += float64(runs[i].Rows)
		end += runs[i].End
		start += runs[i].Start
	}
	return object{
		{"Actual Startup Time", millis(start / time.Duration(n))},
		{"Actual Total Time", millis(end / time.Duration(n))},
		{"Actual Rows", rows / n},
		{"Actual Loops", len(runs)},
	}
}

// scanned are the counts of a scan.
func scanned(l *Line, runs []NodeRun) object {
	switch l.Node.(type) {
	case *Scan, *VirtualScan:
	default:
		return nil
	}
	if len(runs) == 0 {
		return nil
	}
	var removed, read, skipped int64
	for i := range runs {
		removed, read, skipped = removed+runs[i].Removed, read+runs[i].BlocksRead, skipped+runs[i].BlocksSkipped
	}
	var o object
	for i := range l.Details {
		if l.Details[i].Name == "Filter" {
			o = object{{"Rows Removed by Filter", float64(removed) / float64(len(runs))}}
		}
	}
	return append(o, member{"Blocks Read", read}, member{"Blocks Skipped", skipped})
}

// workers are the slices.
func workers(runs []NodeRun) object {
	var list []object
	for i := range runs {
		r := &runs[i]
		if r.Leader {
			continue
		}
		list = append(list, object{
			{"Worker Number", r.Slice},
			{"Actual Startup Time", millis(r.Start)},
			{"Actual Total Time", millis(r.End)},
			{"Actual Rows", r.Rows},
			{"Actual Loops", 1},
		})
	}
	if len(list) == 0 {
		return nil
	}
	return object{{"Workers", list}}
}
