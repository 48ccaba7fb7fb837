package engine

import (
	"slices"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// fixedDatabases may not be renamed, dropped or given another isolation level.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATABASE.html
var fixedDatabases = map[string]bool{"dev": true, "padb_harvest": true, "template0": true, "template1": true, "sys:internal": true}

// createDatabase is CREATE DATABASE: an empty one, to which sessions connect.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
func (s *Session) createDatabase(c *call, st *ast.Database) error {
	if err := s.alone(c, "CREATE DATABASE"); err != nil {
		return err
	}
	if !s.user.Superuser && !s.user.CreateDB {
		return denied("permission denied to create database")
	}
	s.tx.Refresh()
	if s.tx.Catalog().DatabaseByName(st.Name.Name) != nil || st.Name.Name == catalog.DataCatalogName {
		return sqlstate.DuplicateDatabase.Errorf("database \"%s\" already exists", st.Name.Name).At(st.Name.Offset())
	}
	db := &catalog.Database{ID: s.c.newID(), Name: st.Name.Name, Owner: s.user.ID, ConnLimit: -1}
	var err error
	if db.Import, err = s.importOf(st); err != nil {
		return err
	}
	if db.Import != nil {
		s.tx.EditDatabase(db)
		return nil
	}
	for i := range st.Options {
		if err := s.databaseOption(db, &st.Options[i], st); err != nil {
			return err
		}
	}
	s.tx.EditDatabase(db)
	return nil
}

// databaseOption sets one option of CREATE and ALTER DATABASE.
func (s *Session) databaseOption(db *catalog.Database, o *ast.Option, st *ast.Database) error {
	switch o.Name {
	case "OWNER":
		u, err := s.userNamed(o.Value)
		if err != nil {
			return err
		}
		if !s.user.Superuser && u.ID != s.user.ID {
			return denied("must be superuser to give database \"%s\" to another user", db.Name)
		}
		s.passAccess(principal.Database, db.ID, db.Owner, u.ID)
		db.Owner = u.ID
	case "CONNECTION LIMIT":
		db.ConnLimit = -1
		if n, err := strconv.Atoi(o.Value); err == nil {
			db.ConnLimit = n
		}
	case "COLLATE":
		db.CaseInsensitive = function.FoldsCase(o.Value)
	case "ISOLATION LEVEL":
		db.Isolation = catalog.Snapshot
		if o.Value == "SERIALIZABLE" {
			db.Isolation = catalog.Serializable
		}
	default:
		return sqlstate.Unbuilt(ast.KindOf(st), ast.KindOf(st)+" "+o.Name).At(o.Offset())
	}
	return nil
}

// alterDatabase is ALTER DATABASE. What it changes holds for sessions that begin afterwards; the isolation level for this one too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATABASE.html
func (s *Session) alterDatabase(c *call, st *ast.Database) error {
	s.tx.Refresh()
	old := s.tx.Catalog().DatabaseByName(st.Name.Name)
	if old == nil {
		return sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", st.Name.Name).At(st.Name.Offset())
	}
	if !s.user.Superuser && s.user.ID != old.Owner && !s.may(principal.Database, old.ID, 0, old.Owner, principal.Alter) {
		return denied("must be owner of database %s", old.Name)
	}
	db := *old
	if db.Import != nil && slices.ContainsFunc(st.Options, func(o ast.Option) bool { return o.Name == "ISOLATION LEVEL" || o.Name == "COLLATE" }) {
		return unsupported(st, "ALTER DATABASE ISOLATION LEVEL or COLLATE of a database that was made from a datashare")
	}
	if st.RenameTo != "" {
		return s.renameDatabase(old, st)
	}
	for i := range st.Options {
		o := &st.Options[i]
		if o.Name == "ISOLATION LEVEL" {
			if err := s.mayIsolate(c, old, o); err != nil {
				return err
			}
		}
		if err := s.databaseOption(&db, o, st); err != nil {
			return err
		}
	}
	s.tx.EditDatabase(&db)
	if db.Isolation != old.Isolation && db.ID == s.db.ID {
		own := db
		own.CaseInsensitive = s.db.CaseInsensitive // holds for sessions that begin later
		s.c.mu.Lock()
		if s.home.ID == db.ID {
			s.home = &own
		}
		s.db = &own
		s.c.mu.Unlock()
	}
	return nil
}

// mayIsolate refuses another isolation level for dev, in a block, and while other sessions are connected.
func (s *Session) mayIsolate(c *call, db *catalog.Database, o *ast.Option) error {
	if fixedDatabases[db.Name] {
		return sqlstate.FeatureNotSupported.Errorf("cannot alter the isolation level of database \"%s\"", db.Name).
			WithHint("The isolation level of the first database is an option of the cluster: isolation=serializable in the DSN.").At(o.Offset())
	}
	if !s.user.Superuser && !s.user.CreateDB {
		return denied("permission denied to alter the isolation level of database \"%s\"", db.Name)
	}
	if err := s.alone(c, "ALTER DATABASE ISOLATION LEVEL"); err != nil {
		return err
	}
	return s.unused(db)
}

// unused refuses what cannot be done while other sessions are connected to a database.
func (s *Session) unused(db *catalog.Database) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for _, o := range s.c.sessions {
		if o != s && (o.db.ID == db.ID || o.home.ID == db.ID) && !o.killed.Load() {
			return sqlstate.ObjectInUse.Errorf("database \"%s\" is being accessed by other users", db.Name)
		}
	}
	return nil
}

// renameDatabase is ALTER DATABASE RENAME TO.
func (s *Session) renameDatabase(old *catalog.Database, st *ast.Database) error {
	switch {
	case old.ID == s.db.ID || old.ID == s.home.ID:
		return sqlstate.FeatureNotSupported.Errorf("current database may not be renamed")
	case fixedDatabases[old.Name]:
		return sqlstate.FeatureNotSupported.Errorf("database \"%s\" may not be renamed", old.Name).At(st.Name.Offset())
	case !s.user.Superuser && !s.user.CreateDB:
		return denied("permission denied to rename database")
	case s.tx.Catalog().DatabaseByName(st.RenameTo) != nil:
		return sqlstate.DuplicateDatabase.Errorf("database \"%s\" already exists", st.RenameTo)
	}
	if err := s.unused(old); err != nil {
		return err
	}
	db := *old
	db.Name = st.RenameTo
	s.tx.RemoveDatabase(old.Name)
	s.tx.EditDatabase(&db)
	return nil
}

// terminateAll ends the sessions that are connected to a database.
func (s *Session) terminateAll(db *catalog.Database) error {
	s.c.mu.Lock()
	var pids []int64
	for pid, o := range s.c.sessions {
		if o != s && (o.db.ID == db.ID || o.home.ID == db.ID) {
			pids = append(pids, int64(pid))
		}
	}
	s.c.mu.Unlock()
	for _, pid := range pids {
		if _, err := s.terminateBackend(pid); err != nil {
			return err
		}
	}
	return nil
}

// dropDatabase is DROP DATABASE. FORCE ends the sessions that are connected to it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_DATABASE.html
func (s *Session) dropDatabase(c *call, n ast.Name, ifExists, force bool) error {
	if err := s.alone(c, "DROP DATABASE"); err != nil {
		return err
	}
	db := s.tx.Catalog().DatabaseByName(n.Object())
	switch {
	case db == nil && ifExists:
		s.tell("INFO", sqlstate.InvalidCatalogName, "database \"%s\" does not exist and will be skipped", n.Object())
		return nil
	case db == nil:
		return sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", n.Object()).At(n.Offset())
	case !s.user.Superuser && s.user.ID != db.Owner && !s.may(principal.Database, db.ID, 0, db.Owner, principal.Drop):
		return denied("must be owner of database %s", db.Name)
	case db.ID == s.db.ID || db.ID == s.home.ID:
		return sqlstate.ObjectInUse.Errorf("cannot drop the currently open database").At(n.Offset())
	case fixedDatabases[db.Name]:
		return sqlstate.FeatureNotSupported.Errorf("database \"%s\" may not be dropped", db.Name).At(n.Offset())
	}
	if force {
		if err := s.terminateAll(db); err != nil {
			return err
		}
	}
	if err := s.unused(db); err != nil {
		return err
	}
	for _, d := range s.tx.Catalog().Datashares() {
		if d.Database == db.ID {
			return dependError("database", db.Name)
		}
	}
	for _, a := range s.tx.Catalog().ImportedAccesses() {
		if a.Database == db.ID {
			s.tx.RemoveEntry(catalog.EntryKey(a))
		}
	}
	s.tx.RemoveDatabase(db.Name)
	return nil
}
