package encoding

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// bytedict encodes BYTEDICT: a byte a row and every distinct value once, up to 256; values beyond them lie uncompressed, without a byte.
//
//	codes  1 byte for each row that has one (0 for a NULL) | the dictionary's values as they are | the uncompressed values
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Byte_dictionary_encoding.html
func (s *Sizer) bytedict(v *vector.Vector) {
	for i := range v.Len {
		if v.Null(i) {
			s.out.code(0, 0, 1)
			continue
		}
		code, known := s.entry(v, i)
		if code < 0 {
			s.out.uncompressed(i)
			s.putPlain(2, v, i)
			continue
		}
		s.out.code(0, code, 1)
		if !known {
			s.putPlain(1, v, i)
		}
	}
}

// entry is the number of row i's value in the dictionary, which takes it in when it has room; -1 = it has not.
func (s *Sizer) entry(v *vector.Vector, i int) (code int, known bool) {
	if v.Type.Lane() == types.LaneText {
		if s.texts == nil {
			s.texts = map[string]int{}
		}
		return enter(s.texts, v.Texts[i])
	}
	if s.ints == nil {
		s.ints = map[types.Int128]int{}
	}
	return enter(s.ints, value(v, i))
}

func enter[T comparable](m map[T]int, x T) (code int, known bool) {
	if c, ok := m[x]; ok {
		return c, true
	}
	if len(m) == bytedictEntries {
		return -1, false
	}
	m[x] = len(m)
	return len(m) - 1, false
}

// readBytedict decodes BYTEDICT.
func (r *reader) readBytedict(v *vector.Vector, b *Block) {
	coded, entries := 0, 0
	for i := range v.Len {
		if !b.plain(i) {
			coded++
		}
	}
	codes := r.take(coded)
	at := 0
	for i := range v.Len {
		if b.plain(i) || r.bad {
			continue
		}
		if !v.Null(i) {
			entries = max(entries, int(codes[at])+1)
		}
		at++
	}
	dict := vector.New(v.Type, entries)
	for i := range entries {
		r.plain(dict, i)
	}
	at = 0
	for i := range v.Len {
		switch {
		case r.bad:
			return
		case b.plain(i):
			r.plain(v, i)
			continue
		case !v.Null(i):
			copyValue(v, i, dict, int(codes[at]))
		}
		at++
	}
}

// copyValue sets row i of v to row j of from, of one type.
func copyValue(v *vector.Vector, i int, from *vector.Vector, j int) {
	if v.Type.Lane() == types.LaneText {
		v.Texts[i] = from.Texts[j]
		return
	}
	setValue(v, i, value(from, j))
}
