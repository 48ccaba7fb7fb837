package sqlmatch

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// modelTime makes the random tests run on.
var modelTime = flag.Duration("model", 0, "run the random tests this long, from a random seed")

// rounds calls f once for each statement, or for -model long with other random numbers each time.
func rounds(t *testing.T, f func(r *rand.Rand, sql string)) {
	t.Helper()
	seed := uint64(1)
	if *modelTime > 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	list := statements(t)
	for end := time.Now().Add(*modelTime); ; {
		for _, sql := range list {
			f(r, sql)
		}
		if time.Now().After(end) || t.Failed() {
			return
		}
	}
}

// disguised writes a statement's tokens in another way: words in random case, quotes around none, blanks and comments between all that may be parted.
func disguised(r *rand.Rand, sql string, toks []lex.Token) string {
	gaps := []string{" ", "\n", "\t  ", " /* a /* nested */ comment; */ ", " -- a comment\n"}
	var b strings.Builder
	for i, t := range toks[:len(toks)-1] {
		if i > 0 {
			switch before := toks[i-1]; {
			case before.End < t.Pos: // parted already
				b.WriteString(gaps[r.IntN(len(gaps))])
			case t.Kind == lex.Op && before.Kind == lex.Op && strings.Contains("(),;", t.Text+before.Text):
				b.WriteString(gaps[r.IntN(len(gaps))])
			}
		}
		text := sql[t.Pos:t.End]
		if t.Kind == lex.Word && r.IntN(2) == 0 {
			text = strings.ToUpper(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// TestRandomDisguises: a statement matches itself in any disguise.
func TestRandomDisguises(t *testing.T) {
	m := New()
	rounds(t, func(r *rand.Rand, sql string) {
		toks, err := lex.Scan(sql, lex.Options{})
		if err != nil {
			return
		}
		for i := 1; i < len(toks); i++ { // 'a' newline 'b' is one string, whose parts another gap would part
			if toks[i].Kind == lex.String && toks[i-1].Kind == lex.String {
				return
			}
		}
		other := disguised(r, sql, toks)
		if err := m.Match(sql, other); err != nil {
			t.Errorf("%s\n%s\n%v", sql, other, err)
		}
	})
}

// TestRandomChanges: a query in which one literal or one name is another does not match, and the difference shows the two.
func TestRandomChanges(t *testing.T) {
	m := New()
	tried := 0
	rounds(t, func(r *rand.Rand, sql string) {
		if _, err := Canonical(sql); err != nil {
			return
		}
		toks, err := lex.Scan(sql, lex.Options{})
		if err != nil {
			return
		}
		var at []int
		for i, tok := range toks {
			number := tok.Kind == lex.Number && strings.Trim(tok.Text, "0123456789") == ""
			if number || tok.Kind == lex.String && !tok.Dollar && sql[tok.Pos] == '\'' {
				at = append(at, i)
			}
		}
		if len(at) == 0 {
			return
		}
		tok := toks[at[r.IntN(len(at))]]
		changed := "7" + tok.Text
		if tok.Kind == lex.String {
			changed = "'7" + sql[tok.Pos+1:tok.End]
		}
		other := sql[:tok.Pos] + changed + sql[tok.End:]
		if _, err := Canonical(other); err != nil { // numeric(7) with another number may be refused
			return
		}
		tried++
		d, ok := m.Match(sql, other).(*Difference)
		if !ok || d.Expected.SQL == d.Actual.SQL {
			t.Errorf("%s\n%s\n%v", sql, other, d)
		}
	})
	if tried < 500 {
		t.Errorf("only %d statements were changed", tried)
	}
}
