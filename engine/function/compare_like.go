package function

import (
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// LIKE patterns, by what they need:
//
//	'abc'       likeEqual    one comparison
//	'abc%'      likePrefix   the first bytes
//	'%abc%'     likeInfix    strings.Contains, vectorised in the standard library
//	others      likePattern  pieces between % searched one after the other; _ is one character
//
// Trailing blanks count, in both sides. The escape is a backslash; LIKE .. ESCAPE is rewritten to it by LikeEscape.
// https://docs.aws.amazon.com/redshift/latest/dg/r_patternmatching_condition_like.html
type (
	likeEqual   string
	likePrefix  string
	likeInfix   string
	likePattern struct {
		pieces  []likePiece
		fold    bool // ASCII letters match in any case; the pieces are in lower case
		anchorL bool // the first piece must be at the start
		anchorR bool // the last must be at the end
	}
	// likePiece is a run without %; any marks the bytes that are a _ (each then stands for a whole character).
	likePiece struct {
		text string
		any  []bool // nil = no _
	}
)

func (p likeEqual) match(s string) bool  { return s == string(p) }
func (p likePrefix) match(s string) bool { return len(s) >= len(p) && s[:len(p)] == string(p) }
func (p likeInfix) match(s string) bool  { return strings.Contains(s, string(p)) }

// likeExact compiles a LIKE pattern.
func likeExact(pattern string) (matcher, error) { return compileLike(pattern, false) }

// likeFold compiles an ILIKE pattern: ASCII letters in any case.
func likeFold(pattern string) (matcher, error) { return compileLike(pattern, true) }

// Like compiles a pattern of LIKE, for those who match names outside of a query.
// https://docs.aws.amazon.com/redshift/latest/dg/r_patternmatching_condition_like.html
func Like(pattern string) (match func(string) bool, err error) {
	m, err := likeExact(pattern)
	if err != nil {
		return nil, err
	}
	return m.match, nil
}

func compileLike(pattern string, fold bool) (matcher, error) {
	p := &likePattern{fold: fold, anchorL: true, anchorR: true}
	var text []byte
	var anyAt []bool
	flush := func() {
		if len(text) == 0 {
			return
		}
		pc := likePiece{text: string(text)}
		for _, a := range anyAt {
			if a {
				pc.any = anyAt
				break
			}
		}
		p.pieces = append(p.pieces, pc)
		text, anyAt = nil, nil
	}
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '%':
			if len(text) == 0 && len(p.pieces) == 0 {
				p.anchorL = false
			}
			flush()
			p.anchorR = false
			continue
		case '_':
			text, anyAt = append(text, '_'), append(anyAt, true)
		case '\\':
			if i++; i == len(pattern) {
				return nil, sqlstate.InvalidEscapeSequence.Errorf("LIKE pattern must not end with escape character")
			}
			c = pattern[i]
			fallthrough
		default:
			if fold {
				c = lowerByte(c)
			}
			text, anyAt = append(text, c), append(anyAt, false)
		}
		p.anchorR = true
	}
	flush()
	if fold {
		return p, nil
	}
	switch {
	case len(p.pieces) == 0 && p.anchorL && p.anchorR:
		return likeEqual(""), nil
	case len(p.pieces) == 1 && p.pieces[0].any == nil:
		switch t := p.pieces[0].text; {
		case p.anchorL && p.anchorR:
			return likeEqual(t), nil
		case p.anchorL:
			return likePrefix(t), nil
		case !p.anchorR:
			return likeInfix(t), nil
		}
	}
	return p, nil
}

// match tests the pieces from left to right; each at its first possible place, the last from the end when it is anchored there.
func (p *likePattern) match(s string) bool {
	ps := p.pieces
	if len(ps) == 0 {
		return !(p.anchorL && p.anchorR) || s == ""
	}
	if p.anchorL {
		n, ok := ps[0].at(s, p.fold)
		if !ok {
			return false
		}
		s = s[n:]
		ps = ps[1:]
		if len(ps) == 0 {
			return !p.anchorR || s == ""
		}
	}
	last := len(ps)
	if p.anchorR {
		last--
	}
	for i := range last {
		pc := &ps[i]
		if pc.any == nil && !p.fold {
			k := strings.Index(s, pc.text)
			if k < 0 {
				return false
			}
			s = s[k+len(pc.text):]
			continue
		}
		for {
			if n, ok := pc.at(s, p.fold); ok {
				s = s[n:]
				break
			}
			if s == "" {
				return false
			}
			_, w := utf8.DecodeRuneInString(s)
			s = s[w:]
		}
	}
	if !p.anchorR {
		return true
	}
	pc := &ps[last]
	if pc.any == nil && !p.fold {
		return strings.HasSuffix(s, pc.text)
	}
	for { // the end of s, at a character
		if n, ok := pc.at(s, p.fold); ok && n == len(s) {
			return true
		}
		if s == "" {
			return false
		}
		_, w := utf8.DecodeRuneInString(s)
		s = s[w:]
	}
}

// at tests the piece at the start of s and gives the bytes that it took.
func (pc *likePiece) at(s string, fold bool) (int, bool) {
	k := 0
	for i := 0; i < len(pc.text); i++ {
		if k >= len(s) {
			return 0, false
		}
		if pc.any != nil && pc.any[i] {
			_, w := utf8.DecodeRuneInString(s[k:])
			k += w
			continue
		}
		c := s[k]
		if fold {
			c = lowerByte(c)
		}
		if c != pc.text[i] {
			return 0, false
		}
		k++
	}
	return k, true
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// LikeEscape rewrites a pattern written with another escape character ("" = none) to one that escapes with a backslash.
func LikeEscape(pattern, escape string) (string, error) {
	if escape == "\\" {
		return pattern, nil
	}
	if utf8.RuneCountInString(escape) > 1 {
		return "", sqlstate.InvalidEscapeSequence.Errorf("invalid escape string").WithHint("Escape string must be empty or one character.")
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if escape != "" && strings.HasPrefix(pattern[i:], escape) {
			i += len(escape)
			if i >= len(pattern) {
				return "", sqlstate.InvalidEscapeSequence.Errorf("LIKE pattern must not end with escape character")
			}
			b.WriteByte('\\')
			b.WriteByte(pattern[i])
			continue
		}
		if pattern[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(pattern[i])
	}
	return b.String(), nil
}

// EscapePattern is LikeEscape of each row's pattern and escape character.
func EscapePattern() *Bound {
	return &Bound{
		Name: "like_escape", Params: []types.Type{types.TText, types.TText}, Returns: types.TText, Strict: true,
		Kernel: each(func(r *row) error {
			text, err := LikeEscape(r.text(0), r.text(1))
			r.setText(text)
			return err
		}),
	}
}
