// Package lex cuts Redshift text into tokens.
//
//	SELECT "Name", E'a\n' || $1 -- comment
//	word select | name name (quoted, folded) | op , | string "a⏎" | op || | param 1
//
// Strings are decoded here (backslash escapes, doubled quotes, adjacent parts), identifiers are folded to lower case, quoted ones too unless the
// session is case-sensitive. Comments, nested ones too, and hints vanish.
package lex

import (
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Kind is the kind of a token.
type Kind uint8

// Kinds of tokens.
const (
	EOF    Kind = iota
	Word        // an unquoted identifier or keyword, lower case in Text
	Quoted      // "identifier"
	String      // '...', E'..', $$..$$: decoded
	Number      // digits, as written
	Param       // $1: Text is "1"
	Named       // :name
	Op          // operators and punctuation
)

// Token is one token. Pos and End are byte offsets in the source.
type Token struct {
	Kind     Kind
	Text     string
	Pos, End int
	Dollar   bool // a dollar-quoted string
}

// Options of a session that change tokens.
type Options struct {
	// CaseSensitive keeps quoted identifiers as they are (enable_case_sensitive_identifier).
	CaseSensitive bool
	// Attributes keeps the case of names behind a dot for who looks up attributes of a SUPER value (enable_case_sensitive_super_attribute): ast.ColumnRef has
	// them as they were written. Tokens are the same.
	Attributes bool
}

// longer says of each character whether an operator of several begins with it.
var longer = func() (t [128]bool) {
	for _, op := range ops {
		t[op[0]] = true
	}
	return t
}()

// ops lists the operators of more than one character, longest first.
var ops = []string{"!~~*", "!~~", "~~*", "!~*", "->>", "||/", "::", "<=", ">=", "<>", "!=", "||", "~~", "~*", "!~", "!!", "<<", ">>", "&&", "@>", "<@", "->", "=>", ":=", "|/"}

// MaxTokens bounds the memory that a text takes: trees are a hundred times as long as the shortest of tokens. It is ours: Redshift bounds the size of
// texts only.
const MaxTokens = 4 << 20

// Scan cuts text. The last token is EOF at len(text). Errors are 42601 with their offset, and 54000.
func Scan(text string, o Options) ([]Token, error) {
	return Append(make([]Token, 0, len(text)/4+16), text, o)
}

// Append is Scan into a slice that is empty and may have room.
func Append(toks []Token, text string, o Options) ([]Token, error) {
	var joined []byte // the parts of the last string, when it has several
	for i := 0; ; {
		i = blank(text, i)
		if i < 0 {
			return nil, sqlstate.Syntax.Errorf("unterminated /* comment at or near \"%s\"", clip(text[-i-1:])).At(-i - 1)
		}
		if i >= len(text) {
			if joined != nil {
				toks[len(toks)-1].Text = string(joined)
			}
			return append(toks, Token{Kind: EOF, Pos: len(text), End: len(text)}), nil
		}
		t, err := next(text, i, o)
		if err != nil {
			return nil, err
		}
		i = t.End
		if t.Kind == String && !t.Dollar && len(toks) > 0 { // 'a' newline 'b' is one string
			if last := &toks[len(toks)-1]; last.Kind == String && !last.Dollar && strings.IndexByte(text[last.End:t.Pos], '\n') >= 0 {
				if joined == nil {
					joined = append(joined, last.Text...)
				}
				joined = append(joined, t.Text...)
				last.End = t.End
				continue
			}
		}
		if joined != nil {
			toks[len(toks)-1].Text, joined = string(joined), nil
		}
		if len(toks) >= MaxTokens {
			return nil, sqlstate.ProgramLimit.Errorf("statement is too complex: it has more than %d words", MaxTokens).At(t.Pos)
		}
		toks = append(toks, t)
	}
}

// clip is the beginning of a text, for messages.
func clip(s string) string {
	if len(s) <= 40 {
		return s
	}
	n := 40
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// blank skips white space and comments; a negative result is -(offset+1) of a comment that does not end.
func blank(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			i++
		case c == 0xC2 && i+1 < len(s) && s[i+1] == 0xA0: // no-break space, as pasted from pages
			i += 2
		case c == '-' && i+1 < len(s) && s[i+1] == '-':
			k := strings.IndexByte(s[i:], '\n')
			if k < 0 {
				return len(s)
			}
			i += k + 1
		case c == '/' && i+1 < len(s) && s[i+1] == '*':
			start, depth := i, 0
			for {
				if i+1 >= len(s) {
					return -start - 1
				}
				if s[i] == '/' && s[i+1] == '*' {
					depth++
					i += 2
				} else if s[i] == '*' && s[i+1] == '/' {
					depth--
					i += 2
					if depth == 0 {
						break
					}
				} else {
					i++
				}
			}
		default:
			return i
		}
	}
	return i
}

// isStart says whether a byte may begin a word.
func isStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// isDigit says whether a byte is a digit.
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// next reads the token at i.
func next(s string, i int, o Options) (Token, error) {
	c := s[i]
	switch {
	case c == '\'':
		return quoted(s, i, i)
	case isStart(c):
		if i+1 < len(s) && s[i+1] == '\'' {
			switch c {
			case 'e', 'E', 'n', 'N':
				return quoted(s, i, i+1)
			}
		}
		j := i + 1
		for j < len(s) && (isStart(s[j]) || isDigit(s[j]) || s[j] == '$') {
			j++
		}
		return Token{Kind: Word, Text: Fold(s[i:j]), Pos: i, End: j}, nil
	case c == '#' && i+1 < len(s) && isStart(s[i+1]) && !operandBefore(s, i): // #temp
		j := i + 1
		for j < len(s) && (isStart(s[j]) || isDigit(s[j]) || s[j] == '$') {
			j++
		}
		return Token{Kind: Quoted, Text: Fold(s[i:j]), Pos: i, End: j}, nil
	case isDigit(c) || c == '.' && i+1 < len(s) && isDigit(s[i+1]) && (i == 0 || s[i-1] != '.'): // 1..10 are two numbers and two dots
		return number(s, i), nil
	case c == '"':
		var b strings.Builder
		for j := i + 1; ; {
			k := strings.IndexByte(s[j:], '"')
			if k < 0 {
				return Token{}, sqlstate.Syntax.Errorf("unterminated quoted identifier at or near \"%s\"", clip(s[i:])).At(i)
			}
			b.WriteString(s[j : j+k])
			j += k + 1
			if j < len(s) && s[j] == '"' {
				b.WriteByte('"')
				j++
				continue
			}
			name := b.String()
			if name == "" {
				return Token{}, sqlstate.Syntax.Errorf("zero-length delimited identifier at or near \"\"\"\"").At(i)
			}
			if !o.CaseSensitive {
				name = Fold(name)
			}
			return Token{Kind: Quoted, Text: name, Pos: i, End: j}, nil
		}
	case c == '$':
		j := i + 1
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		if j > i+1 {
			return Token{Kind: Param, Text: s[i+1 : j], Pos: i, End: j}, nil
		}
		for j < len(s) && (isStart(s[j]) || isDigit(s[j])) {
			j++
		}
		if j < len(s) && s[j] == '$' {
			tag := s[i : j+1]
			k := strings.Index(s[j+1:], tag)
			if k < 0 {
				return Token{}, sqlstate.Syntax.Errorf("unterminated dollar-quoted string at or near \"%s\"", clip(s[i:])).At(i)
			}
			return Token{Kind: String, Text: s[j+1 : j+1+k], Pos: i, End: j + 1 + k + len(tag), Dollar: true}, nil
		}
	case c == ':' && i+1 < len(s) && isStart(s[i+1]):
		j := i + 2
		for j < len(s) && (isStart(s[j]) || isDigit(s[j])) {
			j++
		}
		return Token{Kind: Named, Text: s[i+1 : j], Pos: i, End: j}, nil
	}
	switch c {
	case '(', ')', ',', ';', '.', '+', '*', '/', '%':
		return Token{Kind: Op, Text: s[i : i+1], Pos: i, End: i + 1}, nil
	}
	if c < 128 && longer[c] {
		for _, op := range ops {
			if op[0] == c && strings.HasPrefix(s[i:], op) {
				return Token{Kind: Op, Text: op, Pos: i, End: i + len(op)}, nil
			}
		}
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return Token{Kind: Op, Text: s[i : i+n], Pos: i, End: i + n}, nil
}

// operandBefore says whether # follows something it could combine bitwise: 5 #x, a#b.
func operandBefore(s string, i int) bool {
	j := i
	for j > 0 && (s[j-1] == ' ' || s[j-1] == '\n' || s[j-1] == '\t') {
		j--
	}
	if j == 0 {
		return false
	}
	c := s[j-1]
	if isDigit(c) || c == ')' || c == '\'' {
		return true
	}
	return j == i && isStart(c)
}

// number reads digits with a point and an exponent.
func number(s string, i int) Token {
	j := i
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	if j < len(s) && s[j] == '.' && !(j+1 < len(s) && s[j+1] == '.') {
		j++
		for j < len(s) && isDigit(s[j]) {
			j++
		}
	}
	if j < len(s) && (s[j] == 'e' || s[j] == 'E') {
		k := j + 1
		if k < len(s) && (s[k] == '+' || s[k] == '-') {
			k++
		}
		if k < len(s) && isDigit(s[k]) {
			for k < len(s) && isDigit(s[k]) {
				k++
			}
			j = k
		}
	}
	return Token{Kind: Number, Text: s[i:j], Pos: i, End: j}
}

// quoted reads a string whose opening quote is at q; Redshift honours backslash escapes in all strings, as PostgreSQL 8.0 did.
func quoted(s string, pos, q int) (Token, error) {
	i := q + 1
	k := i
	for k < len(s) && s[k] != '\'' && s[k] != '\\' {
		k++
	}
	if k < len(s) && s[k] == '\'' && (k+1 == len(s) || s[k+1] != '\'') {
		return Token{Kind: String, Text: s[i:k], Pos: pos, End: k + 1}, nil
	}
	b := make([]byte, 0, 32)
	for i < len(s) {
		switch c := s[i]; c {
		case '\'':
			if i+1 < len(s) && s[i+1] == '\'' {
				b = append(b, '\'')
				i += 2
				continue
			}
			return Token{Kind: String, Text: string(b), Pos: pos, End: i + 1}, nil
		case '\\':
			if i+1 >= len(s) {
				i++
				continue
			}
			i++
			switch c := s[i]; {
			case c == 'b':
				b = append(b, '\b')
			case c == 'f':
				b = append(b, '\f')
			case c == 'n':
				b = append(b, '\n')
			case c == 'r':
				b = append(b, '\r')
			case c == 't':
				b = append(b, '\t')
			case c >= '0' && c <= '7':
				v := 0
				k := i
				for k < len(s) && k < i+3 && s[k] >= '0' && s[k] <= '7' {
					v = v*8 + int(s[k]-'0')
					k++
				}
				b = append(b, byte(v))
				i = k
				continue
			default:
				b = append(b, c)
			}
			i++
		default:
			b = append(b, c)
			i++
		}
	}
	return Token{}, sqlstate.Syntax.Errorf("unterminated quoted string at or near \"%s\"", clip(s[pos:])).At(pos)
}

// shouted holds words that texts write in upper case, so that folding them costs no memory.
var shouted = func() map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(`all and any as asc avg between by case cast char count create date decimal default delete desc distinct else end exists false
 from full group having in inner insert int integer into is join left like limit max min not null numeric on or order outer over partition right select set
 sum table then timestamp true union update using values varchar when where with`) {
		m[strings.ToUpper(w)] = w
	}
	return m
}()

// Fold lowers ASCII letters only, as Redshift does.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			if w, ok := shouted[s]; ok {
				return w
			}
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// Place is where the byte n of a decoded string stands in the source; at is the place of the string's token.
func Place(src string, at, n int) int {
	i := at
	if src[i] == '$' {
		return i + strings.IndexByte(src[i+1:], '$') + 2 + n
	}
	for src[i] != '\'' { // E'..'
		i++
	}
	for i++; i < len(src); n-- {
		for src[i] == '\'' && (i+1 == len(src) || src[i+1] != '\'') { // the end, or a part on another line follows
			k := blank(src, i+1)
			if k < 0 || k+1 >= len(src) || src[k] != '\'' || strings.IndexByte(src[i:k], '\n') < 0 {
				return i
			}
			i = k + 1
		}
		if n == 0 {
			return i
		}
		switch {
		case src[i] == '\'':
			i += 2
		case src[i] == '\\' && i+1 < len(src):
			k := i + 1
			for k < len(src) && k < i+4 && src[k] >= '0' && src[k] <= '7' {
				k++
			}
			i = max(k, i+2)
		default:
			i++
		}
	}
	return min(i, len(src))
}
