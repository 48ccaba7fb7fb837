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

// regexps keeps compiled patterns: a statement asks for the same one a batch at a time. It is emptied when it has grown to 256.
var regexps struct {
	sync.RWMutex
	m map[string]*regexp.Regexp
}

// cachedRegexp compiles a Go pattern once.
func cachedRegexp(expr, shown string) (*regexp.Regexp, error) {
	regexps.RLock()
	re := regexps.m[expr]
	regexps.RUnlock()
	if re != nil {
		return re, nil
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		if strings.Contains(err.Error(), "invalid or unsupported Perl syntax") || strings.Contains(err.Error(), "invalid escape sequence") {
			return nil, sqlstate.FeatureNotSupported.Errorf("regular expression \"%s\" uses an operator that is not supported", shown)
		}
		return nil, sqlstate.InvalidRegexp.Errorf("invalid regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	regexps.Lock()
	if regexps.m == nil || len(regexps.m) >= 256 {
		regexps.m = map[string]*regexp.Regexp{}
	}
	regexps.m[expr] = re
	regexps.Unlock()
	return re, nil
}

// regexpExact compiles the pattern of ~: POSIX, not anchored, '.' matches a newline too.
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-posix.html
func regexpExact(pattern string) (matcher, error) {
	re, err := cachedRegexp("(?s)"+pattern, pattern)
	return regexpMatch{re}, err
}

// regexpFold compiles the pattern of ~*.
func regexpFold(pattern string) (matcher, error) {
	re, err := cachedRegexp("(?si)"+pattern, pattern)
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
	re, err := cachedRegexp(b.String(), pattern)
	return regexpMatch{re}, err
}
