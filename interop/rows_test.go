package interop

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/redshiftsim/redshiftsim"
)

// column is a column that goes through files: its type in SQL and in Arrow, a random value, and how an Arrow array takes and gives one. The values are those that
// database/sql has for the type.
type column struct {
	name, typ string
	arrow     arrow.DataType
	value     func(r *rand.Rand) any
	put       func(b array.Builder, v any)
	get       func(a arrow.Array, i int) any
}

var words = []string{"", "plain", "two\nlines", "é", "日本語", "a|b,c;\"d\"", "back\\slash", "ends ", strings.Repeat("long ", 60)}

// decimal is a DECIMAL column.
func decimal(prec, scale int32) column {
	t := &arrow.Decimal128Type{Precision: prec, Scale: scale}
	return column{
		fmt.Sprint("n", prec), fmt.Sprintf("decimal(%d,%d)", prec, scale), t,
		func(r *rand.Rand) any {
			digits := ""
			for range 1 + r.IntN(int(prec-scale)) {
				digits += string(rune('0' + r.IntN(10)))
			}
			digits += "."
			for range scale {
				digits += string(rune('0' + r.IntN(10)))
			}
			n, err := decimal128.FromString(digits, prec, scale)
			if err != nil {
				panic(err)
			}
			return n.ToString(scale)
		},
		func(b array.Builder, v any) {
			n, err := decimal128.FromString(v.(string), prec, scale)
			if err != nil {
				panic(err)
			}
			b.(*array.Decimal128Builder).Append(n)
		},
		func(a arrow.Array, i int) any { return a.(*array.Decimal128).Value(i).ToString(scale) },
	}
}

var columns = []column{
	{
		"b", "boolean", arrow.FixedWidthTypes.Boolean, func(r *rand.Rand) any { return r.IntN(2) == 0 },
		func(b array.Builder, v any) { b.(*array.BooleanBuilder).Append(v.(bool)) }, func(a arrow.Array, i int) any { return a.(*array.Boolean).Value(i) },
	},
	{
		"i2", "smallint", arrow.PrimitiveTypes.Int16, func(r *rand.Rand) any { return int64(int16(r.Uint32())) },
		func(b array.Builder, v any) { b.(*array.Int16Builder).Append(int16(v.(int64))) }, func(a arrow.Array, i int) any { return int64(a.(*array.Int16).Value(i)) },
	},
	{
		"i4", "integer", arrow.PrimitiveTypes.Int32, func(r *rand.Rand) any { return int64(int32(r.Uint32())) },
		func(b array.Builder, v any) { b.(*array.Int32Builder).Append(int32(v.(int64))) }, func(a arrow.Array, i int) any { return int64(a.(*array.Int32).Value(i)) },
	},
	{
		"i8", "bigint", arrow.PrimitiveTypes.Int64, func(r *rand.Rand) any { return int64(r.Uint64()) },
		func(b array.Builder, v any) { b.(*array.Int64Builder).Append(v.(int64)) }, func(a arrow.Array, i int) any { return a.(*array.Int64).Value(i) },
	},
	{
		"f4", "real", arrow.PrimitiveTypes.Float32, func(r *rand.Rand) any { return float64(r.Float32()) },
		func(b array.Builder, v any) { b.(*array.Float32Builder).Append(float32(v.(float64))) }, func(a arrow.Array, i int) any { return float64(a.(*array.Float32).Value(i)) },
	},
	{
		"f8", "double precision", arrow.PrimitiveTypes.Float64, func(r *rand.Rand) any { return r.NormFloat64() },
		func(b array.Builder, v any) { b.(*array.Float64Builder).Append(v.(float64)) }, func(a arrow.Array, i int) any { return a.(*array.Float64).Value(i) },
	},
	{
		"d", "date", arrow.FixedWidthTypes.Date32, func(r *rand.Rand) any { return time.Unix(r.Int64N(6e9)-3e9, 0).UTC().Truncate(24 * time.Hour) },
		func(b array.Builder, v any) { b.(*array.Date32Builder).Append(arrow.Date32FromTime(v.(time.Time))) }, func(a arrow.Array, i int) any { return a.(*array.Date32).Value(i).ToTime() },
	},
	{
		"ts", "timestamp", &arrow.TimestampType{Unit: arrow.Microsecond}, func(r *rand.Rand) any { return time.UnixMicro(r.Int64N(6e15) - 3e15).UTC() },
		func(b array.Builder, v any) {
			b.(*array.TimestampBuilder).Append(arrow.Timestamp(v.(time.Time).UnixMicro()))
		},
		func(a arrow.Array, i int) any { return a.(*array.Timestamp).Value(i).ToTime(arrow.Microsecond) },
	},
	decimal(9, 2), decimal(18, 6), decimal(38, 3),
	{
		"v", "varchar(400)", arrow.BinaryTypes.String, func(r *rand.Rand) any { return words[r.IntN(len(words))] },
		func(b array.Builder, v any) { b.(*array.StringBuilder).Append(v.(string)) }, func(a arrow.Array, i int) any { return strings.Clone(a.(*array.String).Value(i)) },
	},
}

// random makes rows of columns; one value in eight is nil.
func random(n int) [][]any {
	r := rand.New(rand.NewPCG(3, 8))
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = make([]any, len(columns))
		for k, c := range columns {
			if r.IntN(8) > 0 {
				rows[i][k] = c.value(r)
			}
		}
	}
	return rows
}

// open makes a cluster whose bucket m is in memory.
func open(t *testing.T) (*sql.DB, *redshiftsim.Memory) {
	t.Helper()
	bucket := redshiftsim.NewMemory()
	c, err := redshiftsim.NewConnector(redshiftsim.Config{Buckets: map[string]redshiftsim.ObjectStore{"m": bucket}})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	t.Cleanup(func() { _ = db.Close() })
	return db, bucket
}

func exec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// put writes an object.
func put(t *testing.T, bucket *redshiftsim.Memory, key string, data []byte) {
	t.Helper()
	w, err := bucket.Create(t.Context(), key)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// definition is the columns as CREATE TABLE has them.
func definition() string {
	var defs []string
	for _, c := range columns {
		defs = append(defs, c.name+" "+c.typ)
	}
	return strings.Join(defs, ", ")
}

// fetched are the rows of a query as text, sorted.
func fetched(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines(all)
}
