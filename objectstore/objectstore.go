// Package objectstore makes buckets of clouds, and of what speaks as S3 does, known to redshiftsim. It is a module of its own, so that nobody who needs
// no cloud downloads the libraries of one.
//
//	import (
//		"github.com/redshiftsim/redshiftsim"
//		"github.com/redshiftsim/redshiftsim/objectstore"
//		"gocloud.dev/blob"
//		_ "gocloud.dev/blob/s3blob" // or gcsblob, azureblob, fileblob, memblob
//	)
//
//	b, err := blob.OpenBucket(ctx, "s3://films?region=us-east-1&endpoint=http://localhost:9000&use_path_style=true")
//	c, err := redshiftsim.NewConnector(redshiftsim.Config{Buckets: map[string]redshiftsim.ObjectStore{"films": objectstore.New(b)}})
//	db := sql.OpenDB(c) // COPY .. FROM 's3://films/..', UNLOAD (..) TO 's3://films/..'
//
// What the SQL says about IAM roles and keys is checked for its form only: credentials are those with which the bucket was opened.
package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/redshiftsim/redshiftsim"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Store is a bucket of a cloud.
type Store struct{ bucket *blob.Bucket }

var (
	_ redshiftsim.ObjectStore   = (*Store)(nil)
	_ redshiftsim.ObjectRemover = (*Store)(nil)
)

// New makes a store of an open bucket. Who opened the bucket closes it, after the database.
func New(b *blob.Bucket) *Store { return &Store{b} }

// Open reads an object; fs.ErrNotExist where there is none.
func (s *Store) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, missing(err)
	}
	return r, nil
}

// List gives the objects whose keys begin with prefix, sorted by key.
func (s *Store) List(ctx context.Context, prefix string) ([]redshiftsim.Object, error) {
	var out []redshiftsim.Object
	list := s.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := list.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, missing(err)
		case !o.IsDir:
			out = append(out, redshiftsim.Object{Name: o.Key, Size: o.Size})
		}
	}
}

// Create writes an object, which is there once it is closed; when ctx ends before, Close gives it up.
func (s *Store) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	return s.bucket.NewWriter(ctx, key, nil)
}

// Remove deletes an object; fs.ErrNotExist where there is none.
func (s *Store) Remove(ctx context.Context, key string) error {
	return missing(s.bucket.Delete(ctx, key))
}

// missing gives the error of an object that is not there the name that redshiftsim knows.
func missing(err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}
