package engine

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// truncate is TRUNCATE: it commits the transaction that it is in. A block goes on with a new one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func (s *Session) truncate(c *call, st *ast.Truncate) error {
	t, err := s.lockTable(c, st.Table, txn.AccessExclusive)
	if err != nil {
		return err
	}
	if err := s.owns(t.Owner, t.Name); err != nil {
		return err
	}
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	if err := s.tx.Put(t, v.Truncate()); err != nil {
		return err
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
		if _, err := s.lockTable(c, n, txn.AccessExclusive); err != nil {
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

// ownTables lists the tables that a statement without a table's name is about: all that the user owns.
func (s *Session) ownTables() []*catalog.Table {
	var out []*catalog.Table
	for _, t := range s.tx.Catalog().Tables() {
		if s.owns(t.Owner, t.Name) == nil && (!t.Temp || t.Schema == s.tempSchema()) {
			out = append(out, t)
		}
	}
	return out
}

// nameOf is the name under which a statement would find a table.
func nameOf(t *catalog.Table) ast.Name {
	return ast.Name{Pos: ast.Pos(-1), Parts: []string{t.Schema, t.Name}}
}

// analyze is ANALYZE. Without PREDICATE COLUMNS in use all columns are analyzed, which is what Redshift does while no query has named any.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
func (s *Session) analyze(c *call, st *ast.Analyze) error {
	if st.Table != nil {
		t, err := s.lockTable(c, *st.Table, txn.ShareRowExclusive)
		if err != nil {
			return err
		}
		if err := s.owns(t.Owner, t.Name); err != nil {
			return err
		}
		var cols []int
		for _, cn := range st.Columns {
			i := t.Column(cn.Name)
			if i < 0 {
				return sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", cn.Name, t.Name).At(cn.Offset())
			}
			cols = append(cols, i)
		}
		return s.analyzed(st, t, cols)
	}
	s.tx.Refresh()
	for _, t := range s.ownTables() {
		t, err := s.lockTable(c, nameOf(t), txn.ShareRowExclusive)
		if isUndefined(err) { // dropped meanwhile
			continue
		}
		if err != nil {
			return err
		}
		if err := s.analyzed(st, t, nil); err != nil {
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

// isUndefined says that a table was not there.
func isUndefined(err error) bool {
	e, ok := err.(*sqlstate.Error)
	return ok && e.Code == sqlstate.UndefinedTable
}

// analyzed analyzes a locked table, unless too few of its rows have changed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_analyze_threshold_percent.html
func (s *Session) analyzed(st *ast.Analyze, t *catalog.Table, cols []int) error {
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	value, _ := s.Setting("analyze_threshold_percent")
	percent, _ := strconv.ParseFloat(value, 64)
	if cols == nil && v.Statistics() != nil && float64(v.Changed())*100 < percent*float64(v.Rows()) {
		s.tell("INFO", sqlstate.SuccessfulCompletion, "ANALYZE SKIP")
		return nil
	}
	if st.Verbose {
		s.tell("INFO", sqlstate.SuccessfulCompletion, "analyzing \"%s.%s\"", t.Schema, t.Name)
	}
	return s.analyzeTable(t, cols)
}

// analyzeTable gives a locked table statistics of columns cols; nil = all.
func (s *Session) analyzeTable(t *catalog.Table, cols []int) error {
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	return s.tx.Put(t, v.WithStatistics(storage.Analyze(storage.ViewOf(v), cols)))
}

// vacuum is VACUUM.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func (s *Session) vacuum(c *call, st *ast.Vacuum) error {
	if err := s.alone(c, "VACUUM"); err != nil {
		return err
	}
	kind, threshold := storage.VacuumFull, 0.95
	needsTable := func(what string) error {
		if st.Table == nil {
			return sqlstate.Syntax.Errorf("VACUUM %s needs a table name", what)
		}
		return nil
	}
	var err error
	switch st.Kind {
	case "", "full":
	case "sort only":
		kind = storage.VacuumSortOnly
	case "delete only":
		kind = storage.VacuumDeleteOnly
	case "reindex":
		kind = storage.VacuumReindex
		err = needsTable("REINDEX")
		if err == nil && st.Percent >= 0 {
			err = sqlstate.FeatureNotSupported.Errorf("VACUUM REINDEX is not supported with TO threshold PERCENT")
		}
		if err == nil && st.Boost {
			err = sqlstate.FeatureNotSupported.Errorf("VACUUM REINDEX is not supported with BOOST")
		}
	default:
		return sqlstate.FeatureNotSupported.Errorf("VACUUM %s is not supported", upper(st.Kind))
	}
	if err == nil && st.Percent >= 0 {
		err = needsTable("TO threshold PERCENT")
		if st.Percent > 100 {
			err = sqlstate.InvalidParameterValue.Errorf("the vacuum threshold must be between 0 and 100 percent")
		}
		threshold = float64(st.Percent) / 100
	}
	if err == nil && st.Boost {
		err = needsTable("BOOST")
	}
	if err != nil {
		return err
	}
	if st.Table != nil {
		t, err := s.lockTable(c, *st.Table, txn.ShareRowExclusive)
		if err != nil {
			return err
		}
		return s.vacuumTable(t, kind, threshold)
	}
	s.tx.Refresh()
	for _, t := range s.ownTables() {
		t, err := s.lockTable(c, nameOf(t), txn.ShareRowExclusive)
		if isUndefined(err) {
			continue
		}
		if err == nil {
			if err = s.vacuumTable(t, kind, threshold); err == nil {
				err = s.commitWithin()
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// vacuumTable vacuums a locked table; of somebody else's it does nothing, and that is no error.
func (s *Session) vacuumTable(t *catalog.Table, kind storage.VacuumKind, threshold float64) error {
	if s.owns(t.Owner, t.Name) != nil {
		return nil
	}
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	n, _, err := v.Vacuum(kind, threshold)
	if err != nil || n == v {
		return err
	}
	return s.tx.Put(t, n)
}
