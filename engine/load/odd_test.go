package load

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TestLongRows loads rows of almost 4 MB, in pieces too, and refuses longer ones whatever MAXERROR says; pipes count twice.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
func TestLongRows(t *testing.T) {
	const n = 63 // 63 columns of 65,535 bytes, and a small one
	cols := make([]Column, n+1)
	cell := strings.Repeat("x", types.MaxVarchar)
	line := make([]string, n+1)
	object := make([]string, n+1)
	for i := range cols {
		cols[i] = Column{Name: fmt.Sprintf("c%d", i), Type: types.TVarcharMax}
		line[i] = cell
		if i == n {
			line[i] = "last"
		}
		object[i] = fmt.Sprintf("%q: %q", cols[i].Name, line[i])
	}
	want := strings.Join(line, "|")
	csv := Defaults()
	csv.Format, csv.Delimiter, csv.MaxError = CSV, ",", 1000
	documents := Defaults()
	documents.Format, documents.MaxError = JSON, 1000
	pipes := Defaults()
	pipes.MaxError = 1000
	for name, x := range map[string]struct {
		o    Options
		text string
	}{
		"delimited": {pipes, want + "\n"},
		"csv":       {csv, `"` + strings.Join(line, `","`) + "\"\n"},
		"json":      {documents, "{" + strings.Join(object, ", ") + "}\n"},
	} {
		text := strings.Repeat(x.text, 3)
		for _, slices := range []int{1, 4} {
			got, err := read(t, jobOf(t, text, cols, x.o), slices)
			if err != nil || !reflect.DeepEqual(got, []string{want, want, want}) {
				t.Fatalf("%s, %d slices: %d rows, %v", name, slices, len(got), err)
			}
		}
		long := strings.Replace(text, cell[:1000], strings.Repeat("y", 70000), 1)
		j := jobOf(t, long, cols, x.o)
		_, err := read(t, j, 1)
		var e *sqlstate.Error
		if bad := j.Errors(); !errors.As(err, &e) || len(bad) != 1 || bad[0].Code != 1216 || bad[0].Line != 1 {
			t.Errorf("%s: %v, %d bad rows", name, err, len(bad))
		}
	}
	full := strings.Repeat("|", maxRecord/2+1) + "\n"
	j := jobOf(t, full, columns(types.TInt4), pipes)
	if _, err := read(t, j, 1); err == nil || len(j.Errors()) != 1 || j.Errors()[0].Code != 1216 {
		t.Errorf("pipes: %v, %v", err, j.Errors()[0].Reason)
	}
}

// TestManifestBuckets loads what a manifest names from several buckets.
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
func TestManifestBuckets(t *testing.T) {
	stores := map[string]ObjectStore{
		"one": FS(fstest.MapFS{"a": {Data: []byte("1\n")}, "list": {Data: []byte(`{"entries": [{"url": "s3://two/a", "mandatory": true}, {"url": "s3://one/a"}, {"url": "s3://two/b"}]}`)}}),
		"two": FS(fstest.MapFS{"a": {Data: []byte("2\n")}, "ab": {Data: []byte("9\n")}}),
	}
	o := Defaults()
	o.Manifest = true
	j, err := NewJob(context.Background(), "s3://one/list", func(b string) (ObjectStore, bool) { s, ok := stores[b]; return s, ok }, "t", columns(types.TInt4), o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t, j, 1)
	if err != nil || !reflect.DeepEqual(got, []string{"2", "1"}) {
		t.Errorf("%q, %v", got, err)
	}
	if r := j.Reads(); len(r) != 2 || r[0].File != "s3://two/a" {
		t.Errorf("%+v", r)
	}
}

// TestProgress tells how far the slices are.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOAD_STATE.html
func TestProgress(t *testing.T) {
	o := Defaults()
	o.Compression = Gzip
	data := zipped(t, []byte(strings.Repeat("1\n", 5000)))
	j, err := NewJob(context.Background(), "s3://b/", one(FS(fstest.MapFS{"a": {Data: data}, "b": {Data: data}, "c": {Data: data}})), "t", columns(types.TInt4), o)
	if err != nil {
		t.Fatal(err)
	}
	for s := range 2 {
		if _, err := j.Open(s, 2); err != nil {
			t.Fatal(err)
		}
	}
	size := int64(len(data))
	if p := j.Progress(); !reflect.DeepEqual(p, []Progress{{Slice: 0, Files: 2, Size: 2 * size}, {Slice: 1, Files: 1, Size: size}}) || p[0].Percent() != 0 {
		t.Errorf("before: %+v", p)
	}
	if _, err := read(t, j, 2); err != nil {
		t.Fatal(err)
	}
	want := []Progress{
		{Slice: 0, Files: 2, Done: 2, File: "s3://b/c", Size: 2 * size, Lines: 10000, Bytes: 20000, Stored: 2 * size},
		{Slice: 1, Files: 1, Done: 1, File: "s3://b/b", Size: size, Lines: 5000, Bytes: 10000, Stored: size},
	}
	if p := j.Progress(); !reflect.DeepEqual(p, want) || p[1].Percent() != 100 {
		t.Errorf("after: %+v, want %+v", p, want)
	}
}

// TestNotices tells what was loaded, what was not, and where characters were replaced; of replacements a slice logs the first 100 rows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_REPLACEMENTS.html
func TestNotices(t *testing.T) {
	o := Defaults()
	o.AcceptInvChars, o.MaxError = true, 10
	j := jobOf(t, strings.Repeat("1|\xff\n", 130)+"x|y\n2|z\n", columns(types.TInt4, types.TVarchar(5)), o)
	if _, err := read(t, j, 1); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Load into table 't' completed, 131 record(s) loaded successfully.",
		"Load into table 't' completed, 1 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.",
		"Load into table 't' completed, 130 record(s) were loaded with replacements made for ACCEPTINVCHARS. Check 'stl_replacements' system table for details.",
	}
	if got := j.Notices(); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if r := j.Replacements(); len(r) != 100 || r[99].Line != 100 || r[99].Column != "b" {
		t.Errorf("%d replacements", len(r))
	}
}

// TestManyErrors: IGNOREALLERRORS goes on behind the bad rows that are kept, and counts them all.
func TestManyErrors(t *testing.T) {
	o := Defaults()
	o.IgnoreErrors = true
	j := jobOf(t, strings.Repeat("x\n", maxLogged+5)+"7\n", columns(types.TInt4), o)
	got, err := read(t, j, 1)
	if err != nil || !reflect.DeepEqual(got, []string{"7"}) {
		t.Fatalf("%q, %v", got, err)
	}
	if n := len(j.Errors()); n != maxLogged || j.BadRows() != maxLogged+5 {
		t.Errorf("%d bad rows are kept of %d", n, j.BadRows())
	}
}
