package engine

import (
	"container/list"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Texts that differ in their literals alone have one shape: they are parsed once in the process and planned once in the cluster, or in another one (sharedplan.go).
//
//	SELECT v FROM kv WHERE id = 5017   ->  SELECT v FROM kv WHERE id = $1      literals 5017
//	INSERT INTO kv VALUES (-5, 'x')    ->  INSERT INTO kv VALUES ($1, $2)      literals -5, x
//
// A literal becomes a parameter only where it stands alone behind a comparison or in a cell of VALUES, and it serves only when its parameter's type
// holds it exactly, so that it compares and converts as the literal would have. Where that fails, where a join's plan might depend on its value, and
// after an error (which knows a place in the text), the statement takes the long way.

// literal is a literal that was taken out of a text.
type literal struct {
	text     string // of a string without its quotes
	number   bool
	negative bool
}

// Limits of what is kept by shape.
const (
	maxShape      = 64 << 10 // bytes of a text
	maxLiterals   = 8192
	maxShapedRows = 1 << 16 // of a table: above it a plan is made for the values at hand
	parseBytes    = 4 << 20
	textBytes     = 1 << 20 // of those that a cluster has of its own
)

// shapeKind says what became of a text.
type shapeKind uint8

const (
	unshaped  shapeKind = iota // it is no query or change, CREATE TABLE or DROP TABLE, or holds what is not understood here: nothing of it is kept
	asWritten                  // it is kept as it is
	shaped                     // literals were taken out
)

// lastToken is what a scan of a text remembers of the token before.
type lastToken uint8

const (
	tokOther lastToken = iota
	tokWord
	tokOpen
	tokComma
	tokCompare
	tokSign // - behind ( or ,
	tokClose
	tokLiteral
)

// shapeOf writes the shape of a text to dst and its literals to lits.
func shapeOf(dst []byte, lits []literal, text string) ([]byte, []literal, shapeKind) {
	if len(text) > maxShape {
		return dst, lits, unshaped
	}
	s := shaper{text: text, dst: dst, lits: lits, first: true}
	for s.i < len(text) {
		if c := text[s.i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			s.dst = append(s.dst, c)
			s.i++
		} else if !s.token() {
			return s.dst, s.lits, unshaped
		}
	}
	switch {
	case s.first, s.table && (!s.tabled || s.params):
		return s.dst, s.lits, unshaped
	case s.params || len(s.lits) == 0:
		return append(s.dst[:0], text...), s.lits[:0], asWritten
	}
	return s.dst, s.lits, shaped
}

// shaper reads a text once and makes no tokens of it: what it does not understand it leaves as it is, or gives the text up.
type shaper struct {
	text string
	i    int // what begins there comes next
	dst  []byte
	lits []literal

	first        bool // no word was read
	table        bool // CREATE or DROP was; nothing is taken out
	tabled       bool // and TABLE
	insert       bool
	values       bool // behind VALUES
	params       bool // there are $1, $2 ..
	depth        int  // of parentheses
	sign         int  // where the last sign stands in dst
	prev, before lastToken
}

// token reads the next token, which is no blank; false = the text is not understood.
func (s *shaper) token() bool {
	text, start, tok := s.text, s.i, tokOther
	switch c := text[start]; {
	case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80:
		if !s.word() {
			return false
		}
		tok = tokWord
	case c >= '0' && c <= '9' || c == '.' && start+1 < len(text) && text[start+1] >= '0' && text[start+1] <= '9' && s.prev != tokWord:
		if taken, ok := s.number(); !ok || taken {
			return ok
		}
		tok = tokLiteral
	case c == '\'':
		if taken, ok := s.quoted(); !ok || taken {
			return ok
		}
		tok = tokLiteral
	case c == '"':
		k := strings.IndexByte(text[start+1:], '"')
		if k < 0 {
			return false
		}
		s.i += k + 2
		tok = tokWord
	case c == '(':
		s.depth++
		s.i++
		tok = tokOpen
	case c == ')':
		s.depth--
		s.i++
		tok = tokClose
	case c == ',':
		s.i++
		tok = tokComma
	case c == '-':
		if start+1 < len(text) && text[start+1] == '-' {
			return false
		}
		s.i++
		if s.values && s.depth == 1 && (s.prev == tokOpen || s.prev == tokComma) {
			tok, s.sign = tokSign, len(s.dst)
		}
	case c == '=' || c == '<' || c == '>' || c == '!':
		for s.i++; s.i < len(text) && (text[s.i] == '=' || text[s.i] == '<' || text[s.i] == '>' || text[s.i] == '!'); s.i++ {
		}
		switch text[start:s.i] {
		case "=", "<", ">", "<=", ">=", "<>", "!=":
			tok = tokCompare
		}
	case c == ';':
		s.i = len(text)
		return !s.first && strings.TrimSpace(text[start+1:]) == ""
	case c == '/' && start+1 < len(text) && text[start+1] == '*', c == '#':
		return false
	case c == ':':
		if start+1 >= len(text) || text[start+1] != ':' {
			return false
		}
		s.i += 2
	case c == '$':
		if start+1 >= len(text) || text[start+1] < '0' || text[start+1] > '9' {
			return false
		}
		s.params = true
		s.i++
	default:
		s.i++
	}
	s.dst = append(s.dst, text[start:s.i]...)
	s.prev, s.before = tok, s.prev
	return true
}

// word reads a word; the first says what the text is. False = it is no query or change, or the word is the beginning of a literal.
func (s *shaper) word() bool {
	text, end := s.text, s.i+1
	for end < len(text) && wordByte(text[end]) {
		end++
	}
	word := text[s.i:end]
	s.i = end
	if end < len(text) && text[end] == '\'' && len(word) == 1 {
		return false // E'..', N'..', B'..', X'..'
	}
	if s.first {
		switch {
		case strings.EqualFold(word, "insert"):
			s.insert = true
		case strings.EqualFold(word, "create"), strings.EqualFold(word, "drop"):
			s.table = true
		case strings.EqualFold(word, "select"), strings.EqualFold(word, "update"), strings.EqualFold(word, "delete"), strings.EqualFold(word, "with"):
		default:
			return false
		}
		s.first = false
	} else if s.table {
		return s.tableWord(word)
	}
	s.values = s.values || s.insert && s.depth == 0 && len(word) == 6 && strings.EqualFold(word, "values")
	return true
}

// tableWord reads a word of CREATE TABLE or DROP TABLE: no other object, and no query, is kept by text.
func (s *shaper) tableWord(word string) bool {
	switch {
	case s.tabled:
		return len(word) != 2 || !strings.EqualFold(word, "as")
	case strings.EqualFold(word, "table"):
		s.tabled = true
		return true
	}
	return strings.EqualFold(word, "temp") || strings.EqualFold(word, "temporary") || strings.EqualFold(word, "local")
}

// number reads a number, and says whether it was taken out.
func (s *shaper) number() (taken, ok bool) {
	text, start, end := s.text, s.i, s.i
	for points := 0; end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.' && points == 0); end++ {
		if text[end] == '.' {
			points++
		}
	}
	s.i = end
	if end < len(text) && (wordByte(text[end]) || text[end] == '.') {
		return false, false // 1e5, 12abc, 1..2
	}
	if !s.alone() {
		return false, true
	}
	if s.prev == tokSign {
		s.dst = s.dst[:s.sign]
	}
	s.take(literal{text: text[start:end], number: true, negative: s.prev == tokSign})
	return true, true
}

// quoted reads a string, and says whether it was taken out; one with a doubled quote is not.
func (s *shaper) quoted() (taken, ok bool) {
	text, start := s.text, s.i
	doubled := false
	for more := true; more; more = s.i < len(text) && text[s.i] == '\'' {
		k := strings.IndexByte(text[s.i+1:], '\'')
		if k < 0 {
			return false, false
		}
		doubled = s.i > start
		s.i += k + 2
	}
	if strings.IndexByte(text[start:s.i], '\\') >= 0 {
		return false, false
	}
	if doubled || s.prev == tokSign || !s.alone() {
		return false, true
	}
	s.take(literal{text: text[start+1 : s.i-1]})
	return true, true
}

// take puts a parameter in the place of the literal that was read.
func (s *shaper) take(l literal) {
	s.lits = append(s.lits, l)
	s.dst = strconv.AppendInt(append(s.dst, '$'), int64(len(s.lits)), 10)
	s.prev, s.before = tokLiteral, s.prev
}

// wordByte says that a byte may be within a word.
func wordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= '0' && c <= '9' || c == '$' || c >= 0x80
}

// alone says that the literal which was read is all of a comparison's right side, or all of a cell of VALUES, and that there is room for it.
func (s *shaper) alone() bool {
	text, i := s.text, s.i
	if len(s.lits) == maxLiterals || s.table {
		return false
	}
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	if s.values {
		return s.depth == 1 && (s.prev == tokOpen || s.prev == tokComma || s.prev == tokSign) && i < len(text) && (text[i] == ',' || text[i] == ')')
	}
	if s.prev != tokCompare || s.before != tokWord && s.before != tokClose {
		return false
	}
	if i == len(text) || text[i] == ';' || text[i] == ')' || text[i] == ',' {
		return true
	}
	end := i
	for end < len(text) && wordByte(text[end]) {
		end++
	}
	switch strings.ToLower(text[i:end]) {
	case "and", "or", "order", "group", "limit", "having", "where", "from", "then":
		return true
	}
	return false
}

// value gives a literal as a value of its parameter's type; false when the type does not hold it exactly, or might compare it otherwise than the
// literal would have been.
func (l *literal) value(s *Session, t types.Type) (d types.Datum, ok bool) {
	d.Type = t
	if !l.number {
		switch t.Kind {
		case types.Varchar:
			d.Text = l.text
			return d, len(l.text) <= types.MaxVarchar && (t.Len == 0 || len(l.text) <= int(t.Len))
		case types.Int2, types.Int4, types.Int8, types.Bool, types.Date, types.Timestamp, types.TimestampTZ, types.Float8, types.Super:
			d, err := s.style.Parse(l.text, t, s.zone, s.c.cfg.Clock())
			return d, err == nil
		}
		return d, false
	}
	if len(l.text) > 18 {
		return d, false
	}
	v, scale, point := int64(0), 0, false
	for i := range len(l.text) {
		c := l.text[i]
		if c == '.' {
			point = true
			continue
		}
		v = v*10 + int64(c-'0')
		if point {
			scale++
		}
	}
	if l.negative {
		v = -v
	}
	switch {
	case t.Kind == types.Super:
		d.Text = string(super.OfDecimal(types.FromInt64(v), scale))
		return d, true
	case t.Kind == types.Numeric:
		if scale > int(t.Scale) {
			return d, false
		}
		w, ok := types.Rescale(types.FromInt64(v), scale, int(t.Scale))
		if !ok || !types.FitsPrecision(w, int(t.Prec)) {
			return d, false
		}
		if d.Wide = w; t.Lane() == types.LaneInt {
			d.Int, _ = w.Int64()
		}
		return d, true
	case point:
		return d, false
	case t.IsInteger():
		d.Int = v
		return d, types.IntFits(v, t.Kind)
	case t.Kind == types.Float8:
		d.Float = float64(v)
		return d, v > -1<<53 && v < 1<<53
	}
	return d, false
}

// shapedValues turns the literals of a text into the parameters of a plan; ok is false when one does not fit, or the plan is not one to be shared.
func (s *Session) shapedValues(lits []literal, e *planEntry) ([]types.Datum, bool) {
	if !e.simple || len(lits) != len(e.bound.Params) || e.bound.ParamsUsed {
		return nil, false
	}
	out := make([]types.Datum, len(lits))
	for i := range lits {
		var ok bool
		if out[i], ok = lits[i].value(s, e.bound.Params[i]); !ok {
			return nil, false
		}
	}
	return out, true
}

// isSimple says that a plan is the same whatever its constants are: one table or none, which is small or asked for one value of a key, nothing to be joined
// or ordered by cost.
func isSimple(e *planEntry) bool {
	small := true
	for i := range e.sizes {
		small = small && e.sizes[i].step <= step(maxShapedRows-1)
	}
	simple, scans := true, 0
	plan.Walk(e.root, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			scans++
			simple = small || isPoint(n)
		case *plan.VirtualScan:
			scans++
		case *plan.Join, *plan.SetOp, *plan.Append, *plan.Subquery, *plan.Load, *plan.ExternalScan:
			simple = false
		}
		return simple
	})
	return simple && scans <= 1
}

// isPoint says that a scan asks for one value of the distribution key or of the first sort key.
func isPoint(n *plan.Scan) bool {
	for _, e := range n.Filter {
		c, ok := e.(*expr.Compare)
		if !ok || c.Op != expr.Eq {
			continue
		}
		at, ok := compile.Prunes(n, e)
		d := n.Table.Def
		if ok && (at == d.Dist.Column || len(d.Sort.Columns) > 0 && at == d.Sort.Columns[0]) {
			return true
		}
	}
	return false
}

// find gives a shape parsed; nil = it is no statement, or several.
func (s *Session) find(key []byte) *parsed {
	x := s.last
	if x != nil && x.text == string(key) { // many statements of one shape follow each other
		return x
	}
	if x = parses.get(key); x == nil {
		x = s.c.texts.get(key)
	}
	if x == nil {
		x = s.renamed(key)
	}
	if x == nil {
		x = parses.parse(string(key))
	}
	if x != nil && x.kept {
		s.last = x
	}
	return x
}

// parsed is a text and what it was parsed to. It is shared by all clusters and never changed.
type parsed struct {
	text  string
	stmts []ast.Statement
	kept  bool // it is in a parseCache

	// home is the text that this one differs from in names alone (unnamed.go): stmts are its own, with stand-ins in the places of names. nil = none.
	home  *parsed
	names []string
	mixed bool // of such a text: names with digits stand beside the stand-ins

	shared atomic.Pointer[sharedPlan] // the plan that was last made of it, or of one that has it as home
	extra  int                        // bytes of shared; guarded by the mu of the cache
}

// parseCache keeps the texts that were parsed last.
type parseCache struct {
	mu     sync.Mutex
	byText map[string]*list.Element
	used   list.List // of *parsed, newest first
	bytes  int
	limit  int // 0 = parseBytes

	flights singleflight.Group // texts that are being parsed: sessions that want the same one wait for it
}

// parses are the texts that the process has parsed.
var parses parseCache

// get finds a text.
func (p *parseCache) get(key []byte) *parsed {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byText[string(key)]
	if e == nil {
		return nil
	}
	if p.used.Front() != e {
		p.used.MoveToFront(e)
	}
	return e.Value.(*parsed)
}

// parsedBytes estimates what a parsed text keeps alive.
func parsedBytes(x *parsed) int { return 1024 + 32*len(x.text) + x.extra }

// put adds a text.
func (p *parseCache) put(x *parsed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byText[x.text] != nil {
		return
	}
	if p.byText == nil {
		p.byText = map[string]*list.Element{}
		p.used.Init()
	}
	x.kept = true
	p.byText[x.text] = p.used.PushFront(x)
	p.bytes += parsedBytes(x)
	p.bound()
}

// bound drops texts until the rest is within the limit. p.mu is held.
func (p *parseCache) bound() {
	limit := p.limit
	if limit == 0 {
		limit = parseBytes
	}
	for p.bytes > limit && p.used.Len() > 1 {
		old := p.used.Remove(p.used.Back()).(*parsed)
		delete(p.byText, old.text)
		p.bytes -= parsedBytes(old)
	}
}

// share keeps a plan with a text; one that is not kept any more goes, and its plan with it.
func (p *parseCache) share(x *parsed, plan *sharedPlan) {
	x.shared.Store(plan)
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byText[x.text]
	if e == nil || e.Value.(*parsed) != x {
		return
	}
	p.bytes -= parsedBytes(x)
	x.extra = int(plan.entry.size)
	p.bytes += parsedBytes(x)
	p.bound()
}

// parse parses a text of one statement that is not kept, once for all who ask meanwhile; nil = it is none, or refused, and what to say of that is a
// matter of the text as it was sent.
func (p *parseCache) parse(text string) *parsed {
	v, _, _ := p.flights.Do(text, func() (any, error) {
		stmts, err := parse.Parse(text)
		if err != nil || len(stmts) != 1 {
			return (*parsed)(nil), nil
		}
		x := &parsed{text: text, stmts: stmts}
		p.put(x)
		return x, nil
	})
	return v.(*parsed)
}

// readAsWritten finds a text parsed that keeps its literals, as a prepared statement does; nil = it is none that is kept.
func (s *Session) readAsWritten(text string) *parsed {
	if s.caseful || s.attributes {
		return nil
	}
	key, lits, kind := shapeOf(s.shape[:0], s.lits[:0], text)
	s.shape, s.lits = key[:0], lits[:0]
	if kind != asWritten {
		return nil
	}
	return s.find(key)
}

// read parses a text, or finds it or its shape parsed. lits are the literals that were taken out of it, none when args come with it. They are good until
// the next call.
func (s *Session) read(text string, args []types.Datum) (x *parsed, lits []literal, err error) {
	key, lits, kind := shapeOf(s.shape[:0], s.lits[:0], text)
	s.shape, s.lits = key[:0], lits[:0]
	if kind == shaped && len(args) > 0 {
		kind = unshaped // it has no parameters: the error is a matter of the text as it is
	}
	if kind == unshaped || s.caseful || s.attributes { // what is kept by text was read with folded names
		stmts, err := s.parseText(text)
		return &parsed{text: text, stmts: stmts}, nil, err
	}
	if x = s.find(key); x == nil {
		stmts, err := s.parseText(text)
		return &parsed{text: text, stmts: stmts}, nil, err
	}
	if kind == shaped {
		if !planned(x.stmts[0]) {
			stmts, err := s.parseText(text)
			return &parsed{text: text, stmts: stmts}, nil, err
		}
		return x, lits, nil
	}
	return x, nil, nil
}
