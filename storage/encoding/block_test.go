package encoding

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// columnTypes are the types of columns that tables may have.
var columnTypes = []types.Type{
	types.TBool, types.TInt2, types.TInt4, types.TInt8, types.TNumeric(12, 2), types.TNumeric(38, 4), types.TFloat4, types.TFloat8,
	types.TChar(12), types.TVarchar(60), types.TDate, types.TTime, types.TTimeTZ, types.TTimestamp, types.TTimestampTZ,
}

// ranges bound the integers of a type.
func bound(t types.Type) (lo, hi int64) {
	switch t.Kind {
	case types.Int2:
		return math.MinInt16, math.MaxInt16
	case types.Int4, types.Date:
		return math.MinInt32, math.MaxInt32
	case types.Time, types.TimeTZ:
		return 0, types.MicrosPerDay - 1
	}
	return math.MinInt64, math.MaxInt64
}

// sample makes row i of a column: the shape says how values follow each other, x is random.
func sample(v *vector.Vector, i int, x uint64) {
	lo, hi := bound(v.Type)
	n := lo + int64(x%(uint64(hi-lo)+1|1))
	n = min(max(n, lo), hi)
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools[i] = x&1 != 0
	case types.LaneInt:
		v.Int64s[i] = n
	case types.LaneWide:
		if v.Type.Kind == types.TimeTZ {
			v.Wides[i] = types.Int128{Hi: int64(x%115201) - 57600, Lo: uint64(n)}
		} else {
			v.Wides[i], _ = types.FromInt64(n).Mul(types.FromInt64(1e15))
		}
	case types.LaneFloat:
		v.Floats[i] = math.Float64frombits(x)
		if v.Type.Kind == types.Float4 {
			v.Floats[i] = float64(math.Float32frombits(uint32(x) &^ (1 << 22))) // a signaling NaN would become a quiet one
		}
	default:
		words := []string{"", "Arena", "Center", "Theatre", " ", fmt.Sprint(x % 1000), "x\x00y", "é"}
		t := words[x%8]
		if v.Type.Kind == types.Varchar {
			t += " " + words[x>>3%8] + words[x>>6%8]
		}
		v.Texts[i] = strings.TrimRight(t, " ")
		if v.Type.Kind == types.Varchar {
			v.Texts[i] = t
		}
	}
}

// column makes rows rows of a type; seed decides the values.
func column(t types.Type, rows int, r *rand.Rand) *vector.Vector {
	v := vector.New(t, rows)
	distinct := []int{1, 2, 7, 200, 300, 1 << 30}[r.IntN(6)]
	few := make([]uint64, min(distinct, 300))
	for i := range few {
		few[i] = r.Uint64()
	}
	near := r.IntN(2) == 0
	for i := range rows {
		x := few[r.IntN(len(few))]
		if distinct > 300 {
			x = r.Uint64()
		}
		if near && !t.IsText() {
			x = few[0] + uint64(i)*uint64(distinct%401)
		}
		sample(v, i, x)
	}
	if r.IntN(3) == 0 {
		for range 1 + rows/8 {
			if rows > 0 {
				i := r.IntN(rows)
				v.SetNull(i)
				clearRow(v, i)
			}
		}
	}
	return v
}

// clearRow makes the value under a NULL zero, as storage does.
func clearRow(v *vector.Vector, i int) {
	if v.Type.Lane() == types.LaneText {
		v.Texts[i] = ""
		return
	}
	setValue(v, i, types.Int128{})
}

// alike says whether two columns hold the same values, bit by bit.
func alike(a, b *vector.Vector) error {
	if a.Len != b.Len {
		return fmt.Errorf("%d rows, want %d", b.Len, a.Len)
	}
	for i := range a.Len {
		switch {
		case a.Null(i) != b.Null(i):
			return fmt.Errorf("row %d: NULL is %v", i, b.Null(i))
		case a.Null(i):
		case a.Type.Lane() == types.LaneText:
			if a.Texts[i] != b.Texts[i] {
				return fmt.Errorf("row %d: %q, want %q", i, b.Texts[i], a.Texts[i])
			}
		case value(a, i) != value(b, i):
			return fmt.Errorf("row %d: %v, want %v", i, value(b, i), value(a, i))
		}
	}
	return nil
}

// conforms checks what holds for every encoding: what is decoded is what was encoded, the Sizer counts the bytes that Encode writes, and a payload
// that is cut or longer is refused.
func conforms(k Kind, v *vector.Vector) error {
	b, err := Encode(k, v)
	if err != nil {
		return err
	}
	got, err := b.Decode()
	if err != nil {
		return err
	}
	if err := alike(v, got); err != nil {
		return err
	}
	if size := Size(k, v); k != LZO && k != Zstd && size != b.Size() {
		return fmt.Errorf("counted %d bytes, wrote %d", size, b.Size())
	}
	for _, p := range [][]byte{append(b.Payload[:len(b.Payload):len(b.Payload)], 0), b.Payload[:len(b.Payload)/2]} {
		if len(p) == len(b.Payload) {
			continue
		}
		c := *b
		c.Payload = p
		if _, err := c.Decode(); !errors.Is(err, ErrCorrupt) {
			return fmt.Errorf("a payload of %d bytes for %d: %v", len(p), len(b.Payload), err)
		}
	}
	return nil
}

// TestConformance holds every encoding to the same rules for every type that it may have.
func TestConformance(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for k := Raw; k < numKinds; k++ {
		for _, typ := range columnTypes {
			if !k.Legal(typ) {
				if _, err := Encode(k, vector.New(typ, 1)); err == nil {
					t.Errorf("%s of %s is not refused", k, typ)
				}
				continue
			}
			for n := range 40 {
				rows := []int{0, 1, 63, 64, 65, 700}[n%6]
				if err := conforms(k, column(typ, rows, r)); err != nil {
					t.Errorf("%s of %s, %d rows: %v", k, typ, rows, err)
				}
			}
		}
	}
}

// FuzzEncode: any values of any type through any encoding.
func FuzzEncode(f *testing.F) {
	f.Add(uint8(2), uint8(3), uint16(100), uint64(1))
	f.Fuzz(func(t *testing.T, kind, typ uint8, rows uint16, seed uint64) {
		k, ty := Raw+Kind(kind)%(numKinds-1), columnTypes[int(typ)%len(columnTypes)]
		if !k.Legal(ty) {
			return
		}
		if err := conforms(k, column(ty, int(rows)%1000, rand.New(rand.NewPCG(seed, 1)))); err != nil {
			t.Errorf("%s of %s: %v", k, ty, err)
		}
	})
}

// FuzzDecode: a payload of any bytes is decoded or refused; nothing panics.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(2), uint8(3), uint16(100), []byte{0}, []byte{1}, uint8(1))
	f.Fuzz(func(_ *testing.T, kind, typ uint8, rows uint16, payload, plain []byte, runs uint8) {
		b := &Block{
			Kind: Kind(kind) % numKinds, Type: columnTypes[int(typ)%len(columnTypes)], Rows: int(rows) % 1000, Payload: payload,
			Lengths: make([]uint32, runs),
		}
		for i, p := range plain {
			if i%8 == 0 {
				b.Plain = append(b.Plain, 0)
			}
			b.Plain[i/8] |= uint64(p) << (8 * (i % 8))
		}
		for i := range b.Lengths {
			b.Lengths[i] = uint32(i)
		}
		_, _ = b.Decode() // it must not panic
	})
}
