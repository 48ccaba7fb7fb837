package load

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Object is one object of a bucket.
type Object struct {
	Name string // key within the bucket
	Size int64  // bytes; -1 unknown
}

// ObjectStore is a bucket: what s3://bucket/key reaches.
type ObjectStore interface {
	// Open reads an object; fs.ErrNotExist where there is none.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// List gives the objects whose keys begin with prefix, sorted by key.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Create writes an object. It is there, whole, once Close has returned nil, in place of an object that had its key; when ctx ends before, Close gives
	// the object up and answers with an error, and nothing has changed. A store that is read only answers with an error.
	Create(ctx context.Context, key string) (io.WriteCloser, error)
}

// Remover is an ObjectStore that can delete, which CLEANPATH needs.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#cleanpath
type Remover interface {
	// Remove deletes an object; fs.ErrNotExist where there is none.
	Remove(ctx context.Context, key string) error
}

// Dir is a bucket in a folder. Keys that leave the folder, by .. or by a link, are refused by the operating system (os.Root).
type Dir struct {
	root  *os.Root
	write bool
}

// OpenDir opens folder as a bucket; write lets UNLOAD create objects.
func OpenDir(folder string, write bool) (*Dir, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, write: write}, nil
}

// Close releases the folder.
func (d *Dir) Close() error { return d.root.Close() }

// Open reads the file key.
func (d *Dir) Open(_ context.Context, key string) (io.ReadCloser, error) {
	f, err := d.root.Open(localKey(key))
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || st.IsDir() {
		_ = f.Close() // the first error is the one to tell
		return nil, &fs.PathError{Op: "open", Path: key, Err: fs.ErrNotExist}
	}
	return f, nil
}

// List walks the folder that holds prefix.
func (d *Dir) List(_ context.Context, prefix string) ([]Object, error) {
	return listFS(d.root.FS(), prefix)
}

// Create makes or replaces the file key, with the folders above it: it is written under a name that List does not show, and renamed when it is closed.
func (d *Dir) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	if !d.write {
		return nil, errReadOnly
	}
	key = localKey(key)
	for i, c := range key {
		if c == '/' {
			if err := d.root.Mkdir(key[:i], 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return nil, err
			}
		}
	}
	w := &dirWriter{ctx: ctx, root: d.root, key: key, draft: path.Join(path.Dir(key), unfinished+rand.Text())}
	f, err := d.root.OpenFile(w.draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	w.file = f
	return w, nil
}

// Remove deletes the file key.
func (d *Dir) Remove(_ context.Context, key string) error {
	if !d.write {
		return errReadOnly
	}
	return d.root.Remove(localKey(key))
}

// errReadOnly refuses to write into a folder.
var errReadOnly = errors.New("the bucket is read only: map it with bucket=NAME=DIR,rw")

// unfinished begins the names of files that are being written.
const unfinished = ".unfinished-"

// dirWriter writes a file under another name until it is whole.
type dirWriter struct {
	ctx        context.Context
	root       *os.Root
	file       *os.File
	key, draft string
	err        error // the first
}

// Write writes on; after an error, or when the context has ended, Close gives the file up.
func (w *dirWriter) Write(p []byte) (n int, err error) {
	if w.err = cmp.Or(w.err, w.ctx.Err()); w.err != nil {
		return 0, w.err
	}
	n, w.err = w.file.Write(p)
	return n, w.err
}

// Close gives the file its name, or deletes it.
func (w *dirWriter) Close() error {
	err := cmp.Or(w.err, w.ctx.Err())
	if e := w.file.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = w.root.Rename(w.draft, w.key)
	}
	if err != nil {
		_ = w.root.Remove(w.draft) // the first error is the one to tell
	}
	return err
}

func localKey(key string) string { return path.Clean(strings.TrimLeft(key, "/")) }

// FS is a bucket in an fs.FS, read only: an embed.FS, a testing/fstest.MapFS.
func FS(fsys fs.FS) ObjectStore { return fsStore{fsys} }

type fsStore struct{ fsys fs.FS }

// Open reads the file key.
func (s fsStore) Open(_ context.Context, key string) (io.ReadCloser, error) {
	key = localKey(key)
	f, err := s.fsys.Open(key)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || st.IsDir() {
		_ = f.Close() // the first error is the one to tell
		return nil, &fs.PathError{Op: "open", Path: key, Err: fs.ErrNotExist}
	}
	return f, nil
}

// List walks the file system.
func (s fsStore) List(_ context.Context, prefix string) ([]Object, error) {
	return listFS(s.fsys, prefix)
}

// Create refuses: an fs.FS cannot be written.
func (s fsStore) Create(context.Context, string) (io.WriteCloser, error) {
	return nil, errors.New("the bucket is read only")
}

// listFS finds the regular files whose paths begin with prefix; a prefix is not a folder: data/movies finds data/movies_01.csv.
func listFS(fsys fs.FS, prefix string) ([]Object, error) {
	prefix = strings.TrimLeft(prefix, "/")
	dir := "."
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		dir = path.Clean(prefix[:i])
	}
	var out []Object
	err := fs.WalkDir(fsys, dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
				return nil
			}
			return err
		}
		if e.IsDir() {
			if p != "." && !strings.HasPrefix(p, prefix) && !strings.HasPrefix(prefix, p) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasPrefix(p, prefix) || !e.Type().IsRegular() || strings.HasPrefix(e.Name(), unfinished) {
			return nil
		}
		size := int64(-1)
		if st, err := e.Info(); err == nil {
			size = st.Size()
		}
		out = append(out, Object{Name: p, Size: size})
		return nil
	})
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, err
}

// SplitURL splits s3://bucket/key; anything else is refused with the way to map a bucket.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-source.html
func SplitURL(url string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(url, "s3://")
	switch {
	case !ok && !strings.Contains(url, "://"): // a local path: Redshift's words
		return "", "", sqlstate.Internal.Errorf("LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)").
			WithHint("map a folder to a bucket with the DSN option bucket=NAME=DIR, then use s3://NAME/prefix")
	case !ok:
		return "", "", sqlstate.Internal.Errorf("Invalid location %q: only s3:// is known here", url).
			WithHint("map a folder to a bucket with the DSN option bucket=NAME=DIR, then use s3://NAME/prefix")
	}
	bucket, key, _ = strings.Cut(rest, "/")
	if bucket == "" {
		return "", "", sqlstate.Internal.Errorf("Invalid S3 location %q: the bucket is missing", url)
	}
	return bucket, key, nil
}

// Find gives the bucket that an address names, and the key within it. Errors: those of SplitURL, and S3's NoSuchBucket.
func Find(url string, store func(bucket string) (ObjectStore, bool)) (s ObjectStore, bucket, key string, err error) {
	if bucket, key, err = SplitURL(url); err != nil {
		return nil, "", "", err
	}
	s, ok := store(bucket)
	if !ok {
		return nil, "", "", noSuchBucket(bucket)
	}
	return s, bucket, key, nil
}

// StoreError is what COPY and UNLOAD say when a bucket fails, in S3's words; an ended context stays what it is.
func StoreError(url string, err error) error { return storeError(url, err) }
