package command

import (
	"context"
	"database/sql"
	"io"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// gated is a bucket that neither reads nor writes before its gate is open.
type gated struct {
	*redshiftsim.Memory
	gate chan struct{}
}

func (g gated) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	w, err := g.Memory.Create(ctx, key)
	return gatedFile{w, nil, w, g.gate}, err
}

func (g gated) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := g.Memory.Open(ctx, key)
	return gatedFile{nil, r, r, g.gate}, err
}

type gatedFile struct {
	w    io.Writer
	r    io.Reader
	c    io.Closer
	gate chan struct{}
}

func (f gatedFile) Write(p []byte) (int, error) { <-f.gate; return f.w.Write(p) }
func (f gatedFile) Read(p []byte) (int, error)  { <-f.gate; return f.r.Read(p) }
func (f gatedFile) Close() error                { return f.c.Close() }

// TestMoved asks how far an UNLOAD and a COPY are that wait for their bucket.
func TestMoved(t *testing.T) {
	bucket := gated{redshiftsim.NewMemory(), make(chan struct{})}
	w, err := bucket.Memory.Create(context.Background(), "in/x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "1\n2\n3\n"); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	c, err := redshiftsim.NewConnector(redshiftsim.Config{Buckets: map[string]redshiftsim.ObjectStore{"m": bucket}})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := &shell{ctx: ctx, db: db, conn: conn}
	if err := conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&s.pid); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE t (a int); INSERT INTO t VALUES (7), (8)"); err != nil {
		t.Fatal(err)
	}
	if got := s.moved("SELECT 1"); got != "" {
		t.Errorf("a query has moved: %q", got)
	}
	for _, x := range []struct{ text, want string }{
		{"UNLOAD ('select a from t') TO 's3://m/out/' IAM_ROLE default PARALLEL OFF", ", 2 rows, 0 files written"},
		{"COPY t FROM 's3://m/in/' IAM_ROLE default", ", 0 %: 0 lines, 0 of 1 files"},
	} {
		done := make(chan error, 1)
		go func() {
			_, err := conn.ExecContext(ctx, x.text)
			done <- err
		}()
		got := ""
		for i := 0; i < 500 && got != x.want; i++ {
			got = s.moved(x.text)
			time.Sleep(5 * time.Millisecond)
		}
		if got != x.want {
			t.Errorf("%s: %q, want %q", x.text, got, x.want)
		}
		over := make(chan struct{})
		go func() {
			for {
				select {
				case bucket.gate <- struct{}{}:
				case <-over:
					return
				}
			}
		}()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", x.text, err)
		}
		close(over)
	}
}
