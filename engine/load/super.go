package load

import (
	"bytes"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// maxSuperRecord is the longest row of a table with a SUPER column: COPY's buffer.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
const maxSuperRecord = 64 << 20

// longest is the longest row that COPY loads into columns.
func longest(columns []Column) int {
	for i := range columns {
		if columns[i].Type.Kind == types.Super || columns[i].Nested != nil {
			return maxSuperRecord
		}
	}
	return maxRecord
}

// document reads the JSON text of a SUPER column: strings stand in double quotes. TRUNCATECOLUMNS does not cut them.
// https://docs.aws.amazon.com/redshift/latest/dg/copy_json.html#copy_json-from-text-csv
func document(c *Column, o *Options, column int) convert {
	var p super.Parser
	var buf []byte
	return func(r *Reader, f []byte, col *vector.Vector, n int) *RowError {
		if o.AcceptInvChars && !ascii(f) {
			if _, _, at := invalid(f, true); at >= 0 {
				f = replace(f, o.InvChar)
				if r.replaced < 0 {
					r.replaced = column
				}
			}
		}
		var err error
		if buf, err = p.ParseBytes(buf[:0], f); err != nil {
			return badDocument(err)
		}
		return r.keepSuper(c, buf, col, n)
	}
}

// badDocument is the error of a text that is no JSON, or more than a SUPER value may be.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
func badDocument(err error) *RowError {
	reason := "Invalid JSON format"
	if e, ok := err.(*sqlstate.Error); ok && e.Detail != "" {
		reason += ": " + e.Detail
	}
	return &RowError{Code: 1224, Reason: clip(reason, 100)}
}

// keepSuper writes a SUPER value to row n of a column; null is NULL.
func (r *Reader) keepSuper(c *Column, b []byte, col *vector.Vector, n int) *RowError {
	if len(b) == len(super.NullValue) && super.Value(b).Kind() == super.Null {
		if c.NotNull {
			return &RowError{Code: 1213, Reason: "Missing data for not-null field"}
		}
		col.SetNull(n)
		return nil
	}
	col.Texts[n] = r.keep(b)
	return nil
}

// wholeRecord is the mapping of 'noshred': the record goes into the one column.
// https://docs.aws.amazon.com/redshift/latest/dg/copy_json.html#copy_json-one-column
func wholeRecord() *mapping {
	return &mapping{paths: [][]step{{}}, first: map[string][]int{}, roots: []int{0}}
}

// superField makes a value of a record the field of a SUPER or nested column, as it is written; false = the column is another.
func (r *Reader) superField(col int, f []byte) bool {
	if r.job.Columns[col].Type.Kind != types.Super && r.job.Columns[col].Nested == nil || bytes.Equal(f, []byte("null")) {
		return false
	}
	r.fields[col], r.kinds[col] = f, quotedField
	return true
}
