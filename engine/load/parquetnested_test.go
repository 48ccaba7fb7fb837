package load

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// nestedJob is a COPY with SERIALIZETOJSON of one file.
func nestedJob(t testing.TB, data []byte, cols []Column) *Job {
	j := parquetJob(t, data, "f", cols)
	j.Options.SerializeToJSON = true
	return j
}

// TestParquetScalarsInSuper holds what each type of Parquet becomes in a SUPER column.
func TestParquetScalarsInSuper(t *testing.T) {
	type row struct {
		Bool   bool
		Small  int8
		Wide   uint64
		Single float32
		Double float64
		Text   string
		Dec    int64   `parquet:",decimal(2:18)"`
		Bytes  [5]byte `parquet:",decimal(0:10)"`
		Day    int32   `parquet:",date"`
		Milli  int64   `parquet:",timestamp(millisecond)"`
		Old    deprecated.Int96
		ID     [16]byte `parquet:",uuid"`
		Maybe  *int32   `parquet:",optional"`
		JSON   string   `parquet:",json"`
	}
	// 2,451,545 is the Julian day of 2000-01-01; 10,957 days lie between 1970 and 2000.
	data := written(t, []row{{
		true, -5, 1<<64 - 1, 2.22, 1e300, "é\n", 1000,
		[5]byte{0xFF, 0xFF, 0xFF, 0xFF, 0x85},
		10958, 10957*86400000 + 1500,
		deprecated.Int96{3723000, 0, 2451545},
		[16]byte{0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00},
		nil, `{"a": [1.50]}`,
	}})
	want := strings.Split(`true|-5|18446744073709551615|2.22e+0|1e+300|"é\n"|10.00|-123|"2000-01-02"|"2000-01-01 00:00:01.5"|"2000-01-01 00:00:00.003723"|`+
		`"123e4567-e89b-12d3-a456-426614174000"|~|{"a":[1.50]}`, "|")
	cols := make([]Column, len(want))
	for i := range cols {
		cols[i] = Column{Name: fmt.Sprint("c", i), Type: types.TSuper}
	}
	got, err := read(t, nestedJob(t, data, cols), 1)
	if err != nil || len(got) != 1 || got[0] != strings.Join(want, "|") {
		t.Errorf("%v, %v\nwant %s", got, err, strings.Join(want, "|"))
	}
}

type leg struct {
	From string             `parquet:"from" json:"from"`
	Km   *float64           `parquet:"km,optional" json:"km"`
	Tags []string           `parquet:"tags,list" json:"tags"`
	Bare []int32            `parquet:"bare" json:"bare"`
	Rate map[string]float64 `parquet:"rate" json:"rate"`
}

type trip struct {
	ID    int64     `parquet:"id" json:"id"`
	Legs  []leg     `parquet:"legs,list" json:"legs"`
	Grid  [][]int64 `parquet:"grid,list" json:"grid"`
	First *leg      `parquet:"first,optional" json:"first"`
}

// TestParquetNested reads random structures, lists, lists of lists and maps, over pages and row groups, and holds them against encoding/json.
func TestParquetNested(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	legs := func() leg {
		l := leg{From: fmt.Sprint("p", r.IntN(1000)), Tags: []string{}, Bare: []int32{}, Rate: map[string]float64{}}
		if r.IntN(3) > 0 {
			km := float64(r.IntN(4000)) / 4
			l.Km = &km
		}
		for range r.IntN(3) {
			l.Tags = append(l.Tags, strings.Repeat("x", r.IntN(40)))
			l.Bare = append(l.Bare, r.Int32())
		}
		for i := range r.IntN(2) {
			l.Rate[fmt.Sprint("k", i)] = float64(r.IntN(100)) / 8
		}
		return l
	}
	var rows []trip
	for i := range 3000 {
		x := trip{ID: int64(i), Legs: []leg{}, Grid: [][]int64{}}
		for range r.IntN(4) {
			x.Legs = append(x.Legs, legs())
			inner := []int64{}
			for range r.IntN(3) {
				inner = append(inner, r.Int64N(1000)-500)
			}
			x.Grid = append(x.Grid, inner)
		}
		if r.IntN(2) == 0 {
			l := legs()
			x.First = &l
		}
		rows = append(rows, x)
	}
	data := written(t, rows, parquet.PageBufferSize(512), parquet.MaxRowsPerRowGroup(700))
	cols := []Column{{Name: "id", Type: types.TInt8}, {Name: "legs", Type: types.TSuper}, {Name: "grid", Type: types.TSuper}, {Name: "first", Type: types.TSuper}}
	for _, slices := range []int{1, 3} {
		j := nestedJob(t, data, cols)
		j.minPiece = 1
		got, err := read(t, j, slices)
		if err != nil || len(got) != len(rows) {
			t.Fatalf("%d rows, %v", len(got), err)
		}
		byID := map[string]string{}
		for _, g := range got {
			id, rest, _ := strings.Cut(g, "|")
			byID[id] = rest
		}
		for _, x := range rows {
			var want []string
			for _, v := range []any{x.Legs, x.Grid, x.First} {
				text, _ := json.Marshal(v)
				want = append(want, sameJSON(t, string(text)))
			}
			parts := strings.SplitN(byID[fmt.Sprint(x.ID)], "|", 3)
			for i := range parts {
				parts[i] = sameJSON(t, parts[i])
			}
			if strings.Join(parts, "|") != strings.Join(want, "|") {
				t.Fatalf("row %d\ngot  %s\nwant %s", x.ID, parts, want)
			}
		}
	}
}

// sameJSON writes JSON in one way, whatever its numbers' form.
func sameJSON(t testing.TB, text string) string {
	if text == "~" {
		text = "null"
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// TestLargeSuper loads a SUPER value of 9 MB, which is longer than rows of other columns may be; one of more than 16 MB is an error.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func TestLargeSuper(t *testing.T) {
	for _, f := range []Format{CSV, Delimited, JSON} {
		for size, fits := range map[int]bool{3 << 20: true, 6 << 20: false} {
			x := strings.Repeat("x", size)
			text, o := fmt.Sprintf(`["%s","%s","%s"]`, x, x, x)+"\n", Defaults()
			if o.Format = f; f == CSV {
				o.Delimiter = ","
				text = `"` + strings.ReplaceAll(strings.TrimSpace(text), `"`, `""`) + "\"\n"
			}
			o.NoShred = f == JSON
			j := jobOf(t, text, []Column{{Name: "v", Type: types.TSuper}}, o)
			got, err := read(t, j, 1)
			bad := j.Errors()
			if fits != (err == nil && len(got) == 1) || !fits && (len(bad) != 1 || bad[0].Code != 1224) {
				t.Errorf("%s, %d bytes: %d rows, %v, %d bad", f, 3*size, len(got), err, len(bad))
			}
			if fits && len(got) == 1 && len(got[0]) != 3*size+len(`["","",""]`) {
				t.Errorf("%s: %d bytes", f, len(got[0]))
			}
		}
	}
	if super.MaxSize != 16<<20 {
		t.Error("the sizes above are for a limit of 16 MB")
	}
}
