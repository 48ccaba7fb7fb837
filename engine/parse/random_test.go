package parse

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// power is the reference's table of PostgreSQL's operator precedence, loosest first.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE
var power = map[string]int{
	"or": 1, "and": 2, "not": 3, "is": 4, "=": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "<>": 5, "like": 6, "between": 6, "in": 6,
	"||": 7, "~": 7, "&": 7, "|": 7, "#": 7, "<<": 7, ">>": 7, "+": 8, "-": 8, "*": 9, "/": 9, "%": 9, "^": 10, "sign": 12, "::": 14,
}

// reference is a precedence climber of its own over words; it prints the tree that a text has.
type reference struct {
	words []string
	bad   bool // a comparison of a comparison, or NOT where an operand must be
}

func (r *reference) peek() string {
	if len(r.words) == 0 {
		return ""
	}
	return r.words[0]
}

func (r *reference) take() string {
	w := r.peek()
	if len(r.words) > 0 {
		r.words = r.words[1:]
	}
	return w
}

// demand takes a word that must come next.
func (r *reference) demand(w string) {
	if r.take() != w {
		r.bad = true
	}
}

// expr parses what binds at least as tightly as min.
func (r *reference) expr(min int) string {
	left := r.prefix(min)
	compared := false
	for {
		op := r.peek()
		negated := op == "not"
		if negated {
			if len(r.words) < 2 {
				return left
			}
			op = r.words[1]
		}
		bp, ok := power[op]
		if !ok || bp < min || op == "not" || op == "sign" {
			return left
		}
		if negated {
			r.take()
		}
		r.take()
		chained := compared
		compared = bp == power["="]
		word := op
		if negated {
			word = "not " + op
		}
		switch op {
		case "::":
			r.take()
			left = "cast(" + left + " as integer)"
		case "is":
			if r.peek() == "not" {
				r.take()
				r.take()
				left = "(" + left + " is not null)"
			} else {
				r.take()
				left = "(" + left + " is null)"
			}
		case "in":
			r.take()
			left = "(" + left + " " + word + " " + r.expr(0) + ")"
			r.demand(")")
		case "between":
			lo := r.expr(7)
			r.demand("and")
			left = "(" + left + " " + word + " " + lo + " and " + r.expr(7) + ")"
		case "like":
			left = "(" + left + " " + word + " " + r.expr(7) + ")"
		default:
			if compared && chained {
				r.bad = true
			}
			left = "(" + left + " " + op + " " + r.expr(bp+1) + ")"
		}
	}
}

// prefix parses an operand.
func (r *reference) prefix(min int) string {
	switch w := r.take(); w {
	case "not":
		if min > power["not"] {
			r.bad = true
		}
		return "(not " + r.expr(power["not"]) + ")"
	case "-":
		return "(- " + r.expr(power["sign"]) + ")"
	case "(":
		e := r.expr(0)
		r.demand(")")
		return e
	default:
		return w
	}
}

// scribe writes random expressions as words.
type scribe struct {
	rnd *rand.Rand
	out []string
}

func (s *scribe) put(words ...string) { s.out = append(s.out, words...) }

// expr writes an expression of at most depth levels.
func (s *scribe) expr(depth int) {
	if depth == 0 || s.rnd.IntN(5) == 0 {
		s.put([]string{"a", "b", "c", "1", "22", "'x'", "null", "true", "1.5"}[s.rnd.IntN(9)])
		return
	}
	switch n := s.rnd.IntN(20); {
	case n < 10:
		ops := []string{"or", "and", "=", "<", ">=", "<>", "||", "~", "&", "#", "<<", "+", "-", "*", "/", "%", "^"}
		s.expr(depth - 1)
		s.put(ops[s.rnd.IntN(len(ops))])
		s.expr(depth - 1)
	case n == 10:
		s.put("not")
		s.expr(depth - 1)
	case n == 11:
		s.put("-")
		s.expr(depth - 1)
	case n < 14:
		s.put("(")
		s.expr(depth - 1)
		s.put(")")
	case n == 14:
		s.expr(depth - 1)
		s.put("::", "int")
	case n == 15:
		s.expr(depth - 1)
		s.put("is")
		s.not()
		s.put("null")
	case n == 16:
		s.expr(depth - 1)
		s.not()
		s.put("in", "(")
		s.expr(depth - 1)
		s.put(")")
	case n == 17:
		s.expr(depth - 1)
		s.not()
		s.put("between")
		s.expr(depth - 1)
		s.put("and")
		s.expr(depth - 1)
	default:
		s.expr(depth - 1)
		s.not()
		s.put("like")
		s.expr(depth - 1)
	}
}

func (s *scribe) not() {
	if s.rnd.IntN(2) == 0 {
		s.put("not")
	}
}

// TestRandomExpressions compares trees with those of the reference, and the place of every operand and operator with the text.
func TestRandomExpressions(t *testing.T) {
	s := &scribe{rnd: rand.New(rand.NewPCG(1, 2))}
	n, taken := 20000, 0
	if testing.Short() {
		n = 2000
	}
	for range n {
		s.out = s.out[:0]
		s.expr(1 + s.rnd.IntN(5))
		text := "select " + strings.Join(s.out, []string{" ", "  ", "\n"}[s.rnd.IntN(3)])
		r := &reference{words: append([]string(nil), s.out...)}
		want := r.expr(0)
		if len(r.words) > 0 {
			r.bad = true // a BETWEEN whose bound ends at a looser operator, and the like
		}
		list, err := Parse(text)
		if r.bad {
			continue
		}
		if err != nil {
			t.Fatalf("%s\n\t%v\nwant %s", text, err, want)
		}
		taken++
		e := list[0].(*ast.Select).Items[0].Expr
		if got := showExpr(e, false); got != want {
			t.Fatalf("%s\n got %s\nwant %s", text, got, want)
		}
		if bad := misplaced(e, text); bad != "" {
			t.Fatalf("%s\n\t%s", text, bad)
		}
	}
	if taken < n/3 {
		t.Errorf("only %d of %d texts are expressions", taken, n)
	}
}

// misplaced finds a node that does not stand where its text is.
func misplaced(e ast.Expr, text string) string {
	word := ""
	var parts []ast.Expr
	switch e := e.(type) {
	case *ast.Literal:
		if word = e.Text; e.Kind == ast.String {
			word = "'" + word
		} else if e.Kind == ast.Null {
			word = "null"
		}
	case *ast.ColumnRef:
		word = e.Parts[0]
	case *ast.Unary:
		word, parts = e.Op, []ast.Expr{e.X}
	case *ast.Binary:
		word, parts = e.Op, []ast.Expr{e.L, e.R}
	case *ast.Is:
		word, parts = "is", []ast.Expr{e.X}
	case *ast.Cast:
		word, parts = "::", []ast.Expr{e.X}
	case *ast.In:
		word, parts = not(e.Not), append([]ast.Expr{e.X}, e.List...)
		if !e.Not {
			word = "in"
		}
	case *ast.Between:
		word, parts = "between", []ast.Expr{e.X, e.Lo, e.Hi}
		if e.Not {
			word = "not"
		}
	case *ast.Like:
		word, parts = "like", []ast.Expr{e.X, e.Pattern}
		if e.Not {
			word = "not"
		}
	default:
		return fmt.Sprintf("unexpected %T", e)
	}
	if !strings.HasPrefix(text[e.Offset():], strings.TrimSpace(word)) {
		return fmt.Sprintf("%s (%T) at %d", word, e, e.Offset())
	}
	for _, p := range parts {
		if bad := misplaced(p, text); bad != "" {
			return bad
		}
	}
	return ""
}
