package sqlmatch

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse"
)

// printer writes queries and expressions as SQL in canonical form: one line, keywords in capitals, no parentheses but those that are needed.
type printer struct{ b strings.Builder }

// Strengths of operators, loosest first; an operand that binds more loosely than its place stands in parentheses.
// https://www.postgresql.org/docs/8.0/sql-syntax.html#SQL-PRECEDENCE
const (
	loosest = iota
	orLevel
	andLevel
	notLevel
	isLevel
	comparison
	predicate
	other
	sum
	product
	power
	suffix
	sign
	subscript
	cast
	primary
)

// levels are the strengths of infix operators; those that are missing are of level other.
var levels = map[string]int{
	"or": orLevel, "and": andLevel, "=": comparison, "<": comparison, ">": comparison, "<=": comparison, ">=": comparison, "<>": comparison,
	"similar": predicate, "not similar": predicate, "+": sum, "-": sum, "*": product, "/": product, "%": product, "^": power,
}

// infix gives the strength of an infix operator.
func infix(op string) int {
	if l, ok := levels[op]; ok {
		return l
	}
	return other
}

// strength says how tightly an expression as a whole binds.
func strength(e ast.Expr) int {
	switch e := e.(type) {
	case *ast.Binary:
		return infix(e.Op)
	case *ast.Unary:
		switch e.Op {
		case "not":
			return notLevel
		case "+", "-":
			return sign
		}
		return other
	case *ast.Is:
		return isLevel
	case *ast.Between, *ast.In, *ast.Like:
		return predicate
	case *ast.Quantified:
		return infix(e.Op)
	case *ast.AtTimeZone, *ast.Collate:
		return suffix
	case *ast.Prior:
		return sign
	case *ast.Path:
		return subscript
	case *ast.Cast:
		if !e.Try {
			return cast
		}
	}
	return primary
}

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

// quoted writes a string as a literal; backslashes are escapes in Redshift's strings.
func quoted(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`, "\x00", `\000`).Replace(s) + "'"
}

// ident writes a name, in double quotes where it needs them.
func ident(s string) string {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '_' && (i == 0 || c < '0' || c > '9') {
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
	}
	if parse.Reserved(s) || s == "" {
		return `"` + s + `"`
	}
	return s
}

func idents(list []string, sep string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = ident(s)
	}
	return strings.Join(out, sep)
}

// each writes a list with commas between.
func each[T any](p *printer, list []T, f func(T)) {
	for i, x := range list {
		if i > 0 {
			p.put(", ")
		}
		f(x)
	}
}

func (p *printer) exprs(list []ast.Expr) { each(p, list, func(e ast.Expr) { p.expr(e, loosest) }) }

// expr writes an expression where nothing looser than least may stand bare.
func (p *printer) expr(e ast.Expr, least int) {
	if strength(e) < least {
		p.put("(")
		defer p.put(")")
	}
	switch e := e.(type) {
	case *ast.Literal:
		p.literal(e)
	case *ast.Param:
		p.put("$", strconv.Itoa(e.N))
	case *ast.NamedParam:
		p.put(":", e.Name)
	case *ast.ColumnRef:
		p.put(idents(e.Parts, "."))
	case *ast.Path:
		p.path(e)
	case *ast.Star:
		for _, t := range e.Table {
			p.put(ident(t), ".")
		}
		p.put("*")
		if e.Exclude != nil {
			p.put(" EXCLUDE (", idents(e.Exclude, ", "), ")")
		}
	case *ast.Unary:
		p.unary(e)
	case *ast.Binary:
		p.binary(e)
	case *ast.Is:
		p.expr(e.X, isLevel+1)
		p.put(" IS ", not(e.Not), strings.ToUpper(e.What))
	case *ast.Between:
		p.expr(e.X, predicate+1)
		p.put(" ", not(e.Not), "BETWEEN ")
		p.expr(e.Lo, predicate+1)
		p.put(" AND ")
		p.expr(e.Hi, predicate+1)
	case *ast.In:
		p.expr(e.X, predicate+1)
		p.put(" ", not(e.Not), "IN (")
		if e.Query != nil {
			p.query(e.Query)
		}
		p.exprs(e.List)
		p.put(")")
	case *ast.Like:
		p.like(e)
	case *ast.Quantified:
		p.expr(e.X, infix(e.Op)+1)
		p.put(" ", e.Op, word(e.All, " ALL (", " ANY ("))
		if e.Query != nil {
			p.query(e.Query)
		} else {
			p.expr(e.Array, loosest)
		}
		p.put(")")
	case *ast.Array:
		p.array(e)
	case *ast.Exists:
		p.put("EXISTS (")
		p.query(e.Query)
		p.put(")")
	case *ast.Subquery:
		p.put("(")
		p.query(e.Query)
		p.put(")")
	case *ast.Cast:
		p.cast(e)
	case *ast.Interval:
		p.put("INTERVAL ", quoted(e.Text))
		if e.Qualifier != "" {
			p.put(" ", strings.ToUpper(e.Qualifier))
		}
	case *ast.Case:
		p.caseOf(e)
	case *ast.Row:
		p.put(word(len(e.Items) < 2, "ROW(", "("))
		p.exprs(e.Items)
		p.put(")")
	case *ast.FuncCall:
		p.call(e)
	case *ast.AtTimeZone:
		p.expr(e.X, suffix)
		p.put(" AT TIME ZONE ")
		p.expr(e.Zone, suffix+1)
	case *ast.Collate:
		p.expr(e.X, suffix)
		p.put(" COLLATE ", e.Name)
	case *ast.OuterMark:
		p.expr(e.X, primary)
		p.put("(+)")
	case *ast.Named:
		p.put(ident(e.Name), " => ")
		p.expr(e.X, loosest)
	case *ast.Grouping:
		p.grouping(e)
	case *ast.Prior:
		p.put("PRIOR ")
		p.expr(e.X, sign)
	}
}

func (p *printer) array(e *ast.Array) {
	if e.Query != nil {
		p.put("ARRAY(")
		p.query(e.Query)
		p.put(")")
		return
	}
	p.put("ARRAY[")
	p.exprs(e.Items)
	p.put("]")
}

func not(b bool) string { return word(b, "NOT ", "") }

func word(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func (p *printer) literal(e *ast.Literal) {
	switch e.Kind {
	case ast.Null:
		p.put("NULL")
	case ast.Default:
		p.put("DEFAULT")
	case ast.String:
		p.put(quoted(e.Text))
	case ast.Bool:
		p.put(strings.ToUpper(e.Text))
	case ast.Number:
		p.put(e.Text)
	}
}

func (p *printer) path(e *ast.Path) {
	if _, ok := e.X.(*ast.ColumnRef); ok && e.Steps[0].Index != nil { // a name behind it would be a part of it
		p.expr(e.X, primary)
	} else {
		p.put("(")
		p.expr(e.X, loosest)
		p.put(")")
	}
	for _, s := range e.Steps {
		if s.Index != nil {
			p.put("[")
			p.expr(s.Index, loosest)
			p.put("]")
		} else {
			p.put(".", ident(s.Name))
		}
	}
}

func (p *printer) unary(e *ast.Unary) {
	switch e.Op {
	case "not":
		p.put("NOT ")
		p.expr(e.X, notLevel)
	case "+", "-":
		p.put(e.Op)
		if n, ok := e.X.(*ast.Unary); ok && (n.Op == "+" || n.Op == "-") {
			p.put(" ")
		}
		p.expr(e.X, sign)
	default:
		p.put(e.Op, " ")
		p.expr(e.X, other+1)
	}
}

// binary writes an infix operator. Comparisons and predicates do not chain; AND and OR are flat (see flat).
func (p *printer) binary(e *ast.Binary) {
	l := infix(e.Op)
	left, right := l, l+1
	switch {
	case l == comparison || l == predicate:
		left++
	case l <= andLevel:
		right--
	}
	p.expr(e.L, left)
	switch e.Op {
	case "similar", "not similar":
		p.put(word(e.Op == "similar", " SIMILAR TO ", " NOT SIMILAR TO "))
	default:
		p.put(" ", strings.ToUpper(e.Op), " ")
	}
	p.expr(e.R, right)
	if e.Third != nil {
		p.put(" ESCAPE ")
		p.expr(e.Third, predicate+1)
	}
}

func (p *printer) like(e *ast.Like) {
	p.expr(e.X, predicate+1)
	p.put(" ", not(e.Not), word(e.Fold, "ILIKE ", "LIKE "))
	p.expr(e.Pattern, predicate+1)
	if e.Escape != nil {
		p.put(" ESCAPE ")
		p.expr(e.Escape, predicate+1)
	}
}

func (p *printer) cast(e *ast.Cast) {
	if e.Try {
		p.put("TRY_CAST(")
		p.expr(e.X, loosest)
		p.put(" AS ", typeName(e.Type), ")")
		return
	}
	p.expr(e.X, cast)
	p.put("::", typeName(e.Type))
}

// typeName writes a type: Redshift's where the name is one of its types, what was written otherwise; of a nested one, its parts.
func typeName(t *ast.TypeName) string {
	if t.Known && t.Err == nil {
		return t.Type.String()
	}
	if len(t.Parts) == 0 {
		return t.Name
	}
	kind, parts := "array", make([]string, len(t.Parts))
	for i, p := range t.Parts {
		parts[i] = typeName(p.Type)
		switch {
		case p.Name != "":
			kind, parts[i] = "struct", p.Name+":"+parts[i]
		case i > 0:
			kind = "map"
		}
	}
	return kind + "<" + strings.Join(parts, ", ") + ">"
}

func (p *printer) caseOf(e *ast.Case) {
	p.put("CASE")
	if e.Operand != nil {
		p.put(" ")
		p.expr(e.Operand, loosest)
	}
	for _, w := range e.Whens {
		p.put(" ")
		p.when(w)
	}
	if e.Else != nil {
		p.put(" ELSE ")
		p.expr(e.Else, loosest)
	}
	p.put(" END")
}

func (p *printer) when(w ast.When) {
	p.put("WHEN ")
	p.expr(w.Cond, loosest)
	p.put(" THEN ")
	p.expr(w.Then, loosest)
}

func (p *printer) call(e *ast.FuncCall) {
	p.put(word(e.Approximate, "APPROXIMATE ", ""))
	if e.NoParens {
		p.put(strings.Join(e.Name, "."))
		return
	}
	if part, ok := extracted(e); ok {
		p.put("extract(", part, " FROM ")
		p.expr(e.Args[1], loosest)
		p.put(")")
		return
	}
	p.put(strings.Join(e.Name, "."), "(", word(e.Distinct, "DISTINCT ", ""), word(e.Star, "*", ""))
	if kept, ok := transformed(e); ok {
		p.expr(e.Args[0], loosest)
		p.put(word(kept > 0, " KEEP ", ""))
		p.exprs(e.Args[2 : 2+kept])
		p.put(word(len(e.Args) > 2+kept, " SET ", ""))
		p.exprs(e.Args[2+kept:])
	} else {
		p.exprs(e.Args)
	}
	p.put(")")
	if e.WithinGroup != nil {
		p.put(" WITHIN GROUP (ORDER BY ")
		p.order(e.WithinGroup)
		p.put(")")
	}
	p.put(word(e.IgnoreNulls, " IGNORE NULLS", ""))
	if e.Over != nil {
		p.window(e.Over)
	}
}

// extracted gives the part of a date that a call of EXTRACT wants: its arguments are not parted by a comma.
func extracted(e *ast.FuncCall) (part string, ok bool) {
	if len(e.Name) != 1 || e.Name[0] != "extract" || len(e.Args) != 2 {
		return "", false
	}
	l, ok := e.Args[0].(*ast.Literal)
	if !ok {
		return "", false
	}
	return quoted(l.Text), true
}

// transformed gives how many of the arguments of OBJECT_TRANSFORM, behind their number, stand behind KEEP: those behind SET follow.
func transformed(e *ast.FuncCall) (kept int, ok bool) {
	if len(e.Name) != 1 || e.Name[0] != "object_transform" || len(e.Args) < 2 {
		return 0, false
	}
	l, ok := e.Args[1].(*ast.Literal)
	if !ok {
		return 0, false
	}
	kept, err := strconv.Atoi(l.Text)
	return kept, err == nil && 2+kept <= len(e.Args)
}

func (p *printer) window(w *ast.Window) {
	p.put(" OVER (")
	gap := ""
	if w.Partition != nil {
		p.put("PARTITION BY ")
		p.exprs(w.Partition)
		gap = " "
	}
	if w.Order != nil {
		p.put(gap, "ORDER BY ")
		p.order(w.Order)
		gap = " "
	}
	if f := w.Frame; f != nil {
		p.put(gap, "ROWS BETWEEN ")
		p.bound(f.Lo)
		p.put(" AND ")
		p.bound(f.Hi)
	}
	p.put(")")
}

func (p *printer) bound(b ast.Bound) {
	if b.N != nil {
		p.expr(b.N, loosest)
		p.put(" ")
	}
	p.put(strings.ToUpper(b.Kind))
}

func (p *printer) order(list []ast.OrderItem) {
	each(p, list, func(o ast.OrderItem) {
		p.expr(o.Expr, loosest)
		p.put(word(o.Desc, " DESC", ""))
		if o.Nulls != "" {
			p.put(" NULLS ", strings.ToUpper(o.Nulls))
		}
	})
}

func (p *printer) grouping(e *ast.Grouping) {
	switch e.Kind {
	case "all":
		p.put("ALL")
		return
	case "sets":
		p.put("GROUPING SETS (")
	default:
		p.put(strings.ToUpper(e.Kind), " (")
	}
	each(p, e.Sets, func(set []ast.Expr) {
		if len(set) == 1 {
			p.expr(set[0], loosest)
			return
		}
		p.put("(")
		p.exprs(set)
		p.put(")")
	})
	p.put(")")
}
