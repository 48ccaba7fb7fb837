package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// resolver looks names up for one statement, and remembers them.
type resolver struct {
	c      *catalog.Catalog
	path   []string
	looked []look
	in     func(database string) (*catalog.Catalog, error) // nil = other databases are not known
}

// In gives the resolver of another database; names without a schema are looked up nowhere there.
func (r *resolver) In(database string) (bind.Resolver, *catalog.Catalog, error) {
	if r.in == nil {
		return nil, nil, sqlstate.FeatureNotSupported.Errorf("cross-database references are not implemented: \"%s\"", database)
	}
	c, err := r.in(database)
	if err != nil {
		return nil, nil, err
	}
	return &resolver{c: c, path: []string{catalog.PgCatalog}, in: r.in}, c, nil
}

// Over looks names up in a catalog, and knows no other databases.
func (r *resolver) Over(c *catalog.Catalog) bind.Resolver {
	return &resolver{c: c, path: []string{catalog.PgCatalog}}
}

// Linked says to which schema of which database an external schema leads, "" = to none.
func (r *resolver) Linked(schema string) (database, there string) {
	if s := r.c.Schema(schema); s != nil && s.External != nil && s.External.Kind != catalog.DataCatalog {
		return s.External.Database, s.External.Schema
	}
	return "", ""
}

// External finds a table or view of the data catalog, which is the cluster's.
func (r *resolver) External(database, name string) any { return r.c.ExternalRelation(database, name) }

// database is the catalog of a database by name, as the transaction sees it.
func (s *Session) database(name string) (*catalog.Catalog, error) {
	db := s.tx.Catalog().DatabaseByName(name)
	switch {
	case db == nil:
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", name)
	case db.Import != nil:
		i, err := s.imported(db)
		if err != nil {
			return nil, err
		}
		return i.catalog, nil
	case db.ID == s.db.ID:
		return s.tx.Catalog(), nil
	}
	return s.c.txns.Root().Of(db.ID), nil // the newest, as names of the own database
}

// Relation finds a relation by name.
func (r *resolver) Relation(schema, name string, pos int) (any, error) {
	o, err := r.c.Resolve(r.path, schema, name)
	if err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) {
			return nil, e.At(pos)
		}
		return nil, err
	}
	for i := range r.looked {
		if r.looked[i].schema == schema && r.looked[i].name == name {
			return o, nil
		}
	}
	r.looked = append(r.looked, look{schema, name, o})
	return o, nil
}

// parseOne parses the text of a view or of a default. The names in it keep their case: those that the session that wrote it had folded were folded then.
func parseOne(text string) (ast.Statement, error) {
	stmts, err := parse.With(text, parse.Options{CaseSensitive: true})
	if err != nil {
		return nil, err
	}
	if len(stmts) != 1 {
		return nil, sqlstate.Syntax.Errorf("one statement was expected")
	}
	return stmts[0], nil
}

// parseNow is parseOne with attributes of SUPER values in the case in which they are written.
func parseNow(text string) (ast.Statement, error) {
	stmts, err := parse.With(text, parse.Options{CaseSensitive: true, Attributes: true})
	if err == nil && len(stmts) != 1 {
		err = sqlstate.Syntax.Errorf("one statement was expected")
	}
	if err != nil {
		return nil, err
	}
	return stmts[0], nil
}

// reading says how the session reads texts.
func (s *Session) reading() parse.Options {
	return parse.Options{CaseSensitive: s.caseful, Attributes: s.attributes}
}

// kept is a text as it is kept in the catalog: names in double quotes as the session reads them.
func (s *Session) kept(text string) string {
	if s.caseful {
		return text
	}
	return parse.FoldQuoted(text)
}

// keptQuery is kept for a view's query, which begins in the statement at an offset: names of attributes that the session reads in their case stand in double
// quotes, so that the view goes on to read them so.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_super_attribute.html
func (s *Session) keptQuery(text string, offset int, attributes []bind.Attribute) string {
	kept := s.kept(text)
	toks, err := lex.Scan(text, lex.Options{})
	if len(attributes) == 0 || err != nil {
		return kept
	}
	quoted := map[int]string{} // by token
	for _, a := range attributes {
		i := slices.IndexFunc(toks, func(t lex.Token) bool { return t.Pos == a.Pos-offset })
		if i < 0 {
			continue
		}
		if i += 2 * a.Skip; toks[min(i, len(toks)-1)].Text == "." {
			i++
		}
		for k, n := range a.Names {
			if at := i + 2*k; at < len(toks) {
				quoted[at] = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
			}
		}
	}
	var b strings.Builder
	from := 0
	for i, t := range toks {
		if q, ok := quoted[i]; ok {
			b.WriteString(kept[from:t.Pos])
			b.WriteString(q)
			from = t.End
		}
	}
	b.WriteString(kept[from:])
	return b.String()
}

// partAt is where a part of a statement begins in the text of all.
func partAt(c *call, st ast.Statement, part string) int {
	from, _ := st.Span()
	return from + max(strings.Index(c.text[from:], part), 0)
}

// statementText is the text of a statement.
func statementText(c *call, st ast.Statement) string {
	from, to := st.Span()
	return strings.TrimRight(strings.TrimSpace(c.text[from:min(to, len(c.text))]), "; \n\t")
}

// bindEnv is what binding asks of the session.
func (s *Session) bindEnv(r bind.Resolver, params []types.Type, values []types.Datum) *bind.Env {
	if s.binds.Parse == nil { // what does not change while the session lives
		s.binds = bind.Env{Parse: parseOne, Identity: s.identity, TableFunction: s.tableFunction, Functions: s.functions}
	}
	e := s.binds
	e.Catalog, e.Function, e.Params, e.CaseSensitive, e.LaxIntervals, e.Guard = r, s.env(values), params, s.caseful, s.lax, s.guard()
	if s.attributes {
		e.ParseNow = parseNow
	}
	e.CaseInsensitive, e.RoutinesFirst, e.NoPseudoColumns = s.db.CaseInsensitive, s.routinesFirst(), s.noPseudo
	e.JSON, e.NoSpectrumOID = s.json, s.noOID
	return &e
}
