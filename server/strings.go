package server

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Backslashes in strings are escapes on Redshift, which does not know the parameter standard_conforming_strings. libpq and what quotes values by it doubles
// them then. pgx's simple protocol refuses: it wants to hear that strings are standard. A client that asks for it at the start hears it, and it is true:
//
//	SELECT 'a\b'     what the client sends: three characters
//	SELECT 'a\\b'    what the engine reads

// standardStrings takes the parameter out of the start-up packet's settings.
func standardStrings(set map[string]string) bool {
	const name = "standard_conforming_strings"
	switch strings.ToLower(set[name]) {
	case "on", "true", "yes", "1":
		delete(set, name)
		return true
	}
	return false
}

// escaped doubles the backslashes in plain strings of a text: not in E'..', names, comments and $$..$$. at are the characters of the new text, from 1, that it has put in.
func escaped(text string) (out string, at []int) {
	if strings.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	var b strings.Builder
	n := 0 // characters so far
	put := func(s string) {
		b.WriteString(s)
		n += utf8.RuneCountInString(s)
	}
	for i := 0; i < len(text); {
		j := tokenEnd(text, i)
		if s := text[i:j]; s[0] == '\'' {
			for {
				before, after, more := strings.Cut(s, `\`)
				if put(before); !more {
					break
				}
				put(`\\`)
				at = append(at, n)
				s = after
			}
		} else {
			put(s)
		}
		i = j
	}
	return b.String(), at
}

// tokenEnd is where what begins at i ends: a string, a name in double quotes, a comment, a word, or one byte.
func tokenEnd(s string, i int) int {
	until := func(from int, end string) int {
		if k := strings.Index(s[from:], end); k >= 0 {
			return from + k + len(end)
		}
		return len(s)
	}
	switch c := s[i]; {
	case c == '\'' || c == '"':
		return until(i+1, string(c)) // a quote that is doubled begins the next
	case strings.HasPrefix(s[i:], "--"):
		return until(i, "\n")
	case strings.HasPrefix(s[i:], "/*"):
		for depth, k := 1, i+2; k < len(s); k++ {
			switch {
			case strings.HasPrefix(s[k:], "/*"):
				depth++
				k++
			case strings.HasPrefix(s[k:], "*/"):
				k++
				if depth--; depth == 0 {
					return k + 1
				}
			}
		}
		return len(s)
	case c == '$':
		k := i + 1
		for k < len(s) && wordByte(s[k]) {
			k++
		}
		if k < len(s) && s[k] == '$' && (k == i+1 || s[i+1] > '9') {
			return until(k+1, s[i:k+1])
		}
	case (c == 'e' || c == 'E') && i+1 < len(s) && s[i+1] == '\'':
		k := i + 2
		for k < len(s) && s[k] != '\'' {
			if s[k] == '\\' {
				k++
			}
			k++
		}
		return min(k+1, len(s))
	case wordByte(c):
		k := i + 1
		for k < len(s) && (wordByte(s[k]) || s[k] == '$') {
			k++
		}
		return k
	}
	return i + 1
}

func wordByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c >= utf8.RuneSelf
}

// read is a text as the engine is to read it.
func (c *conn) read(text string) string {
	if c.doubled = nil; c.standard {
		text, c.doubled = escaped(text)
	}
	return text
}

// place moves an error's place from the text that the engine read to the one that the client sent.
func (c *conn) place(e *sqlstate.Error) int {
	return e.Position - sort.SearchInts(c.doubled, e.Position)
}
