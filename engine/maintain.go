package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// truncate is TRUNCATE: it commits the transaction that it is in. A block goes on with a new one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func (s *Session) truncate(c *call, st *ast.Truncate) error {
	t, err := s.lockAllowed(c, st.Table, txn.AccessExclusive, func(t *catalog.Table) error {
		if err := ofView(t, st.Table); err != nil {
			return err
		}
		return s.commands(t, principal.Truncate, principal.TruncateTable)
	})
	if err != nil {
		return err
	}
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	if err := s.tx.Put(t, v.Truncate()); err != nil {
		return err
	}
	s.laidAnew(c, t, "TRUNCATE")
	if s.consumer != nil { // https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html
		return nil
	}
	return s.commitWithin()
}

// lockStatement is LOCK: nobody else reads or writes the tables until the transaction ends. Outside of a block that is at once.
// https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
func (s *Session) lockStatement(c *call, st *ast.Lock) error {
	if st.Mode != "" && st.Mode != "access exclusive" {
		return sqlstate.FeatureNotSupported.Errorf("LOCK TABLE IN %s MODE is not supported", upper(st.Mode))
	}
	if st.NoWait {
		return sqlstate.FeatureNotSupported.Errorf("LOCK TABLE NOWAIT is not supported")
	}
	for _, n := range st.Tables {
		_, err := s.lockAllowed(c, n, txn.AccessExclusive, func(t *catalog.Table) error {
			if s.mayRelation(t, principal.Update) {
				return nil
			}
			return s.needs(t, principal.Delete)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// commitWithin commits and goes on in a new transaction, in a block when there was one.
func (s *Session) commitWithin() error {
	block := s.block
	if err := s.commit(); err != nil {
		return err
	}
	s.begin()
	s.block = block
	return nil
}

// ownTables lists the tables that a statement without a table's name is about: all that the user owns, or all when it has the system privilege p.
func (s *Session) ownTables(p principal.System) []*catalog.Table {
	var out []*catalog.Table
	for _, t := range s.tx.Catalog().Tables() {
		if (s.owns(t.Owner, t.Name) == nil || s.system(p)) && (!t.Temp || t.Schema == s.tempSchema()) {
			out = append(out, t)
		}
	}
	return out
}

// nameOf is the name under which a statement would find a table.
func nameOf(t *catalog.Table) ast.Name {
	return ast.Name{Pos: ast.Pos(-1), Parts: []string{t.Schema, t.Name}}
}
