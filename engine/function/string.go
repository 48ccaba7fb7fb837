package function

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// stringFunctions is the chapter of character strings. Positions and lengths count characters; blanks that pad a char are no part of it.
// https://docs.aws.amazon.com/redshift/latest/dg/String_functions_header.html
var stringFunctions = []Scalar{
	{Name: "lower", Args: sig(text), Returns: same(0), Kernel: build1(lower), Doc: "r_LOWER"},
	{Name: "upper", Args: sig(text), Returns: same(0), Kernel: build1(upper), Doc: "r_UPPER"},
	{Name: "initcap", Args: sig(text), Returns: same(0), Kernel: build1(initcap), Doc: "r_INITCAP"},
	{Name: "len", Aliases: []string{"length", "char_length", "character_length", "textlen"}, Args: sig(text), Returns: always(types.TInt4), Kernel: map1(runes), Doc: "r_LEN"},
	{Name: "len", Aliases: []string{"length"}, Args: sig(varbyte), Returns: always(types.TInt4), Kernel: map1(octets), Doc: "r_LEN"},
	{Name: "octet_length", Args: sig(text), Returns: always(types.TInt4), Kernel: map1(octets), Bind: octetsOfChar, Doc: "r_OCTET_LENGTH"},
	{Name: "octet_length", Args: sig(varbyte), Returns: always(types.TInt4), Kernel: map1(octets), Doc: "r_OCTET_LENGTH"},
	{Name: "btrim", Aliases: []string{"trim"}, Column: "btrim", Args: sig(text, text), Optional: 1, Returns: varcharOf(0), Kernel: trimKernel(true, true), Doc: "r_BTRIM"},
	{Name: "ltrim", Args: sig(text, text), Optional: 1, Returns: varcharOf(0), Kernel: trimKernel(true, false), Doc: "r_LTRIM"},
	{Name: "rtrim", Args: sig(text, text), Optional: 1, Returns: varcharOf(0), Kernel: trimKernel(false, true), Doc: "r_RTRIM"},
	{Name: "substring", Args: sig(text, int4, int4), Optional: 1, Returns: varcharOf(0), Kernel: cut(substring), Doc: "r_SUBSTRING"},
	{Name: "substring", Args: sig(varbyte, int4, int4), Optional: 1, Returns: same(0), Kernel: cut(subbytes), Doc: "r_SUBSTRING"},
	{Name: "substr", Column: "substring", Args: sig(text, int4, int4), Optional: 1, Returns: varcharOf(0), Kernel: cut(substring), Place: LeaderOnly, Doc: "r_SUBSTR"},
	{Name: "left", Args: sig(text, int4), Returns: varcharOf(0), Kernel: cut(left), Doc: "r_LEFT"},
	{Name: "right", Args: sig(text, int4), Returns: varcharOf(0), Kernel: cut(right), Doc: "r_LEFT"},
	{Name: "lpad", Args: sig(text, int4, text), Optional: 1, Returns: always(types.TTextMax), Kernel: build(lpad), Doc: "r_LPAD"},
	{Name: "rpad", Args: sig(text, int4, text), Optional: 1, Returns: always(types.TTextMax), Kernel: build(rpad), Doc: "r_LPAD"},
	{Name: "position", Args: sig(text, text), Returns: always(types.TInt4), Kernel: map2(charindex), Doc: "r_POSITION"},
	{Name: "charindex", Args: sig(text, text), Returns: always(types.TInt4), Kernel: map2(charindex), Doc: "r_CHARINDEX"},
	{Name: "strpos", Args: sig(text, text), Returns: always(types.TInt4), Kernel: map2(strpos), Doc: "r_STRPOS"},
	{Name: "octetindex", Args: sig(text, text), Returns: always(types.TInt4), Kernel: map2(octetindex), Doc: "OCTETINDEX"},
	{Name: "replace", Args: sig(text, text, text), Returns: always(types.TTextMax), Kernel: build(replace), Doc: "r_REPLACE"},
	{Name: "repeat", Aliases: []string{"replicate"}, Column: "repeat", Args: sig(text, int4), Returns: always(types.TTextMax), Kernel: build(repeat), Doc: "r_REPEAT"},
	{Name: "reverse", Args: sig(text), Returns: same(0), Kernel: build1(reverse), Doc: "r_REVERSE"},
	{Name: "concat", Args: sig(text, text), Bind: concat, Doc: "r_CONCAT"},
	{Name: "concat", Args: sig(varbyte, varbyte), Bind: concat, Doc: "r_CONCAT"},
	{Name: "split_part", Args: sig(text, text, int4), Returns: varcharOf(0), Kernel: cut(splitPart), Doc: "SPLIT_PART"},
	{Name: "translate", Args: sig(text, text, text), Returns: varcharOf(0), Kernel: build(translate), Doc: "r_TRANSLATE"},
	{Name: "ascii", Args: sig(text), Returns: always(types.TInt4), Kernel: map1(ascii), Doc: "r_ASCII"},
	{Name: "chr", Args: sig(int4), Returns: always(types.TVarchar(4)), Kernel: each(chr), Doc: "r_CHR"},
	{Name: "quote_ident", Args: sig(text), Returns: always(types.TTextMax), Kernel: build1(quoteIdent), Doc: "r_QUOTE_IDENT"},
	{Name: "quote_literal", Args: sig(text), Returns: always(types.TTextMax), Kernel: build1(quoteLiteral), Doc: "r_QUOTE_LITERAL"},
	{Name: "bpcharcmp", Aliases: []string{"bttext_pattern_cmp"}, Args: sig(text, text), Returns: always(types.TInt4), Kernel: map2(bpcharcmp), Doc: "r_BPCHARCMP"},
	{Name: "collate", Args: sig(text, text), Returns: same(0), Bind: collate, Doc: "r_COLLATE"},
	{Name: "get_byte", Args: sig(text, int4), Returns: always(types.TInt4), Kernel: each(getByte), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "set_byte", Args: sig(text, int4, int4), Returns: always(types.Type{Kind: types.Varbyte, Len: types.MaxVarchar}), Kernel: build(setByte(8)), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "set_bit", Args: sig(text, int4, int4), Returns: always(types.Type{Kind: types.Varbyte, Len: types.MaxVarchar}), Kernel: build(setByte(1)), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "soundex", Args: sig(text), Returns: always(types.TVarchar(4)), Kernel: build1(soundex), Doc: "SOUNDEX"},
	{Name: "difference", Args: sig(text, text), Returns: always(types.TInt4), Kernel: map2(difference), Doc: "DIFFERENCE"},
	{Name: "strtol", Args: sig(text, int4), Returns: always(types.TInt8), Kernel: each(strtol), Doc: "r_STRTOL"},
}

// isASCII says whether every byte is a character.
func isASCII(s string) bool {
	var or byte
	for i := 0; i < len(s); i++ {
		or |= s[i]
	}
	return or < utf8.RuneSelf
}

// mapCase appends s with every character changed: ASCII letters by their bit, others by the Unicode table.
func mapCase(dst []byte, s string, first, last byte, other func(rune) rune) []byte {
	if isASCII(s) {
		at := len(dst)
		dst = append(dst, s...)
		for i, c := range dst[at:] {
			if c >= first && c <= last {
				dst[at+i] = c ^ 0x20
			}
		}
		return dst
	}
	for _, r := range s {
		dst = utf8.AppendRune(dst, other(r))
	}
	return dst
}

func lower(dst []byte, s string) []byte { return mapCase(dst, s, 'A', 'Z', unicode.ToLower) }
func upper(dst []byte, s string) []byte { return mapCase(dst, s, 'a', 'z', unicode.ToUpper) }

// initcap makes the first letter of each word a capital and the others small; what is neither letter nor digit divides words.
func initcap(dst []byte, s string) []byte {
	inside := false
	for _, r := range s {
		if inside {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		}
		inside = unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	return dst
}

func runes(s string) int64  { return int64(utf8.RuneCountInString(s)) }
func octets(s string) int64 { return int64(len(s)) }

// octetsOfChar makes OCTET_LENGTH of a CHAR its length, which is in bytes: blanks fill it up.
// https://docs.aws.amazon.com/redshift/latest/dg/r_OCTET_LENGTH.html#r_OCTET_LENGTH_usage_notes
func octetsOfChar(b *Bound, args []Arg) error {
	if t := args[0].Type; t.Kind == types.Char && t.Len > 0 {
		b.Kernel = map1(func(s string) int64 { return max(int64(len(s)), int64(t.Len)) })
	}
	return nil
}

// trimKernel cuts characters of a set, blanks by default, from one end or both.
func trimKernel(start, end bool) Kernel {
	return cut(func(s string, r *row) (string, error) {
		set := " "
		if len(r.args) > 1 {
			set = r.text(1)
		}
		if len(set) == 1 && set[0] < utf8.RuneSelf {
			for start && len(s) > 0 && s[0] == set[0] {
				s = s[1:]
			}
			for end && len(s) > 0 && s[len(s)-1] == set[0] {
				s = s[:len(s)-1]
			}
			return s, nil
		}
		if start {
			s = strings.TrimLeft(s, set)
		}
		if end {
			s = strings.TrimRight(s, set)
		}
		return s, nil
	})
}

// offset is the byte at which character n begins, n from 0; beyond the end it is the length.
func offset(s string, n int64) int {
	if n <= 0 {
		return 0
	}
	if n >= int64(len(s)) {
		return len(s)
	}
	if isASCII(s[:n]) {
		return int(n)
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// window gives the half-open range of positions from 0 that start and length name; a start before the text uses up the length.
func window(r *row) (lo, hi int64, err error) {
	lo, hi = r.int(1)-1, 1<<40
	if len(r.args) > 2 {
		n := r.int(2)
		if n < 0 {
			return 0, 0, sqlstate.Code("22011").Errorf("negative substring length not allowed")
		}
		hi = lo + n
	}
	lo = max(lo, 0)
	return lo, max(hi, lo), nil
}

// substring is the part of a text from a position on.
func substring(s string, r *row) (string, error) {
	lo, hi, err := window(r)
	if err != nil {
		return "", err
	}
	s = s[offset(s, lo):]
	return s[:offset(s, hi-lo)], nil
}

// subbytes is substring of bytes.
func subbytes(s string, r *row) (string, error) {
	lo, hi, err := window(r)
	if err != nil {
		return "", err
	}
	return s[min(lo, int64(len(s))):min(hi, int64(len(s)))], nil
}

// left is the first n characters.
func left(s string, r *row) (string, error) {
	n := r.int(1)
	if n < 0 {
		return "", negativeLength()
	}
	return s[:offset(s, n)], nil
}

// right is the last n characters.
func right(s string, r *row) (string, error) {
	n := r.int(1)
	if n < 0 {
		return "", negativeLength()
	}
	return s[offset(s, runes(s)-n):], nil
}

func negativeLength() error { return invalid("negative length not allowed") }

// padding gives the text of lpad and rpad cut to the wanted length, and appends what fills it up.
func padding(dst []byte, s string, r *row, before bool) ([]byte, error) {
	n, fill := r.int(1), " "
	if len(r.args) > 2 {
		fill = r.text(2)
	}
	if n > types.MaxText {
		return nil, tooLong(types.MaxText)
	}
	s = s[:offset(s, n)]
	missing := n - runes(s)
	if !before {
		dst = append(dst, s...)
	}
	for missing > 0 && fill != "" {
		part := fill[:offset(fill, missing)]
		dst = append(dst, part...)
		missing -= runes(part)
	}
	if before {
		dst = append(dst, s...)
	}
	return dst, nil
}

// lpad fills a text up on the left, or cuts it on the right.
func lpad(dst []byte, r *row) ([]byte, error) { return padding(dst, r.text(0), r, true) }

// rpad fills a text up on the right, or cuts it.
func rpad(dst []byte, r *row) ([]byte, error) { return padding(dst, r.text(0), r, false) }

// octetindex is the byte, from 1, at which part begins in s; 0 = it does not occur.
func octetindex(part, s string) int64 { return int64(strings.Index(s, part) + 1) }

// charindex is the character, from 1, at which part begins in s; 0 = it does not occur.
func charindex(part, s string) int64 {
	at := strings.Index(s, part)
	if at < 0 {
		return 0
	}
	return runes(s[:at]) + 1
}

func strpos(s, part string) int64 { return charindex(part, s) }

// replace puts a text in the place of every occurrence of another.
func replace(dst []byte, r *row) ([]byte, error) {
	s, from, to := r.text(0), r.text(1), r.text(2)
	for from != "" {
		at := strings.Index(s, from)
		if at < 0 {
			break
		}
		dst = append(append(dst, s[:at]...), to...)
		s = s[at+len(from):]
	}
	return append(dst, s...), nil
}

// repeat writes a text several times.
func repeat(dst []byte, r *row) ([]byte, error) {
	s, n := r.text(0), r.int(1)
	if n > 0 && int64(len(s))*n > types.MaxText {
		return nil, tooLong(types.MaxText)
	}
	for ; n > 0 && s != ""; n-- {
		dst = append(dst, s...)
	}
	return dst, nil
}

// reverse writes the characters from the last to the first.
func reverse(dst []byte, s string) []byte {
	for len(s) > 0 {
		_, w := utf8.DecodeLastRuneInString(s)
		dst = append(dst, s[len(s)-w:]...)
		s = s[:len(s)-w]
	}
	return dst
}

// concat is || as a function; values that are not texts become so.
func concat(b *Bound, _ []Arg) error {
	c := findConcat(b.Params[0], b.Params[1])
	b.Returns, b.Kernel = c.Returns, c.Kernel
	return nil
}

// splitPart is one of the parts between delimiters; "" beyond the last.
func splitPart(s string, r *row) (string, error) {
	by, n := r.text(1), r.int(2)
	if n <= 0 {
		return "", invalid("field position must be greater than zero")
	}
	for ; ; n-- {
		at := -1
		if by != "" {
			at = strings.Index(s, by)
		}
		switch {
		case n == 1 && at < 0:
			return s, nil
		case n == 1:
			return s[:at], nil
		case at < 0:
			return "", nil
		}
		s = s[at+len(by):]
	}
}

// translate replaces characters one by one; those without a partner are dropped.
func translate(dst []byte, r *row) ([]byte, error) {
	s, from, to := r.text(0), r.text(1), r.text(2)
	for i, c := range s {
		at := strings.IndexRune(from, c)
		if at < 0 {
			_, w := utf8.DecodeRuneInString(s[i:])
			dst = append(dst, s[i:i+w]...)
			continue
		}
		k := offset(to, runes(from[:at]))
		_, w := utf8.DecodeRuneInString(to[k:])
		dst = append(dst, to[k:k+w]...)
	}
	return dst, nil
}

// ascii is the code point of the first character; 0 of an empty text.
func ascii(s string) int64 {
	if s == "" {
		return 0
	}
	c, _ := utf8.DecodeRuneInString(s)
	return int64(c)
}

// chr is the ASCII character of a number; NULL of one that has none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CHR.html
func chr(r *row) error {
	n := r.int(0)
	if n < 1 || n > 127 {
		r.setNull()
		return nil
	}
	r.setText(asciiTable[n : n+1])
	return nil
}

// asciiTable has the ASCII characters in order.
var asciiTable = func() string {
	var b [128]byte
	for i := range b {
		b[i] = byte(i)
	}
	return string(b[:])
}()

// QuoteIdent writes a name as SQL needs it: between double quotes unless it is a plain word.
// https://docs.aws.amazon.com/redshift/latest/dg/r_QUOTE_IDENT.html
func QuoteIdent(name string) string { return string(quoteIdent(nil, name)) }

// quoteIdent puts a text between double quotes where a name needs them.
func quoteIdent(dst []byte, s string) []byte {
	plain := s != "" && !reservedWords()[s]
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		plain = c >= 'a' && c <= 'z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '$')
	}
	if plain {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// quoteLiteral makes a text a string literal.
func quoteLiteral(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for i := 0; i < len(s); i++ {
		if s[i] == '\'' || s[i] == '\\' {
			dst = append(dst, s[i])
		}
		dst = append(dst, s[i])
	}
	return append(dst, '\'')
}

// QuoteLiteral is QUOTE_LITERAL.
func QuoteLiteral(text string) string { return string(quoteLiteral(nil, text)) }

// bpcharcmp compares two texts without their trailing blanks: -1, 0, 1.
func bpcharcmp(a, b string) int64 { return int64(types.CompareText(a, b)) }

// soundexCodes are the digits of the letters a to z; 0 = a vowel, which parts equal digits, - = h and w, which do not.
const soundexCodes = "01230120022455012623010202"

// soundex is the American Soundex code; "" of a text without letters.
func soundex(dst []byte, s string) []byte {
	start, last := len(dst), byte(0)
	for i := 0; i < len(s) && len(dst)-start < 4; i++ {
		c := lowerByte(s[i])
		if c < 'a' || c > 'z' {
			continue
		}
		code := soundexCodes[c-'a']
		switch {
		case len(dst) == start:
			dst = append(dst, c^0x20)
		case code != '0' && code != last:
			dst = append(dst, code)
		}
		if c != 'h' && c != 'w' {
			last = code
		}
	}
	for len(dst) > start && len(dst)-start < 4 {
		dst = append(dst, '0')
	}
	return dst
}

// difference counts the places in which the Soundex codes of two texts agree. Two texts without letters agree in 1.
func difference(a, b string) int64 {
	var bufA, bufB [4]byte
	x, y := soundex(bufA[:0], a), soundex(bufB[:0], b)
	switch {
	case a == "" || b == "":
		return 0
	case len(x) == 0 && len(y) == 0:
		return 1
	}
	n := int64(0)
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			n++
		}
	}
	return n
}

// strtol reads an integer of a base from 2 to 36: blanks, a sign, 0x before base 16.
func strtol(r *row) error {
	s, base := r.text(0), r.int(1)
	if base < 2 || base > 36 {
		return invalid("invalid base %d: it must be between 2 and 36", base)
	}
	t := strings.TrimLeft(s, " \t\n\v\f\r")
	if t == "" || t[0] == 0 {
		r.setInt(0)
		return nil
	}
	neg := t[0] == '-'
	if neg || t[0] == '+' {
		t = t[1:]
	}
	if base == 16 && len(t) > 2 && t[0] == '0' && t[1]|0x20 == 'x' {
		t = t[2:]
	}
	if neg {
		t = "-" + t
	}
	v, err := strconv.ParseInt(strings.TrimRight(t, " "), int(base), 64)
	if err != nil {
		return sqlstate.InvalidText.Errorf("the input %s is not valid to be converted to base %d", s, base)
	}
	r.setInt(v)
	return nil
}

// collate gives a text another collation, which bind looks at; the text stays as it is.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COLLATE.html
func collate(b *Bound, args []Arg) error {
	name, ok := constText(args[1])
	if !ok {
		return invalid("the collation must be a constant")
	}
	switch strings.ToLower(name) {
	case "case_sensitive", "cs", "case_insensitive", "ci":
		b.Kernel = castCopy
		return nil
	}
	return invalid("invalid collation \"%s\"", name)
}

// FoldsCase says whether a collation's name is that of the case-insensitive one.
func FoldsCase(name string) bool {
	return strings.EqualFold(name, "case_insensitive") || strings.EqualFold(name, "ci")
}

// CaseFold is the function that gives the small letters of texts of a type, A to Z alone as ILIKE knows them: case-insensitive texts are compared by it.
func CaseFold(t types.Type) *Bound {
	return &Bound{Name: "casefold", Params: []types.Type{t}, Returns: t, Kernel: build1(foldLetters), Strict: true}
}

func foldLetters(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, smallLetter(s[i]))
	}
	return dst
}

func smallLetter(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// getByte is a byte of a text, counted from 0.
func getByte(r *row) error {
	s, i := r.text(0), r.int(1)
	if i < 0 || i >= int64(len(s)) {
		return sqlstate.Code("2202E").Errorf("index %d out of valid range, 0..%d", i, len(s)-1)
	}
	r.setInt(int64(s[i]))
	return nil
}

// setByte makes SET_BYTE, and of one bit SET_BIT: a text's bytes with one of them, or one of their bits, changed. Bits count from the lowest of byte 0.
func setByte(bits int64) func(dst []byte, r *row) ([]byte, error) {
	return func(dst []byte, r *row) ([]byte, error) {
		s, i, v := r.text(0), r.int(1), r.int(2)
		if n := int64(len(s)) * (8 / bits); i < 0 || i >= n {
			return nil, sqlstate.Code("2202E").Errorf("index %d out of valid range, 0..%d", i, n-1)
		}
		at := len(dst)
		dst = append(dst, s...)
		if bits == 8 {
			dst[at+int(i)] = byte(v)
			return dst, nil
		}
		if v != 0 && v != 1 {
			return nil, invalid("new bit must be 0 or 1")
		}
		c := &dst[at+int(i/8)]
		*c = *c&^(1<<(i%8)) | byte(v)<<(i%8)
		return dst, nil
	}
}
