package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/advise"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// adviceQueries is how many queries end before automatic table optimization looks at the log again, at least. It looks at all that the log has, so it waits
// for twice as many when there are many: a query then pays for two looks at itself.
const adviceQueries = 32

// observed counts a query that ended.
func (c *Cluster) observed() {
	b := &c.upkeep
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queries++; b.queries < max(adviceQueries, b.seen/2) {
		return
	}
	b.queries, b.look = 0, true
	c.wake()
}

// advice lists what the log says of the keys of a database's tables.
func (c *Cluster) advice(in *catalog.Catalog, seen func(table uint32) *storage.Version) []system.Advice {
	records := c.Log().Records()
	c.upkeep.mu.Lock()
	c.upkeep.seen = len(records)
	c.upkeep.mu.Unlock()
	return advise.Find(&advise.Cluster{
		Catalog: in, Version: func(t *catalog.Table) *storage.Version { return seen(t.ID) }, Topology: c.Topology(), Records: records,
	})
}

// optimizeTables is automatic table optimization: it gives tables the keys that are advised, where AUTO leaves it the choice, each in a transaction of its
// own; false = one is open.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Creating_tables.html
func (c *Cluster) optimizeTables() bool {
	for _, db := range c.txns.Root().Catalog.Databases() {
		type key struct {
			kind  system.AdviceKind
			table uint32
		}
		tried := map[key]bool{}
		for more := true; more; {
			more = false
			alone := c.alone(db.ID, "Automatic table optimization", func(s *Session, k *call) error {
				for _, a := range c.advice(s.tx.Catalog(), s.tx.Seen) {
					if id := (key{a.Kind, a.Table.ID}); a.Auto && !tried[id] {
						tried[id], more = true, true
						return s.follow(k, &a)
					}
				}
				return nil
			})
			if !alone {
				return false
			}
		}
	}
	return true
}

// follow gives a table the key that is advised.
func (s *Session) follow(c *call, a *system.Advice) error {
	def := *a.Table.Def
	kind := system.RelaidDist
	if a.Kind == system.AdviceDist {
		def.Dist = storage.Distribution{Style: storage.AutoKey, Column: a.Column}
	} else {
		kind = system.RelaidSort
		def.Sort = storage.SortKey{Style: storage.SortAuto, Columns: []int{a.Column}}
		if a.Table.EncodeAuto() { // what a sort key has
			def.Columns = slices.Clone(def.Columns)
			def.Columns[a.Column].Encoding = encoding.Auto
		}
	}
	c.rec.Kind, c.rec.Text = "ALTER TABLE", a.Statement()
	return s.relaid(c, a.Table, &def, kind)
}

// relaid lays a table out under another definition and notes it as a change that AUTO made.
func (s *Session) relaid(c *call, t *catalog.Table, def *storage.Definition, kind system.RelaidKind) error {
	if err := s.tx.Lock(c.ctx, t.ID, txn.AccessExclusive); err != nil {
		return err
	}
	done, err := s.relay(c, t, def, kind)
	if err != nil {
		return err
	}
	m := maintenanceOf(c.rec)
	m.Relaid = append(m.Relaid, done)
	return nil
}

// relay lays out a table, which the transaction has the lock for, under another definition; what it gives is to be noted when the statement has ended well.
func (s *Session) relay(c *call, t *catalog.Table, def *storage.Definition, kind system.RelaidKind) (system.Relaid, error) {
	done := system.Relaid{XID: s.tx.ID, PID: s.pid, Table: t.ID, Kind: kind, Start: s.c.cfg.Clock(), From: system.StateOf(t, kind)}
	v, err := s.tx.Newest(t)
	if err != nil {
		return done, err
	}
	if err := s.reshape(c.ctx, t, def, v); err != nil {
		return done, err
	}
	s.laidAnew(c, t, map[system.RelaidKind]string{
		system.RelaidDist: "Small table conversion", system.RelaidSort: "ALTER TABLE ALTER SORTKEY", system.RelaidEncode: "ALTER TABLE ALTER ENCODE",
	}[kind])
	done.End = s.c.cfg.Clock()
	return done, nil
}

// autoEncode gives a table with ENCODE AUTO the encodings that its rows call for, when there are as many as COPY would look at (sampledEncodings) and a
// column gets smaller by a tenth or more. The columns name no encoding afterwards either. It gives the table as it is then.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
func (s *Session) autoEncode(c *call, t *catalog.Table) (*catalog.Table, error) {
	v, err := s.tx.Newest(t)
	if err != nil || !t.EncodeAuto() || v.Rows() < s.sampled(t) {
		return t, err
	}
	list, err := s.chooseEncodings(c, t, storage.ViewOf(v), nil, sampleRows, "ON")
	if err != nil {
		return t, err
	}
	list = slices.DeleteFunc(list, func(k storage.Compression) bool { return 10*(k.Now-k.Bytes) < k.Now })
	if len(list) == 0 {
		return t, nil
	}
	if err := s.relaid(c, t, t.Def.WithEncodings(list), system.RelaidEncode); err != nil {
		return t, err
	}
	return s.tx.Catalog().TableByID(t.ID), nil
}

// sampled is the number of rows that a table must have for its encodings to be chosen by a sample.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Loading_tables_auto_compress.html
func (s *Session) sampled(t *catalog.Table) int64 {
	if t.Def.Dist.All() { // the first slice of each node has all rows
		return sampleRows
	}
	return sampleRows * int64(s.c.Topology().Slices())
}
