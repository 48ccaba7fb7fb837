package load

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/parquet-go/parquet-go"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestPrunedGroups reads a file of four row groups under conditions: those that the statistics rule out are not read, of the others all rows come.
func TestPrunedGroups(t *testing.T) {
	type row struct {
		ID   int32
		Name string
		More string
	}
	var rows []row
	for i := range 400 {
		rows = append(rows, row{int32(i), []string{"ann", "bob", "cid ", "dora"}[i/100], "x"})
	}
	data := written(t, rows, parquet.MaxRowsPerRowGroup(100))
	integer := func(v int64) types.Datum { return types.Datum{Type: types.TInt4, Int: v} }
	text := func(v string) types.Datum { return types.Datum{Type: types.TVarchar(10), Text: v} }
	for _, x := range []struct {
		name string
		list []Bound
		want int
	}{
		{"none", nil, 400},
		{"id = 150", []Bound{{0, Eq, []types.Datum{integer(150)}}}, 100},
		{"id IN (5, 399)", []Bound{{0, Eq, []types.Datum{integer(5), integer(399)}}}, 200},
		{"id < 100", []Bound{{0, Lt, []types.Datum{integer(100)}}}, 100},
		{"id <= 100", []Bound{{0, Le, []types.Datum{integer(100)}}}, 200},
		{"id > 299", []Bound{{0, Gt, []types.Datum{integer(299)}}}, 100},
		{"id >= 299", []Bound{{0, Ge, []types.Datum{integer(299)}}}, 200},
		{"id > 100 AND id < 50", []Bound{{0, Gt, []types.Datum{integer(100)}}, {0, Lt, []types.Datum{integer(50)}}}, 0},
		{"id = NULL", []Bound{{0, Eq, []types.Datum{types.NullOf(types.TInt4)}}}, 0},
		{"name = 'bob'", []Bound{{1, Eq, []types.Datum{text("bob")}}}, 100},
		{"name = 'cid', which has a blank in the file", []Bound{{1, Eq, []types.Datum{text("cid")}}}, 100},
		{"name > 'bob': texts are compared for equality alone", []Bound{{1, Gt, []types.Datum{text("bob")}}}, 400},
		{"a column that the file has not", []Bound{{2, Eq, []types.Datum{integer(1)}}}, 400},
	} {
		o := Defaults()
		o.Format, o.Rules = Parquet, &Rules{ByName: true, Most: -1, Bounds: x.list}
		columns := []Column{{Name: "id", Type: types.TInt4}, {Name: "NAME", Type: types.TVarchar(10)}, {Name: "absent", Type: types.TInt4}}
		store := FS(fstest.MapFS{"f": {Data: data}})
		files, err := Locate(context.Background(), "s3://b/", true, one(store))
		if err != nil {
			t.Fatal(err)
		}
		j, err := NewScan(context.Background(), "t", columns, o, files)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for slice := range 2 {
			r, err := j.Open(slice, 2)
			if err != nil {
				t.Fatal(err)
			}
			var b vector.Batch
			for {
				k, err := r.Next(&b)
				if err != nil {
					t.Fatal(x.name, err)
				}
				if k == 0 {
					break
				}
				n += k
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if n != x.want {
			t.Errorf("%s: %d rows were read, want %d", x.name, n, x.want)
		}
		if x.want == 0 && j.Bytes() != 0 {
			t.Errorf("%s: %d bytes were read of what was ruled out", x.name, j.Bytes())
		}
	}
}
