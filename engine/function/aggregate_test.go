package function

import (
	"errors"
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// ofTypes makes arguments that are columns.
func ofTypes(ts ...types.Type) []Arg {
	out := make([]Arg, len(ts))
	for i, t := range ts {
		out[i].Type = t
	}
	return out
}

// column makes a vector of the values in some form that can hold them; what lies under NULLs is rubbish.
func column(rng *rand.Rand, typ types.Type, vals []types.Datum) *vector.Vector {
	n := len(vals)
	v := vector.New(typ, n)
	var some *types.Datum
	for i := range vals {
		if !vals[i].Null {
			some = &vals[i]
		}
	}
	equal, lo, hi := some != nil, int64(math.MaxInt64), int64(math.MinInt64)
	for i := range vals {
		d := vals[i]
		d.Type = typ
		if d.Null {
			equal = false
			v.SetNull(i)
			if some != nil { // rubbish
				d = vals[rng.Intn(n)]
				d.Null = false
				if d.Type.Lane() == types.LaneInt && rng.Intn(4) == 0 {
					d.Int = rng.Int63() - rng.Int63()
				}
				v.Set(i, d)
			}
			continue
		}
		equal = equal && types.Compare(&d, some) == 0
		v.Set(i, d)
		lo, hi = min(lo, d.Int), max(hi, d.Int)
	}
	if equal && rng.Intn(2) == 0 {
		c := vector.NewConst(vals[0], n)
		c.Type = typ
		return c
	}
	if some == nil {
		if rng.Intn(2) == 0 {
			v.Form = vector.Const
		}
		return v
	}
	switch rng.Intn(3) {
	case 0:
		if typ.Lane() != types.LaneInt || uint64(hi)-uint64(lo) >= 1<<32 {
			return v
		}
		w := &vector.Vector{Type: typ, Form: vector.Narrow, Len: n, Nulls: v.Nulls, Base: lo}
		code := func(i int) uint64 {
			if v.Null(i) {
				return rng.Uint64()
			}
			return uint64(v.Int64s[i]) - uint64(lo)
		}
		span := uint64(hi) - uint64(lo)
		for i := range n {
			switch {
			case span < 1<<8:
				w.U8 = append(w.U8, uint8(code(i)))
			case span < 1<<16:
				w.U16 = append(w.U16, uint16(code(i)))
			default:
				w.U32 = append(w.U32, uint32(code(i)))
			}
		}
		return w
	case 1:
		w := &vector.Vector{Type: typ, Form: vector.Dict, Len: n, Nulls: v.Nulls}
		codes := map[string]int{}
		var dict []types.Datum
		for i := range n {
			c := 0
			if !v.Null(i) {
				d := v.Get(i)
				key := fmt.Sprint(d.Bool, d.Int, d.Wide, d.Float, d.Text)
				var ok bool
				if c, ok = codes[key]; !ok {
					c = len(dict)
					codes[key] = c
					dict = append(dict, v.Get(i))
				}
			}
			w.U16 = append(w.U16, uint16(c))
		}
		w.Dict = vector.New(typ, len(dict))
		for i, d := range dict {
			w.Dict.Set(i, d)
		}
		if len(dict) <= 256 {
			for _, c := range w.U16 {
				w.U8 = append(w.U8, uint8(c))
			}
			w.U16 = nil
		}
		return w
	}
	return v
}

// aggregateOf computes an aggregate of rows: dealt to several states, each fed in batches of random forms, met by Merge where there is a partial form.
// groups nil is one group.
func aggregateOf(rng *rand.Rand, b *BoundAggregate, groups []uint32, count int, args [][]types.Datum) ([]types.Datum, error) {
	rows := len(groups)
	if groups == nil && len(args) > 0 {
		rows = len(args[0])
	}
	states := make([]State, 1)
	if b.Partial != nil {
		states = make([]State, 1+rng.Intn(3))
	}
	feed := func(s State, from, to int) error {
		for from < to {
			n := min(to-from, 1+rng.Intn(vector.Size))
			var vs []*vector.Vector
			for i, a := range args {
				vs = append(vs, column(rng, b.Params[i], a[from:from+n]))
			}
			g := groups
			if g != nil {
				g = g[from : from+n]
			}
			if err := s.Update(g, n, vs); err != nil {
				return err
			}
			from += n
		}
		return nil
	}
	for i := range states {
		states[i] = b.New()
		if e, ok := states[i].(Emptier); ok && rows > 0 && rng.Intn(2) == 0 { // one that has been used is as good as new
			e.Resize(2 * count)
			if err := feed(e, 0, rows); err != nil {
				return nil, err
			}
			e.Empty()
		}
		states[i].Resize(1 + rng.Intn(count))
		states[i].Resize(count)
		if err := feed(states[i], rows*i/len(states), rows*(i+1)/len(states)); err != nil {
			return nil, err
		}
	}
	final := states[0]
	if b.Partial != nil {
		final = b.New()
		final.Resize(count)
		for _, s := range states {
			for lo := 0; lo < count; {
				hi := min(count, lo+1+rng.Intn(count))
				out := make([]*vector.Vector, len(b.Partial))
				for i, t := range b.Partial {
					out[i] = &vector.Vector{Type: t}
				}
				s.Partial(lo, hi, out)
				var to []uint32
				if groups != nil {
					for g := lo; g < hi; g++ {
						to = append(to, uint32(g))
					}
				}
				for i, v := range out {
					if v.Type != b.Partial[i] || v.Len != hi-lo {
						return nil, fmt.Errorf("partial %d is %d rows of %s", i, v.Len, v.Type)
					}
				}
				if err := final.Merge(to, hi-lo, out); err != nil {
					return nil, err
				}
				lo = hi
			}
		}
	}
	var res []types.Datum
	for lo := 0; lo < count; {
		hi := min(count, lo+1+rng.Intn(count))
		out := &vector.Vector{Type: b.Returns}
		if err := final.Final(lo, hi, out); err != nil {
			return nil, err
		}
		if out.Type != b.Returns || out.Len != hi-lo {
			return nil, fmt.Errorf("final is %d rows of %s", out.Len, out.Type)
		}
		for i := range hi - lo {
			res = append(res, out.Get(i))
		}
		lo = hi
	}
	if final.Bytes() <= 0 {
		return nil, errors.New("a state without bytes")
	}
	return res, nil
}

// values parses a comma-separated list.
func values(t testing.TB, typ types.Type, list string) []types.Datum {
	t.Helper()
	if list == "" {
		return nil
	}
	var out []types.Datum
	for _, s := range strings.Split(list, ",") {
		out = append(out, lit(t, s, typ))
	}
	return out
}

// TestAggregateTypes checks names, results and refusals of binding.
func TestAggregateTypes(t *testing.T) {
	for _, c := range []struct {
		name string
		args []types.Type
		want string
	}{
		{"count", nil, "bigint"},
		{"count", []types.Type{types.TBool}, "bigint"},
		{"sum", []types.Type{types.TInt2}, "bigint"},
		{"sum", []types.Type{types.TInt4}, "bigint"},
		{"sum", []types.Type{types.TInt8}, "numeric(38,0)"},
		{"sum", []types.Type{types.TNumeric(5, 2)}, "numeric(38,2)"},
		{"sum", []types.Type{types.TFloat4}, "double precision"},
		{"avg", []types.Type{types.TInt2}, "bigint"},
		{"avg", []types.Type{types.TInt8}, "bigint"},
		{"avg", []types.Type{types.TNumeric(5, 2)}, "numeric(38,2)"},
		{"avg", []types.Type{types.TFloat8}, "double precision"},
		{"min", []types.Type{types.TInt2}, "smallint"},
		{"max", []types.Type{types.TVarchar(20)}, "character varying(20)"},
		{"max", []types.Type{types.TChar(2)}, "character(2)"},
		{"min", []types.Type{types.TTimestampTZ}, "timestamp with time zone"},
		{"max", []types.Type{types.TFloat4}, "real"},
		{"sum", []types.Type{types.TVarchar(10)}, "42883 function sum(character varying) does not exist"},
		{"sum", []types.Type{types.TBool}, "42883 function sum(boolean) does not exist"},
		{"avg", []types.Type{types.TDate}, "42883 function avg(date) does not exist"},
		{"max", []types.Type{types.TBool}, "42883 function max(boolean) does not exist"},
		{"sum", nil, "42883 function sum() does not exist"},
		{"count", []types.Type{types.TInt4, types.TInt4}, "42883 function count(integer, integer) does not exist"},
		{"sum", []types.Type{types.TUnknown}, "42725 function sum(unknown) is not unique"},
		{"hll", []types.Type{types.TInt4}, "bigint"},
		{"hll", []types.Type{types.TGeometry}, "42883 function hll(geometry) does not exist"},
		{"hll_create_sketch", []types.Type{types.TSuper}, "hllsketch"},
		{"hll_create_sketch", []types.Type{types.THLLSketch}, "42883 function hll_create_sketch(hllsketch) does not exist"},
		{"hll_combine", []types.Type{types.THLLSketch}, "hllsketch"},
		{"hll_combine", []types.Type{types.TInt4}, "42883 function hll_combine(integer) does not exist"},
		{"any_value", []types.Type{types.TBool}, "boolean"},
		{"bool_and", []types.Type{types.TInt4}, "boolean"},
		{"bool_or", []types.Type{types.TVarchar(3)}, "42883 function bool_or(character varying) does not exist"},
		{"bit_and", []types.Type{types.TInt2}, "smallint"},
		{"bit_or", []types.Type{types.TFloat8}, "bigint"},
		{"bit_or", []types.Type{types.TDate}, "42883 function bit_or(date) does not exist"},
		{"stddev", []types.Type{types.TNumeric(8, 2)}, "double precision"},
		{"var_pop", []types.Type{types.TInt4}, "double precision"},
		{"var_pop", []types.Type{types.TDate}, "42883 function var_pop(date) does not exist"},
		{"listagg", []types.Type{types.TInt4, types.TVarchar(2)}, "character varying(65535)"},
		{"listagg", []types.Type{types.TDate}, "character varying(65535)"},
		{"listagg", []types.Type{types.TVarchar(2), types.TInt4}, "42883 function listagg(character varying, integer) does not exist"},
		{"listagg", []types.Type{types.TBool}, "42883 function listagg(boolean) does not exist"},
		{"median", []types.Type{types.TInt4}, "numeric(38,1)"},
		{"median", []types.Type{types.TFloat4}, "double precision"},
		{"median", []types.Type{types.TTimestampTZ}, "timestamp with time zone"},
		{"median", []types.Type{types.TVarchar(3)}, "42883 function median(character varying) does not exist"},
		{"percentile_cont", []types.Type{types.TNumeric(2, 2), types.TInt4}, "numeric(38,2)"},
		{"percentile_cont", []types.Type{types.TNumeric(1, 1), types.TNumeric(38, 2)}, "numeric(38,2)"},
		{"percentile_disc", []types.Type{types.TNumeric(1, 1), types.TVarchar(5)}, "character varying(5)"},
		{"percentile_cont", []types.Type{types.TNumeric(1, 1)}, "42883 function percentile_cont(numeric) does not exist"},
		{"every", []types.Type{types.TBool}, "42883 function every(boolean) does not exist"},
		{"nonesuch", []types.Type{types.TInt4}, "42883 function nonesuch(integer) does not exist"},
	} {
		b, err := FindAggregate(c.name, ofTypes(c.args...), false)
		got := ""
		var e *sqlstate.Error
		if errors.As(err, &e) {
			got = string(e.Code) + " " + e.Message
		} else {
			got = b.Returns.String()
			if b.Name != c.name || len(b.Params) != len(c.args) {
				t.Errorf("%s: named %s with %d parameters", c.name, b.Name, len(b.Params))
			}
		}
		if got != c.want {
			t.Errorf("%s%v: %s, want %s", c.name, c.args, got, c.want)
		}
	}
}

// TestAggregateValues compares single groups with arithmetic.
func TestAggregateValues(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, c := range aggregateCases {
		b, err := FindAggregate(c.name, ofTypes(c.typ), false)
		if err != nil {
			t.Fatal(err)
		}
		in := values(t, c.typ, c.in)
		for range 8 {
			got, err := aggregateOf(rng, b, nil, 1, [][]types.Datum{in})
			s := ""
			var e *sqlstate.Error
			switch {
			case errors.As(err, &e):
				s = string(e.Code) + " " + e.Message
			case err != nil:
				t.Fatal(err)
			case got[0].Null:
				s = "NULL"
			default:
				s = types.Format(got[0], time.UTC)
			}
			if s != c.want {
				t.Errorf("%s(%s) of %s = %s, want %s", c.name, c.typ, c.in, s, c.want)
			}
		}
	}
}

// aggregateCases are values by arithmetic and from the guide.
var aggregateCases = []struct {
	name string
	typ  types.Type
	in   string
	want string
}{
	{"count", types.TInt4, "", "0"},
	{"count", types.TInt4, "NULL,NULL", "0"},
	{"count", types.TVarchar(5), "a,NULL,b", "2"},
	{"sum", types.TInt4, "", "NULL"},
	{"sum", types.TInt4, "NULL,NULL", "NULL"},
	{"sum", types.TInt4, "2147483647,2147483647,2147483647", "6442450941"},
	{"sum", types.TInt2, "-32768,-32768,1", "-65535"},
	{"sum", types.TInt8, "9223372036854775807,9223372036854775807,-1", "18446744073709551613"},
	{"sum", types.TInt8, "-9223372036854775808,-9223372036854775808", "-18446744073709551616"},
	{"sum", types.TInt8, "1,NULL,2", "3"},
	{"sum", types.TNumeric(8, 2), "234.00,472.00,836.50,NULL", "1542.50"},
	{"sum", types.TNumeric(38, 2), "999999999999999999999999999999999999.99,0.00", "999999999999999999999999999999999999.99"},
	{"sum", types.TNumeric(38, 2), "999999999999999999999999999999999999.99,0.01", "22003 128 bit numeric data overflow (addition)"},
	{"sum", types.TNumeric(38, 0), "-99999999999999999999999999999999999999,-99999999999999999999999999999999999999", "22003 128 bit numeric data overflow (addition)"},
	{"sum", types.TNumeric(20, 1), "-0.5,1234567890123456789.1,NULL", "1234567890123456788.6"},
	{"sum", types.TFloat8, "0.5,0.25,NULL", "0.75"},
	{"sum", types.TFloat8, "NULL", "NULL"},
	{"avg", types.TInt4, "1979,1985,NULL", "1982"},
	{"avg", types.TInt4, "1,2", "1"},
	{"avg", types.TInt4, "-1,-2", "-1"},
	{"avg", types.TInt8, "9223372036854775807,9223372036854775807", "9223372036854775807"},
	{"avg", types.TNumeric(5, 2), "1.00,1.01,1.01", "1.00"},
	{"avg", types.TNumeric(5, 2), "2.00,NULL,3.01", "2.50"},
	{"avg", types.TNumeric(30, 2), "2.00,NULL,3.01", "2.50"},
	{"avg", types.TFloat4, "1,2", "1.5"},
	{"avg", types.TFloat8, "", "NULL"},
	{"avg", types.TInterval, "1 mon,2 mons", "1 mon 15 days"},
	{"sum", types.TInterval, "1 mon 1 day,2 mons", "3 mons 1 day"},
	{"min", types.TInt8, "", "NULL"},
	{"min", types.TInt8, "9223372036854775807,NULL", "9223372036854775807"},
	{"max", types.TInt8, "-9223372036854775808,NULL", "-9223372036854775808"},
	{"min", types.TInt2, "3,-2,NULL,7", "-2"},
	{"max", types.TInt2, "3,-2,NULL,7", "7"},
	{"max", types.TNumeric(8, 2), "12624.00,337.00", "12624.00"},
	{"min", types.TFloat8, "NaN,1.5,-2", "-2"},
	{"max", types.TFloat8, "1.5,NaN,-2", "NaN"},
	{"min", types.TFloat8, "NaN,NaN", "NaN"},
	{"min", types.TVarchar(10), "pear,Apple,NULL,apple", "Apple"},
	{"max", types.TVarchar(10), "pear,Apple,NULL,apple", "pear"},
	{"max", types.TVarchar(10), "NULL", "NULL"},
	{"max", types.TNumeric(38, 0), "12345678901234567890123,-5", "12345678901234567890123"},
	{"min", types.TDate, "2008-12-31,2008-01-01", "2008-01-01"},
	{"max", types.TInterval, "1 mon,31 days", "31 days"},
	{"any_value", types.TInt4, "NULL,7,NULL", "7"},
	{"any_value", types.TBool, "NULL,t", "t"},
	{"any_value", types.TVarchar(5), "NULL", "NULL"},
	{"any_value", types.TNumeric(30, 1), "NULL,2.5,2.5", "2.5"},
	{"bit_and", types.TInt4, "3,7,10,22", "2"}, // r_BIT_AND
	{"bit_or", types.TInt4, "3,7,10,22", "31"}, // r_BIT_OR
	{"bit_and", types.TInt2, "-1,NULL", "-1"},
	{"bit_or", types.TInt8, "NULL", "NULL"},
	{"bit_and", types.TInt8, "", "NULL"},
	{"bool_and", types.TBool, "t,t,NULL", "t"},
	{"bool_and", types.TBool, "t,f,t", "f"},
	{"bool_or", types.TBool, "f,f,NULL", "f"},
	{"bool_or", types.TBool, "f,t", "t"},
	{"bool_or", types.TBool, "NULL", "NULL"},
	{"bool_and", types.TBool, "", "NULL"},
	{"var_pop", types.TFloat8, "2,4,4,4,5,5,7,9", "4"},
	{"stddev_pop", types.TFloat8, "2,4,4,4,5,5,7,9,NULL", "2"},
	{"var_samp", types.TFloat8, "2,4,4,4,5,5,7,9", "4.57142857142857"},
	{"variance", types.TFloat8, "1,2,3,4", "1.66666666666667"},
	{"stddev", types.TFloat8, "10,20", "7.07106781186548"},
	{"stddev_samp", types.TFloat8, "5", "NULL"}, // r_STDDEV_functions: a single value
	{"stddev_pop", types.TFloat8, "5", "0"},
	{"var_pop", types.TFloat8, "NULL", "NULL"},
	{"var_pop", types.TFloat8, "1000000000000000,1000000000000001,1000000000000002", "0.666666666666667"},
	{"var_pop", types.TFloat8, "234,472", "14161"}, // r_WF_STDDEV
	{"var_pop", types.TFloat8, "234,472,836,708,347,337,688,1730,4192", "1403322.69135802"},
	{"listagg", types.TVarchar(5), "a,,NULL,b", "ab"},
	{"listagg", types.TVarchar(5), "NULL", "NULL"},
	{"median", types.TInt4, "2,1", "1.5"},            // r_MEDIAN
	{"median", types.TInt4, "30,NULL,10,10", "10.0"}, // r_WF_MEDIAN
	{"median", types.TInt4, "20,15,30,10", "17.5"},
	{"median", types.TInt8, "9223372036854775807,9223372036854775806", "9223372036854775806.5"},
	{"median", types.TNumeric(8, 2), "1.01,1.02", "1.015"},
	{"median", types.TNumeric(38, 2), "1.01,1.03", "1.02"},
	{"median", types.TNumeric(38, 2), "999999999999999999999999999999999999.99,999999999999999999999999999999999999.97", "22003 128 bit numeric data overflow (multiplication)"},
	{"median", types.TFloat8, "4,1,2,3", "2.5"},
	{"median", types.TDate, "2008-01-03,2008-01-01", "2008-01-02"},
	{"median", types.TTimestamp, "2008-01-01 00:00:03,2008-01-01 00:00:00", "2008-01-01 00:00:01.5"},
	{"median", types.TInt4, "", "NULL"},
	{"min", types.TTimeTZ, "12:00:00+00,12:30:00+02", "12:30:00+02"},
}

// TestCountRows checks count(*).
func TestCountRows(t *testing.T) {
	b, err := FindAggregate("count", nil, false)
	if err != nil || b.Empty == nil || b.Empty.Int != 0 {
		t.Fatal(b, err)
	}
	s := b.New()
	s.Resize(3)
	if err := s.Update([]uint32{2, 0, 2, 2}, 4, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(nil, 5, nil); err != nil {
		t.Fatal(err)
	}
	out := vector.New(types.TInt8, 0)
	if err := s.Final(0, 3, out); err != nil || fmt.Sprint(out.Int64s) != "[6 0 3]" {
		t.Error(out.Int64s, err)
	}
}
