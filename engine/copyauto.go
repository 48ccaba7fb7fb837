package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// autoCopy loads what has come for the copy jobs with AUTO ON. A bucket tells of no events here: the jobs look at their places when a session begins a
// transaction, so that a statement finds in the tables what was in the buckets before it.
//
//	a session begins a transaction -> one session at a time -> each job: list, new files? -> a COPY in a session of its own, as the job's owner
//	                                                                                       -> failed: each file alone; those that fail are not tried again
//
// It starts no goroutine and asks no clock. A cluster without jobs pays a look at its catalogs.
type autoCopy struct {
	turn  chan struct{} // has an element while a session looks at the jobs
	mu    sync.Mutex
	notes map[uint32]jobNote // by job
}

func newAutoCopy() autoCopy { return autoCopy{turn: make(chan struct{}, 1)} }

// jobNote is what kept a job from looking at its place when it last tried.
type jobNote struct {
	text string
	at   time.Time
}

// loadArrived runs the jobs with AUTO ON that have new files. What goes wrong is in sys_copy_job_info and in the log; nobody waits for it.
func (c *Cluster) loadArrived(ctx context.Context) {
	root := c.txns.Root()
	if !root.HasCopyJobs() || c.closed.Load() {
		return
	}
	select {
	case c.copies.turn <- struct{}{}:
		defer func() { <-c.copies.turn }()
	case <-ctx.Done():
		return
	}
	root = c.txns.Root()
	for _, db := range root.Catalog.Databases() {
		if db.Import != nil {
			continue
		}
		for _, j := range root.Of(db.ID).CopyJobs() {
			if ctx.Err() != nil {
				return
			}
			if j.Auto {
				c.loadJob(ctx, db, j)
			}
		}
	}
}

// loadJob loads the new files of one job: all in one COPY, and when that fails each alone, so that a bad file keeps no good one out.
func (c *Cluster) loadJob(ctx context.Context, db *catalog.Database, j *catalog.CopyJob) {
	s := c.jobSession(db, j.Owner)
	if s == nil {
		return
	}
	files, err := s.newFiles(ctx, c.txns.Root().Of(db.ID), j, false)
	if c.noteJob(j.ID, err); err != nil || len(files) == 0 {
		return
	}
	opened, err := s.loadAlone(ctx, j, files)
	if err == nil || temporary(err) {
		return
	}
	if !opened || len(files) == 1 { // no file is to blame, or this one
		s.giveUp(j, files, err)
		return
	}
	for i := range files {
		if _, err := s.loadAlone(ctx, j, files[i:i+1]); err != nil && !temporary(err) {
			s.giveUp(j, files[i:i+1], err)
		}
	}
}

// jobSession is a session in which a job runs, as the user who owns it.
func (c *Cluster) jobSession(db *catalog.Database, owner int) *Session {
	u := c.txns.Root().Catalog.UserByID(owner)
	if u == nil {
		return nil
	}
	s := &Session{c: c, db: db, home: db, login: u, user: u, start: c.cfg.Clock()}
	s.use(nil)
	return s
}

// noteJob keeps what kept a job from looking at its place.
func (c *Cluster) noteJob(id uint32, err error) {
	a := &c.copies
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		delete(a.notes, id)
	case a.notes[id].text != coded(err).Message:
		if a.notes == nil {
			a.notes = map[uint32]jobNote{}
		}
		a.notes[id] = jobNote{coded(err).Message, c.cfg.Clock()}
	}
}

// jobNoted tells what kept a job from looking at its place when it last tried.
func (c *Cluster) jobNoted(id uint32) (text string, at time.Time) {
	c.copies.mu.Lock()
	defer c.copies.mu.Unlock()
	n := c.copies.notes[id]
	return n.text, n.at
}

// errBusy says that another transaction has the table of a job.
var errBusy = sqlstate.ObjectInUse.Errorf("the table is locked")

// temporary says that files are tried again: nothing is wrong with them or with the job, another transaction was in the way, or the client has given up.
func temporary(err error) bool {
	e := coded(err)
	switch e.Code {
	case sqlstate.QueryCanceled, sqlstate.SerializationFailure, sqlstate.DeadlockDetected, sqlstate.LockNotAvailable, sqlstate.OutOfMemory:
		return true
	case sqlstate.Internal: // as IsRetryable of the driver knows them
		return e.Message == "1023" || e.Message == "1018" || strings.HasPrefix(e.Message, "could not complete because of conflict")
	}
	return errors.Is(err, errBusy)
}

// loadAlone runs a job's COPY of some files in a transaction of its own. It waits for nobody: a table that is locked is left for the next time. opened = it
// came so far as to read files.
func (s *Session) loadAlone(ctx context.Context, j *catalog.CopyJob, files []load.Object) (opened bool, err error) {
	s.begin()
	s.tx.Refresh()
	s.refresh(s.catalog())
	c := &call{ctx: ctx, text: j.Text, rec: s.record("COPY", j.Text, true, &ast.Copy{}, s.tx.Start)}
	func() {
		defer s.recovered(j.Text, &err)
		if now := s.catalog().CopyJob(j.Name); now == nil || now.ID != j.ID || !now.Auto {
			err = errBusy // it has changed since: the next time it is looked at anew
			return
		}
		if o := s.catalog().Get(j.Table.Schema, j.Table.Name); o != nil {
			if t, ok := o.(*catalog.Table); ok && !s.tx.TryLock(t.ID, s.jobMode(t)) {
				err = errBusy
				return
			}
		}
		err = interrupted(ctx, s.loadFiles(c, j, files))
	}()
	if opened = c.rec.Load != nil; !errors.Is(err, errBusy) {
		s.logged(c.rec, 0, err)
	}
	if err != nil {
		s.fail()
		s.rollback()
		return opened, err
	}
	return opened, s.commit()
}

// jobMode is the lock that the COPY of a job will ask for.
func (s *Session) jobMode(t *catalog.Table) txn.Mode {
	return s.copyMode(&ast.Copy{Table: ast.Name{Parts: []string{t.Schema, t.Name}}})
}

// giveUp notes that files could not be loaded.
func (s *Session) giveUp(j *catalog.CopyJob, files []load.Object, err error) {
	s.begin()
	s.tx.Refresh()
	if s.catalog().CopyJob(j.Name) != nil {
		for i := range files {
			if s.catalog().JobFile(j.ID, files[i].Name) == nil {
				s.tx.EditEntry(&catalog.JobFile{Job: j.ID, Key: files[i].Name, Size: files[i].Size, Found: s.c.cfg.Clock(), Failure: coded(err).Message})
			}
		}
	}
	_ = s.commit() // somebody else has loaded or noted them meanwhile
}
