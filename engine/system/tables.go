package system

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// firstID numbers the system tables: below the ids of user objects.
const firstID = 10000

// access says who may read a table, and where it is.
type access uint8

// Kinds of access. A table that is neither is visible to all users and runs on compute nodes.
const (
	superuser access = 1 << iota // visible only to superusers
	leader                       // a catalog table of the leader
)

// table defines a system table: columns as the guide lists them, "name type, name type", a hidden one followed by the word hidden; rows makes its rows,
// nil = it has none in this cluster.
type table struct {
	name    string // with its schema unless that is pg_catalog
	access  access
	columns string
	rows    func(e *Env, r *row)
}

// chapters are the tables by family, a file each.
func chapters() [][]table {
	return [][]table{
		clusterTables, blockTables, statementTables, planTables, stepTables, moveTables, reportTables, alertTables, loadTables, unloadTables, udfTables,
		maintainTables, adviceTables, quotaTables, visitTables, commitTables, metricTables, wlmTables, procTables, tablespaceTables, typeTables, statisticTables, pgTables, pgViews, principalTables, providerTables, svvTables, viewTables, informationTables, routineTables, procedureTables, emptyTables, externalTables, datashareTables, externalScanTables,
		policyTables, templateTables, copyJobTables, scalingTables, spatialTables, stopTables,
	}
}

// Tables lists all system tables.
func Tables() []*catalog.Virtual {
	var out []*catalog.Virtual
	for _, c := range chapters() {
		for i := range c {
			id, ok := classes8[c[i].name]
			if !ok {
				id = uint32(firstID + len(out))
			}
			out = append(out, virtual(&c[i], id))
		}
	}
	return out
}

// classes8 are the numbers of PostgreSQL 8.0's own tables, by which pg_description and pg_depend name them.
// https://www.postgresql.org/docs/8.0/catalog-pg-class.html
var classes8 = map[string]uint32{
	"pg_type": 1247, "pg_attribute": 1249, "pg_proc": 1255, "pg_class": classOfClass, "pg_group": 1261, "pg_database": 1262, "pg_tablespace": 1213,
	"pg_am": 2601, "pg_attrdef": 2604, "pg_cast": 2605, "pg_constraint": 2606, "pg_conversion": 2607, "pg_depend": 2608, "pg_description": 2609, "pg_index": 2610,
	"pg_inherits": 2611, "pg_language": 2612, "pg_namespace": 2615, "pg_opclass": 2616, "pg_operator": 2617, "pg_rewrite": classOfRewrite, "pg_statistic": 2619,
	"pg_trigger": 2620,
}

// Empty says which tables have no rows whatever the cluster does, by name: with its schema unless that is pg_catalog.
func Empty() map[string]bool {
	out := map[string]bool{}
	for _, c := range chapters() {
		for i := range c {
			if c[i].rows == nil {
				out[c[i].name] = true
			}
		}
	}
	return out
}

// virtual makes a catalog object of a definition.
func virtual(t *table, id uint32) *catalog.Virtual {
	schema, name := catalog.PgCatalog, t.name
	if s, n, ok := strings.Cut(t.name, "."); ok {
		schema, name = s, n
	}
	own := columnsOf(t.columns)
	v := &catalog.Virtual{ID: id, Schema: schema, Name: name, Columns: own, Superuser: t.access&superuser != 0, Leader: t.access&leader != 0}
	_, numbered := classes8[t.name]
	if numbered { // a system column of PostgreSQL, by which what is in pg_description is found
		v.Columns = append(own[:len(own):len(own)], catalog.Column{Name: "tableoid", Type: types.TOID, PosAttr: len(own) + 1, Hidden: true})
	}
	v.Rows = func(env any, emit func([]types.Datum) bool) error {
		e, ok := env.(*Env)
		if !ok {
			return sqlstate.Internal.Errorf("system: the rows of %s need an Env, not %T", name, env)
		}
		if v.Superuser && !e.privileged() {
			return sqlstate.InsufficientPrivilege.Errorf("permission denied for relation %s", name)
		}
		switch {
		case t.rows == nil:
		case numbered:
			t.rows(e, newRow(own, withTable(v, emit)))
		default:
			t.rows(e, newRow(own, emit))
		}
		return nil
	}
	return v
}

// withTable adds tableoid to rows.
func withTable(v *catalog.Virtual, emit func([]types.Datum) bool) func([]types.Datum) bool {
	cells := make([]types.Datum, len(v.Columns))
	cells[len(cells)-1] = types.Datum{Type: types.TOID, Int: int64(v.ID)}
	return func(row []types.Datum) bool {
		copy(cells, row)
		return emit(cells)
	}
}

// columnsOf reads a list of columns.
func columnsOf(list string) []catalog.Column {
	parts := strings.Split(list, ", ")
	cols := make([]catalog.Column, len(parts))
	for i, p := range parts {
		p, hidden := strings.CutSuffix(p, " hidden")
		name, typ, _ := strings.Cut(p, " ")
		cols[i] = catalog.Column{Name: name, Type: typeOf(typ), PosAttr: i + 1, Hidden: hidden}
	}
	return cols
}

// arrays are the types of the catalog's columns that have no modifiers of their own.
var arrays = map[string]types.Kind{
	"smallint[]": types.Int2Array, "integer[]": types.Int4Array, "oid[]": types.OIDArray, "real[]": types.Float4Array, `"char"[]`: types.CharArray, "name[]": types.NameArray,
	"character varying[]": types.VarcharArray, "text[]": types.TextArray, "aclitem[]": types.ACLItemArray, "anyarray": types.AnyArray, "int2vector": types.Int2Vector, "oidvector": types.OIDVector, "regproc": types.Regproc,
}

// typeOf reads a type as the guide writes it. PostgreSQL's internal types are text here.
func typeOf(s string) types.Type {
	if k, ok := arrays[s]; ok {
		return types.Type{Kind: k}
	}
	word, mods, _ := strings.Cut(s, "(")
	a, b, _ := strings.Cut(strings.TrimSuffix(mods, ")"), ",")
	n, _ := strconv.Atoi(a)
	scale, _ := strconv.Atoi(b)
	switch word {
	case "boolean":
		return types.TBool
	case "smallint":
		return types.TInt2
	case "integer":
		return types.TInt4
	case "bigint":
		return types.TInt8
	case "real":
		return types.TFloat4
	case "double precision":
		return types.TFloat8
	case "numeric":
		return types.TNumeric(n, scale)
	case "timestamp":
		return types.TTimestamp
	case "oid":
		return types.TOID
	case "name":
		return types.TName
	case "text":
		return types.TText
	case "character":
		return types.TChar(n)
	case "character varying":
		return types.TVarchar(n)
	}
	panic("system: no type " + s)
}

// row is the row that a table's function is making: it fills the columns from the first to the last, then sends it. The datums are used again for the
// next one.
type row struct {
	columns []catalog.Column
	cells   []types.Datum
	at      int
	emit    func([]types.Datum) bool
	over    bool // the reader wants no more
}

// newRow begins the rows of a table.
func newRow(cols []catalog.Column, emit func([]types.Datum) bool) *row {
	r := &row{columns: cols, cells: make([]types.Datum, len(cols)), emit: emit}
	for i := range cols {
		r.cells[i].Type = cols[i].Type
	}
	return r
}

// cell takes the next column, whose lane must be l.
func (r *row) cell(l types.Lane) *types.Datum {
	d := &r.cells[r.at]
	if d.Type.Lane() != l {
		panic(fmt.Sprintf("system: column %s is of type %s", r.columns[r.at].Name, d.Type))
	}
	d.Null = false
	r.at++
	return d
}

// int fills integer columns.
func (r *row) int(vs ...int64) {
	for _, v := range vs {
		r.cell(types.LaneInt).Int = v
	}
}

// flagged fills integer columns that hold 0 or 1.
func (r *row) flagged(vs ...bool) {
	for _, v := range vs {
		n := int64(0)
		if v {
			n = 1
		}
		r.int(n)
	}
}

// id fills oid and integer columns that hold object numbers.
func (r *row) id(v uint32) { r.int(int64(v)) }

// text fills text columns; what is longer than the column is cut, and a character column has no trailing blanks.
func (r *row) text(vs ...string) {
	for _, v := range vs {
		d := r.cell(types.LaneText)
		if d.Type.Len > 0 {
			v = cut(v, int(d.Type.Len))
		}
		if d.Type.Kind == types.Char {
			v = strings.TrimRight(v, " ")
		}
		d.Text = v
	}
}

// maybe fills a text column; "" is NULL.
func (r *row) maybe(v string) {
	if v == "" {
		r.null(1)
		return
	}
	r.text(v)
}

// bool fills boolean columns.
func (r *row) bool(vs ...bool) {
	for _, v := range vs {
		r.cell(types.LaneBool).Bool = v
	}
}

// tf fills character columns that hold t or f.
func (r *row) tf(vs ...bool) {
	for _, v := range vs {
		if v {
			r.text("t")
		} else {
			r.text("f")
		}
	}
}

// float fills double precision columns.
func (r *row) float(vs ...float64) {
	for _, v := range vs {
		r.cell(types.LaneFloat).Float = v
	}
}

// decimal fills a numeric column, rounded to its scale; what does not fit is NULL.
func (r *row) decimal(v float64) {
	d := &r.cells[r.at]
	x, ok := types.FromFloat(v, int(d.Type.Prec), int(d.Type.Scale))
	if !ok {
		r.null(1)
		return
	}
	if d.Type.Lane() == types.LaneWide {
		r.cell(types.LaneWide).Wide = x
		return
	}
	r.cell(types.LaneInt).Int = int64(x.Lo)
}

// count fills a numeric column without digits after the point.
func (r *row) count(v int64) { r.cell(types.LaneWide).Wide = types.FromInt64(v) }

// time fills timestamp columns, in UTC; the zero time is NULL.
func (r *row) time(vs ...time.Time) {
	for _, v := range vs {
		if v.IsZero() {
			r.null(1)
			continue
		}
		r.cell(types.LaneInt).Int = types.MicrosFromTime(v)
	}
}

// null fills n columns.
func (r *row) null(n int) {
	for range n {
		r.cells[r.at].Null = true
		r.at++
	}
}

// rest fills the columns that are left with NULL.
func (r *row) rest() { r.null(len(r.cells) - r.at) }

// send hands the row on.
func (r *row) send() {
	if r.at != len(r.cells) {
		panic(fmt.Sprintf("system: a row of %d columns ends at %s", len(r.cells), r.columns[r.at].Name))
	}
	r.at = 0
	r.over = r.over || !r.emit(r.cells)
}

// cut shortens s to n bytes without cutting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// micros is the time between two moments; 0 when one is not known.
func micros(from, to time.Time) int64 {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return to.Sub(from).Microseconds()
}
