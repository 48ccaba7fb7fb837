package super

import (
	"unicode/utf16"
	"unicode/utf8"
)

// AppendUnescaped appends the text of a well-formed JSON string, given without its quotes: escapes are undone. Half of a surrogate pair comes out as UTF-8
// would write it, which is not valid UTF-8.
func AppendUnescaped[T ~string | ~[]byte](out []byte, s T) []byte {
	for {
		k := 0
		for k < len(s) && s[k] != '\\' {
			k++
		}
		out = append(out, s[:k]...)
		if k == len(s) {
			return out
		}
		c := s[k+1]
		s = s[k+2:]
		switch c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			v := Hex4(s)
			s = s[4:]
			if utf16.IsSurrogate(v) && len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
				if w := utf16.DecodeRune(v, Hex4(s[2:])); w != utf8.RuneError {
					v, s = w, s[6:]
				}
			}
			if utf16.IsSurrogate(v) {
				out = append(out, 0xE0|byte(v>>12), 0x80|byte(v>>6&0x3F), 0x80|byte(v&0x3F))
			} else {
				out = utf8.AppendRune(out, v)
			}
		default:
			out = append(out, c)
		}
	}
}

// Hex4 is the number of four hexadecimal digits, -1 where they are none.
func Hex4[T ~string | ~[]byte](b T) rune {
	v := rune(0)
	for i := range 4 {
		c := b[i]
		switch {
		case c-'0' <= 9:
			c -= '0'
		case (c|0x20)-'a' <= 5:
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		v = v<<4 | rune(c)
	}
	return v
}
