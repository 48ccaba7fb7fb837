package function

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// superCall computes a function of arrays for one row and prints it.
func superCall(t *testing.T, name string, args ...any) string {
	t.Helper()
	kinds := make([]Arg, len(args))
	in := make([]*vector.Vector, len(args))
	for i, a := range args {
		kinds[i].Type = types.TBool
		d := types.Datum{Type: types.TBool}
		switch a := a.(type) {
		case super.Value:
			kinds[i].Type, d = types.TSuper, types.Datum{Type: types.TSuper, Text: string(a)}
		case bool:
			d.Bool = a
		}
		in[i] = vector.NewConst(d, 1)
	}
	b, err := Find(name, kinds)
	if err != nil {
		t.Fatal(err)
	}
	out := vector.New(b.Returns, 1)
	if err := b.Kernel(testEnv(), 1, in, out); err != nil {
		t.Fatal(err)
	}
	d := out.Get(0)
	return types.Format(d, nil)
}

// TestArraySets holds the functions of arrays as sets against the guide's words, spelled out over slices: multisets count, sets do not, null is an element.
// https://docs.aws.amazon.com/redshift/latest/dg/array_except.html
func TestArraySets(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	elements := []string{"1", "2", "3", `"a"`, `"b"`, "null", "true", "[1]", `{"k":1}`}
	array := func(list []string) super.Value {
		b, err := super.Parse(nil, "["+strings.Join(list, ",")+"]")
		if err != nil {
			t.Fatal(err)
		}
		return super.Value(b)
	}
	count := func(list []string, x string) (n int) {
		for _, y := range list {
			if x == y {
				n++
			}
		}
		return n
	}
	distinct := func(list []string) (out []string) {
		for _, x := range list {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
		return out
	}
	for range 3000 {
		lists := [2][]string{}
		for i := range lists {
			for range r.IntN(12) {
				lists[i] = append(lists[i], elements[r.IntN(len(elements))])
			}
		}
		a, b := lists[0], lists[1]
		var except, exceptSet, both, bothSet []string
		for _, x := range distinct(a) {
			na, nb := count(a, x), count(b, x)
			for range max(na-nb, 0) {
				except = append(except, x)
			}
			for range min(na, nb) {
				both = append(both, x)
			}
			if nb == 0 {
				exceptSet = append(exceptSet, x)
			} else {
				bothSet = append(bothSet, x)
			}
		}
		va, vb := array(a), array(b)
		for _, c := range []struct {
			got  string
			want []string
		}{
			{superCall(t, "array_distinct", va), distinct(a)},
			{superCall(t, "array_union", va, vb), distinct(append(slices.Clone(a), b...))},
			{superCall(t, "array_except", va, vb), except},
			{superCall(t, "array_except", va, vb, true), exceptSet},
			{superCall(t, "array_intersection", va, vb, false), both},
			{superCall(t, "array_intersection", va, vb, true), bothSet},
		} {
			if got, want := sortedArray(t, c.got), sortedArray(t, "["+strings.Join(c.want, ",")+"]"); got != want {
				t.Fatalf("of %s and %s: %s, want %s", va.JSON(), vb.JSON(), got, want)
			}
		}
		if got := superCall(t, "arrays_overlap", va, vb); got != fmt.Sprint(len(bothSet) > 0)[:1] {
			t.Fatalf("%s and %s overlap: %s", va.JSON(), vb.JSON(), got)
		}
	}
}

// sortedArray brings the elements of an array into an order.
func sortedArray(t *testing.T, text string) string {
	b, err := super.Parse(nil, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var list []string
	for i := range super.Value(b).Len() {
		e, _ := super.Value(b).Index(i)
		list = append(list, e.JSON())
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
