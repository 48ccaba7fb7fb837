package function

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// regexpFunctions is the part of the chapter of strings that searches for regular expressions. Parameters: c with and i without regard to case, e the
// first subexpression, p Perl's dialect (regexp_perl.go).
// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_SUBSTR.html
var regexpFunctions = []Scalar{
	{Name: "regexp_count", Args: sig(text, text, int4, text), Optional: 2, Returns: always(types.TInt4), Kernel: search(3, regexpCount), Doc: "REGEXP_COUNT"},
	{Name: "regexp_instr", Args: sig(text, text, int4, int4, int4, text), Optional: 4, Returns: always(types.TInt4), Kernel: search(5, regexpInstr), Doc: "REGEXP_INSTR"},
	{Name: "regexp_substr", Args: sig(text, text, int4, int4, text), Optional: 3, Returns: varcharOf(0), Kernel: search(4, regexpSubstr), Doc: "REGEXP_SUBSTR"},
	{Name: "regexp_replace", Args: sig(text, text, text, int4, text), Optional: 3, Returns: always(types.TTextMax), Kernel: search(4, regexpReplace), Doc: "REGEXP_REPLACE"},
}

// searcher is a row's compiled pattern.
type searcher struct {
	re   finder
	sub  bool // the first subexpression is meant
	perl bool
	end  time.Time // when a backtracking search of this batch gives up; zero = there is none
}

// search makes kernels that look for the pattern of argument 1; flags is the argument with the parameters. A pattern is compiled once for a run of
// equal ones.
func search(flags int, f func(x *searcher, r *row) error) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		var x searcher
		var pattern, params string
		var began time.Time
		return each(func(r *row) error {
			p, c := r.text(1), ""
			if flags < len(r.args) {
				c = r.text(flags)
			}
			if x.re == nil || p != pattern || c != params {
				var err error
				if x, err = newSearcher(p, c); err != nil {
					return err
				}
				pattern, params = p, c
				if _, slow := x.re.(perlRegexp); slow {
					if began.IsZero() {
						began = time.Now()
					}
					x.end = began.Add(perlBatchTime)
				}
			}
			if !x.end.IsZero() && time.Now().After(x.end) {
				return perlLimit(p)
			}
			return f(&x, r)
		})(env, n, args, out)
	}
}

// newSearcher compiles a pattern with its parameters.
func newSearcher(pattern, params string) (searcher, error) {
	var x searcher
	fold := false
	for _, c := range params {
		switch c {
		case 'c', 'i':
			fold = c == 'i'
		case 'e':
			x.sub = true
		case 'p':
			x.perl = true
		default:
			return x, invalid("invalid regular expression parameter \"%c\"", c)
		}
	}
	if x.perl {
		re, err := compilePerl(pattern, fold)
		x.re, x.sub = re, x.sub && err == nil && re.subexpressions() > 0
		return x, err
	}
	flags := "(?s)"
	if fold {
		flags = "(?si)"
	}
	re, err := cachedRegexp(flags+pattern, pattern, true)
	if err != nil {
		return x, err
	}
	x.re, x.sub = goRegexp{re}, x.sub && re.NumSubexp() > 0
	return x, nil
}

// from is the part of the text that is searched, and the byte at which it begins; ok is false when the position is beyond the text.
func (r *row) from(k int) (at int, ok bool) {
	if k >= len(r.args) || r.int(k) <= 1 {
		return 0, true
	}
	s := r.text(0)
	at = offset(s, r.int(k)-1)
	return at, at < len(s)
}

// find gives the bounds of an occurrence, counted from 1 at byte at; ok is false when there are not so many.
func (x *searcher) find(s string, at int, occurrence int64) (lo, hi int, ok bool, err error) {
	if occurrence < 1 || occurrence > int64(len(s))+1 {
		return 0, 0, false, nil
	}
	all, err := x.re.find(s[at:], int(occurrence))
	if err != nil || int64(len(all)) < occurrence {
		return 0, 0, false, err
	}
	m := all[occurrence-1]
	if x.sub {
		m = m[2:]
	}
	if m[0] < 0 {
		return at, at, true, nil
	}
	return m[0] + at, m[1] + at, true, nil
}

// intOr is an integer argument or, when it is missing, its default.
func (r *row) intOr(k int, v int64) int64 {
	if k < len(r.args) {
		return r.int(k)
	}
	return v
}

// regexpCount counts the matches.
func regexpCount(x *searcher, r *row) error {
	at, ok := r.from(2)
	if !ok {
		r.setInt(0)
		return nil
	}
	all, err := x.re.find(r.text(0)[at:], -1)
	r.setInt(int64(len(all)))
	return err
}

// regexpInstr is the position of a match, or of what follows it.
func regexpInstr(x *searcher, r *row) error {
	s := r.text(0)
	r.setInt(0)
	at, ok := r.from(2)
	if !ok {
		return nil
	}
	lo, hi, ok, err := x.find(s, at, r.intOr(3, 1))
	if !ok || err != nil {
		return err
	}
	if r.intOr(4, 0) != 0 {
		lo = hi
	}
	r.setInt(runes(s[:lo]) + 1)
	return nil
}

// regexpSubstr is a match, "" when there is none.
func regexpSubstr(x *searcher, r *row) error {
	s := r.text(0)
	r.setText("")
	at, ok := r.from(2)
	if !ok {
		return nil
	}
	lo, hi, ok, err := x.find(s, at, r.intOr(3, 1))
	if ok && err == nil {
		r.setText(s[lo:hi])
	}
	return err
}

// regexpReplace puts a text in the place of every match; \1 to \9 stand in it for subexpressions, in Perl's dialect $1 to $9 too.
func regexpReplace(x *searcher, r *row) error {
	s, with := r.text(0), ""
	if len(r.args) > 2 {
		with = r.text(2)
	}
	at, ok := r.from(3)
	if !ok {
		r.setText(s)
		return nil
	}
	all, err := x.re.find(s[at:], -1)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		r.setText(s)
		return nil
	}
	var b strings.Builder
	end := 0
	for _, m := range all {
		b.WriteString(s[end : at+m[0]])
		x.expand(&b, with, s[at:], m)
		end = at + m[1]
	}
	b.WriteString(s[end:])
	if b.Len() > types.MaxText {
		return tooLong(types.MaxText)
	}
	r.setText(b.String())
	return nil
}

// expand writes a replacement for one match.
func (x *searcher) expand(b *strings.Builder, with, s string, m []int) {
	for i := 0; i < len(with); i++ {
		c := with[i]
		if (c == '\\' || c == '$' && x.perl) && i+1 < len(with) {
			switch d := with[i+1]; {
			case d >= '0' && d <= '9':
				if k := 2 * int(d-'0'); k < len(m) && m[k] >= 0 {
					b.WriteString(s[m[k]:m[k+1]])
				}
				i++
				continue
			case c == '\\' && d < utf8.RuneSelf:
				b.WriteByte(d)
				i++
				continue
			}
		}
		b.WriteByte(c)
	}
}
