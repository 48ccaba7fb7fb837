package load

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// maxManifest bounds the size of a manifest.
const maxManifest = 64 << 20

// manifest reads the list of objects that a COPY with MANIFEST loads; one of columnar files must tell their lengths.
//
//	{"entries": [{"url": "s3://films/movies_00.csv", "mandatory": true, "meta": {"content_length": 123}}, ...]}
//
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
func manifest(ctx context.Context, store func(bucket string) (ObjectStore, bool), url string, columnar bool) ([]File, error) {
	in, err := openURL(ctx, store, url)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var list struct {
		Entries []struct {
			URL       string `json:"url"`
			Mandatory bool   `json:"mandatory"`
			Meta      struct {
				Length *int64 `json:"content_length"`
			} `json:"meta"`
		} `json:"entries"`
	}
	bad := func(why string) error {
		return sqlstate.Internal.Errorf("Invalid manifest file %s", url).WithDetail("%s", why)
	}
	d := json.NewDecoder(io.LimitReader(in, maxManifest))
	if err := d.Decode(&list); err != nil {
		return nil, bad(err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad("There is something behind the object.")
	}
	if len(list.Entries) == 0 {
		return nil, bad("It has no entries.")
	}
	var out []File
	for _, e := range list.Entries {
		if columnar && e.Meta.Length == nil {
			return nil, bad("An entry of a columnar file needs meta.content_length: " + e.URL)
		}
		b, k, err := SplitURL(e.URL)
		if err != nil {
			return nil, err
		}
		st, ok := store(b)
		if !ok {
			return nil, noSuchBucket(b)
		}
		o, err := stat(ctx, st, k)
		switch {
		case errors.Is(err, fs.ErrNotExist) && e.Mandatory:
			return nil, noSuchKey(e.URL)
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, storeError(e.URL, err)
		case columnar && o.Size >= 0 && o.Size != *e.Meta.Length:
			return nil, bad("meta.content_length is not the length of " + e.URL)
		}
		out = append(out, File{Object: o, Bucket: b, store: st})
	}
	return out, nil
}

// stat finds one object by its key, which a list by prefix may have among others.
func stat(ctx context.Context, st ObjectStore, key string) (Object, error) {
	found, err := st.List(ctx, key)
	if err != nil {
		return Object{}, err
	}
	for _, o := range found {
		if o.Name == key {
			return o, nil
		}
	}
	return Object{}, fs.ErrNotExist
}

// noSuchKey is S3's answer for an object that is not there.
func noSuchKey(url string) error {
	return sqlstate.Internal.Errorf("S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey").WithDetail("%s", url)
}
