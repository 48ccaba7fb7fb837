package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// Load binds COPY: rows of source, whose columns are the table's columns targets in that order, become rows of the table. A column that is not among
// them gets its default; so does a NULL in a NOT NULL column that has one.
//
//	Insert sales                       Insert sales
//	  Load sales [all columns]           Project [.. default ..]
//	                                       Load sales [targets]
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-column-mapping.html
func Load(t *catalog.Table, targets []int, source any, env *Env) (*Bound, error) {
	b := &binder{env: env, caseful: env.CaseSensitive, striped: true}
	l := &plan.Load{Table: t, Source: source, Output: make([]plan.Column, len(targets))}
	plain := len(targets) == len(t.Columns)
	for i, c := range targets {
		col := &t.Columns[c]
		l.Output[i] = plan.Column{ID: b.id(), Name: col.Name, Type: col.Type}
		plain = plain && i == c && !DefaultsNull(col)
	}
	n := &plan.Insert{Table: t, Input: l}
	if !plain {
		p := &plan.Project{Input: l, Exprs: make([]plan.Named, len(t.Columns))}
		for c := range t.Columns {
			col := &t.Columns[c]
			var x expr.Expr
			id := expr.ColumnID(0)
			for i, at := range targets {
				if at == c {
					x, id = columnOf(l.Output[i]), l.Output[i].ID
				}
			}
			if x == nil || DefaultsNull(col) {
				d, err := b.defaultOf(t, c)
				if err != nil {
					return nil, err
				}
				if x != nil {
					d = &expr.Coalesce{Args: []expr.Expr{x, d}, Typ: col.Type}
				}
				x, id = d, b.id()
			}
			p.Exprs[c] = plan.Named{Column: plan.Column{ID: id, Name: col.Name, Type: col.Type}, Expr: x}
		}
		n.Input = p
	}
	b.out.Kind, b.out.Plan, b.out.Writes = Insert, n, t
	return b.result(), nil
}

// DefaultsNull says that a NULL which COPY meets in a column becomes the column's default.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
func DefaultsNull(c *catalog.Column) bool { return c.NotNull && c.Default != "" }
