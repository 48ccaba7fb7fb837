package parse

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestSizes parses large texts, each of a form that grows one thing: they are parsed or refused (54001, 54000), and memory stays bounded.
func TestSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("large texts")
	}
	const deep, parsed = sqlstate.StatementTooComplex, sqlstate.Code("")
	const size = 5 << 18
	fill := func(before, part, after string) string {
		return before + strings.Repeat(part, (size-len(before)-len(after))/len(part)) + after
	}
	part := func(before, s, after string) string { return before + strings.Repeat(s, size/4/len(s)) + after }
	for _, c := range []struct {
		text string
		code sqlstate.Code
	}{
		{fill("select ", "(", "1"), deep},
		{fill("select a", "[a", ""), deep},
		{fill("select ", "not ", "a"), deep},
		{fill("select ", "case when ", "a"), deep},
		{fill("select ", "substring(", "1"), deep},
		{fill("select a", " or a", ""), deep},
		{fill("select ((((a", " or a", ")+1)*2)-3)/4"), deep},
		{fill("select a", "+a", ""), deep},
		{fill("select a", "||a", ""), deep},
		{fill("select a", "||a&b", ""), deep},
		{fill("select a", "::int", ""), deep},
		{fill("select a", " is null", ""), deep},
		{fill("select a", " in (1)", ""), deep},
		{fill("select 1", " union all select 1", ""), deep},
		{fill("select 1", " intersect select 1", ""), deep},
		{fill("select 1 from a", " cross join a", ""), deep},
		{fill("select 1 from a", ",a", ""), deep},
		{fill("select * from t ", "pivot (sum(a) for b in (1)) ", ""), deep},
		{fill("select 1 from t connect by a", " = prior(b) and a", ""), deep},
		{fill("create procedure p() as $$ begin ", "if a then ", "$$ language plpgsql"), deep},
		{part("select a in (1", ",1", ")"), parsed},
		{part("select 1", ",a", ""), parsed},
		{part("select f(a", ",a", ")"), parsed},
		{part("insert into t values (1)", ",(1)", ""), parsed},
		{part("insert into t values (1+1)", ",(1+1)", ""), parsed},
		{part("select case", " when a then b", " end"), parsed},
		{part("select '", "x", "'"), parsed},
		{part("select 'a'", "\n'a'", ""), parsed},
		{part("", "select 1;", ""), parsed},
		{part("create procedure p() as $$ begin ", "a := 1; ", "end $$ language plpgsql"), parsed},
		{strings.Repeat(" ", maxText) + ";", sqlstate.ProgramLimit},
		{"select a in (" + strings.Repeat("1,", lex.MaxTokens/2) + "1)", sqlstate.ProgramLimit},
		{"select '" + strings.Repeat("x", maxText-16) + "'", parsed},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(c.text)
		runtime.ReadMemStats(&after)
		var e *sqlstate.Error
		code := parsed
		if errors.As(err, &e) {
			code = e.Code
		}
		if code != c.code {
			t.Errorf("%.40s...: %.100v, want code %q", c.text, err, c.code)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1000*size+32*uint64(len(c.text)) {
			t.Errorf("%.40s...: %d MB for %d kB", c.text, n>>20, len(c.text)>>10)
		}
	}
}

// TestLimits parses what must not be refused: chains and nesting that programs write.
func TestLimits(t *testing.T) {
	for _, text := range []string{
		"select a" + strings.Repeat(" or a = 1", 50_000),
		"select 1" + strings.Repeat(" union all select 1", 10_000),
		"select " + strings.Repeat("(", 900) + "1" + strings.Repeat(")", 900),
		"select " + strings.Repeat("f(", 900) + "1" + strings.Repeat(")", 900),
		"select a" + strings.Repeat("::int", 900),
	} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%.40s...: %.100v", text, err)
		}
	}
	// 2,000 are answered or refused, like any other number.
	text := "select " + strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000)
	if _, err := Parse(text); err != nil && err.(*sqlstate.Error).Code != sqlstate.StatementTooComplex {
		t.Error(err)
	}
}
