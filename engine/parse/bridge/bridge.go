// Package bridge recognises Redshift's queries and writes the text that TiDB's parser reads, in one pass and without building a tree.
//
//	SELECT a::int || 'x' FROM t FULL JOIN u ON t.k = u.k
//	   |
//	SELECT `rs:1`(`rs:0`(`a`),'x') FROM `t` LEFT JOIN `u` ON `rs:2`(`t`.`k` = `u`.`k`)
//	   Marks[0] cast to int      Marks[1] operator ||      Marks[2] full join
//
// What MySQL's grammar has with the same meaning is written as it is, with parentheses where its precedence differs. All else becomes a call of a
// marker function `rs:N`, N an index into Output.Marks, which says what it stands for; lift turns it back. A user cannot write such a name: names are
// quoted here, and the prefix is refused. Offsets maps places in the written text to places in the source.
package bridge

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// MarkKind says what a marker function stands for.
type MarkKind uint8

// Kinds of markers.
const (
	Call MarkKind = iota
	Operator
	Prefix
	Cast
	Interval
	Like
	AtTimeZone
	Collate
	Number
	Bool
	Param
	NamedParam
	Path
	Column // a column's name of more than three parts
	Star
	Nulls
	Grouping
	Having
	Full
	DefaultValue
	TableFunction
	Is
	Quantified
	Array    // ARRAY[..], or ARRAY(query) with a query as its one argument: Literal
	Function // a column-less word: current_date
	Text     // a string that the text for TiDB cannot hold
	Item     // the alias of an item of FROM
	Wrap     // the alias of a query that is in FROM only for TiDB's sake
	CTE      // the name of a WITH query
	Limit    // LIMIT and OFFSET, as an item of ORDER BY
	Cross    // the condition of a CROSS JOIN
	Others   // the tables of UPDATE .. FROM and DELETE .. USING, and the condition
	Outer    // column(+)
	Prior
	Hierarchy // the condition of WHERE with those of START WITH and CONNECT BY
	Unnest    // the expression of an item of FROM that makes rows of a SUPER value
	Pivot     // what PIVOT and UNPIVOT say, as the condition of a query over their source
)

// Mark is one marker. Which fields count depends on Kind.
type Mark struct {
	Kind    MarkKind
	Pos     int
	Text    string // operator, number, name, qualifier
	Names   []string
	Exclude []string
	Type    *ast.TypeName
	Steps   []ast.Step // Path: an Index that is not nil is filled in from the arguments
	Aliases []string   // Pivot: of the values
	At      string     // Unnest: the alias of the index
	// Call: arguments, then WITHIN GROUP items, PARTITION BY items, ORDER BY items of the window.
	Args, Within, Partition, Order          int
	Distinct, Star, Approximate, IgnoreNull bool
	Over                                    bool
	OverPos                                 int
	Frame                                   *ast.Frame
	Not, Fold, Escape, Try, Literal         bool
	Desc                                    []bool // of Within, then Order
	NullsAt                                 []string
	Sizes                                   []int // Grouping: items per set; Operator: places of the same operator further on
	First, Second                           bool  // Having, Limit, Others, Hierarchy: which of the optional arguments are there
	Swapped                                 bool  // Limit: the second argument comes first
}

// Target is what UPDATE, DELETE and INSERT change, as written.
type Target struct {
	Table   ast.Name
	Alias   string
	Columns []ast.ColumnName // of INSERT, or the left sides of SET
	Rows    [][]ast.Expr     // of VALUES; nil where the row is in the text
	Default bool             // DEFAULT VALUES
	Made    bool             // no row is in the text: the INSERT is whole
}

// Output is a text for TiDB with what its markers mean.
type Output struct {
	Text     string
	Marks    []Mark
	offsets  []offset
	Depth    int // how deep the text nests
	Into     *ast.Name
	IntoTemp bool
	Target   *Target
}

// offset says that what is written at out stands for the source at src.
type offset struct{ out, src int }

// Source maps a place in Text to the source.
func (o *Output) Source(out int) int {
	i := sort.Search(len(o.offsets), func(i int) bool { return o.offsets[i].out > out })
	if i == 0 {
		return 0
	}
	return o.offsets[i-1].src
}

// P is a cursor over tokens with the text written so far.
type P struct {
	Src   string
	Toks  []lex.Token
	I     int
	out   []byte
	x     Output
	match []int
	stack []int // scratch of pairs
	depth int
	// deepest is the greatest depth since Begin.
	deepest int
	// height is that of the tallest tree written since a caller set it to 0: chains of operators nest to the left without recursion here, but not above.
	height int
	// Collated says that COLLATE behind an expression is not the expression's: of a DEFAULT.
	Collated  bool
	prior     int8 // whether CONNECT BY is in the text: 0 = not known yet, 1 = yes, -1 = no
	item      int  // the token at which an item of GROUP BY or ORDER BY began last
	into      bool // SELECT .. INTO may stand here
	last      int  // the marker of the last item of FROM, when that is a name of several parts; else -1
	asWritten bool // names of attributes keep their case
}

// New makes a cursor at the first token.
func New(src string, toks []lex.Token) *P {
	p := &P{Src: src, Toks: toks}
	p.pairs()
	return p
}

// pairs finds the closing parenthesis of each opening one.
func (p *P) pairs() {
	p.match = slices.Grow(p.match[:0], len(p.Toks))[:len(p.Toks)]
	clear(p.match)
	stack := p.stack[:0]
	for i := range p.Toks {
		if p.Toks[i].Kind == lex.Op {
			switch p.Toks[i].Text {
			case "(":
				stack = append(stack, i)
			case ")":
				if n := len(stack); n > 0 {
					p.match[stack[n-1]] = i
					stack = stack[:n-1]
				}
			}
		}
	}
	p.stack = stack
}

// Replace puts tokens in the place of the one at i, which is not before the cursor.
func (p *P) Replace(i int, by ...lex.Token) {
	p.Toks = slices.Replace(p.Toks, i, i+1, by...)
	p.pairs()
}

// idle are cursors whose memory serves again.
var idle = sync.Pool{New: func() any { return &P{} }}

// Take gives a cursor with nothing to read; Release gives it back, after which nothing that it gave may be used but what lift made of it.
func Take() *P { return idle.Get().(*P) }

// Scan makes p a cursor at the first token of a text.
func (p *P) Scan(src string, o lex.Options) error {
	if n := len(src)/4 + 16; cap(p.Toks) < n {
		p.Toks = make([]lex.Token, 0, n)
	}
	toks, err := lex.Append(p.Toks[:0], src, o)
	if err != nil {
		return err
	}
	p.Src, p.Toks, p.asWritten = src, toks, o.Attributes
	p.pairs()
	return nil
}

// most are the tokens and the bytes written after which a cursor is thrown away.
const most = 32 << 10

// Release ends the use of p.
func (p *P) Release() {
	if cap(p.Toks) > most || cap(p.out) > 4*most || cap(p.x.Marks) > most/16 {
		return
	}
	clear(p.Toks)
	clear(p.x.Marks)
	*p = P{Toks: p.Toks[:0], match: p.match, stack: p.stack, out: p.out[:0], x: Output{Marks: p.x.Marks[:0], offsets: p.x.offsets[:0]}}
	idle.Put(p)
}

// maxDepth bounds nesting: deeper statements are refused, not crashed on.
const maxDepth = 1900

// enter goes one level deeper.
func (p *P) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.TooDeep()
	}
	p.deepest = max(p.deepest, p.depth)
	return nil
}

// maxHeight bounds trees that are deep without nesting: a chain of operators, joins or UNIONs. Who walks a tree does so by recursion.
const maxHeight = 60_000

// grow makes the tree of height h one higher.
func (p *P) grow(h int) (int, error) {
	if h++; h > maxHeight {
		return h, p.TooDeep()
	}
	return h, nil
}

// TooDeep is the error of a statement that nests too deeply.
func (p *P) TooDeep() error {
	return sqlstate.StatementTooComplex.Errorf("stack depth limit exceeded").At(p.Tok().Pos)
}

// Tok is the token at the cursor.
func (p *P) Tok() *lex.Token { return &p.Toks[p.I] }

// Ahead is the token n places on; EOF beyond the end.
func (p *P) Ahead(n int) *lex.Token {
	if p.I+n >= len(p.Toks) {
		return &p.Toks[len(p.Toks)-1]
	}
	return &p.Toks[p.I+n]
}

// Is says whether the cursor is at the unquoted word w.
func (p *P) Is(w string) bool { t := p.Tok(); return t.Kind == lex.Word && t.Text == w }

// IsAt says whether the token n places on is the word w.
func (p *P) IsAt(n int, w string) bool { t := p.Ahead(n); return t.Kind == lex.Word && t.Text == w }

// IsOp says whether the cursor is at the operator op.
func (p *P) IsOp(op string) bool { t := p.Tok(); return t.Kind == lex.Op && t.Text == op }

// Words accepts all of words, or nothing.
func (p *P) Words(words ...string) bool {
	for i, w := range words {
		if !p.IsAt(i, w) {
			return false
		}
	}
	p.I += len(words)
	return true
}

// Op accepts the operator op.
func (p *P) Op(op string) bool {
	if p.IsOp(op) {
		p.I++
		return true
	}
	return false
}

// Expect demands the word w.
func (p *P) Expect(w string) error {
	if !p.Words(w) {
		return p.Unexpected()
	}
	return nil
}

// ExpectOp demands the operator op.
func (p *P) ExpectOp(op string) error {
	if !p.Op(op) {
		return p.Unexpected()
	}
	return nil
}

// Unexpected is the syntax error at the cursor, in PostgreSQL's words.
func (p *P) Unexpected() error { return Near(p.Src, p.Tok()) }

// Near is the syntax error at a token.
func Near(src string, t *lex.Token) error {
	if t.Kind == lex.EOF {
		return sqlstate.Syntax.Errorf("syntax error at end of input").At(t.Pos)
	}
	e := sqlstate.Syntax.Errorf("syntax error at or near \"%s\"", src[t.Pos:t.End]).At(t.Pos)
	if t.Kind == lex.Op && t.Text == "?" {
		return e.WithHint("use $1, $2: Redshift's placeholders are numbered")
	}
	return e
}

// Unsupported is the refusal of a feature at a token.
func (p *P) Unsupported(t *lex.Token, what string) error {
	return sqlstate.FeatureNotSupported.Errorf("%s is not supported", what).At(t.Pos)
}

// Ident reads a name: a quoted one, or a word that is not reserved.
func (p *P) Ident() (string, error) {
	t := p.Tok()
	if t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Text] {
		p.I++
		return t.Text, nil
	}
	return "", p.Unexpected()
}

// Label reads a name after AS or a dot, where any word will do.
func (p *P) Label() (string, error) {
	t := p.Tok()
	if t.Kind == lex.Quoted || t.Kind == lex.Word {
		p.I++
		return t.Text, nil
	}
	return "", p.Unexpected()
}

// written is a name in the case in which it stands in the text, "" when nobody asks for that.
func (p *P) written(t *lex.Token) string {
	if !p.asWritten {
		return ""
	}
	s := p.Src[t.Pos:t.End]
	if t.Kind == lex.Quoted && s[0] == '"' {
		s = strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
	}
	return s
}

// WrittenParts are the parts of the name that ends before the cursor as they stand in the text; nil when that is as they are.
func (p *P) WrittenParts(parts []string) []string {
	if !p.asWritten || len(parts) < 2 {
		return nil
	}
	var out []string
	for i, s := range parts {
		w := p.written(&p.Toks[p.I-2*(len(parts)-i)+1])
		if w != s && out == nil {
			out = slices.Clone(parts[:i])
		}
		if out != nil {
			out = append(out, w)
		}
	}
	return out
}

// Name reads a qualified name.
func (p *P) Name() (ast.Name, error) {
	n := ast.Name{Pos: ast.Pos(p.Tok().Pos)}
	s, err := p.Ident()
	if err != nil {
		return n, err
	}
	n.Parts = append(n.Parts, s)
	for p.IsOp(".") {
		p.I++
		if s, err = p.Label(); err != nil {
			return n, err
		}
		n.Parts = append(n.Parts, s)
	}
	return n, nil
}

// Column reads a column's name.
func (p *P) Column() (ast.ColumnName, error) {
	at := p.Tok().Pos
	s, err := p.Ident()
	return ast.ColumnName{Pos: ast.Pos(at), Name: s}, err
}

// Columns reads (a, b, ...).
func (p *P) Columns() ([]ast.ColumnName, error) {
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var out []ast.ColumnName
	for {
		c, err := p.Column()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// Scalar writes an expression that stands alone, as a query of one item.
func (p *P) Scalar() error {
	p.put("SELECT ")
	return p.Expr()
}

// Begin starts a new output; Finish takes it.
func (p *P) Begin() {
	p.out = p.out[:0]
	p.x = Output{Marks: p.x.Marks[:0], offsets: p.x.offsets[:0]}
	p.deepest = p.depth
}

// Finish gives what was written since Begin; it is good until the next Begin.
func (p *P) Finish() *Output {
	if g := p.x.Target; g != nil && g.Made {
		return &p.x
	}
	p.x.Text, p.x.Depth = string(p.out), p.deepest
	return &p.x
}

// put writes s.
func (p *P) put(s string) { p.out = append(p.out, s...) }

// here notes that what is written next stands for the source at pos.
func (p *P) here(pos int) {
	p.x.offsets = append(p.x.offsets, offset{len(p.out), pos})
}

// name writes a quoted name.
func (p *P) name(s string) error {
	if strings.HasPrefix(s, "rs:") {
		return sqlstate.InvalidName.Errorf("names that begin with \"rs:\" are not supported").At(p.Toks[max(p.I-1, 0)].Pos)
	}
	p.out = append(p.out, '`')
	if strings.IndexByte(s, '`') >= 0 {
		s = strings.ReplaceAll(s, "`", "``")
	}
	p.out = append(p.out, s...)
	p.out = append(p.out, '`')
	return nil
}

// text writes a string literal.
func (p *P) text(s string) {
	p.out = append(p.out, '\'')
	if strings.IndexByte(s, '\'') >= 0 {
		s = strings.ReplaceAll(s, "'", "''")
	}
	p.out = append(p.out, s...)
	p.out = append(p.out, '\'')
}

// str writes a string token; one whose escapes made no valid UTF-8 goes in a marker.
func (p *P) str(t *lex.Token) {
	if utf8.ValidString(t.Text) && strings.IndexByte(t.Text, 0) < 0 {
		p.text(t.Text)
		return
	}
	p.open(Mark{Kind: Text, Text: t.Text, Pos: t.Pos})
	p.put(")")
}

// mark adds a marker and gives its index.
func (p *P) mark(m Mark) int {
	p.x.Marks = append(p.x.Marks, m)
	return len(p.x.Marks) - 1
}

// open writes the beginning of a marker call.
func (p *P) open(m Mark) int {
	n := p.mark(m)
	p.put("`rs:")
	p.out = strconv.AppendInt(p.out, int64(n), 10)
	p.put("`(")
	return n
}

// insert puts s at start, moving what was written after it.
func (p *P) insert(start int, s string) {
	n := len(s)
	p.out = append(p.out, s...)
	copy(p.out[start+n:], p.out[start:len(p.out)-n])
	copy(p.out[start:], s)
	p.moved(start, n)
}

// moved says that what was written since start stands n bytes further on.
func (p *P) moved(start, n int) {
	for i := len(p.x.offsets) - 1; i >= 0 && p.x.offsets[i].out >= start; i-- {
		p.x.offsets[i].out += n
	}
}

// wrap turns what was written since start into the first argument of a marker; the call stays open.
func (p *P) wrap(start int, m Mark) int {
	n := p.mark(m)
	var room [24]byte
	s := append(strconv.AppendInt(append(room[:0], "`rs:"...), int64(n), 10), "`("...)
	p.out = append(p.out, s...)
	copy(p.out[start+len(s):], p.out[start:len(p.out)-len(s)])
	copy(p.out[start:], s)
	p.moved(start, len(s))
	return n
}

// parens puts parentheses around what was written since start.
func (p *P) parens(start int) {
	p.insert(start, "(")
	p.put(")")
}
