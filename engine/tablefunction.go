package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// tableFunction makes the rows of a function in FROM. They are the leader's.
func (s *Session) tableFunction(name string, args []types.Datum) (*catalog.Virtual, error) {
	switch {
	case name == "pg_get_cols" && len(args) == 1:
		return s.columnsTable(args[0].Text)
	case name == "pg_get_late_binding_view_cols" && len(args) == 0:
		return s.lateColumns()
	case name == "pg_timezone_names" && len(args) == 0:
		return s.zoneNames(), nil
	case name == "pg_timezone_abbrevs" && len(args) == 0:
		return zoneAbbreviations(), nil
	case name == "pg_get_session_roles" && len(args) == 0:
		return sessionRoles(), nil
	case name == "pg_get_iam_role_by_user" && len(args) == 1:
		return s.rolesOfUser(args[0].Text)
	case name == "pg_get_grantee_by_iam_role" && len(args) == 1:
		return s.granteesOfRole(args[0].Text)
	case (name == "mask_get_policy_for_user_on_column" || name == "mask_get_policy_for_role_on_column") && len(args) == 4:
		return s.maskFor(name, args[0].Text, args[1].Text, args[2].Text, args[3].Text)
	}
	return nil, sqlstate.FeatureNotSupported.Errorf("function %s() in FROM is not supported", name)
}

// columnList is what PG_GET_COLS and its like return.
var columnList = []catalog.Column{
	{Name: "view_schema", Type: types.TName},
	{Name: "view_name", Type: types.TName},
	{Name: "col_name", Type: types.TName},
	{Name: "col_type", Type: types.TVarcharMax},
	{Name: "col_num", Type: types.TInt4},
}

// described is a relation whose columns are listed.
type described struct {
	schema, name string
	columns      []catalog.Column
}

// columnRows makes the table of columns of relations.
func columnRows(function string, rels []described) *catalog.Virtual {
	return &catalog.Virtual{
		Schema: catalog.PgCatalog, Name: function, Columns: columnList, Leader: true,
		Rows: func(_ any, emit func([]types.Datum) bool) error {
			text := func(t types.Type, v string) types.Datum { return types.Datum{Type: t, Text: v} }
			for _, r := range rels {
				n := int64(0)
				for i := range r.columns {
					c := &r.columns[i]
					if c.Hidden {
						continue
					}
					n++
					if !emit([]types.Datum{
						text(types.TName, r.schema), text(types.TName, r.name), text(types.TName, c.Name),
						text(types.TVarcharMax, c.Type.String()),
						{Type: types.TInt4, Int: n},
					}) {
						return nil
					}
				}
			}
			return nil
		},
	}
}

// columnsTable is PG_GET_COLS: the columns of a table or view.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_COLS.html
func (s *Session) columnsTable(name string) (*catalog.Virtual, error) {
	schema, object := "", ""
	for _, p := range strings.Split(name, ".") {
		p = strings.TrimSpace(p)
		if q := strings.Trim(p, `"`); q != p && s.caseful {
			p = q
		} else {
			p = strings.ToLower(q)
		}
		schema, object = object, p
	}
	o, err := s.tx.Catalog().Resolve(s.searchPath(), schema, object)
	if err != nil {
		return nil, err
	}
	r := described{schema: catalog.KeyOf(o).Schema, name: catalog.KeyOf(o).Name}
	switch o := o.(type) {
	case *catalog.Table:
		r.columns = o.Columns
	case *catalog.Virtual:
		r.columns = o.Columns
	case *catalog.ExternalTable:
		r.schema, r.columns = schema, o.Columns
	case *catalog.ExternalView:
		r.schema, r.columns = schema, o.Columns
	case *catalog.View:
		if r.columns = o.Columns; o.LateBinding {
			if r.columns, err = s.columnsNow(o); err != nil {
				return nil, err
			}
		}
	}
	return columnRows("pg_get_cols", []described{r}), nil
}

// lateColumns is PG_GET_LATE_BINDING_VIEW_COLS: the columns of all late-binding views whose tables are there.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_LATE_BINDING_VIEW_COLS.html
func (s *Session) lateColumns() (*catalog.Virtual, error) {
	var rels []described
	for _, v := range s.tx.Catalog().Views() {
		if !v.LateBinding {
			continue
		}
		if cols, err := s.columnsNow(v); err == nil {
			rels = append(rels, described{v.Schema, v.Name, cols})
		}
	}
	return columnRows("pg_get_late_binding_view_cols", rels), nil
}

// columnsNow binds a view's text against the tables of now.
func (s *Session) columnsNow(v *catalog.View) ([]catalog.Column, error) {
	st, err := parseOne(v.Text)
	if err != nil {
		return nil, err
	}
	sel, ok := st.(*ast.Select)
	if !ok {
		return nil, sqlstate.WrongObjectType.Errorf("the text of view \"%s\" is not a query", v.Name)
	}
	b, err := s.bindQuery(sel, false, nil)
	if err != nil {
		return nil, err
	}
	cols := make([]catalog.Column, len(b.Columns))
	for i, c := range b.Columns {
		cols[i] = catalog.Column{Name: c.Name, Type: c.Type}
		if i < len(v.Names) {
			cols[i].Name = v.Names[i]
		}
	}
	return cols, nil
}
