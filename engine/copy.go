package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// loader is what a plan.Load reads from: it opens the reader of one slice's files.
type loader struct{ job *load.Job }

// OpenSlice gives the rows of the files of a slice.
func (l loader) OpenSlice(slice, slices int) (exec.RowReader, error) {
	return l.job.Open(slice, slices)
}

// copyInto is COPY: an INSERT whose rows come from files.
//
//	INSERT plan: Load (a reader a slice) -> place -> insert -> the transaction's version of the table
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
// of is the run of a copy job that it belongs to, nil = it is a statement.
func (s *Session) copyInto(c *call, st *ast.Copy, of *jobRun) error {
	options, err := s.withTemplate(st.Options)
	if err != nil {
		return err
	}
	if of != nil {
		if err := noneBanned(options); err != nil {
			return err
		}
	}
	o, err := copyOptions(st, options)
	if err != nil {
		return err
	}
	t, err := s.lockAllowed(c, st.Table, s.copyMode(st), func(t *catalog.Table) error {
		if err := ofView(t, st.Table); err != nil {
			return err
		}
		return s.needs(t, principal.Insert)
	})
	if err != nil {
		return err
	}
	targets, err := copyTargets(t, st.Columns, o.explicitIDs)
	if err != nil {
		return err
	}
	if err := s.assumes(o.iam, principal.CopyCommand); err != nil {
		return err
	}
	if o.unbuilt != nil { // told last: what is wrong with the statement itself comes first
		return o.unbuilt
	}
	if o.Format == load.FixedWidth && len(o.Widths) == 0 {
		return badWidths(o.widthsPos)
	}
	if o.statUpdate == "on" {
		if err := s.owns(t.Owner, t.Name); err != nil {
			return err
		}
	}
	if s.dry {
		return nil
	}
	before, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	empty := before.Rows() == 0 && s.tx.Holds(t.ID, txn.ShareRowExclusive)
	if empty && !o.NoLoad && (o.compUpdate == "" || o.compUpdate == "preset") {
		if t, err = s.presetEncodings(c, t, before, o.compUpdate != ""); err != nil {
			return err
		}
	}
	columns := make([]load.Column, len(targets))
	for i, at := range targets {
		col := &t.Columns[at]
		columns[i] = load.Column{Name: col.Name, Type: col.Type, NotNull: col.NotNull && !bind.DefaultsNull(col)}
	}
	o.ReadSRID = s.on("read_srid_on_shapefile_ingestion")
	if of != nil {
		o.Only = of.files
	}
	job, err := load.NewJob(c.ctx, st.From, s.store, t.Name, columns, o.Options)
	if err != nil {
		return atOffset(err, st.FromPos.Offset())
	}
	job.Zone = s.zone
	if of != nil {
		job.CopyJob = int64(of.job)
	}
	c.rec.Load = job
	var relaid []system.Relaid
	if empty && !o.NoLoad && foreseen(t, job) {
		def := *t.Def
		def.Dist = grown(t)
		done, err := s.relay(c, t, &def, system.RelaidDist)
		if err != nil {
			return err
		}
		t, relaid = s.current(t), append(relaid, done)
	}
	if err := s.loadRows(c, t, targets, job); err != nil {
		return err
	}
	if len(relaid) > 0 {
		m := maintenanceOf(c.rec)
		m.Relaid = append(m.Relaid, relaid...)
	}
	if empty && !o.NoLoad && o.compUpdate == "on" {
		if err := s.sampledEncodings(c, s.current(t), o.compRows); err != nil {
			return err
		}
	}
	s.lastCopy, s.lastCopyCount = c.rec.Query, job.Rows()
	if o.statUpdate == "on" && s.tx.TryLock(t.ID, txn.ShareRowExclusive) || o.statUpdate == "" && empty && job.Rows() > 0 && !o.NoLoad {
		if err := s.analyzeTable(c, s.current(t), nil, system.Analyzed{Status: "Full", Auto: true}); err != nil {
			return err
		}
	}
	for _, line := range job.Notices() {
		s.tell("INFO", sqlstate.SuccessfulCompletion, "%s", line)
	}
	return nil
}

// foreseen says that an empty table of DISTSTYLE AUTO(ALL) will have outgrown that when a COPY into it ends: it is spread first, not afterwards.
func foreseen(t *catalog.Table, job *load.Job) bool {
	const perColumn = 8 << 20 // of file; a block has 1 MB
	return t.Def.Dist.Style == storage.AutoAll && job.Size() >= perColumn*int64(len(t.Columns))
}

// copyMode is the lock of a COPY: it goes beside INSERT and other COPY, but an empty table it has alone, for it sets its encodings and statistics.
func (s *Session) copyMode(st *ast.Copy) txn.Mode {
	s.tx.Refresh()
	if o, err := s.resolve(st.Table); err == nil {
		if t, ok := o.(*catalog.Table); ok {
			if v := s.tx.Seen(t.ID); v != nil && v.Rows() > 0 {
				return s.writeMode(bind.Insert)
			}
		}
	}
	return txn.ShareRowExclusive
}

// loadRows plans and runs the insert.
func (s *Session) loadRows(c *call, t *catalog.Table, targets []int, job *load.Job) error {
	r := &resolver{c: s.tx.Catalog(), path: s.searchPath()}
	b, err := bind.Load(t, targets, loader{job}, s.bindEnv(r, nil, nil))
	if err != nil {
		return err
	}
	e := &planEntry{bound: b}
	if err := s.complete(e, b.Plan, ""); err != nil {
		return err
	}
	_, _, err = s.run(c, e, nil)
	return err
}

// copyTargets lists the columns that the files have, in their order: those of the list, or all. An identity column is among them only with EXPLICIT_IDS,
// or when it is GENERATED BY DEFAULT and named.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-column-mapping.html
func copyTargets(t *catalog.Table, list []ast.ColumnName, explicit bool) ([]int, error) {
	var out []int
	if len(list) == 0 {
		for i := range t.Columns {
			if t.Columns[i].Identity == nil || explicit {
				out = append(out, i)
			}
		}
		return out, nil
	}
	named := false
	for _, cn := range list {
		i := t.Column(cn.Name)
		if i < 0 {
			return nil, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", cn.Name, t.Name).At(cn.Offset())
		}
		for _, o := range out {
			if o == i {
				return nil, sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", cn.Name).At(cn.Offset())
			}
		}
		if id := t.Columns[i].Identity; id != nil {
			if !id.ByDefault && !explicit {
				return nil, sqlstate.InvalidColumnDefinition.Errorf("cannot copy into identity column \"%s\" without EXPLICIT_IDS", cn.Name).At(cn.Offset())
			}
			named = true
		}
		out = append(out, i)
	}
	if explicit && !named {
		return nil, sqlstate.InvalidColumnDefinition.Errorf("EXPLICIT_IDS needs the identity column in the column list").At(list[0].Offset())
	}
	for i := range t.Columns {
		listed := false
		for _, o := range out {
			listed = listed || o == i
		}
		if col := &t.Columns[i]; !listed && col.NotNull && col.Default == "" && col.Identity == nil {
			return nil, sqlstate.NotNullViolation.Errorf("column \"%s\" of relation \"%s\" is NOT NULL and has no default: it must be in the column list", col.Name, t.Name).
				At(list[0].Offset())
		}
	}
	return out, nil
}

// upper is a word as SQL shouts it.
func upper(s string) string { return strings.ToUpper(s) }

// AddBucket maps a bucket name of s3:// to a store. It replaces none: the second store of a name is refused.
func (c *Cluster) AddBucket(name string, store load.ObjectStore) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.buckets[name]; taken {
		return sqlstate.DuplicateObject.Errorf("bucket \"%s\" is mapped already", name)
	}
	if c.buckets == nil {
		c.buckets = map[string]load.ObjectStore{}
	}
	c.buckets[name] = store
	return nil
}

// DropBucket takes a bucket away. Statements that read it go on.
func (c *Cluster) DropBucket(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.buckets, name)
}

// Bucket finds a bucket.
func (c *Cluster) Bucket(name string) (load.ObjectStore, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.buckets[name]
	return b, ok
}
