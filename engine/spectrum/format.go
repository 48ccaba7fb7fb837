package spectrum

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Classes of the serialization libraries that are read.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
const (
	LazySimple = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	openCSV    = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
	openXJSON  = "org.openx.data.jsonserde.JsonSerDe"
	regex      = "org.apache.hadoop.hive.serde2.RegexSerDe"
	parquet    = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
	avro       = "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
)

// storages are the file formats that are read, as Hive names their parts.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_EXTERNAL_TABLE.html
var storages = []catalog.ExternalStorage{
	{File: "TEXTFILE", SerDe: LazySimple, Input: "org.apache.hadoop.mapred.TextInputFormat", Output: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"},
	{
		File: "PARQUET", SerDe: parquet, Input: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		Output: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
	},
	{
		File: "AVRO", SerDe: avro, Input: "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
		Output: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
	},
}

// Storage is that of a file format by its word, in any case. Errors: 0A000 of a format that is not read, 42601 of none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func Storage(word string) (catalog.ExternalStorage, error) {
	for i := range storages {
		if strings.EqualFold(storages[i].File, word) {
			return storages[i], nil
		}
	}
	switch w := strings.ToUpper(word); w {
	case "ORC", "RCFILE", "SEQUENCEFILE":
		return catalog.ExternalStorage{}, sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "the file format "+w)
	}
	return catalog.ExternalStorage{}, sqlstate.Syntax.Errorf("\"%s\" is no file format of an external table", word)
}

// StorageOf is that of the classes of INPUTFORMAT and OUTPUTFORMAT. Errors: 0A000 of those that are not read.
func StorageOf(input, output string) (catalog.ExternalStorage, error) {
	for i := range storages {
		if storages[i].Input == input {
			s := storages[i]
			s.Output = output
			return s, nil
		}
	}
	return catalog.ExternalStorage{}, sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "the input format "+input)
}

// Format is how the files of a table are read and written.
type Format struct {
	Options   load.Options
	Keys      []string // JSON: keys of the columns, where they are not the names; nil = they are
	Packed    load.Compression
	HasPacked bool // compression_type says what the files are compressed with, whatever their names

	Serial      bool  // write.parallel off
	MaxFileSize int64 // write.maxfilesize.mb in bytes; 0 = not given
	Snappy      bool  // compression_type snappy: Parquet
}

// Understand reads a table's storage and properties. Errors: 22023 of a value that none of Redshift's is, 0A000 of what is not built.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func Understand(t *catalog.ExternalTable) (*Format, error) {
	f := &Format{Options: load.Defaults()}
	o := &f.Options
	o.DateFormat, o.TimeFormat = "auto", "auto"
	o.Rules = &load.Rules{Surplus: load.Truncate, Bytes: load.ToNull, Invalid: load.ToNull, Overflow: load.Nearest, Most: -1}
	if err := f.library(t); err != nil {
		return nil, err
	}
	return f, f.properties(t)
}

// library reads the serialization library.
func (f *Format) library(t *catalog.ExternalTable) error {
	o, s := &f.Options, &t.Storage
	switch s.SerDe {
	case LazySimple:
		o.Format, o.Delimiter = load.Delimited, "\x01"
	case openCSV:
		o.Format, o.Delimiter, o.Quote, o.EscapeChar = load.OpenCSV, ",", '"', '\\'
	case openXJSON:
		o.Format, o.IgnoreCase = load.JSON, true
	case regex:
		o.Format, o.Delimiter = load.Delimited, "\x01"
	case parquet:
		o.Format, o.Rules.ByName = load.Parquet, true
	case avro:
		o.Format, o.IgnoreCase = load.Avro, true
	default:
		return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "the SerDe "+s.SerDe)
	}
	if (s.SerDe == parquet) != (s.File == "PARQUET") || (s.SerDe == avro) != (s.File == "AVRO") {
		return sqlstate.InvalidParameterValue.Errorf("The SerDe %s does not read files of the format %s", s.SerDe, s.File)
	}
	for i := range s.Params {
		if err := f.param(t, &s.Params[i]); err != nil {
			return err
		}
	}
	if s.SerDe == regex && o.Rules.Regexp == nil {
		return sqlstate.InvalidParameterValue.Errorf("RegexSerDe needs the SerDe property input.regex")
	}
	return nil
}

// param reads a property of the serialization library.
func (f *Format) param(t *catalog.ExternalTable, p *catalog.Property) error {
	o := &f.Options
	yes := func(to *bool) error {
		v, err := truth(p)
		*to = v
		return err
	}
	char := func(to *byte) error {
		if len(p.Value) != 1 || p.Value[0] >= 0x80 {
			return badProperty(p, "one ASCII character")
		}
		*to = p.Value[0]
		return nil
	}
	switch s := t.Storage.SerDe; {
	case p.Name == "serialization.format": // what Hive writes beside field.delim
		return nil
	case s == LazySimple && p.Name == "field.delim":
		if len(p.Value) != 1 || p.Value[0] >= 0x80 || p.Value == "\n" {
			return badProperty(p, "one ASCII character")
		}
		o.Delimiter = p.Value
		return nil
	case s == LazySimple && p.Name == "line.delim":
		if p.Value != "\n" {
			return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "lines of external tables that end in another character than a newline")
		}
		return nil
	case (s == LazySimple || s == regex) && p.Name == "serialization.null.format":
		o.Null = p.Value
		return nil
	case s == openCSV && p.Name == "separatorChar":
		var c byte
		err := char(&c)
		o.Delimiter = string(c)
		return err
	case s == openCSV && p.Name == "quoteChar":
		return char(&o.Quote)
	case s == openCSV && p.Name == "escapeChar":
		return char(&o.EscapeChar)
	case s == openCSV && p.Name == "wholeFile":
		return yes(&o.WholeFile)
	case s == regex && p.Name == "input.regex":
		fold, _ := strconv.ParseBool(paramOf(t, "input.regex.case.insensitive"))
		x, err := load.NewRegexp(p.Value, fold)
		o.Rules.Regexp = x
		return err
	case s == regex && p.Name == "input.regex.case.insensitive":
		_, err := truth(p)
		return err
	case s == openXJSON && p.Name == "case.insensitive":
		return yes(&o.IgnoreCase)
	case s == openXJSON && p.Name == "ignore.malformed.json":
		return yes(&o.IgnoreErrors)
	case s == openXJSON && p.Name == "strip.outer.array":
		return yes(&o.StripArray)
	case s == openXJSON && p.Name == "dots.in.keys":
		return yes(&o.DotsInKeys)
	case s == openXJSON && strings.HasPrefix(p.Name, "mapping."):
		return f.mapped(t, strings.TrimPrefix(p.Name, "mapping."), p.Value)
	case s == avro && p.Name == "avro.schema.literal":
		return avroLiteral(t, p.Value)
	}
	return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "the SerDe property \""+p.Name+"\"")
}

// paramOf is the value of a property of the serialization library, "" when it has none.
func paramOf(t *catalog.ExternalTable, name string) string {
	for _, p := range t.Storage.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// mapped gives a column the key of another name.
func (f *Format) mapped(t *catalog.ExternalTable, column, key string) error {
	data := t.Data()
	if f.Keys == nil {
		f.Keys = make([]string, len(data))
	}
	for i := range data {
		if strings.EqualFold(data[i].Name, column) {
			f.Keys[i] = key
			return nil
		}
	}
	return sqlstate.UndefinedColumn.Errorf("column \"%s\" of the SerDe property mapping.%s does not exist", column, column)
}

// avroLiteral holds the columns against the schema that describes the files: each must be one of its fields.
func avroLiteral(t *catalog.ExternalTable, text string) error {
	var schema struct {
		Type   string `json:"type"`
		Fields []struct {
			Name string `json:"name"`
		} `json:"fields"`
	}
	if err := json.Unmarshal([]byte(text), &schema); err != nil || schema.Type != "record" {
		return sqlstate.InvalidParameterValue.Errorf("avro.schema.literal is not the schema of a record")
	}
next:
	for _, c := range t.Data() {
		for _, x := range schema.Fields {
			if strings.EqualFold(x.Name, c.Name) {
				continue next
			}
		}
		return sqlstate.UndefinedColumn.Errorf("column \"%s\" is no field of avro.schema.literal", c.Name)
	}
	return nil
}

func truth(p *catalog.Property) (bool, error) {
	switch strings.ToLower(p.Value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, badProperty(p, "true or false")
}

func badProperty(p *catalog.Property, want string) error {
	return sqlstate.InvalidParameterValue.Errorf("invalid value for property \"%s\": \"%s\"", p.Name, p.Value).WithHint("It must be %s.", want)
}

// actions are the values of the properties about data handling.
var actions = map[string]load.Action{"FAIL": load.Fail, "SET_TO_NULL": load.ToNull, "DROP_ROW": load.DropRow, "TRUNCATE": load.Truncate, "REPLACE": load.Replace}

// properties reads TABLE PROPERTIES. Their names are case-sensitive.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func (f *Format) properties(t *catalog.ExternalTable) error {
	cleans := false
	if v, ok := t.Property("data_cleansing_enabled"); ok {
		var err error
		if cleans, err = truth(&catalog.Property{Name: "data_cleansing_enabled", Value: v}); err != nil {
			return err
		}
	}
	o := &f.Options
	plain := *o.Rules
	if o.Rules.Named = cleans; cleans {
		o.Rules.Surplus = load.ToNull
	}
	for i := range t.Properties {
		if err := f.property(t, &t.Properties[i]); err != nil {
			return err
		}
	}
	if !cleans { // they were checked, but do not hold
		named := plain
		named.Regexp = o.Rules.Regexp
		*o.Rules = named
	}
	return nil
}

// number reads a whole number.
func number(p *catalog.Property, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(p.Value), 10, 64)
	if err != nil || n < lo || n > hi {
		return 0, badProperty(p, "a whole number between "+strconv.FormatInt(lo, 10)+" and "+strconv.FormatInt(hi, 10))
	}
	return n, nil
}

// property reads one of TABLE PROPERTIES.
func (f *Format) property(t *catalog.ExternalTable, p *catalog.Property) error {
	o := &f.Options
	switch p.Name {
	case "data_cleansing_enabled":
		return nil
	case "numRows":
		_, err := number(p, 0, 1<<62)
		return err
	case "skip.header.line.count":
		n, err := number(p, 0, 1<<31-1)
		o.IgnoreHeader = int(n)
		if err == nil && n > 0 && t.Storage.File != "TEXTFILE" {
			err = badProperty(p, "0 for files that are no text")
		}
		return err
	case "serialization.null.format":
		o.Null = p.Value
		return nil
	case "compression_type":
		return f.compression(t, p)
	case "invalid_char_handling":
		return action(p, &o.Rules.Invalid, "FAIL SET_TO_NULL DROP_ROW REPLACE")
	case "replacement_char":
		if len(p.Value) != 1 || p.Value[0] >= 0x80 {
			return badProperty(p, "one ASCII character")
		}
		o.InvChar = p.Value[0]
		return nil
	case "numeric_overflow_handling":
		return action(p, &o.Rules.Overflow, "FAIL SET_TO_NULL DROP_ROW")
	case "surplus_char_handling":
		return action(p, &o.Rules.Surplus, "FAIL SET_TO_NULL DROP_ROW TRUNCATE")
	case "surplus_bytes_handling":
		err := action(p, &o.Rules.Bytes, "FAIL SET_TO_NULL DROP_ROW TRUNCATE")
		if o.Rules.Bytes == load.DropRow {
			o.Rules.Bytes = load.SkipRow
		}
		return err
	case "column_count_mismatch_handling":
		if t.Storage.File != "TEXTFILE" {
			return badProperty(p, "left out for files that are no text")
		}
		err := action(p, &o.Rules.Count, "FAIL SET_TO_NULL DROP_ROW")
		if o.Rules.Count == load.DropRow {
			o.Rules.Count = load.SkipRow
		}
		return err
	case "orc.schema.resolution": // "ignored for other data formats"
		return nil
	case "write.parallel":
		switch strings.ToLower(p.Value) {
		case "on":
		case "off":
			f.Serial = true
		default:
			return badProperty(p, "on or off")
		}
		return nil
	case "write.kms.key.id": // S3 decrypts for whoever may read, as with KMS_KEY_ID of UNLOAD
		return nil
	case "write.maxfilesize.mb":
		n, err := number(p, 5, 6200)
		f.MaxFileSize = n << 20
		return err
	}
	return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "the table property \""+p.Name+"\"")
}

// action reads a property about data handling; DISABLED leaves the default.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func action(p *catalog.Property, to *load.Action, words string) error {
	v := strings.ToUpper(p.Value)
	if v == "DISABLED" {
		return nil
	}
	for _, w := range strings.Fields(words) {
		if w == v {
			*to = actions[v]
			return nil
		}
	}
	return badProperty(p, "one of DISABLED, "+strings.Join(strings.Fields(words), ", "))
}

// compression reads compression_type.
func (f *Format) compression(t *catalog.ExternalTable, p *catalog.Property) error {
	v := strings.ToLower(p.Value)
	packed, ok := map[string]load.Compression{"none": load.None, "gzip": load.Gzip, "bzip2": load.Bzip2, "snappy": load.None}[v]
	switch {
	case !ok:
		return badProperty(p, "one of bzip2, gzip, none, snappy")
	case t.Storage.File == "PARQUET": // its pages are compressed, which each says itself
		f.Snappy = v == "snappy"
		if v != "snappy" && v != "none" {
			return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "the table property compression_type = "+v+" of Parquet files")
		}
		return nil
	case v == "snappy":
		return sqlstate.Unbuilt("CREATE EXTERNAL TABLE", "text files compressed with SNAPPY")
	}
	f.Packed, f.HasPacked = packed, true
	return nil
}

// Holds says whether an external table may have a column of a type, and whether partition columns may.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func Holds(t types.Type, partition bool) bool {
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.Float4, types.Float8, types.Bool, types.Char, types.Varchar, types.Date, types.Timestamp:
		return true
	case types.Varbyte:
		return !partition
	}
	return false
}
