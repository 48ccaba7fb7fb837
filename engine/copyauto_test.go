package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/load"
)

// put writes an object into a bucket.
func put(t testing.TB, b load.ObjectStore, key, text string) {
	t.Helper()
	w, err := b.Create(t.Context(), key)
	if err == nil {
		if _, err = w.Write([]byte(text)); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// counts runs a query of one number.
func counts(t testing.TB, s *Session, text string) int64 {
	t.Helper()
	r, err := s.Query(t.Context(), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Next()
	if err != nil || b == nil {
		t.Fatal(b, err)
	}
	row := 0
	if b.Sel != nil {
		row = int(b.Sel[0])
	}
	n := b.Columns[0].Get(row).Int
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}

const job = "copy points from 's3://lake/in/' iam_role 'arn:aws:iam::123456789012:role/r' job create j"

// TestCopyJobOnce: whatever sessions look for files side by side, by themselves and by COPY JOB RUN, each file is loaded once, and a statement finds what came before it.
func TestCopyJobOnce(t *testing.T) {
	lake := load.NewMemory()
	c := New(Config{Buckets: map[string]load.ObjectStore{"lake": lake}})
	run(t, connect(t, c, ""), "create table points (id int)", job)
	const writers, files = 3, 20
	var wg sync.WaitGroup
	for w := range writers {
		s := connect(t, c, "")
		wg.Go(func() {
			for i := range files {
				put(t, lake, fmt.Sprintf("in/%d-%d", w, i), fmt.Sprintf("%d\n", w*files+i))
				if n := counts(t, s, fmt.Sprintf("select count(*) from points where id = %d", w*files+i)); n != 1 {
					t.Errorf("file %d of writer %d: loaded %d times", i, w, n)
				}
				if r, err := s.Query(t.Context(), "copy job run j", nil); err == nil {
					_ = r.Close() // another may have loaded its files first: 1023
				}
			}
		})
	}
	wg.Wait()
	s := connect(t, c, "")
	if n := counts(t, s, "select count(*) from points"); n != writers*files {
		t.Errorf("%d rows of %d files", n, writers*files)
	}
	if n := counts(t, s, "select count(*) from sys_copy_job_detail where status = 'I'"); n != writers*files {
		t.Errorf("%d files in sys_copy_job_detail", n)
	}
}

// counted counts the lists that are asked for, and fails those of which fails says so.
type counted struct {
	*load.Memory
	lists atomic.Int64
	fails atomic.Bool
}

func (c *counted) List(ctx context.Context, prefix string) ([]load.Object, error) {
	c.lists.Add(1)
	if c.fails.Load() {
		return nil, errors.New("SlowDown")
	}
	return c.Memory.List(ctx, prefix)
}

// TestCopyJobLooks: a job looks at its place once a transaction, and not at all with AUTO OFF; a bucket that fails keeps nobody from work, and is told of.
func TestCopyJobLooks(t *testing.T) {
	lake := &counted{Memory: load.NewMemory()}
	c := New(Config{Buckets: map[string]load.ObjectStore{"lake": lake}})
	s := connect(t, c, "")
	run(t, s, "create table points (id int)", job)
	looks := func(want int64, texts ...string) {
		t.Helper()
		before := lake.lists.Load()
		run(t, s, texts...)
		if n := lake.lists.Load() - before; n != want {
			t.Errorf("%s: %d looks, not %d", strings.Join(texts, "; "), n, want)
		}
	}
	looks(1, "select 1")
	looks(1, "begin", "select 1", "select 2", "commit")
	lake.fails.Store(true)
	looks(2, "insert into points values (1)", "select count(*) from points")
	if n := counts(t, s, "select count(*) from sys_copy_job_info where message like '%SlowDown%'"); n != 1 {
		t.Errorf("%d notes of a bucket that fails", n)
	}
	lake.fails.Store(false)
	if n := counts(t, s, "select count(*) from sys_copy_job_info"); n != 0 {
		t.Errorf("%d notes of a bucket that works again", n)
	}
	run(t, s, "copy job alter j auto off")
	looks(0, "select 1")
}

// TestCopyJobClone: a clone goes on where its source was, each for itself; a job is bound to no clock.
func TestCopyJobClone(t *testing.T) {
	lake := load.NewMemory()
	c := New(Config{Buckets: map[string]load.ObjectStore{"lake": lake}})
	s := connect(t, c, "")
	run(t, s, "create table points (id int)", job)
	put(t, lake, "in/1", "1\n")
	run(t, s, "select 1")
	o := connect(t, c.Clone(), "")
	put(t, lake, "in/2", "2\n")
	for _, x := range []*Session{s, o} {
		if n := counts(t, x, "select count(*) from points"); n != 2 {
			t.Errorf("%d rows", n)
		}
	}
}
