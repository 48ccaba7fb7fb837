package storage

import (
	"context"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// Compression is what a sample says of the encodings of a column.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE_COMPRESSION.html
type Compression struct {
	Column      int
	Recommended encoding.Kind
	Best        encoding.Kind // that takes the fewest bytes; Recommended is AZ64 for the types that have it, unless that saves nothing
	Plain       int64         // bytes of the sample under RAW
	Now         int64         // under the encoding that the column has
	Bytes       int64         // under Recommended
	BestBytes   int64         // under Best
	Distinct    int64         // values in the sample
}

// Reduction is the part of the bytes that the recommended encoding saves, in percent.
func (c *Compression) Reduction() float64 {
	if c.Plain == 0 {
		return 0
	}
	return 100 * float64(c.Plain-c.Bytes) / float64(c.Plain)
}

// AnalyzeCompression encodes a sample of columns under every encoding that their types may have: the first rowsPerSlice rows of each slice. It gives up
// between two columns when ctx ends.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE_COMPRESSION.html
func AnalyzeCompression(ctx context.Context, v View, cols []int, rowsPerSlice int64) ([]Compression, error) {
	def := v.Definition()
	out := make([]Compression, len(cols))
	for i, c := range cols {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = Compression{Column: c, Recommended: encoding.Raw, Best: encoding.Raw}
		if err := out[i].measure(v, def, rowsPerSlice); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// measure encodes a column block by block.
func (c *Compression) measure(v View, def *Definition, rowsPerSlice int64) error {
	t := def.Columns[c.Column].Type
	var kinds []encoding.Kind
	for _, k := range encoding.Kinds() {
		if k.Legal(t) {
			kinds = append(kinds, k)
		}
	}
	bytes := make([]int64, len(kinds))
	distinct := map[types.Datum]struct{}{}
	for slice := range v.Topology().Slices() {
		lane, n := v.sample(slice, c.Column, rowsPerSlice)
		block := max(vector.Size, def.blockBytes()/max(1, t.RawBytes(int(t.Len))))
		for from := 0; from < n; from += block {
			x := vector.Vector{Type: t}
			to := min(n, from+block)
			lane.view(&x, from, to, true, make([]uint64, (to-from+63)/64))
			for i, k := range kinds {
				b, err := encoding.Encode(k, &x)
				if err != nil {
					return err
				}
				bytes[i] += b.Size()
			}
		}
		for i := range n {
			if d := lane.datum(t, i); !d.Null {
				distinct[d] = struct{}{}
			}
		}
	}
	c.Distinct = int64(len(distinct))
	for i, k := range kinds {
		if k == def.EncodingOf(c.Column) {
			c.Now = bytes[i]
		}
		if k == encoding.Raw {
			c.Plain, c.Bytes, c.BestBytes = bytes[i], bytes[i], bytes[i]
		}
	}
	for i, k := range kinds {
		if bytes[i] < c.BestBytes {
			c.Best, c.BestBytes = k, bytes[i]
		}
	}
	c.Recommended, c.Bytes = c.Best, c.BestBytes
	for i, k := range kinds {
		if k == encoding.AZ64 && bytes[i] < c.Plain {
			c.Recommended, c.Bytes = k, bytes[i]
		}
	}
	return nil
}

// sample copies the first rows of a column of a slice.
func (v View) sample(slice, column int, limit int64) (lane, int) {
	t := v.Definition().Columns[column].Type
	n := int(min(limit, v.SliceRows(slice)))
	l := newLane(t, n)
	at := 0
	s := v.Scan(slice, &ScanSpec{Columns: []int{column}})
	var b vector.Batch
	for at < n {
		ok, err := s.Next(&b)
		if !ok || err != nil {
			break
		}
		sel := b.Sel
		if k := b.Rows(); at+k > n {
			sel = firstRows(&b, n-at)
		}
		k := len(sel)
		if sel == nil {
			k = b.Len
		}
		l.put(at, b.Columns[0], sel)
		at += k
	}
	return l, at
}

// firstRows selects the first n live rows of a batch.
func firstRows(b *vector.Batch, n int) []uint16 {
	if b.Sel != nil {
		return b.Sel[:n]
	}
	out := make([]uint16, n)
	for i := range out {
		out[i] = uint16(i)
	}
	return out
}

// WithEncodings is a definition whose columns have the recommended encodings.
func (d *Definition) WithEncodings(list []Compression) *Definition {
	n := *d
	n.Columns = append([]Column(nil), d.Columns...)
	for i := range list {
		n.Columns[list[i].Column].Encoding = list[i].Recommended
	}
	return &n
}
