// Package diff runs the statements of a suite on two databases and says where they answer differently: in rows, in columns, in types, in errors.
//
//	suite/*.sql, *.test ── Read ── statements ─┬─ reference ── Outcome ─┬── Record ── cassette (JSON lines)
//	                                           └─ simulator ── Outcome ─┴── Compare ── []Difference
//
//	cassette ── Play ── recorded Outcome ──┬── Compare: the simulator against a cluster that is not there
//	                    simulator Outcome ─┘
//
// The reference is a real cluster, or whatever else database/sql opens. A statement that fails is an outcome; a connection that fails ends the run.
package diff

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Outcome is what came of a statement.
type Outcome struct {
	Columns  []Column    `json:"columns,omitempty"`
	Rows     [][]*string `json:"rows,omitempty"` // values as text, nil for NULL
	Affected *int64      `json:"affected,omitempty"`
	Error    *Error      `json:"error,omitempty"`
}

// Column is a column of a result.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"` // sql.ColumnType.DatabaseTypeName
}

// Error is why a statement failed.
type Error struct {
	Code    string `json:"code"` // SQLSTATE
	Message string `json:"message"`
	Detail  string `json:"detail,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// Kind says in what two outcomes differ.
type Kind string

// The kinds of differences.
const (
	Rows     Kind = "rows"
	Columns  Kind = "columns"  // their number and names
	Types    Kind = "types"    // of columns
	Affected Kind = "affected" // the number of rows that were changed
	SQLState Kind = "sqlstate" // one failed, or both did in different ways
	Message  Kind = "message"  // the text of an error, its detail or hint
)

// Kinds are all of them.
var Kinds = []Kind{Rows, Columns, Types, Affected, SQLState, Message}

// Difference is one.
type Difference struct {
	Statement      Statement
	Kind           Kind
	Reference, Sim string // what each has, in a few lines
}

// String tells it.
//
//	films.sql:3: rows: SELECT avg(year) FROM movies
//	  reference  1982.0000000000000000
//	  simulator  1982
func (d *Difference) String() string {
	sql := strings.Join(strings.Fields(d.Statement.SQL), " ")
	if r := []rune(sql); len(r) > 120 {
		sql = string(r[:117]) + "..."
	}
	indent := func(s string) string { return strings.ReplaceAll(s, "\n", "\n             ") }
	return fmt.Sprintf("%s:%d: %s: %s\n  reference  %s\n  simulator  %s\n", d.Statement.File, d.Statement.Line, d.Kind, sql, indent(d.Reference), indent(d.Sim))
}

// Compare says how two outcomes of a statement differ. Rows are compared as a set with repetitions unless the statement orders them. Floating-point numbers
// may differ in the last digits: they depend on the order in which slices add.
func Compare(st Statement, ref, sim *Outcome) (out []Difference) {
	add := func(k Kind, a, b string) { out = append(out, Difference{st, k, a, b}) }
	if ref.Error != nil || sim.Error != nil {
		a, b := ref.Error, sim.Error
		switch {
		case a == nil || b == nil || a.Code != b.Code:
			add(SQLState, ref.summary(), sim.summary())
		case *a != *b:
			add(Message, a.String(), b.String())
		}
		return out
	}
	if ref.Affected != nil && sim.Affected != nil && *ref.Affected != *sim.Affected {
		add(Affected, ref.summary(), sim.summary())
	}
	if a, b := ref.names(), sim.names(); a != b {
		add(Columns, a, b)
	}
	if len(ref.Columns) != len(sim.Columns) {
		return out
	}
	if a, b := ref.types(), sim.types(); a != b {
		add(Types, a, b)
	}
	if a, b := rowsDiffer(ref, sim, ordered(st.SQL)); a != b {
		add(Rows, a, b)
	}
	return out
}

func (o *Outcome) names() string { return o.list(func(c Column) string { return c.Name }) }
func (o *Outcome) types() string {
	return o.list(func(c Column) string { return c.Name + " " + c.Type })
}

func (o *Outcome) list(f func(Column) string) string {
	out := make([]string, len(o.Columns))
	for i, c := range o.Columns {
		out[i] = f(c)
	}
	return strings.Join(out, ", ")
}

// summary is an outcome in a line.
func (o *Outcome) summary() string {
	switch {
	case o.Error != nil:
		return o.Error.String()
	case o.Affected != nil:
		return count(int(*o.Affected)) + " changed"
	case o.Columns == nil:
		return "done"
	}
	return count(len(o.Rows))
}

// String is the error as psql prints it.
func (e *Error) String() string {
	s := e.Code + " " + e.Message
	if e.Detail != "" {
		s += "\nDETAIL " + e.Detail
	}
	if e.Hint != "" {
		s += "\nHINT " + e.Hint
	}
	return s
}

// shownRows is how many rows of a difference are shown.
const shownRows = 5

// rowsDiffer gives the first rows that only one side has; both are "" when there are none.
func rowsDiffer(ref, sim *Outcome, inOrder bool) (string, string) {
	a, b := slices.Clone(ref.Rows), slices.Clone(sim.Rows)
	float := make([]bool, len(ref.Columns))
	for i, c := range ref.Columns {
		float[i] = strings.HasPrefix(c.Type, "FLOAT") && strings.HasPrefix(sim.Columns[i].Type, "FLOAT")
	}
	if inOrder {
		for i := range min(len(a), len(b)) {
			if !sameRow(a[i], b[i], float) {
				return fmt.Sprintf("row %d: %s", i+1, line(a[i])), fmt.Sprintf("row %d: %s", i+1, line(b[i]))
			}
		}
		if len(a) == len(b) {
			return "", ""
		}
		n := min(len(a), len(b))
		return count(len(a)) + more(a[n:]), count(len(b)) + more(b[n:])
	}
	byText := func(rows [][]*string) {
		sort.SliceStable(rows, func(i, j int) bool { return key(rows[i], float) < key(rows[j], float) })
	}
	byText(a)
	byText(b)
	a, b = unmatched(a, b, float)
	if len(a) == 0 && len(b) == 0 {
		return "", ""
	}
	return count(len(ref.Rows)) + more(a), count(len(sim.Rows)) + more(b)
}

// count is a number of rows in words.
func count(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// more shows the first of rows that the other side lacks.
func more(rows [][]*string) string {
	if len(rows) == 0 {
		return ""
	}
	s := ", only here:"
	for i, r := range rows {
		if i == shownRows {
			return s + fmt.Sprintf("\n.. and %d more", len(rows)-i)
		}
		s += "\n" + line(r)
	}
	return s
}

// unmatched takes away the rows that both sides have. Sorted rows without floats are merged by their texts; those whose floats are alike only nearly are
// then paired one by one.
func unmatched(a, b [][]*string, float []bool) (onlyA, onlyB [][]*string) {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch x, y := exact(a[i]), exact(b[j]); {
		case x == y:
			i, j = i+1, j+1
		case key(a[i], float) < key(b[j], float) || key(a[i], float) == key(b[j], float) && x < y:
			onlyA = append(onlyA, a[i])
			i++
		default:
			onlyB = append(onlyB, b[j])
			j++
		}
	}
	onlyA, onlyB = append(onlyA, a[i:]...), append(onlyB, b[j:]...)
	if !slices.Contains(float, true) {
		return onlyA, onlyB
	}
	return slices.DeleteFunc(onlyA, func(r []*string) bool {
		for k, o := range onlyB {
			if sameRow(r, o, float) {
				onlyB = slices.Delete(onlyB, k, k+1)
				return true
			}
		}
		return false
	}), onlyB
}

// exact is a row as one text; key leaves the floats out of it, so that nearly equal ones sort together.
func exact(r []*string) string { return key(r, make([]bool, len(r))) }

func key(r []*string, float []bool) string {
	var b strings.Builder
	for i, v := range r {
		switch {
		case float[i]:
		case v == nil:
			b.WriteString("\x00")
		default:
			b.WriteString("=" + *v)
		}
		b.WriteByte(1)
	}
	return b.String()
}

// line is a row for people.
func line(r []*string) string {
	out := make([]string, len(r))
	for i, v := range r {
		switch {
		case v == nil:
			out[i] = "NULL"
		case *v == "":
			out[i] = "''"
		default:
			out[i] = *v
		}
	}
	return strings.Join(out, " | ")
}

func sameRow(a, b []*string, float []bool) bool {
	return slices.EqualFunc(a, b, func(x, y *string) bool { return x == nil && y == nil || x != nil && y != nil && *x == *y }) || near(a, b, float)
}

// near is sameRow where floats may differ by a few parts in a thousand million.
func near(a, b []*string, float []bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		y := b[i]
		if x == nil || y == nil || !float[i] {
			if (x == nil) != (y == nil) || x != nil && *x != *y {
				return false
			}
			continue
		}
		f, err := strconv.ParseFloat(*x, 64)
		g, err2 := strconv.ParseFloat(*y, 64)
		if err != nil || err2 != nil || f != g && math.Abs(f-g) > 1e-9*max(math.Abs(f), math.Abs(g)) {
			return false
		}
	}
	return true
}

// text writes a Go value as both sides' rows have it; nil for NULL.
func text(v any, typ string) *string {
	var s string
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		s = string(v)
	case string:
		s = v
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		us := types.MicrosFromTime(v)
		switch typ {
		case "DATE":
			days, _ := types.SplitMicros(us)
			s = string(types.AppendDate(nil, days))
		case "TIMESTAMPTZ":
			s = string(types.AppendTimestampTZ(nil, us, v.Location()))
		default:
			s = string(types.AppendTimestamp(nil, us))
		}
	default:
		s = fmt.Sprint(v)
	}
	return &s
}
