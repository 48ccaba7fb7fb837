package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// background is the upkeep of tables that runs by itself: REFRESH of materialized views with AUTO REFRESH YES, ANALYZE, VACUUM DELETE ONLY and SORT ONLY, at their
// usual thresholds, and what AUTO means (auto.go).
// Without Config.Background there is none, so that a test decides what happens when.
//
//	commit or rollback -> the tables written -> a goroutine, while no transaction is open -> stl_analyze.is_background, stl_vacuum [VacuumBG]
//	                                             refreshes first                         -> svl_mv_refresh_status.refresh_type Auto
//	queries that ended -> every 32nd         ->        "            "                      -> svl_auto_worker_action
//
// It works only between transactions, so that a VACUUM never makes a writer's snapshot too old. It ends when there is nothing more to do.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Reclaiming_storage_space202.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_Analyzing_tables.html#t_Analyzing_tables-auto-analyze
type background struct {
	mu      sync.Mutex
	tables  map[uint32]uint32 // written since they were last looked at: table -> database
	queries int               // that ended since automatic table optimization looked at them
	seen    int               // statements in the log when it did
	look    bool              // it is due
	running bool
	stopped bool
	done    sync.WaitGroup
}

// rdsdb is who does by itself what Redshift does.
const rdsdb = 1

// ended tells the upkeep that a transaction has ended, which had written tables of a database.
func (c *Cluster) ended(database uint32, tables []uint32) {
	b := &c.upkeep
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range tables {
		if b.tables == nil {
			b.tables = map[uint32]uint32{}
		}
		b.tables[id] = database
	}
	c.wake()
}

// wake starts the goroutine when there is something to do. The caller holds b.mu.
func (c *Cluster) wake() {
	b := &c.upkeep
	if len(b.tables) == 0 && !b.look || b.running || b.stopped {
		return
	}
	b.running = true
	b.done.Add(1)
	go c.keepUp()
}

// keepUp looks at the tables that were written, one after the other. When a transaction is open it stops: the end of that one starts it again.
func (c *Cluster) keepUp() {
	b := &c.upkeep
	defer b.done.Done()
	for {
		b.mu.Lock()
		table, database, some := uint32(0), uint32(0), false
		for table, database = range b.tables {
			some = true
			break
		}
		look := b.look && !some
		if b.stopped || !some && !look {
			b.running = false
			b.mu.Unlock()
			return
		}
		if some {
			delete(b.tables, table)
		} else {
			b.look = false
		}
		b.mu.Unlock()
		if some && c.refreshOver(database, table) && c.keepTable(database, table) || look && c.optimizeTables() {
			continue
		}
		b.mu.Lock()
		if some {
			b.tables[table] = database
		} else {
			b.look = true
		}
		b.running = false
		b.mu.Unlock()
		return
	}
}

// stopUpkeep ends the upkeep and waits for it.
func (c *Cluster) stopUpkeep() {
	c.upkeep.mu.Lock()
	c.upkeep.stopped = true
	c.upkeep.mu.Unlock()
	c.upkeep.done.Wait()
}

// keepTable does what a table needs; false = a transaction is open.
func (c *Cluster) keepTable(database, table uint32) bool {
	return c.alone(database, "Analyze", func(s *Session, k *call) error {
		t := s.tx.Catalog().TableByID(table)
		if t == nil || t.Temp {
			return nil
		}
		k.rec.Text = "Analyze " + t.Name
		return s.keep(k, t)
	})
}

// alone runs f in a session of its own on a database while no transaction is open, and logs what it did; false = one is open.
func (c *Cluster) alone(database uint32, text string, f func(s *Session, k *call) error) bool {
	start := c.cfg.Clock()
	rec := &system.Record{UserID: rdsdb, User: "rdsdb", Kind: "ANALYZE", Text: text, Start: start, Planned: start}
	alone, err := c.txns.Alone(start, func(tx *txn.Tx) (err error) {
		defer func() { // nobody is there to tell of a bug but the log
			if p := recover(); p != nil {
				err = internal(rec.Text, p)
			}
		}()
		tx.Database = database
		list := c.txns.Root().Catalog.Databases()
		i := slices.IndexFunc(list, func(d *catalog.Database) bool { return d.ID == database })
		if i < 0 {
			return nil
		}
		db, admin := list[i], c.txns.Root().Catalog.User(c.cfg.Admin)
		s := &Session{c: c, db: db, home: db, login: admin, user: admin, start: start, tx: tx}
		s.use(nil)
		rec.XID, rec.Database = tx.ID, db.Name
		return f(s, &call{ctx: context.Background(), rec: rec})
	})
	if err != nil {
		rec.Maintenance = nil // rolled back
		if !errors.As(err, &rec.Err) {
			rec.Err = sqlstate.Internal.Errorf("%v", err)
		}
	}
	if alone && (err != nil || rec.Maintenance != nil) {
		rec.End = c.cfg.Clock()
		c.Log().Add(rec)
	}
	return alone
}

// keep analyzes a table of which a tenth has changed and looks at its encodings, reclaims rows when more than a twentieth is deleted, and sorts when more than that is unsorted.
func (s *Session) keep(c *call, t *catalog.Table) error {
	if err := s.tx.Lock(c.ctx, t.ID, txn.ShareRowExclusive); err != nil {
		return err
	}
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	if v.Changed() > 0 && float64(v.Changed())*100 >= s.analyzeThreshold()*float64(v.Rows()) {
		if err := s.analyzeTable(c, t, nil, system.Analyzed{Status: "Full", Background: true}); err != nil {
			return err
		}
		if t, err = s.autoEncode(c, t); err != nil {
			return err
		}
	}
	for _, kind := range []storage.VacuumKind{storage.VacuumDeleteOnly, storage.VacuumSortOnly} {
		if v, err = s.tx.Newest(t); err != nil {
			return err
		}
		rows, ghosts, sorted := v.Physical()
		behind := 100*ghosts > (100-vacuumPercent)*rows
		if kind == storage.VacuumSortOnly {
			behind = len(t.Def.Sort.Columns) > 0 && 100*(rows-sorted) > (100-vacuumPercent)*rows
		}
		if !behind {
			continue
		}
		if err := s.vacuumTable(c, t, system.Vacuumed{Kind: kind, Percent: vacuumPercent, Background: true}); err != nil {
			return err
		}
	}
	return nil
}
