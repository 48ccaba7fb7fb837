package engine

import (
	"context"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/storage"
)

// spread ends DISTSTYLE AUTO(ALL) for a table that has outgrown it: when a column needs more than one block, the copies cost more blocks than
// spreading would. It becomes AUTO(KEY) or AUTO(EVEN). https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func (s *Session) spread(c *call, t *catalog.Table) error {
	if t.Def.Dist.Style != storage.AutoAll {
		return nil
	}
	if v, err := s.tx.Newest(t); err != nil || !outgrown(t, v) {
		return err
	}
	if !s.tx.TryLock(t.ID, txn.AccessExclusive) { // others are at it: a later load will do
		return nil
	}
	def := *t.Def
	def.Dist = grown(t)
	return s.relaid(c, t, &def, system.RelaidDist)
}

// grown is where the rows of a large table with DISTSTYLE AUTO go: by the primary key, by the first of its columns that can be a DISTKEY, else evenly.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func grown(t *catalog.Table) storage.Distribution {
	for _, c := range t.Constraints {
		if c.Kind != 'p' {
			continue
		}
		for _, i := range c.Columns {
			if storage.Distributes(t.Columns[i].Type) {
				return storage.Distribution{Style: storage.AutoKey, Column: i}
			}
		}
	}
	return storage.Distribution{Style: storage.AutoEven, Column: -1}
}

// outgrown says whether a column of a whole copy needs more than one block.
func outgrown(t *catalog.Table, v *storage.Version) bool {
	limit := int64(t.Def.BlockBytes)
	if limit <= 0 {
		limit = storage.DefaultBlockBytes
	}
	widest := 0
	for i := range t.Columns {
		widest = max(widest, t.Columns[i].Type.RawBytes(int(t.Columns[i].Type.Len)))
	}
	if v.Rows()*int64(widest) <= limit {
		return false
	}
	for i := range t.Columns {
		if v.ColumnBlocks(0, i) > 1 {
			return true
		}
	}
	return false
}

// redistribute lays a table's rows out anew; what that takes is granted first.
func (s *Session) redistribute(ctx context.Context, v *storage.Version, def *storage.Definition) (*storage.Version, error) {
	granted, err := s.c.txns.Budget.Grant(v.ActualBytes())
	if err != nil {
		return nil, err
	}
	defer s.c.txns.Budget.Return(granted)
	return v.Redistribute(ctx, def, s.c.Topology())
}

// reshape gives a table another definition, its rows moved to where that puts them.
func (s *Session) reshape(ctx context.Context, t *catalog.Table, def *storage.Definition, v *storage.Version) error {
	n, err := s.redistribute(ctx, v, def)
	if err != nil {
		return err
	}
	nt := *t
	nt.Def = def
	nt.Version++
	if err := s.tx.Put(t, n); err != nil {
		return err
	}
	s.tx.Edit(&nt)
	return nil
}
