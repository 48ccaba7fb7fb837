package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// listingOfNothing is SHOW of what no cluster of this engine has: datashares, models, templates and policies. What it is asked of must be there, and may be looked at.
func (s *Session) listingOfNothing(st *ast.ShowObjects) (l system.Listing, err error) {
	e := s.systemEnv()
	switch st.Kind {
	case "TEMPLATES":
		if e, err = s.inDatabase(st, 1); err != nil {
			return l, err
		}
		space := e.Catalog.Schema(st.Name.Object())
		if space == nil {
			return l, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", st.Name.Object()).At(st.Name.Offset())
		}
		if !e.Uses(space) {
			return l, denied("permission denied for schema %s", space.Name)
		}
	case "RLS POLICIES", "MASKING POLICIES":
		if !s.system(principal.SecurityWork) {
			return l, denied("permission denied to show policies")
		}
		switch st.Of {
		case "database":
			_, err = s.inDatabase(st, 0)
		case "table":
			if e, err = s.inDatabase(st, 2); err == nil {
				if _, err = e.Catalog.Resolve(s.searchPath(), st.Name.Schema(), st.Name.Object()); err != nil {
					err = atOffset(err, st.Name.Offset())
				}
			}
		}
		if err == nil && st.For != nil {
			_, err = s.identified(st.For, false)
		}
		if err != nil {
			return l, err
		}
	}
	return e.ShowNothing(st.Kind, st.Of == "table"), nil
}
