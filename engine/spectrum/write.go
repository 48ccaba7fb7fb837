package spectrum

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Writing says how rows are written into a table's location: PARQUET, or TEXTFILE with delimiters. at is the time that the names of the files bear. Errors: 0A000
// of other formats, of columns of nested types, and of a location that is a manifest.
// https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_external_table.html
func Writing(t *catalog.ExternalTable, at time.Time) (unload.Options, error) {
	o := unload.Defaults()
	f := t.Format.(*Format)
	switch {
	case t.Storage.File == "PARQUET":
		o.Format, o.Plain, o.Extension = load.Parquet, !f.Snappy && hasCompression(t), "parquet"
	case t.Storage.File == "TEXTFILE" && t.Storage.SerDe == LazySimple:
		o.Format, o.Delimiter, o.Null, o.HasNull = load.Delimited, f.Options.Delimiter[0], f.Options.Null, true
		o.Compression = f.Packed
		o.Extension = map[load.Compression]string{load.None: "txt", load.Gzip: "gz", load.Bzip2: "bz2"}[f.Packed]
	default:
		return o, sqlstate.FeatureNotSupported.Errorf("External tables that have a format other than PARQUET or TEXTFILE cannot be written")
	}
	if slices.ContainsFunc(t.Columns, func(c catalog.Column) bool { return c.Nested != nil }) {
		return o, sqlstate.FeatureNotSupported.Errorf("External tables with columns of nested types cannot be written")
	}
	o.Serial, o.Overwrite = f.Serial, true
	if f.MaxFileSize > 0 {
		o.MaxFileSize = min(f.MaxFileSize, unload.MostFileSize)
	}
	for _, c := range t.KeyColumns() {
		o.Partition = append(o.Partition, c.Name)
	}
	at = at.UTC()
	o.Stamp = strings.Replace(at.Format("20060102_150405_.000000_"), "_.", "_", 1)
	return o, nil
}

// hasCompression says whether compression_type was given.
func hasCompression(t *catalog.ExternalTable) bool {
	_, ok := t.Property("compression_type")
	return ok
}

// Target is where rows of a table are written: its location as a folder.
func Target(t *catalog.ExternalTable) string { return strings.TrimSuffix(t.Location, "/") + "/" }

// nullPartition is the folder of NULL.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// WithFiles gives the table with the partitions of files that were written, those that it has not yet.
// https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_external_table.html
func WithFiles(t *catalog.ExternalTable, files []unload.File) (*catalog.ExternalTable, error) {
	if t.Keys == 0 {
		return t, nil
	}
	target, seen := Target(t), map[string]bool{}
	for _, f := range files {
		folder := strings.TrimPrefix(f.URL, target)
		folder = folder[:strings.LastIndexByte(folder, '/')+1]
		if seen[folder] {
			continue
		}
		seen[folder] = true
		p := &catalog.Partition{Location: target + folder}
		for k, part := range strings.Split(strings.TrimSuffix(folder, "/"), "/") {
			_, v, _ := strings.Cut(part, "=")
			text, err := url.PathUnescape(v)
			if err != nil {
				return nil, sqlstate.Internal.Errorf("the folder %s is none of a partition", folder)
			}
			typ := t.KeyColumns()[k].Type
			d := types.NullOf(typ)
			if text != nullPartition {
				if d, err = types.Parse(text, typ, time.UTC); err != nil {
					return nil, err
				}
			}
			p.Texts, p.Values = append(p.Texts, text), append(p.Values, d)
		}
		if t.Partition(p.Values) == nil {
			t = t.WithPartition(p)
		}
	}
	return t, nil
}
