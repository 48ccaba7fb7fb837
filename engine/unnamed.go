package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse"
)

// Texts that differ in literals and in names with digits alone, as those of tests that make tables of their own do, are parsed once in the process: the tree
// of one is that of the other with other names.
//
//	SELECT v FROM orders_17 WHERE id = $1   ->  SELECT v FROM ①ssssss WHERE id = $1      names orders_17
//
// A stand-in is as long as the name that it stands for, so that every place in the text stays what it is. Equal names have one, so that what the parser
// compares is equal as before. The tree is used only when each stand-in of the text is found again as a name in it (ast.Rename): one that the parser took
// for a type, or copied, makes the text one that is parsed as it is.
const (
	maxNames   = 16
	maxNameLen = 63
	standIn    = "\uE000" // the first of them; the others follow, and differ in the last byte
)

// unnamed writes a shape with stand-ins for names to dst and the names, folded, to names. ok is false when there are none, or the text holds what hides
// names.
func unnamed(dst []byte, names []string, text []byte) (shape []byte, found []string, count int, ok bool) {
	var before []byte // the word before, nil = another token
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '"' || c == standIn[0]:
			return dst, names, 0, false
		case c == '\'':
			for i++; i < len(text) && text[i] != '\''; i++ {
			}
			i++
			before = nil
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80:
			for i++; i < len(text) && wordByte(text[i]); i++ {
			}
			word := text[start:i]
			if varies(word, before, text, start, i) {
				n := nameNumber(&names, word)
				if n < 0 {
					return dst, names, 0, false
				}
				count++
				dst = append(append(dst, standIn[:2]...), standIn[2]+byte(n))
				for range len(word) - len(standIn) {
					dst = append(dst, 's')
				}
				before = nil
				continue
			}
			before = word
		case c >= '0' && c <= '9' || c == '$':
			for i++; i < len(text) && wordByte(text[i]); i++ {
			}
			before = nil
		default:
			i++
			if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				before = nil
			}
		}
		dst = append(dst, text[start:min(i, len(text))]...)
	}
	return dst, names, count, count > 0
}

// varies says whether the word at text[start:end] is a name that may be another: one with a digit that is neither a function nor what stands where a type may.
func varies(word, before, text []byte, start, end int) bool {
	if len(word) < len(standIn) || len(word) > maxNameLen {
		return false
	}
	digit := false
	for _, c := range word {
		if c >= 0x80 || c == '$' {
			return false
		}
		digit = digit || c >= '0' && c <= '9'
	}
	if !digit || start >= 1 && text[start-1] == ':' || strings.EqualFold(string(before), "as") {
		return false
	}
	for end < len(text) && (text[end] == ' ' || text[end] == '\n' || text[end] == '\t' || text[end] == '\r') {
		end++
	}
	return end == len(text) || text[end] != '\'' && (text[end] != '(' || namesTable(string(before)))
}

// namesTable says that the name behind a word is a table's, though a parenthesis follows.
func namesTable(word string) bool {
	return strings.EqualFold(word, "into") || strings.EqualFold(word, "table") || strings.EqualFold(word, "exists") || strings.EqualFold(word, "references")
}

// nameNumber is the number of a name among names, which it is added to when it is new; -1 = there are too many.
func nameNumber(names *[]string, word []byte) int {
	for i, n := range *names {
		if len(n) == len(word) && strings.EqualFold(n, string(word)) {
			return i
		}
	}
	if len(*names) == maxNames {
		return -1
	}
	*names = append(*names, strings.ToLower(string(word)))
	return len(*names) - 1
}

// renamed gives the tree of a shape that differs from one that was parsed in names alone, and keeps it in the cluster, whose names they are; nil = there is no
// such shape. A table is made and dropped once: that is not kept.
func (s *Session) renamed(key []byte) *parsed {
	shape, names, count, ok := unnamed(s.unnamed[:0], s.names[:0], key)
	s.unnamed, s.names = shape[:0], names[:0]
	if !ok {
		return nil
	}
	x := parses.get(shape)
	if x == nil {
		x = parses.parseUnnamed(string(shape), names, count)
	}
	if x.stmts == nil {
		return nil
	}
	if !planned(x.stmts[0]) {
		st, _, _ := withNames(x.stmts[0], names)
		return &parsed{text: string(key), stmts: []ast.Statement{st}}
	}
	x = &parsed{text: string(key), stmts: x.stmts, home: x, names: slices.Clone(names)}
	s.c.texts.put(x)
	return x
}

// parseUnnamed parses and keeps a shape without names; its tree can be given names, or is none.
func (p *parseCache) parseUnnamed(text string, names []string, count int) *parsed {
	v, _, _ := p.flights.Do(text, func() (any, error) {
		x := &parsed{text: text, mixed: digits(text)}
		if stmts, err := parse.Parse(text); err == nil && len(stmts) == 1 {
			if _, n, ok := withNames(stmts[0], names); ok && n == count {
				x.stmts = stmts
			}
		}
		p.put(x)
		return x, nil
	})
	return v.(*parsed)
}

// digits says whether a text without names has words that could be one: they were left because they may be something else.
func digits(text string) bool {
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '\'':
			for i++; i < len(text) && text[i] != '\''; i++ {
			}
			i++
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80:
			for i++; i < len(text) && wordByte(text[i]); i++ {
			}
			if i-start >= len(standIn) && strings.ContainsAny(text[start:i], "0123456789") {
				return true
			}
		case c >= '0' && c <= '9' || c == '$':
			for i++; i < len(text) && wordByte(text[i]); i++ {
			}
		default:
			i++
		}
	}
	return false
}

// withNames gives a tree with names where the stand-ins are, and how many there were.
func withNames(st ast.Statement, names []string) (ast.Statement, int, bool) {
	return ast.Rename(st, func(s string) string {
		if len(s) >= len(standIn) && s[:2] == standIn[:2] {
			if n := int(s[2] - standIn[2]); n < len(names) && len(s) == len(names[n]) {
				return names[n]
			}
		}
		return s
	})
}
