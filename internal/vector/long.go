package vector

import "github.com/redshiftsim/redshiftsim/internal/types"

// Rows of a Long lie in chunks of ChunkRows. That is a few hundred kilobytes: to get and clear one takes less time than a cancelled query may go on.
const (
	ChunkBits = 15
	ChunkRows = 1 << ChunkBits
	ChunkMask = ChunkRows - 1
)

// Long is a Flat column of any number of rows, its lane in chunks: all but the last have ChunkRows rows. It grows without moving what it has.
//
//	row r   Int64s[r>>ChunkBits][r&ChunkMask]        Nulls[r>>6]>>(r&63)&1
type Long struct {
	Type  types.Type
	Len   int
	Nulls []uint64 // bit set = NULL; nil = none

	Bools  [][]bool
	Int64s [][]int64
	Wides  [][]types.Int128
	Floats [][]float64
	Texts  [][]string
}

// At is element i of a lane in chunks.
func At[T any](chunks [][]T, i int) T { return chunks[i>>ChunkBits][i&ChunkMask] }

// Null says whether row i is NULL.
func (l *Long) Null(i int) bool { return l.Nulls != nil && l.Nulls[i>>6]>>(uint(i)&63)&1 != 0 }

// Of makes l a view of v, a Flat vector of any length; it reuses l's lists of chunks.
func (l *Long) Of(v *Vector) *Long {
	l.Type, l.Len, l.Nulls = v.Type, v.Len, v.Nulls
	switch v.Type.Lane() {
	case types.LaneBool:
		l.Bools = chunked(l.Bools, v.Bools[:v.Len])
	case types.LaneInt:
		l.Int64s = chunked(l.Int64s, v.Int64s[:v.Len])
	case types.LaneWide:
		l.Wides = chunked(l.Wides, v.Wides[:v.Len])
	case types.LaneFloat:
		l.Floats = chunked(l.Floats, v.Floats[:v.Len])
	default:
		l.Texts = chunked(l.Texts, v.Texts[:v.Len])
	}
	return l
}

// chunked makes chunks of a lane.
func chunked[T any](chunks [][]T, lane []T) [][]T {
	chunks = chunks[:0]
	for ; len(lane) > ChunkRows; lane = lane[ChunkRows:] {
		chunks = append(chunks, lane[:ChunkRows])
	}
	return append(chunks, lane)
}

// View makes out rows [lo,hi), which lie in one chunk, without copying them; lo must be a multiple of 64.
func (l *Long) View(lo, hi int, out *Vector) {
	l.Part(lo, hi, out)
	if l.Nulls != nil && hi > lo {
		out.Nulls = l.Nulls[lo>>6 : (hi+63)>>6]
	}
}

// Value makes out a Const of n rows that all hold row i.
func (l *Long) Value(i, n int, out *Vector) {
	l.Part(i, i+1, out)
	out.Form, out.Len = Const, n
	if l.Null(i) {
		out.SetNull(0)
	}
}

// Get reads row i; for tests and edges, not for hot loops.
func (l *Long) Get(i int) types.Datum {
	var v Vector
	l.Value(i, 1, &v)
	return v.Get(0)
}

// Part is View without NULLs.
func (l *Long) Part(lo, hi int, out *Vector) {
	*out = Vector{Type: l.Type, Len: hi - lo}
	if lo == hi {
		return
	}
	k := lo >> ChunkBits
	lo, hi = lo&ChunkMask, hi-k*ChunkRows
	switch l.Type.Lane() {
	case types.LaneBool:
		out.Bools = l.Bools[k][lo:hi:hi]
	case types.LaneInt:
		out.Int64s = l.Int64s[k][lo:hi:hi]
	case types.LaneWide:
		out.Wides = l.Wides[k][lo:hi:hi]
	case types.LaneFloat:
		out.Floats = l.Floats[k][lo:hi:hi]
	default:
		out.Texts = l.Texts[k][lo:hi:hi]
	}
}

// Chunk makes out the rows of chunk k.
func (l *Long) Chunk(k int, out *Vector) {
	lo := k * ChunkRows
	l.View(lo, min(lo+ChunkRows, l.Len), out)
}

// Chunks is the number of chunks.
func (l *Long) Chunks() int { return (l.Len + ChunkMask) >> ChunkBits }

// ChunksOf gives columns of one length as Flat vectors, by chunk.
func ChunksOf(columns []*Long) [][]*Vector {
	if len(columns) == 0 {
		return nil
	}
	chunks := make([][]*Vector, columns[0].Chunks())
	for k := range chunks {
		chunks[k] = make([]*Vector, len(columns))
		for i, c := range columns {
			chunks[k][i] = &Vector{}
			c.Chunk(k, chunks[k][i])
		}
	}
	return chunks
}
