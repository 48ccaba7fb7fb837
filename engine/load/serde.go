package load

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Regexp is the expression of RegexSerDe, in Java's syntax: its groups are the columns of a line that it matches as a whole.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_examples.html
type Regexp struct {
	text   string
	folded bool
	groups int
}

// regexpTime bounds the match of a line.
const regexpTime = 10 * time.Second

// NewRegexp compiles an expression; fold = letters match in either case. Errors: 22023 of one that is none.
func NewRegexp(text string, fold bool) (*Regexp, error) {
	x := &Regexp{text: text, folded: fold}
	re, err := x.compile()
	if err != nil {
		return nil, sqlstate.InvalidParameterValue.Errorf("invalid regular expression: %v", err)
	}
	x.groups = len(re.GetGroupNumbers()) - 1
	return x, nil
}

// Groups is how many groups it has.
func (x *Regexp) Groups() int { return x.groups }

// compile makes a matcher, which belongs to one reader.
func (x *Regexp) compile() (*regexp2.Regexp, error) {
	o := regexp2.None
	if x.folded {
		o = regexp2.IgnoreCase
	}
	re, err := regexp2.Compile(`\A(?:`+x.text+`)\z`, o)
	if err == nil {
		re.MatchTimeout = regexpTime
	}
	return re, err
}

// splitRegexp makes the groups the fields of a line; one that does not match has none.
func (r *Reader) splitRegexp(rec []byte) *RowError {
	if r.regexp == nil {
		r.regexp, _ = r.job.Options.Rules.Regexp.compile() // it was compiled before
	}
	line := string(rec)
	if !utf8.ValidString(line) {
		line = string(bytes.ToValidUTF8(rec, []byte("\uFFFD")))
	}
	m, err := r.regexp.FindStringMatch(line)
	if err != nil || m == nil {
		return &RowError{Code: 1202, Reason: "The line does not match input.regex"}
	}
	for _, g := range m.Groups()[1:] {
		if len(g.Captures) == 0 {
			r.add(nil, nullField)
			continue
		}
		at := len(r.cell)
		r.cell = append(r.cell, g.String()...)
		r.add(r.cell[at:len(r.cell):len(r.cell)], plainField)
	}
	return nil
}

// splitOpenCSV follows the parser of OpenCSVSerde: the escape character has a meaning within quotes only, where it stands before a quote or itself, and is
// dropped elsewhere; quotes may begin and end anywhere in a field.
//
//	a,"b ""c"" \"d\"",e    ->    a | b "c" "d" | e
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
func (r *Reader) splitOpenCSV(rec []byte) *RowError {
	o := &r.job.Options
	quote, escape, sep := o.Quote, o.EscapeChar, o.Delimiter[0]
	at, within := len(r.cell), false
	end := func() {
		r.add(r.cell[at:len(r.cell):len(r.cell)], plainField)
		at = len(r.cell)
	}
	next := func(i int) byte {
		if i+1 < len(rec) {
			return rec[i+1]
		}
		return 0
	}
	for i := 0; i < len(rec); i++ {
		switch c := rec[i]; {
		case c == escape && c != quote:
			if within && (next(i) == quote || next(i) == escape) {
				i++
				r.cell = append(r.cell, rec[i])
			}
		case c == quote && within && next(i) == quote:
			i++
			r.cell = append(r.cell, quote)
		case c == quote:
			within = !within
			if i > 2 && rec[i-1] != sep && i+1 < len(rec) && rec[i+1] != sep { // it stands amid a field
				if f := r.cell[at:]; len(f) > 0 && len(bytes.TrimSpace(f)) == 0 {
					r.cell = r.cell[:at]
				} else {
					r.cell = append(r.cell, c)
				}
			}
		case c == sep && !within:
			end()
		default:
			r.cell = append(r.cell, c)
		}
	}
	end()
	return nil
}

// scan finds the end of a record whose quotes may hold line ends, < 0 = it is not in b, and counts those in it.
func (s *csvScan) scan(b []byte, o *Options) (end, lines int) {
	for i, c := range b {
		switch {
		case s.escaped:
			s.escaped = false
			if c == '\n' {
				lines++
			}
		case c == o.EscapeChar && c != o.Quote && s.within:
			s.escaped = true
		case c == o.Quote:
			s.within = !s.within
		case c == '\n' && !s.within:
			return i, lines
		case c == '\n':
			lines++
		}
	}
	return -1, lines
}

// csvScan is how far the search for the end of a record is.
type csvScan struct{ within, escaped bool }
