// Package sqlmatch compares SQL statements of Amazon Redshift by what they say, for tests that use go-sqlmock: it is a sqlmock.QueryMatcher.
//
//	db, mock, err := sqlmock.New(sqlmock.QueryMatcherOption(sqlmatch.New()))
//	mock.ExpectQuery(`SELECT title FROM movies WHERE year > $1`)
//
//	"select TITLE from movies where (year > $1)" ── parse ── tree ─┐
//	                                                               ├── compared node by node: nil, or the first *Difference
//	"SELECT title FROM movies WHERE year > $1"   ── parse ── tree ─┘
//
// What does not count: the case of keywords and unquoted names, blanks, comments, parentheses that change nothing (around conditions of a chain of ANDs or
// ORs, too), quotes around a name that needs none, AS, an alias that is the name itself (movies AS movies, m.year AS year), INNER and OUTER, ASC, <> or !=, CAST(x AS t), x::t or a typed literal (date '2001-01-01'), the
// spelling of a type (int, integer, int4), how a string is written. What counts: everything else, the order of conditions and of columns, too. $1 equals $1
// alone; ? is no placeholder of Redshift, and a statement with one matches nothing.
//
// A statement that Redshift's grammar refuses has no tree. It is compared as text, blanks aside, unless Strict is set; the error says so. The same goes for
// the statements that are known by their leading words only (see docs/support.md of redshiftsim): they are compared word by word.
package sqlmatch

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

type options struct {
	aliases, columns, strict bool
	lex                      lex.Options
}

// Option changes what a Matcher takes for the same.
type Option func(*options)

// IgnoreAliases makes names that a query gives for itself not count: aliases of tables (with the references to them) and of output columns of the
// outermost query. Aliases that something outside of a query can use, those of the columns of a subquery in FROM, count still.
func IgnoreAliases() Option { return func(o *options) { o.aliases = true } }

// AnyColumns makes any select list of the outermost query match: for what a mapper generates from a struct.
func AnyColumns() Option { return func(o *options) { o.columns = true } }

// CaseSensitive reads names in double quotes as sessions do that have enable_case_sensitive_identifier on.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_identifier.html
func CaseSensitive() Option { return func(o *options) { o.lex.CaseSensitive = true } }

// Strict makes a statement that Redshift's grammar refuses match nothing, not even its own text.
func Strict() Option { return func(o *options) { o.strict = true } }

// Matcher is a sqlmock.QueryMatcher. It is safe for concurrent use.
type Matcher struct{ o options }

// New makes a matcher.
func New(opts ...Option) *Matcher {
	m := &Matcher{}
	for _, o := range opts {
		o(&m.o)
	}
	return m
}

// Side is one statement's part of a difference.
type Side struct {
	SQL          string // the node, as SQL in canonical form; "" = this statement has none
	Offset       int    // where it begins in the text, in bytes: of an operator, its own place
	Line, Column int    // the same for people, from 1
}

// Difference is the error of two statements that do not match: the first part in which they differ.
type Difference struct {
	Path             string // "the select list, item 2", "WHERE, condition 1 of AND, the right of >="
	Reason           string // what differs: "5 is not 6", "only the actual statement has it"
	Expected, Actual Side
}

// Error tells the difference on three lines.
func (d *Difference) Error() string {
	s := "sqlmatch: the statements differ"
	if d.Path != "" {
		s += " in " + d.Path
	}
	return s + ": " + d.Reason + d.Expected.line("\n  expected: ") + d.Actual.line("\n  actual:   ")
}

func (s Side) line(word string) string {
	if s.SQL == "" {
		return word + "(nothing)"
	}
	return fmt.Sprintf("%s%s    (line %d, column %d)", word, s.SQL, s.Line, s.Column)
}

// Match compares a statement, or several separated by semicolons, with the expected one. The error is a *Difference where both have trees.
func (m *Matcher) Match(expected, actual string) error {
	a, errA := parse.With(expected, m.o.lex)
	b, errB := parse.With(actual, m.o.lex)
	if errA != nil || errB != nil {
		return m.texts(expected, actual, errA, errB)
	}
	w := &walk{o: m.o, texts: [2]string{expected, actual}}
	w.elements(len(a), len(b), word(len(a) < 2 && len(b) < 2, "", "statement %d"), func(i int) bool {
		w.hidden, w.top = true, true
		return w.same(reflect.ValueOf(&a[i]).Elem(), reflect.ValueOf(&b[i]).Elem())
	}, func(i int) any { return a[i] }, func(i int) any { return b[i] })
	if w.diff != nil {
		return w.diff
	}
	return nil
}

// texts compares statements of which one at least has no tree.
func (m *Matcher) texts(expected, actual string, errA, errB error) error {
	why := fmt.Errorf("the expected statement is refused: %w", errA)
	if errA == nil {
		why = fmt.Errorf("the actual statement is refused: %w", errB)
	}
	switch {
	case placeholder(expected, m.o.lex), placeholder(actual, m.o.lex):
		return fmt.Errorf("sqlmatch: ? is no placeholder of Redshift, write $1, $2, ..: %w", why)
	case m.o.strict:
		return fmt.Errorf("sqlmatch: %w", why)
	case strings.Join(strings.Fields(expected), " ") == strings.Join(strings.Fields(actual), " "):
		return nil
	}
	return fmt.Errorf("sqlmatch: the texts differ; they were compared as texts, for %w\n  expected: %s\n  actual:   %s", why, excerpt(expected), excerpt(actual))
}

// placeholder says whether a text has a question mark for a placeholder.
func placeholder(text string, o lex.Options) bool {
	toks, err := lex.Scan(text, o)
	if err != nil {
		return false
	}
	for _, t := range toks {
		if t.Kind == lex.Op && t.Text == "?" {
			return true
		}
	}
	return false
}

// Canonical gives a query or a change (SELECT, INSERT, UPDATE, DELETE) in canonical form: statements that match give the same text. Of several statements it
// gives one a line. The error is the parser's, or that a statement is of another kind.
func Canonical(text string) (string, error) {
	list, err := parse.Parse(text)
	if err != nil {
		return "", err
	}
	p := &printer{}
	for i, st := range list {
		if i > 0 {
			p.put("\n")
		}
		if !p.statement(st) {
			return "", fmt.Errorf("sqlmatch: %s has no canonical text", ast.KindOf(st))
		}
	}
	return p.b.String(), nil
}
