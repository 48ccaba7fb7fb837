package engine

import (
	"context"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// env is what running functions may ask.
func (s *Session) env(values []types.Datum) *function.Env {
	e := new(function.Env)
	s.envIn(e, values, s.c.cfg.Clock())
	return e
}

// envIn is env in room that is there, for a run that begins now.
func (s *Session) envIn(e *function.Env, values []types.Datum, now time.Time) {
	if s.asked.Catalog == nil { // what does not change while the session lives
		s.asked = function.Env{
			User: s.user.Name, SessionUser: s.sessionUser(), UserID: s.user.ID, Database: s.db.Name, Folds: s.db.CaseInsensitive, Superuser: s.user.Superuser,
			PID: s.pid, Version: Version, Random: s.randomFloat, Setting: s.Setting, SearchPath: s.schemas, Catalog: s.catalogFunction,
		}
	}
	*e = s.asked
	e.Now, e.Location, e.Params = now, s.zone, values
	e.Style, e.Rounding, e.StrictUpdate = s.style, s.rounding, s.strict
	e.StrictCasts, e.StrictPaths = s.strictCasts, s.strictPaths
	e.TxNow = e.Now
	if s.tx != nil {
		e.TxNow = s.tx.Start
	}
}

// sessionUser is session_user: who acts, but for the procedures that are SECURITY DEFINER.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
func (s *Session) sessionUser() string {
	if s.definer == nil {
		return s.user.Name
	}
	if name := s.vars[authorizationVar]; name != "" {
		return name
	}
	return s.login.Name
}

// schemas is current_schemas: those of the search path that exist.
func (s *Session) schemas(implicit bool) []string {
	c := s.c.txns.Root().Of(s.db.ID)
	if s.tx != nil {
		c = s.tx.Catalog()
	}
	list := s.userPath()
	if implicit {
		list = s.searchPath()
	}
	var out []string
	for _, p := range list {
		if c.Schema(p) != nil || catalog.IsTempSchema(p) {
			out = append(out, p)
		}
	}
	return out
}

// systemEnv is what system tables are made from.
func (s *Session) systemEnv() *system.Env {
	tx, cat := s.tx, s.catalog()
	reach := s.reacher()
	return &system.Env{
		Catalog: cat,
		Version: func(id uint32) *storage.Version {
			if s.db.Import != nil {
				return reach(s.db).version(id)
			}
			return tx.Seen(id)
		},
		Topology: s.c.Topology(), Log: s.c.Log(), Release: release, Namespace: s.c.namespace, User: s.user, Database: s.db.Name, PID: s.pid, Now: s.c.cfg.Clock(),
		Settings: s.settings, Sessions: s.c.open, Locks: s.c.txns.Locks, Memory: s.c.memory,
		Predicate: s.c.firstUse,
		Elsewhere: func(db *catalog.Database) (*catalog.Catalog, func(uint32) *storage.Version) {
			root := tx.Snapshot()
			if db.Import == nil {
				return root.Of(db.ID), root.Version
			}
			if i := reach(db); i != nil {
				return i.catalog, i.version
			}
			return root.Of(db.ID).Bare(), root.Version
		},
		Reaches:    func(db *catalog.Database) bool { return reach(db) != nil },
		Datashares: func() []system.Share { return s.datashares(tx.Snapshot(), cat) },
		Violations: s.c.quotaViolations,
		JobNote:    s.c.jobNoted,
		Arrived: func(c *catalog.Catalog, j *catalog.CopyJob) []load.Object {
			files, _ := s.newFiles(context.Background(), c, j, false) // what keeps the job from its place is in its note
			return files
		},
		Advice: func() []system.Advice { return s.c.advice(tx.Catalog(), tx.Seen) },
	}
}
