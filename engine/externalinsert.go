package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Rows are written into an external table as UNLOAD writes them: a query, a writer a slice, files. What was written no rollback takes back.

// externalTarget is the external table that an INSERT names, nil when it names another relation, and the statement in its own names: a tree may be shared by
// texts with others.
func (s *Session) externalTarget(c *call, st *ast.Insert) (*ast.Insert, *catalog.ExternalTable) {
	s.tx.Refresh()
	if st.Table.Schema() == "" || !s.tx.Catalog().HasExternal() {
		return st, nil
	}
	own := c.shape.named(st).(*ast.Insert)
	o, err := s.resolve(own.Table)
	if err != nil {
		return st, nil
	}
	t, _ := o.(*catalog.ExternalTable)
	return own, t
}

// insertExternal is INSERT INTO an external table: files are added, and partitions that it has not yet.
// https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_external_table.html
func (s *Session) insertExternal(c *call, st *ast.Insert, t *catalog.ExternalTable) (int64, error) {
	if err := s.alone(c, "INSERT (external table)"); err != nil {
		return 0, err
	}
	if c.lits != nil { // literals were taken out of the text
		stmts, err := s.parseText(c.text)
		if err != nil {
			return 0, err
		}
		c.lits, c.plan, c.shape, st = nil, c.text, nil, stmts[0].(*ast.Insert)
	}
	switch {
	case st.Query == nil:
		return 0, sqlstate.FeatureNotSupported.Errorf("INSERT INTO an external table takes the rows of a query").At(st.Table.Offset())
	case len(st.Columns) > 0:
		return 0, sqlstate.FeatureNotSupported.Errorf("INSERT INTO an external table takes no list of columns").At(st.Columns[0].Offset())
	}
	o, err := spectrum.Writing(t, s.c.cfg.Clock())
	if err != nil {
		return 0, err
	}
	job := unload.New(o, spectrum.Target(t), s.zone)
	r := &resolver{c: s.tx.Catalog(), path: s.searchPath(), in: s.database}
	b, at, err := bind.ExternalInsert(t, st.Query, unloader{job}, o.Serial, s.bindEnv(r, typesOf(c.args), c.args))
	if err != nil {
		return 0, err
	}
	if err := s.writeFiles(c, job, b, r, at); err != nil {
		return 0, err
	}
	s.tx.Refresh()
	now := s.tx.Catalog().ExternalTable(t.Database, t.Name)
	if now == nil { // somebody has dropped it meanwhile: the files stay
		return 0, sqlstate.UndefinedTable.Errorf("relation \"%s.%s\" does not exist", st.Table.Schema(), t.Name)
	}
	n, err := spectrum.WithFiles(now, job.Files())
	if err != nil {
		return 0, err
	}
	if v, ok := n.Property("numRows"); ok {
		before, _ := strconv.ParseInt(v, 10, 64) // it was checked when it was set
		n = withRows(n, before+job.Rows())
	}
	if n != now {
		s.tx.EditEntry(n)
	}
	return job.Rows(), nil
}

// withRows gives a table the property numRows.
func withRows(t *catalog.ExternalTable, rows int64) *catalog.ExternalTable {
	n := *t
	n.Properties = withOption(t.Properties, catalog.Property{Name: "numRows", Value: strconv.FormatInt(rows, 10)})
	return &n
}

// writeFiles runs a bound query whose rows go to files.
func (s *Session) writeFiles(c *call, job *unload.Job, b *bind.Bound, r *resolver, partition []int) error {
	if len(b.Params) > len(c.args) {
		return sqlstate.UndefinedParameter.Errorf("there is no parameter $%d", len(c.args)+1)
	}
	list := b.Plan.(*plan.Unload).Output
	columns := make([]unload.Column, len(list))
	for i := range list {
		columns[i] = unload.Column{Name: list[i].Name, Type: stored(list[i].Type)}
	}
	if err := job.Describe(columns, partition); err != nil {
		return err
	}
	e := s.entry(b, r)
	if err := s.complete(e, b.Plan, c.text); err != nil {
		return err
	}
	if s.dry {
		return nil
	}
	if ok, err := s.lockPlan(c, e); err != nil {
		return err
	} else if !ok {
		return sqlstate.SerializationFailure.Errorf("a table that the statement reads was changed meanwhile")
	}
	if err := job.Prepare(c.ctx, s.store); err != nil {
		return err
	}
	defer job.Abort()
	c.rec.Unload = job
	s.running.Store(runningOf(c.rec))
	if _, _, err := s.run(c, e, c.args); err != nil {
		return err
	}
	return job.Finish(s.topology().Slices())
}

// createExternalTableAs is CREATE EXTERNAL TABLE AS: the rows of a query become the files of a table of its columns.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_usage.html#r_CETAS
func (s *Session) createExternalTableAs(c *call, st *ast.CreateExternalTable) error {
	if err := s.alone(c, "CREATE EXTERNAL TABLE AS"); err != nil {
		return err
	}
	t, err := s.newExternalTable(st)
	if t == nil || err != nil {
		return err
	}
	if err := asClauses(st); err != nil {
		return err
	}
	b, err := s.bindQuery(st.Query, false, c.args)
	if err != nil {
		return err
	}
	if err := describeAs(t, st, b.Columns); err != nil {
		return err
	}
	if err := describeExternal(t, st); err != nil {
		return err
	}
	o, err := spectrum.Writing(t, s.c.cfg.Clock())
	if err != nil {
		return err
	}
	o.Overwrite = false // the location must be empty
	job := unload.New(o, spectrum.Target(t), s.zone)
	r := &resolver{c: s.tx.Catalog(), path: s.searchPath(), in: s.database}
	b, at, err := bind.Unload(st.Query, unloader{job}, o.Partition, o.Serial, s.bindEnv(r, typesOf(c.args), c.args))
	if err != nil {
		return err
	}
	if err := s.writeFiles(c, job, b, r, at); err != nil {
		return err
	}
	n, err := spectrum.WithFiles(withRows(t, job.Rows()), job.Files())
	if err != nil {
		return err
	}
	n.ID = s.c.newID()
	s.tx.Refresh()
	s.tx.EditEntry(n)
	return nil
}

// asClauses refuses clauses that AS does not go with.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_usage.html#r_CETAS
func asClauses(st *ast.CreateExternalTable) error {
	what := ""
	switch {
	case len(st.Columns) > 0:
		what = "a list of columns"
	case st.InputFormat != "":
		what = "INPUTFORMAT"
	}
	for i := range st.Format {
		if n := st.Format[i].Name; n == "SERDE" || n == "LINES TERMINATED BY" {
			what = n
		}
	}
	if what != "" {
		return sqlstate.FeatureNotSupported.Errorf("CREATE EXTERNAL TABLE AS does not support %s", what)
	}
	if w := upper(st.Stored); w != "PARQUET" && w != "TEXTFILE" {
		return sqlstate.FeatureNotSupported.Errorf("CREATE EXTERNAL TABLE AS only supports the file formats PARQUET and TEXTFILE")
	}
	return nil
}

// describeAs gives a table the columns of a query: those that PARTITIONED BY names are at the end, in its order.
func describeAs(t *catalog.ExternalTable, st *ast.CreateExternalTable, cols []plan.Column) error {
	add := func(c *plan.Column, partition bool) error {
		typ := stored(c.Type)
		if typ.Kind == types.Varchar && typ.Len == 0 {
			typ = types.TVarcharMax
		}
		if !spectrum.Holds(typ, partition) {
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s is not supported in an external table", c.Name, c.Type)
		}
		for i := range t.Columns {
			if t.Columns[i].Name == c.Name {
				return twice(c.Name, st.Name.Offset())
			}
		}
		t.Columns = append(t.Columns, catalog.Column{Name: c.Name, Type: typ, PosAttr: len(t.Columns) + 1})
		return nil
	}
	named := func(name string) bool {
		return slices.ContainsFunc(st.Partitions, func(p ast.ColumnDef) bool { return p.Name == name })
	}
	for i := range cols {
		if named(cols[i].Name) {
			continue
		}
		if err := add(&cols[i], false); err != nil {
			return err
		}
	}
	for _, p := range st.Partitions {
		at := slices.IndexFunc(cols, func(c plan.Column) bool { return strings.EqualFold(c.Name, p.Name) })
		if at < 0 {
			return sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist", p.Name).WithDetail("PARTITIONED BY names columns of the query's result.").At(p.Offset())
		}
		if err := add(&cols[at], true); err != nil {
			return err
		}
	}
	t.Keys = len(st.Partitions)
	return nil
}
