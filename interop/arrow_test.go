package interop

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// lines are rows as text, sorted.
func lines(rows [][]any) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		for _, v := range row {
			format := "%v "
			if _, text := v.(string); text {
				format = "%q "
			}
			out[i] += fmt.Sprintf(format, v)
		}
	}
	slices.Sort(out)
	return out
}

// differ tells the first line of two sorted lists that is only in one of them.
func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: %d rows, %d are right; row %d is %s, want %s", what, len(got), len(want), i, got[i], want[i])
			return
		}
	}
	t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
}

// table makes an Arrow record of rows.
func table(rows [][]any) arrow.RecordBatch {
	fields := make([]arrow.Field, len(columns))
	for k, c := range columns {
		fields[k] = arrow.Field{Name: c.name, Type: c.arrow, Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range rows {
		for k, v := range row {
			if v == nil {
				b.Field(k).AppendNull()
				continue
			}
			columns[k].put(b.Field(k), v)
		}
	}
	return b.NewRecordBatch()
}

// TestCopyOfArrow loads Parquet files that Apache Arrow writes: every codec that COPY reads, with and without dictionaries, in pages of both versions, small and
// large ones.
func TestCopyOfArrow(t *testing.T) {
	rows := random(3000)
	record := table(rows)
	defer record.Release()
	want := lines(rows)
	db, bucket := open(t)
	exec(t, db, "CREATE TABLE t ("+definition()+")")
	for _, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Zstd, compress.Codecs.Brotli} {
		for _, dictionary := range []bool{true, false} {
			for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
				for _, page := range []int64{500, 1 << 20} {
					name := fmt.Sprintf("%s dictionary=%t v%d page=%d", codec, dictionary, version+1, page)
					var b bytes.Buffer
					w, err := pqarrow.NewFileWriter(record.Schema(), &b, parquet.NewWriterProperties(
						parquet.WithCompression(codec), parquet.WithDictionaryDefault(dictionary), parquet.WithDataPageVersion(version), parquet.WithDataPageSize(page),
						parquet.WithBatchSize(100), parquet.WithMaxRowGroupLength(1000)), pqarrow.DefaultWriterProps())
					if err == nil {
						err = w.Write(record)
					}
					if err == nil {
						err = w.Close()
					}
					if err != nil {
						t.Fatal(err)
					}
					put(t, bucket, "arrow", b.Bytes())
					exec(t, db, "TRUNCATE t")
					exec(t, db, "COPY t FROM 's3://m/arrow' IAM_ROLE default PARQUET")
					differ(t, name, fetched(t, db, "SELECT * FROM t"), want)
				}
			}
		}
	}
}

// TestArrowOfUnload reads with Apache Arrow what UNLOAD writes.
func TestArrowOfUnload(t *testing.T) {
	rows := random(3000)
	db, bucket := open(t)
	exec(t, db, "CREATE TABLE t ("+definition()+") DISTSTYLE EVEN")
	insert := "INSERT INTO t VALUES ($1"
	for k := 1; k < len(columns); k++ {
		insert += fmt.Sprintf(", $%d", k+1)
	}
	for _, row := range rows {
		exec(t, db, insert+")", row...)
	}
	for _, options := range []string{"PARQUET", "PARQUET PARALLEL OFF"} {
		exec(t, db, "UNLOAD ('SELECT * FROM t') TO 's3://m/out_' IAM_ROLE default CLEANPATH "+options)
		list, err := bucket.List(t.Context(), "out_")
		if err != nil {
			t.Fatal(err)
		}
		var got [][]any
		for _, o := range list {
			r, err := bucket.Open(t.Context(), o.Name)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, arrowRows(t, data)...)
		}
		differ(t, options, lines(got), lines(rows))
	}
}

// arrowRows reads a Parquet file with Arrow, whose types must be those of the columns.
func arrowRows(t *testing.T, data []byte) (out [][]any) {
	t.Helper()
	pf, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	tbl, err := fr.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tbl.Release()
	out = make([][]any, tbl.NumRows())
	for i := range out {
		out[i] = make([]any, len(columns))
	}
	for k, c := range columns {
		if got := tbl.Schema().Field(k); got.Name != c.name || !arrow.TypeEqual(got.Type, c.arrow) {
			t.Fatalf("column %s of type %s, want %s of type %s", got.Name, got.Type, c.name, c.arrow)
		}
		at := 0
		for _, a := range tbl.Column(k).Data().Chunks() {
			for i := range a.Len() {
				if a.IsValid(i) {
					out[at][k] = c.get(a, i)
				}
				at++
			}
		}
	}
	return out
}
