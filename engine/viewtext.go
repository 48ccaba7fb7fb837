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
//	FROM l          l is a late-binding view       FROM (SELECT a FROM public.t) AS l
//
// What is shown of late-binding views keeps its names, for those are looked up when the view is read.
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
	view     *restating // a late-binding view whose query takes the place of its name; text is what follows it
}

// restating is a view's text on its way to what is shown of it.
type restating struct {
	v     *catalog.View
	toks  []lex.Token
	star  bool
	edits []edit
	moved []*catalog.Ref
}

func newRestating(v *catalog.View) (*restating, error) {
	toks, err := lex.Scan(v.Text, lex.Options{CaseSensitive: true})
	return &restating{v: v, toks: toks, star: hasStar(toks)}, err
}

// shownText is the text of a view in the names of now, "" when that is the text by which it was made. The queries of late-binding views stand in it, as the
// view has them.
func (s *Session) shownText(v *catalog.View) (string, error) {
	texts := map[uint32]*restating{} // by the views' numbers
	for _, x := range append(slices.Clone(v.Inlined), v) {
		t, err := newRestating(x)
		if err != nil {
			return "", err
		}
		texts[x.ID] = t
	}
	all := &ast.Select{Items: []ast.Item{{Expr: &ast.Star{}}}, From: []ast.From{&ast.TableRef{Name: ast.Name{Parts: []string{v.Schema, v.Name}}}}}
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil)
	env.Guard = nil // what the view reads is not read now
	env.Named = func(in *catalog.View, f *ast.TableRef, ref *catalog.Ref, r any) {
		if t := texts[in.ID]; t != nil && ref != nil {
			t.names(f, ref, r, texts)
		}
	}
	if _, err := bind.Bind(all, env); err != nil {
		return "", err
	}
	if len(texts[v.ID].edits) == 0 {
		return "", nil
	}
	return texts[v.ID].text(), nil
}

// names notes what a name in FROM becomes.
func (t *restating) names(f *ast.TableRef, ref *catalog.Ref, r any, texts map[uint32]*restating) {
	e, ok := nameAt(t.toks, f.Name.Offset(), len(f.Name.Parts))
	if !ok || slices.ContainsFunc(t.edits, func(x edit) bool { return x.from == e.from }) {
		return
	}
	if l, ok := r.(*catalog.View); ok && l.LateBinding {
		e.view = texts[l.ID]
	}
	if e.text = restated(ref, r, t.star); e.text == "" && e.view == nil {
		return
	}
	if e.view != nil {
		e.text = ""
	}
	if f.Alias == "" {
		e.text += " AS " + function.QuoteIdent(f.Name.Object())
		t.moved = append(t.moved, ref)
	}
	t.edits = append(t.edits, e)
}

// text is the text with its edits.
func (t *restating) text() string {
	edits := append(slices.Clone(t.edits), qualified(t.toks, t.moved, t.edits)...)
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.WriteString(t.v.Text[at:e.from])
		if e.view != nil {
			b.WriteString(e.view.derived())
		}
		b.WriteString(e.text)
		at = e.to
	}
	return b.String() + t.v.Text[at:]
}

// derived is a late-binding view as a derived table, without an alias.
func (t *restating) derived() string {
	if len(t.v.Names) == 0 {
		return "(" + t.text() + ")"
	}
	return "(SELECT * FROM (" + t.text() + ") AS " + function.QuoteIdent(t.v.Name) + " (" + identList(t.v.Names) + "))"
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
