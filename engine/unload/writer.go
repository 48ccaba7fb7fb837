package unload

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sketch"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// bufferSize is how much a writer collects before its file gets it.
const bufferSize = 256 << 10

// Writer writes the rows of one slice, one file at a time.
type Writer struct {
	job   *Job
	slice int
	loc   layout
	all   []column  // of the query
	cols  []*column // that are written
	keys  []*column // of PARTITION BY

	folder string         // of the partition in hand, with its slash
	parts  map[string]int // number of the next part, by folder
	out    *output        // nil = no file is open
	buf    []byte         // of rows that the file has not yet got
	spare  []byte
	room   int64 // bytes that the file may hold from the beginning of buf on
	table  *rowGroups
}

// layout is how a row is written as text.
type layout struct {
	format    load.Format
	delimiter byte
	null      []byte
	hasNull   bool
	addQuotes bool
	escape    bool
	special   [256]bool // bytes that need a quote or an escape
	verbatim  bool      // no text needs anything
	risky     bool      // numbers and dates may have the delimiter
}

// column is a column of the batch in hand.
type column struct {
	Column
	isText  bool   // char or varchar
	json    bool   // super
	printed bool   // super, hllsketch: flat has their text
	hex     bool   // varbyte, geometry, geography
	width   int    // FixedWidth
	key     []byte // JSON: {"name": or ,"name":
	flat    *vector.Vector
	lane    vector.Vector
	text    []byte // of documents
	ends    []int
}

// Open makes the writer of a slice.
func (j *Job) Open(slice int) (*Writer, error) {
	w := &Writer{job: j, slice: slice, all: make([]column, len(j.Columns)), parts: map[string]int{}}
	o := &j.Options
	w.loc = layout{format: o.Format, delimiter: o.Delimiter, null: []byte(o.Null), hasNull: o.HasNull, addQuotes: o.AddQuotes, escape: o.Escape}
	w.loc.mark()
	for i := range w.all {
		c := &w.all[i]
		c.Column = j.Columns[i]
		switch c.Type.Lane() {
		case types.LaneText:
			c.hex = c.Type.Kind == types.Varbyte || c.Type.IsSpatial()
			c.json = c.Type.Kind == types.Super
			c.printed = c.json || c.Type.Kind == types.HLLSketch
			c.isText = !c.hex
		case types.LaneBool, types.LaneInt, types.LaneWide, types.LaneFloat:
		}
	}
	for k, i := range j.written {
		c := &w.all[i]
		if o.Format == load.FixedWidth {
			c.width = o.Widths[k]
		}
		c.key = append([]byte{"{,"[min(k, 1)]}, quoted(c.Name)...)
		c.key = append(c.key, ':')
		w.cols = append(w.cols, c)
	}
	for _, i := range j.partition {
		w.keys = append(w.keys, &w.all[i])
	}
	if o.Format == load.Parquet {
		w.table = newRowGroups(w)
	}
	return w, nil
}

// Write writes the rows of a batch.
func (w *Writer) Write(b *vector.Batch) error {
	n := b.Rows()
	w.job.given.Add(int64(n))
	for i := range w.all {
		w.all[i].take(b.Columns[i], b.Sel)
	}
	if len(w.keys) == 0 {
		return w.rows(0, n)
	}
	for lo := 0; lo < n; {
		hi := w.run(lo, n)
		if err := w.turn(w.folderOf(lo)); err != nil {
			return err
		}
		if err := w.rows(lo, hi); err != nil {
			return err
		}
		lo = hi
	}
	return nil
}

// rows writes the rows lo to hi of the batch in hand.
func (w *Writer) rows(lo, hi int) error {
	if w.table != nil {
		return w.table.rows(lo, hi)
	}
	return w.lines(lo, hi)
}

// take makes a column of a batch flat.
func (c *column) take(v *vector.Vector, sel []uint16) {
	if c.printed {
		c.lane.Type = v.Type
		v.Gather(sel, &c.lane)
		c.flat = &c.lane
		c.documents()
		return
	}
	if v.Form == vector.Flat && sel == nil {
		c.flat = v
		return
	}
	c.lane.Type = v.Type
	v.Gather(sel, &c.lane)
	c.flat = &c.lane
}

// documents turns the SUPER values of the batch in hand into their JSON, its sketches into their JSON or Base64.
// https://docs.aws.amazon.com/redshift/latest/dg/unload-super.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-usage-hll
func (c *column) documents() {
	c.text, c.ends = c.text[:0], c.ends[:0]
	for i, v := range c.lane.Texts[:c.lane.Len] {
		switch {
		case c.lane.Null(i):
		case c.json:
			c.text = super.Value(v).AppendJSON(c.text)
		default:
			c.text = sketch.AppendText(c.text, v)
		}
		c.ends = append(c.ends, len(c.text))
	}
	all, from := string(c.text), 0
	for i, to := range c.ends {
		c.lane.Texts[i] = all[from:to]
		from = to
	}
}

// Bytes is what the writer holds: lines that its file has not got yet, its compressor, or the row group in hand.
func (w *Writer) Bytes() int64 {
	n := int64(cap(w.buf) + cap(w.spare))
	if w.out != nil && w.out.packer != nil {
		n += packerBytes(w.job.Options.Compression)
	}
	if w.table != nil {
		n += w.table.bytes
	}
	return n
}

// Close ends the rows of the slice.
func (w *Writer) Close() error { return w.end() }

// begin opens the next part, if no file is open.
func (w *Writer) begin() error {
	if w.out != nil {
		return nil
	}
	j := w.job
	out, err := j.create(w.slice, j.key(w.folder, w.slice, w.parts[w.folder]))
	if err != nil {
		return err
	}
	w.parts[w.folder]++
	w.out, w.buf = out, w.buf[:0]
	if w.table != nil {
		return w.table.begin()
	}
	if j.Options.Header && j.Options.textual() {
		w.out.file.Header = true
		w.buf = w.loc.header(w.buf, w.cols)
	}
	w.room = w.out.room()
	return nil
}

// flush gives the file what was collected.
func (w *Writer) flush() error {
	_, err := w.out.Write(w.buf)
	w.buf, w.room = w.buf[:0], w.out.room()
	return err
}

// end closes the file, if one is open.
func (w *Writer) end() error {
	if w.out == nil {
		return nil
	}
	var err error
	if w.table != nil {
		err = w.table.end()
	} else if len(w.buf) > 0 {
		err = w.flush()
	}
	if err == nil {
		err = w.out.close()
	}
	w.out = nil
	return err
}

// lines writes rows of text.
func (w *Writer) lines(lo, hi int) error {
	if err := w.begin(); err != nil {
		return err
	}
	for i := lo; i < hi; i++ {
		start := len(w.buf)
		if err := w.line(i); err != nil {
			return err
		}
		if int64(len(w.buf)) > w.room && w.out.file.Rows > 0 {
			if err := w.next(start); err != nil {
				return err
			}
		}
		w.out.file.Rows++
		if len(w.buf) >= bufferSize {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// next ends the file before the row that begins at start, which is the first of the next part.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-maxfilesize
func (w *Writer) next(start int) error {
	w.spare = append(w.spare[:0], w.buf[start:]...)
	w.buf = w.buf[:start]
	if err := w.end(); err != nil {
		return err
	}
	if err := w.begin(); err != nil {
		return err
	}
	w.buf = append(w.buf, w.spare...)
	return nil
}

// run is the end of the rows from lo on that are of one partition.
func (w *Writer) run(lo, n int) int {
	hi := lo + 1
	for ; hi < n; hi++ {
		for _, c := range w.keys {
			if !c.same(hi-1, hi) {
				return hi
			}
		}
	}
	return hi
}

// same says whether two rows have one value.
func (c *column) same(i, k int) bool {
	v := c.flat
	if a, b := v.Null(i), v.Null(k); a || b {
		return a == b
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		return v.Bools[i] == v.Bools[k]
	case types.LaneInt:
		return v.Int64s[i] == v.Int64s[k]
	case types.LaneWide:
		return v.Wides[i] == v.Wides[k]
	case types.LaneFloat:
		return types.CompareFloat(v.Floats[i], v.Floats[k]) == 0
	}
	return types.EqualText(v.Texts[i], v.Texts[k])
}

// turn goes on to another partition.
func (w *Writer) turn(folder string) error {
	if folder == w.folder {
		return nil
	}
	if err := w.end(); err != nil {
		return err
	}
	w.folder = folder
	if j := w.job; j.Options.CleanPath {
		return j.emptied(folder)
	}
	return nil
}

// folderOf is the folder of the partition that row i belongs to.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-partitionby-usage
func (w *Writer) folderOf(i int) string {
	b := w.spare[:0]
	for _, c := range w.keys {
		b = append(b, escapedPath(c.Name)...)
		b = append(b, '=')
		start := len(b)
		if !c.flat.Null(i) {
			b = c.value(b, i, nil)
		}
		value := types.TrimBlanks(string(b[start:]))
		if value == "" {
			value = "__HIVE_DEFAULT_PARTITION__"
		}
		b = append(b[:start], escapedPath(value)...)
		b = append(b, '/')
	}
	w.spare = b
	if string(b) == w.folder {
		return w.folder
	}
	return string(b)
}

// escapedPath writes characters that cannot stand in the name of a Hive partition as %XX.
func escapedPath(s string) string {
	if !slices.ContainsFunc([]byte(s), unsafeInPath) {
		return s
	}
	var b []byte
	for i := range len(s) {
		if c := s[i]; unsafeInPath(c) {
			b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// unsafeInPath says whether Apache Hive escapes a byte in the name of a partition.
func unsafeInPath(c byte) bool {
	switch c {
	case '"', '#', '%', '\'', '*', '/', ':', '=', '?', '\\', 0x7f, '{', '[', ']', '^':
		return true
	}
	return c < ' '
}
