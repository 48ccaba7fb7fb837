package encoding

import (
	"bytes"
	"errors"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Block is the values of one column under an encoding, as the guide lays them out; what it does not lay out is ours.
//
//	header   Kind Type Rows | Nulls  a bit a row, when there are any      | Plain  a bit a row | Lengths
//	payload  what the guide's examples count
type Block struct {
	Kind    Kind
	Type    types.Type
	Rows    int
	Nulls   []uint64 // bit set = NULL; nil = none
	Plain   []uint64 // BYTEDICT, DELTA, MOSTLY: bit set = the row lies uncompressed; shorter than the rows when the rest are not
	Lengths []uint32 // RUNLENGTH of texts: of each run's value
	Payload []byte
}

// ErrCorrupt says that a payload is no block of its encoding.
var ErrCorrupt = errors.New("encoding: corrupt block")

// Encode lays the rows of a Flat vector out as one block. Auto counts as the type's default. The vector's type must be legal for k, as Check says.
func Encode(k Kind, v *vector.Vector) (*Block, error) {
	s := NewSizer(k, v.Type)
	if err := s.kind.Check("", v.Type); err != nil {
		return nil, err
	}
	s.out.keep = true
	b := &Block{Kind: s.kind, Type: v.Type, Rows: v.Len}
	if v.Nulls != nil {
		b.Nulls = append(b.Nulls, v.Nulls[:(v.Len+63)/64]...)
	}
	s.encode(v)
	b.Payload = bytes.Join(s.out.sections[:], nil)
	if s.kind == LZO || s.kind == Zstd {
		b.Payload = compress(s.kind, b.Payload)
	}
	b.Plain, b.Lengths = s.out.plain, s.out.lengths
	return b, nil
}

// Size is the bytes that the block counts: its payload and the bits of its NULLs.
func (b *Block) Size() int64 {
	n := int64(len(b.Payload))
	if b.Nulls != nil {
		n += int64(b.Rows+7) / 8
	}
	return n
}

// plain says whether row i lies uncompressed.
func (b *Block) plain(i int) bool {
	return i>>6 < len(b.Plain) && b.Plain[i>>6]>>(uint(i)&63)&1 != 0
}

// Decode gives the values back as a Flat vector. Trailing blanks of CHAR, which a block stores, are taken off. ErrCorrupt: the payload is none that
// Encode writes.
func (b *Block) Decode() (*vector.Vector, error) {
	if b.Kind == Auto || b.Kind >= numKinds || !b.Kind.Legal(b.Type) || b.Rows < 0 || b.Nulls != nil && len(b.Nulls) < (b.Rows+63)/64 {
		return nil, ErrCorrupt
	}
	v := vector.New(b.Type, b.Rows)
	v.Nulls = b.Nulls
	r := &reader{buf: b.Payload, typ: b.Type, fix: fixedWidth(b.Type)}
	if b.Kind == LZO || b.Kind == Zstd {
		var err error
		if r.buf, err = decompress(b.Kind, b.Payload); err != nil {
			return nil, ErrCorrupt
		}
	}
	switch b.Kind {
	case AZ64:
		r.readFrames(v)
	case Bytedict:
		r.readBytedict(v, b)
	case Delta:
		r.readDelta(v, b, 1)
	case Delta32K:
		r.readDelta(v, b, 2)
	case Mostly8:
		r.readMostly(v, b, 1)
	case Mostly16:
		r.readMostly(v, b, 2)
	case Mostly32:
		r.readMostly(v, b, 4)
	case Runlength:
		r.readRuns(v, b)
	case Text255, Text32K:
		r.readWords(v, b.Kind)
	default:
		for i := range v.Len {
			r.plain(v, i)
		}
	}
	if r.bad || len(r.buf) > 0 {
		return nil, ErrCorrupt
	}
	return v, nil
}

// appendFixed appends the low bytes of x, the lowest first.
func appendFixed(buf []byte, x types.Int128, width int) []byte {
	for i := range width {
		word := x.Lo
		if i >= 8 {
			word = uint64(x.Hi)
		}
		buf = append(buf, byte(word>>(8*uint(i&7))))
	}
	return buf
}

// reader takes a payload apart; bad is set when it ends too early or makes no sense, and zero values follow.
type reader struct {
	buf []byte
	typ types.Type
	fix int
	bad bool
}

// take cuts n bytes off; when there are fewer it gives none.
func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.buf) {
		r.bad = true
		return nil
	}
	b := r.buf[:n]
	r.buf = r.buf[n:]
	return b
}

// fixed reads a signed number of width bytes.
func (r *reader) fixed(width int) (x types.Int128) {
	b := r.take(width)
	if len(b) == 0 {
		return x
	}
	if b[width-1]&0x80 != 0 && r.signed() {
		x = types.FromInt64(-1)
	}
	for i, c := range b {
		if i < 8 {
			x.Lo = x.Lo&^(0xff<<(8*uint(i))) | uint64(c)<<(8*uint(i))
		} else {
			x.Hi = x.Hi&^(0xff<<(8*uint(i-8))) | int64(uint64(c)<<(8*uint(i-8)))
		}
	}
	return x
}

// signed says whether the top bit of a value is a sign: of bit patterns of reals it is not one of the number that holds them.
func (r *reader) signed() bool { return !r.typ.IsFloat() }

// code reads an unsigned number of 1, 2 or 4 bytes.
func (r *reader) code(width int) int {
	n := 0
	for i, c := range r.take(width) {
		n |= int(c) << (8 * i)
	}
	return n
}

// until reads up to a byte, which is passed over.
func (r *reader) until(end byte) string {
	i := bytes.IndexByte(r.buf, end)
	if i < 0 {
		r.bad = true
		return ""
	}
	b := r.take(i + 1)
	return string(b[:i])
}

// plain reads a value that lies without encoding into row i.
func (r *reader) plain(v *vector.Vector, i int) {
	switch {
	case r.typ.Lane() != types.LaneText:
		setValue(v, i, r.fixed(r.fix))
	case r.fix == 0:
		v.Texts[i] = string(r.take(r.code(4)))
	default:
		v.Texts[i] = strings.TrimRight(string(r.take(r.fix)), " ")
	}
}
