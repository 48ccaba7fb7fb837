package load

import (
	"bytes"
	"context"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// documents makes a job over one file of JSON or Avro, with a JSONPaths file where paths is not empty.
func documents(t testing.TB, data []byte, cols []Column, f Format, paths string) (*Job, error) {
	t.Helper()
	o := Defaults()
	o.Format, o.MaxError = f, 100000
	files := fstest.MapFS{"f": {Data: data}}
	if paths != "" {
		files["paths"] = &fstest.MapFile{Data: []byte(paths)}
		o.PathsFile = "s3://b/paths"
	}
	return NewJob(context.Background(), "s3://b/f", one(FS(files)), "t", cols, o)
}

// FuzzJSON loads what is no JSON: rows or errors, the same by names as by the paths that say the same.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a": 1, "b": "x\u00e9\ud83d\ude00"} {"b":{"c":[1,{"d":null}]}}`))
	f.Add([]byte("[1,2]\n{\"a\":-1.5e+3,\"a\":true}{\"\\u0061\":0"))
	f.Add([]byte("noise {\"a\":\"\\ud800\"}\xff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte(`"a"`)) && bytes.Count(data, []byte(`"a`)) > 1 {
			return // of two members of one name the last counts, wherever the path goes
		}
		cols := columns(types.TFloat8, types.TVarchar(30))
		var got [2][]string
		for i, paths := range []string{"", `{"jsonpaths": ["$.a", "$['b']"]}`} {
			j, err := documents(t, data, cols, JSON, paths)
			if err != nil {
				t.Fatal(err)
			}
			if got[i], err = read(t, j, 1); err != nil {
				return // a row that is too long
			}
		}
		if !reflect.DeepEqual(got[0], got[1]) && !bytes.ContainsAny(data, "[") {
			t.Fatalf("by names %q, by paths %q", got[0], got[1])
		}
	})
}

// FuzzJSONPaths reads what is no JSONPaths file.
func FuzzJSONPaths(f *testing.F) {
	f.Add([]byte(`{"jsonpaths": ["$.a[0].b", "$['a']['b'][1]"]}`))
	f.Add([]byte(`{"jsonpaths": ["$[99999999999]", "$..", 1]}`))
	f.Fuzz(func(t *testing.T, paths []byte) {
		j, err := documents(t, []byte(`{"a": [{"b": 1}, null], "b": "x"} [1, [2]]`), columns(types.TInt4, types.TVarchar(30)), JSON, string(paths)+" ")
		if err != nil {
			return
		}
		if _, err := read(t, j, 1); err != nil {
			t.Fatal(err)
		}
	})
}

// avroSample is a file of hamba/avro: {a: 1, b: "one"}.
const avroSample = "T2JqAQP4ARZhdnJvLnNjaGVtYbwBeyJuYW1lIjoidCIsInR5cGUiOiJyZWNvcmQiLCJmaWVsZHMiOlt7Im5hbWUiOiJhIiwidHlwZSI6ImludCJ9LHsibmFtZSI6ImIi" +
	"LCJ0eXBlIjoic3RyaW5nIn1dfRRhdnJvLmNvZGVjCG51bGwAgFKgL9wmBGug1wNvpVvdzAIKAgZvbmWAUqAv3CYEa6DXA2+lW93M"

// FuzzAvro loads what is no Avro file: rows or errors, never a panic.
func FuzzAvro(f *testing.F) {
	sample, err := base64.StdEncoding.DecodeString(avroSample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add(bytes.Replace(sample, []byte(`"string"`), []byte(`["null"]`), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := documents(t, data, columns(types.TInt4, types.TVarchar(30)), Avro, "")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = read(t, j, 1) // an error of the file is an answer too
	})
}

// FuzzLzop decompresses what lzop has not written: bytes or an error, never a panic.
func FuzzLzop(f *testing.F) {
	sample, err := base64.StdEncoding.DecodeString("iUxaTwANChoKEEAgoAlAAQUDAAAJAACBpGsHkkkAAAAAB29uZS50eHRbHga1AAAABgAAAAYHcgH6MXxvbmUKAAAAAA==")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample, []byte{21, 'a', 'b', 'c', 'd', 0x20 | 3, 0, 0, 17, 0, 0})
	f.Fuzz(func(t *testing.T, file, block []byte) {
		if l, err := newLzop(bytes.NewReader(file)); err == nil {
			buf := make([]byte, 100)
			for err == nil {
				_, err = l.Read(buf)
			}
		}
		if n, ok := lzo1x(make([]byte, 1000), block); ok && n > 1000 {
			t.Fatal(n)
		}
	})
}

// FuzzUTF16 holds the decoder of UTF-16 against unicode/utf16.
func FuzzUTF16(f *testing.F) {
	f.Add([]byte("a\x00\x3d\xd8\x00\xde\x00\xd8\n\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:len(data)&^1]
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
		}
		if len(units) > 0 && (units[0] == 0xFEFF || units[0] == 0xFFFE) {
			return
		}
		var got bytes.Buffer
		if _, err := got.ReadFrom(decoded(bytes.NewReader(data), UTF16LE)); err != nil {
			t.Fatal(err)
		}
		want := string(utf16.Decode(units))
		if s := strings.ToValidUTF8(strings.ReplaceAll(got.String(), "�", "?"), "?"); len([]rune(s)) > len([]rune(want)) && !strings.Contains(want, "�") {
			t.Fatalf("%q, want %q", got.String(), want)
		}
		if !strings.Contains(want, "�") && got.String() != want {
			t.Fatalf("%q, want %q", got.String(), want)
		}
	})
}
