package vet

import (
	"regexp"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// transaction warns of statements that do not go with transactions.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func (s *script) transaction(st ast.Statement, c *engine.Checked) {
	from, _ := st.Span()
	if c.Alone != "" && !c.Block {
		s.warn("not-in-transaction", from, "%s: a migration that opens one fails", c.Alone)
	}
	if _, ok := st.(*ast.Truncate); ok && c.Block {
		s.warn("truncate-commits", from, "TRUNCATE commits the transaction: what came before it cannot be rolled back")
	}
}

// written looks at a statement as it was written.
func (s *script) written(st ast.Statement) {
	ast.Inspect(st, func(n any) bool {
		switch n := n.(type) {
		case *ast.TypeName:
			s.typeName(n)
		case *ast.Select:
			s.distinct(n)
		case *ast.Subquery:
			s.scalar(n)
		}
		return true
	})
	switch st := st.(type) {
	case *ast.CreateTable:
		for i := range st.Columns {
			c := &st.Columns[i]
			if c.Type != nil && c.Type.Type.Kind == types.Char {
				s.multibyte(c.Default, c.Name)
			}
		}
	case *ast.AlterTable:
		if c := &st.Column; c.Type != nil && c.Type.Type.Kind == types.Char {
			s.multibyte(c.Default, c.Name)
		}
	case *ast.Insert:
		s.insert(st)
	case *ast.Update:
		for i := range st.Set {
			if c := column(s.table(st.Table), st.Set[i].Column.Name); c != nil && c.Type.Kind == types.Char {
				s.multibyte(st.Set[i].Value, c.Name)
			}
		}
	case *ast.Copy:
		s.nullAs(st.Options)
	}
}

// letterN finds the null string \N with one backslash, which the string itself takes away.
var letterN = regexp.MustCompile(`^(?i:null(?:\s+as)?)\s+'\\N'`)

// nullAs warns of a null string that is the letter N.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
func (s *script) nullAs(options []ast.Option) {
	for i := range options {
		if o := &options[i]; strings.HasPrefix(o.Name, "NULL") && letterN.MatchString(s.text[min(o.Offset(), len(s.text)):]) {
			s.warn("null-as-letter", o.Offset(), `the null string is the letter N, for '\N' loses its backslash: write '\\N'`)
		}
	}
}

// lengthless finds the types that have a length and are written without one.
var lengthless = regexp.MustCompile(`^(?i:"?text"?|n?varchar|bpchar|(?:character|char|nchar)\s+varying)(\s*\()?`)

// typeName warns of lengths.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
// https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-smallest-column-size.html
func (s *script) typeName(n *ast.TypeName) {
	at, text := n.Offset(), s.text
	if s.in != nil {
		text = s.in.Query
	}
	if !n.Known || at < 0 || at >= len(text) {
		return
	}
	if n.Type.Kind == types.Varchar && n.Type.Len == types.MaxVarchar {
		s.warn("varchar-max", at, "a VARCHAR of %d bytes: queries reserve memory for the declared length, not for what is stored", types.MaxVarchar)
	}
	if m := lengthless.FindStringSubmatch(text[at:]); m != nil && m[1] == "" {
		s.warn("varchar-no-length", at, "%s without a length holds %d bytes: longer text is refused, or cut by a cast", strings.ToUpper(n.Name), n.Type.Len)
	}
}

// table is a table that the script has made, nil when it is none.
func (s *script) table(n ast.Name) *catalog.Table {
	t, _ := s.k.Relation(n).(*catalog.Table)
	return t
}

// column finds a column by name.
func column(t *catalog.Table, name string) *catalog.Column {
	if t == nil {
		return nil
	}
	if i := t.Column(name); i >= 0 {
		return &t.Columns[i]
	}
	return nil
}

// insert looks for multibyte text among the rows of an INSERT.
func (s *script) insert(st *ast.Insert) {
	t := s.table(st.Table)
	if t == nil {
		return
	}
	for _, row := range st.Rows {
		for i, e := range row {
			var c *catalog.Column
			switch {
			case i < len(st.Columns):
				c = column(t, st.Columns[i].Name)
			case len(st.Columns) == 0 && i < len(t.Columns):
				c = &t.Columns[i]
			}
			if c != nil && c.Type.Kind == types.Char {
				s.multibyte(e, c.Name)
			}
		}
	}
}

// multibyte warns of text that a CHAR column cannot hold.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
func (s *script) multibyte(e ast.Expr, name string) {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.String && strings.ContainsFunc(l.Text, func(r rune) bool { return r > 127 }) {
		s.warn("char-multibyte", l.Offset(), "CHAR column %s gets multibyte text: it holds single-byte characters only, use VARCHAR", name)
	}
}

// key gives the columns of a table's primary key, or of a UNIQUE constraint, that names cover; nil when there is none.
func key(t *catalog.Table, names []string) (kind string, cols []string) {
	for _, c := range t.Constraints {
		if c.Kind != 'p' && c.Kind != 'u' {
			continue
		}
		cols = cols[:0]
		for _, i := range c.Columns {
			cols = append(cols, t.Columns[i].Name)
		}
		if !slices.ContainsFunc(cols, func(c string) bool { return !slices.Contains(names, c) }) && len(cols) > 0 {
			if c.Kind == 'p' {
				return "primary key", cols
			}
			return "UNIQUE constraint", cols
		}
	}
	return "", nil
}

// only gives the one table of a query's FROM.
func (s *script) only(q *ast.Select) *catalog.Table {
	if len(q.From) != 1 {
		return nil
	}
	r, ok := q.From[0].(*ast.TableRef)
	if !ok {
		return nil
	}
	return s.table(r.Name)
}

// distinct warns of DISTINCT over a key: the planner drops it, and duplicates show.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html
func (s *script) distinct(q *ast.Select) {
	t := s.only(q)
	if t == nil || !q.Distinct {
		return
	}
	var names []string
	for i := range q.Items {
		if c, ok := q.Items[i].Expr.(*ast.ColumnRef); ok {
			names = append(names, c.Parts[len(c.Parts)-1])
		}
	}
	if kind, cols := key(t, names); kind != "" {
		s.warn("key-not-enforced", q.Pos.Offset(), "DISTINCT over the %s (%s) of %s: it is not enforced, and where the planner trusts it duplicates show",
			kind, strings.Join(cols, ", "), t.Name)
	}
}

// scalar warns of a scalar subquery that has one row only as long as a key holds.
func (s *script) scalar(q *ast.Subquery) {
	t := s.only(q.Query)
	if t == nil || len(q.Query.Items) != 1 || q.Query.Limit != nil || len(q.Query.GroupBy) > 0 {
		return
	}
	if kind, cols := key(t, equal(q.Query.Where, nil)); kind != "" && !aggregated(q.Query.Items[0].Expr) {
		s.warn("key-not-enforced", q.Offset(), "this subquery has one row only if the %s (%s) of %s holds: it is not enforced, two rows are an error (21000)",
			kind, strings.Join(cols, ", "), t.Name)
	}
}

// equal collects the columns that a condition compares by =.
func equal(e ast.Expr, out []string) []string {
	b, ok := e.(*ast.Binary)
	if !ok {
		return out
	}
	switch strings.ToLower(b.Op) {
	case "and":
		return equal(b.R, equal(b.L, out))
	case "=":
		for _, x := range []ast.Expr{b.L, b.R} {
			if c, ok := x.(*ast.ColumnRef); ok {
				out = append(out, c.Parts[len(c.Parts)-1])
			}
		}
	}
	return out
}

// aggregated says that an expression calls a function that may be an aggregate: then there is one row anyway.
func aggregated(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n any) bool {
		_, call := n.(*ast.FuncCall)
		found = found || call
		return !found
	})
	return found
}
