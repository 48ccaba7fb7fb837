package load

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// codedColumn gives the texts of a column codes as long as there are few: a batch has the column as a Dict vector, and nobody hashes or copies its texts again.
//
//	MAIL TRUCK MAIL ...    codes  0 1 0 ...    texts  MAIL TRUCK
//
// One text too many, and it stays plain from that row on for good.
type codedColumn struct {
	column *vector.Vector // plain texts of the batch: of all rows when plain, else of those that went the slow road
	plain  bool
	codes  []uint8 // of the batch
	texts  []string
	slots  []codeSlot
	ones   [256]uint8     // code + 1 of a text of one character; 0 = it has none yet
	coded  vector.Vector  // the batch's column
	dict   *vector.Vector // texts, as they were handed out last
}

// codeSlot is a text that has a code: its first and its last eight bytes, or all of them twice, with zeros before them, and its length; 0 = the slot is free.
type codeSlot struct {
	first, last uint64
	len         uint32
	code        uint8
}

// maxCodes are the texts that have a code of one byte.
const maxCodes = 256

// newTexts begins the columns of a window.
func newTexts(w *window, columns []*vector.Vector) []codedColumn {
	list := make([]codedColumn, len(w.fields))
	for i := range list {
		c := &list[i]
		c.column = columns[i]
		if c.plain = w.fields[i].kind != text; !c.plain {
			c.codes, c.slots = make([]uint8, vector.Size), make([]codeSlot, 2*maxCodes)
		}
	}
	return list
}

// add makes the k bytes of buf from `at` on, of which there is one and behind which eight more can be read, the text of row n; false = there are too many
// texts, and those of the rows before are written out.
func (c *codedColumn) add(buf []byte, at, k, n int) bool {
	shift := (64 - 8*min(k, 8)) & 63
	s := codeSlot{first: load(buf, at) << shift, last: load(buf, at+max(k-8, 0)) << shift, len: uint32(k)}
	for i := (s.first ^ bits.RotateLeft64(s.last, 27) ^ uint64(k)) * 0x9E3779B97F4A7C15 >> 55; ; i++ {
		e := &c.slots[i%(2*maxCodes)]
		if (e.first^s.first)|(e.last^s.last)|uint64(e.len^s.len) == 0 && (k <= 16 || c.texts[e.code] == string(buf[at:at+k])) {
			c.codes[n] = e.code
			return true
		}
		if e.len == 0 {
			if len(c.texts) == maxCodes {
				c.expand(n)
				return false
			}
			s.code = uint8(len(c.texts))
			*e, c.codes[n] = s, s.code
			c.texts = append(c.texts, string(buf[at:at+k]))
			if c0 := buf[at]; k == 1 && c0 > ' ' {
				c.ones[c0] = uint8(len(c.texts)) // 256 is none: it is found in its slot
			}
			return true
		}
	}
}

// expand makes the column plain, whose first n rows have codes.
func (c *codedColumn) expand(n int) {
	c.plain = true
	for i, k := range c.codes[:n] {
		if !c.column.Null(i) {
			c.column.Texts[i] = c.texts[k]
		}
	}
}

// again gives the text that was written to row n of the column a code. It is not on the way of plain ones: the empty text makes the column plain.
func (c *codedColumn) again(n int) {
	switch {
	case c.plain:
	case c.column.Null(n):
		c.codes[n] = 0
	default:
		t := c.column.Texts[n]
		if t == "" {
			c.expand(n)
			return
		}
		buf := make([]byte, len(t)+8)
		copy(buf, t)
		if !c.add(buf, 0, len(t), n) {
			c.column.Texts[n] = t
		}
	}
}

// batch gives the column of a batch of n rows.
func (c *codedColumn) batch(n int) *vector.Vector {
	if c.plain || len(c.texts) == 0 {
		return c.column
	}
	if k := len(c.texts); c.dict == nil || c.dict.Len != k {
		c.dict = &vector.Vector{Type: c.column.Type, Len: k, Texts: c.texts[:k:k]}
	}
	c.coded = vector.Vector{Type: c.column.Type, Form: vector.Dict, Len: n, Nulls: c.column.Nulls, U8: c.codes[:n], Dict: c.dict}
	return &c.coded
}
