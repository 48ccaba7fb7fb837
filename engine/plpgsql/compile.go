package plpgsql

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Env is what Compile asks of who makes a procedure or calls it.
type Env struct {
	// Variables puts parameters into a text of SQL: parse.Variables with the session's way of reading names.
	Variables func(text string, variable func(parts []string) bool) (string, error)
	// Parse reads one statement, or "SELECT expression".
	Parse func(text string) (ast.Statement, error)
	// Column gives the type of a column for %TYPE, Columns those of a table for %ROWTYPE.
	Column  func(table ast.Name, column string) (types.Type, error)
	Columns func(table ast.Name) (names []string, list []types.Type, err error)
}

// Arg is an argument of a procedure.
type Arg struct {
	Name    string // "" = it has none
	Type    types.Type
	In, Out bool
}

// Program is a compiled body.
type Program struct {
	// Name is that of the procedure, Args are its arguments: those that are In take their values from Run, those that are Out give its row.
	Name string
	Args []Arg
	// Bound says that types in it are those of columns, which may change.
	Bound bool

	nonatomic bool
	body      *blockNode
	vars      []variable
	found     int
}

// kind tells variables apart.
type kind uint8

const (
	scalar kind = iota
	record      // RECORD, and t%ROWTYPE where fields are there
)

// variable is a slot of the frame.
type variable struct {
	name     string
	kind     kind
	typ      types.Type
	constant bool
	notNull  bool
	fields   []string // of t%ROWTYPE, with types
	types    []types.Type
	cursor   *cursorNode // the query that is bound to it
	refs     bool        // refcursor
}

// ref is a variable, or a field of a record.
type ref struct {
	slot  int
	field string
}

// maxVariables bounds the variables of a procedure.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
const maxVariables = 1024

// scope is a block's names.
type scope struct {
	label string
	names map[string]int
	outer *scope
	loop  bool // EXIT and CONTINUE without a label find it
	block bool // CONTINUE does not
}

// compiler is one Compile on its way.
type compiler struct {
	env  *Env
	p    *Program
	body string
	at   *scope
	in   bool // in a handler
}

// Compile resolves the names in a body. nonatomic says that the procedure is NONATOMIC. Offsets in errors are offsets in body.
// https://docs.aws.amazon.com/redshift/latest/dg/c_pl_pgSQL_reference.html
func Compile(name string, args []Arg, nonatomic bool, body string, b *ast.Block, env *Env) (*Program, error) {
	c := &compiler{env: env, p: &Program{Name: name, Args: args, nonatomic: nonatomic}, body: body}
	c.at = &scope{label: name, names: map[string]int{}, block: true}
	c.p.found = c.slot("found", variable{typ: types.TBool})
	for i, a := range args {
		n := c.slot("$"+itoa(i+1), variable{typ: a.Type, constant: a.In && !a.Out, refs: a.Type.Kind == types.Text})
		if a.Name == "" {
			continue
		}
		if old, ok := c.at.names[a.Name]; ok && old != c.p.found {
			return nil, sqlstate.InvalidFunction.Errorf("parameter name \"%s\" used more than once", a.Name)
		}
		c.at.names[a.Name] = n
		c.p.vars[n].name = a.Name
	}
	var err error
	c.p.body, err = c.block(b)
	return c.p, err
}

// slot makes a variable and gives it a name in the scope at hand.
func (c *compiler) slot(name string, v variable) int {
	if v.name = name; v.name == "" {
		v.name = "?"
	}
	c.p.vars = append(c.p.vars, v)
	n := len(c.p.vars) - 1
	if name != "" {
		c.at.names[name] = n
	}
	return n
}

// enter opens a scope; the caller leaves it.
func (c *compiler) enter(s *scope) (leave func()) {
	s.names, s.outer = map[string]int{}, c.at
	c.at = s
	return func() { c.at = s.outer }
}

// find resolves a name with its qualifiers: a variable, a field of a record, either behind the label of its block.
func (c *compiler) find(parts []string) (r ref, ok bool) {
	for s := c.at; s != nil; s = s.outer {
		if n, ok := s.names[parts[0]]; ok {
			return c.field(n, parts[1:])
		}
		if s.label == parts[0] && s.label != "" && len(parts) > 1 {
			if n, ok := s.names[parts[1]]; ok {
				return c.field(n, parts[2:])
			}
		}
	}
	return ref{}, false
}

// field is a variable, or the field of it that the rest of a name means.
func (c *compiler) field(n int, rest []string) (ref, bool) {
	switch {
	case len(rest) == 0:
		return ref{slot: n}, c.p.vars[n].kind == scalar
	case len(rest) == 1 && c.p.vars[n].kind == record:
		return ref{n, rest[0]}, true
	}
	return ref{}, false
}

// text puts parameters into a text; from says what they are.
func (c *compiler) text(text string) (out string, from []ref, err error) {
	out, err = c.env.Variables(text, func(parts []string) bool {
		r, ok := c.find(parts)
		if ok {
			from = append(from, r)
		}
		return ok
	})
	return out, from, err
}

// formula compiles an expression; nil = none.
func (c *compiler) formula(f *ast.Formula) (*Formula, error) {
	if f == nil {
		return nil, nil
	}
	return c.expression(f.Text, f.Offset())
}

func (c *compiler) expression(text string, pos int) (*Formula, error) {
	text, from, err := c.text(text)
	if err != nil {
		return nil, placed(err, pos)
	}
	st, err := c.env.Parse("SELECT " + text)
	if err != nil {
		return nil, placed(err, pos)
	}
	q, ok := st.(*ast.Select)
	if !ok || len(q.Items) != 1 || q.From != nil {
		return nil, sqlstate.Syntax.Errorf("query has more than one column").At(pos)
	}
	out := &Formula{Text: text, X: q.Items[0].Expr, from: from, room: make([]types.Datum, len(from))}
	if strings.Contains(strings.ToLower(text), "select") {
		out.Query = &Query{Text: "SELECT " + text, Stmt: st, from: from}
	}
	return out, nil
}

// formulas compiles a list.
func (c *compiler) formulas(list []*ast.Formula) ([]*Formula, error) {
	var out []*Formula
	for _, f := range list {
		x, err := c.formula(f)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// query compiles a statement by its text.
func (c *compiler) query(text string, pos int) (*Query, error) {
	text, from, err := c.text(text)
	if err != nil {
		return nil, placed(err, pos)
	}
	st, err := c.env.Parse(text)
	if err != nil {
		return nil, placed(err, pos)
	}
	return &Query{Text: text, Stmt: st, from: from}, nil
}

// placed puts an error, whose place is in a text that was made of the body, where that begins in the body.
func placed(err error, pos int) error {
	if e, ok := err.(*sqlstate.Error); ok {
		n := *e
		return n.Shift(-(n.Offset() + 1)).At(pos)
	}
	return err
}

// line is the number of the line of an offset. The first does not count when it is empty, as it is behind $$.
func (c *compiler) line(pos int) int {
	text := c.body[:min(max(pos, 0), len(c.body))]
	n := 1 + strings.Count(text, "\n")
	if strings.HasPrefix(c.body, "\n") || strings.HasPrefix(c.body, "\r\n") {
		n--
	}
	return max(n, 1)
}

// targets resolves what values are assigned to.
func (c *compiler) targets(list []ast.Target) ([]ref, error) {
	var out []ref
	for i := range list {
		t := &list[i]
		r, err := c.target(t)
		if err != nil {
			return nil, err
		}
		if len(list) > 1 && r.field == "" && c.p.vars[r.slot].kind == record {
			return nil, sqlstate.Syntax.Errorf("record variable cannot be part of multiple-item INTO list").At(t.Offset())
		}
		out = append(out, r)
	}
	return out, nil
}

// target resolves one, which may be a record.
func (c *compiler) target(t *ast.Target) (ref, error) {
	r, ok := c.find(t.Parts)
	if !ok {
		var n int
		if n, ok = c.record(t.Parts); ok {
			r = ref{slot: n}
		}
	}
	name := strings.Join(t.Parts, ".")
	switch {
	case !ok:
		return r, sqlstate.Syntax.Errorf("\"%s\" is not a known variable", name).At(t.Offset())
	case c.p.vars[r.slot].constant:
		return r, sqlstate.Code("22005").Errorf("\"%s\" is declared CONSTANT", c.p.vars[r.slot].name).At(t.Offset())
	}
	return r, nil
}

// record finds a record by its name.
func (c *compiler) record(parts []string) (int, bool) {
	for s := c.at; s != nil; s = s.outer {
		n, ok := s.names[parts[len(parts)-1]]
		if ok && (len(parts) == 1 || len(parts) == 2 && s.label == parts[0]) {
			return n, c.p.vars[n].kind == record
		}
	}
	return 0, false
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}
