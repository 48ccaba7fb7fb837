package server

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// some makes a value of a type, an end of its range now and then.
func some(r *rand.Rand, t types.Type) types.Datum {
	d := types.Datum{Type: t}
	n := r.Int64()
	if r.IntN(2) == 0 {
		n = -n
	}
	switch t.Kind {
	case types.Bool:
		d.Bool = n&1 == 0
	case types.Int2:
		d.Int = int64(int16(n))
	case types.Int4, types.IntervalYM:
		d.Int = int64(int32(n))
	case types.OID:
		d.Int = int64(uint32(n))
	case types.Date:
		d.Int = n % 2000000
	case types.Time:
		d.Int = (n & math.MaxInt64) % types.MicrosPerDay
	case types.Timestamp, types.TimestampTZ:
		d.Int = n % (200000 * types.MicrosPerDay)
	case types.Int8, types.IntervalDS:
		d.Int = n
	case types.Numeric:
		if t.Lane() == types.LaneInt {
			d.Int = n % types.Pow10Int64(int(t.Prec))
			break
		}
		d.Wide = types.FromInt64(n)
		if w, ok := d.Wide.Mul(types.FromInt64(r.Int64N(1 << 60))); ok && types.FitsPrecision(w, int(t.Prec)) {
			d.Wide = w
		}
		if r.IntN(3) == 0 {
			d.Wide = types.FromInt64(n % 100000)
		}
	case types.Float4:
		d.Float = float64(float32(r.NormFloat64()))
	case types.Float8:
		d.Float = r.NormFloat64() * 1e10
	case types.TimeTZ:
		d.Wide = types.Int128{Hi: int64(r.IntN(24)-12) * 3600, Lo: uint64(n&math.MaxInt64) % uint64(types.MicrosPerDay)}
	case types.Interval:
		d.Wide = types.MakeInterval(int64(int16(n)), n%(10000*types.MicrosPerDay))
	default:
		d.Text = fmt.Sprintf("%x", n)[:r.IntN(9)]
	}
	return d
}

var wireTypes = []types.Type{
	types.TBool, types.TInt2, types.TInt4, types.TInt8, types.TOID, types.TFloat4, types.TFloat8, types.TDate, types.TTime, types.TTimeTZ, types.TTimestamp,
	types.TTimestampTZ, types.TInterval,
	{Kind: types.IntervalYM},
	{Kind: types.IntervalDS},
	types.TNumeric(5, 0), types.TNumeric(9, 9), types.TNumeric(18, 4),
	types.TNumeric(38, 0), types.TNumeric(38, 37), types.TNumeric(30, 3), types.TVarchar(20), types.TName, types.TText,
	{Kind: types.Varbyte, Len: 20},
}

// TestBinary: a value in binary is read back as the same value, whatever its type.
func TestBinary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range wireTypes {
		for range 300 {
			d := some(r, typ)
			v := vector.New(typ, 1)
			v.Set(0, d)
			e := encoder{columns: []cell{{typ, formFor(typ, binaryFormat)}}, zone: time.UTC}
			b := e.value([]byte{}, &e.columns[0], v, 0)
			got, err := parameter(b, typ, binaryFormat, 1)
			if err != nil {
				t.Fatalf("%s %v: %x: %v", typ, d, b, err)
			}
			if got.Type.Kind == types.Unknown && typ.Kind == types.Numeric { // left to the session, as text
				if got, err = types.Parse(got.Text, typ, time.UTC); err != nil {
					t.Fatal(err)
				}
			}
			got.Type = typ
			if typ.Lane() == types.LaneWide {
				got.Int = 0
			}
			if !got.Equal(&d) {
				t.Fatalf("%s: %v is %x, which is %v", typ, d, b, got)
			}
			if _, err := parameter(b[:len(b)/2], typ, binaryFormat, 1); err == nil && len(b) > 1 && typ.Lane() != types.LaneText {
				t.Fatalf("%s: half of %x is a value", typ, b)
			}
		}
	}
}

// TestNumericBinary holds the binary form of numerics against the one that PostgreSQL's numeric_send describes: digits to the base of 10000.
func TestNumericBinary(t *testing.T) {
	for text, want := range map[string][]int16{ // digits, weight, sign, scale, digits
		"0":               {0, 0, 0, 0},
		"0.00":            {0, 0, 0, 2},
		"1":               {1, 0, 0, 0, 1},
		"-1":              {1, 0, 0x4000, 0, 1},
		"10000":           {1, 1, 0, 0, 1},
		"0.0001":          {1, -1, 0, 4, 1},
		"0.00001":         {1, -2, 0, 5, 1000},
		"12345.6700":      {3, 1, 0, 4, 1, 2345, 6700},
		"-12345678.9":     {3, 1, 0x4000, 1, 1234, 5678, 9000},
		"100000000.00001": {5, 2, 0, 5, 1, 0, 0, 0, 1000},
	} {
		var b []byte
		for _, x := range want {
			b = binary.BigEndian.AppendUint16(b, uint16(x))
		}
		if got := appendNumeric(nil, []byte(text)); string(got) != string(b) {
			t.Errorf("%s is %x, want %x", text, got, b)
		}
		if back, ok := numericText(b); !ok || string(back) != text {
			t.Errorf("%x is %q, want %s", b, back, text)
		}
	}
	for _, bad := range [][]byte{nil, {0, 1, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10}, {0, 0, 0x7f, 0xff, 0, 0, 0, 0}, {0, 0, 0, 0, 0x10, 0, 0, 0}} {
		if text, ok := numericText(bad); ok {
			t.Errorf("%x is %q", bad, text)
		}
	}
}

// TestRowsAllocateNothing: rows of all types, in each form of vector, as text and as binary.
func TestRowsAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n = 64
	b := &vector.Batch{Len: n}
	var text, binaries encoder
	for _, typ := range append(wireTypes, types.TChar(10)) {
		flat := vector.New(typ, n)
		for i := range n {
			flat.Set(i, some(r, typ))
		}
		flat.SetNull(3)
		dict := &vector.Vector{Type: typ, Form: vector.Dict, Len: n, U8: make([]uint8, n), Dict: flat}
		constant := vector.NewConst(some(r, typ), n)
		for _, v := range []*vector.Vector{flat, dict, constant} {
			b.Columns = append(b.Columns, v)
			text.columns = append(text.columns, cell{typ, formFor(typ, textFormat)})
			binaries.columns = append(binaries.columns, cell{typ, formFor(typ, binaryFormat)})
		}
	}
	b.Columns = append(b.Columns, &vector.Vector{Type: types.TInt4, Form: vector.Narrow, Len: n, U16: make([]uint16, n), Base: 1900})
	text.columns = append(text.columns, cell{types.TInt4, asDigits})
	binaries.columns = append(binaries.columns, cell{types.TInt4, binInt4})
	out := make([]byte, 0, 1<<20)
	for _, e := range []*encoder{&text, &binaries} {
		e.zone = time.UTC
		e.scratch = make([]byte, 0, 64)
		if got := testing.AllocsPerRun(10, func() {
			out = out[:0]
			for row := range n {
				out = e.row(out, b, row)
			}
		}); got != 0 {
			t.Errorf("%d rows of %d columns: %v allocations", n, len(b.Columns), got)
		}
	}
}

// TestArrayBinary reads what it writes; an array of two dimensions, one of another type and one that is cut off are none.
func TestArrayBinary(t *testing.T) {
	for _, x := range []struct {
		typ  types.Type
		text string
	}{
		{types.Type{Kind: types.Int4Array}, "{1,-2,NULL}"},
		{types.Type{Kind: types.OIDArray}, "{4000000000}"},
		{types.Type{Kind: types.Float4Array}, "{0.5,1e+10}"},
		{types.Type{Kind: types.Int8Array}, "{9223372036854775807,NULL,-1}"},
		{types.Type{Kind: types.BoolArray}, "{t,NULL,f}"},
		{types.TTextArray, `{a,"b c","d,e","",NULL}`},
		{types.TTextArray, "{}"},
	} {
		b := appendArray(nil, x.typ, x.text)
		got, ok, err := arrayParameter(b, x.typ)
		if !ok || err != nil || got.Text != x.text {
			t.Errorf("%s is %x, which is %q %v", x.text, b, got.Text, err)
		}
		if _, ok, _ := arrayParameter(b[:len(b)-1], x.typ); ok {
			t.Errorf("%x cut off is an array", b)
		}
		if binary.BigEndian.PutUint32(b[8:], 1114); len(b) > 12 {
			if _, ok, _ := arrayParameter(b, x.typ); ok {
				t.Error("an array of timestamps is one of", x.typ)
			}
		}
	}
	if _, ok, _ := arrayParameter([]byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1}, types.TTextArray); ok {
		t.Error("an array says it has two thousand million elements")
	}
}
