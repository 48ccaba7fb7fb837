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

// ending begins the note of a transaction's end.
func (s *Session) ending(tx *txn.Tx, noted bool) (e ending) {
	if tx != nil && noted {
		e.c = s.c
		e.XID, e.UserID, e.Database, e.Begun, e.From, e.Tables, e.Wrote = tx.ID, s.user.ID, s.home.Name, tx.Start, s.c.cfg.Clock(), tx.Written(), tx.Changed()
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
