package engine

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestResultCacheSessions: readers that ask the same while a writer adds rows never see fewer rows than they saw before, and the rows of the end at the end.
func TestResultCacheSessions(t *testing.T) {
	c := New(Config{})
	writer := connect(t, c, "")
	run(t, writer, "CREATE TABLE t (a int, b varchar(20))")
	const rows, readers = 60, 4
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range readers {
		s := connect(t, c, "")
		wg.Add(1)
		go func() {
			defer wg.Done()
			last := 0
			for over := false; ; {
				got, err := rowsIn(s, "SELECT a, b FROM t WHERE a >= 0")
				if err != nil || len(got) < last {
					t.Errorf("%d rows after %d, %v", len(got), last, err)
					return
				}
				last = len(got)
				if over {
					if last != rows {
						t.Errorf("%d rows at the end", last)
					}
					return
				}
				select {
				case <-done:
					over = true
				default:
				}
			}
		}()
	}
	for i := range rows {
		run(t, writer, fmt.Sprintf("INSERT INTO t VALUES (%d, 'row %d')", i, i))
	}
	close(done)
	wg.Wait()
}

// TestResultCacheBounds: what the cache holds stays below its bounds; a result that is too large is not kept; a result that was not read to its end is not.
func TestResultCacheBounds(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int, b varchar(1000))", "INSERT INTO t VALUES (1, repeat('x', 900))")
	for range 10 {
		run(t, s, "INSERT INTO t SELECT a, b FROM t")
	}
	if _, err := rowsIn(s, "SELECT b FROM t"); err != nil { // 900 KB
		t.Fatal(err)
	}
	if n := c.results.used.Len(); n != 0 {
		t.Errorf("a large result is kept: %d", n)
	}
	for i := range 80 {
		if _, err := rowsIn(s, fmt.Sprintf("SELECT b FROM t LIMIT %d", 100+i)); err != nil {
			t.Fatal(err)
		}
	}
	if c.results.bytes > resultCacheBytes || c.results.bytes < resultCacheBytes/2 {
		t.Errorf("%d bytes are kept in %d results", c.results.bytes, c.results.used.Len())
	}
	k := keeper{cache: &c.results}
	v := vector.New(types.TVarchar(9), 2)
	v.Texts[0], v.Texts[1] = strings.Repeat("a", 3), "b"
	k.add(&vector.Batch{Columns: []*vector.Vector{v}, Len: 2, Sel: []uint16{1}})
	if got := k.result.batches[0]; got.Len != 1 || got.Sel != nil || got.Columns[0].Texts[0] != "b" {
		t.Errorf("the copy of a batch is %v", got)
	}
}
