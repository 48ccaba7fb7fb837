package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// use is USE: from now on names are those of another database, without another connection. The search path is the default one again. Temporary tables stay
// where they were made.
// https://docs.aws.amazon.com/redshift/latest/dg/r_USE_command.html
func (s *Session) useDatabase(st *ast.Use) error {
	s.tx.Refresh()
	db := s.tx.Catalog().DatabaseByName(st.Database.Name)
	if db == nil {
		return sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", st.Database.Name).At(st.Database.Offset())
	}
	if err := s.mayUse(db); err != nil {
		return atOffset(err, st.Database.Offset())
	}
	if db.Import != nil {
		if _, err := s.imported(db); err != nil {
			return atOffset(err, st.Database.Offset())
		}
	}
	if err := s.turnTo(db); err != nil {
		return err
	}
	s.used = true
	return nil
}

// resetUse is RESET USE: names are those of the connected database again.
func (s *Session) resetUse() error {
	if err := s.turnTo(s.home); err != nil {
		return err
	}
	s.used = false
	return nil
}

// turnTo makes a database the one that names are of: at the begin of a transaction, before anything was read or changed.
func (s *Session) turnTo(db *catalog.Database) error {
	if s.tx != nil && !s.tx.Untouched() {
		return sqlstate.ActiveTransaction.Errorf("USEd Database cannot be set or reset inside a transaction after another command.")
	}
	if err := s.assign("search_path", "", true, false); err != nil {
		return err
	}
	s.c.mu.Lock()
	s.db = db
	s.c.mu.Unlock()
	s.asked = function.Env{} // it knows the name of the database
	if s.tx != nil {
		s.tx.Database, s.tx.Serializable = db.ID, db.Isolation == catalog.Serializable
	}
	return nil
}

// shownUse is SHOW USE: the database of the last USE, empty without one.
func (s *Session) shownUse(c *call) *rowset {
	name := ""
	if s.used {
		name = s.db.Name
	}
	return s.rowsOf([]string{"Use Database"}, [][]string{{name}}, c.rec)
}
