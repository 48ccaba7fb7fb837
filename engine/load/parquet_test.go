package load

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// parquetJob makes a job over one file.
func parquetJob(t testing.TB, data []byte, name string, cols []Column) *Job {
	t.Helper()
	o := Defaults()
	o.Format = Parquet
	j, err := NewJob(context.Background(), "s3://b/"+name, one(FS(fstest.MapFS{name: {Data: data}})), "t", cols, o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// written is a Parquet file of rows.
func written[T any](t testing.TB, rows []T, o ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows, o...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestParquetTypes reads what is rarer than the types that other programs write: old timestamps, decimals in bytes, units of time.
func TestParquetTypes(t *testing.T) {
	type row struct {
		Old    deprecated.Int96
		Millis int64   `parquet:",timestamp(millisecond)"`
		Nanos  int64   `parquet:",timestamp(nanosecond)"`
		Bytes  [5]byte `parquet:",decimal(2:10)"`
		Small  int32   `parquet:",decimal(1:4)"`
		Day    int32   `parquet:",date"`
		Text   []byte
		Maybe  *int32 `parquet:",optional"`
	}
	five := int32(5)
	// 2,451,545 is the Julian day of 2000-01-01; 10,957 days lie between 1970 and 2000.
	data := written(t, []row{
		{deprecated.Int96{3723000, 0, 2451545}, 10957*86400000 + 1500, -1, [5]byte{0xFF, 0xFF, 0xFF, 0xFF, 0x85}, -15, 10957, []byte("ab"), &five},
		{deprecated.Int96{0, 0, 2451544}, 0, 10957 * 86400000000000, [5]byte{0, 0, 0, 1, 0}, 7, -1, nil, nil},
	})
	cols := columns(types.TTimestamp, types.TTimestamp, types.TTimestampTZ, types.TNumeric(10, 2), types.TNumeric(5, 1), types.TDate, types.TVarchar(5), types.TInt8)
	got, err := read(t, parquetJob(t, data, "f", cols), 1)
	want := []string{
		"2000-01-01 00:00:00.003723|2000-01-01 00:00:01.5|1969-12-31 23:59:59.999999+00|-1.23|-1.5|2000-01-01|ab|5",
		"1999-12-31 00:00:00|1970-01-01 00:00:00|2000-01-01 00:00:00+00|2.56|0.7|1969-12-31||~",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for i, bad := range []types.Type{types.TInt8, types.TDate, types.TVarchar(9), types.TNumeric(10, 3), types.TNumeric(3, 1), types.TInt4, types.TBool, types.TInt2} {
		wrong := append([]Column(nil), cols...)
		wrong[i].Type = bad
		if _, err := read(t, parquetJob(t, data, "f", wrong), 1); err == nil || !strings.Contains(err.Error(), "incompatible Parquet schema") {
			t.Errorf("column %d as %s: %v", i, bad, err)
		}
	}
	cols[6].Type = types.TVarchar(1)
	if _, err := read(t, parquetJob(t, data, "f", cols), 1); err == nil || !strings.Contains(err.Error(), "The length of the data column g is longer than the length defined in the table. Table: 1, Data: 2") {
		t.Error(err)
	}
}

// TestParquetPieces deals row groups to slices: all rows come, once; a name that says so is decompressed.
func TestParquetPieces(t *testing.T) {
	type row struct {
		A int64
		B string
	}
	rows := make([]row, 1000)
	for i := range rows {
		rows[i] = row{int64(i), strings.Repeat("x", i%50)}
	}
	data := written(t, rows, parquet.MaxRowsPerRowGroup(64))
	cols := columns(types.TInt8, types.TVarchar(50))
	want, err := read(t, parquetJob(t, data, "f", cols), 1)
	if err != nil || len(want) != len(rows) {
		t.Fatalf("%d rows, %v", len(want), err)
	}
	for _, slices := range []int{2, 3, 40} {
		j := parquetJob(t, data, "f", cols)
		j.minPiece = 1
		got, err := read(t, j, slices)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d slices: %d rows, %v", slices, len(got), err)
		}
		if len(j.pieces) != min(slices, 16) {
			t.Errorf("%d slices: %d pieces", slices, len(j.pieces))
		}
	}
	if got, err := read(t, parquetJob(t, zipped(t, data), "f.gz", cols), 2); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("gzip: %d rows, %v", len(got), err)
	}
}

// FuzzParquet loads what is no Parquet file: rows or errors, never a panic.
func FuzzParquet(f *testing.F) {
	type row struct {
		A int32
		B *string `parquet:",optional,dict"`
	}
	x := "x"
	data := written(f, []row{{1, &x}, {2, nil}, {3, &x}})
	f.Add(data)
	f.Add(data[:len(data)-9])
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = read(t, parquetJob(t, data, "f", columns(types.TInt4, types.TVarchar(5))), 1) // an error is an answer too
	})
}
