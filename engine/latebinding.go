package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// mayBindLate refuses a query for a view WITH NO SCHEMA BINDING: in it each table has its schema, and the schemas exist, though the tables need not.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html#r_CREATE_VIEW-parameters
func (s *Session) mayBindLate(q *ast.Select) error {
	if q.Recursive {
		return sqlstate.FeatureNotSupported.Errorf("Recursive CTE in late-binding view is not supported").At(q.Pos.Offset())
	}
	var err error
	lateTables(q, nil, nil, func(n ast.Name) {
		switch {
		case err != nil:
		case n.Schema() == "":
			err = sqlstate.InvalidTableDefinition.Errorf("table %s in late-binding view must be schema qualified", n.Object()).
				WithHint("A view WITH NO SCHEMA BINDING names its tables with their schemas.").At(n.Offset())
		case n.Foreign(s.db.Name) == nil && !s.hasSchema(n.Schema()):
			err = sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", n.Schema()).At(n.Offset())
		}
	})
	return err
}

// hasSchema says that there is a schema, the system's own among them.
func (s *Session) hasSchema(name string) bool {
	return name == catalog.PgCatalog || name == catalog.Information || catalog.IsTempSchema(name) || s.tx.Catalog().Schema(name) != nil
}

// lateTables calls f with the name of each table in a query and in those inside of it: not with names of WITH queries, nor with arrays of rows that stand
// before them in FROM (o.lines), which are known by the names in scope.
func lateTables(q *ast.Select, ctes, rows map[string]bool, f func(n ast.Name)) {
	ctes, rows = with(ctes), with(rows)
	for i := range q.With {
		ctes[q.With[i].Name] = true
	}
	ast.Inspect(q, func(n any) bool {
		switch n := n.(type) {
		case *ast.Select:
			if n == q {
				return true
			}
			lateTables(n, ctes, rows, f)
			return false
		case *ast.TableRef:
			if first := n.Name.Parts[0]; len(n.Name.Parts) == 1 && !ctes[first] || len(n.Name.Parts) > 1 && !rows[first] {
				f(n.Name)
			}
			if rows[n.Alias] = true; n.Alias == "" {
				rows[n.Name.Object()] = true
			}
		case *ast.Derived:
			rows[n.Alias] = true
		case *ast.Unnest:
			rows[n.Alias] = true
		}
		return true
	})
}

// with is a copy of a set, to add to.
func with(names map[string]bool) map[string]bool {
	if names == nil {
		return map[string]bool{}
	}
	return maps.Clone(names)
}

// inlined are the late-binding views in what was bound for a view, which keeps them as they are: what becomes of them later does not change it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html#r_CREATE_VIEW_late-binding-views
func inlined(b *bind.Bound) (out []*catalog.View) {
	for _, v := range b.Views {
		if v.LateBinding && v.Refs == nil && !slices.ContainsFunc(out, func(o *catalog.View) bool { return o.ID == v.ID }) {
			c := *v
			if c.Refs = b.Late[v.ID]; c.Refs == nil {
				c.Refs = []catalog.Ref{}
			}
			out = append(out, &c)
		}
	}
	return out
}

// stateInlined makes what is shown of a view have the queries of late-binding views in the place of their names.
func (s *Session) stateInlined(v *catalog.View) error {
	if len(v.Inlined) == 0 {
		return nil
	}
	n := *v
	var err error
	if n.Shown, err = s.shownText(v); err == nil {
		s.tx.Edit(&n)
	}
	return err
}

// lateStatement is the statement that makes a late-binding view anew, under the name that it has now.
func lateStatement(v *catalog.View) string {
	var b strings.Builder
	b.WriteString("create view " + function.QuoteIdent(v.Schema) + "." + function.QuoteIdent(v.Name))
	if len(v.Names) > 0 {
		b.WriteString(" (" + identList(v.Names) + ")")
	}
	return b.String() + " as " + v.Text + " with no schema binding"
}

// identList is a list of names, in double quotes where they need them.
func identList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = function.QuoteIdent(n)
	}
	return strings.Join(quoted, ", ")
}
