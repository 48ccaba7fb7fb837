package plan

import (
	"fmt"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// explain makes the lines of a plan.
func explain(n Node) explainer {
	p := explainer{}
	Walk(n, func(n Node) bool {
		switch n := n.(type) {
		case *Scan:
			p.compute = true
			p.tables++
			if n.NoStats {
				p.missing = append(p.missing, n.Table.Name)
			}
		case *VirtualScan:
			p.tables++
			p.compute = p.compute || !n.Table.Leader
		case *ExternalScan:
			p.tables++
			p.compute = true
		case *Load:
			p.compute = true
		case *Join:
			p.loops = p.loops || n.Method == NestedLoop && n.Kind != SingleRow
		case *Subquery:
			if !selectBranch(n.Alias) {
				p.tables++
			}
			if n.Secure != nil {
				p.compute = true
				return n.Secure.Shown
			}
		}
		return true
	})
	p.node(n, 0, nil, nil)
	return p
}

// Line is a node of a plan as EXPLAIN prints it: an operator with its figures, and what is said below it.
//
//	->  XN Hash Join DS_DIST_OUTER  (cost=2.52..58653620.93 rows=8712 width=43)
//	      Outer Dist Key: event.venueid
//	      Hash Cond: ("outer".venueid = "inner".venueid)
type Line struct {
	ID, Parent int // as Number gives them: in the order in which they are printed; the first has no parent, 0
	Depth      int
	Operator   string // "XN Hash Join DS_DIST_OUTER"
	Info       Info
	Details    []Detail
	Node       Node // what the line is of: the join of a Hash, the EXCEPT of its Sort and Append
}

// String is the line without its details.
func (l *Line) String() string {
	i := &l.Info
	return lead(l.Depth) + fmt.Sprintf("%s  (cost=%.2f..%.2f rows=%.0f width=%d)", l.Operator, i.Startup, i.Total, i.Rows, i.Width)
}

// Detail is a line below an operator: a name and values, or values alone.
type Detail struct {
	Name   string
	Values []string
}

// String is the detail as EXPLAIN prints it.
func (d *Detail) String() string {
	s := strings.Join(d.Values, ", ")
	if d.Name != "" {
		s = d.Name + ": " + s
	}
	return s
}

// Lines gives the nodes of an optimized plan in the order in which EXPLAIN prints them.
func Lines(n Node) []Line {
	p := explain(n)
	return p.lines
}

// Explain prints an optimized plan as Redshift's EXPLAIN does, a line each; verbose puts the dump of the nodes before it.
//
//	XN Hash Join DS_BCAST_INNER  (cost=0.14..6600286.07 rows=8798 width=84)
//	  Hash Cond: ("outer".catid = "inner".catid)
//	  ->  XN Seq Scan on event  (cost=0.00..87.98 rows=8798 width=35)
//	  ->  XN Hash  (cost=0.11..0.11 rows=11 width=49)
//	        ->  XN Seq Scan on category  (cost=0.00..0.11 rows=11 width=49)
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
func Explain(n Node, verbose bool) []string {
	p := explain(n)
	var out []string
	if verbose {
		out = append(dump(n, &p), "")
	}
	for i := range p.lines {
		l := &p.lines[i]
		out = append(out, l.String())
		for k := range l.Details {
			indent := 2
			if l.Depth > 0 {
				indent = 6*l.Depth + 2
			}
			out = append(out, strings.Repeat(" ", indent)+l.Details[k].String())
		}
	}
	return append(out, p.trailer()...)
}

// explainer is the state of printing one plan.
type explainer struct {
	lines   []Line
	compute bool     // compute nodes take part: XN
	tables  int      // with several, sort keys are qualified
	missing []string // tables without statistics
	loops   bool
}

// trailer is the advice that Redshift puts below the tree.
func (p *explainer) trailer() (out []string) {
	if p.loops {
		out = append(out, "----- Nested Loop Join in the query plan - review the join predicates to avoid Cartesian products -----")
	}
	if len(p.missing) == 0 {
		return out
	}
	var names []string
next:
	for _, m := range p.missing {
		for _, n := range names {
			if n == m {
				continue next
			}
		}
		names = append(names, m)
	}
	return append(out, "----- Tables missing statistics: "+strings.Join(names, ", ")+" -----",
		"----- Update statistics by running the ANALYZE command on these tables -----")
}

// prefix is XN on compute nodes, LD for the leader's part of such a plan, nothing when the leader works alone.
func (p *explainer) prefix(n Node) string {
	if !p.compute {
		return ""
	}
	if v, ok := n.(*VirtualScan); ok && v.Table.Leader {
		return "LD "
	}
	return "XN "
}

// line adds a line of n.
func (p *explainer) line(n Node, depth int, operator string, i *Info) {
	l := Line{ID: len(p.lines) + 1, Depth: depth, Operator: operator, Info: *i, Node: n}
	for k := len(p.lines) - 1; k >= 0 && l.Parent == 0; k-- {
		if p.lines[k].Depth < depth {
			l.Parent = p.lines[k].ID
		}
	}
	p.lines = append(p.lines, l)
}

// lead is what stands before an operator. Depth 0 has no arrow, each level below is six columns further in.
func lead(depth int) string {
	if depth == 0 {
		return ""
	}
	return strings.Repeat(" ", 6*depth-4) + "->  "
}

// detail adds a detail to the last line.
func (p *explainer) detail(name string, values ...string) {
	l := &p.lines[len(p.lines)-1]
	l.Details = append(l.Details, Detail{name, values})
}

// node prints n and what is below it. figures, when given, take the place of n's own (a Project above adds its work to the node below it); conds are
// conditions of a Filter above, printed with the node.
func (p *explainer) node(n Node, depth int, figures *Info, conds []expr.Expr) {
	i := n.Props()
	if figures != nil {
		i = figures
	}
	pre := p.prefix(n)
	filter := func(in Node, own []expr.Expr) {
		if all := append(own[:len(own):len(own)], conds...); len(all) > 0 {
			p.detail("Filter", p.conditions(all, in))
		}
	}
	switch n := n.(type) {
	case *Insert, *Delete, *Update, *Changes, *Unload:
		for _, c := range n.Children() {
			p.node(c, depth, nil, nil)
		}
	case *Project:
		if figures == nil && computes(n) {
			figures = i
		}
		p.node(n.Input, depth, figures, conds)
	case *Filter:
		if figures == nil {
			figures = i
		}
		p.node(n.Input, depth, figures, append(n.Conds[:len(n.Conds):len(n.Conds)], conds...))
	case *Scan:
		p.line(n, depth, pre+"Seq Scan on "+scanName(n.Table.Name, n.Alias), i)
		filter(n, n.Filter)
	case *VirtualScan:
		p.line(n, depth, pre+"Seq Scan on "+scanName(n.Table.Name, n.Alias), i)
		filter(n, n.Filter)
	case *ExternalScan:
		p.external(n, depth, i, conds, pre)
	case *Values:
		if len(n.Rows) == 1 {
			p.line(n, depth, pre+"Result", i)
		} else {
			p.line(n, depth, pre+"Values Scan on \"*VALUES*\"", i)
		}
		filter(n, nil)
	case *Load:
		p.line(n, depth, pre+"Load on "+n.Table.Name, i)
	case *Join:
		p.join(n, depth, i, conds, pre)
	case *Aggregate:
		p.line(n, depth, pre+aggregateName(n), i)
		filter(n, n.Having)
		p.node(n.Input, depth+1, nil, nil)
	case *Expand:
		p.line(n, depth, pre+"Expand", i)
		filter(n, nil)
		p.node(n.Input, depth+1, nil, nil)
	case *Unnest:
		operator := "Unnest"
		if n.Object {
			operator = "Unpivot"
		}
		if n.Outer {
			operator += " Left"
		}
		p.line(n, depth, pre+operator, i)
		p.detail("Value", p.conditions([]expr.Expr{n.Value}, n.Input))
		if len(n.On) > 0 {
			p.detail("Join Filter", p.conditions(n.On, n))
		}
		filter(n, nil)
		p.node(n.Input, depth+1, nil, nil)
	case *Distinct:
		p.line(n, depth, pre+"Unique", i)
		filter(n, nil)
		p.node(n.Input, depth+1, nil, nil)
	case *Sort:
		p.line(n, depth, pre+"Sort", i)
		p.detail("Sort Key", p.keys(n.Keys, n.Input)...)
		p.node(n.Input, depth+1, nil, nil)
	case *Merge:
		p.line(n, depth, pre+"Merge", i)
		p.detail("Merge Key", p.keys(n.Keys, n.Input)...)
		p.node(n.Input, depth+1, nil, nil)
	case *Network:
		p.line(n, depth, pre+"Network", i)
		p.detail("", networkNames[n.Kind])
		p.node(n.Input, depth+1, nil, nil)
	case *Limit:
		p.line(n, depth, pre+"Limit", i)
		p.node(n.Input, depth+1, nil, nil)
	case *Append:
		p.line(n, depth, pre+"Append", i)
		for _, c := range n.Inputs {
			p.node(c, depth+1, nil, nil)
		}
	case *Recursive:
		p.line(n, depth, pre+"Recursive Union", i)
		filter(n, nil)
		p.node(n.Seed, depth+1, nil, nil)
		p.node(n.Step, depth+1, nil, nil)
	case *WorkScan:
		p.line(n, depth, pre+"WorkTable Scan on "+n.Table.Name, i)
		filter(n, nil)
	case *With:
		p.line(n, depth, pre+"With "+n.Table.Name, i)
		filter(n, nil)
		p.node(n.Query, depth+1, nil, nil)
		p.node(n.Input, depth+1, nil, nil)
	case *SetOp:
		p.setOp(n, depth, i, pre)
	case *Subquery:
		operator := "Subquery Scan "
		if n.Secure != nil {
			operator = n.Secure.Operator() + " "
		}
		p.line(n, depth, pre+operator+n.Alias, i)
		filter(n, nil)
		if n.Secure == nil || n.Secure.Shown {
			p.node(n.Input, depth+1, nil, nil)
		}
	case *Window:
		p.line(n, depth, pre+"Window", i)
		if len(n.Partition) > 0 {
			p.detail("Partition", p.ids(n.Partition, n.Input)...)
		}
		if len(n.Order) > 0 {
			p.detail("Order", p.keys(n.Order, n.Input)...)
		}
		filter(n, nil)
		p.node(n.Input, depth+1, nil, nil)
	default:
		panic(fmt.Sprintf("plan: Explain of %T", n))
	}
}

var networkNames = [...]string{"Send to leader", "Distribute", "Broadcast", "Distribute Round Robin", "Send to slice 0"}

func aggregateName(n *Aggregate) string {
	switch {
	case len(n.Groups) == 0:
		return "Aggregate"
	case n.Sorted:
		return "GroupAggregate"
	}
	return "HashAggregate"
}

func scanName(table, alias string) string {
	if alias == "" || alias == table {
		return ident(table)
	}
	return ident(table) + " " + ident(alias)
}

// ident quotes a name that would not be read back as it is.
func ident(s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c == '_' || c >= 0x80 || i > 0 && (c >= '0' && c <= '9' || c == '$')) {
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// selectBranch says that a Subquery is a branch of a set operation: "*SELECT* 1".
func selectBranch(alias string) bool { return strings.HasPrefix(alias, `"*SELECT*`) }

// computes says that a Project does more than pass columns through.
func computes(p *Project) bool {
	for i := range p.Exprs {
		if _, ok := p.Exprs[i].Expr.(*expr.Column); !ok {
			return true
		}
	}
	return false
}

var joinNames = [...]string{"", "Left ", "Right ", "Full ", "IN ", "NOT IN ", "NOT IN ", "Left "}

// join prints a join; a hash join's inner side stands below a Hash.
func (p *explainer) join(n *Join, depth int, i *Info, conds []expr.Expr, pre string) {
	label := ""
	if p.compute {
		label = " " + n.Distribution.String()
	}
	switch n.Method {
	case HashJoin:
		p.line(n, depth, pre+"Hash "+joinNames[n.Kind]+"Join"+label, i)
	case MergeJoin:
		p.line(n, depth, pre+"Merge "+joinNames[n.Kind]+"Join"+label, i)
	default:
		kind := ""
		if n.Kind != Inner {
			kind = " " + joinNames[n.Kind] + "Join"
		}
		p.line(n, depth, pre+"Nested Loop"+kind+label, i)
	}
	if len(n.DistInner) > 0 {
		p.detail("Inner Dist Key", p.qualified(n.DistInner, n.Inner)...)
	}
	if len(n.DistOuter) > 0 {
		p.detail("Outer Dist Key", p.qualified(n.DistOuter, n.Outer)...)
	}
	outer := SetOfColumns(n.Outer.Columns())
	name := func(c *expr.Column) string {
		if outer.Has(c.ID) {
			return `"outer".` + p.column(c, n.Outer, false)
		}
		return `"inner".` + p.column(c, n.Inner, false)
	}
	text := func(es []expr.Expr) string {
		parts := make([]string, len(es))
		for i, e := range es {
			parts[i] = expr.Text(e, name)
		}
		if len(parts) == 1 {
			return parts[0]
		}
		return "(" + strings.Join(parts, " AND ") + ")"
	}
	if len(n.Conds) > 0 {
		word := "Hash"
		if n.Method == MergeJoin {
			word = "Merge"
		}
		p.detail(word+" Cond", text(n.Conds))
	}
	if len(n.On) > 0 {
		p.detail("Join Filter", text(n.On))
	}
	if len(conds) > 0 {
		p.detail("Filter", p.conditions(conds, n))
	}
	p.node(n.Outer, depth+1, nil, nil)
	if n.Method != HashJoin {
		p.node(n.Inner, depth+1, nil, nil)
		return
	}
	h := *n.Inner.Props()
	h.Startup = h.Total
	p.line(n, depth+1, pre+"Hash", &h)
	p.node(n.Inner, depth+2, nil, nil)
}

// setOp prints EXCEPT as a sort of both sides together, INTERSECT as a hash join of them.
func (p *explainer) setOp(n *SetOp, depth int, i *Info, pre string) {
	if !n.Except {
		p.line(n, depth, pre+"Hash Intersect Distinct", i)
		p.node(n.Left, depth+1, nil, nil)
		h := *n.Right.Props()
		h.Startup = h.Total
		p.line(n, depth+1, pre+"Hash", &h)
		p.node(n.Right, depth+2, nil, nil)
		return
	}
	p.line(n, depth, pre+"SetOp Except", i)
	p.line(n, depth+1, pre+"Sort", &n.Sorted)
	var keys []string
	for _, c := range n.Left.Columns() {
		keys = append(keys, ident(c.Name))
	}
	p.detail("Sort Key", keys...)
	p.line(n, depth+2, pre+"Append", &n.Appended)
	p.node(n.Left, depth+3, nil, nil)
	p.node(n.Right, depth+3, nil, nil)
}

// conditions prints the conditions of a node, names bare.
func (p *explainer) conditions(es []expr.Expr, n Node) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = expr.Text(e, func(c *expr.Column) string { return p.column(c, n, false) })
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// keys prints the columns of an order, qualified when the plan reads several tables.
func (p *explainer) keys(keys []SortKey, in Node) []string {
	ids := make([]expr.ColumnID, len(keys))
	for i := range keys {
		ids[i] = keys[i].ID
	}
	return p.ids(ids, in)
}

func (p *explainer) ids(ids []expr.ColumnID, in Node) []string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = p.text(id, in, p.tables > 1, "?column?")
	}
	return parts
}

// qualified prints tab.col lists of distribution keys.
func (p *explainer) qualified(ids []expr.ColumnID, in Node) []string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = p.text(id, in, true, "?column?")
	}
	return parts
}

func (p *explainer) column(c *expr.Column, in Node, qualify bool) string {
	return p.text(c.ID, in, qualify, c.Name)
}

// text prints what a column is: a column of a table or subquery by name, an aggregate as sum(pricepaid), anything else as its expression.
func (p *explainer) text(id expr.ColumnID, in Node, qualify bool, or string) string {
	if s, ok := p.origin(id, in, qualify); ok {
		return s
	}
	return ident(or)
}

// origin looks for the node that makes a column, from n down.
func (p *explainer) origin(id expr.ColumnID, n Node, qualify bool) (string, bool) {
	named := func(cols []Column) (string, bool) {
		for i := range cols {
			if c := &cols[i]; c.ID == id {
				if qualify && c.Table != "" {
					return ident(c.Table) + "." + ident(c.Name), true
				}
				return ident(c.Name), true
			}
		}
		return "", false
	}
	switch n := n.(type) {
	case *Scan, *VirtualScan, *ExternalScan, *Values, *Load, *Append, *SetOp, *Recursive, *WorkScan:
		return named(n.Columns())
	case *Subquery:
		if selectBranch(n.Alias) {
			return p.origin(id, n.Input, qualify)
		}
		return named(n.Output)
	case *Project:
		for i := range n.Exprs {
			if e := &n.Exprs[i]; e.ID == id {
				if c, ok := e.Expr.(*expr.Column); ok {
					return p.origin(c.ID, n.Input, qualify)
				}
				return expr.Text(e.Expr, func(c *expr.Column) string { return p.column(c, n.Input, qualify) }), true
			}
		}
		return "", false
	case *Aggregate:
		for i := range n.Aggs {
			if a := &n.Aggs[i]; a.ID == id {
				return p.aggregate(a, n.Input, qualify), true
			}
		}
	case *Window:
		for i := range n.Funcs {
			if n.Funcs[i].ID == id {
				return ident(n.Funcs[i].Name), true
			}
		}
	}
	for _, c := range n.Children() {
		if s, ok := p.origin(id, c, qualify); ok {
			return s, true
		}
	}
	return "", false
}

// aggregate prints a call: sum(sales.pricepaid), count(*), count(DISTINCT x).
func (p *explainer) aggregate(a *Agg, in Node, qualify bool) string {
	args := make([]string, len(a.Args))
	for i, e := range a.Args {
		args[i] = expr.Text(e, func(c *expr.Column) string { return p.column(c, in, qualify) })
	}
	s := strings.Join(args, ", ")
	switch {
	case len(args) == 0:
		s = "*"
	case a.Distinct:
		s = "DISTINCT " + s
	}
	return a.Fn.Name + "(" + s + ")"
}
