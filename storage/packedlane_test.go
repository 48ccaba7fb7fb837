package storage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// kindsOfTexts makes n texts, NULL where nil, of kinds that follow one another: words, words with other things and whole zones of one text or none among them,
// other words under which the first table of symbols is worn out, short ones, and bytes that cannot be packed.
func kindsOfTexts(r *rand.Rand, n, each, zone int) []*string {
	words := comments(r, n, 8)
	out := make([]*string, n)
	for i := range out {
		t := words[i]
		switch i / each % 5 {
		case 1:
			if i/zone%6 == 1 {
				continue
			}
			switch k := r.IntN(30); {
			case i/zone%6 == 2:
				t = "the same text for all of them, without a difference"
			case k == 0 && i/zone%6 > 3:
				continue
			case k == 1:
				t = ""
			case k == 2:
				t = strings.Repeat(t, 1+r.IntN(40))
			case k == 3:
				t += "  "
			case i/zone%60 == 5:
				t = strings.Repeat(t, 500)
			}
		case 2:
			t = fmt.Sprintf("%x %x %x", r.Uint32N(40)*7919, r.Uint32N(90)*104729, r.Uint32N(30)*1299709)
		case 3:
			t = t[:min(len(t), 6)]
		case 4:
			b := make([]byte, 40)
			for k := range b {
				b[k] = byte(r.IntN(256))
			}
			t = string(b)
		}
		out[i] = &t
	}
	return out
}

// TestPackedLane: texts that are packed when they arrive come back as they were, and their zones have the bounds that the texts have, whatever follows them.
func TestPackedLane(t *testing.T) {
	seeds(t, 12, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 9))
		def := &Definition{ID: 100000, BlockBytes: 1024, Dist: Distribution{Column: -1}, Columns: []Column{{Name: "c", Type: types.TVarchar(40000)}, {Name: "k", Type: types.TInt8}}}
		if r.IntN(3) == 0 {
			def.Sort = SortKey{Style: Compound, Columns: []int{1}}
		}
		rows := def.ZoneRows() * groupZones
		each := []int{rows / 16, rows, 2 * rows}[r.IntN(3)]
		texts := kindsOfTexts(r, 7*rows+r.IntN(rows), each, def.ZoneRows())
		w := ViewOf(NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1})).NewWriter()
		w.Count()
		packed := false
		for at := 0; at < len(texts); {
			n := min(len(texts)-at, 1+r.IntN(vector.Size))
			v, k := vector.New(def.Columns[0].Type, n), vector.New(types.TInt8, n)
			for i, x := range texts[at : at+n] {
				k.Int64s[i] = int64(at + i)
				if x == nil {
					v.SetNull(i)
					v.Texts[i] = "what lies under a NULL"
				} else {
					v.Texts[i] = *x
				}
			}
			b := &vector.Batch{Len: n, Columns: []*vector.Vector{v, k}}
			if r.IntN(2) == 0 {
				n = 1 + r.IntN(n)
				b.Sel = vector.Rows[:n]
			}
			if err := w.Append(0, b); err != nil {
				t.Fatal(err)
			}
			at += n
			packed = packed || w.parts[0].build != nil && w.parts[0].build.packed[0] != nil
		}
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		v, err := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1}).Apply(d)
		if err != nil {
			t.Fatal(err)
		}
		got := physical(t, v, 0, 2)
		if len(got) != len(texts) || !packed && each > rows { // the first group is of one kind then
			t.Fatalf("seed %d: %d rows, want %d; packed when they arrived: %v", seed, len(got), len(texts), packed)
		}
		for i, row := range got {
			if x := texts[i]; row[1].Int != int64(i) || row[0].Null != (x == nil) || x != nil && row[0].Text != *x {
				t.Fatalf("seed %d: row %d is %.60q (NULL: %v), %d", seed, i, row[0].Text, row[0].Null, row[1].Int)
			}
		}
		checkBounds(t, seed, v.Shard(0), texts)
	})
}

// checkBounds holds the bounds of column 0's zones against the texts.
func checkBounds(t *testing.T, seed uint64, s *Shard, texts []*string) {
	t.Helper()
	for z := range s.zones {
		g := s.find(z)
		lo, hi, ok := s.groups[g].columns[0].bounds(types.TVarchar(40000), z-int(s.starts[g]))
		var least, greatest *string
		for _, x := range texts[z*s.zoneRows : (z+1)*s.zoneRows] {
			if x == nil {
				continue
			}
			if least == nil || types.CompareText(*x, *least) < 0 {
				least = x
			}
			if greatest == nil || types.CompareText(*x, *greatest) > 0 {
				greatest = x
			}
		}
		if ok != (least != nil) || ok && (types.CompareText(lo.Text, *least) != 0 || types.CompareText(hi.Text, *greatest) != 0) {
			t.Fatalf("seed %d, zone %d: %.30q to %.30q (%v)", seed, z, lo.Text, hi.Text, ok)
		}
	}
}
