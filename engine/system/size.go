package system

import (
	"unsafe"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Sizes in bytes of what is not measured itself: a plan node with its figures and lists, one of its columns, an expression node with what it was compiled
// to, a cell of VALUES with its program, a compiled step.
const (
	nodeSize   = 320
	columnSize = 64
	exprSize   = 256
	cellSize   = 288
	stepSize   = 224
)

// maxText is how much of the text of a statement is kept when it is too long for the log.
const maxText = 64 << 10

// bytes estimates what the record keeps alive: texts and reports as they are, plans and programs by their nodes and steps. What several records share
// is counted for each.
func (r *Record) bytes() int64 {
	n := int64(unsafe.Sizeof(*r)) + int64(unsafe.Sizeof(entry{})) + int64(len(r.Text)+len(r.Label)+4*cap(r.Tables))
	for i := range r.Literals {
		n += int64(unsafe.Sizeof(r.Literals[i])) + int64(len(r.Literals[i].Text))
	}
	if r.Err != nil {
		n += errorBytes(r.Err)
	}
	switch {
	case r.Plan == nil:
	case r.PlanBytes > 0:
		n += r.PlanBytes
	default:
		n += PlanBytes(r.Plan)
	}
	if r.Program != nil {
		n += int64(unsafe.Sizeof(*r.Program)) + int64(cap(r.Program.Columns))*columnSize
		for i := range r.Program.Streams {
			for _, g := range r.Program.Streams[i].Segments {
				n += stepSize * int64(2+len(g.Steps))
			}
		}
	}
	if r.Report != nil {
		n += r.Report.Bytes()
	}
	if r.Load != nil {
		n += loadBytes(r.Load)
	}
	if r.Unload != nil {
		n += int64(unsafe.Sizeof(*r.Unload)) + columnSize*int64(len(r.Unload.Columns))
		for _, f := range r.Unload.Files() {
			n += int64(unsafe.Sizeof(f)) + int64(len(f.URL))
		}
	}
	if r.Maintenance != nil {
		n += r.Maintenance.bytes()
	}
	n += r.Procedure.bytes()
	return n + n/8 + 64 // allocations are rounded up to the classes of the allocator
}

// slim is the record without its plan, program and report, and with no more text than STL_QUERYTEXT would show.
func (r *Record) slim() *Record {
	s := *r
	s.Plan, s.Program, s.Report = nil, nil, nil
	s.Text = cut(s.Text, maxText)
	if s.Procedure != nil {
		c := *s.Procedure
		c.Messages, s.Procedure = nil, &c
	}
	return &s
}

// errorBytes is the size of an error.
func errorBytes(e *sqlstate.Error) int64 {
	return int64(unsafe.Sizeof(*e)) + int64(len(e.Message)+len(e.Detail)+len(e.Hint)+len(e.Where)+len(e.Schema)+len(e.Table)+len(e.Column)+len(e.Routine))
}

// PlanBytes is about the size of a plan and of the expressions that a program has of it.
func PlanBytes(root plan.Node) int64 {
	n := int64(0)
	plan.Walk(root, func(x plan.Node) bool {
		if v, ok := x.(*plan.Values); ok {
			n += nodeSize + int64(len(v.Output))*columnSize + cellSize*int64(len(v.Rows))*int64(max(1, len(v.Output)))
			return true
		}
		n += nodeSize + columnSize*int64(len(x.Columns()))
		plan.Exprs(x, func(e expr.Expr) {
			expr.Walk(e, func(e expr.Expr) bool {
				n += exprSize
				if c, ok := e.(*expr.Const); ok {
					n += 2 * int64(len(c.Value.Text))
				}
				return true
			})
		})
		return true
	})
	return n
}

// loadBytes is the size of what is kept of a COPY.
func loadBytes(j *load.Job) int64 {
	n := int64(unsafe.Sizeof(*j)) + columnSize*int64(len(j.Columns))
	for i := range j.Files {
		n += int64(unsafe.Sizeof(j.Files[i])) + int64(len(j.Files[i].Name))
	}
	for _, f := range j.Reads() {
		n += int64(unsafe.Sizeof(f)) + int64(len(f.File))
	}
	for _, c := range j.Replacements() {
		n += int64(unsafe.Sizeof(c)) + int64(len(c.File)+len(c.RawLine))
	}
	n += int64(unsafe.Sizeof(load.Simplified{})) * int64(len(j.Simplified()))
	for _, b := range j.Errors() {
		n += int64(unsafe.Sizeof(b)) + int64(len(b.File)+len(b.RawLine)+len(b.RawField)+len(b.Reason))
	}
	return n
}

// SchemaUsage is how many megabytes the permanent tables of a schema take, copies of ALL tables on every node counted.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
func (e *Env) SchemaUsage(schema string) int64 {
	used := int64(0)
	for _, t := range e.Catalog.Tables() {
		if t.Schema == schema && !t.Temp {
			if v := e.Version(t.ID); v != nil {
				used += v.NominalBlocks()
			}
		}
	}
	return used
}
