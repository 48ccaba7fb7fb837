package lex

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// kinds names the kinds of tokens for tests.
var kinds = map[Kind]string{Word: "w", Quoted: "q", String: "s", Number: "n", Param: "p", Named: "v", Op: "o"}

// cut scans a text and prints its tokens.
func cut(text string, o Options) string {
	toks, err := Scan(text, o)
	if err != nil {
		return "error " + err.(*sqlstate.Error).Message
	}
	out := make([]string, 0, len(toks))
	for _, t := range toks[:len(toks)-1] {
		out = append(out, kinds[t.Kind]+":"+t.Text)
	}
	return strings.Join(out, " ")
}

// TestScan cuts texts into tokens.
func TestScan(t *testing.T) {
	for _, c := range [][2]string{
		{"SELECT Größe, a_1$", "w:select w:größe o:, w:a_1$"},
		{"ÄB", "w:Äb"}, // only ASCII is folded
		{`"Ab" "a""b"`, `q:ab q:a"b`},
		{"1 1.5 .5 1. 1e3 1e+3 1e 1..2", "n:1 n:1.5 n:.5 n:1. n:1e3 n:1e+3 n:1 w:e n:1 o:. o:. n:2"},
		{"'a''b' 'c'", "s:a'b s:c"},
		{"'a'\n  'b' 'c'", "s:ab s:c"},
		{`'\n\t\\\'\101\q'`, "s:\n\t\\'Aq"},
		{`E'a' N'b' e`, "s:a s:b w:e"},
		{"$1 $$a'b$$ $x$ $$ $x$", "p:1 s:a'b s: $$ "},
		{":a a::b :b1", "v:a w:a o::: w:b v:b1"},
		{"a--b\nc --", "w:a w:c"},
		{"a/*b/*c*/d*/e/**/f", "w:a w:e w:f"},
		{"/*+ hint */ /*! x */ a", "w:a"},
		{"#t a#b 5 # 3 5 #x", "q:#t w:a o:# w:b n:5 o:# n:3 n:5 o:# w:x"},
		{"<= >= <> != || ~* !~~* => := ->> <<", "o:<= o:>= o:<> o:!= o:|| o:~* o:!~~* o:=> o::= o:->> o:<<"},
		{"a.b.c", "w:a o:. w:b o:. w:c"},
		{"a\u00a0b", "w:a\u00a0b"},
		{"\u00a0a", "w:a"},
		{"", ""},
		{"'abc", `error unterminated quoted string at or near "'abc"`},
		{"/* a /* b */", "error unterminated /* comment at or near \"/* a /* b */\""},
	} {
		if got := cut(c[0], Options{}); got != c[1] {
			t.Errorf("%q\n got %s\nwant %s", c[0], got, c[1])
		}
	}
	if got := cut(`"Ab" Ab`, Options{CaseSensitive: true}); got != "q:Ab w:ab" {
		t.Error(got)
	}
}

// FuzzScan says that tokens are in order, lie within the text, and leave out only blanks and comments.
func FuzzScan(f *testing.F) {
	for _, s := range []string{"select a from t where b = 'x' -- c", "/* a */ \"b\" $1 $$c$$ :d 1.5e3 ->> E'\\n'", "#t 5 #x 'a'\n'b'", "$a$b$a$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		toks, err := Scan(text, Options{})
		if err != nil {
			if e := err.(*sqlstate.Error); e.Offset() < 0 || e.Offset() > len(text) {
				t.Fatal(fmt.Sprintf("%q", text), err)
			}
			return
		}
		end := 0
		for i, k := range toks {
			if k.Pos < end || k.End < k.Pos || k.End > len(text) || (k.Kind == EOF) != (i == len(toks)-1) || k.Kind != EOF && k.End == k.Pos {
				t.Fatalf("%q: %+v after %d", text, k, end)
			}
			if gap := text[end:k.Pos]; blank(gap, 0) != len(gap) && !strings.HasPrefix(gap, "--") && !strings.Contains(gap, "--") {
				t.Fatalf("%q: %q is lost", text, gap)
			}
			end = k.End
		}
	})
}

// TestPlace finds bytes of strings in their source: each \x01 of the source is one of the string.
func TestPlace(t *testing.T) {
	for _, src := range []string{"'\x01abc\x01'", "'a''b\x01'", `'a\\b\n` + "\x01'", `E'\101\7` + "\x01x'", "$t$a\x01$t$", "'a'\n'b\x01'", "'a' -- x\n '\x01'", "n'\x01'", "'ü''\x01'"} {
		toks, err := Scan(src, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range []byte(toks[0].Text) {
			if at := Place(src, 0, i); c == 1 && src[at] != 1 {
				t.Errorf("%q: byte %d is at %d", src, i, at)
			}
		}
		if at := Place(src, 0, len(toks[0].Text)); at < 0 || at >= len(src) {
			t.Errorf("%q: its end is at %d", src, at)
		}
	}
}
