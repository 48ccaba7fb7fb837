package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// vacuumKinds are the forms of VACUUM by their words.
var vacuumKinds = map[string]storage.VacuumKind{
	"": storage.VacuumFull, "full": storage.VacuumFull, "sort only": storage.VacuumSortOnly, "delete only": storage.VacuumDeleteOnly,
	"reindex": storage.VacuumReindex, "recluster": storage.VacuumRecluster,
}

// vacuumPercent is the threshold of a VACUUM that names none.
const vacuumPercent = 95

// vacuum is VACUUM. BOOST gives it memory, disk and the table's lock on a cluster; here every vacuum has those: it takes what memory_limit leaves, and holds
// the table's write lock while it runs. What is left of BOOST is what it refuses.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func (s *Session) vacuum(c *call, st *ast.Vacuum) error {
	if err := s.alone(c, "VACUUM"); err != nil {
		return err
	}
	kind := vacuumKinds[st.Kind]
	if err := vacuumRules(st, kind); err != nil {
		return err
	}
	percent := vacuumPercent
	if st.Percent >= 0 {
		percent = st.Percent
	}
	if st.Table != nil {
		foreign := false
		t, err := s.lockAllowed(c, *st.Table, txn.ShareRowExclusive, func(t *catalog.Table) error {
			err := s.commands(t, 0, principal.Vacuum)
			foreign = err != nil
			return err
		})
		if foreign { // it does nothing, and that is no error
			return nil
		}
		if err != nil {
			return err
		}
		return s.vacuumTable(c, t, system.Vacuumed{Kind: kind, Percent: percent})
	}
	s.tx.Refresh()
	for _, t := range s.ownTables(principal.Vacuum) {
		t, err := s.lockTable(c, nameOf(t), txn.ShareRowExclusive)
		if isUndefined(err) {
			continue
		}
		if err == nil {
			if err = s.vacuumTable(c, t, system.Vacuumed{Kind: kind, Percent: percent}); err == nil {
				err = s.commitWithin()
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// vacuumRules refuses what the forms of VACUUM exclude.
func vacuumRules(st *ast.Vacuum, kind storage.VacuumKind) error {
	needsTable := func(what string) error {
		return sqlstate.Syntax.Errorf("VACUUM %s needs a table name", what)
	}
	named := kind == storage.VacuumReindex || kind == storage.VacuumRecluster
	switch {
	case named && st.Table == nil:
		return needsTable(upper(st.Kind))
	case named && st.Percent >= 0:
		return sqlstate.FeatureNotSupported.Errorf("VACUUM %s is not supported with TO threshold PERCENT", upper(st.Kind))
	case kind == storage.VacuumReindex && st.Boost:
		return sqlstate.FeatureNotSupported.Errorf("VACUUM REINDEX is not supported with BOOST")
	case st.Percent > 100:
		return sqlstate.InvalidParameterValue.Errorf("the vacuum threshold must be between 0 and 100 percent")
	case st.Percent >= 0 && st.Table == nil:
		return needsTable("TO threshold PERCENT")
	case st.Boost && st.Table == nil:
		return needsTable("BOOST")
	}
	return nil
}

// vacuumTable vacuums a locked table.
func (s *Session) vacuumTable(c *call, t *catalog.Table, r system.Vacuumed) error {
	if r.Kind == storage.VacuumRecluster {
		if t.Def.Sort.Style == storage.Interleaved {
			return sqlstate.FeatureNotSupported.Errorf("VACUUM RECLUSTER is not supported on tables with interleaved sort keys")
		}
		if t.Def.Dist.All() {
			return sqlstate.FeatureNotSupported.Errorf("VACUUM RECLUSTER is not supported on tables with DISTSTYLE ALL")
		}
	}
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	running := runningOf(c.rec)
	running.Vacuum = t.Name
	s.running.Store(running)
	r.XID, r.Table, r.Schema, r.Name, r.Keyed = s.tx.ID, t.ID, t.Schema, t.Name, len(t.Def.Sort.Columns) > 0
	r.Start, r.Blocks = s.c.cfg.Clock(), v.NominalBlocks()
	granted, err := s.c.txns.Budget.Grant(v.ActualBytes()) // a vacuum lays the table out beside itself
	if err != nil {
		return err
	}
	defer s.c.txns.Budget.Return(granted)
	n, result, err := v.Vacuum(c.ctx, r.Kind, float64(r.Percent)/100)
	if err != nil {
		return err
	}
	r.VacuumResult, r.BlocksAfter, r.End = result, n.NominalBlocks(), s.c.cfg.Clock()
	m := maintenanceOf(c.rec)
	m.Vacuums = append(m.Vacuums, r)
	if n == v {
		return nil
	}
	s.laidAnew(c, t, "Vacuum")
	return s.tx.Put(t, n)
}
