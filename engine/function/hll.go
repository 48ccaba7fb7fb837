package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/sketch"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// hllSketch is the parameter of functions of sketches.
var hllSketch = Param{Type: types.THLLSketch}

// sketchFunctions is the chapter of HLLSKETCH.
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-functions.html
var sketchFunctions = []Scalar{
	{Name: "hll_cardinality", Args: sig(hllSketch), Returns: always(types.TInt8), Kernel: map1(sketch.Cardinality), Doc: "r_HLL_CARDINALITY"},
	{Name: "hll_combine_sketches", Args: sig(hllSketch, hllSketch), Returns: always(types.THLLSketch), Kernel: build(combineTwo), Doc: "r_HLL_COMBINE_SKETCHES"},
}

// combineTwo is HLL_COMBINE_SKETCHES.
func combineTwo(dst []byte, r *row) ([]byte, error) {
	return sketch.Combine(dst, r.text(0), r.text(1)), nil
}

// findSketch chooses HLL and HLL_CREATE_SKETCH of anything but HLLSKETCH, GEOMETRY, GEOGRAPHY and VARBYTE. NULLs are passed over; no values make an empty
// sketch, whose cardinality is 0.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_function.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_CREATE_SKETCH.html
func findSketch(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t := valueArg(args[0])
	if t.IsOpaque() || t.Kind == types.Varbyte {
		return nil, nil
	}
	b := &BoundAggregate{
		Params: []types.Type{t}, Returns: types.THLLSketch, Partial: []types.Type{types.THLLSketch},
		Empty: &types.Datum{Type: types.THLLSketch, Text: sketch.Empty}, GroupsOnly: true,
	}
	counts := name == "hll"
	if counts {
		b.Returns, b.Empty = types.TInt8, &types.Datum{Type: types.TInt8}
	}
	b.New = func() State { return &valuesState{entryOf: entryOf(t), sketches: sketches{counts: counts}} }
	return b, nil
}

// ApproximateCount is the name of the aggregate of APPROXIMATE COUNT (DISTINCT expression).
const ApproximateCount = "approximate count"

// FindApproximateCount is HLL for COUNT's arguments; nil = HLL does not take them, and the distinct values are counted.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COUNT.html
func FindApproximateCount(args []Arg) *BoundAggregate {
	b, _ := findSketch("hll", args)
	if b != nil {
		b.Name = ApproximateCount
	}
	return b
}

// CountsValues says whether an aggregate counts distinct values, or makes a sketch that does.
func CountsValues(name string) bool {
	return name == "count" || name == ApproximateCount || name == "hll" || name == "hll_create_sketch"
}

// findCombine chooses HLL_COMBINE. NULLs are passed over; no sketches give NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_COMBINE.html
func findCombine(_ string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 || args[0].Type.Kind != types.HLLSketch && args[0].Type.Kind != types.Unknown {
		return nil, nil
	}
	one := []types.Type{types.THLLSketch}
	return &BoundAggregate{Params: one, Returns: types.THLLSketch, Partial: one, GroupsOnly: true, New: func() State { return &combineState{} }}, nil
}

// sketches are a sketch a group, in their partial form as parts of it.
type sketches struct {
	counts bool // HLL: the result is the cardinality
	of     []sketch.Sketch
	held   int64 // bytes of tables and registers
}

// Resize makes room for groups.
func (s *sketches) Resize(n int) { s.of = growTo(s.of, n) }

// Partial writes the sketches.
func (s *sketches) Partial(lo, hi int, out []*vector.Vector) {
	s.write(lo, hi, out[0], (*sketch.Sketch).AppendPart)
}

// Final writes the sketches, or how many values they have taken in.
func (s *sketches) Final(lo, hi int, out *vector.Vector) error {
	if !s.counts {
		s.write(lo, hi, out, (*sketch.Sketch).Append)
		return nil
	}
	out.Type = types.TInt8
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		out.Int64s[g-lo] = s.of[g].Cardinality()
	}
	return nil
}

// write fills out with the sketches of groups, as form writes them.
func (s *sketches) write(lo, hi int, out *vector.Vector, form func(s *sketch.Sketch, dst []byte) []byte) {
	out.Type = types.THLLSketch
	out.Reset(hi - lo)
	var buf []byte
	for g := lo; g < hi; g++ {
		buf = form(&s.of[g], buf[:0])
		out.Texts[g-lo] = string(buf)
	}
}

// merge takes sketches in, and says which groups had one to met, if that is not nil.
func (s *sketches) merge(groups []uint32, n int, v *vector.Vector, met []bool) {
	for i := range n {
		if v.Null(i) {
			continue
		}
		g, at, k := groupAt(groups, i), v, i
		if v.Form != vector.Flat {
			at, k = v.At(i)
		}
		s.held += s.of[g].Merge(at.Texts[k])
		if met != nil {
			met[g] = true
		}
	}
}

// Merge takes partial sketches in.
func (s *sketches) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	s.merge(groups, n, partial[0], nil)
	return nil
}

// Bytes is what the sketches hold.
func (s *sketches) Bytes() int64 { return s.held + 40*int64(cap(s.of)) }

// combineState is HLL_COMBINE.
type combineState struct {
	sketches
	met []bool // groups that had a sketch
}

// Resize makes room for groups.
func (s *combineState) Resize(n int) {
	s.sketches.Resize(n)
	s.met = growTo(s.met, n)
}

// Update takes sketches in. A batch may repeat one: it adds nothing.
func (s *combineState) Update(groups []uint32, n int, args []*vector.Vector) error {
	if groups == nil && args[0].Form == vector.Const {
		n = min(n, 1)
	}
	s.merge(groups, n, args[0], s.met)
	return nil
}

// Partial writes the sketches, NULL for groups that had none.
func (s *combineState) Partial(lo, hi int, out []*vector.Vector) {
	s.sketches.Partial(lo, hi, out)
	s.unmet(lo, hi, out[0])
}

// Final writes the sketches, NULL for groups that had none.
func (s *combineState) Final(lo, hi int, out *vector.Vector) error {
	err := s.sketches.Final(lo, hi, out)
	s.unmet(lo, hi, out)
	return err
}

// unmet makes NULL of groups that had no sketch.
func (s *combineState) unmet(lo, hi int, out *vector.Vector) {
	for g := lo; g < hi; g++ {
		if !s.met[g] {
			out.SetNull(g - lo)
		}
	}
}

// Merge takes partial sketches in.
func (s *combineState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	s.merge(groups, n, partial[0], s.met)
	return nil
}

// valuesState is HLL and HLL_CREATE_SKETCH. Values are hashed a batch at a time; of those that lie as codes, each code that a batch has is hashed once:
//
//	Const   one entry                  Dict, Narrow of a byte    codes -> seen -> an entry for each code seen
//	the rest: a row -> an entry        entries -> the sketches of the rows' groups
type valuesState struct {
	sketches
	entryOf func(v *vector.Vector, out []sketch.Entry)
	entries []sketch.Entry // of the batch in hand, 0 = NULL
	codes   []sketch.Entry // of the dictionary in hand
	scratch vector.Vector
}

// Update takes values in.
func (s *valuesState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := args[0]
	switch {
	case n == 0 || v.Form == vector.Dict && v.Dict.Len == 0: // all rows are NULL
		return nil
	case v.Form == vector.Const:
		s.constant(groups, n, v)
		return nil
	case v.Form == vector.Dict && v.Dict.Len <= n:
		s.coded(groups, n, v)
		return nil
	}
	v = flat(v, &s.scratch)
	s.entries = growTo(s.entries, n)
	list := s.entries[:n]
	s.entryOf(v, list)
	clearNulls(v, list)
	s.take(groups, list)
	return nil
}

// clearNulls makes the entries of NULLs 0.
func clearNulls(v *vector.Vector, list []sketch.Entry) {
	if v.Nulls == nil {
		return
	}
	for i := range list {
		if v.Null(i) {
			list[i] = 0
		}
	}
}

// take puts the entries of rows into the sketches of their groups.
func (s *valuesState) take(groups []uint32, list []sketch.Entry) {
	if groups == nil {
		s.held += s.of[0].AddAll(list)
		return
	}
	for i, e := range list {
		if e != 0 {
			s.held += s.of[groups[i]].Add(e)
		}
	}
}

// constant takes a value in that all rows have.
func (s *valuesState) constant(groups []uint32, n int, v *vector.Vector) {
	if v.Null(0) {
		return
	}
	var one [1]sketch.Entry
	s.entryOf(v, one[:])
	if groups == nil {
		s.held += s.of[0].Add(one[0])
		return
	}
	for _, g := range groups[:n] {
		s.held += s.of[g].Add(one[0])
	}
}

// coded takes values in that lie as codes of a dictionary with fewer values than there are rows.
func (s *valuesState) coded(groups []uint32, n int, v *vector.Vector) {
	s.codes = growTo(s.codes, v.Dict.Len)
	codes := s.codes[:v.Dict.Len]
	s.entryOf(v.Dict, codes)
	s.entries = growTo(s.entries, n)
	list := s.entries[:n]
	switch {
	case v.U8 != nil:
		decoded(list, codes, v.U8)
	case v.U16 != nil:
		decoded(list, codes, v.U16)
	default:
		decoded(list, codes, v.U32)
	}
	clearNulls(v, list)
	s.take(groups, list)
}

// decoded looks the entries of codes up; NULL rows have any code.
func decoded[C uint8 | uint16 | uint32](list, entries []sketch.Entry, codes []C) {
	for i, c := range codes[:len(list)] {
		list[i] = 0
		if int(c) < len(entries) {
			list[i] = entries[c]
		}
	}
}

// entryOf gives the loop that hashes values of a type as they lie in a row of Redshift: integers, dates and times little endian in their own width, texts
// without trailing blanks. Which bytes they are decides which sketches of a cluster ours can be combined with.
func entryOf(t types.Type) func(v *vector.Vector, out []sketch.Entry) {
	switch t.Lane() {
	case types.LaneBool:
		return boolEntries
	case types.LaneInt:
		return intEntries(t.RawBytes(0))
	case types.LaneWide:
		return wideEntries
	case types.LaneFloat:
		if t.Kind == types.Float4 {
			return realEntries
		}
		return doubleEntries
	}
	if t.Kind == types.Super {
		return superEntries
	}
	return textEntries
}

func boolEntries(v *vector.Vector, out []sketch.Entry) {
	both := [2]sketch.Entry{sketch.Short(0, 1), sketch.Short(1, 1)}
	for i := range out {
		out[i] = both[0]
		if v.Bools[i] {
			out[i] = both[1]
		}
	}
}

func intEntries(width int) func(v *vector.Vector, out []sketch.Entry) {
	mask := uint64(math.MaxUint64) >> (64 - 8*width)
	return func(v *vector.Vector, out []sketch.Entry) {
		for i, x := range v.Int64s[:len(out)] {
			out[i] = sketch.Short(uint64(x)&mask, width)
		}
	}
}

func wideEntries(v *vector.Vector, out []sketch.Entry) {
	for i, x := range v.Wides[:len(out)] {
		out[i] = sketch.Long(x.Lo, uint64(x.Hi))
	}
}

func realEntries(v *vector.Vector, out []sketch.Entry) {
	for i, x := range v.Floats[:len(out)] {
		out[i] = sketch.Short(uint64(math.Float32bits(float32(sole(x)))), 4)
	}
}

func doubleEntries(v *vector.Vector, out []sketch.Entry) {
	for i, x := range v.Floats[:len(out)] {
		out[i] = sketch.Short(math.Float64bits(sole(x)), 8)
	}
}

// sole makes one of the two zeros, and one of all NaNs: they are equal.
func sole(x float64) float64 {
	switch {
	case x == 0:
		return 0
	case x != x:
		return math.NaN()
	}
	return x
}

func textEntries(v *vector.Vector, out []sketch.Entry) {
	for i, x := range v.Texts[:len(out)] {
		out[i] = sketch.Text(types.TrimBlanks(x))
	}
}

// superEntries hashes the hashes by which equal SUPER values are found: they may have other bytes.
func superEntries(v *vector.Vector, out []sketch.Entry) {
	for i, x := range v.Texts[:len(out)] {
		out[i] = sketch.Short(vector.HashSuper(super.Value(x)), 8)
	}
}
