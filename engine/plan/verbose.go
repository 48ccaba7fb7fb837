package plan

import (
	"fmt"
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// dumper prints the nodes of a plan one below the other, as PostgreSQL 8.0 dumps them and Redshift does after EXPLAIN VERBOSE:
//
//	{HASHJOIN
//	:startup_cost 2.52
//	:total_cost 58653620.93
//	:plan_rows 8712
//	:plan_width 43
//	:best_pathkeys <>
//	:dist_info DS_DIST_OUTER
//	:dist_info.dist_keys (
//	TARGETENTRY
//	{
//	VAR
//	:varno 2                 the second table of FROM
//	:varattno 1              its first column
//
// The guide shows these lines and no more; the rest of a node are its conditions, keys and output, under the names that PostgreSQL's dump has for them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
type dumper struct {
	lines []Line
	vars  map[expr.ColumnID]dumpedVar
	out   []string
	depth int
}

// dumpedVar is a column as the place of its table in FROM and its own place in the table.
type dumpedVar struct{ no, attr int }

// dump gives the dump of the plan whose lines p has.
func dump(n Node, p *explainer) []string {
	d := dumper{lines: p.lines, vars: varsOf(n)}
	d.node(0)
	return d.out
}

// varsOf numbers the columns of tables. Tables got their column numbers in the order of FROM.
func varsOf(root Node) map[expr.ColumnID]dumpedVar {
	type table struct {
		first expr.ColumnID
		cols  []Column
		attrs []int
	}
	var tables []table
	add := func(cols []Column, attrs []int) {
		t := table{cols: cols, attrs: attrs}
		for i, c := range cols {
			if i == 0 || c.ID < t.first {
				t.first = c.ID
			}
		}
		tables = append(tables, t)
	}
	Walk(root, func(n Node) bool {
		switch n := n.(type) {
		case *Scan:
			add(n.Output, n.Attrs)
		case *ExternalScan:
			add(n.Output, n.Attrs)
		case *VirtualScan:
			add(n.Output, n.Attrs)
		}
		return true
	})
	sort.SliceStable(tables, func(i, j int) bool { return tables[i].first < tables[j].first })
	vars := map[expr.ColumnID]dumpedVar{}
	for no, t := range tables {
		for i, c := range t.cols {
			vars[c.ID] = dumpedVar{no + 1, t.attrs[i] + 1}
		}
	}
	return vars
}

// put adds a line at the present depth.
func (d *dumper) put(format string, args ...any) {
	d.out = append(d.out, strings.Repeat("   ", d.depth)+fmt.Sprintf(format, args...))
}

// node dumps line at and those below it.
func (d *dumper) node(at int) {
	l := &d.lines[at]
	d.put("{%s", dumpName(l))
	d.put(":startup_cost %.2f", l.Info.Startup)
	d.put(":total_cost %.2f", l.Info.Total)
	d.put(":plan_rows %.0f", l.Info.Rows)
	d.put(":plan_width %d", l.Info.Width)
	d.list(":best_pathkeys", d.pathKeys(l))
	if j, ok := l.Node.(*Join); ok && dumpName(l) != "HASH" {
		d.put(":dist_info %s", j.Distribution)
		d.vlist(":dist_info.dist_keys", distKeys(j))
	}
	for i := range l.Details {
		if name := dumpDetails[l.Details[i].Name]; name != "" {
			d.list(name, l.Details[i].Values)
		}
	}
	d.targets(l)
	left := true
	for k := at + 1; k < len(d.lines); k++ {
		if d.lines[k].Parent != l.ID {
			continue
		}
		switch name := ":lefttree"; {
		case dumpName(l) == "APPEND":
			d.put(":appendplan")
		case left:
			d.put("%s", name)
		default:
			d.put(":righttree")
		}
		left = false
		d.depth++
		d.node(k)
		d.depth--
	}
	if left {
		d.put(":lefttree <>")
		d.put(":righttree <>")
	}
	d.put("}")
}

// dumpDetails are the names of a line's details in the dump.
var dumpDetails = map[string]string{
	"Hash Cond": ":hashclauses", "Merge Cond": ":mergeclauses", "Join Filter": ":joinqual", "Filter": ":qual", "Partition": ":partition", "Order": ":order",
	"": ":network",
}

// pathKeys are the columns by which the rows of a line come in order.
func (d *dumper) pathKeys(l *Line) []string {
	for i := range l.Details {
		if x := &l.Details[i]; x.Name == "Sort Key" || x.Name == "Merge Key" {
			return x.Values
		}
	}
	return nil
}

// list puts a list of texts, <> when it is empty.
func (d *dumper) list(name string, values []string) {
	if len(values) == 0 {
		d.put("%s <>", name)
		return
	}
	d.put("%s (", name)
	for _, v := range values {
		d.put("%s", v)
	}
	d.put(")")
}

// vlist puts a list of columns, <> when it is empty.
func (d *dumper) vlist(name string, ids []expr.ColumnID) {
	if len(ids) == 0 {
		d.put("%s <>", name)
		return
	}
	d.put("%s (", name)
	for _, id := range ids {
		d.put("TARGETENTRY")
		d.put("{")
		d.column(id, "")
		d.put("}")
	}
	d.put(")")
}

// column puts a column: a VAR when it is a table's, else an EXPR with its name.
func (d *dumper) column(id expr.ColumnID, name string) {
	v, ok := d.vars[id]
	if !ok {
		d.put("EXPR")
		d.put(":resname %s", name)
		return
	}
	d.put("VAR")
	d.put(":varno %d", v.no)
	d.put(":varattno %d", v.attr)
	if name != "" {
		d.put(":resname %s", name)
	}
}

// targets puts what a line gives.
func (d *dumper) targets(l *Line) {
	n := l.Node
	if j, ok := n.(*Join); ok && dumpName(l) == "HASH" {
		n = j.Inner
	}
	d.put(":targetlist (")
	for _, c := range n.Columns() {
		d.put("TARGETENTRY")
		d.put("{")
		d.column(c.ID, ident(c.Name))
		d.put(":restype %s", c.Type)
		d.put("}")
	}
	d.put(")")
}

// distKeys are the columns to which a join moves the rows of a side, or of both.
func distKeys(j *Join) []expr.ColumnID {
	partners := func(moved, own, other []expr.ColumnID) (out []expr.ColumnID) {
		for _, id := range moved {
			for i := range own {
				if own[i] == id {
					out = append(out, other[i])
					break
				}
			}
		}
		return out
	}
	switch j.Distribution {
	case DistOuter:
		return partners(j.DistOuter, j.EquiOuter, j.EquiInner)
	case DistInner:
		return partners(j.DistInner, j.EquiInner, j.EquiOuter)
	}
	return j.DistInner
}

// dumpName is the name of a line's node in the dump.
func dumpName(l *Line) string {
	op := strings.TrimPrefix(strings.TrimPrefix(l.Operator, "XN "), "LD ")
	switch n := l.Node.(type) {
	case *Scan, *VirtualScan, *ExternalScan:
		return "SEQSCAN"
	case *Subquery:
		return "SUBQUERYSCAN"
	case *Values:
		return "RESULT"
	case *Aggregate:
		return "AGG"
	case *Distinct:
		return "UNIQUE"
	case *Join:
		if op == "Hash" {
			return "HASH"
		}
		return [...]string{"JOIN", "HASHJOIN", "MERGEJOIN", "NESTLOOP"}[n.Method]
	case *SetOp:
		return strings.ToUpper(strings.Fields(op)[0])
	}
	return strings.ToUpper(strings.TrimPrefix(fmt.Sprintf("%T", l.Node), "*plan."))
}
