package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/redshiftsim/redshiftsim/engine/load"
)

var streamed = flag.Int64("stream", 96<<20, "bytes that TestCopyMemory reads")

// stream is a bucket of one object of CSV that is made while it is read.
type stream struct {
	size  int64
	peak  atomic.Int64 // of the heap
	reads atomic.Int64
}

func (s *stream) List(context.Context, string) ([]load.Object, error) {
	return []load.Object{{Name: "f", Size: s.size}}, nil
}

func (s *stream) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(&streaming{s: s}), nil
}

func (s *stream) Create(context.Context, string) (io.WriteCloser, error) { return nil, errFaulty }

const streamLine = "12345678,1234.56,2024-02-29,\"some text, quoted\",plain text of a row\n"

type streaming struct {
	s  *stream
	at int64
}

// Read repeats a line, and measures the heap now and then.
func (r *streaming) Read(p []byte) (int, error) {
	if r.at >= r.s.size {
		return 0, io.EOF
	}
	if r.s.reads.Add(1)%64 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		r.s.peak.Store(max(r.s.peak.Load(), int64(m.HeapAlloc)))
	}
	n := 0
	p = p[:min(int64(len(p)), r.s.size-r.at)]
	for n < len(p) {
		n += copy(p[n:], streamLine[(r.at+int64(n))%int64(len(streamLine)):])
	}
	r.at += int64(n)
	return n, nil
}

// TestCopyMemory loads a stream with NOLOAD: what is held does not depend on the size of the file.
// go test ./engine -run TestCopyMemory -stream 5368709120 reads 5 GB.
func TestCopyMemory(t *testing.T) {
	s := &stream{size: *streamed / int64(len(streamLine)) * int64(len(streamLine))}
	c := New(Config{Buckets: map[string]load.ObjectStore{"b": s}})
	session := connect(t, c, "")
	run(t, session, "CREATE TABLE t (a int, b numeric(8,2), c date, d varchar(30), e varchar(30))")
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	run(t, session, "COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV NOLOAD")
	used := (s.peak.Load() - int64(before.HeapAlloc)) >> 20
	t.Logf("%d MB in %v, %d MB of heap", s.size>>20, time.Since(start).Round(time.Millisecond), used)
	if used > 100 || s.peak.Load() == 0 {
		t.Errorf("%d MB of heap", used)
	}
	want(t, session, "SELECT count(*) FROM t", "0")
	want(t, session, "SELECT pg_last_copy_count()", fmt.Sprint(s.size/int64(len(streamLine))))
}

// copyRow is a row of the files of TestCopyFaults.
type copyRow struct {
	A int32
	W string
}

// avroFile writes rows in blocks of 4000, without a codec. https://avro.apache.org/docs/1.11.1/specification/#object-container-files
func avroFile(rows []copyRow) []byte {
	text := func(b []byte, s string) []byte { return append(binary.AppendVarint(b, int64(len(s))), s...) }
	const sync = "0123456789abcdef"
	out := binary.AppendVarint([]byte("Obj\x01"), 1)
	out = text(out, "avro.schema")
	out = text(out, `{"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}, {"name": "w", "type": "string"}]}`)
	out = append(append(out, 0), sync...)
	for block := range slices.Chunk(rows, 4000) {
		var b []byte
		for _, r := range block {
			b = text(binary.AppendVarint(b, int64(r.A)), r.W)
		}
		out = binary.AppendVarint(binary.AppendVarint(out, int64(len(block))), int64(len(b)))
		out = append(append(out, b...), sync...)
	}
	return out
}

// copyFiles are files with the same 30,000 rows, by the options of COPY that read them.
func copyFiles(t *testing.T) map[string][]byte {
	t.Helper()
	var text, fixed, documents, columnar, gz, bz, zst bytes.Buffer
	rows := make([]copyRow, 30000)
	for i := range rows {
		rows[i] = copyRow{int32(i), fmt.Sprint("word", i%1000)}
		fmt.Fprintf(&text, "%d,%s\n", rows[i].A, rows[i].W)
		fmt.Fprintf(&fixed, "%-8d%-10s\n", rows[i].A, rows[i].W)
		fmt.Fprintf(&documents, "{\"a\": %d, \"w\": %q}\n", rows[i].A, rows[i].W)
	}
	if err := parquet.Write(&columnar, rows, parquet.MaxRowsPerRowGroup(4000)); err != nil {
		t.Fatal(err)
	}
	packed := func(w io.WriteCloser, err error) {
		if err == nil {
			_, err = w.Write(text.Bytes())
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	packed(gzip.NewWriter(&gz), nil)
	packed(bzip2.NewWriter(&bz, nil))
	packed(zstd.NewWriter(&zst, zstd.WithEncoderConcurrency(1)))
	return map[string][]byte{
		"CSV": text.Bytes(), "DELIMITER ','": text.Bytes(), "FIXEDWIDTH 'a:8,w:10'": fixed.Bytes(), "JSON 'auto'": documents.Bytes(), "PARQUET": columnar.Bytes(),
		"AVRO 'auto'": avroFile(rows), "CSV GZIP": gz.Bytes(), "CSV BZIP2": bz.Bytes(), "CSV ZSTD": zst.Bytes(),
	}
}

// TestCopyFaults ends COPY of each format at random places of its file, by an error, a panic, broken bytes and a cancel: the table is as it was, locks and
// memory are given back, no goroutine stays.
func TestCopyFaults(t *testing.T) {
	files := copyFiles(t)
	random := rand.New(rand.NewPCG(4, 7))
	store := &faulty{at: -1}
	c := New(Config{Workers: 3, Buckets: map[string]load.ObjectStore{"b": store}})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int SORTKEY, w varchar(20)) DISTKEY(w)", "INSERT INTO t VALUES (1, 'one'), (2, 'two')")
	goroutines := runtime.NumGoroutine()
	for format, data := range files {
		store.data, store.at = data, -1
		statement := "COPY t FROM 's3://b/f' IAM_ROLE DEFAULT " + format
		run(t, s, "BEGIN", statement)
		want(t, s, "SELECT count(*) FROM t", "30002")
		run(t, s, "ROLLBACK")
		for _, at := range []int{0, random.IntN(len(data)), random.IntN(len(data)), random.IntN(len(data)), len(data) - 1} {
			for _, store.panic = range []bool{false, true} {
				store.at = at
				if _, err := s.Exec(context.Background(), statement, nil); err == nil {
					t.Errorf("%s, byte %d: no error", format, at)
				}
				want(t, s, "SELECT count(*), sum(a) FROM t", "2 3")
			}
		}
		store.at = -1
		restore := []string{"DELETE FROM t WHERE a <> 1 OR w <> 'one'", "DELETE FROM t WHERE a = 2", "INSERT INTO t VALUES (2, 'two')"}
		for range 10 { // what is broken is told, or it was a letter of a word
			store.data = bytes.Clone(data)
			at := random.IntN(len(data))
			for i := at; i < min(at+1+random.IntN(40), len(data)); i++ {
				store.data[i] = byte(random.Uint32())
			}
			if _, err := s.Exec(context.Background(), statement, nil); err == nil {
				run(t, s, restore...)
			}
			want(t, s, "SELECT count(*), sum(a) FROM t", "2 3")
		}
		store.data = data
		for i := range 5 {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(time.Duration(i)*500*time.Microsecond, cancel)
			_, err := s.Exec(ctx, statement, nil)
			cancel()
			if err == nil { // it was faster
				run(t, s, restore...)
				continue
			}
			if !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "57014") {
				t.Errorf("%s: %v", format, err)
			}
			want(t, s, "SELECT count(*), sum(a) FROM t", "2 3")
		}
	}
	if locks := c.txns.Locks(); len(locks) > 0 {
		t.Errorf("locks are held: %v", locks)
	}
	for range 100 {
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, were %d", runtime.NumGoroutine(), goroutines)
}

// TestCopySpreads: an empty table of DISTSTYLE AUTO is spread before a large COPY, and stays AUTO(ALL) when that fails.
func TestCopySpreads(t *testing.T) {
	s := &stream{size: 41 << 20 / int64(len(streamLine)) * int64(len(streamLine))}
	c := New(Config{Buckets: map[string]load.ObjectStore{"b": s}})
	session := connect(t, c, "")
	run(t, session, "CREATE TABLE t (a int, b numeric(8,2), c date, d varchar(30), e varchar(30))", "CREATE TABLE u (a int, b numeric(8,2), c date, d varchar(30), e varchar(3))")
	if _, err := session.Exec(context.Background(), "COPY u FROM 's3://b/f' IAM_ROLE DEFAULT CSV", nil); err == nil {
		t.Error("a text that is too long was loaded")
	}
	run(t, session, "COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV")
	want(t, session, `SELECT "table", diststyle, tbl_rows FROM svv_table_info`, fmt.Sprint("t AUTO(EVEN) ", s.size/int64(len(streamLine))))
	if u, _ := table(t, c, "u"); u.Def.Dist.Style.String() != "AUTO(ALL)" {
		t.Errorf("u is %s", u.Def.Dist.Style)
	}
	want(t, session, "SELECT count(*) FROM svl_auto_worker_action WHERE status LIKE 'Complete%'", "1")
}

// held is a bucket whose object stops in its middle until it may go on.
type held struct {
	faulty
	reached, proceed chan struct{}
}

func (h *held) Open(context.Context, string) (io.ReadCloser, error) {
	half := len(h.data) / 2
	return io.NopCloser(io.MultiReader(bytes.NewReader(h.data[:half]), &gate{h: h}, bytes.NewReader(h.data[half:]))), nil
}

type gate struct{ h *held }

// Read waits.
func (g *gate) Read([]byte) (int, error) {
	g.h.reached <- struct{}{}
	<-g.h.proceed
	return 0, io.EOF
}

// TestLoadState sees a COPY on its way in STV_LOAD_STATE, and not when it has ended.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOAD_STATE.html
func TestLoadState(t *testing.T) {
	store := &held{faulty: faulty{data: bytes.Repeat([]byte("1,2\n"), 1<<20), at: -1}, reached: make(chan struct{}), proceed: make(chan struct{})}
	c := New(Config{Nodes: 1, Slices: 1, Buckets: map[string]load.ObjectStore{"b": store}})
	s, other := connect(t, c, ""), connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int, b int)")
	ended := make(chan error)
	go func() {
		_, err := s.Exec(context.Background(), "COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV", nil)
		ended <- err
	}()
	<-store.reached
	state := "SELECT slice, bytes_to_load, bytes_loaded > 1000000 AND bytes_loaded <= 2097152, bytes_to_load_compressed, lines > 250000, num_files, num_files_complete, " +
		"trim(current_file), pct_complete BETWEEN 25 AND 50 FROM stv_load_state"
	want(t, other, state, "0 4194304 t 0 t 1 0 s3://b/f t")
	close(store.proceed)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	want(t, other, state)
	want(t, other, "SELECT lines_scanned, trim(file_format), is_partial FROM stl_load_commits", "1048576 CSV 0")
}
