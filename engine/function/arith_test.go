package function

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// lit parses a value of a type.
func lit(t testing.TB, s string, typ types.Type) types.Datum {
	t.Helper()
	if s == "NULL" {
		return types.NullOf(typ)
	}
	d, err := types.Parse(s, typ, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// apply casts the arguments to the bound types and calls the kernel for one row, as Flat and as Const.
func apply(t testing.TB, b *Bound, args ...types.Datum) (string, error) {
	t.Helper()
	env := &Env{Location: time.UTC}
	var results [2]string
	var errs [2]error
	for form := range 2 {
		vs := make([]*vector.Vector, len(args))
		for i, d := range args {
			vs[i] = vector.New(d.Type, 1)
			vs[i].Set(0, d)
			if b.Params[i].Kind != types.Unknown && b.Params[i] != d.Type {
				c, ok := FindCast(d.Type, b.Params[i], false)
				if !ok {
					t.Fatalf("no cast from %s to %s", d.Type, b.Params[i])
				}
				out := vector.New(b.Params[i], 1)
				if err := c.Kernel(env, 1, vs[i:i+1], out); err != nil {
					return "", err
				}
				vs[i] = out
			}
			if form == 1 {
				vs[i].Form = vector.Const
			}
		}
		out := vector.New(b.Returns, 1)
		errs[form] = b.Kernel(env, 1, vs, out)
		results[form] = types.Format(out.Get(0), time.UTC)
	}
	if results[0] != results[1] || (errs[0] == nil) != (errs[1] == nil) {
		t.Errorf("%s: as rows %q %v, as constants %q %v", b.Name, results[0], errs[0], results[1], errs[1])
	}
	return results[0], errs[0]
}

// Expected values are arithmetic, the guide's rules of precision and scale (r_numeric_computations201) and PostgreSQL's for times.
func TestOperators(t *testing.T) {
	n := types.TNumeric
	for _, c := range []struct {
		l    string
		lt   types.Type
		op   string
		r    string
		rt   types.Type
		want string // type and value, or SQLSTATE and message
	}{
		{"2", types.TInt2, "+", "3", types.TInt2, "smallint 5"},
		{"2", types.TInt2, "+", "3", types.TInt4, "integer 5"},
		{"32767", types.TInt2, "+", "1", types.TInt2, "22003 smallint out of range"},
		{"2147483647", types.TInt4, "+", "1", types.TInt4, "22003 integer out of range"},
		{"-2147483648", types.TInt4, "-", "1", types.TInt4, "22003 integer out of range"},
		{"9223372036854775807", types.TInt8, "+", "1", types.TInt4, "22003 bigint out of range"},
		{"0", types.TInt8, "-", "-9223372036854775808", types.TInt8, "22003 bigint out of range"},
		{"-1", types.TInt8, "-", "-9223372036854775808", types.TInt8, "bigint 9223372036854775807"},
		{"65536", types.TInt4, "*", "65536", types.TInt4, "22003 integer out of range"},
		{"4294967296", types.TInt8, "*", "4294967296", types.TInt8, "22003 bigint out of range"},
		{"-4294967296", types.TInt8, "*", "2147483648", types.TInt8, "bigint -9223372036854775808"},
		{"7", types.TInt4, "/", "2", types.TInt4, "integer 3"},
		{"-7", types.TInt4, "/", "2", types.TInt4, "integer -3"},
		{"-7", types.TInt4, "%", "2", types.TInt4, "integer -1"},
		{"-2147483648", types.TInt4, "/", "-1", types.TInt4, "22003 integer out of range"},
		{"-9223372036854775808", types.TInt8, "%", "-1", types.TInt8, "bigint 0"},
		{"1", types.TInt4, "/", "0", types.TInt4, "22012 division by zero"},
		{"1", types.TInt4, "%", "0", types.TInt4, "22012 division by zero"},
		{"12", types.TInt4, "&", "10", types.TInt4, "integer 8"},
		{"12", types.TInt4, "|", "10", types.TInt4, "integer 14"},
		{"12", types.TInt4, "#", "10", types.TInt4, "integer 6"},
		{"1", types.TInt4, "<<", "4", types.TInt4, "integer 16"},
		{"-16", types.TInt4, ">>", "2", types.TInt4, "integer -4"},
		{"2", types.TInt4, "^", "10", types.TInt4, "double precision 1024"},
		{"1.5", types.TFloat8, "*", "2", types.TInt4, "double precision 3"},
		{"1.5", types.TFloat4, "+", "1.5", types.TFloat4, "double precision 3"},
		{"1e308", types.TFloat8, "*", "10", types.TFloat8, "22003 type \"double precision\" value out of range: overflow"},
		{"1", types.TFloat8, "/", "0", types.TFloat8, "22012 division by zero"},

		{"1.50", n(3, 2), "+", "2.25", n(3, 2), "numeric(4,2) 3.75"},
		{"1.5", n(2, 1), "+", "2.25", n(3, 2), "numeric(4,2) 3.75"},
		{"2.25", n(3, 2), "-", "1", types.TInt4, "numeric(13,2) 1.25"},
		{"1", types.TInt4, "-", "0.05", n(12, 2), "numeric(13,2) 0.95"},
		{"100.00", n(12, 2), "*", "0.95", n(13, 2), "numeric(26,4) 95.0000"},
		{"-3.5", n(4, 1), "*", "1.2", n(4, 1), "numeric(9,2) -4.20"},
		{"728.00", n(8, 2), "*", "0.15", n(2, 2), "numeric(11,4) 109.2000"},
		{"184.00", n(8, 2), "/", "2", types.TInt2, "numeric(14,8) 92.00000000"},
		{"41211", n(7, 2), "/", "57535", n(7, 2), "numeric(15,8) 0.71627704"}, // the guide's ML tutorial prints it
		{"10.00", n(8, 2), "/", "3.00", n(8, 2), "numeric(17,9) 3.333333333"},
		{"-10.00", n(8, 2), "/", "3.00", n(8, 2), "numeric(17,9) -3.333333333"},
		{"1", n(38, 2), "/", "3", types.TInt8, "numeric(38,4) 0.3333"},
		{"123456789012345678901234567890123456.78", n(38, 2), "/", "7", n(38, 0), "numeric(38,4) 22003"},
		{"12345678901234567890123456789012.78", n(38, 2), "/", "7", n(38, 0), "numeric(38,4) 1763668414462081127160493827001.8257"},
		{"7.5", n(3, 1), "%", "2", types.TInt4, "numeric(3,1) 1.5"},
		{"-7.5", n(3, 1), "%", "2", types.TInt4, "numeric(3,1) -1.5"},
		{"1.00", n(8, 2), "/", "0.00", n(8, 2), "22012 division by zero"},
		{"99999999999999999999999999999999999999", n(38, 0), "+", "1", n(38, 0), "22003 128 bit numeric data overflow (addition)"},
		{"99999999999999999999", n(38, 0), "*", "99999999999999999999", n(38, 0), "22003 128 bit numeric data overflow (multiplication)"},
		{"1.2345", n(26, 4), "*", "1.05", n(13, 2), "numeric(38,4) 1.2962"}, // 1.296225 at (38,4)

		{"2008-01-01", types.TDate, "+", "31", types.TInt4, "date 2008-02-01"},
		{"31", types.TInt4, "+", "2008-01-01", types.TDate, "date 2008-02-01"},
		{"2008-01-01", types.TDate, "-", "1", types.TInt4, "date 2007-12-31"},
		{"2009-01-01", types.TDate, "-", "2008-01-01", types.TDate, "integer 366"},
		{"2008-01-31", types.TDate, "+", "1 month", types.TInterval, "timestamp without time zone 2008-02-29 00:00:00"},
		{"2008-12-31 12:00", types.TTimestamp, "+", "1 day 2 hours", types.TInterval, "timestamp without time zone 2009-01-01 14:00:00"},
		{"2008-03-31 12:00", types.TTimestamp, "-", "1 month", types.TInterval, "timestamp without time zone 2008-02-29 12:00:00"},
		{"2008-01-02 12:00", types.TTimestamp, "-", "2008-01-01 11:00", types.TTimestamp, "interval 1 day 01:00:00"},
		{"2008-01-02", types.TDate, "+", "04:05:06", types.TTime, "timestamp without time zone 2008-01-02 04:05:06"},
		{"2000-01-01", types.TDate, "+", "20:00:00 PST", types.TTimeTZ, "timestamp with time zone 2000-01-02 04:00:00+00"},
		{"05:58:00+00", types.TTimeTZ, "+", "2000-01-01", types.TDate, "timestamp with time zone 2000-01-01 05:58:00+00"},
		{"23:00", types.TTime, "+", "2 hours", types.TInterval, "time without time zone 01:00:00"},
		{"1 day", types.TInterval, "*", "2.5", types.TFloat8, "interval 2 days 12:00:00"},
		{"2", types.TInt4, "*", "1 hour", types.TInterval, "interval 02:00:00"},
		{"1 month", types.TInterval, "/", "2", types.TInt4, "interval 15 days"},
		{"1 day", types.TInterval, "+", "1 mon", types.TInterval, "interval 1 mon 1 day"},
		{"294276-12-31", types.TDate, "+", "1", types.TInt4, "22008 date out of range"},

		{"a", types.TVarchar(5), "||", "b ", types.TVarchar(3), "character varying(8) ab "},
		{"a", types.TVarchar(5), "||", "12", types.TInt4, "character varying(16) a12"},
		{"abc", types.TVarchar(5), "~~", "a%", types.TVarchar(5), "boolean t"},
		{"abc", types.TVarchar(5), "!~~", "a%", types.TVarchar(5), "boolean f"},
		{"abc", types.TVarchar(5), "~", "^a.c$", types.TVarchar(5), "boolean t"},
		{"abc", types.TVarchar(5), "~", "(", types.TVarchar(5), "2201B"},
		{"abc", types.TVarchar(5), "similar to", "(a|x)b_", types.TVarchar(8), "boolean t"},

		{"1", types.TInt4, "+", "t", types.TBool, "42883 operator does not exist: integer + boolean"},
		{"1", types.TInt4, "||", "2", types.TInt4, "42883 operator does not exist: integer || integer"},
		{"2008-01-01", types.TDate, "+", "2008-01-01", types.TDate, "42883 operator does not exist: date + date"},
		{"1", types.TFloat8, "%", "2", types.TFloat8, "42883 operator does not exist: double precision % double precision"},
	} {
		name := fmt.Sprintf("%s::%s %s %s::%s", c.l, c.lt, c.op, c.r, c.rt)
		b, err := FindOperator(c.op, c.lt, c.rt)
		got := ""
		if err == nil {
			got, err = apply(t, b, lit(t, c.l, c.lt), lit(t, c.r, c.rt))
			got = b.Returns.String() + " " + got
		}
		if err != nil {
			var e *sqlstate.Error
			if !errors.As(err, &e) {
				t.Fatalf("%s: %v", name, err)
			}
			got = string(e.Code) + " " + e.Message
			if b != nil && c.want == b.Returns.String()+" "+string(e.Code) || c.want == string(e.Code) {
				continue
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestUnknownOperands: literals take the type of the other side.
func TestUnknownOperands(t *testing.T) {
	for _, c := range []struct {
		l, r types.Type
		op   string
		want string
	}{
		{types.TInt4, types.TUnknown, "+", "integer"},
		{types.TDate, types.TUnknown, "-", "integer"},
		{types.TTimestamp, types.TUnknown, "-", "interval"},
		{types.TTimestamp, types.TUnknown, "+", "timestamp without time zone"},
		{types.TUnknown, types.TVarchar(3), "||", "character varying"},
		{types.TUnknown, types.TUnknown, "~~", "boolean"},
	} {
		b, err := FindOperator(c.op, c.l, c.r)
		if err != nil {
			t.Errorf("%s %s %s: %v", c.l, c.op, c.r, err)
		} else if got := b.Returns.String(); got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.l, c.op, c.r, got, c.want)
		}
	}
	if _, err := FindOperator("+", types.TUnknown, types.TUnknown); err == nil {
		t.Error("unknown + unknown has an operator")
	}
}

// TestDecimalAgainstBig compares the four operations with exact arithmetic, at random types and values.
func TestDecimalAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	ten := big.NewInt(10)
	pow := func(k int) *big.Int { return new(big.Int).Exp(ten, big.NewInt(int64(k)), nil) }
	random := func(p int) *big.Int {
		v := new(big.Int).Rand(rng, pow(1+rng.Intn(p)))
		if p == 19 && v.BitLen() > 63 {
			v.Rsh(v, 1)
		}
		if rng.Intn(2) == 0 {
			v.Neg(v)
		}
		return v
	}
	wide := func(v *big.Int) types.Int128 {
		a := new(big.Int).Abs(v)
		lo := new(big.Int).And(a, new(big.Int).SetUint64(^uint64(0))).Uint64()
		r := types.Int128{Hi: int64(new(big.Int).Rsh(a, 64).Uint64()), Lo: lo}
		if v.Sign() < 0 {
			r = r.Neg()
		}
		return r
	}
	set := func(typ types.Type, v *big.Int) *vector.Vector {
		x := vector.New(typ, 1)
		w := wide(v)
		x.Set(0, types.Datum{Type: typ, Int: int64(w.Lo), Wide: w})
		return x
	}
	for i := range n / 50 {
		p1, p2 := 1+rng.Intn(38), 1+rng.Intn(38)
		l, r := types.TNumeric(p1, rng.Intn(p1)), types.TNumeric(p2, rng.Intn(p2))
		op := "+-*/%"[i%5]
		b, err := FindOperator(string(op), l, r)
		if err != nil {
			t.Fatal(err)
		}
		s1, s2, s := int(l.Scale), int(r.Scale), int(b.Returns.Scale)
		for range 50 {
			x, y := random(p1), random(p2)
			out := vector.New(b.Returns, 1)
			err := b.Kernel(nil, 1, []*vector.Vector{set(l, x), set(r, y)}, out)
			want := new(big.Int)
			// exact value over 10^d, then brought to scale s
			d := max(s1, s2)
			a1, a2 := new(big.Int).Mul(x, pow(d-s1)), new(big.Int).Mul(y, pow(d-s2))
			round := true
			switch op {
			case '+':
				want.Add(a1, a2)
			case '-':
				want.Sub(a1, a2)
			case '*':
				want.Mul(x, y)
				d = s1 + s2
			case '/':
				if y.Sign() == 0 {
					if err == nil {
						t.Fatalf("%v / 0 gave no error", x)
					}
					continue
				}
				want.Quo(new(big.Int).Mul(x, pow(80)), y) // scale 80 + s1 - s2
				d, round = 80+s1-s2, false
			case '%':
				if y.Sign() == 0 {
					continue
				}
				want.Rem(a1, a2)
			}
			if k := d - s; k > 0 {
				q, rem := new(big.Int).QuoRem(want, pow(k), new(big.Int))
				if round && rem.Abs(rem).Lsh(rem, 1).Cmp(pow(k)) >= 0 {
					q.Add(q, big.NewInt(int64(want.Sign())))
				}
				want = q
			} else if k < 0 {
				want.Mul(want, pow(-k))
			}
			if err != nil {
				limit := pow(38)
				if b.Returns.Lane() == types.LaneInt {
					limit = new(big.Int).Lsh(big.NewInt(1), 63)
				}
				// intermediate steps may refuse what is close to the wall, results below a tenth of it may not fail
				if new(big.Int).Mul(new(big.Int).Abs(want), ten).Cmp(limit) < 0 && a1.BitLen() < 126 && a2.BitLen() < 126 {
					t.Fatalf("%s(%v) %c %s(%v): %v, want %v", l, x, op, r, y, err, want)
				}
				continue
			}
			got := out.Get(0)
			g := got.Wide.Big()
			if b.Returns.Lane() == types.LaneInt {
				g = big.NewInt(got.Int)
			}
			if g.Cmp(want) != 0 {
				t.Fatalf("%s(%v) %c %s(%v) = %s: got %v, want %v", l, x, op, r, y, b.Returns, g, want)
			}
		}
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		s, p string
		want bool
	}{
		{"abc", "abc", true},
		{"abc", "ab", false},
		{"abc ", "abc", false},
		{"", "", true},
		{"", "%", true},
		{"a", "", false},
		{"abc", "a%", true},
		{"abc", "%c", true},
		{"abc", "%b%", true},
		{"abc", "_b_", true},
		{"abc", "__", false},
		{"abc", "%_c", true},
		{"übc", "_bc", true},
		{"日本語", "__語", true},
		{"a%c", `a\%c`, true},
		{"abc", `a\%c`, false},
		{"a_c", `a\_c`, true},
		{"abc", `a\_c`, false},
		{"special packed requests", "%special%requests%", true},
		{"specialrequest", "%special%requests%", false},
		{"aab", "%ab", true},
		{"abab", "ab%ab", true},
		{"ab", "ab%ab", false},
		{"aXbXc", "a%b%c", true},
		{"abcabd", "%ab_", true},
		{"ab日", "%ab_", true},
		{"xay", "%a%", true},
		{"a\\b", `a\\b`, true},
	} {
		m, err := likeExact(c.p)
		if err != nil || m.match(c.s) != c.want {
			t.Errorf("%q LIKE %q: %v %v, want %v", c.s, c.p, !c.want, err, c.want)
		}
	}
	if m, _ := likeFold("A%c"); !m.match("aBC") || m.match("bbc") {
		t.Error("ILIKE")
	}
	if _, err := likeExact(`ab\`); err == nil {
		t.Error("a pattern may end with the escape")
	}
	if p, err := LikeEscape("a^%b%", "^"); err != nil || p != `a\%b%` {
		t.Errorf("LikeEscape: %q %v", p, err)
	}
}

func TestCasts(t *testing.T) {
	n := types.TNumeric
	for _, c := range []struct {
		v        string
		from, to types.Type
		explicit bool
		want     string
	}{
		{"2.5", n(2, 1), types.TInt4, true, "3"},
		{"-2.5", n(2, 1), types.TInt4, true, "-3"},
		{"2.4", n(2, 1), types.TInt8, false, "2"},
		{"40000", types.TInt4, types.TInt2, false, "22003 smallint out of range"},
		{"3e9", types.TFloat8, types.TInt4, false, "22003 integer out of range"},
		{"1.005", types.TFloat8, n(10, 2), false, "1.01"},
		{"123.456", n(6, 3), n(5, 2), false, "123.46"},
		{"1234.56", n(6, 2), n(4, 2), false, "22003 Numeric data overflow (result precision)"},
		{"12", types.TInt4, n(38, 37), false, "22003 Numeric data overflow (result precision)"},
		{"12", types.TInt4, n(8, 2), false, "12.00"},
		{"1.25", n(3, 2), types.TFloat8, false, "1.25"},
		{"1e39", types.TFloat8, types.TFloat4, false, `22003 type "real" value out of range: overflow`},
		{"hello", types.TVarchar(10), types.TVarchar(3), true, "hel"},
		{"hello", types.TVarchar(10), types.TVarchar(3), false, "22001 value too long for type character varying(3)"},
		{"hel  ", types.TVarchar(10), types.TVarchar(3), false, "hel"},
		{"grün", types.TVarchar(10), types.TVarchar(3), true, "gr"},
		{" 42 ", types.TVarchar(10), types.TInt4, true, "42"},
		{" 42.5 ", types.TVarchar(10), n(5, 2), true, "42.50"},
		{"x", types.TVarchar(10), types.TInt4, true, `22P02 invalid input syntax for integer: "x"`},
		{"12345", types.TInt4, types.TVarchar(3), true, "123"},
		{"1.50", n(5, 2), types.TVarchar(10), false, "1.50"},
		{"0.1", types.TFloat8, types.TVarchar(30), false, "0.1"},
		{"1", types.TInt4, types.TBool, false, "t"},
		{"t", types.TBool, types.TInt4, true, "1"},
		{"2008-02-03", types.TDate, types.TTimestamp, false, "2008-02-03 00:00:00"},
		{"2008-02-03 04:05", types.TTimestamp, types.TDate, false, "2008-02-03"},
		{"2008-02-03 04:05", types.TTimestamp, types.TTime, false, "04:05:00"},
		{"2008-02-03", types.TDate, types.TVarchar(20), false, "2008-02-03"},
		{"1 year 2 mons", types.TInterval, types.Type{Kind: types.IntervalYM}, false, "1 year 2 mons"},
		{"1.5", n(2, 1), types.TBool, true, "42846"},
		{"t", types.TBool, types.TVarchar(5), true, "42846"},
		{"5", types.TVarchar(5), types.TInt4, false, "42846"},
	} {
		b, ok := FindCast(c.from, c.to, c.explicit)
		if !ok {
			if c.want != "42846" {
				t.Errorf("no cast from %s to %s", c.from, c.to)
			}
			continue
		}
		got, err := apply(t, b, lit(t, c.v, c.from))
		if err != nil {
			var e *sqlstate.Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			got = string(e.Code) + " " + e.Message
		}
		if got != c.want {
			t.Errorf("%s::%s to %s: got %q, want %q", c.v, c.from, c.to, got, c.want)
		}
	}
}

func TestCommonType(t *testing.T) {
	n := types.TNumeric
	for _, c := range []struct {
		a, b types.Type
		want string
	}{
		{types.TInt2, types.TInt8, "bigint"},
		{types.TInt4, n(8, 2), "numeric(12,2)"},
		{n(12, 2), n(19, 6), "numeric(19,6)"},
		{n(30, 2), n(19, 6), "numeric(34,6)"},
		{types.TFloat4, types.TFloat4, "real"},
		{types.TInt4, types.TFloat4, "double precision"},
		{types.TVarchar(3), types.TVarchar(7), "character varying(7)"},
		{types.TChar(3), types.TVarchar(2), "character varying(3)"},
		{types.TChar(3), types.TChar(5), "character(5)"},
		{types.TUnknown, types.TDate, "date"},
		{types.TUnknown, types.TUnknown, "text"},
		{types.TDate, types.TTimestamp, "timestamp without time zone"},
	} {
		got, err := CommonType(c.a, c.b)
		if err != nil || got.String() != c.want {
			t.Errorf("%s, %s: %s %v, want %s", c.a, c.b, got, err, c.want)
		}
	}
	if _, err := CommonType(types.TInt4, types.TBool); err == nil {
		t.Error("integer and boolean match")
	}
}

func BenchmarkDecimalDiscount(b *testing.B) { // a * (1 - b) over numeric(12,2)
	sub, _ := FindOperator("-", types.TInt4, types.TNumeric(12, 2))
	mul, _ := FindOperator("*", types.TNumeric(12, 2), sub.Returns)
	one := vector.NewConst(types.Datum{Type: types.TNumeric(10, 0), Int: 1}, vector.Size)
	x, y := vector.New(types.TNumeric(12, 2), vector.Size), vector.New(types.TNumeric(12, 2), vector.Size)
	for i := range vector.Size {
		x.Int64s[i], y.Int64s[i] = int64(i*1000), int64(i%10)
	}
	t, out := vector.New(sub.Returns, vector.Size), vector.New(mul.Returns, vector.Size)
	for b.Loop() {
		if err := sub.Kernel(nil, vector.Size, []*vector.Vector{one, y}, t); err != nil {
			b.Fatal(err)
		}
		if err := mul.Kernel(nil, vector.Size, []*vector.Vector{x, t}, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.Size, "ns/row")
}

func BenchmarkDecimalCharge(b *testing.B) { // what BenchmarkDecimalDiscount gives, times a numeric(13,2)
	mul, err := FindOperator("*", types.TNumeric(25, 4), types.TNumeric(13, 2))
	if err != nil {
		b.Fatal(err)
	}
	x, y, out := vector.New(types.TNumeric(25, 4), vector.Size), vector.New(types.TNumeric(13, 2), vector.Size), vector.New(mul.Returns, vector.Size)
	for i := range vector.Size {
		x.Wides[i], y.Int64s[i] = types.FromInt64(int64(i*1000000)), int64(100+i%9)
	}
	for b.Loop() {
		if err := mul.Kernel(nil, vector.Size, []*vector.Vector{x, y}, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.Size, "ns/row")
}

// TestTenDivisor compares with the division of the processor.
func TestTenDivisor(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for k := range 18 {
		d, p := newTenDivisor(k), types.Pow10Int64(k)
		check := func(v int64) {
			want := new(big.Int).Quo(big.NewInt(v), big.NewInt(p))
			rest := new(big.Int).Rem(big.NewInt(v), big.NewInt(p))
			if rest.Abs(rest).Cmp(big.NewInt((p+1)/2)) >= 0 && k > 0 {
				want.Add(want, big.NewInt(v>>63|1))
			}
			if got := d.round(v); got != want.Int64() {
				t.Fatalf("%d / 10^%d is %d, want %s", v, k, got, want)
			}
		}
		for _, v := range []int64{0, 1, 4, 5, 6, p/2 - 1, p / 2, p, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1} {
			check(v)
			check(-v)
		}
		for range 20000 {
			v := int64(rng.Uint64()) >> rng.Intn(63)
			check(v)
			check(v / p * p)       // a whole number
			check(v/p*p + p/2)     // and its half
			check(v/p*p + p/2 - 1) // and just below
			check(v/p*p - p/2)     // and on the other side
		}
	}
}
