package sqltest

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/cockroachdb/datadriven"
	"github.com/klauspost/compress/zstd"
)

// bucket is a block list or content: the keys that begin as its argument says, or what is in these objects.
func bucket(dir string, d *datadriven.TestData) (string, error) {
	if len(d.CmdArgs) == 0 {
		return "", errors.New(d.Cmd + " needs a prefix")
	}
	var keys []string
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if rel = filepath.ToSlash(rel); strings.HasPrefix(rel, d.CmdArgs[0].Key) {
			keys = append(keys, rel)
		}
		return err
	})
	sort.Strings(keys)
	if err != nil || d.Cmd == "list" {
		return strings.Join(append(keys, ""), "\n"), err
	}
	var text []byte
	for _, key := range keys {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(key)))
		if err == nil {
			data, err = unpacked(key, data)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
		text = append(text, data...)
	}
	out := printable(text)
	if !d.HasArg("sort") {
		return out, nil
	}
	lines := strings.SplitAfter(out, "\n")
	sort.Strings(lines)
	return strings.Join(lines, ""), nil
}

// unpacked undoes the compression that the end of a key names.
func unpacked(key string, data []byte) ([]byte, error) {
	var in io.Reader = bytes.NewReader(data)
	switch filepath.Ext(key) {
	case ".gz":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = z
	case ".bz2":
		in = bzip2.NewReader(in)
	case ".zst":
		z, err := zstd.NewReader(in)
		if err != nil {
			return nil, err
		}
		defer z.Close()
		in = z
	}
	return io.ReadAll(in)
}

// printable writes bytes that do not print as escapes.
func printable(text []byte) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\r':
			b.WriteString(`\r`)
		case r == utf8.RuneError && n == 1, r < ' ' && r != '\n' && r != '\t':
			fmt.Fprintf(&b, `\x%02x`, text[0])
		default:
			b.WriteRune(r)
		}
		text = text[n:]
	}
	return b.String()
}
