package function

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Perl's dialect (parameter p). What needs no looking around runs on Go's automaton, whose time is linear in the text; look-ahead, look-behind, back
// references and possessive quantifiers need a backtracking matcher, whose time may be exponential and is bounded by the clock:
//
//	pattern -- Go's parser takes it --> goRegexp
//	        -- it does not ---------> perlRegexp: perlMatchTime for one search, perlBatchTime for the rows of one batch, then 54000
//
// Decision: docs/decisions/0007-perl-regexps.md.
const (
	perlMatchTime = time.Second
	perlBatchTime = 5 * time.Second
)

// finder is a compiled regular expression that lists matches as regexp.FindAllStringSubmatchIndex does: pairs of byte offsets, -1 where a
// subexpression took no part. limit below 0 = all.
type finder interface {
	find(s string, limit int) ([][]int, error)
	subexpressions() int
}

// goRegexp is a pattern on Go's automaton.
type goRegexp struct{ re *regexp.Regexp }

func (g goRegexp) find(s string, limit int) ([][]int, error) {
	return g.re.FindAllStringSubmatchIndex(s, limit), nil
}

func (g goRegexp) subexpressions() int { return g.re.NumSubexp() }

// perlRegexp is a pattern on the backtracking matcher.
type perlRegexp struct {
	re      *regexp2.Regexp
	pattern string
}

func (p perlRegexp) subexpressions() int { return len(p.re.GetGroupNumbers()) - 1 }

func (p perlRegexp) find(s string, limit int) ([][]int, error) {
	var all [][]int
	at := offsets{s: s}
	m, err := p.re.FindStringMatch(s)
	for m != nil && err == nil && len(all) != limit {
		groups := m.Groups()
		row := make([]int, 0, 2*len(groups))
		for i := range groups {
			g := &groups[i]
			if len(g.Captures) == 0 {
				row = append(row, -1, -1)
				continue
			}
			row = append(row, at.of(g.Index), at.of(g.Index+g.Length))
		}
		all = append(all, row)
		m, err = p.re.FindNextMatch(m)
	}
	if err != nil {
		return nil, perlLimit(p.pattern)
	}
	return all, nil
}

// offsets turns numbers of characters into bytes. Those asked for mostly ascend, so it goes on from the last one.
type offsets struct {
	s          string
	rune, byte int
}

func (o *offsets) of(n int) int {
	if n < o.rune {
		o.rune, o.byte = 0, 0
	}
	for ; o.rune < n; o.rune++ {
		_, w := utf8.DecodeRuneInString(o.s[o.byte:])
		o.byte += w
	}
	return o.byte
}

// perlLimit is the error of a search that took too long.
func perlLimit(pattern string) error {
	return sqlstate.ProgramLimit.Errorf("regular expression \"%s\" took too long to match", pattern).
		WithHint("Nested quantifiers and look-around make a search try the same text again and again: make them simpler.")
}

// perlFinders keeps the backtracking patterns that were compiled.
var perlFinders patternCache[perlRegexp]

// compilePerl compiles a pattern of Perl's dialect.
func compilePerl(pattern string, fold bool) (finder, error) {
	flags := ""
	if fold {
		flags = "(?i)"
	}
	if re, err := cachedRegexp(flags+pattern, pattern, false); err == nil {
		return goRegexp{re}, nil
	}
	return perlFinders.get(flags+pattern, func() (perlRegexp, error) {
		opt := regexp2.RegexOptions(regexp2.RE2)
		if fold {
			opt |= regexp2.IgnoreCase
		}
		re, err := regexp2.Compile(pattern, opt)
		if err != nil {
			why, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "error parsing regexp: "), " in `")
			return perlRegexp{}, sqlstate.InvalidRegexp.Errorf("invalid regular expression: %s", why)
		}
		re.MatchTimeout = perlMatchTime
		return perlRegexp{re, pattern}, nil
	})
}
