package encoding

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// frame is the number of values that share one base in AZ64; its true layout is not published.
const frame = 64

// Limits of dictionaries, by the guide: BYTEDICT has 256 entries, TEXT255 245 words, TEXT32K as many words as 32 KB hold.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Byte_dictionary_encoding.html
// https://docs.aws.amazon.com/redshift/latest/dg/c_Text255_encoding.html
const (
	bytedictEntries = 256
	text255Words    = 245
	text32KBytes    = 32 << 10
)

// Sizer counts the bytes that values take in one block of one column. What a block shares (a dictionary, the run or the value before) is kept
// from Add to Add until Reset.
type Sizer struct {
	kind Kind
	typ  types.Type
	fix  int // width of a value without encoding; 0 = it depends on the value

	texts map[string]struct{}
	ints  map[types.Int128]struct{}
	bytes int // of the words in texts

	started  bool
	last     types.Int128 // Delta: the value before; Runlength: the run's value
	lastText string
	run      int

	ratio float64 // LZO, Zstd: compressed / plain of the sample, 0 = none taken
}

// NewSizer makes the Sizer of a column. Auto counts as the type's default.
func NewSizer(k Kind, t types.Type) *Sizer {
	if k == Auto {
		k = Default(t, false, false)
	}
	s := &Sizer{kind: k, typ: t}
	if t.Lane() != types.LaneText || t.Kind == types.Char {
		s.fix = t.RawBytes(0)
	}
	s.Reset()
	return s
}

// Size is the size of all rows of a vector as one block.
func Size(k Kind, v *vector.Vector) int64 { return NewSizer(k, v.Type).Add(v) }

// Reset begins a new block.
func (s *Sizer) Reset() {
	s.started, s.run, s.bytes = false, 0, 0
	s.texts, s.ints = nil, nil
}

// Add counts the rows of a Flat vector and returns the bytes that they add. NULLs cost one bit each in every encoding, when there are any.
func (s *Sizer) Add(v *vector.Vector) int64 {
	n := v.Len
	if n == 0 {
		return 0
	}
	var size int64
	if v.Nulls != nil {
		size = int64(n+7) / 8
	}
	switch s.kind {
	case AZ64:
		return size + s.frames(v)
	case Bytedict:
		return size + s.bytedict(v)
	case Delta:
		return size + s.delta(v, 1)
	case Delta32K:
		return size + s.delta(v, 2)
	case Mostly8:
		return size + s.mostly(v, 1)
	case Mostly16:
		return size + s.mostly(v, 2)
	case Mostly32:
		return size + s.mostly(v, 4)
	case Runlength:
		return size + s.runs(v)
	case Text255, Text32K:
		return size + s.words(v)
	case LZO, Zstd:
		return size + s.compressed(v)
	}
	return size + s.plain(v)
}

// plain is the size without encoding.
func (s *Sizer) plain(v *vector.Vector) int64 {
	if s.fix > 0 {
		return int64(v.Len) * int64(s.fix)
	}
	size := int64(v.Len) * 4
	for _, t := range v.Texts[:v.Len] {
		size += int64(len(t))
	}
	return size
}

// width is the plain size of row i.
func (s *Sizer) width(v *vector.Vector, i int) int64 {
	if s.fix > 0 {
		return int64(s.fix)
	}
	return int64(len(v.Texts[i])) + 4
}

// value gives row i of any lane but text as 128 bits, equal when the values are.
func value(v *vector.Vector, i int) types.Int128 {
	switch v.Type.Lane() {
	case types.LaneBool:
		if v.Bools[i] {
			return types.FromInt64(1)
		}
		return types.Int128{}
	case types.LaneInt:
		return types.FromInt64(v.Int64s[i])
	case types.LaneWide:
		return v.Wides[i]
	}
	return types.Int128{Lo: math.Float64bits(v.Floats[i])}
}

// frames counts AZ64: each frame of 64 values has a base of the type's width, a byte for the bits of a difference, and the packed differences.
func (s *Sizer) frames(v *vector.Vector) int64 {
	var size int64
	for at := 0; at < v.Len; at += frame {
		n := min(frame, v.Len-at)
		width := s.fix * 8
		switch v.Type.Lane() {
		case types.LaneInt:
			lo, hi := vector.MinMaxInt64(v.Int64s[at : at+n])
			if v.Nulls != nil {
				lo, hi = notNull(v, at, at+n)
			}
			width = min(width, bits.Len64(uint64(hi)-uint64(lo)))
		case types.LaneWide:
			lo, hi := v.Wides[at], v.Wides[at]
			for _, x := range v.Wides[at+1 : at+n] {
				if x.Cmp(lo) < 0 {
					lo = x
				}
				if x.Cmp(hi) > 0 {
					hi = x
				}
			}
			d := hi.Sub(lo)
			if w := bits.Len64(uint64(d.Hi)); w > 0 {
				width = min(width, 64+w)
			} else {
				width = min(width, bits.Len64(d.Lo))
			}
		}
		size += min(int64(s.fix)+1+int64(n*width+7)/8, int64(n*s.fix)+1)
	}
	return size
}

// notNull gives the bounds of the integers in from..to that are not NULL.
func notNull(v *vector.Vector, from, to int) (lo, hi int64) {
	some := false
	for i := from; i < to; i++ {
		if v.Null(i) {
			continue
		}
		if x := v.Int64s[i]; !some {
			lo, hi, some = x, x, true
		} else {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	return lo, hi
}

// bytedict counts BYTEDICT: every distinct value once, a byte a row; values beyond the 256th are stored plain.
func (s *Sizer) bytedict(v *vector.Vector) int64 {
	var size int64
	if v.Type.Lane() == types.LaneText {
		if s.texts == nil {
			s.texts = map[string]struct{}{}
		}
		for i, t := range v.Texts[:v.Len] {
			size++
			if v.Null(i) {
				continue
			}
			if _, ok := s.texts[t]; ok {
				continue
			}
			if len(s.texts) < bytedictEntries {
				s.texts[t] = struct{}{}
			}
			size += s.width(v, i)
		}
		return size
	}
	if s.ints == nil {
		s.ints = map[types.Int128]struct{}{}
	}
	for i := range v.Len {
		size++
		if v.Null(i) {
			continue
		}
		x := value(v, i)
		if _, ok := s.ints[x]; ok {
			continue
		}
		if len(s.ints) < bytedictEntries {
			s.ints[x] = struct{}{}
		}
		size += int64(s.fix)
	}
	return size
}

// delta counts DELTA (1 byte) and DELTA32K (2): the first value is a flag and the value; a small difference takes its bytes; a large one a flag
// and the value.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Delta_encoding.html
func (s *Sizer) delta(v *vector.Vector, bytes int64) int64 {
	var size int64
	limit := types.FromInt64(127)
	if bytes == 2 {
		limit = types.FromInt64(32767)
	}
	for i := range v.Len {
		if v.Null(i) {
			size += bytes
			continue
		}
		x := value(v, i)
		d := x.Sub(s.last)
		if d.Sign() < 0 {
			d = d.Neg()
		}
		if s.started && d.Cmp(limit) <= 0 {
			size += bytes
		} else {
			size += 1 + int64(s.fix)
		}
		s.started, s.last = true, x
	}
	return size
}

// mostly counts MOSTLY8, 16 and 32: values that fit take the narrow width, others stay plain behind a narrow mark.
// https://docs.aws.amazon.com/redshift/latest/dg/c_MostlyN_encoding.html
func (s *Sizer) mostly(v *vector.Vector, bytes int) int64 {
	var size int64
	for i := range v.Len {
		size += int64(bytes)
		x, ok := value(v, i).Int64()
		shift := 64 - 8*uint(bytes)
		if !v.Null(i) && (!ok || x<<shift>>shift != x) {
			size += int64(s.fix)
		}
	}
	return size
}

// runs counts RUNLENGTH: a run is its value and a byte for the count, so it ends at 256 rows.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Runlength_encoding.html
func (s *Sizer) runs(v *vector.Vector) int64 {
	var size int64
	text := v.Type.Lane() == types.LaneText
	for i := range v.Len {
		if v.Null(i) {
			continue
		}
		same := s.started && s.run < 256
		if same {
			if text {
				same = v.Texts[i] == s.lastText
			} else {
				same = value(v, i) == s.last
			}
		}
		if same {
			s.run++
			continue
		}
		size += 1 + s.runWidth(v, i)
		s.started, s.run = true, 1
		if text {
			s.lastText = v.Texts[i]
		} else {
			s.last = value(v, i)
		}
	}
	return size
}

// runWidth is the value's part of a run: the guide's example counts the bare bytes of a text.
func (s *Sizer) runWidth(v *vector.Vector, i int) int64 {
	if v.Type.Lane() == types.LaneText {
		return int64(len(v.Texts[i]))
	}
	return int64(s.fix)
}

// words counts TEXT255 (a byte a word) and TEXT32K (two): words of the dictionary are stored once; words beyond it as they are.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Text255_encoding.html
func (s *Sizer) words(v *vector.Vector) int64 {
	var size int64
	code := int64(1)
	if s.kind == Text32K {
		code = 2
	}
	if s.texts == nil {
		s.texts = map[string]struct{}{}
	}
	for i, t := range v.Texts[:v.Len] {
		size++ // the end of the value
		if v.Null(i) {
			continue
		}
		for len(t) > 0 {
			end := 0
			for end < len(t) && t[end] != ' ' {
				end++
			}
			w := t[:end]
			if end < len(t) {
				end++
			}
			t = t[end:]
			size += code
			if _, ok := s.texts[w]; ok {
				continue
			}
			if s.kind == Text255 && len(s.texts) < text255Words || s.kind == Text32K && s.bytes+len(w) < text32KBytes {
				s.texts[w] = struct{}{}
				s.bytes += len(w)
			}
			size += int64(len(w))
		}
	}
	return size
}

// sampleBytes bounds what is compressed to find a ratio: a block's first values stand for the rest.
const sampleBytes = 64 << 10

// compressed counts LZO and ZSTD by the ratio of a sample, taken once per Sizer.
// LZO is measured by S2, a codec of the same family (byte-aligned Lempel-Ziv without entropy coding).
func (s *Sizer) compressed(v *vector.Vector) int64 {
	plain := s.plain(v)
	if s.ratio == 0 {
		s.ratio = s.sample(v)
	}
	return int64(math.Ceil(float64(plain) * s.ratio))
}

// sample compresses the first values.
func (s *Sizer) sample(v *vector.Vector) float64 {
	buf := make([]byte, 0, sampleBytes+1024)
	for i := 0; i < v.Len && len(buf) < sampleBytes; i++ {
		if v.Type.Lane() == types.LaneText {
			t := v.Texts[i]
			buf = binary.LittleEndian.AppendUint32(buf, uint32(len(t)))
			buf = append(buf, t[:min(len(t), sampleBytes)]...)
			for pad := s.fix - len(t); pad > 0; pad-- {
				buf = append(buf, ' ')
			}
			continue
		}
		var raw [16]byte
		x := value(v, i)
		binary.LittleEndian.PutUint64(raw[:], x.Lo)
		binary.LittleEndian.PutUint64(raw[8:], uint64(x.Hi))
		buf = append(buf, raw[:s.fix]...)
	}
	if len(buf) == 0 {
		return 1
	}
	var out int
	if s.kind == LZO {
		out = len(s2.Encode(nil, buf))
	} else {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // the options are constants
		}
		out = len(enc.EncodeAll(buf, nil))
		if err := enc.Close(); err != nil {
			panic(err)
		}
	}
	return min(1, max(float64(out)/float64(len(buf)), 0.001))
}
