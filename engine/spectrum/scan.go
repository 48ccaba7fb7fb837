package spectrum

import (
	"context"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Run is what one query has of the external tables that it reads.
type Run struct {
	ctx   context.Context
	store func(bucket string) (load.ObjectStore, bool)
	most  int // spectrum_query_maxerror

	mu    sync.Mutex
	scans []*Scan
}

// NewRun begins a query. most is how many values that do not fit it may meet; negative = any number.
// https://docs.aws.amazon.com/redshift/latest/dg/r_spectrum_query_maxerror.html
func NewRun(ctx context.Context, store func(bucket string) (load.ObjectStore, bool), most int) *Run {
	return &Run{ctx: ctx, store: store, most: most}
}

// Scans are the scans that have begun.
func (r *Run) Scans() []*Scan {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*Scan(nil), r.scans...)
}

// Scan is the scan of one external table in a query.
type Scan struct {
	Table            *catalog.ExternalTable
	Name             string // schema.table
	Total, Qualified int    // partitions, and those that were read; of a table without any 1 and 1
	Files            int    // that were found
	Start            time.Time
	Pruned, Listed   time.Duration // how long it took to choose partitions, and to list files

	lists  []List
	source *exec.ExternalSource
	once   sync.Once
	job    *load.Job
	err    error
}

// List is a folder, or a manifest, whose files were listed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3LIST.html
type List struct {
	Bucket, Prefix string
	Files          int
	Bytes, Largest int64
	Took           time.Duration
}

// Lists are the folders that were listed: that of the table, or those of the partitions that were chosen.
func (s *Scan) Lists() []List { return s.lists }

// note keeps what was listed.
func (s *Scan) note(location string, files []load.File, took time.Duration) {
	l := List{Files: len(files), Took: took}
	l.Bucket, l.Prefix, _ = load.SplitURL(location) // it was listed
	for i := range files {
		l.Bytes, l.Largest = l.Bytes+max(0, files[i].Size), max(l.Largest, files[i].Size)
	}
	s.lists = append(s.lists, l)
}

// ReadsNested says that columns of nested types are read.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3QUERY_SUMMARY.html
func (s *Scan) ReadsNested() bool {
	data := s.Table.Data()
	return slices.ContainsFunc(s.source.Columns, func(a int) bool { return a < len(data) && data[a].Nested != nil })
}

// Job is what is read; nil = nothing was found, or the scan has not begun.
func (s *Scan) Job() *load.Job { return s.job }

// Reads says whether it is the scan that a segment's source opens.
func (s *Scan) Reads(source exec.SourceSpec) bool { return exec.SourceSpec(s.source) == source }

// scan finds the scan of a source, which its first slice begins.
func (r *Run) scan(src *exec.ExternalSource) *Scan {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.scans {
		if s.source == src {
			return s
		}
	}
	s := &Scan{source: src, Table: src.Table.(*catalog.ExternalTable), Name: src.Name, Start: time.Now()}
	r.scans = append(r.scans, s)
	return s
}

// Open opens what a slice reads: exec.Options.External. Errors: XX000 in S3's words where a bucket is missing or fails.
func (r *Run) Open(src *exec.ExternalSource, env *function.Env, slice, slices int) (exec.RowReader, error) {
	s := r.scan(src)
	s.once.Do(func() { s.err = s.begin(r, env) })
	if s.err != nil {
		return nil, s.err
	}
	in, err := s.job.Open(slice, slices)
	if err != nil {
		return nil, err
	}
	return &reader{scan: s, in: in, row: int64(slice) << rowBits, constants: make([]*vector.Vector, len(src.Columns))}, nil
}

// begin chooses partitions, lists their files, and prepares the reading of these.
func (s *Scan) begin(r *Run, env *function.Env) error {
	f := s.Table.Format.(*Format)
	begun := time.Now()
	chosen, err := s.partitions(env)
	if err != nil {
		return err
	}
	s.Pruned = time.Since(begun)
	begun = time.Now()
	var files []load.File
	for _, p := range chosen {
		location := s.Table.Location
		if p >= 0 {
			location = s.Table.Partitions[p].Location
		}
		at := time.Now()
		list, err := load.Locate(r.ctx, location, f.Options.Format == load.Parquet, r.store)
		if err != nil {
			return err
		}
		s.note(location, list, time.Since(at))
		for i := range list {
			list[i].Partition = p
			if err := f.pack(&list[i]); err != nil {
				return err
			}
		}
		files = append(files, list...)
	}
	s.Listed, s.Files = time.Since(begun), len(files)
	o := f.Options
	rules := *o.Rules
	o.Rules, rules.Most = &rules, r.most
	columns := s.columns(f)
	if rules.Bounds, err = s.bounds(env, columns); err != nil {
		return err
	}
	s.job, err = load.NewScan(r.ctx, s.Name, columns, o, files)
	return err
}

// pack notes what a file is compressed with. Parquet files know it themselves.
func (f *Format) pack(file *load.File) (err error) {
	switch {
	case f.Options.Format == load.Parquet || f.Options.Format == load.Avro && path.Ext(file.Name) == ".avro":
	case f.HasPacked:
		file.Compression = f.Packed
	default:
		file.Compression, err = load.Packed(file.Name)
	}
	return err
}

// partitions numbers those that are read; -1 = the table has none.
func (s *Scan) partitions(env *function.Env) (out []int, err error) {
	t := s.Table
	if t.Keys == 0 {
		s.Total, s.Qualified = 1, 1
		return []int{-1}, nil
	}
	s.Total = len(t.Partitions)
	keys := t.KeyColumns()
	for from := 0; from < len(t.Partitions); from += vector.Size {
		part := t.Partitions[from:min(from+vector.Size, len(t.Partitions))]
		b := &vector.Batch{Len: len(part)}
		for k := range keys {
			v := vector.New(keys[k].Type, len(part))
			for i, p := range part {
				v.Set(i, p.Values[k])
			}
			b.Columns = append(b.Columns, v)
		}
		if s.source.Partitions != nil {
			if err := s.source.Partitions.NewState(env).Filter(b); err != nil {
				return nil, err
			}
		}
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			out = append(out, from+at)
		}
	}
	s.Qualified = len(out)
	return out, nil
}

// columns are those of the files; what nobody reads is skipped.
func (s *Scan) columns(f *Format) []load.Column {
	data := s.Table.Data()
	out := make([]load.Column, len(data))
	for i := range data {
		out[i] = load.Column{Name: data[i].Name, Type: data[i].Type, Skip: true}
		if t := data[i].Nested; t != nil {
			out[i].JSON = s.source.JSON
			if out[i].Nested = t; s.source.JSON != nil {
				out[i].Type = types.TVarcharMax
			} else if s.source.Nested != nil {
				out[i].Nested = s.source.Nested[i]
			}
		}
		if f.Keys != nil && f.Keys[i] != "" {
			out[i].Name = f.Keys[i]
		}
	}
	for _, a := range s.source.Columns {
		if a < len(data) {
			out[a].Skip = false
		}
	}
	return out
}

// ops are the comparisons that statistics of files can rule out.
var ops = map[storage.Op]load.Op{storage.Eq: load.Eq, storage.In: load.Eq, storage.Lt: load.Lt, storage.Le: load.Le, storage.Gt: load.Gt, storage.Ge: load.Ge}

// bounds computes what conditions compare with.
func (s *Scan) bounds(env *function.Env, columns []load.Column) ([]load.Bound, error) {
	var out []load.Bound
	for i := range s.source.Predicates {
		p := &s.source.Predicates[i]
		op, ok := ops[p.Op]
		if !ok {
			continue
		}
		b := load.Bound{Column: p.Column, Op: op}
		list := p.Values
		if p.Value != nil {
			list = append(list[:len(list):len(list)], p.Value)
		}
		for _, x := range list {
			d, err := x.Const(env)
			if err != nil {
				return nil, err
			}
			d.Type = columns[p.Column].Type
			b.Values = append(b.Values, d)
		}
		out = append(out, b)
	}
	return out, nil
}

// rowBits are those of "$spectrum_oid" that count the rows of a slice; those above are the slice.
const rowBits = 40

// reader gives the rows of a slice: what the files have, and beside it what is the same in all of a file.
type reader struct {
	scan      *Scan
	in        *load.Reader
	batch     vector.Batch
	file      *load.File       // of the constants
	constants []*vector.Vector // by column of the source; nil = the files have it
	row       int64            // of "$spectrum_oid", the next one
	numbers   *vector.Vector   // of the batch; nil = nobody asks
}

// Next gives the next batch.
func (r *reader) Next(b *vector.Batch) (int, error) {
	n, err := r.in.Next(&r.batch)
	if err != nil || n == 0 {
		return 0, err
	}
	if f := r.in.File(); f != r.file {
		r.file = f
		r.turn()
	}
	b.Sel, b.Len, b.Columns = nil, n, b.Columns[:0]
	if r.numbers != nil {
		r.number(n)
	}
	for i, a := range r.scan.source.Columns {
		if c := r.constants[i]; c != nil {
			c.Len = n
			b.Columns = append(b.Columns, c)
		} else {
			b.Columns = append(b.Columns, r.batch.Columns[a])
		}
	}
	return n, nil
}

// number makes "$spectrum_oid" of n rows.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html#c-spectrum-external-tables-pseudocolumns
func (r *reader) number(n int) {
	r.numbers.Reset(n)
	for i := range r.numbers.Int64s[:n] {
		r.numbers.Int64s[i] = r.row + int64(i)
	}
	r.row += int64(n)
}

// turn makes the constants of a file.
func (r *reader) turn() {
	t := r.scan.Table
	data := len(t.Data())
	for i, a := range r.scan.source.Columns {
		switch {
		case a < data:
		case a < len(t.Columns):
			r.constants[i] = vector.NewConst(t.Partitions[r.file.Partition].Values[a-data], 1)
		case a == len(t.Columns)+plan.PathColumn:
			r.constants[i] = vector.NewConst(types.Datum{Type: types.TVarcharMax, Text: r.file.URL()}, 1)
		case a == len(t.Columns)+plan.OIDColumn:
			if r.numbers == nil {
				r.numbers = &vector.Vector{Type: types.TInt8}
			}
			r.constants[i] = r.numbers
		default:
			r.constants[i] = vector.NewConst(types.Datum{Type: types.TInt8, Int: r.file.Size}, 1)
		}
	}
}

// Close ends the reading.
func (r *reader) Close() error { return r.in.Close() }
