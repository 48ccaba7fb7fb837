package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// restate brings up to date what PG_VIEWS and its like show of the views that read a relation, after it, or a column of it, got another name. The text by
// which a view was made stays, with what its names mean (catalog.Ref); what is shown is that text with other words in it:
//
//	FROM t          t is called s.u now            FROM s.u AS t
//	FROM t          its column a is called z       FROM (SELECT z AS a, b FROM s.t) AS t
//	public.t.a      in either case                 t.a
//
// Late-binding views keep their names, for those are looked up when the view is read.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
func (s *Session) restate(id uint32) error {
	for _, v := range s.tx.Catalog().Dependents(id) {
		shown, err := s.shownText(v)
		if err != nil {
			return err
		}
		if shown == v.Shown {
			continue
		}
		n := *v
		n.Shown = shown
		n.Version++
		s.tx.Edit(&n)
	}
	return nil
}

// edit replaces a part of a text.
type edit struct {
	from, to int
	text     string
}

// shownText is the text of a view in the names of now, "" when that is the text by which it was made.
func (s *Session) shownText(v *catalog.View) (string, error) {
	toks, err := lex.Scan(v.Text, lex.Options{CaseSensitive: true})
	if err != nil {
		return "", err
	}
	star := hasStar(toks)
	var edits []edit
	var moved []*catalog.Ref
	all := &ast.Select{Items: []ast.Item{{Expr: &ast.Star{}}}, From: []ast.From{&ast.TableRef{Name: ast.Name{Parts: []string{v.Schema, v.Name}}}}}
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil)
	env.Guard = nil // what the view reads is not read now
	env.Named = func(in *catalog.View, f *ast.TableRef, ref *catalog.Ref, r any) {
		if in.ID != v.ID || ref == nil {
			return
		}
		text := restated(ref, r, star)
		if text == "" {
			return
		}
		if f.Alias == "" {
			text += " AS " + function.QuoteIdent(f.Name.Object())
			moved = append(moved, ref)
		}
		if e, ok := nameAt(toks, f.Name.Offset(), len(f.Name.Parts)); ok && !slices.ContainsFunc(edits, func(x edit) bool { return x.from == e.from }) {
			e.text = text
			edits = append(edits, e)
		}
	}
	if _, err := bind.Bind(all, env); err != nil {
		return "", err
	}
	if len(edits) == 0 {
		return "", nil
	}
	edits = append(edits, qualified(toks, moved, edits)...)
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.WriteString(v.Text[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(v.Text[at:])
	return b.String(), nil
}

// restated is what stands for a relation that a view names, without an alias; "" when its name serves still.
func restated(ref *catalog.Ref, r any, star bool) string {
	name := function.QuoteIdent(ref.At.Schema) + "." + function.QuoteIdent(ref.At.Name)
	if t, ok := r.(*catalog.Table); ok && !sameColumns(ref, t, star) {
		var list []string
		for _, c := range ref.Columns {
			i := slices.IndexFunc(t.Columns, func(x catalog.Column) bool { return x.PosAttr == c.PosAttr })
			switch {
			case i < 0: // dropped, so the view does not read it
			case t.Columns[i].Name == c.Name:
				list = append(list, function.QuoteIdent(c.Name))
			default:
				list = append(list, function.QuoteIdent(t.Columns[i].Name)+" AS "+function.QuoteIdent(c.Name))
			}
		}
		return "(SELECT " + strings.Join(list, ", ") + " FROM " + name + ")"
	}
	if ref.At == ref.Found {
		return ""
	}
	return name
}

// sameColumns says whether a view can read a table by the names of then: each column has its name still. A * needs the same columns besides.
func sameColumns(ref *catalog.Ref, t *catalog.Table, star bool) bool {
	for _, c := range ref.Columns {
		i := slices.IndexFunc(t.Columns, func(x catalog.Column) bool { return x.PosAttr == c.PosAttr })
		if i >= 0 && t.Columns[i].Name != c.Name {
			return false
		}
	}
	return !star || len(t.Columns) == len(ref.Columns)
}

// hasStar says whether a query has a * that stands for columns.
func hasStar(toks []lex.Token) bool {
	for i := 1; i < len(toks); i++ {
		if toks[i].Text != "*" {
			continue
		}
		switch strings.ToLower(toks[i-1].Text) {
		case "select", "distinct", "all", ",", ".":
			return true
		}
	}
	return false
}

// nameAt is the place of a name of so many parts, parted by dots, that begins at a position.
func nameAt(toks []lex.Token, pos, parts int) (edit, bool) {
	i := slices.IndexFunc(toks, func(t lex.Token) bool { return t.Pos == pos })
	last := i + 2*(parts-1)
	if i < 0 || last >= len(toks) {
		return edit{}, false
	}
	return edit{from: pos, to: toks[last].End}, true
}

// qualified takes the schema off columns of relations that are known by an alias now.
func qualified(toks []lex.Token, moved []*catalog.Ref, names []edit) (out []edit) {
	for i := 0; i+4 < len(toks); i++ {
		if toks[i+1].Text != "." || toks[i+3].Text != "." || i > 0 && toks[i-1].Text == "." ||
			slices.ContainsFunc(names, func(e edit) bool { return e.from <= toks[i].Pos && toks[i].Pos < e.to }) {
			continue
		}
		for _, r := range moved {
			if toks[i].Text == r.Found.Schema && toks[i+2].Text == r.Written.Name {
				out = append(out, edit{from: toks[i].Pos, to: toks[i+2].Pos})
				break
			}
		}
	}
	return out
}
