package plpgsql

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// script is a Host that writes down what it is asked. Its expressions are integers, sums of two and comparisons; its statements are not parsed.
type script struct {
	said  []string
	fails map[string]error // of statements, by their texts
	rows  []int64          // of every cursor
	at    int
	open  bool
	turns int // Check fails after so many; 0 = never
}

func (h *script) say(format string, args ...any) {
	h.said = append(h.said, fmt.Sprintf(format, args...))
}

func (h *script) Check() error {
	if h.turns--; h.turns == 0 {
		return sqlstate.QueryCanceled.Errorf("cancelled")
	}
	return nil
}

func number(n int64) types.Datum { return types.Datum{Type: types.TInt4, Int: n} }

func (h *script) Eval(f *Formula, values []types.Datum) (types.Datum, error) {
	words := strings.Fields(f.Text)
	value := func(w string) int64 {
		if n, ok := strings.CutPrefix(w, "$"); ok {
			i, _ := strconv.Atoi(n)
			return values[i-1].Int
		}
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			panic(f.Text)
		}
		return n
	}
	if len(words) == 1 {
		return number(value(words[0])), nil
	}
	a, b := value(words[0]), value(words[2])
	switch words[1] {
	case "+":
		return number(a + b), nil
	case "<":
		return types.Datum{Type: types.TBool, Bool: a < b}, nil
	}
	return types.Datum{Type: types.TBool, Bool: a == b}, nil
}

func (h *script) Cast(d types.Datum, to types.Type) (types.Datum, error) {
	d.Type = to
	return d, nil
}
func (h *script) Format(d types.Datum) string { return strconv.FormatInt(d.Int, 10) }
func (h *script) Run(q *Query, values []types.Datum, _ bool) (*Rows, error) {
	text := q.Text
	for i := range values {
		text = strings.ReplaceAll(text, "$"+itoa(i+1), h.Format(values[i]))
	}
	h.say("%s", text)
	return &Rows{Count: 1}, h.fails[text]
}
func (h *script) Execute(text string, _ bool) (*Rows, error)       { return &Rows{}, h.fails[text] }
func (h *script) Call(*Query, []types.Datum) (*Rows, []int, error) { return &Rows{}, nil, nil }
func (h *script) Open(string, *Query, []types.Datum) error {
	h.open, h.at = true, 0
	return nil
}
func (h *script) OpenText(string, string) error { return nil }
func (h *script) Fetch(name string, n int64) (*Rows, error) {
	if !h.open {
		return nil, sqlstate.InvalidCursorName.Errorf("cursor \"%s\" does not exist", name)
	}
	rows := &Rows{Names: []string{"a"}, Types: []types.Type{types.TInt4}}
	for ; n > 0 && h.at < len(h.rows); n, h.at = n-1, h.at+1 {
		rows.Values = append(rows.Values, []types.Datum{number(h.rows[h.at])})
	}
	rows.Count, rows.Last = int64(len(rows.Values)), h.at == len(h.rows)
	return rows, nil
}
func (h *script) CloseCursor(string) error { h.open = false; return nil }
func (h *script) Portal() string           { return "p" }
func (h *script) Commit() error            { h.say("COMMIT"); h.open = false; return nil }
func (h *script) Rollback() error          { h.say("ROLLBACK"); return nil }
func (h *script) Start() error             { h.say("START"); return nil }
func (h *script) Trap() error              { h.say("trap"); return nil }
func (h *script) Handled() error           { h.say("handled"); return nil }
func (h *script) Tell(level, message string, line int) {
	h.say("%s %s at %d", level, message, line)
}

// formula is an expression of the script.
func formula(text string) *ast.Formula { return &ast.Formula{Text: text} }

func sql(text string) *ast.SQL { return &ast.SQL{Text: text, Stmt: &ast.Insert{}} }

func name(parts ...string) ast.Target { return ast.Target{Parts: parts} }

// env finds variables among the words of a text.
func env() *Env {
	return &Env{
		Variables: func(text string, variable func([]string) bool) (string, error) {
			words, n := strings.Fields(text), 0
			for i, w := range words {
				if variable(strings.Split(w, ".")) {
					n++
					words[i] = "$" + itoa(n)
				}
			}
			return strings.Join(words, " "), nil
		},
		Parse: func(text string) (ast.Statement, error) {
			if strings.HasPrefix(text, "SELECT") {
				return &ast.Select{Items: []ast.Item{{}}}, nil
			}
			return &ast.Insert{}, nil
		},
	}
}

// TestRun runs trees against a Host that writes down what it is asked.
func TestRun(t *testing.T) {
	boom := sqlstate.DivisionByZero.Errorf("boom")
	others := func(kind string, body ...ast.Action) []ast.Handler {
		return []ast.Handler{{Kind: kind, Conditions: []string{"others"}, Body: body}}
	}
	for _, c := range []struct {
		name      string
		nonatomic bool
		body      *ast.Block
		host      script
		said      []string
		out       int64
		err       error
	}{
		{
			name: "assignments and loops",
			body: &ast.Block{Body: []ast.Action{
				&ast.Loop{Var: []ast.Target{name("i")}, From: formula("1"), To: formula("3"), Body: []ast.Action{&ast.Assign{To: name("o"), Value: formula("o + i")}}},
				&ast.Loop{While: formula("o < 10"), Body: []ast.Action{&ast.Assign{To: name("o"), Value: formula("o + 3")}}},
			}},
			out: 12,
		},
		{
			name: "a handler of the default mode throws again",
			body: &ast.Block{Body: []ast.Action{sql("bad"), sql("never")}, Handlers: others("", sql("log"))},
			host: script{fails: map[string]error{"bad": boom}},
			said: []string{"bad", "trap", "log", "handled"}, err: boom,
		},
		{
			name: "one that is NONATOMIC does not", nonatomic: true,
			body: &ast.Block{Body: []ast.Action{&ast.Block{Body: []ast.Action{sql("bad"), sql("never")}, Handlers: others("exit", sql("log"))}, sql("after")}},
			host: script{fails: map[string]error{"bad": boom}},
			said: []string{"bad", "trap", "log", "after"},
		},
		{
			name: "CONTINUE goes on behind the statement, in the loop", nonatomic: true,
			body: &ast.Block{Body: []ast.Action{
				&ast.Loop{Var: []ast.Target{name("i")}, From: formula("1"), To: formula("3"), Body: []ast.Action{sql("row i"), sql("then i")}},
			}, Handlers: others("continue", sql("log"))},
			host: script{fails: map[string]error{"row 2": boom}},
			said: []string{"row 1", "then 1", "row 2", "trap", "log", "then 2", "row 3", "then 3"},
		},
		{
			name: "an error of a handler is the outer block's", nonatomic: true,
			body: &ast.Block{Body: []ast.Action{
				&ast.Block{Body: []ast.Action{sql("bad")}, Handlers: others("continue", sql("bad"), sql("never"))}, sql("never"),
			}, Handlers: others("", sql("outer"))},
			host: script{fails: map[string]error{"bad": boom}},
			said: []string{"bad", "trap", "bad", "trap", "outer"},
		},
		{
			name: "cancellation is not caught",
			body: &ast.Block{Body: []ast.Action{&ast.Loop{}}, Handlers: others("", sql("never"))},
			host: script{turns: 20}, err: sqlstate.QueryCanceled.Errorf("cancelled"),
		},
		{
			name: "rows come ten first; COMMIT takes the rest",
			body: &ast.Block{Body: []ast.Action{&ast.Loop{Var: []ast.Target{name("o")}, QueryText: "q", Body: []ast.Action{
				&ast.If{Arms: []ast.Arm{{Conds: []*ast.Formula{formula("o = 2")}, Body: []ast.Action{&ast.SQL{Text: "COMMIT", Stmt: &ast.Transaction{Kind: "commit"}}}}}},
			}}}},
			host: script{rows: []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
			said: []string{"COMMIT"}, err: sqlstate.InvalidCursorName.Errorf("cursor \"p\" does not exist"),
		},
		{
			name: "EXIT and CONTINUE by labels",
			body: &ast.Block{Body: []ast.Action{&ast.Loop{Label: "a", Var: []ast.Target{name("i")}, From: formula("1"), To: formula("5"), Body: []ast.Action{
				&ast.Loop{Body: []ast.Action{
					&ast.Exit{Label: "a", When: formula("i = 3")}, &ast.Assign{To: name("o"), Value: formula("o + i")}, &ast.Exit{Continue: true, Label: "a"},
				}},
			}}}},
			out: 3,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Compile("p", []Arg{{Name: "o", Type: types.TInt4, In: true, Out: true}}, c.nonatomic, "", c.body, env())
			if err != nil {
				t.Fatal(err)
			}
			out, err := p.Run(&c.host, []types.Datum{number(0)})
			if !slices.Equal(c.host.said, c.said) {
				t.Errorf("said %q", c.host.said)
			}
			var e *sqlstate.Error
			switch {
			case c.err == nil && (err != nil || out[0].Int != c.out):
				t.Errorf("%v, %v", out, err)
			case c.err != nil && (!errors.As(err, &e) || e.Message != c.err.(*sqlstate.Error).Message || !strings.Contains(e.Where, `PL/pgSQL function "p" line 1 at `)):
				t.Errorf("%v", err)
			}
		})
	}
}
