package redshifttest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// Fixture is what a test's tables begin with: SQL, Files or Rows.
type Fixture interface {
	Option
	load(ctx context.Context, db *sql.DB) error
}

// fixture is a Fixture; its errors begin with where it is from.
type fixture struct {
	run func(ctx context.Context, db *sql.DB) error
}

func (f fixture) apply(o *options)                           { o.fixtures = append(o.fixtures, f) }
func (f fixture) load(ctx context.Context, db *sql.DB) error { return f.run(ctx, db) }

// Load loads fixtures into a database, in their order. One that fails ends the test; the error names the file, the line and what the database said.
func Load(t testing.TB, db *sql.DB, fixtures ...Fixture) {
	t.Helper()
	if err := load(context.Background(), db, fixtures); err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
}

func load(ctx context.Context, db *sql.DB, fixtures []Fixture) error {
	for _, f := range fixtures {
		if err := f.load(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// SQL runs statements, one after the other, each a transaction of its own unless the text has BEGIN.
func SQL(text string) Fixture {
	from := "SQL of " + caller()
	return fixture{func(ctx context.Context, db *sql.DB) error { return script(ctx, db, from, text) }}
}

// Files loads the files of a file system (os.DirFS("testdata"), an embed.FS) whose names match any of the patterns of path.Match, in the order of patterns
// and, of a pattern, of names. A file NAME.sql is run as SQL runs it. A file NAME.csv, with the names of columns in its first line, is copied into table NAME,
// which may be SCHEMA.TABLE, as COPY .. CSV EMPTYASNULL does: an empty field is NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
func Files(fsys fs.FS, patterns ...string) Fixture {
	from := "Files of " + caller()
	return fixture{func(ctx context.Context, db *sql.DB) error {
		for _, pattern := range patterns {
			names, err := fs.Glob(fsys, pattern)
			if err == nil && len(names) == 0 {
				err = errors.New("no such file")
			}
			if err != nil {
				return fmt.Errorf("%s: %s: %w", from, pattern, err)
			}
			for _, name := range names {
				if err := file(ctx, db, fsys, name); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}

// file loads one file.
func file(ctx context.Context, db *sql.DB, fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	switch ext := path.Ext(name); ext {
	case ".sql":
		return script(ctx, db, name, string(data))
	case ".csv":
		return copyCSV(ctx, db, name, strings.TrimSuffix(path.Base(name), ext), data)
	}
	return fmt.Errorf("%s: fixtures are .sql and .csv files", name)
}

// script runs the statements of a text on one connection. from is what errors call the text.
func script(ctx context.Context, db *sql.DB, from, text string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	statements, err := cut(text)
	if err != nil {
		return at(from, text, 0, err)
	}
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, text[s[0]:s[1]]); err != nil {
			return at(from, text, s[0], err)
		}
	}
	return nil
}

// cut finds the statements of a text: from where to where each goes.
func cut(text string) ([][2]int, error) {
	toks, err := lex.Scan(text, lex.Options{})
	if err != nil {
		return nil, err
	}
	var out [][2]int
	first := 0
	for i := range toks {
		t := &toks[i]
		if t.Kind != lex.EOF && (t.Kind != lex.Op || t.Text != ";") {
			continue
		}
		if i > first {
			out = append(out, [2]int{toks[first].Pos, toks[i-1].End})
		}
		first = i + 1
	}
	return out, nil
}

// at says where in a text a statement failed: at the place that the error gives, or where the statement begins.
func at(from, text string, start int, err error) error {
	var e *redshiftsim.Error
	if errors.As(err, &e) {
		rest := text[start:]
		if e.Position > 0 {
			for range e.Position - 1 {
				_, n := utf8.DecodeRuneInString(rest)
				rest = rest[n:]
			}
		} else if e.Offset() > 0 {
			rest = rest[min(e.Offset(), len(rest)):]
		}
		start = len(text) - len(rest)
	}
	before := text[:start]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Errorf("%s, line %d:%d: %w", from, line, column, err)
}

// caller is the place in the test that called: file.go:12.
func caller() string {
	pc := make([]uintptr, 16)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for {
		f, more := frames.Next()
		if !more || !strings.HasPrefix(f.Function, packagePath) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
	}
}

// packagePath begins the names of this package's functions.
const packagePath = "github.com/redshiftsim/redshiftsim/redshifttest."
