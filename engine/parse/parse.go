// Package parse turns Redshift text into ast statements.
//
//	text -> lex: tokens -> bridge: text for TiDB, markers -> TiDB's parser -> lift -> ast     queries and changes, expressions of the others
//	                    -> own grammar, a file a statement family             -> ast     everything else
//	                    -> PL/pgSQL: the body of a procedure is a text of its own, each of its statements and expressions goes the same ways
//
// What Redshift has and this grammar does not becomes ast.Other, known by its leading words (Leading). All offsets, of nodes and of errors, are in the
// text given to Parse, but those of trees of bodies and of UNLOAD's query, which are in these. Nesting, chains, size and number of words are bounded.
package parse

import (
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/engine/parse/lift"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// parser reads the statements of one text.
type parser struct {
	*bridge.P
	opts   lex.Options
	out    []ast.Statement
	blocks int      // how deep blocks of PL/pgSQL nest
	args   []string // what stands for $1, $2, .. in a SHOW; nil = it is not known yet
}

// Options change how a text is read.
type Options = lex.Options

// maxText is the size of the largest text.
// https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-sql.html
const maxText = 16 << 20

// Parse parses a text of any number of statements. A text without a statement gives none. Quoted names are folded.
func Parse(text string) ([]ast.Statement, error) { return With(text, Options{}) }

// With is Parse with options.
func With(text string, o Options) ([]ast.Statement, error) { return Bound(text, o, nil) }

// Bound is With for a SHOW of objects whose parameters have got their values: args stand for $1, $2, .. as names in double quotes, as the pattern of LIKE, or
// as types of arguments.
func Bound(text string, o Options, args []string) ([]ast.Statement, error) {
	if len(text) > maxText {
		return nil, sqlstate.ProgramLimit.Errorf("Statement is too large. Statement Size: %d bytes. Maximum Allowed: %d bytes", len(text), maxText)
	}
	if err := encoded(text); err != nil {
		return nil, err
	}
	b := bridge.Take()
	defer b.Release()
	if err := b.Scan(text, o); err != nil {
		return nil, err
	}
	p := &parser{P: b, opts: o, args: args}
	for {
		for p.Op(";") {
		}
		if p.done() {
			return p.out, nil
		}
		st, err := p.whole(p.statement)
		if err == nil && !p.done() {
			err = p.Unexpected()
		}
		if err != nil {
			return nil, p.inContext(err)
		}
		p.out = append(p.out, st)
	}
}

// FoldQuoted gives a text with the names in double quotes folded, every token in its place: read with CaseSensitive it means what the text given means
// without. A text that cannot be read comes back as it is.
func FoldQuoted(text string) string {
	if !strings.Contains(text, `"`) {
		return text
	}
	toks, err := lex.Scan(text, Options{})
	if err != nil {
		return text
	}
	b := []byte(text)
	for _, t := range toks {
		if t.Kind != lex.Quoted || text[t.Pos] != '"' {
			continue
		}
		for i := t.Pos; i < t.End; i++ {
			if c := b[i]; c >= 'A' && c <= 'Z' {
				b[i] = c + 'a' - 'A'
			}
		}
	}
	return string(b)
}

// Reserved says whether a word, in lower case, must stand in double quotes to be the name of a column, a table or an alias in every place where one can.
// https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html
func Reserved(word string) bool { return bridge.Reserved(word) }

// encoded checks that a text is UTF-8 without NUL, as PostgreSQL does of all that comes in.
func encoded(text string) error {
	at := strings.IndexByte(text, 0)
	if at < 0 {
		if utf8.ValidString(text) {
			return nil
		}
		for i, r := range text {
			if r == utf8.RuneError {
				if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
					at = i
					break
				}
			}
		}
	}
	return sqlstate.InvalidByteSequence.Errorf("invalid byte sequence for encoding \"UTF8\": 0x%02x", text[at]).At(at)
}

// done says whether a statement ends at the cursor.
func (p *parser) done() bool { return p.Tok().Kind == lex.EOF || p.IsOp(";") }

// whole parses a statement with f and records its span.
func (p *parser) whole(f func() (ast.Statement, error)) (ast.Statement, error) {
	from := p.Tok().Pos
	st, err := f()
	if err != nil {
		return nil, err
	}
	ast.SetSpan(st, from, p.end())
	return st, nil
}

// end is where the token before the cursor ends.
func (p *parser) end() int {
	if p.I == 0 {
		return 0
	}
	return p.Toks[p.I-1].End
}

// statement parses one statement, by its first word.
func (p *parser) statement() (ast.Statement, error) {
	t := p.Tok()
	if t.Kind == lex.Op && t.Text == "(" {
		return p.query()
	}
	if t.Kind != lex.Word {
		return nil, p.Unexpected()
	}
	switch t.Text {
	case "select", "with":
		return p.query()
	case "insert":
		return p.change(p.Insert)
	case "update":
		return p.change(p.Update)
	case "delete":
		return p.change(p.Delete)
	case "create":
		return p.create()
	case "drop":
		return p.drop()
	case "alter":
		return p.alter()
	case "truncate":
		return p.truncate()
	case "lock":
		return p.lock()
	case "copy":
		return p.copy()
	case "unload":
		return p.unload()
	case "analyze", "analyse":
		return p.analyze()
	case "vacuum":
		return p.vacuum()
	case "begin", "start", "commit", "end", "rollback", "abort":
		return p.transaction()
	case "set":
		return p.set()
	case "reset":
		return p.reset()
	case "show":
		return p.show()
	case "prepare":
		return p.prepare()
	case "execute":
		return p.execute()
	case "deallocate":
		return p.deallocate()
	case "comment":
		return p.comment()
	case "explain":
		return p.explain()
	case "merge":
		return p.merge()
	case "declare":
		return p.declareCursor()
	case "fetch":
		return p.fetch()
	case "close":
		return p.closeCursor()
	case "call":
		return p.call()
	case "refresh":
		return p.refresh()
	case "desc":
		if p.Words("desc", "datashare") {
			return p.datashare("desc")
		}
		if p.Words("desc", "identity", "provider") {
			return p.identityProvider("desc")
		}
	case "use":
		return p.use()
	case "cancel":
		return p.cancel()
	case "grant", "revoke":
		return p.grant(false)
	}
	return p.other()
}

// query parses a query, or the UPDATE or DELETE behind a WITH.
func (p *parser) query() (ast.Statement, error) {
	if p.Is("with") {
		start := p.I
		switch w := p.afterWith(); w {
		case "update", "delete":
			p.Begin()
			if err := p.With(); err != nil {
				return nil, err
			}
			if w == "update" {
				return p.changed(p.Update())
			}
			return p.changed(p.Delete())
		}
		p.I = start
	}
	p.Begin()
	return p.changed(p.Query(true))
}

// afterWith gives the word that follows the WITH queries, going by parentheses alone.
func (p *parser) afterWith() string {
	depth := 0
	for i := p.I; i < len(p.Toks); i++ {
		t := &p.Toks[i]
		switch {
		case t.Kind == lex.EOF:
			return ""
		case t.Kind == lex.Op && t.Text == "(":
			depth++
		case t.Kind == lex.Op && t.Text == ")":
			depth--
			n := &p.Toks[i+1]
			if depth == 0 && n.Kind == lex.Word && n.Text != "as" {
				return n.Text
			}
		}
	}
	return ""
}

// change parses INSERT, UPDATE or DELETE, which f writes for TiDB.
func (p *parser) change(f func() error) (ast.Statement, error) {
	p.Begin()
	return p.changed(f())
}

// changed lifts what a bridge has written, unless that failed.
func (p *parser) changed(err error) (ast.Statement, error) {
	if err != nil {
		return nil, err
	}
	return lift.Statement(p.Finish())
}

// inner parses a query inside another statement, and gives its text.
func (p *parser) inner() (*ast.Select, string, error) {
	t := p.Tok()
	if !p.Is("select") && !p.Is("with") && !p.IsOp("(") {
		return nil, "", p.Unexpected()
	}
	p.Begin()
	if err := p.Query(false); err != nil {
		return nil, "", err
	}
	q, err := lift.Query(p.Finish())
	if err != nil {
		return nil, "", err
	}
	ast.SetSpan(q, t.Pos, p.end())
	return q, p.Src[t.Pos:p.end()], nil
}

// scalar parses an expression inside another statement, and gives its text.
func (p *parser) scalar() (ast.Expr, string, error) {
	at := p.Tok().Pos
	p.Begin()
	if err := p.Scalar(); err != nil {
		return nil, "", err
	}
	x, err := lift.Scalar(p.Finish())
	return x, p.Src[at:p.end()], err
}

// text reads a string.
func (p *parser) text() (string, error) {
	t := p.Tok()
	if t.Kind != lex.String {
		return "", p.Unexpected()
	}
	p.I++
	return t.Text, nil
}

// ident reads a name with its place.
func (p *parser) ident() (string, ast.Pos, error) {
	at := ast.Pos(p.Tok().Pos)
	s, err := p.Ident()
	return s, at, err
}
