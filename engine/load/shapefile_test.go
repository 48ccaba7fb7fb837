package load

import (
	"context"
	"encoding/binary"
	"math"
	"testing"
	"testing/fstest"

	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// table is a dBase table of a column of four digits and these rows.
func table(rows ...string) []byte {
	b := make([]byte, 65)
	binary.LittleEndian.PutUint16(b[8:], 65)
	binary.LittleEndian.PutUint16(b[10:], 5)
	b[32], b[43], b[48], b[64] = 'n', 'N', 4, '\r'
	for _, r := range rows {
		b = append(append(b, ' '), r...)
	}
	return b
}

// shapes is a file of shapes.
func shapes(list ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, shapeMagic)
	b = append(b, make([]byte, 96)...)
	for i, s := range list {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, uint32(i+1)), uint32(len(s)/2))
		b = append(b, s...)
	}
	return b
}

// spiral is a line of n points.
func spiral(n int) []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint32(nil, 3), make([]byte, 32)...)
	b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, 1), uint32(n)), 0)
	for i := range n {
		a := float64(i) / 100
		b = le.AppendUint64(le.AppendUint64(b, math.Float64bits(a*math.Cos(a))), math.Float64bits(a*math.Sin(a)))
	}
	return b
}

func shapeJob(t testing.TB, shp, dbf []byte, s Simplify) *Job {
	t.Helper()
	o := Defaults()
	o.Format, o.MaxError, o.Simplify = Shapefile, 100000, s
	files := fstest.MapFS{"f.shp": {Data: shp}, "f.dbf": {Data: dbf}}
	j, err := NewJob(context.Background(), "s3://b/f.shp", one(FS(files)), "t", columns(types.TGeometry, types.TInt4), o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// A shape of 80,000 points is too large, until it is simplified: with the smallest tolerance that does, or with the largest that is allowed.
func TestSimplify(t *testing.T) {
	shp, dbf := shapes(spiral(3), spiral(80000)), table("   1", "   2")
	const size = 4 + 32 + 4 + 16*80000
	for _, c := range []struct {
		s       Simplify
		rows    int
		message string
	}{
		{Simplify{}, 1, "Geometry size: 1280040 is larger than maximum supported size: 1048447"},
		{Simplify{On: true, Tolerance: 0.5}, 2, ""},
		{Simplify{On: true, Auto: true, Tolerance: -1}, 2, ""},
		{Simplify{On: true, Auto: true, Tolerance: 0.25}, 2, ""},
		{Simplify{On: true, Auto: true, Tolerance: 1e-12}, 1, "Geometry size: 1280040 is larger than maximum supported size: 1048447"},
	} {
		j := shapeJob(t, shp, dbf, c.s)
		rows, err := read(t, j, 2)
		if err != nil || len(rows) != c.rows {
			t.Errorf("%+v: %d rows, %v", c.s, len(rows), err)
		}
		if e := j.Errors(); (c.message != "") != (len(e) == 1 && e[0].Reason == c.message && e[0].Line == 2) {
			t.Errorf("%+v: %+v", c.s, e)
		}
		list := j.Simplified()
		if !c.s.Auto {
			if list != nil {
				t.Errorf("%+v: %+v", c.s, list)
			}
			continue
		}
		if len(list) != 1 || list[0].Record != 1 || list[0].Initial != size || list[0].Done != (c.message == "") {
			t.Fatalf("%+v: %+v", c.s, list)
		}
		if got := list[0]; got.Done && (got.Final > spatial.MaxBytes || c.s.Tolerance < 0 && got.Final <= spatial.MaxBytes-16 || c.s.Tolerance > 0 && got.Tolerance != c.s.Tolerance) {
			t.Errorf("%+v: %+v", c.s, got)
		}
	}
}

// FuzzShapefile loads what is no shapefile: rows or errors.
func FuzzShapefile(f *testing.F) {
	f.Add(shapes(spiral(3), spiral(1), make([]byte, 4)), table("   1", "  -2", "****"))
	f.Add(shapes([]byte{1, 0, 0, 0}), table())
	f.Fuzz(func(t *testing.T, shp, dbf []byte) {
		_, _ = read(t, shapeJob(t, shp, dbf, Simplify{On: true}), 1)
	})
}
