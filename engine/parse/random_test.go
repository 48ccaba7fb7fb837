package parse

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// modelTime makes TestRandomExpressions run on.
var modelTime = flag.Duration("model", 0, "run the random expressions this long, from a random seed")

// power is the reference's table of PostgreSQL's operator precedence, loosest first.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE
var power = map[string]int{
	"or": 1, "and": 2, "not": 3, "is": 4, "isnull": 4, "notnull": 4, "=": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "<>": 5, "!=": 5,
	"like": 6, "ilike": 6, "similar": 6, "between": 6, "in": 6,
	"||": 7, "~": 7, "!~": 7, "~*": 7, "!~*": 7, "&": 7, "|": 7, "#": 7, "<<": 7, ">>": 7, "+": 8, "-": 8, "*": 9, "/": 9, "%": 9, "^": 10, "at": 11, "collate": 11,
	"sign": 12, "[": 13, "::": 14,
}

// reference is a precedence climber of its own over words; it prints the tree that a text has.
type reference struct {
	words []string
	bad   bool // a comparison of a comparison, a predicate of a predicate, or NOT where an operand must be
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

// demand takes words that must come next.
func (r *reference) demand(words ...string) {
	for _, w := range words {
		if r.take() != w {
			r.bad = true
		}
	}
}

// expr parses what binds at least as tightly as min.
func (r *reference) expr(min int) string {
	left := r.prefix(min)
	before := "" // the operator that ends left, where it matters
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
		last := before
		before = ""
		word := op
		if negated {
			word = "not " + op
		}
		switch op {
		case "::":
			r.take()
			left = "cast(" + left + " as integer)"
		case "[":
			left = "path(" + left + "[" + r.expr(0) + "])"
			r.demand("]")
		case "at":
			r.demand("time", "zone")
			left = "(" + left + " zone " + r.expr(bp+1) + ")"
		case "collate":
			left = "(" + left + " collate " + r.take() + ")"
		case "is":
			word := "is "
			if r.peek() == "not" {
				r.take()
				word = "is not "
			}
			left = "(" + left + " " + word + r.take() + ")"
		case "isnull":
			left = "(" + left + " is null)"
		case "notnull":
			left = "(" + left + " is not null)"
		case "in":
			r.predicate(last)
			r.demand("(")
			left = "(" + left + " " + word + " " + r.expr(0) + ")"
			r.demand(")")
		case "between":
			r.predicate(last)
			lo := r.expr(7)
			r.demand("and")
			left = "(" + left + " " + word + " " + lo + " and " + r.expr(7) + ")"
			before = "predicate"
		case "like", "ilike":
			r.predicate(last)
			left = "(" + left + " " + word + " " + r.expr(7) + ")"
			before = "predicate"
		case "similar":
			r.predicate(last)
			r.demand("to")
			left = "(" + left + " " + word + " to " + r.expr(7) + ")"
			before = "predicate"
		default:
			if bp == power["="] {
				if last == "comparison" {
					r.bad = true
				}
				before = "comparison"
			}
			if op == "!=" {
				op = "<>"
			}
			left = "(" + left + " " + op + " " + r.expr(bp+1) + ")"
		}
	}
}

// predicate notes a predicate behind one that ends in an expression.
func (r *reference) predicate(last string) {
	if last == "predicate" {
		r.bad = true
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
	case "-", "+":
		return "(" + w + " " + r.expr(power["sign"]) + ")"
	case "@", "~", "|/":
		return "(" + w + " " + r.expr(power["~"]+1) + ")"
	case "(":
		e := r.expr(0)
		r.demand(")")
		return e
	case "case":
		r.demand("when")
		cond := r.expr(0)
		r.demand("then")
		e := "case( when " + cond + " then " + r.expr(0)
		if r.peek() == "else" {
			r.take()
			e += " else " + r.expr(0)
		}
		r.demand("end")
		return e + ")"
	case "f":
		r.demand("(")
		e := "f(" + r.expr(0)
		for r.peek() == "," {
			r.take()
			e += " " + r.expr(0)
		}
		r.demand(")")
		return e + ")"
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
	depth--
	switch n := s.rnd.IntN(32); {
	case n < 12:
		ops := []string{"or", "and", "=", "<", ">=", "<>", "!=", "||", "~", "!~", "~*", "!~*", "&", "|", "#", "<<", ">>", "+", "-", "*", "/", "%", "^"}
		s.expr(depth)
		s.put(ops[s.rnd.IntN(len(ops))])
		s.expr(depth)
	case n < 14:
		s.put("not")
		s.expr(depth)
	case n < 16:
		s.put([]string{"-", "-", "+", "@", "~", "|/"}[s.rnd.IntN(6)])
		s.expr(depth)
	case n < 19:
		s.put("(")
		s.expr(depth)
		s.put(")")
	case n < 21:
		s.expr(depth)
		s.put("::", "int")
	case n < 22:
		s.put("a", "[")
		s.expr(depth)
		s.put("]")
	case n < 23:
		s.expr(depth)
		s.put("at", "time", "zone")
		s.expr(depth)
	case n < 24:
		s.expr(depth)
		s.put("collate", "cs")
	case n < 26:
		s.expr(depth)
		if k := s.rnd.IntN(6); k < 2 {
			s.put([]string{"isnull", "notnull"}[k])
			return
		}
		s.put("is")
		s.not()
		s.put([]string{"null", "true", "false", "unknown"}[s.rnd.IntN(4)])
	case n < 27:
		s.expr(depth)
		s.not()
		s.put("in", "(")
		s.expr(depth)
		s.put(")")
	case n < 28:
		s.expr(depth)
		s.not()
		s.put("between")
		s.expr(depth)
		s.put("and")
		s.expr(depth)
	case n < 29:
		s.put("case", "when")
		s.expr(depth)
		s.put("then")
		s.expr(depth)
		if s.rnd.IntN(2) == 0 {
			s.put("else")
			s.expr(depth)
		}
		s.put("end")
	case n < 30:
		s.put("f", "(")
		s.expr(depth)
		if s.rnd.IntN(2) == 0 {
			s.put(",")
			s.expr(depth)
		}
		s.put(")")
	default:
		s.expr(depth)
		s.not()
		s.put([][]string{{"like"}, {"ilike"}, {"similar", "to"}}[s.rnd.IntN(3)]...)
		s.expr(depth)
	}
}

func (s *scribe) not() {
	if s.rnd.IntN(2) == 0 {
		s.put("not")
	}
}

// TestRandomExpressions compares trees with those of the reference, and the place of every node with the text; what the reference refuses is refused.
func TestRandomExpressions(t *testing.T) {
	seed := uint64(1)
	n := 200_000
	if testing.Short() {
		n = 10_000
	}
	start := time.Now()
	if *modelTime > 0 {
		seed = uint64(start.UnixNano())
	}
	t.Logf("seed %d", seed)
	s := &scribe{rnd: rand.New(rand.NewPCG(seed, 2))}
	taken, tried := 0, 0
	for ; tried < n || time.Since(start) < *modelTime; tried++ {
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
			if e, ok := err.(*sqlstate.Error); !ok || e.Code != sqlstate.Syntax {
				t.Fatalf("seed %d: %s\n\t%v, not a syntax error", seed, text, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %s\n\t%v\nwant %s", seed, text, err, want)
		}
		taken++
		e := list[0].(*ast.Select).Items[0].Expr
		if got := showExpr(e, false); got != want {
			t.Fatalf("seed %d: %s\n got %s\nwant %s", seed, text, got, want)
		}
		if bad := misplaced(e, text); bad != "" {
			t.Fatalf("seed %d: %s\n\t%s", seed, text, bad)
		}
	}
	if taken < tried/3 {
		t.Errorf("only %d of %d texts are expressions", taken, tried)
	}
	t.Logf("%d texts, %d of them expressions", tried, taken)
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
		word, parts = strings.Fields(e.Op)[0], []ast.Expr{e.L, e.R}
		if word == "<>" && strings.HasPrefix(text[e.Offset():], "!=") {
			word = "!="
		}
	case *ast.Is:
		word, parts = "is", []ast.Expr{e.X}
		if strings.HasPrefix(text[e.Offset():], "notnull") {
			word = "notnull"
		}
	case *ast.AtTimeZone:
		word, parts = "at", []ast.Expr{e.X, e.Zone}
	case *ast.Collate:
		word, parts = "collate", []ast.Expr{e.X}
	case *ast.Path:
		word, parts = "a", []ast.Expr{e.X, e.Steps[0].Index}
	case *ast.FuncCall:
		word, parts = "f", e.Args
	case *ast.Case:
		word, parts = "case", []ast.Expr{e.Whens[0].Cond, e.Whens[0].Then}
		if e.Else != nil {
			parts = append(parts, e.Else)
		}
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
		if e.Fold {
			word = "ilike"
		}
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
