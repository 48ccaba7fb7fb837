package objectstore

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
)

// buckets are those of the library that need no cloud.
func buckets(t *testing.T) map[string]*blob.Bucket {
	t.Helper()
	file, err := fileblob.OpenBucket(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	mem := memblob.OpenBucket(nil)
	t.Cleanup(func() {
		if err := errors.Join(file.Close(), mem.Close()); err != nil {
			t.Error(err)
		}
	})
	return map[string]*blob.Bucket{"file": file, "memory": mem}
}

// TestStore holds a bucket against what redshiftsim.ObjectStore promises.
func TestStore(t *testing.T) {
	for name, b := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s := New(b)
			create := func(ctx context.Context, key, text string) error {
				w, err := s.Create(ctx, key)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(w, text); err != nil {
					t.Fatal(err)
				}
				if list, err := s.List(context.Background(), key); err != nil || len(list) > 1 {
					t.Errorf("while it is written: %v, %v", list, err)
				}
				return w.Close()
			}
			for _, key := range []string{"a/b_1", "a/b_0", "a/c"} {
				if err := create(ctx, key, key); err != nil {
					t.Fatal(err)
				}
			}
			list, err := s.List(ctx, "a/b")
			if want := []redshiftsim.Object{{Name: "a/b_0", Size: 5}, {Name: "a/b_1", Size: 5}}; err != nil || !slices.Equal(list, want) {
				t.Errorf("list: %v, %v", list, err)
			}
			gone, cancel := context.WithCancel(ctx)
			w, err := s.Create(gone, "a/b_1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, "another"); err != nil {
				t.Fatal(err)
			}
			cancel()
			if err := w.Close(); err == nil {
				t.Error("an object was made after its context had ended")
			}
			r, err := s.Open(ctx, "a/b_1")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); string(got) != "a/b_1" || err != nil {
				t.Errorf("read: %q, %v", got, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if err := s.Remove(ctx, "a/b_1"); err != nil {
				t.Error(err)
			}
			if err := s.Remove(ctx, "a/b_1"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("removed twice: %v", err)
			}
			if _, err := s.Open(ctx, "a/b_1"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("opened after it was removed: %v", err)
			}
		})
	}
}

// TestUnloadCopy sends a table through a bucket and back.
func TestUnloadCopy(t *testing.T) {
	for name, b := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			c, err := redshiftsim.NewConnector(redshiftsim.Config{Buckets: map[string]redshiftsim.ObjectStore{"films": New(b)}})
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(c)
			defer db.Close()
			for _, text := range []string{
				"CREATE TABLE t (a int, b varchar(20))", "INSERT INTO t VALUES (1, 'one'), (2, NULL), (3, 'three')", "CREATE TABLE back (LIKE t)",
				"UNLOAD ('select * from t') TO 's3://films/out/' IAM_ROLE default PARQUET MANIFEST",
				"UNLOAD ('select * from t') TO 's3://films/out/' IAM_ROLE default PARQUET MANIFEST CLEANPATH",
				"COPY back FROM 's3://films/out/manifest' IAM_ROLE default PARQUET MANIFEST",
			} {
				if _, err := db.Exec(text); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			var n, sum, texts int
			if err := db.QueryRow("SELECT count(*), sum(a), count(b) FROM back").Scan(&n, &sum, &texts); err != nil || n != 3 || sum != 6 || texts != 2 {
				t.Errorf("came back: %d rows, sum %d, %d texts, %v", n, sum, texts, err)
			}
			if _, err := db.Exec("COPY back FROM 's3://films/none/' IAM_ROLE default"); err == nil {
				t.Error("a prefix without objects was copied")
			}
		})
	}
}
