package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A consumer writes through a datashare in a transaction of the producer's, which its session has beside its own. Names, privileges and values are the consumer's business; rows,
// locks and commit are the producer's:
//
//	INSERT INTO sales_db.public.sales SELECT .. FROM own
//
//	consumer  session ── tx, reads: own, in runs of zones (storage.View.Spread)
//	             └─ remote {db sales_db}                                            the plan is one for the producer's slices
//	producer          └─ agent: a session that is nobody's ── tx, writes: sales ── lock, delta, commit
//
// From the first write on all statements of the transaction are planned for the producer's slices. A transaction writes in one database, so that one commit is all.
// https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html

// remote is where a transaction writes through a datashare.
type remote struct {
	db    *catalog.Database // of the datashare
	agent *Session          // of the producer's cluster and database
	share *catalog.Datashare
}

// errOneDatabase refuses to write in two databases.
func errOneDatabase() error {
	return sqlstate.FeatureNotSupported.Errorf("a transaction writes in one database").
		WithDetail("It has written in another one: of this cluster, or through a datashare.")
}

// writtenName is the name of what a statement changes rows of, or makes, changes or drops, with its parts within a database; 0 = it does nothing of the kind.
func writtenName(st ast.Statement) (n ast.Name, parts int) {
	switch st := st.(type) {
	case *ast.Insert:
		return st.Table, 2
	case *ast.Update:
		return st.Table, 2
	case *ast.Delete:
		return st.Table, 2
	case *ast.Merge:
		return st.Table, 2
	case *ast.Explain:
		return writtenName(st.Stmt)
	case *ast.Select:
		if into := intoOf(st); into != nil && !into.IntoTemp {
			return *into.Into, 2
		}
	case *ast.CreateTable:
		if !st.Temp {
			return st.Name, 2
		}
	case *ast.AlterTable:
		return st.Table, 2
	case *ast.Truncate:
		return st.Table, 2
	case *ast.Copy:
		return st.Table, 2
	case *ast.Analyze:
		if st.Table != nil {
			return *st.Table, 2
		}
	case *ast.CreateSchema:
		n = ast.Name{Pos: st.NamePos, Parts: []string{st.Name}}
		if st.Database != "" {
			n.Parts = []string{st.Database, st.Name}
		}
		return n, 1
	case *ast.AlterSchema:
		return ast.Name{Pos: st.Name.Pos, Parts: []string{st.Name.Name}}, 1
	case *ast.Drop:
		switch {
		case len(st.Names) == 0:
		case st.Kind == "table":
			return st.Names[0], 2
		case st.Kind == "schema":
			return st.Names[0], 1
		}
	}
	return n, 0
}

// writesThrough makes the transaction write through a datashare, when that is what a statement does.
func (s *Session) writesThrough(c *call, st ast.Statement) error {
	n, parts := writtenName(st)
	if parts == 0 {
		return nil
	}
	db := s.importOfName(n, parts)
	if db == nil {
		return nil
	}
	return atOffset(s.writeIn(c, db), n.Offset())
}

// importOfName gives the database of a datashare in which a name stands that has as many parts within a database, nil when it stands in none.
func (s *Session) importOfName(n ast.Name, parts int) *catalog.Database {
	db := s.db
	if len(n.Parts) > parts {
		db = s.tx.Catalog().DatabaseByName(n.Parts[len(n.Parts)-1-parts])
	}
	if db == nil || db.Import == nil {
		return nil
	}
	return db
}

// writeIn makes the transaction one that writes in a database of a datashare.
func (s *Session) writeIn(c *call, db *catalog.Database) error {
	if r := s.remote; r != nil && r.db.ID == db.ID {
		return nil
	}
	if s.mustRead() {
		return errReadOnly()
	}
	if s.tx.Changed() || !s.leaveRemote() {
		return errOneDatabase()
	}
	if err := s.mayUse(db); err != nil {
		return err
	}
	if c.multi && !s.block && s.calling == nil && (s.db.ID != db.ID) && !(s.tx.Untouched() && len(s.imports.list) == 0) {
		return sqlstate.FeatureNotSupported.Errorf("a text of several statements that begins with a read writes in the current database alone").
			WithHint("Use BEGIN and COMMIT.")
	}
	producer, root, share, err := s.c.shared(db.Import)
	if err != nil {
		return err
	}
	there := root.Catalog.DatabaseByID(share.Database)
	if there.Isolation == catalog.Serializable {
		return sqlstate.FeatureNotSupported.Errorf("writes through datashare \"%s\" need isolation level SNAPSHOT in the producer's database", share.Name)
	}
	s.remote = &remote{db: db, agent: s.agentIn(producer, there, share), share: share}
	return nil
}

// agentIn makes the session in which a consumer writes: it acts for the datashare's owner, and is asked for no privileges, for the consumer was. It reads the state that the
// transaction has read of the producer, if it has.
func (s *Session) agentIn(producer *Cluster, db *catalog.Database, share *catalog.Datashare) *Session {
	var at *txn.Root
	for _, i := range s.imports.list {
		if o := s.tx.Catalog().DatabaseByID(i.database); s.tx.Kept() && o != nil && o.Import != nil && o.Import.Namespace == producer.namespace() {
			at = i.root
		}
	}
	u := *current(producer.txns.Root().Catalog, producer.txns.Root().Catalog.UserByID(share.Owner))
	u.Superuser = true
	now := producer.cfg.Clock()
	a := &Session{c: producer, db: db, home: db, login: &u, user: &u, start: now, consumer: s, notice: s.notice}
	a.use(s.vars)
	a.tx = producer.txns.BeginBeside(s.tx, at, now)
	a.tx.PID, a.tx.Database, a.block = s.pid, db.ID, true
	s.imports = imports{tx: s.tx}
	return a
}

// leaveRemote ends the transaction at the producer when it has done nothing; false = it has.
func (s *Session) leaveRemote() bool {
	if s.remote == nil {
		return true
	}
	if !s.remote.agent.tx.Idle() {
		return false
	}
	s.endRemote()
	return true
}

// endRemote rolls back what was written through a datashare.
func (s *Session) endRemote() {
	if r := s.remote; r != nil {
		s.remote, s.imports = nil, imports{}
		r.agent.rollback()
	}
}

// commitRemote commits what was written through a datashare: the session's own transaction has changed nothing then.
func (s *Session) commitRemote() error {
	r := s.remote
	if r == nil {
		return nil
	}
	if r.agent.tx.Changed() {
		if s.tx.Changed() {
			return errOneDatabase()
		}
		if _, _, _, err := s.c.shared(r.db.Import); err != nil { // it was revoked meanwhile
			return err
		}
	}
	s.remote = nil
	return r.agent.commit()
}

// onlyRemote refuses a statement that has changed something of the cluster's own in a transaction that writes through a datashare.
func (s *Session) onlyRemote() error {
	if s.remote == nil || s.tx == nil || !s.tx.Changed() || s.leaveRemote() {
		return nil
	}
	return errOneDatabase()
}

// importedBeside is imported of a producer in which the transaction writes: what the transaction there sees.
func (s *Session) importedBeside(db *catalog.Database, share *catalog.Datashare) (*imported, error) {
	tx, own := s.remote.agent.tx, s.c.txns.Root().Of(db.ID)
	from := tx.Catalog()
	if db.ID != s.remote.db.ID {
		from = tx.Snapshot().Of(share.Database)
	}
	for k, i := range s.imports.list {
		if i.database != db.ID {
			continue
		}
		if i.own == own && i.from == from && i.share == share {
			return i, nil
		}
		s.imports.list = append(s.imports.list[:k:k], s.imports.list[k+1:]...)
		break
	}
	i := &imported{database: db.ID, root: tx.Snapshot(), tx: tx, own: own, from: from, share: share}
	i.catalog, i.there = own.Imported(share, from, s.c.number(db.Import.Namespace), false)
	s.imports.list = append(s.imports.list, i)
	return i, nil
}

// afar finds the producer's table behind one that the transaction may write, nil when it is none.
func (s *Session) afar(t *catalog.Table) *catalog.Table {
	if s.remote == nil {
		return nil
	}
	for _, i := range s.imports.list {
		if there := i.there[t.ID]; there != nil && i.database == s.remote.db.ID {
			return there
		}
	}
	return nil
}

// topology is that of the slices that run the session's statements.
func (s *Session) topology() storage.Topology {
	if s.remote != nil {
		return s.remote.agent.c.Topology()
	}
	return s.c.Topology()
}

// renew takes the newest states for a statement that begins, or was granted a lock, as far as the transaction keeps none.
func (s *Session) renew() {
	s.tx.Refresh()
	if s.remote != nil {
		s.remote.agent.tx.Refresh()
	}
}

// there is the producer's catalog that a plan was made of, nil when the transaction does not write through a datashare.
func (s *Session) there() *catalog.Catalog {
	if s.remote == nil {
		return nil
	}
	return s.remote.agent.tx.Catalog()
}

// keepSnapshots makes the states that the transaction reads its for good.
func (s *Session) keepSnapshots() {
	s.tx.Keep()
	if s.remote != nil {
		s.remote.agent.tx.Keep()
	}
}

// targetOf is what the transaction sees of the table that it is about to write.
func (s *Session) targetOf(t *catalog.Table) (storage.View, error) {
	if there := s.afar(t); there != nil {
		return s.remote.agent.tx.Target(there)
	}
	return s.tx.Target(t)
}

// growing notes the schema that a change puts rows into, for its quota.
func (s *Session) growing(b *bind.Bound) {
	if there := s.afar(b.Writes); there != nil {
		s.remote.agent.grows(there, b.Kind)
		return
	}
	s.grows(b.Writes, b.Kind)
}

// sameRow is the error of a change that meets a row of a table which another transaction has changed.
func (s *Session) sameRow(t *catalog.Table) error {
	if there := s.afar(t); there != nil {
		return s.remote.agent.tx.SameRow(there.ID)
	}
	return s.tx.SameRow(t.ID)
}

// identityAfar refuses to write a table with an identity column from a cluster of more slices than the producer's.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-warehouse-writes-sql-statements-unsupported.html
func (s *Session) identityAfar(t *catalog.Table) error {
	if s.c.Topology().Slices() <= s.remote.agent.c.Topology().Slices() {
		return nil
	}
	for i := range t.Columns {
		if t.Columns[i].Identity != nil {
			return sqlstate.FeatureNotSupported.Errorf("table \"%s\" with an identity column cannot be written from a cluster of more slices than the producer's", t.Name)
		}
	}
	return nil
}
