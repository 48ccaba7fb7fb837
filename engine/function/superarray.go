package function

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// superArrayFunctions is the chapter of SUPER arrays. What is no array gives NULL; within arrays null is an element like others, unless a search is told
// otherwise.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#array-functions
var superArrayFunctions = []Scalar{
	{Name: "array", Args: sig(anything), Optional: 1, Variadic: true, Returns: always(types.TSuper), Bind: bindArray, Loose: true, Doc: "r_array"},
	{Name: "array_concat", Args: sig(superValue, superValue), Returns: always(types.TSuper), Kernel: superBuild(arrayConcat), Doc: "r_array_concat"},
	{Name: "array_contains", Args: sig(superValue, anything, boolean), Optional: 1, Returns: always(types.TBool), Bind: bindSearch(arraySearch(arrayContains)), Loose: true, Volatility: Stable, Doc: "array_contains"},
	{Name: "array_distinct", Args: sig(superValue), Returns: always(types.TSuper), Kernel: arraySets(arrayDistinct), Doc: "array_distinct"},
	{Name: "array_except", Args: sig(superValue, superValue, boolean), Optional: 1, Returns: always(types.TSuper), Kernel: arraySets(arrayExcept), Doc: "array_except"},
	{Name: "array_flatten", Args: sig(superValue), Returns: always(types.TSuper), Kernel: superBuild(arrayFlatten), Doc: "array_flatten"},
	{Name: "array_intersection", Args: sig(superValue, superValue, boolean), Optional: 1, Returns: always(types.TSuper), Kernel: arraySets(arrayIntersection), Doc: "array_intersection"},
	{Name: "array_position", Args: sig(superValue, anything, boolean), Optional: 1, Returns: always(types.TInt4), Bind: bindSearch(arraySearch(arrayPosition)), Loose: true, Volatility: Stable, Doc: "array_position"},
	{Name: "array_positions", Args: sig(superValue, anything, boolean), Optional: 1, Returns: always(types.TSuper), Bind: bindSearch(arrayPositions), Loose: true, Volatility: Stable, Doc: "array_positions"},
	{Name: "array_sort", Args: sig(superValue, boolean, boolean), Optional: 2, Returns: always(types.TSuper), Kernel: arraySort, Doc: "array_sort"},
	{Name: "array_union", Args: sig(superValue, superValue), Returns: always(types.TSuper), Kernel: arraySets(arrayUnion), Doc: "array_union"},
	{Name: "arrays_overlap", Args: sig(superValue, superValue), Returns: always(types.TBool), Kernel: arraysOverlap, Doc: "arrays_overlap"},
	{Name: "get_array_length", Args: sig(superValue), Returns: always(types.TInt4), Kernel: each(superLength(super.Array)), Doc: "get_array_length"},
	{Name: "split_to_array", Args: sig(text, text), Optional: 1, Returns: always(types.TSuper), Kernel: superBuild(splitToArray), Doc: "split_to_array"},
	{Name: "subarray", Args: sig(superValue, int4, int4), Optional: 1, Returns: always(types.TSuper), Kernel: superBuild(subarray), Doc: "r_subarray"},
}

// bindArray makes ARRAY.
func bindArray(b *Bound, args []Arg) error {
	b.Kernel = superBuild(func(to *super.Builder, r *row) (bool, error) {
		to.BeginArray()
		for k, a := range r.args {
			addSuper(to, b.Params[k], a, r.i)
		}
		to.EndArray()
		return true, tooDeep(r)
	})
	return checkConvertible("ARRAY", args, 0, 1)
}

// addElements adds the elements lo..hi-1 of an array.
func addElements(b *super.Builder, v super.Value, lo, hi int) {
	for i := lo; i < hi; i++ {
		e, _ := v.Index(i)
		b.Value(e)
	}
}

// arrayConcat is ARRAY_CONCAT.
func arrayConcat(b *super.Builder, r *row) (bool, error) {
	x, y := r.super(0), r.super(1)
	if x.Kind() != super.Array || y.Kind() != super.Array {
		return false, nil
	}
	b.BeginArray()
	addElements(b, x, 0, x.Len())
	addElements(b, y, 0, y.Len())
	b.EndArray()
	return true, nil
}

// arrayFlatten is ARRAY_FLATTEN: arrays of all levels give way to their elements.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#array-functions
func arrayFlatten(b *super.Builder, r *row) (bool, error) {
	v := r.super(0)
	if v.Kind() != super.Array {
		return false, nil
	}
	b.BeginArray()
	flatten(b, v)
	b.EndArray()
	return true, nil
}

func flatten(b *super.Builder, v super.Value) {
	for i := range v.Len() {
		e, _ := v.Index(i)
		if e.Kind() == super.Array {
			flatten(b, e)
		} else {
			b.Value(e)
		}
	}
}

// subarray is SUBARRAY: a part from a start, counted from 0, of a length or to the end. A start or length below 0 gives NULL.
func subarray(b *super.Builder, r *row) (bool, error) {
	v, lo := r.super(0), r.int(1)
	n := int64(v.Len())
	if v.Kind() != super.Array || lo < 0 {
		return false, nil
	}
	hi := n
	if len(r.args) > 2 {
		if r.int(2) < 0 {
			return false, nil
		}
		hi = min(lo+r.int(2), n)
	}
	b.BeginArray()
	addElements(b, v, int(min(lo, n)), int(hi))
	b.EndArray()
	return true, nil
}

// splitToArray is SPLIT_TO_ARRAY. An empty delimiter does not split.
func splitToArray(b *super.Builder, r *row) (bool, error) {
	rest, delimiter := r.text(0), ","
	if len(r.args) > 1 {
		delimiter = r.text(1)
	}
	b.BeginArray()
	for more := true; more; {
		part := rest
		if more = delimiter != ""; more {
			part, rest, more = strings.Cut(rest, delimiter)
		}
		b.String(part)
	}
	b.EndArray()
	return true, nil
}

// bindSearch makes a search for a value.
func bindSearch(set func(s *elementSearch) Kernel) func(b *Bound, args []Arg) error {
	return func(b *Bound, args []Arg) error {
		b.Kernel = func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
			return set(&elementSearch{of: b.Params[1], nulls: env.on("default_array_search_null_handling")})(env, n, args, out)
		}
		return checkConvertible("array search", args[:2], 1, 1)
	}
}

// elementSearch is what the searches of one call have in common.
type elementSearch struct {
	b     super.Builder
	of    types.Type // what the value is
	nulls bool       // default_array_search_null_handling: null is found like other values
}

// start gives the array and the value of a row; false when the answer is NULL.
func (s *elementSearch) start(r *row) (array, value super.Value, nulls, ok bool) {
	array, nulls = r.super(0), s.nulls
	if array.Kind() != super.Array {
		return "", "", false, false
	}
	if len(r.args) > 2 {
		if r.null(2) {
			return "", "", false, false
		}
		nulls = r.bool(2)
	}
	s.b.Reset(s.b.Bytes()[:0])
	addSuper(&s.b, s.of, r.args[1], r.i)
	value = super.Value(s.b.Bytes())
	return array, value, nulls, nulls || value.Kind() != super.Null
}

// next finds value from element i on. Where null does not match, -1 and false say that it is not there but might be.
func next(array, value super.Value, i int, nulls bool) (at int, sure bool) {
	sure = true
	for n := array.Len(); i < n; i++ {
		e, _ := array.Index(i)
		if super.Equal(e, value) {
			return i, true
		}
		if e.Kind() == super.Null && !nulls {
			sure = false
		}
	}
	return -1, sure
}

// arraySearch makes ARRAY_CONTAINS and ARRAY_POSITION.
// https://docs.aws.amazon.com/redshift/latest/dg/r_default_array_search_null_handling.html
func arraySearch(set func(r *row, at int)) func(s *elementSearch) Kernel {
	return func(s *elementSearch) Kernel {
		return each(func(r *row) error {
			array, value, nulls, ok := s.start(r)
			if ok {
				var at int
				if at, ok = next(array, value, 0, nulls); ok {
					set(r, at)
					return nil
				}
			}
			r.setNull()
			return nil
		})
	}
}

func arrayContains(r *row, at int) { r.out.Bools[r.i] = at >= 0 }

func arrayPosition(r *row, at int) { r.setInt(int64(at)) }

// arrayPositions is ARRAY_POSITIONS.
func arrayPositions(s *elementSearch) Kernel {
	return superBuild(func(b *super.Builder, r *row) (bool, error) {
		array, value, nulls, ok := s.start(r)
		if !ok {
			return false, nil
		}
		at, sure := next(array, value, 0, nulls)
		if !sure {
			return false, nil
		}
		b.BeginArray()
		for at >= 0 {
			b.Int(int64(at))
			at, _ = next(array, value, at+1, nulls)
		}
		b.EndArray()
		return true, nil
	})
}

// arraySort is ARRAY_SORT: in the order of ORDER BY; nulls come last when it ascends and first when it descends, unless told otherwise.
func arraySort(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	var list []super.Value
	return superBuild(func(b *super.Builder, r *row) (bool, error) {
		v := r.super(0)
		if v.Kind() != super.Array {
			return false, nil
		}
		ascending := len(r.args) < 2 || r.bool(1)
		nullsFirst := !ascending
		if len(r.args) > 2 {
			nullsFirst = r.bool(2)
		}
		list = list[:0]
		for i := range v.Len() {
			e, _ := v.Index(i)
			list = append(list, e)
		}
		slices.SortStableFunc(list, func(x, y super.Value) int {
			if nx, ny := x.Kind() == super.Null, y.Kind() == super.Null; nx != ny {
				if nx == nullsFirst {
					return -1
				}
				return 1
			}
			if ascending {
				return super.Compare(x, y)
			}
			return super.Compare(y, x)
		})
		b.BeginArray()
		for _, e := range list {
			b.Value(e)
		}
		b.EndArray()
		return true, nil
	})(env, n, args, out)
}

// valueSet counts SUPER values; equal ones are one.
type valueSet struct {
	slots  []int32 // number of a value + 1, 0 = free; a power of two, at least twice as many as values
	values []super.Value
	hashes []uint64
	counts []int
}

// reset empties the set and makes room for n values.
func (s *valueSet) reset(n int) {
	size := 8
	for size < 2*n {
		size *= 2
	}
	if cap(s.slots) < size {
		s.slots = make([]int32, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	s.values, s.hashes, s.counts = s.values[:0], s.hashes[:0], s.counts[:0]
}

// count gives the counter of a value, 0 at first; nil when it is not there and add is false.
func (s *valueSet) count(v super.Value, add bool) *int {
	h := vector.HashSuper(v)
	mask := uint64(len(s.slots) - 1)
	i := h & mask
	for ; s.slots[i] != 0; i = (i + 1) & mask {
		if at := s.slots[i] - 1; s.hashes[at] == h && super.Equal(s.values[at], v) {
			return &s.counts[at]
		}
	}
	if !add {
		return nil
	}
	s.values, s.hashes, s.counts = append(s.values, v), append(s.hashes, h), append(s.counts, 0)
	s.slots[i] = int32(len(s.values))
	return &s.counts[len(s.counts)-1]
}

// fill counts the elements of an array.
func (s *valueSet) fill(v super.Value) {
	s.reset(v.Len())
	for i := range v.Len() {
		e, _ := v.Index(i)
		*s.count(e, true)++
	}
}

// arraySets makes a function that looks at the elements of its one or two arrays as sets.
func arraySets(f func(b *super.Builder, s *valueSet, x, y super.Value, distinct bool)) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		var s valueSet
		return superBuild(func(b *super.Builder, r *row) (bool, error) {
			x, y := r.super(0), super.Value("")
			if len(args) > 1 {
				y = r.super(1)
			}
			if x.Kind() != super.Array || len(args) > 1 && y.Kind() != super.Array {
				return false, nil
			}
			b.BeginArray()
			f(b, &s, x, y, r.flag(2))
			b.EndArray()
			return true, nil
		})(env, n, args, out)
	}
}

// addNew adds the elements of an array that were not there.
func (s *valueSet) addNew(b *super.Builder, v super.Value) {
	for i := range v.Len() {
		e, _ := v.Index(i)
		if c := s.count(e, true); *c == 0 {
			*c = 1
			b.Value(e)
		}
	}
}

// arrayDistinct is ARRAY_DISTINCT: the first of equal elements stays.
func arrayDistinct(b *super.Builder, s *valueSet, x, _ super.Value, _ bool) {
	s.reset(x.Len())
	s.addNew(b, x)
}

// arrayUnion is ARRAY_UNION.
func arrayUnion(b *super.Builder, s *valueSet, x, y super.Value, _ bool) {
	s.reset(x.Len() + y.Len())
	s.addNew(b, x)
	s.addNew(b, y)
}

// arrayExcept is ARRAY_EXCEPT: each element of the second array takes one of the first away, or, distinct, all that are equal.
func arrayExcept(b *super.Builder, s *valueSet, x, y super.Value, distinct bool) {
	s.reset(x.Len() + y.Len())
	for i := range y.Len() {
		e, _ := y.Index(i)
		*s.count(e, true)++
	}
	if distinct {
		s.addNew(b, x)
		return
	}
	for i := range x.Len() {
		e, _ := x.Index(i)
		if c := s.count(e, false); c != nil && *c > 0 {
			*c--
		} else {
			b.Value(e)
		}
	}
}

// arrayIntersection is ARRAY_INTERSECTION: an element as often as both arrays have it, or, distinct, once.
func arrayIntersection(b *super.Builder, s *valueSet, x, y super.Value, distinct bool) {
	s.fill(y)
	for i := range x.Len() {
		e, _ := x.Index(i)
		if c := s.count(e, false); c != nil && *c > 0 {
			b.Value(e)
			if *c--; distinct {
				*c = 0
			}
		}
	}
}

// arraysOverlap is ARRAYS_OVERLAP.
func arraysOverlap(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	var s valueSet
	return each(func(r *row) error {
		x, y := r.super(0), r.super(1)
		if x.Kind() != super.Array || y.Kind() != super.Array {
			r.setNull()
			return nil
		}
		s.fill(x)
		found := false
		for i := 0; i < y.Len() && !found; i++ {
			e, _ := y.Index(i)
			found = s.count(e, false) != nil
		}
		r.out.Bools[r.i] = found
		return nil
	})(env, n, args, out)
}
