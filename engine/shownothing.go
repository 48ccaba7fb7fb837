package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// listingOfNothing is SHOW of what no cluster of this engine has: models and templates. What it is asked of must be there, and may be looked at.
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
	}
	return e.ShowNothing(st.Kind), nil
}
