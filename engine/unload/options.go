package unload

import "github.com/redshiftsim/redshiftsim/engine/load"

// Options are UNLOAD's parameters with their defaults resolved.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parameters
type Options struct {
	Format       load.Format // Delimited, CSV, FixedWidth, JSON, Parquet
	Compression  load.Compression
	Delimiter    byte
	Null         string
	HasNull      bool  // NULL AS was given
	Widths       []int // FixedWidth: characters, by column
	AddQuotes    bool
	Escape       bool
	Header       bool
	Manifest     bool
	Verbose      bool
	Serial       bool     // PARALLEL OFF
	Partition    []string // PARTITION BY
	Include      bool
	Overwrite    bool
	CleanPath    bool
	MaxFileSize  int64  // bytes
	RowGroupSize int64  // Parquet: bytes
	Extension    string // "" = that of the compression
	Stamp        string // of an external table: begins the names of files, which no other files have; slices without rows write none
	Plain        bool   // Parquet: pages are not compressed
}

// Sizes of files and row groups.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-maxfilesize
const (
	MB = int64(1) << 20
	GB = int64(1) << 30

	LeastFileSize = 5 * MB
	MostFileSize  = 62 * GB / 10
	LeastRowGroup = 32 * MB
	MostRowGroup  = 128 * MB
)

// Defaults are the options of an UNLOAD that names none.
func Defaults() Options {
	return Options{Delimiter: '|', MaxFileSize: MostFileSize, RowGroupSize: LeastRowGroup}
}

// suffix is what the names of files end with.
func (o *Options) suffix() string {
	switch {
	case o.Extension != "":
		return "." + o.Extension
	case o.Format == load.Parquet:
		return ".parquet"
	}
	return [...]string{load.None: "", load.Gzip: ".gz", load.Bzip2: ".bz2", load.Lzop: "", load.Zstd: ".zst"}[o.Compression]
}

// textual says that a file is lines of text, of which there is one for every slice even when it has no rows.
func (o *Options) textual() bool {
	return o.Format == load.Delimited || o.Format == load.CSV || o.Format == load.FixedWidth
}
