package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Views of the data catalog are entries of it, beside its tables. Their names have three forms, which lead to one external database:
//
//	lake.v                         an external schema of the session's database
//	dev.lake.v                     an external schema of a database of the cluster
//	awsdatacatalog.lakedb.v        the external database itself; for superusers
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_VIEW.html

// maxExternalBases is how many tables a view of the data catalog may have.
// https://docs.aws.amazon.com/redshift/latest/dg/data-catalog-views-overview.html
const maxExternalBases = 10

// externalViewHint names the statement that drops one.
const externalViewHint = "Use DROP EXTERNAL VIEW to remove an external view."

// createExternalView is CREATE EXTERNAL VIEW.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_VIEW.html
func (s *Session) createExternalView(c *call, st *ast.ExternalView) error {
	database, old, err := s.externalPlace(c, st.Name, "CREATE EXTERNAL VIEW")
	switch {
	case err != nil:
		return err
	case old != nil && st.IfNotExists:
		s.tell("INFO", sqlstate.DuplicateTable, "Relation \"%s\" already exists and will be skipped", st.Name.Object())
		return nil
	case old != nil:
		return catalog.Exists(st.Name.Object()).At(st.Name.Offset())
	}
	v := &catalog.ExternalView{Database: database, Name: st.Name.Object(), Protected: st.Protected, Created: s.c.cfg.Clock()}
	if err := s.defineExternalView(c, v, st); err != nil {
		return err
	}
	v.ID = s.c.newID()
	s.tx.EditEntry(v)
	return nil
}

// alterExternalView is ALTER EXTERNAL VIEW. Other engines know the view by its columns: with others a query is taken by FORCE alone.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_EXTERNAL_VIEW.html
func (s *Session) alterExternalView(c *call, st *ast.ExternalView) error {
	old, err := s.externalViewNamed(c, st.Name, "ALTER EXTERNAL VIEW")
	if err != nil {
		return err
	}
	v := *old
	if st.RemoveDefinition {
		v.Text, v.Bases = "", nil
		s.tx.EditEntry(&v)
		return nil
	}
	if err := s.defineExternalView(c, &v, st); err != nil {
		return err
	}
	same := func(a, b catalog.Column) bool { return a.Name == b.Name && a.Type == b.Type }
	if !st.Force && !slices.EqualFunc(v.Columns, old.Columns, same) {
		return sqlstate.InvalidTableDefinition.Errorf("the query has other columns than external view \"%s\"", v.Name).
			WithHint("FORCE gives the view the columns of the query.").At(st.Name.Offset())
	}
	s.tx.EditEntry(&v)
	return nil
}

// dropExternalView is DROP EXTERNAL VIEW.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_EXTERNAL_VIEW.html
func (s *Session) dropExternalView(c *call, st *ast.DropExternalView) error {
	v, err := s.externalViewNamed(c, st.Name, "DROP EXTERNAL VIEW")
	var e *sqlstate.Error
	switch {
	case err == nil:
		s.tx.RemoveEntry(catalog.EntryKey(v))
	case st.IfExists && errors.As(err, &e) && (e.Code == sqlstate.UndefinedTable || e.Code == sqlstate.InvalidSchemaName || e.Code == sqlstate.InvalidCatalogName):
		s.tell("INFO", e.Code, "External view \"%s\" does not exist and will be skipped", st.Name.Object())
	default:
		return err
	}
	return nil
}

// externalViewNamed finds the view that a statement changes; its schema must be the user's.
func (s *Session) externalViewNamed(c *call, n ast.Name, what string) (*catalog.ExternalView, error) {
	_, o, err := s.externalPlace(c, n, what)
	if err != nil {
		return nil, err
	}
	switch o := o.(type) {
	case *catalog.ExternalView:
		return o, nil
	case *catalog.ExternalTable:
		return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not an external view", n.Object()).At(n.Offset())
	}
	return nil, sqlstate.UndefinedTable.Errorf("External view \"%s\" does not exist", n.Object()).At(n.Offset())
}

// externalPlace finds the external database that a name leads to, and what has the name there (nil = nothing). The user must be the schema's owner, or a
// superuser. Errors: 25001 inside of a block, 3F000 and 3D000 of what is not there, 42501.
func (s *Session) externalPlace(c *call, n ast.Name, what string) (database string, o any, err error) {
	if err := s.alone(c, what); err != nil {
		return "", nil, err
	}
	s.tx.Refresh()
	cat := s.tx.Catalog()
	if len(n.Parts) > 2 && n.Parts[len(n.Parts)-3] == catalog.DataCatalogName {
		switch {
		case !s.user.Superuser:
			return "", nil, atOffset(denied("permission denied for database %s", catalog.DataCatalogName), n.Offset())
		case cat.ExternalDatabase(n.Schema()) == nil:
			return "", nil, sqlstate.InvalidCatalogName.Errorf("External database \"%s\" does not exist", n.Schema()).At(n.Offset())
		}
		return n.Schema(), cat.ExternalRelation(n.Schema(), n.Object()), nil
	}
	there := cat
	if len(n.Parts) > 2 {
		if there, err = s.database(n.Parts[len(n.Parts)-3]); err != nil {
			return "", nil, atOffset(err, n.Offset())
		}
	}
	sch, err := s.externalSchemaIn(there, n)
	if err != nil {
		return "", nil, err
	}
	return sch.External.Database, cat.ExternalRelation(sch.External.Database, n.Object()), nil
}

// defineExternalView gives a view its query. Of a protected view the query is run to its end: a view whose tables cannot be read is not made.
func (s *Session) defineExternalView(c *call, v *catalog.ExternalView, st *ast.ExternalView) error {
	r := &resolver{c: s.tx.Catalog(), path: s.searchPath(), in: s.database}
	b, err := bind.Bind(st.Query, s.bindEnv(r, nil, nil))
	if err != nil {
		return err
	}
	if len(b.Params) > 0 {
		return sqlstate.UndefinedParameter.Errorf("there is no parameter $1")
	}
	if err := ofDataCatalog(b); err != nil {
		return atOffset(err, st.Query.Pos.Offset())
	}
	if v.Columns, err = columnsOf(b.Columns, nil, st.Name); err != nil {
		return err
	}
	text := strings.TrimRight(strings.TrimSpace(st.Text), ";")
	v.Text, v.Bases, v.Definer, v.CaseSensitive = s.keptQuery(text, partAt(c, st, text), b.Attributes), b.Bases, s.user.ID, s.caseful
	e := s.entry(b, r)
	if err := s.complete(e, b.Plan, c.text); err != nil || !v.Protected || s.dry {
		return err
	}
	return s.runOut(c, e)
}

// runOut runs a query to its end, and lets its rows go.
func (s *Session) runOut(c *call, e *planEntry) (err error) {
	set, _, err := s.run(c, e, nil)
	if err != nil || set.cursor == nil {
		return err
	}
	defer func() { err = errors.Join(err, set.cursor.Close()) }()
	for {
		b, err := set.cursor.Next()
		if b == nil || err != nil {
			c.rec.Report = set.cursor.Report()
			return err
		}
	}
}

// ofDataCatalog refuses a query that reads what is not a table of the data catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/data-catalog-views-overview.html#data-catalog-views-considerations
func ofDataCatalog(b *bind.Bound) error {
	what := ""
	switch {
	case len(b.ExternalViews) > 0 || len(b.Views) > 0:
		what = "views"
	case len(b.Reads) > 0:
		what = "tables of the cluster"
	case len(b.Virtual) > 0:
		what = "system tables"
	case b.Routines:
		what = "user-defined functions"
	}
	if what != "" {
		return sqlstate.FeatureNotSupported.Errorf("external views over %s are not supported", what).
			WithDetail("A view of the data catalog reads external tables, and calls built-in functions.")
	}
	bases := map[[2]string]bool{}
	for _, t := range b.External {
		bases[[2]string{t.Database, t.Name}] = true
	}
	switch {
	case len(bases) == 0:
		return sqlstate.FeatureNotSupported.Errorf("an external view must read an external table")
	case len(bases) > maxExternalBases:
		return sqlstate.FeatureNotSupported.Errorf("an external view can read at most %d tables", maxExternalBases)
	}
	return nil
}
