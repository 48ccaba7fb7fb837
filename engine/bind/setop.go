package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// setOp binds UNION [ALL], INTERSECT and EXCEPT (MINUS): both sides are cast to common types, the names are those of the left side.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNION.html
func (b *binder) setOp(s *ast.Select, outer *block, ctes *cteScope) (query, error) {
	for _, side := range []*ast.Select{s.Left, s.Right} {
		if n := limited(side); n != nil {
			return query{}, sqlstate.FeatureNotSupported.Errorf("LIMIT may not be used within input to set operations.").At(n.Offset())
		}
	}
	l, err := b.query(s.Left, outer, ctes)
	if err != nil {
		return query{}, err
	}
	r, err := b.query(s.Right, outer, ctes)
	if err != nil {
		return query{}, err
	}
	op := s.Op
	word := map[string]string{"union": "UNION", "union all": "UNION", "intersect": "INTERSECT", "except": "EXCEPT", "minus": "EXCEPT"}[op]
	if word == "" {
		return query{}, unsupported(s.Pos.Offset(), op+" is")
	}
	if len(l.cols) != len(r.cols) {
		return query{}, sqlstate.Syntax.Errorf("each %s query must have the same number of columns", word).At(s.Right.Pos.Offset())
	}
	ownDigits(&l, r.cols)
	ownDigits(&r, l.cols)
	to := make([]types.Type, len(l.cols))
	for i := range to {
		if to[i], err = function.CommonType(l.cols[i].Type, r.cols[i].Type); err != nil {
			return query{}, sqlstate.DatatypeMismatch.Errorf("%s types %s and %s cannot be matched", word, bare(l.cols[i].Type), bare(r.cols[i].Type)).
				At(s.Right.Pos.Offset())
		}
		if to[i].Kind == types.Text && l.cols[i].Type.Kind != types.Text && r.cols[i].Type.Kind != types.Text { // of literals
			to[i] = types.TVarchar(max(int(l.cols[i].Type.Len), int(r.cols[i].Type.Len), 1))
		}
	}
	if err := b.castQuery(&l, to); err != nil {
		return query{}, err
	}
	if err := b.castQuery(&r, to); err != nil {
		return query{}, err
	}
	q := query{cols: make([]plan.Column, len(to))}
	for i := range to {
		q.cols[i] = plan.Column{ID: b.id(), Name: l.cols[i].Name, Type: to[i]}
	}
	for _, id := range l.outer {
		q.outer = addID(q.outer, id)
	}
	for _, id := range r.outer {
		q.outer = addID(q.outer, id)
	}
	if op != "union all" {
		if err := groupable(to...); err != nil {
			return query{}, at(err, s.Right.Pos.Offset())
		}
	}
	ln, rn := exactly(l), exactly(r)
	switch op {
	case "union", "union all":
		a := &plan.Append{Inputs: []plan.Node{ln, rn}, Output: q.cols}
		// a UNION ALL b UNION ALL c is one Append of three
		if la, ok := ln.(*plan.Append); ok {
			a.Inputs = append(append([]plan.Node(nil), la.Inputs...), rn)
		} else if d, ok := ln.(*plan.Distinct); ok && op == "union" {
			if la, ok := d.Input.(*plan.Append); ok {
				a.Inputs = append(append([]plan.Node(nil), la.Inputs...), rn)
			}
		}
		q.node = a
		if op == "union" {
			q.node = &plan.Distinct{Input: a}
		}
	default:
		q.node = &plan.SetOp{Left: ln, Right: rn, Except: word == "EXCEPT", Output: q.cols}
	}
	return q, b.outputOrder(&q, s)
}

// ownDigits makes a query's literals in quotes, where the other side of a set operation has decimals, decimals of their own digits.
func ownDigits(q *query, other []plan.Column) {
	p, ok := q.node.(*plan.Project)
	if !ok || len(p.Exprs) != len(q.cols) {
		return
	}
	for i := range q.cols {
		x := digits(p.Exprs[i].Expr, other[i].Type)
		p.Exprs[i].Expr, p.Exprs[i].Type, q.cols[i].Type = x, x.Type(), x.Type()
	}
}

// exactly is a query's node with the query's columns in order and no others: set operations go by place.
func exactly(q query) plan.Node {
	cols := q.node.Columns()
	same := len(cols) == len(q.cols)
	for i := 0; same && i < len(cols); i++ {
		same = cols[i].ID == q.cols[i].ID
	}
	if same {
		return q.node
	}
	return passing(q.node, q.cols)
}

// limited gives the LIMIT or OFFSET of an input to a set operation, nil when it has none.
func limited(s *ast.Select) ast.Expr {
	for ; s != nil; s = s.Left {
		switch {
		case s.Limit != nil:
			return s.Limit
		case s.Offset != nil:
			return s.Offset
		case s.Op != "":
			return nil
		}
	}
	return nil
}
