package encoding

import (
	"math"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Limits of dictionaries, by the guide: BYTEDICT has 256 entries, TEXT255 245 words, TEXT32K as many words as 32 KB hold.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
const (
	bytedictEntries = 256
	text255Words    = 245
	text32KBytes    = 32 << 10
)

// Sizer counts the bytes that values take in one block of one column, by the code that Encode writes them with. What a block shares (a dictionary,
// the run or the value before) is kept from Add to Add until Reset.
type Sizer struct {
	kind Kind
	typ  types.Type
	fix  int // width of a value without encoding; 0 = it depends on the value
	out  out

	texts map[string]int
	ints  map[types.Int128]int
	bytes int // of the words in texts

	started  bool
	last     types.Int128 // Delta: the value before; Runlength: the run's value
	lastText string
	run      int

	ratio float64 // LZO, Zstd: compressed / plain of the sample, 0 = none taken
}

// out takes what an encoding makes of values: it counts the bytes, and keeps them when keep is set. Sections are laid one behind the other when the
// block is whole.
type out struct {
	n        int64
	keep     bool
	sections [3][]byte
	plain    []uint64 // rows that lie uncompressed
	lengths  []uint32 // of the texts of runs
}

// fixed adds the low bytes of a value, the lowest first.
func (o *out) fixed(section int, x types.Int128, width int) {
	o.n += int64(width)
	if o.keep {
		o.sections[section] = appendFixed(o.sections[section], x, width)
	}
}

// code adds an unsigned number of one or two bytes.
func (o *out) code(section, x, width int) { o.fixed(section, types.Int128{Lo: uint64(x)}, width) }

// text adds bytes as they are.
func (o *out) text(section int, t string) {
	o.n += int64(len(t))
	if o.keep {
		o.sections[section] = append(o.sections[section], t...)
	}
}

// uncompressed notes that row i lies plain.
func (o *out) uncompressed(i int) {
	if !o.keep {
		return
	}
	for len(o.plain) <= i>>6 {
		o.plain = append(o.plain, 0)
	}
	o.plain[i>>6] |= 1 << (uint(i) & 63)
}

// NewSizer makes the Sizer of a column. Auto counts as the type's default.
func NewSizer(k Kind, t types.Type) *Sizer {
	if k == Auto {
		k = Default(t, false, false)
	}
	s := &Sizer{kind: k, typ: t, fix: fixedWidth(t)}
	s.Reset()
	return s
}

// fixedWidth is the bytes of a value of t without encoding, 0 when it depends on the value.
func fixedWidth(t types.Type) int {
	if t.Lane() != types.LaneText || t.Kind == types.Char {
		return t.RawBytes(0)
	}
	return 0
}

// Size is the size of all rows of a vector as one block: of LZO and ZSTD an estimate by a sample.
func Size(k Kind, v *vector.Vector) int64 { return NewSizer(k, v.Type).Add(v) }

// Reset begins a new block.
func (s *Sizer) Reset() {
	s.started, s.run, s.bytes = false, 0, 0
	s.texts, s.ints = nil, nil
}

// Add counts the rows of a Flat vector and returns the bytes that they add. NULLs cost one bit each in every encoding, when there are any.
func (s *Sizer) Add(v *vector.Vector) int64 {
	if v.Len == 0 {
		return 0
	}
	var nulls int64
	if v.Nulls != nil {
		nulls = int64(v.Len+7) / 8
	}
	s.out.n = 0
	switch s.kind {
	case Raw:
		return nulls + s.plain(v)
	case LZO, Zstd:
		return nulls + s.compressed(v)
	}
	s.encode(v)
	return nulls + s.out.n
}

// AddTexts is Add of texts of which no more is known than that there are so many bytes of them; ok is false, and nothing is counted, where the encoding
// must see them.
func (s *Sizer) AddTexts(rows int, nulls bool, bytes int64) (size int64, ok bool) {
	if s.fix > 0 {
		bytes = int64(rows) * int64(s.fix)
	} else {
		bytes += 4 * int64(rows)
	}
	switch s.kind {
	case Raw:
	case LZO, Zstd:
		if s.ratio == 0 {
			return 0, false
		}
		bytes = int64(math.Ceil(float64(bytes) * s.ratio))
	default:
		return 0, false
	}
	if nulls {
		bytes += int64(rows+7) / 8
	}
	return bytes, true
}

// encode sends the rows of a vector through the encoding.
func (s *Sizer) encode(v *vector.Vector) {
	switch s.kind {
	case AZ64:
		s.frames(v)
	case Bytedict:
		s.bytedict(v)
	case Delta:
		s.delta(v, 1)
	case Delta32K:
		s.delta(v, 2)
	case Mostly8:
		s.mostly(v, 1)
	case Mostly16:
		s.mostly(v, 2)
	case Mostly32:
		s.mostly(v, 4)
	case Runlength:
		s.runs(v)
	case Text255, Text32K:
		s.words(v)
	default:
		s.raw(v)
	}
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

// value gives row i of any lane but text as the low bytes of 128 bits, equal when the values are.
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
		if v.Type.Kind == types.TimeTZ { // 8 bytes: the zone above the microseconds
			return types.FromInt64(v.Wides[i].Hi<<zoneShift | int64(v.Wides[i].Lo))
		}
		return v.Wides[i]
	}
	if v.Type.Kind == types.Float4 {
		return types.Int128{Lo: uint64(math.Float32bits(float32(v.Floats[i])))}
	}
	return types.Int128{Lo: math.Float64bits(v.Floats[i])}
}

// zoneShift is where the zone of a timetz begins: a day has fewer than 1<<37 microseconds.
const zoneShift = 40

// setValue is the inverse of value.
func setValue(v *vector.Vector, i int, x types.Int128) {
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools[i] = x.Lo != 0
	case types.LaneInt:
		v.Int64s[i] = int64(x.Lo)
	case types.LaneWide:
		if v.Type.Kind == types.TimeTZ {
			x = types.Int128{Hi: int64(x.Lo) >> zoneShift, Lo: x.Lo & (1<<zoneShift - 1)}
		}
		v.Wides[i] = x
	default:
		v.Floats[i] = math.Float64frombits(x.Lo)
		if v.Type.Kind == types.Float4 {
			v.Floats[i] = float64(math.Float32frombits(uint32(x.Lo)))
		}
	}
}

// putPlain adds row i without encoding: texts behind their length in 4 bytes, CHAR with its trailing blanks.
func (s *Sizer) putPlain(section int, v *vector.Vector, i int) {
	switch {
	case v.Type.Lane() != types.LaneText:
		s.out.fixed(section, value(v, i), s.fix)
	case s.fix == 0:
		s.out.code(section, len(v.Texts[i]), 4)
		s.out.text(section, v.Texts[i])
	default:
		s.out.text(section, v.Texts[i])
		for range s.fix - len(v.Texts[i]) {
			s.out.code(section, ' ', 1)
		}
	}
}

// raw adds all rows without encoding.
func (s *Sizer) raw(v *vector.Vector) {
	for i := range v.Len {
		s.putPlain(0, v, i)
	}
}

// bitsOf is the number of bits of an unsigned 128-bit number.
func bitsOf(x types.Int128) int {
	if n := bits.Len64(uint64(x.Hi)); n > 0 {
		return 64 + n
	}
	return bits.Len64(x.Lo)
}
