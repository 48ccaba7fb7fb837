package function

import (
	"errors"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// percentileOf computes a percentile of one group.
func percentileOf(t *testing.T, name, share string, typ types.Type, in string) string {
	t.Helper()
	st, ok := types.DecimalType(share)
	if !ok {
		t.Fatal(share)
	}
	b, err := FindAggregate(name, ofTypes(st, typ), false)
	if err != nil {
		t.Fatal(err)
	}
	vals := values(t, typ, in)
	shares := make([]types.Datum, len(vals))
	for i := range shares {
		shares[i] = lit(t, share, st)
	}
	got, err := aggregateOf(rand.New(rand.NewSource(1)), b, nil, 1, [][]types.Datum{shares, vals})
	var e *sqlstate.Error
	switch {
	case errors.As(err, &e):
		return string(e.Code) + " " + e.Message
	case got[0].Null:
		return "NULL"
	}
	return types.Format(got[0], time.UTC)
}

// TestPercentile compares sorted input with the guide's examples.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_PERCENTILE_CONT.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_PERCENTILE_DISC.html
func TestPercentile(t *testing.T) {
	const (
		qty   = "10,10,10,10,15,20,20,20,30,30,40"
		sales = "6076.00,6035.00,5881.00,2814.00,1531.00,1476.00,1177.00"
	)
	for _, c := range []struct {
		name, share string
		typ         types.Type
		in, want    string
	}{
		{"percentile_cont", "0.5", types.TInt4, qty, "20.0"},
		{"percentile_cont", "0.5", types.TInt4, "10,15,20,30", "17.5"},
		{"percentile_cont", "0.75", types.TInt4, "1,2", "1.75"},
		{"percentile_cont", "0.6", types.TNumeric(38, 2), sales, "2044.20"},
		{"percentile_disc", "0.6", types.TNumeric(38, 2), sales, "1531.00"},
		{"percentile_disc", "0.5", types.TInt4, qty, "20"},
		{"percentile_disc", "0.5", types.TInt4, "10,40", "10"},
		{"percentile_disc", "0.25", types.TInt4, "10,15,20,30", "10"},
		{"percentile_disc", "0.75", types.TInt4, "10,15,20,30", "20"},
		{"percentile_disc", "0.75", types.TInt4, "10,40", "40"},
		{"percentile_disc", "0.75", types.TInt4, "10,10,30", "30"},
		{"percentile_disc", "0.0", types.TInt4, "10,10,30", "10"},
		{"percentile_disc", "1.0", types.TInt4, "NULL,10,30", "30"},
		{"percentile_disc", "0.9", types.TVarchar(3), "a,b,c", "c"},
		{"percentile_cont", "1", types.TInt4, "1,2", "2"},
		{"percentile_cont", "0", types.TFloat8, "1,2", "1"},
		{"percentile_cont", "0.25", types.TFloat8, "1,2", "1.25"},
		{"percentile_cont", "0.25", types.TDate, "2008-01-01,2008-01-05", "2008-01-02"},
		{"percentile_cont", "0.25", types.TDate, "2008-01-05,2008-01-01", "2008-01-04"},
		{"percentile_cont", "0.5", types.TInt4, "NULL", "NULL"},
		{"percentile_cont", "0.5", types.TInt4, "", "NULL"},
		{"percentile_cont", "1.5", types.TInt4, "1", "22003 percentile value 1.5 is not between 0 and 1"},
	} {
		if got := percentileOf(t, c.name, c.share, c.typ, c.in); got != c.want {
			t.Errorf("%s(%s) of %s %s = %s, want %s", c.name, c.share, c.typ, c.in, got, c.want)
		}
	}
}

// TestListagg joins in the order of arrival, group by group, up to the limit.
// https://docs.aws.amazon.com/redshift/latest/dg/r_LISTAGG.html
func TestListagg(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	text := types.TVarchar(100)
	b, err := FindAggregate("listagg", ofTypes(text, types.TVarchar(2)), false)
	if err != nil {
		t.Fatal(err)
	}
	b.Params[1] = types.TVarcharMax
	var vals, betweens []types.Datum
	var groups []uint32
	want := make([]string, 7)
	for i := range 3000 {
		d := randomValue(rng, text, 1)
		if i%50 == 0 {
			d.Text = ""
		}
		g := uint32(rng.Intn(6)) // the last group stays empty
		vals, groups = append(vals, d), append(groups, g)
		betweens = append(betweens, types.Datum{Type: types.TVarcharMax, Text: ", "})
		if !d.Null && d.Text != "" {
			if want[g] != "" {
				want[g] += ", "
			}
			want[g] += d.Text
		}
	}
	got, err := aggregateOf(rng, b, groups, len(want), [][]types.Datum{vals, betweens})
	if err != nil {
		t.Fatal(err)
	}
	for g, w := range want {
		if got[g].Null != (w == "") || got[g].Text != w {
			t.Errorf("group %d: %q, want %q", g, got[g].Text, w)
		}
	}
	for _, c := range []struct {
		size int
		want string
	}{{65535, ""}, {65536, "ERROR: Result size exceeds LISTAGG limit (SQLSTATE XX000)"}} {
		s := b.New()
		s.Resize(1)
		v := vector.NewConst(types.Datum{Type: text, Text: strings.Repeat("x", c.size)}, 1)
		if err := s.Update(nil, 1, []*vector.Vector{v, v}); err != nil {
			t.Fatal(err)
		}
		err, got := s.Final(0, 1, vector.New(types.TVarcharMax, 1)), ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%d bytes: %q, want %q", c.size, got, c.want)
		}
	}
}
