package function

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sketch"
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// sampleTexts are arguments that functions of texts disagree about: empty, blanks, several bytes a character, numbers, dates, JSON, hexadecimal.
var sampleTexts = []string{
	"", " ", "a", "Abc", "français 東京", "  x  ", "12", "-3.50", "2008-02-29", "2008-02-29 12:30:59.5", "{\"a\":[1,{\"b\":2}]}", "[1,2,3]", "6162", "a,b,c", "month", "%b_",
	"UTC", "US/Pacific", "YYYY-MM-DD", "9,999.99", "utf8", "hex", "case_sensitive", "\\w+",
}

// sampleJSON are SUPER values.
var sampleJSON = []string{
	"true", "-12", "3.50", "1.5e2", "\"a \"", "\"é\"", "[]", "[1,1.0,null,\"a\",[2,[3]]]", "[true,{\"B\":1,\"a\":2}]", "{}", "{\"A\":1,\"b\":[{\"C\":null}]}", "{\"x\":1,\"X\":2}",
}

// sampleValue makes a value of a type.
func sampleValue(rnd *rand.Rand, t types.Type) types.Datum {
	d := types.Datum{Type: t}
	if rnd.Intn(8) == 0 {
		return types.NullOf(t)
	}
	small := int64(rnd.Intn(41) - 20)
	switch t.Kind {
	case types.Bool:
		d.Bool = rnd.Intn(2) == 0
	case types.Date:
		d.Int = int64(rnd.Intn(20000) - 5000)
	case types.Time:
		d.Int = rnd.Int63n(types.MicrosPerDay)
	case types.TimeTZ:
		d.Wide = types.Int128{Hi: int64(rnd.Intn(24)-12) * 3600, Lo: uint64(rnd.Int63n(types.MicrosPerDay))}
	case types.Timestamp, types.TimestampTZ:
		d.Int = rnd.Int63n(1e15)
	case types.Interval:
		d.Wide = types.MakeInterval(small, small*types.MicrosPerHour)
	case types.Float4, types.Float8:
		d.Float = float64(rnd.Intn(2000)-1000) / 64
	case types.ACLItem:
		d.Text = [...]string{"ann=r/awsuser", "group staff=ar*/awsuser", "=r/rdsdb"}[rnd.Intn(3)]
	case types.ACLItemArray:
		d.Text = [...]string{"{}", "{ann=rw/awsuser}", `{"group staff=ar*/awsuser",=r/rdsdb}`}[rnd.Intn(3)]
	case types.TextArray, types.Int4Array:
		d.Text = [...]string{"{}", "{1}", "{1,2,NULL}", "{10,20,30}"}[rnd.Intn(4)]
	case types.Super:
		b, err := super.Parse(nil, sampleTexts[rnd.Intn(len(sampleTexts))])
		if err != nil {
			b, _ = super.Parse(nil, sampleJSON[rnd.Intn(len(sampleJSON))])
		}
		d.Text = string(b)
	case types.Geometry, types.Geography:
		s := [...]string{
			"POINT(1 2)", "POINT ZM (1 2 3 4)", "POINT EMPTY", "LINESTRING(0 0,3 4,1 1)", "LINESTRING EMPTY", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,2 1,1 1))",
			"SRID=4326;MULTIPOINT((1 2),EMPTY)", "MULTILINESTRING((0 0,1 1),(1 1,2 0))", "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1,0 0))", "LINESTRING(0 0,1 0,0 1,0 0)",
		}[rnd.Intn(10)]
		d.Text, _ = spatial.Read(s, t.Kind == types.Geography)
	case types.HLLSketch:
		var s sketch.Sketch
		for range []int{0, 1, 3, 8000}[rnd.Intn(4)] {
			s.Add(sketch.Short(uint64(rnd.Intn(10_000)), 8))
		}
		d.Text = string(s.Append(nil))
	case types.OIDVector:
		d.Text = [...]string{"", "1", "1 2 3"}[rnd.Intn(3)]
	default:
		switch t.Lane() {
		case types.LaneText:
			d.Text = sampleTexts[rnd.Intn(len(sampleTexts))]
		case types.LaneWide:
			d.Wide = types.FromInt64(small * 1001)
		default:
			d.Int = small
		}
	}
	return d
}

// typesOf are types with which a parameter is tried.
func typesOf(p *Param) []types.Type {
	all := []types.Type{
		types.TBool, types.TInt2, types.TInt4, types.TInt8, types.TNumeric(8, 2), types.TNumeric(30, 4), types.TFloat4, types.TFloat8, types.TVarchar(60),
		{Kind: types.Char, Len: 60},
		types.TDate, types.TTime, types.TTimeTZ, types.TTimestamp, types.TTimestampTZ, types.TInterval,
		{Kind: types.Varbyte, Len: 60},
		types.TRegclass,
		{Kind: types.Regprocedure},
		{Kind: types.ACLItem},
		{Kind: types.ACLItemArray},
		{Kind: types.Regtype},
		{Kind: types.Regproc},
		types.TTextArray, types.TSuper,
		{Kind: types.Int4Array},
		{Kind: types.OIDVector},
		types.TGeometry, types.TGeography, types.THLLSketch,
	}
	var out []types.Type
	for _, t := range all {
		if p.takes(t) {
			out = append(out, t)
		}
	}
	return out
}

// oneRow computes a call of one row: the reference of its batches.
func oneRow(b *Bound, env *Env, args []types.Datum) (types.Datum, error) {
	vectors := make([]*vector.Vector, len(args))
	for i, d := range args {
		if b.Strict && d.Null {
			return types.NullOf(b.Returns), nil
		}
		v := vector.New(d.Type, 1)
		if d.Null {
			v.SetNull(0)
		} else {
			v.Set(0, d)
		}
		vectors[i] = v
	}
	out := vector.New(b.Returns, 1)
	if !b.Strict {
		out.Nulls = make([]uint64, 1)
	}
	if err := b.Kernel(env, 1, vectors, out); err != nil {
		return types.Datum{}, err
	}
	return out.Get(0), nil
}

// TestRows: every function of the book, over batches with NULLs in every argument, gives row by row what it gives of each row alone; with an argument that
// is a Const, too. Rows that fail alone are left out of the batch, for one of them fails it.
func TestRows(t *testing.T) {
	rnd := rand.New(rand.NewSource(11))
	env := testEnv()
	env.Random = func() float64 { return 0.5 }
	tried := 0
	for _, c := range chapters() {
		for i := range c {
			s := &c[i]
			if len(s.Args) == 0 || s.Volatility == Volatile {
				continue
			}
			for range 4 {
				args := make([]Arg, len(s.Args)-rnd.Intn(s.Optional+1))
				fixed := rnd.Intn(len(args) + 1) // this argument is a Const; len(args) = none
				for k := range args {
					choice := typesOf(s.param(k))
					args[k].Type = choice[rnd.Intn(len(choice))]
					if d := sampleValue(rnd, args[k].Type); k == fixed || k > 0 && args[k].Type.Kind == types.Varchar && rnd.Intn(2) == 0 {
						args[k].Const = &d
					}
				}
				b, err := Find(s.Name, args)
				if err != nil {
					continue // a format, a date part or a number of places that there is not
				}
				tried++
				compareRows(t, rnd, b, env, args)
			}
		}
	}
	if tried < 350 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// compareRows computes a call by batch and by row.
func compareRows(t *testing.T, rnd *rand.Rand, b *Bound, env *Env, args []Arg) {
	t.Helper()
	const want = 200
	var rows [][]types.Datum
	var results []types.Datum
	for range 3 * want {
		row := make([]types.Datum, len(args))
		for k := range args {
			if row[k] = sampleValue(rnd, b.Params[k]); args[k].Const != nil {
				row[k] = *args[k].Const
				row[k].Type = b.Params[k]
			}
			if b.Params[k].Kind == types.Unknown {
				row[k].Type = args[k].Type
			}
		}
		r, err := oneRow(b, env, row)
		if err != nil {
			continue
		}
		if rows, results = append(rows, row), append(results, r); len(rows) == want {
			break
		}
	}
	n := len(rows)
	ran := false // some row came to the kernel
	for i := range n {
		whole := true
		for _, d := range rows[i] {
			whole = whole && !d.Null
		}
		ran = ran || whole || !b.Strict
	}
	if !ran {
		return
	}
	vectors := make([]*vector.Vector, len(args))
	out := vector.New(b.Returns, n)
	out.Nulls = make([]uint64, (n+63)/64)
	for k := range args {
		v := vector.New(rows[0][k].Type, n)
		if args[k].Const != nil {
			v = vector.NewConst(rows[0][k], n)
			if rows[0][k].Null {
				if b.Strict {
					return // decided without the kernel
				}
				v = vector.NewConst(types.NullOf(rows[0][k].Type), n)
			}
			vectors[k] = v
			continue
		}
		for i := range n {
			if rows[i][k].Null {
				v.SetNull(i)
				if b.Strict {
					out.SetNull(i)
				}
			} else {
				v.Set(i, rows[i][k])
			}
		}
		vectors[k] = v
	}
	if err := b.Kernel(env, n, vectors, out); err != nil {
		t.Errorf("%s: no row fails alone, the batch does: %v", describe(b, rows[0]), err)
		return
	}
	for i := range n {
		g, w := out.Get(i), results[i]
		if types.Format(g, time.UTC) != types.Format(w, time.UTC) || g.Null != w.Null {
			t.Errorf("%s: %s in a batch, %s alone", describe(b, rows[i]), g, w)
			return
		}
	}
}

func describe(b *Bound, row []types.Datum) string {
	s := b.Name + "("
	for i, d := range row {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%s %q", d.Type, d.String())
	}
	return s + ")"
}

// TestCastRoundTrip: what a type holds comes back from its text, and from the types that hold it whole.
func TestCastRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewSource(12))
	env := testEnv()
	through := func(d types.Datum, by types.Type) (types.Datum, error) {
		there, ok1 := FindCast(d.Type, by, true)
		back, ok2 := FindCast(by, d.Type, true)
		if !ok1 || !ok2 {
			t.Fatalf("no cast between %s and %s", d.Type, by)
		}
		m, err := oneRow(there, env, []types.Datum{d})
		if err != nil {
			return m, err
		}
		m.Type = by
		return oneRow(back, env, []types.Datum{m})
	}
	wider := map[types.Type][]types.Type{
		types.TInt2: {types.TInt4, types.TInt8, types.TNumeric(5, 0), types.TNumeric(38, 4), types.TFloat4, types.TFloat8},
		types.TInt4: {types.TInt8, types.TNumeric(10, 0), types.TNumeric(30, 6), types.TFloat8}, types.TNumeric(8, 2): {types.TNumeric(38, 10), types.TFloat8},
		types.TFloat4: {types.TFloat8}, types.TDate: {types.TTimestamp, types.TTimestampTZ}, types.TTime: {types.TTimeTZ}, types.TTimestamp: {types.TTimestampTZ},
		types.TInt8: {types.TNumeric(19, 0)}, types.TBool: {types.TInt4}, types.TTimeTZ: nil, types.TTimestampTZ: nil, types.TInterval: nil,
		types.TNumeric(30, 4): {types.TNumeric(38, 4)},
	}
	for from, by := range wider {
		list := by
		if from.Kind != types.Bool && from.Kind != types.Float4 {
			list = append(list, types.TVarcharMax)
		}
		for _, via := range list {
			for range 500 {
				d := sampleValue(rnd, from)
				got, err := through(d, via)
				if err != nil || got.Null != d.Null || types.Format(got, time.UTC) != types.Format(d, time.UTC) {
					t.Errorf("%s %s through %s is %s, %v", from, d, via, got, err)
					break
				}
			}
		}
	}
}

// BenchmarkDecimal compares multiplication and addition of numerics whose bounds fit an int64 with those of bigint.
func BenchmarkDecimal(b *testing.B) {
	for _, op := range []string{"+", "*"} {
		for _, typ := range []types.Type{types.TInt8, types.TNumeric(8, 2), types.TNumeric(38, 2)} {
			f, err := FindOperator(op, typ, typ)
			if err != nil {
				b.Fatal(err)
			}
			x, y, out := vector.New(f.Params[0], vector.Size), vector.New(f.Params[1], vector.Size), vector.New(f.Returns, vector.Size)
			for i := range vector.Size {
				x.Set(i, types.Datum{Int: int64(i * 37), Wide: types.FromInt64(int64(i * 37))})
				y.Set(i, types.Datum{Int: int64(i % 100), Wide: types.FromInt64(int64(i % 100))})
			}
			b.Run(op+" "+typ.String(), func(b *testing.B) {
				for b.Loop() {
					if err := f.Kernel(nil, vector.Size, []*vector.Vector{x, y}, out); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.Size, "ns/row")
			})
		}
	}
}

// BenchmarkFamilies measures one kernel of each family of operators: integers, floats, comparisons of texts, patterns, casts, dates.
func BenchmarkFamilies(b *testing.B) {
	const n = vector.Size
	make1 := func(t types.Type, set func(i int) types.Datum) *vector.Vector {
		v := vector.New(t, n)
		for i := range n {
			v.Set(i, set(i))
		}
		return v
	}
	ints := make1(types.TInt4, func(i int) types.Datum { return types.Datum{Int: int64(i)} })
	longs := make1(types.TInt8, func(i int) types.Datum { return types.Datum{Int: int64(i) * 977} })
	floats := make1(types.TFloat8, func(i int) types.Datum { return types.Datum{Float: float64(i) / 7} })
	texts := make1(types.TVarchar(40), func(i int) types.Datum { return types.Datum{Text: sampleTexts[i%len(sampleTexts)]} })
	days := make1(types.TDate, func(i int) types.Datum { return types.Datum{Int: int64(i)} })
	pattern := vector.NewConst(types.Datum{Type: types.TVarchar(4), Text: "%b%"}, n)
	run := func(name string, f *Bound, args ...*vector.Vector) {
		b.Run(name, func(b *testing.B) {
			out, env := vector.New(f.Returns, n), testEnv()
			for b.Loop() {
				if err := f.Kernel(env, n, args, out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
	operator := func(op string, l, r *vector.Vector) {
		f, err := FindOperator(op, l.Type, r.Type)
		if err != nil {
			b.Fatal(err)
		}
		run(op+" "+l.Type.String(), f, l, r)
	}
	operator("+", ints, ints)
	operator("*", floats, floats)
	operator("||", texts, texts)
	operator("~~", texts, pattern)
	operator("+", days, ints)
	for _, c := range [][2]*vector.Vector{{ints, texts}, {longs, floats}, {floats, texts}, {days, texts}} {
		f, ok := FindCast(c[0].Type, c[1].Type, true)
		if !ok {
			b.Fatal("no cast")
		}
		run("cast "+c[0].Type.String()+" "+c[1].Type.String(), f, c[0])
	}
}
