package engine

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// shownPolicy is a policy's expressions as the system tables show them: names with the relation's, constants with their types. What the guide gives no form for,
// a subquery for one, is shown as it was written.
//
//	t.a > 1 AND b LIKE 'x%'      (("t"."a" > CAST(1 AS INT4)) AND "t"."b" LIKE CAST('x%' AS TEXT))
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_POLICIES.html
func shownPolicy(p *catalog.Policy, using []ast.Expr) string {
	w := policyWriter{p: p, alias: aliasOf(p)}
	if p.Masking {
		w.alias = catalog.MaskedAlias
	}
	list := make([]string, len(using))
	for i, x := range using {
		list[i] = w.expr(x)
	}
	if !p.Masking {
		if w.lost {
			return strings.TrimSpace(p.Text)
		}
		return list[0]
	}
	type output struct {
		Expr string `json:"expr"`
		Type string `json:"type"`
	}
	out := make([]output, len(using))
	for i := range using {
		if out[i] = (output{list[i], p.Outputs[i].Type.String()}); w.lost {
			out[i].Expr = strings.TrimSpace(p.Text)
		}
	}
	if w.lost && len(out) > 1 { // where one ends and the next begins is not known
		out = out[:1]
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out) // strings always can be
	return strings.TrimSuffix(b.String(), "\n")
}

// policyWriter writes the expressions of a policy.
type policyWriter struct {
	p     *catalog.Policy
	alias string
	lost  bool // it met what it cannot write
}

func (w *policyWriter) quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// list writes expressions with a word between them.
func (w *policyWriter) list(xs []ast.Expr, between string) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = w.expr(x)
	}
	return strings.Join(out, between)
}

func (w *policyWriter) expr(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.ColumnRef:
		name := x.Parts[len(x.Parts)-1]
		if slices.ContainsFunc(w.p.Columns, func(c catalog.Column) bool { return c.Name == name }) {
			return w.quoted(w.alias) + "." + w.quoted(name)
		}
	case *ast.Literal:
		return w.literal(x)
	case *ast.Cast:
		if x.Type.Known && !x.Try {
			return "CAST(" + w.bare(x.X) + " AS " + shownType(x.Type.Type) + ")"
		}
	case *ast.Unary:
		if x.Op == "not" {
			return "NOT " + w.expr(x.X)
		}
		return "(" + x.Op + w.expr(x.X) + ")"
	case *ast.Binary:
		return w.binary(x)
	case *ast.Is:
		return w.expr(x.X) + " IS " + negated(x.Not) + strings.ToUpper(x.What)
	case *ast.Like:
		word := "LIKE "
		if x.Fold {
			word = "ILIKE "
		}
		if x.Escape == nil {
			return w.expr(x.X) + " " + negated(x.Not) + word + w.expr(x.Pattern)
		}
	case *ast.Between:
		return w.expr(x.X) + " " + negated(x.Not) + "BETWEEN " + w.expr(x.Lo) + " AND " + w.expr(x.Hi)
	case *ast.In:
		if x.Query == nil {
			return w.expr(x.X) + " " + negated(x.Not) + "IN (" + w.list(x.List, ", ") + ")"
		}
	case *ast.FuncCall:
		if !x.Star && !x.Distinct && x.Over == nil && len(x.WithinGroup) == 0 {
			name := strings.ToUpper(strings.Join(x.Name, "."))
			if x.NoParens {
				return name
			}
			return name + "(" + w.list(x.Args, ", ") + ")"
		}
	case *ast.Case:
		return w.cases(x)
	}
	w.lost = true
	return ""
}

// bare writes what is cast: a constant is not cast twice.
func (w *policyWriter) bare(x ast.Expr) string {
	l, ok := x.(*ast.Literal)
	switch {
	case !ok:
		return w.expr(x)
	case l.Kind == ast.String:
		return "'" + strings.ReplaceAll(l.Text, "'", "''") + "'"
	case l.Kind == ast.Null:
		return "NULL"
	}
	return strings.ToUpper(l.Text)
}

func (w *policyWriter) literal(x *ast.Literal) string {
	switch x.Kind {
	case ast.Null:
		return "NULL"
	case ast.Bool:
		return strings.ToUpper(x.Text)
	case ast.String:
		return "CAST(" + w.bare(x) + " AS TEXT)"
	case ast.Number:
		d, err := types.Parse(x.Text, types.TInt4, nil)
		if err == nil && d.Type.Kind == types.Int4 {
			return "CAST(" + x.Text + " AS INT4)"
		}
		if _, err := types.Parse(x.Text, types.TInt8, nil); err == nil {
			return "CAST(" + x.Text + " AS INT8)"
		}
		return x.Text
	}
	w.lost = true
	return ""
}

// binary writes an operator; a chain of AND or OR is one list.
func (w *policyWriter) binary(x *ast.Binary) string {
	if x.Third != nil {
		w.lost = true
		return ""
	}
	op := strings.ToUpper(x.Op)
	if op != "AND" && op != "OR" {
		return "(" + w.expr(x.L) + " " + op + " " + w.expr(x.R) + ")"
	}
	var parts []ast.Expr
	var chain func(e ast.Expr)
	chain = func(e ast.Expr) {
		if b, ok := e.(*ast.Binary); ok && b.Op == x.Op {
			chain(b.L)
			chain(b.R)
			return
		}
		parts = append(parts, e)
	}
	chain(x)
	return "(" + w.list(parts, " "+op+" ") + ")"
}

func (w *policyWriter) cases(x *ast.Case) string {
	s := "CASE "
	if x.Operand != nil {
		s += w.expr(x.Operand) + " "
	}
	for _, a := range x.Whens {
		s += "WHEN " + w.expr(a.Cond) + " THEN " + w.expr(a.Then) + " "
	}
	if x.Else != nil {
		s += "ELSE " + w.expr(x.Else) + " "
	}
	return s + "END"
}

// negated is NOT before a predicate.
func negated(not bool) string {
	if not {
		return "NOT "
	}
	return ""
}

// shownType is a type as the guide's policies have it.
func shownType(t types.Type) string {
	switch t.Kind {
	case types.Int2:
		return "INT2"
	case types.Int4:
		return "INT4"
	case types.Int8:
		return "INT8"
	case types.Varchar:
		if t == types.TVarchar(textLength) {
			return "TEXT"
		}
	}
	return strings.ToUpper(t.String())
}

// textLength is the length of TEXT, which is a VARCHAR.
const textLength = 256
