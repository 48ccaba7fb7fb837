package sketch

import (
	"math"
	"math/rand"
	"strings"
	"testing"
)

// ofInts is the sketch of integers of n bytes.
func ofInts(n int, list ...uint64) string {
	var s Sketch
	for _, x := range list {
		s.Add(Short(x, n))
	}
	return string(s.Append(nil))
}

// ofRange is the sketch of the integers from..to-1.
func ofRange(from, to uint64) string {
	var s Sketch
	for x := from; x < to; x++ {
		s.Add(Short(x, 8))
	}
	return string(s.Append(nil))
}

// TestGuide: sketches have the indices and values that the guide prints.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_COMBINE.html
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-functions-usage-notes.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_CREATE_SKETCH.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL-examples.html
func TestGuide(t *testing.T) {
	for _, c := range []struct{ is, want string }{
		{ofInts(4, 1, 2, 3, 4), `{"version":1,"logm":15,"sparse":{"indices":[20812342,20850007,22362299,47158030],"values":[1,2,1,1]}}`},
		{ofInts(4, 6, 5, 4, 3, 2, 1, 1), `{"version":1,"logm":15,"sparse":{"indices":[20812342,20850007,22362299,40314817,42650774,47158030],"values":[1,2,1,3,2,1]}}`},
		{ofInts(8, 1, 2, 5, 6), `{"version":1,"logm":15,"sparse":{"indices":[15099259,33107846,37891580,50065963],"values":[2,3,2,1]}}`},
		{ofInts(4, 35583), `{"version":1,"logm":15,"sparse":{"indices":[48735497],"values":[3]}}`}, // a buyer
		{Empty, `{"version":1,"logm":15,"sparse":{"indices":[],"values":[]}}`},
	} {
		if got := string(AppendText(nil, c.is)); got != c.want {
			t.Errorf("%s, not %s", got, c.want)
		}
	}
}

// TestHash: entries are those of MurmurHash3's 128 bits with our seed, as other implementations have them, for texts of every kind of length.
func TestHash(t *testing.T) {
	for _, c := range []struct {
		text  string
		index uint32
		rank  uint8
	}{
		{"", 38345657, 2},
		{"foo", 40242751, 2},
		{"12345678", 53886030, 2},
		{"123456789", 59870106, 1},
		{"fifteen bytes..", 2805801, 1},
		{"sixteen bytes...", 7572789, 1},
		{"seventeen bytes..", 47024994, 1},
		{"twenty-four bytes in all", 2499409, 2},
		{"the quick brown fox jumps over the lazy dog", 59417996, 4},
	} {
		if e := Text(c.text); e != entryOf(c.index, c.rank) {
			t.Errorf("%q: %d, %d", c.text, e.index(), e.rank())
		}
	}
	if e := Long(123456789012345, 1<<64-5); e != entryOf(61069537, 3) {
		t.Errorf("%d, %d", e.index(), e.rank())
	}
	if Text("12345678") != Short(0x3837363534333231, 8) || Text("1234") != Short(0x34333231, 4) || Text("0123456789abcdef") != Long(0x3736353433323130, 0x6665646362613938) {
		t.Error("texts and integers of the same bytes differ")
	}
}

// TestCardinality: relative errors lie in the guide's bounds: 0.01 percent while a sketch is sparse, 0.6 percent on average when it is dense.
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-overview.html
func TestCardinality(t *testing.T) {
	for _, n := range []uint64{0, 1, 2, 10, 100, 386, 1000, 3000, 6000} {
		var sum float64
		for trial := range uint64(20) {
			v := ofRange(trial<<32, trial<<32+n)
			if isDense(v) {
				t.Fatalf("%d values are dense", n)
			}
			sum += math.Abs(float64(Cardinality(v)) - float64(n))
		}
		if mean := sum / 20; mean > max(0.0001*float64(n), 0.05) {
			t.Errorf("%d values: %.3f off on average", n, mean)
		}
	}
	for _, n := range []uint64{6200, 10_000, 20_000, 40_000, 80_000, 160_000, 1_000_000} {
		var sum, squares float64
		trials := uint64(32)
		if n == 1_000_000 || testing.Short() {
			trials = 8
		}
		for trial := range trials {
			v := ofRange(trial<<32, trial<<32+n)
			if !isDense(v) {
				t.Fatalf("%d values are sparse", n)
			}
			e := float64(Cardinality(v))/float64(n) - 1
			sum += e
			squares += e * e
		}
		// The mean of the standard errors is 1.04/sqrt(32768) = 0.57 percent; of so few trials it may be half as much again.
		rms, bias := math.Sqrt(squares/float64(trials)), sum/float64(trials)
		if rms > 0.0057*1.5 || math.Abs(bias) > 0.0057*3/math.Sqrt(float64(trials)) {
			t.Errorf("%d values: rms %.4f, bias %.4f", n, rms, bias)
		}
	}
}

// TestMerge: however values are dealt and merged, the sketch is the same to the last bit; Combine, Merge and one sketch agree.
func TestMerge(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for _, n := range []int{0, 1, 5, 100, 3000, 6143, 6144, 6500, 20_000} {
		values := make([]Entry, n)
		for i := range values {
			values[i] = Short(rnd.Uint64()%uint64(2*n), 8)
		}
		var one Sketch
		one.AddAll(values)
		want := string(one.Append(nil))
		for _, parts := range []int{2, 7} {
			s := make([]Sketch, parts)
			for _, i := range rnd.Perm(n) {
				s[rnd.Intn(parts)].Add(values[i])
			}
			combined := Empty
			var merged Sketch
			for i := range s {
				v := string(s[i].Append(nil))
				combined = string(Combine(nil, combined, v))
				merged.Merge(string(s[i].AppendPart(nil)))
			}
			if got := string(merged.Append(nil)); got != want || combined != want {
				t.Errorf("%d values in %d parts are another sketch", n, parts)
			}
			if merged.Cardinality() != Cardinality(want) {
				t.Errorf("%d values: %d and %d", n, merged.Cardinality(), Cardinality(want))
			}
		}
		if len(want) > MaxSize || isDense(want) != (len(want) == MaxSize) {
			t.Errorf("%d values take %d bytes", n, len(want))
		}
		back, err := Parse(string(AppendText(nil, want)))
		if err != nil || back != want {
			t.Errorf("%d values: %v", n, err)
		}
	}
}

// TestLimit: a sketch is dense from 6,144 entries on, when it would take the room of a dense one.
func TestLimit(t *testing.T) {
	var s Sketch
	for i := range uint32(sparseLimit - 1) {
		s.Add(entryOf(i*7, 1))
	}
	if v := string(s.Append(nil)); isDense(v) || len(v) != MaxSize-entrySize {
		t.Errorf("%d bytes", len(v))
	}
	s.Add(entryOf(1, 1))
	if v := string(s.Append(nil)); !isDense(v) || len(v) != MaxSize {
		t.Errorf("%d bytes", len(v))
	}
	if MaxSize != 24580 {
		t.Errorf("the largest sketch takes %d bytes", MaxSize)
	}
}

// TestParse: what is no sketch is refused, and says why.
func TestParse(t *testing.T) {
	const ok = `{"logm":15,"sparse":{"indices":[4878,9559,14523],"values":[1,2,1]}}` // the page of the type
	v, err := Parse(" " + ok + "\n")
	if err != nil || Cardinality(v) != 3 {
		t.Errorf("%v", err)
	}
	for _, text := range []string{`{"sparse":{"values":[2,2,9],"indices":[7,3,7]},"logm":15,"version":1}`, `{"logm":15,"sparse":{"indices":[3,7],"values":[2,9]}}`} {
		if v, err := Parse(text); err != nil || v != string(appendSparse(nil, []Entry{entryOf(3, 2), entryOf(7, 9)})) {
			t.Errorf("%s: %v", text, err)
		}
	}
	zeros := strings.Repeat("A", registers)
	for _, text := range []string{zeros, `"` + zeros + `"`} {
		if v, err := Parse(text); err != nil || !isDense(v) || Cardinality(v) != 0 {
			t.Errorf("no registers: %v", err)
		}
	}
	one, _ := Parse("AB" + zeros[2:])
	if four(one, 0) != [4]uint8{0, 1, 0, 0} || Cardinality(one) != 1 {
		t.Errorf("%v", four(one, 0))
	}
	full, _ := Parse(strings.Repeat("/", registers))
	if Cardinality(full) != math.MaxInt64 {
		t.Errorf("%d", Cardinality(full))
	}
	for _, text := range []string{
		"", "{}", "[]", "abc", ok + "x", ok + ok, zeros[1:], zeros + "A", zeros[1:] + "!", zeros[1:] + "\n", zeros[1:] + "=", `{"logm":14,"sparse":{"indices":[],"values":[]}}`,
		`{"version":2,"logm":15,"sparse":{"indices":[],"values":[]}}`, `{"logm":15,"sparse":{"indices":[1],"values":[]}}`, `{"logm":15,"sparse":{"indices":[1]}}`,
		`{"logm":15,"sparse":{"indices":[67108864],"values":[1]}}`, `{"logm":15,"sparse":{"indices":[1],"values":[0]}}`, `{"logm":15,"sparse":{"indices":[1],"values":[64]}}`,
		`{"logm":15,"sparse":{"indices":[-1],"values":[1]}}`, `{"logm":15,"sparse":{"indices":[1.5],"values":[1]}}`, `{"logm":15,"dense":{}}`, `{"logm":15,"sparse":null}`,
	} {
		if v, err := Parse(text); err == nil {
			t.Errorf("%.60q is read as %d bytes", text, len(v))
		}
	}
}

// FuzzParse: every text is refused, or a sketch whose text is read as the same sketch.
func FuzzParse(f *testing.F) {
	f.Add(`{"version":1,"logm":15,"sparse":{"indices":[20812342,20850007],"values":[1,2]}}`)
	f.Add(`{"logm":15,"sparse":{"indices":[1,1,2],"values":[63,2,1]}}`)
	f.Add(strings.Repeat("AB", registers/2))
	f.Add(`"` + strings.Repeat("/", registers) + `"`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		if len(v) > MaxSize || Cardinality(v) < 0 {
			t.Errorf("%d bytes, cardinality %d", len(v), Cardinality(v))
		}
		back, err := Parse(string(AppendText(nil, v)))
		if err != nil || back != v {
			t.Errorf("%.80q: %v", text, err)
		}
		if both := string(Combine(nil, v, v)); both != v {
			t.Errorf("%.80q: a sketch with itself is another", text)
		}
	})
}
