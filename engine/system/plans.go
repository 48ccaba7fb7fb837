package system

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// planTables show the plans of the log's queries.
var planTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_EXPLAIN.html
	{
		"stl_explain", 0, "userid integer, query integer, nodeid integer, parentid integer, plannode character(400), info character(400)",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				for _, n := range x.explained() {
					r.int(int64(x.UserID), x.Query, int64(n.id), int64(n.parent))
					r.text(n.line, n.info)
					r.send()
				}
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_PLAN_INFO.html
	{
		"stl_plan_info", 0, "userid integer, query integer, nodeid integer, segment integer, step integer, locus integer, plannode integer, " +
			"startupcost double precision, totalcost double precision, rows bigint, bytes bigint", planInfo,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_STREAM_SEGS.html
	{
		"stl_stream_segs", 0, "userid integer, query integer, stream integer, segment integer",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				if x.Program == nil {
					return true
				}
				n := 0
				for i, s := range x.Program.Streams {
					for range s.Segments {
						r.int(int64(x.UserID), x.Query, int64(i), int64(n))
						r.send()
						n++
					}
				}
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_EXPLAIN.html
	{
		"sys_query_explain", 0, "userid integer, query_id bigint, child_query_sequence integer, plan_node_id integer, plan_parent_id integer, " +
			"plan_node character(400), plan_info character(400), query_uuid character(36)",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				for _, n := range x.explained() {
					r.int(int64(x.UserID), x.Number, 1, int64(n.id), int64(n.parent))
					r.text(n.line, n.info, e.uuid(x))
					r.send()
				}
				return !r.over
			})
		},
	},
}

// explainedNode is a node of a plan as EXPLAIN prints it.
type explainedNode struct {
	id, parent int
	line       string // with its indentation
	info       string // the lines below it
}

// explained gives the nodes of the record's plan as EXPLAIN prints them.
//
//	XN Hash Join DS_DIST_NONE  (cost=..)          1, parent 0
//	  Hash Cond: ("outer".a = "inner".b)            info of 1
//	  ->  XN Seq Scan on s  (cost=..)             2, parent 1
//	  ->  XN Hash  (cost=..)                      3, parent 1
//	        ->  XN Seq Scan on t  (cost=..)       4, parent 3
func (r *Record) explained() []explainedNode {
	if r.Plan == nil {
		return nil
	}
	lines := plan.Lines(r.Root())
	out := make([]explainedNode, len(lines))
	for i := range lines {
		l := &lines[i]
		infos := make([]string, len(l.Details))
		for k := range l.Details {
			infos[k] = r.literal(l.Details[k].String())
		}
		out[i] = explainedNode{id: l.ID, parent: l.Parent, line: l.String(), info: strings.Join(infos, " ")}
	}
	return out
}

// literal puts the literals of the text back into a condition that a shared plan prints with $1, $2 ...; what stands in quotes stays.
func (r *Record) literal(cond string) string {
	if len(r.Literals) == 0 || strings.IndexByte(cond, '$') < 0 {
		return cond
	}
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(cond); i++ {
		c := cond[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '$':
			n, end := 0, i+1
			for end < len(cond) && cond[end] >= '0' && cond[end] <= '9' && n <= len(r.Literals) {
				n = 10*n + int(cond[end]-'0')
				end++
			}
			if n > 0 && n <= len(r.Literals) {
				b.WriteString(expr.Text(&expr.Const{Value: r.Literals[n-1]}, nil))
				i = end - 1
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// nodeTag is the kind of a plan node as stl_plan_info numbers it: PostgreSQL 8.0's node tags, and Redshift's Merge and Network. Other kinds that Redshift
// added are not known: 0.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_PLAN_INFO.html
func nodeTag(n plan.Node) int64 {
	switch n := n.(type) {
	case *plan.Values:
		return 101
	case *plan.Append:
		return 102
	case *plan.Scan, *plan.VirtualScan:
		return 104
	case *plan.Subquery:
		return 107
	case *plan.Join:
		switch n.Method {
		case plan.MergeJoin:
			return 111
		case plan.HashJoin:
			return 112
		}
		return 110
	case *plan.Sort:
		return 114
	case *plan.Aggregate:
		return 116
	case *plan.Distinct:
		return 117
	case *plan.SetOp:
		return 118
	case *plan.Limit:
		return 119
	case *plan.Merge:
		return 122
	case *plan.Network:
		return 123
	}
	return 0
}

// hashTag is the tag of the Hash below a hash join.
const hashTag = 120

// planned is what stl_plan_info tells of a numbered node.
type planned struct {
	tag, parent    int64
	startup, total float64
	rows           float64
	width          int
}

// nodes gives the numbered nodes of a plan. A Filter or a computing Project shares the number of the node below it and has the figures of both.
func nodes(root plan.Node) map[int]planned {
	out := map[int]planned{}
	if root == nil {
		return out
	}
	figures := func(id int, parent int64, i *plan.Info) {
		if _, ok := out[id]; !ok {
			out[id] = planned{parent: parent, startup: i.Startup, total: i.Total, rows: i.Rows, width: i.Width}
		}
	}
	var walk func(n plan.Node, parent int64)
	walk = func(n plan.Node, parent int64) {
		i := n.Props()
		switch n := n.(type) {
		case *plan.Insert, *plan.Delete, *plan.Update, *plan.Changes, *plan.Unload:
			for _, c := range n.Children() {
				walk(c, parent)
			}
			return
		case *plan.Filter:
			figures(i.ID, parent, i)
			walk(n.Input, parent)
			return
		case *plan.Project:
			if computes(n) {
				figures(i.ID, parent, i)
			}
			walk(n.Input, parent)
			return
		}
		figures(i.ID, parent, i)
		x := out[i.ID]
		x.tag = nodeTag(n)
		out[i.ID] = x
		id := int64(i.ID)
		hashed := func(outer, inner plan.Node) {
			walk(outer, id)
			h := inner.Props()
			out[hashOf(inner)] = planned{tag: hashTag, parent: id, startup: h.Total, total: h.Total, rows: h.Rows, width: h.Width}
			walk(inner, int64(hashOf(inner)))
		}
		switch n := n.(type) {
		case *plan.Join:
			if n.Method == plan.HashJoin {
				hashed(n.Outer, n.Inner)
				return
			}
		case *plan.SetOp:
			if !n.Except {
				hashed(n.Left, n.Right)
				return
			}
			figures(n.Sorted.ID, id, &n.Sorted)
			figures(n.Appended.ID, int64(n.Sorted.ID), &n.Appended)
			id = int64(n.Appended.ID)
		}
		for _, c := range n.Children() {
			walk(c, id)
		}
	}
	walk(root, 0)
	return out
}

// hashOf is the number of the Hash above the inner side of a hash join: the one before it.
func hashOf(inner plan.Node) int { return inner.Props().ID - 1 }

// computes says that a Project does more than pass columns on.
func computes(p *plan.Project) bool {
	for i := range p.Exprs {
		if _, ok := p.Exprs[i].Expr.(*expr.Column); !ok {
			return true
		}
	}
	return false
}

// hashes gives the number of the Hash for that of its join.
func hashes(root plan.Node) map[int]int {
	out := map[int]int{}
	plan.Walk(root, func(n plan.Node) bool {
		if j, ok := n.(*plan.Join); ok && j.Method == plan.HashJoin {
			out[j.ID] = hashOf(j.Inner)
		}
		return true
	})
	return out
}

// planInfo is one row for each step that a plan node became.
func planInfo(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		if x.Plan == nil || x.Report == nil {
			return true
		}
		ns, hs := nodes(x.Root()), hashes(x.Root())
		x.eachStep(func(steps []exec.StepReport) {
			s := &steps[0]
			id := s.NodeID
			if h, ok := hs[id]; ok && s.Label == "hash" {
				id = h
			}
			n, ok := ns[id]
			if !ok {
				return
			}
			r.int(int64(x.UserID), x.Query, int64(id), int64(s.Segment), int64(s.Step))
			r.flagged(s.Slice == exec.LeaderSlice)
			if n.tag != 0 {
				r.int(n.tag)
			} else {
				r.null(1)
			}
			r.float(n.startup, n.total)
			r.int(int64(n.rows), int64(n.rows)*int64(n.width))
			r.send()
		})
		return !r.over
	})
}

// eachStep calls f for each step of a run with its reports by slice.
func (r *Record) eachStep(f func(slices []exec.StepReport)) {
	if r.Report == nil {
		return
	}
	all := r.steps()
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Segment == all[0].Segment && all[n].Step == all[0].Step {
			n++
		}
		f(all[:n:n])
		all = all[n:]
	}
}
