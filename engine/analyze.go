package engine

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// analyze is ANALYZE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
func (s *Session) analyze(c *call, st *ast.Analyze) error {
	if st.Table != nil {
		t, err := s.lockAllowed(c, *st.Table, txn.ShareRowExclusive, func(t *catalog.Table) error { return s.commands(t, 0, principal.Analyze) })
		if err != nil {
			return err
		}
		cols, err := columnNumbers(t, st.Columns)
		if err != nil {
			return err
		}
		return s.analyzed(c, st, t, cols)
	}
	s.tx.Refresh()
	for _, t := range s.ownTables(principal.Analyze) {
		t, err := s.lockTable(c, nameOf(t), txn.ShareRowExclusive)
		if isUndefined(err) { // dropped meanwhile
			continue
		}
		if err != nil {
			return err
		}
		if err := s.analyzed(c, st, t, nil); err != nil {
			return err
		}
		if !s.block && !c.multi { // a table is free again when its turn is over
			if err := s.commitWithin(); err != nil {
				return err
			}
		}
	}
	return nil
}

// columnNumbers finds the columns of a list; nil when there is none.
func columnNumbers(t *catalog.Table, list []ast.ColumnName) ([]int, error) {
	var cols []int
	for _, cn := range list {
		i := t.Column(cn.Name)
		if i < 0 {
			return nil, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", cn.Name, t.Name).At(cn.Offset())
		}
		cols = append(cols, i)
	}
	return cols, nil
}

// isUndefined says that a table was not there.
func isUndefined(err error) bool {
	e, ok := err.(*sqlstate.Error)
	return ok && e.Code == sqlstate.UndefinedTable
}

// analyzed analyzes columns of a locked table (nil = those that PREDICATE COLUMNS or ALL COLUMNS means), unless too few of its rows have changed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_analyze_threshold_percent.html
func (s *Session) analyzed(c *call, st *ast.Analyze, t *catalog.Table, cols []int) error {
	status := "Full"
	if st.Which == "predicate columns" && cols == nil {
		if cols = s.c.predicateColumns(t); cols != nil {
			status = "PredicateColumn"
		} else {
			s.tell("INFO", sqlstate.SuccessfulCompletion, "No predicate columns found for \"%s\". Analyzing all columns.", t.Name)
		}
	}
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	if float64(v.Changed())*100 < s.analyzeThreshold()*float64(v.Rows()) && v.Statistics().Knows(cols) {
		s.tell("INFO", sqlstate.SuccessfulCompletion, "ANALYZE SKIP")
		now := s.c.cfg.Clock()
		s.noteAnalysis(c, t, v, system.Analyzed{Status: "Skipped", Start: now, End: now})
		return nil
	}
	if st.Verbose {
		s.tell("INFO", sqlstate.SuccessfulCompletion, "analyzing \"%s.%s\"", t.Schema, t.Name)
	}
	return s.analyzeTable(c, t, cols, system.Analyzed{Status: status})
}

// analyzeThreshold is analyze_threshold_percent.
func (s *Session) analyzeThreshold() float64 {
	value, _ := s.Setting("analyze_threshold_percent")
	percent, _ := strconv.ParseFloat(value, 64) // SET has checked it
	return percent
}

// analyzeTable gives a locked table statistics of columns cols, nil = all; a says how it came to that.
func (s *Session) analyzeTable(c *call, t *catalog.Table, cols []int, a system.Analyzed) error {
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	a.Start = s.c.cfg.Clock()
	st, err := storage.Analyze(c.ctx, storage.ViewOf(v), cols)
	if err != nil {
		return err
	}
	st.At = s.c.cfg.Clock()
	a.End = st.At
	s.noteAnalysis(c, t, v, a)
	return s.tx.Put(t, v.WithStatistics(st))
}

// noteAnalysis keeps for STL_ANALYZE what was done with a table that was at v.
func (s *Session) noteAnalysis(c *call, t *catalog.Table, v *storage.Version, a system.Analyzed) {
	a.XID, a.Table, a.Schema, a.Name = s.tx.ID, t.ID, t.Schema, t.Name
	a.Rows, a.Modified, a.Percent = float64(v.Rows()), float64(v.Changed()), int(s.analyzeThreshold())
	if st := v.Statistics(); st != nil {
		a.Before = st.At
	}
	a.Predicates, a.NewPredicate = s.c.countPredicates(t, a.Before)
	m := maintenanceOf(c.rec)
	m.Analyses = append(m.Analyses, a)
}

// maintenanceOf is where a statement's record keeps what it did for the upkeep of tables.
func maintenanceOf(rec *system.Record) *system.Maintenance {
	if rec.Maintenance == nil {
		rec.Maintenance = new(system.Maintenance)
	}
	return rec.Maintenance
}
