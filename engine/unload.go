package engine

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// unloader is what a plan.Unload writes to: it opens the writer of one slice's files.
type unloader struct{ job *unload.Job }

// OpenSlice gives the writer of the files of a slice.
func (u unloader) OpenSlice(slice int) (exec.RowWriter, error) { return u.job.Open(slice) }

// unload is UNLOAD: a query whose rows go to files, from each slice to its own.
//
//	query plan -> Unload (a writer a slice) -> files -> the manifest
//
// What it reads is locked as a query's tables are; it may stand in a transaction, also in a read-only one, and what it has written no rollback takes back.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func (s *Session) unload(c *call, st *ast.Unload) error {
	o, err := unloadOptions(st)
	if err != nil {
		return err
	}
	s.tx.Refresh()
	for {
		e, job, err := s.unloadPlan(st, o)
		if err != nil {
			return unquoted(err, st, c.text)
		}
		if err := s.assumes(o.iam, principal.UnloadCommand); err != nil {
			return err
		}
		if o.unbuilt != nil { // told last: what is wrong with the statement itself comes first
			return o.unbuilt
		}
		if ok, err := s.lockPlan(c, e); err != nil {
			return err
		} else if !ok {
			continue
		}
		if err := job.Prepare(c.ctx, s.store); err != nil {
			return atOffset(err, st.ToPos.Offset())
		}
		defer job.Abort()
		c.rec.Unload = job
		s.running.Store(runningOf(c.rec))
		return s.unloadRows(c, e, job)
	}
}

// unloadPlan plans an UNLOAD. Errors have places in the text of the query.
func (s *Session) unloadPlan(st *ast.Unload, o *unloading) (*planEntry, *unload.Job, error) {
	job := unload.New(o.Options, st.To, s.zone)
	r := &resolver{c: s.tx.Catalog(), path: s.searchPath(), in: s.database}
	b, partition, err := bind.Unload(st.Stmt, unloader{job}, o.Partition, o.Serial, s.bindEnv(r, nil, nil))
	if err != nil {
		return nil, nil, err
	}
	list := b.Plan.(*plan.Unload).Output
	columns := make([]unload.Column, len(list))
	for i := range list {
		columns[i] = unload.Column{Name: list[i].Name, Type: stored(list[i].Type)}
	}
	if err := job.Describe(columns, partition); err != nil {
		return nil, nil, err
	}
	e := s.entry(b, r)
	return e, job, s.complete(e, b.Plan, st.Query)
}

// unloadRows runs a planned UNLOAD to its end.
func (s *Session) unloadRows(c *call, e *planEntry, job *unload.Job) error {
	s.lastUnloadCount = 0
	_, _, err := s.run(c, e, nil)
	s.lastUnload = c.rec.Query
	if err != nil {
		return err
	}
	if err := job.Finish(s.topology().Slices()); err != nil {
		return err
	}
	s.lastUnloadCount = job.Rows()
	s.tell("INFO", sqlstate.SuccessfulCompletion, "%s", job.Notice())
	return nil
}

// unquoted turns the place of an error in the query of an UNLOAD into its place in the text around it.
func unquoted(err error, st *ast.Unload, text string) error {
	var e *sqlstate.Error
	if !errors.As(err, &e) || e.Offset() < 0 {
		return err
	}
	moved := *e
	return moved.Shift(lex.Place(text, st.QueryPos.Offset(), e.Offset()) - e.Offset())
}
