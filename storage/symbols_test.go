package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// comments makes n texts of the kind of TPC-H's comments, of random words.
func comments(r *rand.Rand, n, words int) []string {
	list := strings.Fields("furiously even deposits sleep carefully final requests haggle slyly ironic accounts nag quickly bold packages wake blithely special theodolites " +
		"boost fluffily regular instructions cajole daringly pending foxes")
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		for range r.IntN(words) + 1 {
			b.WriteString(list[r.IntN(len(list))])
			b.WriteByte(' ')
		}
		out[i] = b.String()[:b.Len()-r.IntN(3)]
	}
	return out
}

// TestSymbols: whatever the texts, those that were packed come back, all or some of a zone, and texts of words become much smaller.
func TestSymbols(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	random := func(n, size int) []string {
		out := make([]string, n)
		for i := range out {
			b := make([]byte, r.IntN(size+1))
			for j := range b {
				b[j] = byte(r.IntN(256))
			}
			out[i] = string(b)
		}
		return out
	}
	numbers := make([]string, 2048)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("Customer#%09d", i*7919)
	}
	long := comments(r, 2048, 60) // codes of more than 64 KB
	for name, c := range map[string]struct {
		texts []string
		part  float64 // of the bytes, at most
	}{
		"words": {comments(r, 2048, 6), 0.25}, "long": {long, 0.25}, "random": {random(2048, 40), 2.01}, "empty": {make([]string, 64), 0},
		"numbers": {numbers, 0.5}, "one byte": {random(2048, 1), 2}, "wide": {random(64, 60000), 2.01}, "the same bytes": {[]string{strings.Repeat("a", 65535), "", "a"}, 0.1},
	} {
		p := new(packer)
		p.use(train(c.texts))
		var codes []byte
		codes, raw := p.zone(codes, c.texts), int(bytesOf(c.texts))
		if float64(len(codes)) > c.part*float64(raw) {
			t.Errorf("%s: %d bytes of %d", name, len(codes), raw)
		}
		col := column{symbols: p.table, packed: append([]byte("before"), codes...), u32: p.ends, zones: []zoneMap{{form: packed32, base: 6, lo: int64(raw)}}}
		if len(codes) < 1<<16 {
			col.zones[0].form = packed16
			for _, e := range p.ends {
				col.u16 = append(col.u16, uint16(e))
			}
		}
		out := make([]string, len(c.texts))
		buf := col.unpack(0, len(out), nil, out, nil)
		for i := range out {
			if out[i] != c.texts[i] || col.text(0, i) != c.texts[i] {
				t.Fatalf("%s: row %d is %.40q, was %.40q", name, i, out[i], c.texts[i])
			}
		}
		sel := []uint16{}
		for i := range out {
			out[i] = "?"
			if r.IntN(3) == 0 {
				sel = append(sel, uint16(i))
			}
		}
		col.unpack(0, len(out), sel, out, buf)
		for i := range out {
			want := "?"
			if len(sel) > 0 && int(sel[0]) == i {
				want, sel = c.texts[i], sel[1:]
			}
			if out[i] != want {
				t.Fatalf("%s: selected row %d is %.40q", name, i, out[i])
			}
		}
	}
}

// TestPackAlone: a text has the same codes whatever stands around it, for ANALYZE tells texts apart by them: in a stream, in one that has separators, alone, and
// longer than a stream.
func TestPackAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	texts := comments(r, 4096, 8)
	p := new(packer)
	p.use(train(texts))
	for i := range texts {
		switch r.IntN(40) {
		case 0:
			texts[i] = strings.Repeat(texts[i], 1+r.IntN(200))
		case 1:
			at := r.IntN(len(texts[i]) + 1)
			texts[i] = texts[i][:at] + string(byte(separator)) + texts[i][at:]
		case 2:
			texts[i] = ""
		}
	}
	codes := p.zone([]byte("before"), texts)[6:]
	from := uint32(0)
	for i, e := range slices.Clone(p.ends) {
		if alone := p.zone(nil, texts[i:i+1]); string(alone) != string(codes[from:e]) {
			t.Fatalf("%.40q alone: %v, among others %v", texts[i], alone, codes[from:e])
		}
		from = e
	}
	if int(from) != len(codes) {
		t.Errorf("the last text ends at %d of %d", from, len(codes))
	}
}

// commentTable is a table of n comments on one slice, of which some are NULL.
func commentTable(t testing.TB, n int) (*Version, []string) {
	def := &Definition{ID: 100001, Columns: []Column{{Name: "id", Type: types.TInt8}, {Name: "comment", Type: types.Type{Kind: types.Varchar, Len: 400}}}, Dist: Distribution{Style: Even, Column: -1}}
	v := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1})
	texts := comments(rand.New(rand.NewPCG(1, 2)), n, 6)
	w := ViewOf(v).NewWriter()
	for from := 0; from < n; from += vector.Size {
		to := min(n, from+vector.Size)
		id := vector.Vector{Type: types.TInt8, Len: to - from}
		for i := from; i < to; i++ {
			id.Int64s = append(id.Int64s, int64(i))
		}
		if err := w.Append(0, &vector.Batch{Len: to - from, Columns: []*vector.Vector{&id, {Type: def.Columns[1].Type, Len: to - from, Texts: texts[from:to]}}}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if v, err = v.Apply(d); err != nil {
		t.Fatal(err)
	}
	return v, texts
}

// TestPackedMemory: comments take less than a third of their bytes; a scan makes those rows that pass, and takes no allocation for a row.
func TestPackedMemory(t *testing.T) {
	v, texts := commentTable(t, 100*vector.Size)
	raw := 0
	for _, x := range texts {
		raw += len(x)
	}
	if got := v.Shard(0).groups[0].columns[1].bytes * int64(len(v.Shard(0).groups)); 3*got > int64(raw) {
		t.Errorf("%d bytes for texts of %d", got, raw)
	}
	spec := &ScanSpec{Columns: []int{1}, Predicates: []Predicate{{Column: 0, Op: Eq, Value: types.Datum{Type: types.TInt8, Int: 70001}}}}
	allocs := testing.AllocsPerRun(100, func() {
		s := ViewOf(v).Scan(0, spec)
		var b vector.Batch
		if ok, err := s.Next(&b); !ok || err != nil || b.Rows() != 1 || b.Columns[0].Texts[b.Sel[0]] != texts[70001] {
			t.Fatalf("%v, %v, %d rows", ok, err, b.Rows())
		}
		s.Close()
	})
	if allocs > 20 {
		t.Errorf("%v allocations for one row", allocs)
	}
	spec = &ScanSpec{Columns: []int{1}}
	allocs = testing.AllocsPerRun(5, func() {
		s := ViewOf(v).Scan(0, spec)
		_ = s.each(func(*vector.Batch) error { return nil })
		s.Close()
	})
	if allocs > 3*100+20 {
		t.Errorf("%v allocations for 100 zones", allocs)
	}
	if st, err := Analyze(context.Background(), ViewOf(v), []int{1}); err != nil || st.Columns[1].NDistinct == 0 {
		t.Errorf("%v, %v", st, err)
	}
}

// BenchmarkPackedScan reads comments, BenchmarkPack packs them, BenchmarkTrain makes symbols: bytes are those of the texts.
func BenchmarkPackedScan(b *testing.B) {
	v, texts := commentTable(b, 100*vector.Size)
	b.SetBytes(bytesOf(texts))
	for b.Loop() {
		s := ViewOf(v).Scan(0, &ScanSpec{Columns: []int{1}})
		_ = s.each(func(*vector.Batch) error { return nil })
		s.Close()
	}
}

func BenchmarkPack(b *testing.B) {
	texts := comments(rand.New(rand.NewPCG(1, 2)), 16*vector.Size, 6)
	b.SetBytes(bytesOf(texts))
	p := new(packer)
	p.use(train(texts))
	var codes []byte
	for b.Loop() {
		codes = p.zone(codes[:0], texts)
	}
}

func BenchmarkTrain(b *testing.B) {
	texts := comments(rand.New(rand.NewPCG(1, 2)), 16*vector.Size, 6)
	for b.Loop() {
		train(texts)
	}
}

func bytesOf(texts []string) (n int64) {
	for _, t := range texts {
		n += int64(len(t))
	}
	return n
}
