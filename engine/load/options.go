package load

// Format is the layout of the files.
type Format uint8

// Formats that are built; others are refused by name before a Job is made.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
const (
	Delimited Format = iota // DELIMITER, quotes are not special
	CSV
	FixedWidth
	JSON
	Avro
	Parquet
	OpenCSV // of external tables: lines, as OpenCSVSerde reads them
	Shapefile
)

// formatNames are the formats as COPY's words and as STL_LOAD_COMMITS has them.
var formatNames = [...]string{"Text", "CSV", "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "CSV", "SHAPEFILE"}

// String names the format: "Text", "CSV", "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "SHAPEFILE".
func (f Format) String() string { return formatNames[f] }

// Compression of the files: all of a COPY's files have the same.
type Compression uint8

// Compressions.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-file-compression.html
const (
	None Compression = iota
	Gzip
	Bzip2
	Lzop
	Zstd
)

// Encoding is how the characters of text files are written.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-encoding
type Encoding uint8

// Encodings. UTF16 needs a byte order mark, the others of 16 bits need none.
const (
	UTF8 Encoding = iota
	UTF16
	UTF16LE
	UTF16BE
	ISO88591
)

// encodingNames are the encodings in COPY's words.
var encodingNames = [...]string{"UTF8", "UTF16", "UTF16LE", "UTF16BE", "ISO88591"}

// String names the encoding as COPY does.
func (e Encoding) String() string { return encodingNames[e] }

// EncodingOf finds an encoding by its word, in upper case.
func EncodingOf(word string) (Encoding, bool) {
	for i, n := range encodingNames {
		if n == word {
			return Encoding(i), true
		}
	}
	return 0, false
}

// Options are COPY's parameters with their defaults resolved.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
type Options struct {
	Format           Format
	Compression      Compression
	Encoding         Encoding
	Delimiter        string // "|" or, for CSV, ","; not empty
	Quote            byte   // CSV
	Null             string // NULL AS; default \N
	Widths           []int  // FixedWidth: characters, in table order
	IgnoreCase       bool   // JSON, Avro: 'auto ignorecase'
	NoShred          bool   // JSON, Avro: 'noshred', the record is the value of the one SUPER column
	SerializeToJSON  bool   // Parquet: SERIALIZETOJSON, columns of any type go into SUPER columns
	PathsFile        string // JSON, Avro: the URL of a JSONPaths file; "" = keys are column names
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
	IgnoreErrors     bool   // IGNOREALLERRORS: no number of bad rows fails the COPY
	NoLoad           bool
	Manifest         bool // the source is a list of objects, not a prefix
	// Only are the keys that are read of those under the prefix, of a copy job; nil = all.
	Only     map[string]bool
	Simplify Simplify
	ReadSRID bool // Shapefile: the spatial reference is that of the .prj file

	Rules      *Rules // of the scan of an external table; nil = COPY
	EscapeChar byte   // OpenCSV
	StripArray bool   // JSON: the file is an array of records
	DotsInKeys bool   // JSON: a key's dots are _ in a column's name
	WholeFile  bool   // OpenCSV: quotes may hold line ends
}

// Defaults are the options of a COPY that names none.
func Defaults() Options {
	return Options{Delimiter: "|", Quote: '"', Null: `\N`, InvChar: '?'}
}

// most is the number of bad rows that fails the COPY.
func (o *Options) most() int {
	if o.IgnoreErrors {
		return int(^uint(0) >> 1)
	}
	return max(1, o.MaxError)
}

// splittable says that the files, when they are not compressed, are text in which a line is a record, so that a reader can begin in the middle of one.
// https://docs.aws.amazon.com/redshift/latest/dg/t_splitting-data-files.html
func (o *Options) splittable() bool {
	switch o.Format {
	case Delimited:
		return o.Encoding == UTF8 && !o.Escape && !o.RemoveQuotes
	case CSV:
		return o.Encoding == UTF8
	case OpenCSV:
		return !o.WholeFile
	}
	return false
}
