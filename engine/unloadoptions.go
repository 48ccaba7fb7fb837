package engine

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// unloading is the options of an UNLOAD, read.
type unloading struct {
	unload.Options
	access
	format  string // as it was named
	unbuilt error  // the first option that Redshift has and this engine has not
}

// kind names the statement in messages.
func (o *unloading) kind() string { return "UNLOAD" }

// unloadOption is an option of UNLOAD: what it does with its value.
type unloadOption func(o *unloading, a *ast.Option) error

// unloadWords are the options of UNLOAD. Objects of S3 are always encrypted, and decrypted for whoever may read them, so that ENCRYPTED with S3's or
// KMS's keys changes nothing that can be seen; MASTER_SYMMETRIC_KEY would.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parameters
var unloadWords = map[string]unloadOption{
	"CSV":     unloadFormat(load.CSV),
	"JSON":    unloadFormat(load.JSON),
	"PARQUET": unloadFormat(load.Parquet),
	"FIXEDWIDTH": func(o *unloading, a *ast.Option) error {
		if o.Widths = widthsOf(a.Value); o.Widths == nil {
			return badWidths(a.Offset())
		}
		return unloadFormat(load.FixedWidth)(o, a)
	},
	"PARTITION BY": func(o *unloading, a *ast.Option) error {
		o.Partition, o.Include = a.Names, a.HasVal
		return nil
	},
	"MANIFEST":   func(o *unloading, a *ast.Option) error { o.Manifest, o.Verbose = true, a.HasVal; return nil },
	"HEADER":     flagged(func(o *unloading) { o.Header = true }),
	"ADDQUOTES":  flagged(func(o *unloading) { o.AddQuotes = true }),
	"ESCAPE":     flagged(func(o *unloading) { o.Escape = true }),
	"DELIMITER":  func(o *unloading, a *ast.Option) (err error) { o.Delimiter, err = oneChar("UNLOAD", a); return err },
	"NULL":       func(o *unloading, a *ast.Option) error { o.Null, o.HasNull = a.Value, true; return nil },
	"GZIP":       packed(load.Gzip),
	"BZIP2":      packed(load.Bzip2),
	"ZSTD":       packed(load.Zstd),
	"PARALLEL":   parallelOption,
	"EXTENSION":  func(o *unloading, a *ast.Option) error { o.Extension = a.Value; return nil },
	"ENCRYPTED":  func(*unloading, *ast.Option) error { return nil },
	"KMS_KEY_ID": func(*unloading, *ast.Option) error { return nil },
	"MASTER_SYMMETRIC_KEY": func(o *unloading, a *ast.Option) error {
		o.unbuilt = clientSide("UNLOAD", a.Offset())
		return nil
	},
	"ALLOWOVERWRITE": flagged(func(o *unloading) { o.Overwrite = true }),
	"CLEANPATH":      flagged(func(o *unloading) { o.CleanPath = true }),
	"MAXFILESIZE": func(o *unloading, a *ast.Option) (err error) {
		o.MaxFileSize, err = unloadSize(a, unload.LeastFileSize, unload.MostFileSize, "between 5 MB and 6.2 GB")
		return err
	},
	"ROWGROUPSIZE": func(o *unloading, a *ast.Option) (err error) {
		o.RowGroupSize, err = unloadSize(a, unload.LeastRowGroup, unload.MostRowGroup, "between 32 MB and 128 MB")
		return err
	},
}

// unloadBans are the options that cannot stand with another.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-csv
var unloadBans = []struct {
	word string
	bans []string
}{
	{"CSV", []string{"ESCAPE", "FIXEDWIDTH", "ADDQUOTES"}},
	{"PARQUET", []string{"DELIMITER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL", "HEADER", "GZIP", "BZIP2", "ZSTD", "MASTER_SYMMETRIC_KEY"}},
	{"JSON", []string{"DELIMITER", "HEADER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL"}},
	{"FIXEDWIDTH", []string{"DELIMITER", "HEADER", "ADDQUOTES", "ESCAPE"}},
	{"CLEANPATH", []string{"ALLOWOVERWRITE"}},
	{"KMS_KEY_ID", []string{"MASTER_SYMMETRIC_KEY"}},
}

// unloadOptions reads the options of UNLOAD and refuses those that contradict each other.
func unloadOptions(st *ast.Unload) (*unloading, error) {
	o := &unloading{Options: unload.Defaults(), access: access{seen: map[string]bool{}}}
	encrypted := ""
	for i := range st.Options {
		a := &st.Options[i]
		known, err := o.access.option(a)
		if f := unloadWords[a.Name]; err == nil && f != nil {
			err = f(o, a)
		} else if err == nil && !known {
			err = sqlstate.Syntax.Errorf("%s is no option of UNLOAD", a.Name).At(a.Offset())
		}
		if err != nil {
			return nil, err
		}
		if a.Name == "ENCRYPTED" {
			encrypted = a.Value
		}
	}
	if o.Format == load.CSV && !o.seen["DELIMITER"] {
		o.Delimiter = ','
	}
	if err := o.conflicts(encrypted != ""); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(st.To, "s3://") {
		return nil, sqlstate.Internal.Errorf("UNLOAD destination is not supported. (Hint: only S3 based unload is allowed)").At(st.ToPos.Offset()).
			WithHint("map a folder to a bucket with the DSN option bucket=NAME=DIR,rw, then use s3://NAME/prefix")
	}
	return o, o.authorization("UNLOAD", st.To, st.ToPos)
}

// conflicts finds options that cannot stand together.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parameters-encrypted
func (o *unloading) conflicts(auto bool) error {
	for _, x := range unloadBans {
		if !o.seen[x.word] {
			continue
		}
		for _, ban := range x.bans {
			if o.seen[ban] {
				return sqlstate.FeatureNotSupported.Errorf("UNLOAD options %s and %s cannot be used together", x.word, ban)
			}
		}
	}
	switch {
	case auto && (o.seen["KMS_KEY_ID"] || o.seen["MASTER_SYMMETRIC_KEY"]):
		return sqlstate.FeatureNotSupported.Errorf("UNLOAD option ENCRYPTED AUTO takes no key")
	case !o.seen["ENCRYPTED"] && (o.seen["KMS_KEY_ID"] || o.seen["MASTER_SYMMETRIC_KEY"]):
		return sqlstate.Syntax.Errorf("UNLOAD options KMS_KEY_ID and MASTER_SYMMETRIC_KEY need ENCRYPTED")
	case o.Format == load.Parquet && o.seen["ENCRYPTED"] && !auto && !o.seen["KMS_KEY_ID"]:
		return sqlstate.FeatureNotSupported.Errorf("UNLOAD option ENCRYPTED with PARQUET needs KMS_KEY_ID")
	case o.seen["ROWGROUPSIZE"] && o.Format != load.Parquet:
		return sqlstate.Syntax.Errorf("UNLOAD option ROWGROUPSIZE needs PARQUET")
	}
	return nil
}

// unloadFormat is the option of a format, of which there is one.
func unloadFormat(f load.Format) unloadOption {
	return func(o *unloading, a *ast.Option) error {
		if o.format != "" && a.Name != "FIXEDWIDTH" && o.format != "FIXEDWIDTH" { // what FIXEDWIDTH excludes has its own words
			return sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s and %s both give a format.", o.format, a.Name).At(a.Offset())
		}
		o.Format, o.format = f, a.Name
		return nil
	}
}

// packed is the option of a compression, of which there is one.
func packed(c load.Compression) unloadOption {
	return func(o *unloading, a *ast.Option) error {
		if o.Compression != load.None {
			return sqlstate.Syntax.Errorf("conflicting or redundant options").WithDetail("%s and %s both give a compression.", o.Compression, a.Name).At(a.Offset())
		}
		o.Compression = c
		return nil
	}
}

// parallelOption is PARALLEL [ON | TRUE | OFF | FALSE].
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parallel
func parallelOption(o *unloading, a *ast.Option) error {
	switch a.Value {
	case "", "ON", "TRUE":
		o.Serial = false
	case "OFF", "FALSE":
		o.Serial = true
	default:
		return sqlstate.Syntax.Errorf("PARALLEL takes ON, TRUE, OFF or FALSE").At(a.Offset())
	}
	return nil
}

// unloadSize reads a size in MB or GB, "5 MB", "6.2 GB"; MB is understood.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-maxfilesize
func unloadSize(a *ast.Option, least, most int64, between string) (int64, error) {
	number, unit, _ := strings.Cut(a.Value, " ")
	f, err := strconv.ParseFloat(number, 64)
	bytes := f * float64(unload.MB)
	if unit == "GB" {
		bytes = f * float64(unload.GB)
	}
	if n := int64(bytes); err == nil && n >= least && n <= most {
		return n, nil
	}
	return 0, sqlstate.InvalidParameterValue.Errorf("UNLOAD option %s must be %s", a.Name, between).At(a.Offset())
}
