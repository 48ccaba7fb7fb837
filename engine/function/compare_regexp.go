package function

import (
	"regexp"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// regexpMatch is a compiled regular expression that need match anywhere.
type regexpMatch struct{ re *regexp.Regexp }

func (m regexpMatch) match(s string) bool { return m.re.MatchString(s) }

// patternCache keeps compiled patterns: a statement asks for the same one a batch at a time. It is emptied when it has grown to 256.
type patternCache[P any] struct {
	mu sync.RWMutex
	m  map[string]P
}

// get gives the pattern of a key, compiled once.
func (c *patternCache[P]) get(key string, compile func() (P, error)) (P, error) {
	c.mu.RLock()
	p, ok := c.m[key]
	c.mu.RUnlock()
	if ok {
		return p, nil
	}
	p, err := compile()
	if err != nil {
		return p, err
	}
	c.mu.Lock()
	if c.m == nil || len(c.m) >= 256 {
		c.m = map[string]P{}
	}
	c.m[key] = p
	c.mu.Unlock()
	return p, nil
}

// Patterns by dialect: POSIX takes the leftmost longest match, Perl's the leftmost that its alternatives reach first.
var posixRegexps, goRegexps patternCache[*regexp.Regexp]

// cachedRegexp compiles a Go pattern once; shown is what the user wrote.
func cachedRegexp(expr, shown string, posix bool) (*regexp.Regexp, error) {
	cache := &goRegexps
	if posix {
		if err := checkPosix(shown); err != nil {
			return nil, err
		}
		cache = &posixRegexps
	}
	return cache.get(expr, func() (*regexp.Regexp, error) {
		re, err := regexp.Compile(expr)
		if err != nil {
			if strings.Contains(err.Error(), "invalid escape sequence") {
				return nil, sqlstate.FeatureNotSupported.Errorf("regular expression \"%s\" uses an operator that is not supported", shown)
			}
			return nil, sqlstate.InvalidRegexp.Errorf("invalid regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		if posix {
			re.Longest()
		}
		return re, nil
	})
}

// checkPosix refuses what only Perl's dialect has: groups that begin with (?, and quantifiers that take as little as they can.
func checkPosix(pattern string) error {
	inSet, quantified := false, false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		was := quantified
		quantified = false
		switch {
		case c == '\\':
			i++
		case inSet:
			switch {
			case c == '[' && i+1 < len(pattern) && pattern[i+1] == ':':
				if n := strings.Index(pattern[i:], ":]"); n > 0 {
					i += n + 1
				}
			case c == ']':
				inSet = false
			}
		case c == '[':
			inSet = true
			if i+1 < len(pattern) && pattern[i+1] == '^' {
				i++
			}
			if i+1 < len(pattern) && pattern[i+1] == ']' { // the first in a list stands for itself
				i++
			}
		case c == '(' && i+1 < len(pattern) && pattern[i+1] == '?', c == '?' && was:
			return sqlstate.InvalidRegexp.Errorf("invalid regular expression: \"%s\" is of Perl's dialect at \"%s\"", pattern, pattern[i:]).
				WithHint("REGEXP_COUNT, REGEXP_INSTR, REGEXP_REPLACE and REGEXP_SUBSTR take Perl's dialect with the parameter p.")
		default:
			quantified = c == '*' || c == '+' || c == '?' || c == '}'
		}
	}
	return nil
}

// regexpExact compiles the pattern of ~: POSIX, not anchored, '.' matches a newline too.
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-posix.html
func regexpExact(pattern string) (matcher, error) {
	re, err := cachedRegexp("(?s)"+pattern, pattern, true)
	return regexpMatch{re}, err
}

// regexpFold compiles the pattern of ~*.
func regexpFold(pattern string) (matcher, error) {
	re, err := cachedRegexp("(?si)"+pattern, pattern, true)
	return regexpMatch{re}, err
}

// similar compiles the pattern of SIMILAR TO: SQL's mixture of LIKE and regular expressions, over the whole text.
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-similar-to.html
func similar(pattern string) (matcher, error) {
	var b strings.Builder
	b.WriteString("(?s)^(?:")
	inSet := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case inSet:
			inSet = c != ']'
			b.WriteByte(c)
		case c == '[':
			inSet = true
			b.WriteByte(c)
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteByte('.')
		case c == '.' || c == '^' || c == '$':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteString(")$")
	re, err := cachedRegexp(b.String(), pattern, true)
	return regexpMatch{re}, err
}
