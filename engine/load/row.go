package load

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// row splits rec and writes its fields to row n of b.
func (r *Reader) row(rec []byte, b *vector.Batch, n int) *RowError {
	j, o := r.job, &r.job.Options
	r.replaced = -1
	if bad := r.split(rec); bad != nil {
		return bad
	}
	have, want := len(r.fields), len(j.Columns)
	if have > want {
		// One empty field after the last delimiter is ignored: dbgen's .tbl files end each line with one.
		if have != want+1 || len(r.fields[want]) != 0 || o.Format == CSV || o.Format == Shapefile {
			return &RowError{Code: 1202, Reason: "Extra column(s) found", Position: offset(rec, r.fields[want])}
		}
	}
	if have < want && !o.FillRecord {
		return &RowError{Code: 1214, Reason: "Delimiter not found", Position: len(rec), Column: j.Columns[have].Name, ColType: j.Columns[have].Type.InternalName()}
	}
	for i := range j.Columns {
		col := b.Columns[i]
		if i >= have { // FILLRECORD: NULL, or an empty string for VARCHAR
			if k := j.Columns[i].Type.Kind; k == types.Varchar && !o.EmptyAsNull {
				col.Texts[n] = ""
			} else if bad := r.null(i, col, n, nil); bad != nil {
				return bad
			}
			continue
		}
		if bad := r.field(i, r.fields[i], r.kinds[i], col, n); bad != nil {
			if bad.Position == 0 && bad.Code != 1213 {
				bad.Position = offset(rec, r.fields[i])
			} else if bad.Code == 1213 {
				bad.Position = len(rec)
			}
			return bad
		}
	}
	return nil
}

// field writes the field of a column to row n: NULL by the rules for empty fields, blanks and the NULL string, or what the text is converted to.
func (r *Reader) field(i int, f []byte, kind fieldKind, col *vector.Vector, n int) *RowError {
	c, o := &r.job.Columns[i], &r.job.Options
	isNull := kind == nullField || kind == plainField && len(f) == len(o.Null) && string(f) == o.Null
	if !isNull {
		text := c.Type.IsText()
		if len(f) == 0 {
			isNull = !text || o.EmptyAsNull
		} else if f[0] <= ' ' && (!text || o.BlanksAsNull) {
			isNull = len(bytes.TrimSpace(f)) == 0
		}
	}
	if isNull {
		return r.null(i, col, n, nil)
	}
	bad := r.conv[i](r, f, col, n)
	if bad != nil {
		bad.Column, bad.ColType, bad.RawField = c.Name, c.Type.InternalName(), clip(strings.ToValidUTF8(string(f), "?"), 1024)
		if c.Type.Len > 0 {
			bad.ColLength = itoa(int(c.Type.Len))
		}
	}
	return bad
}

// null writes NULL, unless the column forbids it.
func (r *Reader) null(i int, col *vector.Vector, n int, rec []byte) *RowError {
	c := &r.job.Columns[i]
	if c.NotNull {
		return &RowError{Code: 1213, Reason: "Missing data for not-null field", Column: c.Name, ColType: c.Type.InternalName(), Position: len(rec)}
	}
	col.SetNull(n)
	return nil
}

// offset is where field begins in rec, 0 when it was rewritten.
func offset(rec, field []byte) int {
	if len(rec) == 0 || cap(field) == 0 {
		return 0
	}
	a, b := uintptr(unsafe.Pointer(unsafe.SliceData(rec))), uintptr(unsafe.Pointer(unsafe.SliceData(field)))
	if b < a || b > a+uintptr(len(rec)) {
		return 0
	}
	return int(b - a)
}

// keep copies text into the arena and gives it as a string.
func (r *Reader) keep(f []byte) string {
	if len(f) == 0 {
		return ""
	}
	if cap(r.arena)-len(r.arena) < len(f) {
		r.arena = make([]byte, 0, max(len(f), min(256<<10, max(4<<10, 2*cap(r.arena)))))
	}
	at := len(r.arena)
	r.arena = append(r.arena, f...)
	return unsafe.String(&r.arena[at], len(f))
}
