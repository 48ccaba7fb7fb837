package engine

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// copying is the options of a COPY, read.
type copying struct {
	load.Options
	explicitIDs bool
	compUpdate  string // "", "on", "off", "preset"
	compRows    int64  // COMPROWS; 0 = not given
	statUpdate  string // "", "on", "off"

	access
	format    string // CSV, FIXEDWIDTH ... as it was named
	widthsPos int    // of FIXEDWIDTH
	unbuilt   error  // the first option or source that this engine has not
}

// option is an option of COPY: what it does with its value.
type option func(o *copying, a *ast.Option) error

// kind names the statement in messages.
func (o *copying) kind() string { return "COPY" }

// flagged makes the option of a word without a value.
func flagged[O interface{ kind() string }](set func(o O)) func(o O, a *ast.Option) error {
	return func(o O, a *ast.Option) error {
		if a.HasVal {
			return sqlstate.Syntax.Errorf("%s option %s takes no value", o.kind(), a.Name).At(a.Offset())
		}
		set(o)
		return nil
	}
}

// numbered makes the option of a number between lo and hi.
func numbered(lo, hi int, set func(o *copying, n int)) option {
	return func(o *copying, a *ast.Option) error {
		n, err := strconv.Atoi(strings.TrimSpace(a.Value))
		if err != nil || n < lo || n > hi {
			return sqlstate.InvalidParameterValue.Errorf("COPY option %s must be a number between %d and %d", a.Name, lo, hi).At(a.Offset())
		}
		set(o, n)
		return nil
	}
}

// unbuiltOption is an option that Redshift has and this engine has not.
func unbuiltOption(what string) option {
	return func(o *copying, a *ast.Option) error {
		o.refuse(what, a.Offset())
		return nil
	}
}

// encryptedOption is ENCRYPTED and MASTER_SYMMETRIC_KEY, which belong together.
func encryptedOption(o *copying, a *ast.Option) error {
	if o.unbuilt == nil {
		o.unbuilt = clientSide("COPY", a.Offset())
	}
	return nil
}

// refuse notes what is not built, the first time.
func (o *copying) refuse(what string, at int) {
	if o.unbuilt == nil {
		o.unbuilt = sqlstate.Unbuilt("COPY", what).At(at)
	}
}

// copyWords are the options of COPY.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-parameters.html
var copyWords = map[string]option{
	"FORMAT":  formatOption,
	"CSV":     formatted(load.CSV),
	"JSON":    documents(load.JSON),
	"AVRO":    documents(load.Avro),
	"PARQUET": formatted(load.Parquet),
	"ORC": func(o *copying, a *ast.Option) error {
		o.refuse("COPY FORMAT ORC", a.Offset())
		return o.named(a, load.Parquet)
	},
	"SHAPEFILE":       formatted(load.Shapefile),
	"SIMPLIFY":        simplifyOption,
	"SERIALIZETOJSON": flagged(func(o *copying) { o.SerializeToJSON = true }),
	"FIXEDWIDTH":      widthsOption,
	"DELIMITER":       delimiterOption,
	"QUOTE":           quoteOption,
	"GZIP":            compressed(load.Gzip),
	"BZIP2":           compressed(load.Bzip2),
	"LZOP":            compressed(load.Lzop),
	"ZSTD":            compressed(load.Zstd),
	"MANIFEST":        flagged(func(o *copying) { o.Manifest = true }),
	"ENCODING":        encodingOption,

	"ENCRYPTED":            encryptedOption,
	"MASTER_SYMMETRIC_KEY": encryptedOption,
	"CATALOG_ROLE":         unbuiltOption("COPY option CATALOG_ROLE"),
	"SSH":                  unbuiltOption("COPY FROM a remote host (SSH)"),
	"USING TEMPLATE":       func(*copying, *ast.Option) error { return nil }, // its parameters are among the options already
	"READRATIO":            readRatioOption,

	"NULL":             nullOption,
	"NULL AS":          nullOption,
	"ESCAPE":           flagged(func(o *copying) { o.Escape = true }),
	"REMOVEQUOTES":     flagged(func(o *copying) { o.RemoveQuotes = true }),
	"IGNOREBLANKLINES": flagged(func(o *copying) { o.IgnoreBlankLines = true }),
	"EMPTYASNULL":      flagged(func(o *copying) { o.EmptyAsNull = true }),
	"BLANKSASNULL":     flagged(func(o *copying) { o.BlanksAsNull = true }),
	"TRIMBLANKS":       flagged(func(o *copying) { o.TrimBlanks = true }),
	"TRUNCATECOLUMNS":  flagged(func(o *copying) { o.TruncateColumns = true }),
	"FILLRECORD":       flagged(func(o *copying) { o.FillRecord = true }),
	"ACCEPTANYDATE":    flagged(func(o *copying) { o.AcceptAnyDate = true }),
	"ROUNDEC":          flagged(func(o *copying) { o.RoundDec = true }),
	"EXPLICIT_IDS":     flagged(func(o *copying) { o.explicitIDs = true }),
	"NOLOAD":           flagged(func(o *copying) { o.NoLoad = true }),
	"IGNOREALLERRORS":  flagged(func(o *copying) { o.IgnoreErrors = true }),
	"ACCEPTINVCHARS":   invalidCharsOption,
	"DATEFORMAT":       dateFormatOption,
	"TIMEFORMAT":       timeFormatOption,
	"IGNOREHEADER":     numbered(0, 1<<31-1, func(o *copying, n int) { o.IgnoreHeader = n }),
	"MAXERROR":         numbered(0, 100000, func(o *copying, n int) { o.MaxError = n }),
	"COMPROWS":         numbered(1000, 1<<31-1, func(o *copying, n int) { o.compRows = int64(n) }),
	"COMPUPDATE":       compUpdateOption,
	"STATUPDATE":       statUpdateOption,
}

// Options that some formats cannot have.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
var (
	documentBans = []string{"DELIMITER", "ESCAPE", "FILLRECORD", "IGNOREBLANKLINES", "NULL", "NULL AS", "READRATIO", "REMOVEQUOTES"}
	copyBans     = map[string][]string{
		"CSV":        {"ESCAPE", "REMOVEQUOTES"},
		"FIXEDWIDTH": {"DELIMITER", "ESCAPE", "ENCODING"},
		"SHAPEFILE":  {"ESCAPE", "REMOVEQUOTES", "DELIMITER", "ENCODING", "IGNOREHEADER", "IGNOREBLANKLINES"},
		"JSON":       documentBans,
		"AVRO":       append([]string{"IGNOREHEADER", "ENCODING"}, documentBans...),
	}
	// columnarWords are the options that PARQUET and ORC can have.
	// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
	columnarWords = map[string]bool{
		"FORMAT": true, "PARQUET": true, "ORC": true, "SERIALIZETOJSON": true, "ACCEPTINVCHARS": true, "FILLRECORD": true, "IAM_ROLE": true,
		"CREDENTIALS": true, "ACCESS_KEY_ID": true, "SECRET_ACCESS_KEY": true, "SESSION_TOKEN": true, "STATUPDATE": true, "MANIFEST": true,
		"EXPLICIT_IDS": true, "USING TEMPLATE": true,
	}
)

// copyOptions reads the options of COPY and refuses those that contradict each other.
func copyOptions(st *ast.Copy, options []ast.Option) (*copying, error) {
	o, err := readOptions(options)
	if err != nil {
		return nil, err
	}
	if o.Format == load.CSV && !o.seen["DELIMITER"] {
		o.Delimiter = ","
	}
	if err := o.conflicts(st, options); err != nil {
		return nil, err
	}
	return o, o.authorization("COPY from S3", st.From, st.FromPos)
}

// readOptions reads the options of COPY, each for itself; none may be given twice.
func readOptions(options []ast.Option) (*copying, error) {
	o := &copying{Options: load.Defaults(), access: access{seen: map[string]bool{}}}
	for i := range options {
		a := &options[i]
		known, err := o.access.option(a)
		if f := copyWords[a.Name]; err == nil && f != nil {
			err = f(o, a)
		} else if err == nil && !known {
			err = sqlstate.Syntax.Errorf("%s is no option of COPY", a.Name).At(a.Offset())
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

// conflicts finds options that cannot stand together.
func (o *copying) conflicts(st *ast.Copy, options []ast.Option) error {
	refuse := func(a, b string) error {
		return sqlstate.FeatureNotSupported.Errorf("COPY options %s and %s cannot be used together", a, b)
	}
	columnar := o.Format == load.Parquet
	for i := range options {
		a := &options[i]
		if columnar && !columnarWords[a.Name] {
			return sqlstate.FeatureNotSupported.Errorf("%s argument is not supported for %s based COPY", a.Name, o.format).At(a.Offset())
		}
		if slices.Contains(copyBans[o.format], a.Name) {
			return refuse(o.format, a.Name)
		}
	}
	dynamo := strings.HasPrefix(st.From, "dynamodb://")
	switch {
	case o.seen["QUOTE"] && o.Format != load.CSV:
		return sqlstate.Syntax.Errorf("COPY option QUOTE needs CSV")
	case o.Format == load.CSV && strings.IndexByte(o.Delimiter, o.Quote) >= 0:
		return sqlstate.InvalidParameterValue.Errorf("COPY delimiter and quote must be different")
	case o.seen["MAXERROR"] && o.IgnoreErrors:
		return refuse("MAXERROR", "IGNOREALLERRORS")
	case o.seen["SIMPLIFY"] && o.Format != load.Shapefile:
		return sqlstate.Syntax.Errorf("COPY option SIMPLIFY needs SHAPEFILE")
	case o.seen["SERIALIZETOJSON"] && !columnar:
		return sqlstate.Syntax.Errorf("COPY option SERIALIZETOJSON needs PARQUET or ORC")
	case o.seen["ENCRYPTED"] != o.seen["MASTER_SYMMETRIC_KEY"]:
		return sqlstate.Syntax.Errorf("COPY options ENCRYPTED and MASTER_SYMMETRIC_KEY must be given together")
	case o.seen["READRATIO"] && !dynamo:
		return sqlstate.FeatureNotSupported.Errorf("COPY option READRATIO needs a DynamoDB table as the source")
	case dynamo && (o.Format != load.Delimited || o.Compression != load.None || o.seen["DELIMITER"]):
		return sqlstate.FeatureNotSupported.Errorf("COPY from DynamoDB takes no data format and no compression")
	}
	for source, name := range map[string]string{"dynamodb://": "DynamoDB", "emr://": "Amazon EMR"} {
		if strings.HasPrefix(st.From, source) {
			o.refuse("COPY FROM "+name, st.FromPos.Offset())
		}
	}
	return nil
}

// named notes the format, of which there is one.
func (o *copying) named(a *ast.Option, f load.Format) error {
	word := a.Name
	if word == "FORMAT" {
		word = upper(a.Value)
	}
	if o.format != "" {
		return sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s and %s both give a format.", o.format, word).At(a.Offset())
	}
	o.Format, o.format = f, word
	return nil
}

// formatted is the option of a format without a value.
func formatted(f load.Format) option {
	return func(o *copying, a *ast.Option) error { return o.named(a, f) }
}

// documents is JSON or AVRO ['auto' | 'auto ignorecase' | 'noshred' | 's3://jsonpaths file'].
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json
func documents(f load.Format) option {
	return func(o *copying, a *ast.Option) error {
		switch v := strings.TrimSpace(a.Value); {
		case !a.HasVal || v == "auto":
		case v == "auto ignorecase":
			o.IgnoreCase = true
		case v == "noshred":
			o.NoShred = true
		case strings.HasPrefix(v, "s3://"):
			o.PathsFile = v
		default:
			return sqlstate.InvalidParameterValue.Errorf("COPY option %s takes 'auto', 'auto ignorecase', 'noshred' or 's3://..', the address of a JSONPaths file", a.Name).At(a.Offset())
		}
		return o.named(a, f)
	}
}

// simplifyOption is SIMPLIFY tolerance or SIMPLIFY AUTO [tolerance].
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-shapefile
func simplifyOption(o *copying, a *ast.Option) error {
	o.Simplify = load.Simplify{On: true, Tolerance: -1}
	text, auto := strings.CutPrefix(a.Value, "AUTO")
	o.Simplify.Auto = auto
	if text = strings.TrimSpace(text); text == "" && auto {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return sqlstate.InvalidParameterValue.Errorf("COPY option SIMPLIFY takes a tolerance of 0 or more, not \"%s\"", text).At(a.Offset())
	}
	o.Simplify.Tolerance = f
	return nil
}

// compressed is the option of a compression, of which there is one.
func compressed(c load.Compression) option {
	return func(o *copying, a *ast.Option) error {
		if o.Compression != load.None {
			return sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s and %s both give a compression.", o.Compression, a.Name).At(a.Offset())
		}
		o.Compression = c
		return nil
	}
}

// readRatioOption is READRATIO n, of DynamoDB.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-source-dynamodb.html
func readRatioOption(o *copying, a *ast.Option) error {
	return numbered(1, 200, func(*copying, int) {})(o, a)
}

// formatOption is FORMAT [AS] word, in the texts that name no more.
func formatOption(o *copying, a *ast.Option) error {
	switch word := upper(a.Value); word {
	case "CSV":
		return o.named(a, load.CSV)
	case "TEXT", "DELIMITED", "":
		return nil
	default:
		return sqlstate.FeatureNotSupported.Errorf("COPY FORMAT %s is not supported", word).At(a.Offset())
	}
}

// widthsOption is FIXEDWIDTH 'label:width,...'. A text that is none is told when the table is known.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-fixedwidth
func widthsOption(o *copying, a *ast.Option) error {
	o.widthsPos, o.Widths = a.Offset(), widthsOf(a.Value)
	return o.named(a, load.FixedWidth)
}

func badWidths(at int) error {
	return sqlstate.InvalidParameterValue.Errorf("FIXEDWIDTH takes 'label:width, ...'").At(at)
}

// widthsOf reads 'label:width,...'; nil = it is none.
func widthsOf(spec string) (out []int) {
	for _, part := range strings.Split(spec, ",") {
		i := strings.LastIndexByte(part, ':')
		n, err := strconv.Atoi(strings.TrimSpace(part[i+1:]))
		if i < 0 || err != nil || n < 1 {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// unescaped reads \t and octal numbers \ddd.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-delimiter
func unescaped(v string) string {
	var b []byte
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			if v[i+1] == 't' {
				b = append(b, '\t')
				i++
				continue
			}
			n := i + 1
			for n < len(v) && n < i+4 && v[n] >= '0' && v[n] <= '7' {
				n++
			}
			if c, err := strconv.ParseUint(v[i+1:n], 8, 8); err == nil {
				b = append(b, byte(c))
				i = n - 1
				continue
			}
		}
		b = append(b, v[i])
	}
	return string(b)
}

// oneChar reads an option of one ASCII character, also in octal or as \t.
func oneChar(statement string, a *ast.Option) (byte, error) {
	v := unescaped(a.Value)
	if len(v) != 1 || v[0] >= 0x80 || v[0] == '\n' || v[0] == '\r' {
		return 0, sqlstate.FeatureNotSupported.Errorf("%s option %s must be a single ASCII character", statement, a.Name).At(a.Offset())
	}
	return v[0], nil
}

// delimiterOption is DELIMITER [AS] 'characters'.
func delimiterOption(o *copying, a *ast.Option) error {
	v := unescaped(a.Value)
	if v == "" || strings.ContainsAny(v, "\n\r") {
		return sqlstate.FeatureNotSupported.Errorf("COPY option DELIMITER must be one or more characters other than line ends").At(a.Offset())
	}
	o.Delimiter = v
	return nil
}

func quoteOption(o *copying, a *ast.Option) (err error) {
	o.Quote, err = oneChar("COPY", a)
	return err
}

// nullOption is NULL AS 's'; '\0' is the NUL byte.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-null-as
func nullOption(o *copying, a *ast.Option) error {
	switch a.Value {
	case `\0`, `\000`:
		o.Null = "\x00"
	case `\n`, "\n":
		return sqlstate.InvalidParameterValue.Errorf("COPY option NULL AS cannot be a newline").At(a.Offset())
	default:
		o.Null = a.Value
	}
	return nil
}

// encodingOption is ENCODING [AS] file_encoding.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-encoding
func encodingOption(o *copying, a *ast.Option) error {
	e, ok := load.EncodingOf(upper(strings.NewReplacer("-", "", "_", "").Replace(a.Value)))
	if !ok {
		return sqlstate.InvalidParameterValue.Errorf("COPY ENCODING %s is not one of UTF8, UTF16, UTF16LE, UTF16BE, ISO88591", upper(a.Value)).At(a.Offset())
	}
	o.Encoding = e
	return nil
}

// dateFormatOption is DATEFORMAT [AS] 'format' | 'auto'.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
func dateFormatOption(o *copying, a *ast.Option) error {
	o.DateFormat = a.Value
	if a.Value != "auto" && !load.ValidFormat(a.Value) {
		return sqlstate.InvalidParameterValue.Errorf("Invalid DATEFORMAT '%s'", a.Value).At(a.Offset())
	}
	return nil
}

// timeFormatOption is TIMEFORMAT [AS] 'format' | 'auto' | 'epochsecs' | 'epochmillisecs'.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
func timeFormatOption(o *copying, a *ast.Option) error {
	o.TimeFormat = a.Value
	switch a.Value {
	case "auto", "epochsecs", "epochmillisecs":
		return nil
	}
	if !load.ValidFormat(a.Value) {
		return sqlstate.InvalidParameterValue.Errorf("Invalid TIMEFORMAT '%s'", a.Value).At(a.Offset())
	}
	return nil
}

func invalidCharsOption(o *copying, a *ast.Option) (err error) {
	o.AcceptInvChars = true
	if a.HasVal {
		o.InvChar, err = oneChar("COPY", a)
	}
	return err
}

func compUpdateOption(o *copying, a *ast.Option) error {
	switch strings.ToLower(a.Value) {
	case "", "on", "true":
		o.compUpdate = "on"
	case "preset":
		o.compUpdate = "preset"
	case "off", "false":
		o.compUpdate = "off"
	default:
		return sqlstate.Syntax.Errorf("COMPUPDATE takes ON, OFF or PRESET").At(a.Offset())
	}
	return nil
}

func statUpdateOption(o *copying, a *ast.Option) error {
	switch strings.ToLower(a.Value) {
	case "", "on", "true":
		o.statUpdate = "on"
	case "off", "false":
		o.statUpdate = "off"
	default:
		return sqlstate.Syntax.Errorf("STATUPDATE takes ON or OFF").At(a.Offset())
	}
	return nil
}
