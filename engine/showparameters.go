package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// AWS's drivers of today ask for metadata by SHOW with parameters instead of names (decision 97):
//
//	Parse   SHOW TABLES FROM SCHEMA $1.$2 LIKE $3    read with names that stand for them: three parameters, all VARCHAR
//	Bind    dev, public, %                           read again, as SHOW TABLES FROM SCHEMA "dev"."public" LIKE '%'

// showParameters are the types of the parameters of a SHOW; nil for other statements, and for one that has none.
func showParameters(st ast.Statement) []types.Type {
	if o, ok := st.(*ast.ShowObjects); ok && o.Params > 0 {
		return slices.Repeat([]types.Type{types.TVarcharMax}, o.Params)
	}
	return nil
}

// boundShow is a SHOW with the values of its parameters.
func (s *Session) boundShow(c *call, st *ast.ShowObjects) (*ast.ShowObjects, error) {
	values, err := s.values(c.args, showParameters(st))
	if err != nil || st.Params == 0 {
		return st, err
	}
	args := make([]string, len(values))
	for i, v := range values {
		if v.Null {
			return nil, sqlstate.NullNotAllowed.Errorf("parameter $%d of SHOW %s cannot be null", i+1, st.Kind)
		}
		args[i] = v.Text
	}
	stmts, err := parse.Bound(c.text, parse.Options{CaseSensitive: s.caseful}, args)
	if err != nil {
		return nil, err
	}
	return stmts[0].(*ast.ShowObjects), nil
}

// showHead are the columns of a SHOW whose parameters have no values yet: what it lists is not known, but what it tells of each is.
func (s *Session) showHead(st *ast.ShowObjects) (*rowset, error) {
	e := *s.systemEnv()
	e.HeadOnly = true
	var l system.Listing
	switch st.Kind {
	case "TABLE", "VIEW", "PROCEDURE", "TEMPLATE":
		return s.rowsOf([]string{definitionColumn(st.Kind)}, nil, nil), nil
	case "SCHEMAS":
		l = e.ShowSchemas()
	case "TABLES":
		l = e.ShowTables("")
	case "COLUMNS":
		l = e.ShowColumns(0)
	case "CONSTRAINTS PRIMARY KEYS":
		l = e.ShowKeys(nil)
	case "CONSTRAINTS FOREIGN KEYS":
		l = e.ShowReferences(nil, false)
	case "FUNCTIONS":
		l = e.ShowFunctions("", nil)
	case "PROCEDURES":
		l = e.ShowProcedures("", nil)
	case "PARAMETERS OF FUNCTION":
		l = e.ShowParameters(nil)
	case "PARAMETERS OF PROCEDURE":
		l = e.ShowProcedureParameters(nil)
	case "COLUMN GRANTS":
		l = e.ShowColumnGrants(0, system.GrantsOf{})
	case "GRANTS":
		of := system.GrantsOf{}
		if st.On != nil {
			if of.On = new(principal.Object); st.On.Kind == "database" {
				*of.On = principal.Database
			}
		}
		l = e.ShowGrants(of)
	case "RLS POLICIES", "MASKING POLICIES":
		if l = e.ShowPolicies(st.Kind); st.Of == "table" {
			l = e.ShowPoliciesOn(st.Kind, nil, nil)
		}
	case "TEMPLATES":
		l = e.ShowTemplates("")
	case "MODEL":
		l = e.ShowModels()
	default:
		return nil, unsupported(st, ast.KindOf(st))
	}
	return s.listed(&call{}, l), nil
}
