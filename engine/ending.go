package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
)

// ending is a transaction about to end, for the log; without a cluster it is one that nobody asks for: a single statement that wrote nothing.
type ending struct {
	system.Ending
	c *Cluster
}

// ending begins the note of a transaction's end; block = a statement of its own ends it.
func (s *Session) ending(tx *txn.Tx, block bool) (e ending) {
	if tx != nil && (block || tx.Changed()) {
		e.c = s.c
		e.XID, e.PID, e.UserID, e.Database, e.Label = tx.ID, s.pid, s.user.ID, s.home.Name, s.label
		e.Begun, e.From, e.Tables, e.Wrote = tx.Start, s.ended, tx.Written(), tx.Changed()
		if block || s.piped || s.running.Load() != nil || e.From.Before(tx.Start) { // else it ends with its statement
			e.From = s.c.cfg.Clock()
		}
	}
	return e
}

// noted puts it in the log.
func (e *ending) noted(undone bool) {
	if e.c == nil {
		return
	}
	e.To, e.Undone = e.c.cfg.Clock(), undone
	e.c.Log().End(&e.Ending)
}
