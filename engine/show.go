package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// showRows is how many rows a SHOW of objects gives at most.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html
const showRows = 10000

// showObjects is SHOW of databases, schemas, tables, columns and constraints, and SHOW TABLE and SHOW VIEW.
func (s *Session) showObjects(c *call, st *ast.ShowObjects) (*rowset, int64, error) {
	s.tx.Refresh()
	if err := unbuilt(st); err != nil {
		return nil, 0, err
	}
	st, err := s.boundShow(c, st)
	if err != nil {
		return nil, 0, err
	}
	switch st.Kind {
	case "EXTERNAL TABLE":
		return s.showExternalTable(c, st)
	case "TABLE", "VIEW":
		return s.showDefinition(c, st)
	case "TEMPLATE":
		e, t, err := s.shownTemplate(*st.Name)
		if err != nil {
			return nil, 0, err
		}
		return s.rowsOf([]string{definitionColumn(st.Kind)}, [][]string{{e.ShowTemplate(t)}}, c.rec), 0, nil
	case "PROCEDURE":
		_, f, err := s.shownRoutine(st, true)
		if err != nil {
			return nil, 0, err
		}
		return s.rowsOf([]string{definitionColumn(st.Kind)}, [][]string{{system.ShowProcedure(f)}}, c.rec), 0, nil
	}
	l, err := s.listing(st)
	if err != nil {
		return nil, 0, err
	}
	if st.Like != nil {
		match, err := function.Like(*st.Like)
		if err != nil {
			return nil, 0, err
		}
		kept := l.Rows[:0]
		for _, r := range l.Rows {
			if match(r[l.Name].Text) {
				kept = append(kept, r)
			}
		}
		l.Rows = kept
	}
	most := int64(showRows)
	if st.Kind == "TEMPLATES" { // https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TEMPLATES.html
		most = maxTemplates
	}
	switch {
	case st.Limit != nil && (*st.Limit < 0 || *st.Limit > most):
		return nil, 0, sqlstate.InvalidParameterValue.Errorf("LIMIT of SHOW %s must be between 0 and %d", st.Kind, most)
	case st.Limit != nil:
		l.Rows = l.Rows[:min(len(l.Rows), int(*st.Limit))]
	case int64(len(l.Rows)) > most:
		return nil, 0, sqlstate.Internal.Errorf("SHOW %s would give more than %d rows", st.Kind, most).WithHint("Use LIKE or LIMIT.")
	}
	return s.listed(c, l), 0, nil
}

// listing makes what a SHOW lists, before LIKE and LIMIT.
func (s *Session) listing(st *ast.ShowObjects) (l system.Listing, err error) {
	switch st.Kind {
	case "DATASHARES":
		return s.systemEnv().ShowDatashares(), nil
	case "USER LOCKOUT":
		return s.lockouts()
	case "DATABASES":
		return s.systemEnv().ShowDatabases(), nil
	case "SCHEMAS":
		e, err := s.inDatabase(st, 0)
		if err != nil {
			return l, err
		}
		return e.ShowSchemas(), nil
	case "TABLES":
		e, err := s.inDatabase(st, 1)
		if err != nil {
			return l, err
		}
		name := st.Name.Object()
		if e.Catalog.Schema(name) == nil && !catalog.IsTempSchema(name) {
			return l, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(st.Name.Offset())
		}
		if e, name, err = linkedIn(e, *st.Name, name); err != nil {
			return l, err
		}
		return e.ShowTables(name), nil
	case "COLUMNS":
		e, o, err := s.shownRelation(st)
		if err != nil {
			return l, err
		}
		switch o := o.(type) {
		case *catalog.ExternalTable:
			return e.ShowExternalColumns(st.Name.Schema(), o.ID, o.Name, o.Columns), nil
		case *catalog.ExternalView:
			return e.ShowExternalColumns(st.Name.Schema(), o.ID, o.Name, o.Columns), nil
		}
		return e.ShowColumns(catalog.IDOf(o)), nil
	case "CONSTRAINTS PRIMARY KEYS", "CONSTRAINTS FOREIGN KEYS":
		e, o, err := s.shownRelation(st)
		if err != nil {
			return l, err
		}
		t, ok := o.(*catalog.Table)
		switch {
		case !ok:
			return l, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", st.Name.Object()).At(st.Name.Offset())
		case st.Kind == "CONSTRAINTS PRIMARY KEYS":
			return e.ShowKeys(t), nil
		}
		return e.ShowReferences(t, st.Exported), nil
	}
	if st.Kind == "TEMPLATES" {
		return s.listingOfTemplates(st)
	}
	if st.Kind == "RLS POLICIES" || st.Kind == "MASKING POLICIES" {
		return s.listingOfPolicies(st)
	}
	if st.Kind == "MODEL" { // no cluster of this engine has any
		return s.systemEnv().ShowModels(), nil
	}
	return s.listingOfRoutines(st)
}

// inDatabase is what system tables are made from, in the database that a name says; at is how many parts of the name stand behind it.
func (s *Session) inDatabase(st *ast.ShowObjects, at int) (*system.Env, error) {
	e := s.systemEnv()
	n := st.Name
	if n == nil || len(n.Parts) <= at {
		return e, nil
	}
	name := n.Parts[len(n.Parts)-1-at]
	db := e.Catalog.DatabaseByName(name)
	if db == nil {
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", name).At(n.Offset())
	}
	return e.In(db), nil
}

// shownRelation finds the table or view that SHOW names, which the user must be allowed to read: all of it, but for its columns one of them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_COLUMNS.html#r_SHOW_COLUMNS-privileges
func (s *Session) shownRelation(st *ast.ShowObjects) (*system.Env, any, error) {
	n := st.Name
	e, err := s.inDatabase(st, 2)
	if err != nil {
		return nil, nil, err
	}
	schema := n.Schema()
	if e, schema, err = linkedIn(e, *n, schema); err != nil {
		return nil, nil, err
	}
	o, err := e.Catalog.Resolve(s.searchPath(), schema, n.Object())
	if err != nil {
		return nil, nil, atOffset(err, n.Offset())
	}
	if catalog.IsExternal(o) {
		_, err = schemaIn(e, *n, n.Schema())
		return e, o, err
	}
	if !e.Reads(o, st.Kind != "COLUMNS") {
		err = sqlstate.InsufficientPrivilege.Errorf("permission denied for relation %s", catalog.KeyOf(o).Name)
	}
	return e, o, err
}

// showDefinition is SHOW TABLE and SHOW VIEW: the statement, or the query, as text.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLE.html
func (s *Session) showDefinition(c *call, st *ast.ShowObjects) (*rowset, int64, error) {
	e, o, err := s.shownRelation(st)
	if err != nil {
		return nil, 0, err
	}
	switch o := o.(type) {
	case *catalog.Table:
		if st.Kind == "TABLE" {
			return s.rowsOf([]string{definitionColumn(st.Kind)}, [][]string{{system.ShowTable(e.Catalog, o)}}, c.rec), 0, nil
		}
	case *catalog.View:
		if st.Kind == "VIEW" {
			return s.rowsOf([]string{definitionColumn(st.Kind)}, [][]string{{system.ShowView(o)}}, c.rec), 0, nil
		}
	case *catalog.ExternalView:
		if st.Kind == "VIEW" {
			return s.rowsOf([]string{definitionColumn(st.Kind)}, [][]string{{system.ShowExternalView(o)}}, c.rec), 0, nil
		}
	}
	return nil, 0, sqlstate.WrongObjectType.Errorf("\"%s\" is not a %s", st.Name.Object(), strings.ToLower(st.Kind)).At(st.Name.Offset())
}

// definitionColumn is the name of the column of SHOW TABLE, SHOW VIEW and SHOW PROCEDURE.
func definitionColumn(kind string) string {
	if kind == "PROCEDURE" { // https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_PROCEDURE.html
		return "Stored Procedure Definition"
	}
	return "Show " + kind[:1] + strings.ToLower(kind[1:]) + " DDL statement"
}

// listed makes a rowset of a listing.
func (s *Session) listed(c *call, l system.Listing) *rowset {
	set := &rowset{s: s, rec: c.rec, tx: s.tx}
	for _, col := range l.Columns {
		set.columns = append(set.columns, exec.ResultColumn{Name: col.Name, Type: col.Type})
	}
	for len(l.Rows) > 0 {
		n := min(len(l.Rows), vector.Size)
		b := &vector.Batch{Len: n}
		for i, col := range l.Columns {
			v := vector.New(col.Type, n)
			for r := range n {
				v.Set(r, l.Rows[r][i])
			}
			b.Columns = append(b.Columns, v)
		}
		set.batches, l.Rows = append(set.batches, b), l.Rows[n:]
	}
	return set
}
