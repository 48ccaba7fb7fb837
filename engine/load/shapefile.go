package load

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// shapeFile reads a shapefile: its shapes and, beside them, the table of their attributes.
//
//	x.shp   header of 100 bytes | number length shape | number length shape ..      the first column
//	x.dbf   header, columns     | row                 | row ..                      the others, texts of fixed widths
//	x.prj   the spatial reference, in words      x.cpg   the encoding of the texts     both may be missing; x.shx is not needed
//
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-copy-shapefile.html
type shapeFile struct {
	shp, dbf *bufio.Reader
	closer   io.Closer // of the table
	shape    bytes.Buffer
	row      []byte // of the table, with its mark ahead
	columns  []shapeColumn
	srid     int32
	latin    bool // texts are in ISO 8859-1
	value    []byte
}

// shapeColumn is a column of a dBase table.
type shapeColumn struct {
	kind  byte // C text, N and F number, D date, L boolean
	width int
}

const (
	shapeMagic = 9994
	maxShape   = 256 << 20 // bytes of a shape, as large as they are before SIMPLIFY
	maxSide    = 64 << 10  // bytes of a .prj or .cpg file that are read
)

// badShape is the error of a shapefile that is broken, or incomplete.
func badShape(url, why string) error {
	return sqlstate.Internal.Errorf("Cannot read shapefile %s", url).WithDetail("%s", why)
}

// shapeParts leaves of the objects under a prefix those that end in .shp, with or without what says how they are compressed.
func shapeParts(files []File) []File {
	out := files[:0]
	for _, f := range files {
		if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(f.Name, packedEnd(f.Name))), ".shp") {
			out = append(out, f)
		}
	}
	return out
}

// packedEnd is how the name of a compressed part ends behind .shp.
func packedEnd(name string) string {
	for _, end := range []string{".gz", ".bz2", ".lzo", ".zst"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return name[len(name)-len(end):]
		}
	}
	return ""
}

// loadsShapes refuses columns that a shapefile cannot fill: the first one takes the shapes.
func loadsShapes(columns []Column) error {
	if t := columns[0].Type; t.Kind != types.Geometry {
		return sqlstate.DatatypeMismatch.Errorf("column \"%s\" is of type %s: the first column that a shapefile fills must be a GEOMETRY column", columns[0].Name, t)
	}
	for i := range columns {
		if columns[i].Type.Kind == types.Geography {
			return sqlstate.FeatureNotSupported.Errorf("SHAPEFILE does not load GEOGRAPHY columns").WithHint("Load a GEOMETRY column and cast it.")
		}
	}
	return nil
}

// openShapes opens the parts of the shapefile whose shapes in reads.
func (j *Job) openShapes(in io.Reader, file *File) (*shapeFile, error) {
	f := &shapeFile{shp: bufio.NewReaderSize(in, 64<<10)}
	var head [100]byte
	if _, err := io.ReadFull(f.shp, head[:]); err != nil || binary.BigEndian.Uint32(head[:]) != shapeMagic {
		return nil, badShape(file.URL(), "The file does not begin as one")
	}
	prj, err := j.side(file, "prj")
	if err != nil {
		return nil, err
	}
	if j.Options.ReadSRID {
		f.srid = spatial.SRIDOfProjection(prj)
	}
	cpg, err := j.side(file, "cpg")
	if err != nil {
		return nil, err
	}
	switch strings.ToUpper(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.TrimSpace(cpg))) {
	case "ISO88591", "LATIN1", "88591":
		f.latin = true
	}
	table := sibling(file, "dbf")
	dbf, err := j.open(&table, new(int64))
	if err != nil {
		return nil, err
	}
	f.dbf, f.closer = bufio.NewReaderSize(dbf, 64<<10), dbf
	if err := f.tableHead(); err != nil {
		_ = dbf.Close() // the first error is the one to tell
		return nil, badShape(table.URL(), err.Error())
	}
	return f, nil
}

// sibling is another file of a shapefile; its name ends in capitals where that of the shapes does.
func sibling(f *File, end string) File {
	out := *f
	packed := packedEnd(f.Name)
	base := strings.TrimSuffix(f.Name, packed)
	if strings.HasSuffix(base, ".SHP") {
		end = strings.ToUpper(end)
	}
	out.Name, out.Size = base[:len(base)-3]+end+packed, -1
	return out
}

// side reads a small part that may be missing.
func (j *Job) side(f *File, end string) (string, error) {
	p := sibling(f, end)
	switch rc, err := p.store.Open(j.ctx, p.Name); {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", storeError(p.URL(), err)
	default:
		_ = rc.Close() // it is there, and opened again with its decompressor
	}
	in, err := j.open(&p, new(int64))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(in, maxSide))
	if e := in.Close(); err == nil {
		err = e
	}
	return string(text), err
}

// tableHead reads the columns of the table.
func (f *shapeFile) tableHead() error {
	var head [32]byte
	if _, err := io.ReadFull(f.dbf, head[:]); err != nil {
		return errors.New("the header is broken")
	}
	left, width := int(binary.LittleEndian.Uint16(head[8:]))-32, 1
	for left >= 32 {
		mark, err := f.dbf.Peek(1)
		if err != nil || mark[0] == '\r' {
			break
		}
		if _, err := io.ReadFull(f.dbf, head[:]); err != nil {
			return errors.New("the header is broken")
		}
		c := shapeColumn{head[11], int(head[16])}
		if strings.IndexByte("CNFDL", c.kind) < 0 {
			return errors.New("columns of the type " + string(rune(c.kind)) + " are not supported")
		}
		left, width = left-32, width+c.width
		f.columns = append(f.columns, c)
	}
	if n, err := f.dbf.Discard(max(left, 0)); err != nil || n < 1 {
		return errors.New("the header is broken")
	}
	f.row = make([]byte, width)
	return nil
}

// next reads the next shape and its attributes; rec are the latter, without the mark of a row. n are the bytes that were read of the shapes.
func (f *shapeFile) next() (rec []byte, n int64, deleted, ok bool, err error) {
	var head [8]byte
	k, err := io.ReadFull(f.shp, head[:])
	if err == io.EOF {
		return nil, 0, false, false, nil
	}
	size := 2 * int64(int32(binary.BigEndian.Uint32(head[4:])))
	f.shape.Reset()
	if err == nil && size >= 0 && size <= maxShape {
		_, err = io.CopyN(&f.shape, f.shp, size)
	}
	switch {
	case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, 0, false, false, err
	case err != nil || size < 0 || size > maxShape:
		return nil, 0, false, false, &badFile{1225, "The shapefile is broken: a shape does not end"}
	}
	if _, err := io.ReadFull(f.dbf, f.row); err != nil {
		if err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, 0, false, false, err
		}
		return nil, 0, false, false, &badFile{1225, "The shapefile is broken: its table has fewer rows than it has shapes"}
	}
	return f.row[1:], int64(k) + size, f.row[0] == '*', true, nil
}

// cutShape takes the next record off a shapefile: rows that were deleted are passed over.
func (r *Reader) cutShape() ([]byte, bool, error) {
	for {
		rec, n, deleted, ok, err := r.shapes.next()
		r.line++
		r.read.Bytes += n
		r.job.bytes.Add(n)
		if err == nil {
			err = r.job.ctx.Err()
		}
		if !ok || err != nil || !deleted {
			return rec, ok && err == nil, err
		}
	}
}

// splitShape makes the fields of a record: the value of its shape and the texts of its attributes.
func (r *Reader) splitShape(rec []byte) *RowError {
	f := r.shapes
	g, ok, err := spatial.ParseShape(f.shape.Bytes(), f.srid)
	if err == nil && ok {
		f.value, err = r.simplified(f.value[:0], &g)
	}
	if err != nil {
		c := &r.job.Columns[0]
		return &RowError{Code: 1200, Reason: reasonOf(err), Column: c.Name, ColType: c.Type.InternalName()}
	}
	if ok {
		r.add(f.value, quotedField)
	} else {
		r.add(nil, nullField)
	}
	for _, c := range f.columns {
		r.attribute(c.kind, rec[:c.width])
		rec = rec[c.width:]
	}
	return nil
}

// attribute makes the field of an attribute. Blanks at its end do not count; what is empty, a number of asterisks and a boolean ? are NULL.
func (r *Reader) attribute(kind byte, f []byte) {
	f = bytes.TrimRight(f, " \x00")
	if kind != 'C' {
		f = bytes.TrimSpace(f)
	}
	switch {
	case len(f) == 0, kind != 'C' && (f[0] == '*' || f[0] == '?'), kind == 'D' && bytes.Count(f, []byte{'0'}) == len(f):
		r.add(nil, nullField)
		return
	case kind == 'D' && len(f) == 8:
		at := len(r.cell)
		r.cell = append(append(append(append(append(r.cell, f[:4]...), '-'), f[4:6]...), '-'), f[6:]...)
		f = r.cell[at:len(r.cell):len(r.cell)]
	case kind == 'C' && r.shapes.latin:
		at := len(r.cell)
		for _, c := range f {
			r.cell = append(r.cell, string(rune(c))...)
		}
		f = r.cell[at:len(r.cell):len(r.cell)]
	}
	r.add(f, plainField)
}

// stored writes a value that is a GEOMETRY's already.
func stored(r *Reader, f []byte, col *vector.Vector, n int) *RowError {
	col.Texts[n] = r.keep(f)
	return nil
}
