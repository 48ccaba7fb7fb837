package interop

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hamba/avro/v2/ocf"
	"github.com/linkedin/goavro/v2"
)

// avroSchema has every primitive type, an enum, a union with null, and what COPY loads as JSON.
const avroSchema = `{"type": "record", "name": "r", "fields": [
	{"name": "b", "type": "boolean"}, {"name": "i", "type": "int"}, {"name": "l", "type": "long"}, {"name": "f", "type": "float"}, {"name": "d", "type": "double"},
	{"name": "s", "type": "string"}, {"name": "y", "type": "bytes"}, {"name": "e", "type": {"type": "enum", "name": "suit", "symbols": ["clubs", "hearts"]}},
	{"name": "u", "type": ["null", "string"]}, {"name": "a", "type": {"type": "array", "items": "int"}}]}`

const avroColumns = "b boolean, i int, l bigint, f real, d double precision, s varchar(400), y varchar(400), e varchar(9), u varchar(400), a varchar(99)"

// avroRows makes rows of avroSchema, and what COPY makes of them.
func avroRows(n int) (records []map[string]any, want [][]any) {
	r := rand.New(rand.NewPCG(5, 9))
	for range n {
		text, list := words[r.IntN(len(words))], make([]any, r.IntN(4))
		for i := range list {
			list[i] = int(int32(r.Uint32()))
		}
		var maybe, loaded any
		if r.IntN(3) > 0 {
			maybe, loaded = goavro.Union("string", text), text
		}
		rec := map[string]any{
			"b": r.IntN(2) == 0, "i": int(int32(r.Uint32())), "l": int64(r.Uint64()), "f": r.Float32(), "d": r.NormFloat64(), "s": text, "y": []byte(text),
			"e": []string{"clubs", "hearts"}[r.IntN(2)], "u": maybe, "a": list,
		}
		var bytes []rune // Avro's JSON has a character for each byte
		for _, c := range []byte(text) {
			bytes = append(bytes, rune(c))
		}
		js, err := json.Marshal(list)
		if err != nil {
			panic(err)
		}
		records = append(records, rec)
		want = append(want, []any{rec["b"], int64(rec["i"].(int)), rec["l"], float64(rec["f"].(float32)), rec["d"], text, string(bytes), rec["e"], loaded, string(js)})
	}
	return records, want
}

// TestCopyOfAvro loads what hamba/avro and goavro write, by each codec that COPY reads.
func TestCopyOfAvro(t *testing.T) {
	records, rows := avroRows(2000)
	db, bucket := open(t)
	exec(t, db, "CREATE TABLE t ("+avroColumns+")")
	check := func(name string, data []byte) {
		put(t, bucket, "avro", data)
		exec(t, db, "TRUNCATE t")
		exec(t, db, "COPY t FROM 's3://m/avro' IAM_ROLE default AVRO 'auto'")
		differ(t, name, fetched(t, db, "SELECT * FROM t"), lines(rows))
	}
	for _, codec := range []ocf.CodecName{ocf.Null, ocf.Deflate, ocf.Snappy} {
		var b bytes.Buffer
		w, err := ocf.NewEncoder(avroSchema, &b, ocf.WithCodec(codec), ocf.WithBlockLength(300))
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range records {
			if err := w.Encode(rec); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		check("hamba/avro "+string(codec), b.Bytes())
	}
	for _, codec := range []string{goavro.CompressionNullLabel, goavro.CompressionDeflateLabel, goavro.CompressionSnappyLabel} {
		var b bytes.Buffer
		w, err := goavro.NewOCFWriter(goavro.OCFConfig{W: &b, Schema: avroSchema, CompressionName: codec})
		if err == nil {
			err = w.Append(records)
		}
		if err != nil {
			t.Fatal(err)
		}
		check("goavro "+codec, b.Bytes())
	}
}

// loadedText is what a VARCHAR column gets: a text as it is, all else as JSON.
func loadedText(t *testing.T, v any) string {
	t.Helper()
	if s, ok := v.(string); ok {
		return s
	}
	js, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(js)
}

// moduleDir is where the sources of a module are.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := osexec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if dir := strings.TrimSpace(string(out)); err == nil && dir != "" {
		return dir
	}
	t.Fatalf("where is %s? %v", module, err)
	return ""
}

// TestCopyOfAvroFiles loads the files with which hamba/avro and goavro test themselves, Java's and Python's among them, and holds them against what goavro reads.
func TestCopyOfAvroFiles(t *testing.T) {
	goavroFiles, hambaFiles := filepath.Join(moduleDir(t, "github.com/linkedin/goavro/v2"), "fixtures"), filepath.Join(moduleDir(t, "github.com/hamba/avro/v2"), "ocf", "testdata")
	db, bucket := open(t)
	for _, f := range []struct{ path, columns string }{
		{filepath.Join(goavroFiles, "quickstop-null.avro"), "ID First Last Phone Age"},
		{filepath.Join(goavroFiles, "quickstop-deflate.avro"), "ID First Last Phone Age"},
		{filepath.Join(goavroFiles, "quickstop-snappy.avro"), "ID First Last Phone Age"},
		{filepath.Join(hambaFiles, "full.avro"), "enum longs strings"},
		{filepath.Join(hambaFiles, "full-deflate.avro"), "enum longs strings"},
		{filepath.Join(hambaFiles, "full-snappy.avro"), "enum longs strings"},
		{filepath.Join(hambaFiles, "full-appended.avro"), "enum longs strings"},
	} {
		data, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		names := strings.Fields(f.columns)
		var want [][]any
		r, err := goavro.NewOCFReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for r.Scan() {
			rec, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			row := make([]any, len(names))
			for i, n := range names {
				row[i] = loadedText(t, rec.(map[string]any)[n])
			}
			want = append(want, row)
		}
		if err := r.Err(); err != nil || len(want) == 0 {
			t.Fatalf("%s: %d rows, %v", f.path, len(want), err)
		}
		put(t, bucket, "avro", data)
		exec(t, db, "DROP TABLE IF EXISTS t")
		exec(t, db, "CREATE TABLE t ("+strings.Join(names, " varchar(400), ")+" varchar(400))")
		exec(t, db, "COPY t FROM 's3://m/avro' IAM_ROLE default AVRO 'auto ignorecase'")
		differ(t, filepath.Base(f.path), fetched(t, db, "SELECT * FROM t"), lines(want))
	}
	for _, broken := range []string{filepath.Join(goavroFiles, "syncMarkerMismatch.avro"), filepath.Join(hambaFiles, "deflate-invalid-data.avro"), filepath.Join(hambaFiles, "full-zstd.avro")} {
		data, err := os.ReadFile(broken)
		if err != nil {
			t.Fatal(err)
		}
		put(t, bucket, "avro", data)
		if _, err := db.Exec("COPY t FROM 's3://m/avro' IAM_ROLE default AVRO 'auto ignorecase'"); err == nil {
			t.Errorf("%s was loaded", broken)
		}
	}
}
