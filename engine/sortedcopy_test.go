package engine

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestSortedCopy: a COPY of more rows than wait plain leaves a table sorted throughout, or, when it passes memory_limit or is cancelled, as it was.
func TestSortedCopy(t *testing.T) {
	const rows = 90000 // of a slice: five groups of 64 zones of 256 rows, and some
	var file bytes.Buffer
	sum := int64(0)
	for i, k := range rand.New(rand.NewPCG(4, 4)).Perm(rows) {
		fmt.Fprintf(&file, "%d,%d,row %d lies anywhere in the file\n", k, i%7, i)
		sum += int64(k)
	}
	store := load.NewMemory()
	w, err := store.Create(context.Background(), "f")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(file.Bytes())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := New(Config{Nodes: 1, Slices: 1, BlockBytes: 4096, Workers: 1, MemoryLimit: 1 << 30, Buckets: map[string]load.ObjectStore{"b": store}})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (k int NOT NULL SORTKEY, b int, w varchar(60)) DISTSTYLE EVEN")
	const text = "COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV"
	limited(c, c.txns.Bytes()+2<<20)
	refused(t, s, text, sqlstate.OutOfMemory, "out of memory")
	want(t, s, "SELECT count(*) FROM t", "0")
	limited(c, 1<<30)
	cancelled := 0
	for wait := time.Millisecond; wait < 80*time.Millisecond; wait *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		_, err := s.Exec(ctx, text, nil)
		cancel()
		if err == nil {
			run(t, s, "TRUNCATE t")
			continue
		}
		cancelled++
		want(t, s, "SELECT count(*) FROM t", "0")
	}
	if cancelled == 0 {
		t.Error("no COPY was slow enough to be cancelled")
	}
	run(t, s, text)
	want(t, s, "SELECT count(*), sum(k), count(DISTINCT w) FROM t", fmt.Sprint(rows, sum, rows))
	want(t, s, `SELECT unsorted FROM svv_table_info WHERE "table" = 't'`, "0.00")
	want(t, s, "SELECT count(*) FROM (SELECT k, lag(k) OVER () AS before FROM t) x WHERE k <= before", "0") // as they lie
	want(t, s, "SELECT w FROM t WHERE k = 17", wantRow(file.String(), 17))
	if _, granted, _ := use(t, c); granted != 0 {
		t.Errorf("%d bytes are still granted", granted)
	}
}

// wantRow is the text of the row of key k in the file.
func wantRow(file string, k int) string {
	for _, line := range bytes.Split([]byte(file), []byte("\n")) {
		if bytes.HasPrefix(line, fmt.Appendf(nil, "%d,", k)) {
			return string(line[bytes.LastIndexByte(line, ',')+1:])
		}
	}
	return ""
}
