package load

// Format is the layout of the files.
type Format uint8

// Formats that are built; others are refused by name before a Job is made.
const (
	Delimited Format = iota // DELIMITER, quotes are not special
	CSV
	FixedWidth
)

// Compression of the files: all of a COPY's files have the same.
type Compression uint8

// Compressions.
const (
	None Compression = iota
	Gzip
	Bzip2
	Zstd
)

// Options are COPY's parameters with their defaults resolved.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
type Options struct {
	Format           Format
	Compression      Compression
	Delimiter        byte   // '|' or, for CSV, ','
	Quote            byte   // CSV
	Null             string // NULL AS; default \N
	Widths           []int  // FixedWidth: characters, in table order
	Escape           bool
	RemoveQuotes     bool
	IgnoreHeader     int
	IgnoreBlankLines bool
	EmptyAsNull      bool
	BlanksAsNull     bool
	TrimBlanks       bool
	TruncateColumns  bool
	FillRecord       bool
	AcceptInvChars   bool
	InvChar          byte
	AcceptAnyDate    bool
	RoundDec         bool
	DateFormat       string // "" = YYYY-MM-DD, "auto", or a format
	TimeFormat       string // "" = YYYY-MM-DD HH:MI:SS, "auto", "epochsecs", "epochmillisecs", or a format
	MaxError         int    // 0 = the first bad row fails the COPY
	NoLoad           bool
	Manifest         bool // the source is a list of objects, not a prefix
}

// Defaults are the options of a COPY that names none.
func Defaults() Options {
	return Options{Delimiter: '|', Quote: '"', Null: `\N`, InvChar: '?'}
}
