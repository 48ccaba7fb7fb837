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

// manifest reads the list of objects that a COPY with MANIFEST loads.
//
//	{"entries": [{"url": "s3://films/movies_00.csv", "mandatory": true}, ...]}
//
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
func manifest(ctx context.Context, st ObjectStore, bucket, key string) ([]Object, error) {
	url := "s3://" + bucket + "/" + key
	in, err := st.Open(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noSuchKey(url)
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var list struct {
		Entries []struct {
			URL       string `json:"url"`
			Mandatory bool   `json:"mandatory"`
		} `json:"entries"`
	}
	if err := json.NewDecoder(io.LimitReader(in, maxManifest)).Decode(&list); err != nil {
		return nil, sqlstate.Internal.Errorf("Invalid manifest file %s", url).WithDetail("%v", err)
	}
	if len(list.Entries) == 0 {
		return nil, sqlstate.Internal.Errorf("Invalid manifest file %s", url).WithDetail("It has no entries.")
	}
	var out []Object
	for _, e := range list.Entries {
		b, k, err := SplitURL(e.URL)
		if err != nil {
			return nil, err
		}
		if b != bucket {
			return nil, sqlstate.FeatureNotSupported.Errorf("a manifest that names objects of another bucket is not supported").WithDetail("%s", e.URL)
		}
		found, err := st.List(ctx, k)
		if err != nil {
			return nil, err
		}
		have := false
		for _, o := range found {
			if o.Name == k {
				out, have = append(out, o), true
			}
		}
		if !have && e.Mandatory {
			return nil, noSuchKey(e.URL)
		}
	}
	return out, nil
}

// noSuchKey is S3's answer for an object that is not there.
func noSuchKey(url string) error {
	return sqlstate.Internal.Errorf("S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey").WithDetail("%s", url)
}
