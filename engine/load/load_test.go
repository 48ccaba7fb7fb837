package load

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// columns makes columns named a, b, c ... of types.
func columns(ts ...types.Type) []Column {
	out := make([]Column, len(ts))
	for i, t := range ts {
		out[i] = Column{Name: string(rune('a' + i)), Type: t}
	}
	return out
}

// one maps bucket b to a store.
func one(s ObjectStore) func(string) (ObjectStore, bool) {
	return func(b string) (ObjectStore, bool) { return s, b == "b" }
}

// read loads all rows of a job with a number of slices, as printed values joined by |; NULL is ~.
func read(t testing.TB, j *Job, slices int) ([]string, error) {
	t.Helper()
	var out []string
	for s := range slices {
		r, err := j.Open(s, slices)
		if err != nil {
			return nil, err
		}
		var b vector.Batch
		for {
			n, err := r.Next(&b)
			if err != nil {
				r.Close()
				return out, err
			}
			if n == 0 {
				break
			}
			for i := range n {
				cells := make([]string, len(b.Columns))
				for c, v := range b.Columns {
					d := v.Get(i)
					cells[c] = types.Format(d, time.UTC)
					if d.Null {
						cells[c] = "~"
					}
				}
				out = append(out, strings.Join(cells, "|"))
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out, nil
}

// jobOf makes a job over one file.
func jobOf(t testing.TB, text string, cols []Column, o Options) *Job {
	t.Helper()
	j, err := NewJob(context.Background(), "s3://b/f", one(FS(fstest.MapFS{"f": {Data: []byte(text)}})), "t", cols, o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestRows holds formats and options against what the guide says of them.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
func TestRows(t *testing.T) {
	v, i4 := types.TVarchar(20), types.TInt4
	with := func(f func(o *Options)) Options {
		o := Defaults()
		f(&o)
		return o
	}
	csv := func(f func(o *Options)) Options {
		return with(func(o *Options) {
			o.Format, o.Delimiter = CSV, ","
			if f != nil {
				f(o)
			}
		})
	}
	for _, x := range []struct {
		name string
		text string
		cols []Column
		o    Options
		want []string
	}{
		{"delimited", "1|Alien\n2|Brazil\n", columns(i4, v), Defaults(), []string{"1|Alien", "2|Brazil"}},
		{"last line without end", "1|Alien\n2|Brazil", columns(i4, v), Defaults(), []string{"1|Alien", "2|Brazil"}},
		{"CR LF", "1|Alien\r\n2|Brazil\r\n", columns(i4, v), Defaults(), []string{"1|Alien", "2|Brazil"}},
		{"dbgen's last delimiter", "1|Alien|\n", columns(i4, v), Defaults(), []string{"1|Alien"}},
		{"empty fields", "|\n", columns(i4, v), Defaults(), []string{"~|"}},
		{"null string", `\N|\N` + "\n", columns(i4, v), Defaults(), []string{"~|~"}},
		{"null as", "NA|NA\n", columns(i4, v), with(func(o *Options) { o.Null = "NA" }), []string{"~|~"}},
		{"emptyasnull", "1|\n", columns(i4, v), with(func(o *Options) { o.EmptyAsNull = true }), []string{"1|~"}},
		{"blanksasnull", "1|  \n", columns(i4, v), with(func(o *Options) { o.BlanksAsNull = true }), []string{"1|~"}},
		{"trimblanks", "1|a  \n", columns(i4, v), with(func(o *Options) { o.TrimBlanks = true }), []string{"1|a"}},
		{"fillrecord", "1\n", columns(i4, v, i4), with(func(o *Options) { o.FillRecord = true }), []string{"1||~"}},
		{"truncatecolumns", "1|abcdefé\n", columns(i4, types.TVarchar(7)), with(func(o *Options) { o.TruncateColumns = true }), []string{"1|abcdef"}},
		{"ignoreheader", "x\ny\n1|a\n", columns(i4, v), with(func(o *Options) { o.IgnoreHeader = 2 }), []string{"1|a"}},
		{"ignoreblanklines", "\n1|a\n\n", columns(i4, v), with(func(o *Options) { o.IgnoreBlankLines = true }), []string{"1|a"}},
		{"escape", "1|a\\|b\n2|c\\\nd\n", columns(i4, v), with(func(o *Options) { o.Escape = true }), []string{"1|a|b", "2|c\nd"}},
		{
			"removequotes", "'1'|\"The delimiter is a pipe (|) character\"\n", columns(i4, types.TVarchar(60)),
			with(func(o *Options) { o.RemoveQuotes = true }),
			[]string{"1|The delimiter is a pipe (|) character"},
		},
		{"acceptinvchars", "1|a\xa4b\n", columns(i4, v), with(func(o *Options) { o.AcceptInvChars, o.InvChar = true, '^' }), []string{"1|a^b"}},
		{"byte order mark", "\uFEFF1|a\n", columns(i4, v), Defaults(), []string{"1|a"}},
		{
			"csv", "12,Shows,\"All \"\"non-musical\"\" theatre\"\n14,\"a, b\",\"c\nd\"\n", columns(i4, v, types.TVarchar(60)), csv(nil),
			[]string{"12|Shows|All \"non-musical\" theatre", "14|a, b|c\nd"},
		},
		{"csv quote as", "1,%a,b%\n", columns(i4, v), csv(func(o *Options) { o.Quote = '%' }), []string{"1|a,b"}},
		{"csv empty", "1,\n2,\"\"\n", columns(i4, v), csv(nil), []string{"1|", "2|"}},
		{"csv null", "NULL,\"NULL\"\n", columns(i4, v), csv(func(o *Options) { o.Null = "NULL" }), []string{"~|NULL"}},
		{
			"fixedwidth", "1  Alien \n22 Brazil\n", columns(i4, v), with(func(o *Options) { o.Format, o.Widths = FixedWidth, []int{3, 6} }),
			[]string{"1|Alien", "22|Brazil"},
		},
		{"numbers", "-5|1.005|2.5e2|t\n", columns(types.TInt2, types.TNumeric(8, 2), types.TFloat8, types.TBool), Defaults(), []string{"-5|1.00|250|t"}},
		{"roundec", "1.005\n", columns(types.TNumeric(8, 2)), with(func(o *Options) { o.RoundDec = true }), []string{"1.01"}},
		{"wide", "1234567890123456789012345678901234.5678\n", columns(types.TNumeric(38, 4)), Defaults(), []string{"1234567890123456789012345678901234.5678"}},
		{"times", "2008-02-29|2008-12-31 23:59:59.5\n", columns(types.TDate, types.TTimestamp), Defaults(), []string{"2008-02-29|2008-12-31 23:59:59.5"}},
		{"dateformat", "05-23-2008\n", columns(types.TDate), with(func(o *Options) { o.DateFormat = "MM-DD-YYYY" }), []string{"2008-05-23"}},
		{"timeformat", "20080523 073001\n", columns(types.TTimestamp), with(func(o *Options) { o.TimeFormat = "YYYYMMDD HHMISS" }), []string{"2008-05-23 07:30:01"}},
		{"epochsecs", "1211527801\n", columns(types.TTimestamp), with(func(o *Options) { o.TimeFormat = "epochsecs" }), []string{"2008-05-23 07:30:01"}},
		{"epochmillisecs", "1211527801250\n", columns(types.TTimestamp), with(func(o *Options) { o.TimeFormat = "epochmillisecs" }), []string{"2008-05-23 07:30:01.25"}},
		{"acceptanydate", "2008-99-99\n", columns(types.TDate), with(func(o *Options) { o.AcceptAnyDate, o.DateFormat = true, "auto" }), []string{"~"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := read(t, jobOf(t, x.text, x.cols, x.o), 1)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, x.want) {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// TestBadRows holds the codes and reasons of STL_LOAD_ERRORS against the guide.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
func TestBadRows(t *testing.T) {
	v := types.TVarchar(5)
	for _, x := range []struct {
		text   string
		cols   []Column
		code   int
		column string
		reason string
	}{
		{"1|a|b\n", columns(types.TInt4, v), 1202, "", "Extra column(s) found"},
		{"1\n", columns(types.TInt4, v), 1214, "b", "Delimiter not found"},
		{"1|abcdef\n", columns(types.TInt4, v), 1204, "b", "String length exceeds DDL length"},
		{"x1|a\n", columns(types.TInt4, v), 1207, "a", "Invalid digit, Value 'x', Pos 0, Type: Integer"},
		{"3000000000|a\n", columns(types.TInt4, v), 1222, "a", "Overflow, Value '3000000000', Pos 9, Type: Integer"},
		{"1.2.3\n", columns(types.TNumeric(8, 2)), 1207, "a", "Invalid digit, Value '.', Pos 3, Type: Decimal"},
		{"abc\n", columns(types.TFloat8), 1208, "a", ""},
		{"maybe\n", columns(types.TBool), 1210, "a", "Unknown boolean format"},
		{"2008-1-1\n", columns(types.TDate), 1205, "a", "Invalid Date Format - length must be 10 or more"},
		{"yesterday night\n", columns(types.TTimestamp), 1206, "a", "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]"},
		{"\n", []Column{{Name: "a", Type: types.TInt4, NotNull: true}}, 1213, "a", "Missing data for not-null field"},
		{"é\n", columns(types.TChar(5)), 1220, "a", "Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 a9"},
		{"a\xa4\n", columns(v), 1220, "a", "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: a4 (error 3)"},
	} {
		o := Defaults()
		o.MaxError = 2
		j := jobOf(t, x.text, x.cols, o)
		if _, err := read(t, j, 1); err != nil {
			t.Fatalf("%q: %v", x.text, err)
		}
		bad := j.Errors()
		if len(bad) != 1 {
			t.Fatalf("%q: %d bad rows", x.text, len(bad))
		}
		e := bad[0]
		if e.Code != x.code || e.Column != x.column || x.reason != "" && e.Reason != x.reason || e.Line != 1 || e.File != "s3://b/f" {
			t.Errorf("%q: %+v", x.text, e)
		}
	}
}

// TestMaxError: 0 and 1 stop at the first bad row, n at the nth.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html#copy-maxerror
func TestMaxError(t *testing.T) {
	for most, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 3, 4: 3} {
		o := Defaults()
		o.MaxError = most
		j := jobOf(t, "x\n1\ny\n2\nz\n3\n", columns(types.TInt4), o)
		rows, err := read(t, j, 1)
		if n := len(j.Errors()); n != want {
			t.Errorf("MAXERROR %d: %d bad rows, want %d", most, n, want)
		}
		if most <= 3 {
			var e *sqlstate.Error
			if !errors.As(err, &e) || e.Code != sqlstate.Internal || e.Message != "Load into table 't' failed.  Check 'stl_load_errors' system table for details." {
				t.Errorf("MAXERROR %d: %v", most, err)
			}
		} else if err != nil || len(rows) != 3 {
			t.Errorf("MAXERROR %d: %v, %v", most, rows, err)
		}
	}
	o := Defaults()
	o.MaxError = 9
	j := jobOf(t, "1\nx\n2\n\n\ny\n", columns(types.TInt4), o)
	if _, err := read(t, j, 1); err != nil {
		t.Fatal(err)
	}
	if e := j.Errors(); len(e) != 2 || e[0].Line != 2 || e[1].Line != 6 {
		t.Errorf("lines of bad rows: %+v", e)
	}
}

// TestPieces cuts files anywhere: all rows come, once, and bad rows have the lines that they have in the file.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for round := range 60 {
		o := Defaults()
		o.MaxError = 100000
		var text strings.Builder
		if round%2 == 0 {
			o.Format, o.Delimiter = CSV, ","
		}
		o.IgnoreHeader = round % 3
		for range o.IgnoreHeader {
			text.WriteString("header\n")
		}
		for i := range 50 + r.Intn(100) {
			if r.Intn(20) == 0 {
				text.WriteString("bad\n")
				continue
			}
			cell := strings.Repeat("x", r.Intn(12))
			if o.Format == CSV && r.Intn(3) == 0 {
				cell = "\"" + strings.Repeat("y\n\"\"", r.Intn(4)) + "\""
			}
			fmt.Fprintf(&text, "%d%s%s\n", i, o.Delimiter, cell)
		}
		cols := columns(types.TInt4, types.TVarchar(100))
		whole := jobOf(t, text.String(), cols, o)
		want, err := read(t, whole, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, slices := range []int{2, 3, 7, 16} {
			j := jobOf(t, text.String(), cols, o)
			j.minPiece = 1
			got, err := read(t, j, slices)
			if err != nil {
				t.Fatal(err)
			}
			if len(j.pieces) != slices {
				t.Fatalf("%d pieces", len(j.pieces))
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%d slices: got %q, want %q of\n%s", slices, got, want, text.String())
			}
			a, b := whole.Errors(), j.Errors()
			if len(a) != len(b) {
				t.Fatalf("%d bad rows, want %d", len(b), len(a))
			}
			for i := range a {
				if a[i].Line != b[i].Line || a[i].RawLine != b[i].RawLine {
					t.Fatalf("bad row %d: line %d %q, want line %d %q", i, b[i].Line, b[i].RawLine, a[i].Line, a[i].RawLine)
				}
			}
		}
	}
}

// zipped is data in gzip.
func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

// TestFiles loads all objects of a prefix, which is not a folder, compressed ones too, and those of a manifest.
func TestFiles(t *testing.T) {
	z := zipped(t, []byte("5\n6\n"))
	store := FS(fstest.MapFS{
		"data/part_1": {Data: []byte("1\n")}, "data/part_2": {Data: []byte("2\n")}, "data/part/x": {Data: []byte("3\n")}, "data/other": {Data: []byte("4\n")},
		"zipped/a.gz": {Data: z}, "broken.gz": {Data: z[:len(z)-6]},
		"list":    {Data: []byte(`{"entries": [{"url": "s3://b/data/part_2", "mandatory": true}, {"url": "s3://b/none"}]}`)},
		"strict":  {Data: []byte(`{"entries": [{"url": "s3://b/none", "mandatory": true}]}`)},
		"foreign": {Data: []byte(`{"entries": [{"url": "s3://c/none"}]}`)},
	})
	load := func(url string, f func(o *Options)) ([]string, error) {
		o := Defaults()
		if f != nil {
			f(&o)
		}
		j, err := NewJob(context.Background(), url, one(store), "t", columns(types.TInt4), o)
		if err != nil {
			return nil, err
		}
		return read(t, j, 2)
	}
	zip := func(o *Options) { o.Compression = Gzip }
	list := func(o *Options) { o.Manifest = true }
	for _, x := range []struct {
		url  string
		f    func(o *Options)
		want string // rows, or what the error says
	}{
		{"s3://b/data/part", nil, "3 2 1"},
		{"s3://b/data/part_", nil, "1 2"},
		{"s3://b/data/", nil, "4 1 3 2"},
		{"s3://b/zipped/", zip, "5 6"},
		{"s3://b/broken.gz", zip, "cannot be decompressed"},
		{"s3://b/data/other", zip, "cannot be decompressed"},
		{"s3://b/list", list, "2"},
		{"s3://b/strict", list, "NoSuchKey"},
		{"s3://b/foreign", list, "NoSuchBucket"},
		{"s3://b/data/other", list, "Invalid manifest"},
		{"s3://b/nothing", nil, "The specified S3 prefix 'nothing' does not exist"},
		{"s3://c/data", nil, "NoSuchBucket"},
		{"http://b/data", nil, "only s3:// is known"},
		{"s3:///data", nil, "the bucket is missing"},
		{"s3://b/../secret", nil, "does not exist"},
	} {
		got, err := load(x.url, x.f)
		if err != nil {
			var e *sqlstate.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%s: %v, want %s", x.url, err, x.want)
			}
			continue
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s: %v, want %s", x.url, got, x.want)
		}
	}
}

// TestDir keeps a bucket within its folder: neither .. nor a link leads out of it.
func TestDir(t *testing.T) {
	top := t.TempDir()
	inside := filepath.Join(top, "bucket")
	if err := errors.Join(os.Mkdir(inside, 0o755), os.WriteFile(filepath.Join(top, "secret"), []byte("1\n"), 0o644),
		os.WriteFile(filepath.Join(inside, "open"), []byte("2\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(inside, false)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := context.Background()
	if err := os.Symlink("../secret", filepath.Join(inside, "link")); err == nil {
		if f, err := d.Open(ctx, "link"); err == nil {
			f.Close()
			t.Error("a link led out of the folder")
		}
		if err := os.Symlink("..", filepath.Join(inside, "up")); err != nil {
			t.Fatal(err)
		}
		if list, _ := d.List(ctx, "up/"); len(list) > 0 {
			t.Errorf("a linked folder was listed: %v", list)
		}
	}
	for _, key := range []string{"../secret", "a/../../secret", "/../secret", ".."} {
		if f, err := d.Open(ctx, key); err == nil {
			f.Close()
			t.Errorf("%s was opened", key)
		}
		if list, _ := d.List(ctx, key); len(list) > 0 {
			t.Errorf("%s was listed: %v", key, list)
		}
	}
	list, err := d.List(ctx, "")
	if err != nil || len(list) != 1 || list[0] != (Object{Name: "open", Size: 2}) {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := d.Create(ctx, "new"); err == nil {
		t.Error("a bucket without ,rw was written")
	}
	rw, err := OpenDir(inside, true)
	if err != nil {
		t.Fatal(err)
	}
	defer rw.Close()
	w, err := rw.Create(ctx, "a/b/new")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("3\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := rw.Create(ctx, "../new"); err == nil {
		t.Error("an object was made outside of the folder")
	}
}

// TestCancel ends a load with its context.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	j, err := NewJob(ctx, "s3://b/f", one(FS(fstest.MapFS{"f": {Data: bytes.Repeat([]byte("1\n"), 1<<20)}})), "t", columns(types.TInt4), Defaults())
	if err != nil {
		t.Fatal(err)
	}
	r, err := j.Open(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b vector.Batch
	if n, err := r.Next(&b); n != vector.Size || err != nil {
		t.Fatal(n, err)
	}
	cancel()
	for {
		n, err := r.Next(&b)
		if errors.Is(err, context.Canceled) {
			return
		}
		if err != nil || n == 0 {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
}

// sameRoads loads bytes by windows and without: rows and bad rows must be the same.
func sameRoads(t *testing.T, text []byte, cols []Column, o Options) ([]string, error) {
	t.Helper()
	j, slow := jobOf(t, string(text), cols, o), jobOf(t, string(text), cols, o)
	slow.slow = true
	got, err := read(t, j, 1)
	want, errSlow := read(t, slow, 1)
	if (err == nil) != (errSlow == nil) || !reflect.DeepEqual(got, want) {
		t.Fatalf("by windows %q, %v\nwithout %q, %v", got, err, want, errSlow)
	}
	a, b := j.Errors(), slow.Errors()
	for i := range b {
		b[i].Time = time.Time{}
	}
	for i := range a {
		if a[i].Time = (time.Time{}); i >= len(b) || a[i] != b[i] {
			t.Fatalf("bad rows by windows: %+v\nwithout: %+v", a, b)
		}
	}
	if len(a) != len(b) || j.Lines() != slow.Lines() {
		t.Fatalf("%d bad rows of %d by windows, %d of %d without", len(a), j.Lines(), len(b), slow.Lines())
	}
	return got, err
}

// TestWindows holds windows against the slow road on files of much that is plain and a little that is not.
func TestWindows(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	odd := []string{
		"", "\\N", "x", "-", "1.5e3", " 7 ", "99999999999999999999", "2024-02-30", "\"q\"", "\"a\"\"b\"", "\"c\nd\"", " \"e\" ", "é", "\xff", "\x00", "a\rb", "0001-01-01", "-0", "+5",
		"1234567", "12345678", "123456789012345", "1234567890123456",
		"0.5", ".5", "5.", "1234567.250", "12345678.5", "a", " ", "z ", strings.Repeat("é", 9), strings.Repeat("x", 33) + "é", "1900-02-29", "2024-02-29 23:59:60", "\"\r\"", "\",\"", "\"x\"", "7", "x7", "'", "-",
	}
	cols := columns(types.TInt2, types.TNumeric(10, 3), types.TVarchar(8), types.TVarchar(44), types.TChar(4), types.TTimestamp, types.TDate, types.TFloat8, types.TBool, types.TNumeric(38, 10), types.TInt8)
	for round := range 200 {
		o := Defaults()
		o.MaxError = 100000
		if round%2 == 0 {
			o.Format, o.Delimiter = CSV, ","
			o.Quote = "\"\"'-7"[r.Intn(5)]
		}
		if round%3 == 0 { // that stand in fields
			o.Delimiter = string("|\t;.:- 5e\r"[r.Intn(10)])
		}
		if o.Delimiter == string(o.Quote) {
			o.Quote = '"'
		}
		few := 1 + r.Intn(300)
		o.EmptyAsNull, o.BlanksAsNull, o.TrimBlanks, o.AcceptInvChars = r.Intn(4) == 0, r.Intn(4) == 0, r.Intn(4) == 0, r.Intn(4) == 0
		o.FillRecord, o.TruncateColumns, o.RoundDec, o.IgnoreBlankLines = r.Intn(4) == 0, r.Intn(4) == 0, r.Intn(4) == 0, r.Intn(4) == 0
		o.Null = []string{"\\N", "7", "", "x"}[r.Intn(4)]
		var text strings.Builder
		for i := range 400 {
			fields := []string{
				fmt.Sprint(i - 200), fmt.Sprintf("%d.%03d", r.Intn(1000), r.Intn(1000)), fmt.Sprint("w", r.Intn(few)), strings.Repeat("long ", r.Intn(9)) + fmt.Sprint(r.Intn(few)),
				string("ab|x7,-"[r.Intn(7)]), "2024-01-02 03:04:05", fmt.Sprintf("20%02d-%02d-%02d", r.Intn(100), r.Intn(12)+1, r.Intn(28)+1),
				"2.5", "t", fmt.Sprint(r.Int63()), fmt.Sprint(-r.Int63n(1 << (1 + r.Intn(62)))),
			}
			if r.Intn(8) == 0 {
				fields[r.Intn(len(fields))] = odd[r.Intn(len(odd))]
			}
			switch r.Intn(60) {
			case 0:
				fields = fields[1:]
			case 1:
				fields = append(fields, "more")
			case 2:
				fields = append(fields, "")
			case 3:
				fields = nil
			}
			text.WriteString(strings.Join(fields, o.Delimiter))
			text.WriteString([]string{"\n", "\r\n"}[r.Intn(2)])
		}
		_, _ = sameRoads(t, []byte(text.String()), cols, o)
	}
}

// fuzzed loads bytes with every kind of column and option: rows or errors, whole or in pieces alike, never a panic.
func fuzzed(t *testing.T, text []byte, o Options) {
	o.MaxError = 100000
	cols := columns(types.TInt4, types.TNumeric(10, 3), types.TVarchar(8), types.TChar(4), types.TTimestamp, types.TDate, types.TFloat8, types.TBool, types.TNumeric(38, 10),
		types.TTime, types.TTimeTZ, types.TInterval, types.TTimestampTZ, types.Type{Kind: types.Varbyte, Len: 4})
	for n := 1; n <= len(cols); n += 4 {
		if n == 13 && !o.RemoveQuotes && o.Format != FixedWidth { // the last is VARBYTE
			n = len(cols)
		}
		if o.Format == FixedWidth {
			o.Widths = slices.Repeat([]int{1 + n%3, 4}, n)[:n]
		}
		a, errA := sameRoads(t, text, cols[:n], o)
		j := jobOf(t, string(text), cols[:n], o)
		j.minPiece = 1
		b, errB := read(t, j, 3)
		if o.Format == CSV { // a quote that is in no quoted field, or that is not closed, is an error of the file that shifts where pieces begin
			continue
		}
		if (errA == nil) != (errB == nil) || errA == nil && !reflect.DeepEqual(a, b) {
			t.Fatalf("whole: %q, %v\npieces: %q, %v", a, errA, b, errB)
		}
	}
}

// FuzzDelimited loads what is no delimited file.
func FuzzDelimited(f *testing.F) {
	f.Add([]byte("1|2.5|a|b|2008-01-01 00:00:00|2008-01-01|1e5|t|1\n"), byte(0))
	f.Add([]byte("'1'|\\\n|a\r\n|\xff\xfe"), byte(1))
	f.Add([]byte("\xef\xbb\xbf-|+|1e99999|\x00"), byte(6))
	f.Fuzz(func(t *testing.T, text []byte, flags byte) {
		o := Defaults()
		o.Escape, o.RemoveQuotes, o.AcceptInvChars = flags&1 != 0, flags&2 != 0, flags&4 != 0
		o.FillRecord, o.TruncateColumns, o.RoundDec = flags&8 != 0, flags&16 != 0, flags&32 != 0
		if flags&64 != 0 {
			o.DateFormat, o.TimeFormat = "auto", "auto"
		}
		fuzzed(t, text, o)
	})
}

// FuzzFixedWidth loads what is no file of fixed widths.
func FuzzFixedWidth(f *testing.F) {
	f.Add([]byte("1  2.5 a  b   \n"), byte(0))
	f.Add([]byte("é日本\xff\n\r\n   1"), byte(3))
	f.Fuzz(func(t *testing.T, text []byte, flags byte) {
		o := Defaults()
		o.Format = FixedWidth
		o.AcceptInvChars, o.FillRecord, o.BlanksAsNull, o.TruncateColumns, o.TrimBlanks = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0, flags&16 != 0
		fuzzed(t, text, o)
	})
}

// FuzzCSV loads what is no CSV file.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("1,2.5,\"a \"\" \n,\",b\n"), byte(0))
	f.Add([]byte("\"\n\"\"\"x\"\"\n,\"\"\"\"\n"), byte(1))
	f.Fuzz(func(t *testing.T, text []byte, flags byte) {
		o := Defaults()
		o.Format, o.Delimiter = CSV, ","
		o.FillRecord, o.IgnoreBlankLines, o.EmptyAsNull, o.IgnoreHeader = flags&1 != 0, flags&2 != 0, flags&4 != 0, int(flags>>6)
		fuzzed(t, text, o)
	})
}

// lineitem makes about size bytes of rows as dbgen writes them.
func lineitem(size int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewSource(1))
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%d|%d|%d|%d|%d|%d.%02d|0.%02d|0.%02d|%c|%c|1996-%02d-%02d|1996-%02d-%02d|1996-%02d-%02d|DELIVER IN PERSON|TRUCK|egular courts above the %d|\n",
			i/4, r.Intn(200000), r.Intn(10000), i%4+1, r.Intn(50), r.Intn(90000), r.Intn(100), r.Intn(10), r.Intn(8), 'A'+r.Intn(3), 'F'+r.Intn(2),
			r.Intn(12)+1, r.Intn(28)+1, r.Intn(12)+1, r.Intn(28)+1, r.Intn(12)+1, r.Intn(28)+1, r.Intn(1000))
	}
	return b.Bytes()
}

// BenchmarkLineitem parses dbgen's lineitem.tbl on one core.
func BenchmarkLineitem(b *testing.B) {
	text := lineitem(8 << 20)
	d := types.TNumeric(15, 2)
	cols := columns(types.TInt8, types.TInt8, types.TInt8, types.TInt4, d, d, d, d, types.TChar(1), types.TChar(1), types.TDate, types.TDate, types.TDate,
		types.TChar(25), types.TChar(10), types.TVarchar(44))
	store := FS(fstest.MapFS{"f": {Data: text}})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		j, err := NewJob(context.Background(), "s3://b/f", one(store), "t", cols, Defaults())
		if err != nil {
			b.Fatal(err)
		}
		r, err := j.Open(0, 1)
		if err != nil {
			b.Fatal(err)
		}
		var batch vector.Batch
		for {
			n, err := r.Next(&batch)
			if err != nil {
				b.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		r.Close()
	}
}

// TestReads holds what is told of each file and each part of one against what it has.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_COMMITS.html
func TestReads(t *testing.T) {
	o := Defaults()
	o.IgnoreHeader = 1
	j := jobOf(t, "a\n1\n2\n3\n", columns(types.TInt4), o)
	if _, err := read(t, j, 2); err != nil {
		t.Fatal(err)
	}
	rs := j.Reads()
	if len(rs) != 1 || rs[0].File != "s3://b/f" || rs[0].Slice != 0 || rs[0].Lines != 3 || rs[0].Bytes != 8 || rs[0].Partial || rs[0].Offset != 0 || rs[0].End.Before(rs[0].Start) {
		t.Errorf("one file: %+v", rs)
	}
	j = jobOf(t, "1\n2\n3\n4\n5\n6\n7\n8\n", columns(types.TInt4), Defaults())
	j.minPiece = 8 // 16 bytes: two parts
	if _, err := read(t, j, 2); err != nil {
		t.Fatal(err)
	}
	rs = j.Reads()
	if len(rs) != 2 {
		t.Fatalf("%d parts", len(rs))
	}
	for i, r := range rs {
		if r.Slice != i || r.Lines != 4 || !r.Partial || r.Offset != int64(8*i) {
			t.Errorf("part %d: %+v", i, r)
		}
	}
}
