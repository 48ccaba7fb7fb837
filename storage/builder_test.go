package storage

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// codedSource hands out columns of texts as codes of a dictionary that grows, as a reader of files does.
type codedSource struct {
	texts []string
	code  map[string]int
}

// column makes rows of texts a Dict vector; what lies under a NULL is some code.
func (s *codedSource) column(r *rand.Rand, rows [][]types.Datum, c int) *vector.Vector {
	v := &vector.Vector{Type: rows[0][c].Type, Form: vector.Dict, Len: len(rows)}
	codes := make([]int, len(rows))
	for i, row := range rows {
		d := row[c]
		if d.Null {
			v.SetNull(i)
			codes[i] = -1
			continue
		}
		k, ok := s.code[d.Text]
		if !ok {
			k = len(s.texts)
			s.texts, s.code[d.Text] = append(s.texts, d.Text), k
		}
		codes[i] = k
	}
	n := len(s.texts)
	for i := range codes {
		if codes[i] < 0 && n > 0 {
			codes[i] = r.IntN(n)
		}
	}
	v.Dict = &vector.Vector{Type: v.Type, Len: n, Texts: s.texts[:n:n]}
	switch {
	case n <= 256 && r.IntN(4) > 0:
		v.U8 = make([]uint8, len(rows))
		for i, k := range codes {
			v.U8[i] = uint8(max(k, 0))
		}
	case n <= 65536 && r.IntN(4) > 0:
		v.U16 = make([]uint16, len(rows))
		for i, k := range codes {
			v.U16[i] = uint16(max(k, 0))
		}
	default:
		v.U32 = make([]uint32, len(rows))
		for i, k := range codes {
			v.U32[i] = uint32(max(k, 0))
		}
	}
	return v
}

// appendCoded is appendRows of batches that three readers make: texts come as codes, and now and then plain.
func appendCoded(t *testing.T, r *rand.Rand, w *Writer, rows [][]types.Datum) {
	t.Helper()
	var sources [3][]codedSource
	for i := range sources {
		sources[i] = make([]codedSource, len(waitingColumns))
		for c := range sources[i] {
			sources[i][c].code = map[string]int{}
		}
	}
	for len(rows) > 0 {
		n := min(len(rows), 1+r.IntN(vector.Size))
		b := &vector.Batch{Len: n}
		from := sources[r.IntN(len(sources))]
		for c, column := range waitingColumns {
			if column.Type.Lane() == types.LaneText && r.IntN(20) > 0 {
				b.Columns = append(b.Columns, from[c].column(r, rows[:n], c))
				continue
			}
			v := vector.New(column.Type, n)
			for i := range n {
				v.Set(i, rows[i][c])
			}
			b.Columns = append(b.Columns, v)
		}
		if r.IntN(2) == 0 { // the first of them, by a selection
			n = 1 + r.IntN(n)
			b.Sel = vector.Rows[:n]
		}
		if err := w.Append(0, b); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
}

// TestCoded: texts that come as codes of several dictionaries, with NULLs, with more texts than a byte has codes, and plain ones in between, lie in the table as
// they would had they come plain.
func TestCoded(t *testing.T) {
	seeds(t, 12, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 4))
		rows := waitingRows(r, groupZones*64*(1+r.IntN(3))+r.IntN(200), []int{0, 1, 10}[r.IntN(3)])
		first := []int{0, 1, 40, 700}[r.IntN(4)]
		def := &Definition{ID: 100000, Columns: slices.Clone(waitingColumns), BlockBytes: 1024, Dist: Distribution{Column: -1}}
		if r.IntN(2) == 0 {
			def.Sort = SortKey{Style: Compound, Columns: [][]int{{0}, {1, 0}, {9}}[r.IntN(3)]}
		}
		one := Topology{Nodes: 1, SlicesPerNode: 1}
		got := NewVersion(def, one)
		for _, run := range [][][]types.Datum{rows[:first], rows[first:]} {
			w := ViewOf(got).NewWriter()
			w.Count()
			appendCoded(t, r, w, run)
			if held := w.Held(0); held <= 0 && len(run) > 0 {
				t.Fatalf("seed %d: %d bytes are held", seed, held)
			}
			d, err := w.Close()
			if err != nil {
				t.Fatal(err)
			}
			if got, err = got.Apply(d); err != nil {
				t.Fatal(err)
			}
		}
		want := written(t, NewVersion(def, one), rows[:first], rows[first:])
		g, w := physical(t, got, 0, len(waitingColumns)), physical(t, want, 0, len(waitingColumns))
		if len(g) != len(rows) || len(w) != len(rows) {
			t.Fatalf("seed %d: %d rows, want %d, of %d", seed, len(g), len(w), len(rows))
		}
		for i := range g {
			if a, b := rowText(g[i]), rowText(w[i]); a != b {
				t.Fatalf("seed %d: row %d is %s, want %s", seed, i, a, b)
			}
		}
		sameZones(t, seed, got.Shard(0), want.Shard(0))
	})
}
