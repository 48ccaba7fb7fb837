package load

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// parquetFile reads row groups of a Parquet file: a value of each column at a time, in the order of the columns.
//
//	row group 0   chunk a: page page ..   chunk b: page ..
//	row group 1   chunk a: ..                               columns are matched by position, names do not count
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
type parquetFile struct {
	file   *parquet.File
	groups []parquet.RowGroup // unread ones
	left   int64              // rows of the group in hand
	number int                // of the next row group in the file
	chunks []*chunkReader     // of the group in hand, by leaf; nil = nobody reads it
	values []parquetValues    // of the columns that the file has; nil where nested is not
	nested []*nestedValues    // of SUPER and nested columns
	first  []int              // the chunk with which a column begins; -1 = the file has none, or nobody reads it
	skips  []bool             // by leaf: nobody reads it
	bytes  int64              // of the chunks that were read, as they are stored
}

// chunkReader reads the values of one column of a row group.
type chunkReader struct {
	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	spent  []parquet.Page // read to their ends
}

// scanError is the error of a columnar file, in the words of Redshift Spectrum, which reads them.
func scanError(code int, format string, args ...any) error {
	return sqlstate.Internal.Errorf("Spectrum Scan Error").WithDetail("code: %d, %s", code, fmt.Sprintf(format, args...))
}

// guard turns a panic of the library about a broken file into an error.
func guard(url string, err *error) {
	if p := recover(); p != nil {
		*err = scanError(15001, "File '%s' is broken: %v", url, p)
	}
}

// parquetOf opens a file for reading from anywhere. One whose name says that it is compressed is decompressed in memory first; so is one of a store whose
// objects cannot be read from anywhere.
func (j *Job) parquetOf(f *File) (pf *parquet.File, in io.ReadCloser, err error) {
	defer guard(f.URL(), &err)
	rc, err := j.open(f, new(int64))
	if err != nil {
		return nil, nil, err
	}
	at, random := rc.(io.ReaderAt)
	size := f.Size
	var plain io.Reader
	switch path.Ext(f.Name) {
	case ".gz":
		plain, err = gzip.NewReader(rc)
	case ".bz2":
		plain = bzip2.NewReader(rc)
	case ".snappy":
		plain = s2.NewReader(rc)
	default:
		if !random || size < 0 {
			plain = rc
		}
	}
	if plain != nil && err == nil {
		var all []byte
		if all, err = io.ReadAll(contextReader{j, plain}); err == nil {
			at, size = bytes.NewReader(all), int64(len(all))
		}
	}
	if err != nil {
		_ = rc.Close() // the first error is the one to tell
		return nil, nil, storeError(f.URL(), err)
	}
	if err = footerFits(at, size); err == nil {
		pf, err = parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	}
	if err != nil {
		_ = rc.Close() // as above
		return nil, nil, scanError(15001, "File '%s' has an invalid version number: %v", f.URL(), err)
	}
	return pf, rc, nil
}

// footerFits refuses a file whose footer is longer than itself, before the library makes room for it.
func footerFits(at io.ReaderAt, size int64) error {
	var tail [8]byte
	if _, err := at.ReadAt(tail[:], size-int64(len(tail))); size < int64(len(tail)) || err != nil && err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	if string(tail[4:]) != "PAR1" {
		return errors.New("it does not end in PAR1")
	}
	if n := int64(binary.LittleEndian.Uint32(tail[:])); n > size-int64(len(tail)) {
		return fmt.Errorf("its footer has %d bytes, the file %d", n, size)
	}
	return nil
}

// contextReader ends with the job's context.
type contextReader struct {
	j *Job
	r io.Reader
}

// Read reads on.
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.j.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// dealRowGroups makes the pieces of a file: runs of row groups.
func (j *Job) dealRowGroups(file, slices int) (err error) {
	f := &j.Files[file]
	if f.Size >= 0 && f.Size < j.minPiece {
		j.pieces = append(j.pieces, piece{file: file, to: -1, size: f.Size})
		return nil
	}
	pf, in, err := j.parquetOf(f)
	if err != nil {
		return err
	}
	defer in.Close()
	defer guard(f.URL(), &err)
	groups := int64(len(pf.RowGroups()))
	n := max(1, min(groups, int64(slices)))
	for k := range n {
		p := piece{file: file, from: groups * k / n, to: groups * (k + 1) / n}
		for _, g := range pf.Metadata().RowGroups[p.from:p.to] {
			p.size += g.TotalByteSize
		}
		if k == n-1 {
			p.to = -1
		}
		j.pieces = append(j.pieces, p)
	}
	return nil
}

// unpacks refuses LZ4_RAW: parquet-go gives a page of zeros for one that shrank to more than a third.
func unpacks(pf *parquet.File) error {
	for _, g := range pf.Metadata().RowGroups {
		for i := range g.Columns {
			if g.Columns[i].MetaData.Codec == format.Lz4Raw {
				return sqlstate.Unbuilt("COPY", "COPY of Parquet files compressed with LZ4_RAW")
			}
		}
	}
	return nil
}

// openParquet opens a piece and matches its columns with the table's.
func (r *Reader) openParquet(p *piece) (err error) {
	f := &r.job.Files[p.file]
	r.next++
	r.read = r.job.reading(r.slice, p)
	pf, in, err := r.job.parquetOf(f)
	if err != nil {
		return err
	}
	r.in = in
	defer guard(f.URL(), &err)
	x := &parquetFile{file: pf, groups: pf.RowGroups()}
	if p.to >= 0 {
		x.groups = x.groups[:min(p.to, int64(len(x.groups)))]
	}
	x.number = int(p.from)
	x.groups = x.groups[min(p.from, int64(len(x.groups))):]
	if err := unpacks(pf); err != nil {
		return err
	}
	columns := pf.Root().Columns()
	if o := &r.job.Options; o.Rules != nil && o.Rules.ByName {
		r.parquet = x
		return r.byName(columns)
	}
	if have, want := len(columns), len(r.job.Columns); have != want && (have > want || !r.job.Options.FillRecord) {
		return scanError(15007, "Unmatched number of columns between table and file. Table columns: %d, Data columns: %d, File name: %s", want, have, f.URL())
	}
	leaves := 0
	for i, c := range columns {
		v, n := r.job.fit(i, c)
		if v == nil && n == nil {
			return r.unfit(i, c)
		}
		x.values, x.nested, x.first = append(x.values, v), append(x.nested, n), append(x.first, leaves)
		leaves += leavesOf(c)
	}
	r.parquet = x
	return nil
}

// unfit is the error of a column of a file that is of another type than the table's.
func (r *Reader) unfit(i int, c *parquet.Column) error {
	f := r.File()
	t := upperType(r.job.Columns[i].Type)
	if n := r.job.Columns[i].Nested; n != nil {
		t = n.Text(upperType, nil)
	}
	return scanError(15001, "File '%s' has an incompatible Parquet schema for column '%s.%s'. Column type: %s, Parquet schema: %s",
		f.URL(), "s3://"+f.Bucket, r.job.Columns[i].Name, t, schemaText(c))
}

// byName finds the columns of the table among those of a file by their names, whose case does not count.
func (r *Reader) byName(have []*parquet.Column) error {
	x := r.parquet
	first := make([]int, len(have))
	leaves := 0
	for k, c := range have {
		first[k] = leaves
		leaves += leavesOf(c)
	}
	x.skips = make([]bool, leaves)
	for k := range x.skips {
		x.skips[k] = true
	}
	for i := range r.job.Columns {
		x.values, x.nested, x.first = append(x.values, nil), append(x.nested, nil), append(x.first, -1)
		for k, c := range have {
			if x.first[i] >= 0 || r.job.Columns[i].Skip || !strings.EqualFold(c.Name(), r.job.Columns[i].Name) {
				continue
			}
			if r.job.Columns[i].Nested != nil {
				x.nested[i] = r.typed(i, c)
			} else {
				x.values[i], x.nested[i] = r.job.fit(i, c)
			}
			if x.values[i] == nil && x.nested[i] == nil {
				return r.unfit(i, c)
			}
			x.first[i] = first[k]
			if n := x.nested[i]; n != nil && r.job.Columns[i].Nested != nil {
				for _, l := range n.leaves {
					x.skips[first[k]+l.at] = false
				}
				continue
			}
			for l := range leavesOf(c) {
				x.skips[first[k]+l] = false
			}
		}
	}
	return nil
}

// fit chooses how a column of a file is read into a column of the table; nil and nil = it cannot be. A SUPER column takes JSON as UNLOAD writes it, and with
// SERIALIZETOJSON all else.
// https://docs.aws.amazon.com/redshift/latest/dg/copy_json.html#copy_json-from-parquet-orc
func (j *Job) fit(i int, c *parquet.Column) (parquetValues, *nestedValues) {
	if j.Columns[i].Type.Kind != types.Super {
		if !c.Leaf() || c.Repeated() {
			return nil, nil
		}
		return valuesOf(&j.Columns[i], i, c), nil
	}
	if !j.Options.SerializeToJSON {
		if l := c.Type().LogicalType(); !c.Leaf() || c.Repeated() || l == nil {
			return nil, nil
		} else if _, ok := l.Value.(*format.JsonType); !ok {
			return nil, nil
		}
	}
	n, ok := newNested(c)
	if !ok {
		return nil, nil
	}
	return nil, n
}

// leavesOf counts the leaves of a column, which have a chunk each.
func leavesOf(c *parquet.Column) int {
	if c.Leaf() {
		return 1
	}
	n := 0
	for _, x := range c.Columns() {
		n += leavesOf(x)
	}
	return n
}

// nextGroup goes to the next row group.
func (x *parquetFile) nextGroup() {
	x.close()
	g := x.groups[0]
	x.groups, x.left = x.groups[1:], g.NumRows()
	for i, c := range g.ColumnChunks() {
		if x.skips != nil && x.skips[i] {
			x.chunks = append(x.chunks, nil)
			continue
		}
		x.chunks = append(x.chunks, &chunkReader{pages: c.Pages()})
		x.bytes += x.file.Metadata().RowGroups[x.number].Columns[i].MetaData.TotalCompressedSize
	}
	x.number++
	for i, n := range x.nested {
		if n != nil {
			n.begin(x.chunks[x.first[i]:])
		}
	}
}

func (x *parquetFile) close() {
	for _, c := range x.chunks {
		if c == nil {
			continue
		}
		c.release()
		if c.page != nil {
			parquet.Release(c.page)
		}
		_ = c.pages.Close() // nothing was written
	}
	x.chunks = x.chunks[:0]
}

// release gives pages back whose values nobody has any more.
func (c *chunkReader) release() {
	for i, p := range c.spent {
		parquet.Release(p)
		c.spent[i] = nil
	}
	c.spent = c.spent[:0]
}

// read fills vals, over pages. Texts among them lie in the pages, which stay until the next call.
func (c *chunkReader) read(vals []parquet.Value) error {
	c.release()
	for n := 0; n < len(vals); {
		if c.page == nil {
			var err error
			if c.page, err = c.pages.ReadPage(); err != nil {
				if err == io.EOF {
					err = io.ErrUnexpectedEOF
				}
				return err
			}
			c.values = c.page.Values()
		}
		k, err := c.values.ReadValues(vals[n:])
		n += k
		if err == io.EOF || err == nil && k == 0 {
			c.spent = append(c.spent, c.page)
			c.page, err = nil, nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// columnar is how many values of a column are read at once.
const columnar = 256

// fillColumns reads rows of Parquet files until b is full or a row group ends.
func (r *Reader) fillColumns(b *vector.Batch) (n int, err error) {
	for r.parquet == nil || r.parquet.left == 0 {
		if err := r.job.ctx.Err(); err != nil {
			return 0, err
		}
		switch {
		case r.parquet != nil && len(r.parquet.groups) > 0:
			func() {
				defer guard(r.read.File, &err)
				if r.job.Options.Rules != nil && r.excluded(r.parquet.groups[0]) {
					r.parquet.groups, r.parquet.number = r.parquet.groups[1:], r.parquet.number+1
					return
				}
				r.parquet.nextGroup()
			}()
		case r.in != nil:
			err = r.Close()
		case r.next == len(r.pieces):
			return 0, nil
		default:
			err = r.openParquet(&r.pieces[r.next])
		}
		if err != nil {
			return 0, err
		}
	}
	defer guard(r.read.File, &err)
	b.Sel = nil
	b.Columns = append(b.Columns[:0], r.columns...)
	n = int(min(vector.Size, r.parquet.left))
	for i, col := range r.columns {
		col.Reset(n)
		if i >= len(r.parquet.values) || r.parquet.first[i] < 0 { // FILLRECORD, or a name that the file has not
			for k := range n {
				if bad := r.null(i, col, k, nil); bad != nil {
					return 0, r.fails(bad, i, int64(k))
				}
			}
			continue
		}
		fill := r.fillColumn
		switch {
		case r.job.Columns[i].Nested != nil:
			fill = r.fillTyped
		case r.parquet.nested[i] != nil:
			fill = r.fillNested
		}
		if err := fill(i, col, n); err != nil {
			return 0, err
		}
	}
	for _, k := range r.dropped {
		_ = r.allNull(b, k) // it does not fail
	}
	r.dropped = r.dropped[:0]
	b.Len = n
	r.parquet.left -= int64(n)
	r.read.Lines += int64(n)
	r.job.lines.Add(int64(n))
	return n, nil
}

// fillColumn reads n values of a column.
func (r *Reader) fillColumn(i int, col *vector.Vector, n int) error {
	var vals [columnar]parquet.Value
	for at := 0; at < n; at += columnar {
		part := vals[:min(columnar, n-at)]
		if err := r.parquet.chunks[r.parquet.first[i]].read(part); err != nil {
			return scanError(15001, "File '%s' is broken: %v", r.read.File, err)
		}
		for k := range part {
			r.replaced = -1
			var bad *RowError
			if part[k].IsNull() {
				bad = r.null(i, col, at+k, nil)
			} else {
				bad = r.parquet.values[i](r, &part[k], col, at+k)
			}
			if bad != nil {
				if err := r.leniently(bad, &part[k], i, col, at+k); err != nil {
					return err
				}
			}
			if r.replaced >= 0 {
				r.logReplacement(nil)
			}
		}
	}
	return nil
}

// leniently does with a value what the rules of an external table say; in a COPY it fails. The rows that are dropped become NULL when all of their values have
// been read.
func (r *Reader) leniently(bad *RowError, v *parquet.Value, i int, col *vector.Vector, n int) error {
	if r.job.Options.Rules == nil {
		return r.fails(bad, i, int64(n))
	}
	clearNull(col, n)
	_, all, err := r.act(bad, textOf(v), i, &r.job.Columns[i], col, n)
	if all && err == nil {
		r.dropped = append(r.dropped, n)
	}
	return err
}

// fails ends the COPY because of a value: there is no MAXERROR. What is too long is told in Spectrum's words, the rest is logged.
func (r *Reader) fails(bad *RowError, column int, row int64) error {
	c := &r.job.Columns[column]
	if bad.Code == 1204 {
		return scanError(15007, "The length of the data column %s is longer than the length defined in the table. Table: %d, Data: %s", c.Name, c.Type.Len, bad.RawField)
	}
	bad.Column, bad.ColType, bad.Slice, bad.File, bad.Line = c.Name, c.Type.InternalName(), r.slice, r.read.File, r.read.Lines+row+1
	_ = r.job.bad(*bad)
	return r.job.failure()
}
