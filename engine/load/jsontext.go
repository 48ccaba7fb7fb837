package load

import (
	"encoding/binary"
	"math/bits"
)

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// plainText is where the text of a JSON string stops to be plain: the index from i on of the next quote, backslash or control character, len(b) when there is
// none. It looks at eight bytes at a time.
func plainText(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^'"'*everyByte, w^'\\'*everyByte
		// A byte less than n sets its high bit when n is taken from it and it has none of its own; a borrow reaches only the bytes behind the first.
		if at := ((quote-everyByte)&^quote | (slash-everyByte)&^slash | (w-' '*everyByte)&^w) & highBits; at != 0 {
			return i + bits.TrailingZeros64(at)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return i
}

// jsonKey is what a key of a record was found to be: records of a file have nearly always the same keys in the same order, and so each is looked up once.
type jsonKey struct {
	key string
	col int
	ok  bool
}

// maxKeys bounds the keys that are kept.
const maxKeys = 2000

// column is the column of the key that comes as number r.key of the record.
func (r *Reader) column(key []byte) (int, bool) {
	at := r.key
	r.key++
	if at < len(r.keys) {
		if k := &r.keys[at]; string(key) == k.key {
			return k.col, k.ok
		}
	}
	col, ok := r.job.mapping.column(key)
	switch k := (jsonKey{string(key), col, ok}); {
	case at < len(r.keys):
		r.keys[at] = k
	case at == len(r.keys) && at < maxKeys:
		r.keys = append(r.keys, k)
	}
	return col, ok
}
