package load

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"testing"
)

// TestStores holds the buckets that can be written against what ObjectStore promises.
func TestStores(t *testing.T) {
	dir, err := OpenDir(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	for name, s := range map[string]ObjectStore{"folder": dir, "memory": NewMemory()} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			keys := func(prefix string) (out []string) {
				list, err := s.List(ctx, prefix)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range list {
					out = append(out, o.Name)
				}
				return out
			}
			create := func(ctx context.Context, key, text string) (io.WriteCloser, error) {
				w, err := s.Create(ctx, key)
				if err != nil {
					t.Fatal(err)
				}
				_, err = io.WriteString(w, text)
				return w, err
			}
			w, _ := create(ctx, "a/b/x_1", "one")
			if got := keys(""); len(got) != 0 {
				t.Errorf("an object that is being written is listed: %v", got)
			}
			if _, err := s.Open(ctx, "a/b/x_1"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an object that is being written opens: %v", err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			w, _ = create(ctx, "a/b/x_0", "")
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got := keys("a/b/x"); !slices.Equal(got, []string{"a/b/x_0", "a/b/x_1"}) {
				t.Errorf("list: %v", got)
			}
			if got := keys("b"); len(got) != 0 {
				t.Errorf("list of another prefix: %v", got)
			}
			// A context that ends before Close gives the object up: what had its key stays.
			gone, cancel := context.WithCancel(ctx)
			w, _ = create(gone, "a/b/x_1", "two")
			cancel()
			if err := w.Close(); !errors.Is(err, context.Canceled) {
				t.Errorf("close after the end of the context: %v", err)
			}
			r, err := s.Open(ctx, "a/b/x_1")
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if string(got) != "one" || err != nil || r.Close() != nil {
				t.Errorf("after a write that was given up: %q, %v", got, err)
			}
			w, _ = create(ctx, "a/b/x_1", "three")
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if list, err := s.List(ctx, "a/b/x_1"); err != nil || len(list) != 1 || list[0].Size != 5 {
				t.Errorf("after it was replaced: %v, %v", list, err)
			}
			if err := s.(Remover).Remove(ctx, "a/b/x_1"); err != nil {
				t.Error(err)
			}
			if err := s.(Remover).Remove(ctx, "a/b/x_1"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("removed twice: %v", err)
			}
			if got := keys("a"); !slices.Equal(got, []string{"a/b/x_0"}) {
				t.Errorf("after it was removed: %v", got)
			}
		})
	}
}
