package engine

import (
	"context"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// sampleRows is how many rows of a slice are looked at to choose encodings, at least.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE_COMPRESSION.html
const sampleRows = 100_000

// rowsPerSlice spreads COMPROWS over the slices; fewer than sampleRows a slice become sampleRows.
func (s *Session) rowsPerSlice(rows int64) int64 {
	return max(sampleRows, rows/int64(s.c.Topology().Slices()))
}

// analyzeCompression is ANALYZE COMPRESSION: a report of the encodings that would serve, which changes nothing. Meanwhile nobody
// else reads or writes the table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE_COMPRESSION.html
func (s *Session) analyzeCompression(c *call, st *ast.AnalyzeCompression) (*rowset, int64, error) {
	var tables []ast.Name
	if st.Table != nil {
		tables = append(tables, *st.Table)
	} else {
		s.tx.Refresh()
		for _, t := range s.ownTables(principal.Analyze) {
			tables = append(tables, nameOf(t))
		}
	}
	var rows [][]string
	for _, n := range tables {
		t, err := s.lockAllowed(c, n, txn.AccessExclusive, func(t *catalog.Table) error { return s.commands(t, 0, principal.Analyze) })
		if st.Table == nil && isUndefined(err) {
			continue
		}
		var report [][]string
		if err == nil {
			report, err = s.compressionOf(c, t, st)
		}
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, report...)
	}
	return s.rowsOf(compressionColumns, rows, c.rec), 0, nil
}

var compressionColumns = []string{"Table", "Column", "Encoding", "Est_reduction_pct"}

// compressionOf is the report of one locked table: sort keys keep what they have, columns that were not asked for are N/A.
func (s *Session) compressionOf(c *call, t *catalog.Table, st *ast.AnalyzeCompression) ([][]string, error) {
	asked, err := columnNumbers(t, st.Columns)
	if err != nil {
		return nil, err
	}
	v, err := s.tx.View(t)
	if err != nil {
		return nil, err
	}
	list, err := s.chooseEncodings(c, t, v, asked, s.rowsPerSlice(st.Rows), "ANALYZE ONLY")
	if err != nil {
		return nil, err
	}
	rows := make([][]string, len(t.Columns))
	for i := range rows {
		rows[i] = []string{t.Name, t.Columns[i].Name, "N/A", "0.00"}
	}
	for _, k := range t.Def.Sort.Columns {
		if contains(asked, k) {
			rows[k][2] = wordOf(t.Def.EncodingOf(k))
		}
	}
	for i := range list {
		rows[list[i].Column][2] = wordOf(list[i].Recommended)
		rows[list[i].Column][3] = strconv.FormatFloat(list[i].Reduction(), 'f', 2, 64)
	}
	return rows, nil
}

// contains says whether column c is in a list; nil means all.
func contains(list []int, c int) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return list == nil
}

// wordOf is the word after ENCODE.
func wordOf(k encoding.Kind) string {
	if k == encoding.Raw {
		return "raw"
	}
	return k.String()
}

// chooseEncodings analyzes the columns asked for (nil = all) that are no sort keys, and notes it.
func (s *Session) chooseEncodings(c *call, t *catalog.Table, v storage.View, asked []int, rows int64, mode string) ([]storage.Compression, error) {
	note := system.Compressed{XID: s.tx.ID, Table: t.ID, Name: t.Name, Mode: mode, Start: s.c.cfg.Clock()}
	var cols []int
	for i := range t.Columns {
		if contains(asked, i) && (len(t.Def.Sort.Columns) == 0 || !contains(t.Def.Sort.Columns, i)) {
			cols = append(cols, i)
			note.Old = append(note.Old, t.Def.EncodingOf(i))
		}
	}
	list, err := storage.AnalyzeCompression(c.ctx, v, cols, rows)
	if err != nil {
		return nil, err
	}
	note.Columns = list
	m := maintenanceOf(c.rec)
	m.Compressed = append(m.Compressed, note)
	return list, nil
}

// presetEncodings is COMPUPDATE PRESET, and COPY without COMPUPDATE into a table that names no encoding but RAW: an empty table gets the encodings that
// follow from types.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html#copy-compupdate
func (s *Session) presetEncodings(c *call, t *catalog.Table, v *storage.Version, force bool) (*catalog.Table, error) {
	named := false
	for i := range t.Def.Columns {
		k := t.Def.Columns[i].Encoding
		named = named || k != encoding.Auto
		if !force && k != encoding.Auto && k != encoding.Raw {
			return t, nil
		}
	}
	if !named || t.Temp && !force {
		return t, nil
	}
	note := system.Compressed{XID: s.tx.ID, Table: t.ID, Name: t.Name, Mode: "PRESET", Start: s.c.cfg.Clock()}
	list := make([]storage.Compression, len(t.Columns))
	for i := range list {
		key := len(t.Def.Sort.Columns) > 0 && contains(t.Def.Sort.Columns, i)
		list[i] = storage.Compression{Column: i, Recommended: encoding.Default(t.Columns[i].Type, key, false)}
		note.Old = append(note.Old, t.Def.EncodingOf(i))
	}
	note.Columns = list
	m := maintenanceOf(c.rec)
	m.Compressed = append(m.Compressed, note)
	nt, def := encodedAs(t, list)
	if err := s.tx.Put(t, v.WithDefinition(def)); err != nil {
		return nil, err
	}
	s.tx.Edit(nt)
	return nt, nil
}

// sampledEncodings is COMPUPDATE ON: a table that was empty before the COPY is laid out anew with the encodings that its rows call for, when there are
// enough of them for a sample.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Loading_tables_auto_compress.html
func (s *Session) sampledEncodings(c *call, t *catalog.Table, rows int64) error {
	v, err := s.tx.Newest(t)
	if err != nil {
		return err
	}
	if v.Rows() < s.sampled(t) {
		return nil
	}
	list, err := s.chooseEncodings(c, t, storage.ViewOf(v), nil, s.rowsPerSlice(rows), "ON")
	if err != nil {
		return err
	}
	_, def := encodedAs(t, list)
	return s.recode(c.ctx, t, def, v, list)
}

// recode lays a table's rows out under other encodings.
func (s *Session) recode(ctx context.Context, t *catalog.Table, def *storage.Definition, v *storage.Version, list []storage.Compression) error {
	n, err := s.redistribute(ctx, v, def)
	if err != nil {
		return err
	}
	nt, _ := encodedAs(t, list)
	nt.Def = def
	if err := s.tx.Put(t, n); err != nil {
		return err
	}
	s.tx.Edit(nt)
	return nil
}

// encodedAs is a table whose columns have other encodings; all are named from then on.
func encodedAs(t *catalog.Table, list []storage.Compression) (*catalog.Table, *storage.Definition) {
	nt := *t
	nt.Columns = append([]catalog.Column(nil), t.Columns...)
	for i := range list {
		nt.Columns[list[i].Column].Encoding = wordOf(list[i].Recommended)
	}
	nt.Def, nt.Version = t.Def.WithEncodings(list), t.Version+1
	return &nt, nt.Def
}
