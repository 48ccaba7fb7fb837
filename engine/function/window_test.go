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

// frames makes the bounds of ROWS BETWEEN lo AND hi; 99 is unbounded.
func frames(n, from, to int) (lo, hi []int32) {
	for i := range n {
		a, b := i+from, i+to+1
		if from == -99 {
			a = 0
		}
		if to == 99 {
			b = n
		}
		lo, hi = append(lo, int32(max(a, 0))), append(hi, int32(min(b, n)))
	}
	return lo, hi
}

// windowOf computes a window function over one partition and prints its rows.
func windowOf(t testing.TB, name string, args [][]types.Datum, argTypes []types.Type, peers, lo, hi []int32, ignoreNulls bool) string {
	t.Helper()
	w, err := FindWindow(name, ofTypes(argTypes...))
	if err != nil {
		t.Fatal(name, err)
	}
	n := len(peers)
	var vs []*vector.Vector
	for i, a := range args {
		v := vector.New(w.Params[i], n)
		for j, d := range a {
			if w.Params[i] == types.TFloat8 && d.Type.Lane() == types.LaneInt {
				d.Float = float64(d.Int)
			}
			v.Set(j, d)
		}
		vs = append(vs, v)
	}
	out := vector.New(w.Returns, n)
	if err := w.Compute(&Env{}, n, vs, peers, lo, hi, ignoreNulls, out); err != nil {
		var e *sqlstate.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		return string(e.Code) + " " + e.Message
	}
	var s []string
	for i := range n {
		if d := out.Get(i); d.Null {
			s = append(s, "-")
		} else {
			s = append(s, types.Format(d, time.UTC))
		}
	}
	return strings.Join(s, " ")
}

// peersOf numbers runs of equal values.
func peersOf(vals []types.Datum) []int32 {
	out := make([]int32, len(vals))
	for i := range vals {
		if i > 0 {
			if out[i] = out[i-1]; !vals[i].Equal(&vals[i-1]) {
				out[i]++
			}
		}
	}
	return out
}

// TestWindow compares with the guide's examples over WINSALES and with PostgreSQL.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html
func TestWindow(t *testing.T) {
	const qty = "10,10,10,10,15,20,20,20,30,30,40" // of WINSALES, in order
	for _, c := range []struct {
		name     string
		vals     string // in the order of the window
		n        string // second argument; the only one of ntile
		from, to int
		ignore   bool
		want     string
	}{
		// r_WF_RANK, r_WF_DENSE_RANK, r_WF_ROW_NUMBER
		{"rank", qty, "", 0, 0, false, "1 1 1 1 5 6 6 6 9 9 11"},
		{"rank", "40,30,30,20,20,20,15,10,10,10,10", "", 0, 0, false, "1 2 2 4 4 4 7 8 8 8 8"},
		{"dense_rank", "40,30,30,20,20,20,15,10,10,10,10", "", 0, 0, false, "1 2 2 3 3 3 4 5 5 5 5"},
		{"row_number", "40,30,30", "", 0, 0, false, "1 2 3"},
		// r_WF_PERCENT_RANK, r_WF_CUME_DIST
		{"percent_rank", "15,20,20,20,30,30,40", "", 0, 0, false, "0 0.166666666666667 0.166666666666667 0.166666666666667 0.666666666666667 0.666666666666667 1"},
		{"percent_rank", "15", "", 0, 0, false, "0"},
		{"cume_dist", "2500,2600,2800,2900,3100", "", 0, 0, false, "0.2 0.4 0.6 0.8 1"},
		{"cume_dist", "1,1,2", "", 0, 0, false, "0.666666666666667 0.666666666666667 1"},
		// r_WF_NTILE: 17 rows in 4 parts
		{"ntile", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "4", 0, 0, false, "1 1 1 1 1 2 2 2 2 3 3 3 3 4 4 4 4"},
		{"ntile", "1,2", "5", 0, 0, false, "1 2"},
		{"ntile", "1,2", "0", 0, 0, false, "22014 argument of ntile must be greater than zero"},
		{"ntile", "1,2", "NULL", 0, 0, false, "- -"},
		// r_WF_LAG, r_WF_LEAD
		{"lag", "1,NULL,3,4", "", 0, 0, false, "- 1 - 3"},
		{"lead", "1,NULL,3,4", "", 0, 0, false, "- 3 4 -"},
		{"lag", "1,NULL,3,4", "0", 0, 0, false, "1 - 3 4"},
		{"lag", "1,NULL,3,4", "2", 0, 0, false, "- - 1 -"},
		{"lag", "1,NULL,3,4", "-1", 0, 0, false, "- 3 4 -"},
		{"lag", "1,NULL,3,4", "NULL", 0, 0, false, "- - - -"},
		{"lag", "1,2", "9223372036854775807", 0, 0, false, "- -"},
		{"lead", "1,2", "-9223372036854775808", 0, 0, false, "- -"},
		{"lag", "1,NULL,3,NULL,5", "", 0, 0, true, "- 1 1 3 3"},
		{"lag", "1,NULL,3,NULL,5", "2", 0, 0, true, "- - - 1 1"},
		{"lead", "1,NULL,3,NULL,5", "", 0, 0, true, "3 3 5 5 -"},
		{"lead", "1,NULL,3,NULL,5", "2", 0, 0, true, "5 5 - - -"},
		{"lag", "NULL,NULL", "", 0, 0, true, "- -"},
		// r_WF_first_value, r_WF_last_value, r_WF_NTH
		{"first_value", "NULL,70561,69843", "", -99, 99, false, "- - -"},
		{"first_value", "NULL,70561,69843", "", -99, 99, true, "70561 70561 70561"},
		{"first_value", "1,2,3,4", "", -1, 1, false, "1 1 2 3"},
		{"last_value", "1,2,3,4", "", -1, 1, false, "2 3 4 4"},
		{"last_value", "1,NULL,3,NULL", "", -99, 0, true, "1 1 3 3"},
		{"last_value", "1,NULL,3,NULL", "", 0, 0, true, "1 - 3 -"},
		{"first_value", "1,2,3,4", "", 2, 3, false, "3 4 - -"},
		{"nth_value", "70561,69843,63026,56000", "3", -99, 99, true, "63026 63026 63026 63026"},
		{"nth_value", "1,2,3,4", "2", -1, 1, false, "2 2 3 4"},
		{"nth_value", "1,2,3,4", "3", -1, 1, false, "- 3 4 -"},
		{"nth_value", "1,NULL,3,4", "2", -99, 99, true, "3 3 3 3"},
		{"nth_value", "1,2", "0", -99, 99, false, "22016 argument of nth_value must be greater than zero"},
		{"nth_value", "1,2", "NULL", -99, 99, false, "- -"},
		// r_WF_RATIO_TO_REPORT
		{"ratio_to_report", "20,20", "", -99, 99, false, "0.5 0.5"},
		{"ratio_to_report", "10,15,20,30", "", -99, 99, false, "0.133333333333333 0.2 0.266666666666667 0.4"},
		{"ratio_to_report", "10,NULL", "", -99, 99, false, "1 -"},
		{"ratio_to_report", "1,-1", "", -99, 99, false, "22012 division by zero"},
		{"ratio_to_report", "NULL", "", -99, 99, false, "-"},
	} {
		vals := values(t, types.TInt4, c.vals)
		lo, hi := frames(len(vals), c.from, c.to)
		var args [][]types.Datum
		var ts []types.Type
		switch c.name {
		case "rank", "dense_rank", "row_number", "percent_rank", "cume_dist", "ntile":
		default:
			args, ts = append(args, vals), append(ts, types.TInt4)
		}
		if c.n != "" {
			ns := make([]types.Datum, len(vals))
			for i := range ns {
				ns[i] = lit(t, c.n, types.TInt8)
			}
			args, ts = append(args, ns), append(ts, types.TInt8)
		}
		if got := windowOf(t, c.name, args, ts, peersOf(vals), lo, hi, c.ignore); got != c.want {
			t.Errorf("%s(%s, %q) ignore=%v: %s, want %s", c.name, c.vals, c.n, c.ignore, got, c.want)
		}
	}
}

// TestWindowLanes moves rows of every lane, over partitions longer than a batch.
func TestWindowLanes(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for _, typ := range []types.Type{types.TBool, types.TInt4, types.TNumeric(30, 2), types.TFloat8, types.TVarchar(9), types.TTimestamp} {
		vals := make([]types.Datum, 5000)
		for i := range vals {
			vals[i] = randomValue(rng, typ, 1)
		}
		w, err := FindWindow("lag", ofTypes(typ))
		if err != nil {
			t.Fatal(err)
		}
		v, out := vector.New(typ, len(vals)), vector.New(typ, len(vals))
		for i, d := range vals {
			v.Set(i, d)
		}
		if err := w.Compute(&Env{}, len(vals), []*vector.Vector{v}, nil, nil, nil, true, out); err != nil || w.Returns != typ {
			t.Fatal(err)
		}
		last := types.NullOf(typ)
		for i, d := range vals {
			if got := out.Get(i); !got.Equal(&last) {
				t.Fatalf("%s row %d: %v, want %v", typ, i, got, last)
			}
			if !d.Null {
				last = d
			}
		}
	}
}

// TestFindWindow checks results and refusals of binding.
func TestFindWindow(t *testing.T) {
	for _, c := range []struct {
		name string
		args []types.Type
		want string
	}{
		{"row_number", nil, "bigint false"},
		{"rank", nil, "bigint false"},
		{"cume_dist", nil, "double precision false"},
		{"ntile", []types.Type{types.TInt4}, "bigint false"},
		{"lag", []types.Type{types.TVarchar(30)}, "character varying(30) false"},
		{"lead", []types.Type{types.TDate, types.TInt4}, "date false"},
		{"first_value", []types.Type{types.TNumeric(8, 2)}, "numeric(8,2) true"},
		{"nth_value", []types.Type{types.TInt4, types.TInt4}, "integer true"},
		{"ratio_to_report", []types.Type{types.TNumeric(8, 2)}, "double precision false"},
		{"lag", []types.Type{types.TInt4, types.TInt4, types.TInt4}, "0A000 Default parameter not be supported for window function lag"},
		{"rank", []types.Type{types.TInt4}, "42883 function rank(integer) does not exist"},
		{"ntile", nil, "42883 function ntile() does not exist"},
		{"lag", []types.Type{types.TInt4, types.TVarchar(3)}, "42883 function lag(integer, character varying) does not exist"},
		{"ratio_to_report", []types.Type{types.TDate}, "42883 function ratio_to_report(date) does not exist"},
		{"nonesuch", nil, "42883 function nonesuch() does not exist"},
	} {
		w, err := FindWindow(c.name, ofTypes(c.args...))
		got := ""
		var e *sqlstate.Error
		if errors.As(err, &e) {
			got = string(e.Code) + " " + e.Message
		} else {
			got = w.Returns.String() + map[bool]string{true: " true", false: " false"}[w.Framed]
		}
		if got != c.want || err == nil && (w.Name != c.name || !IsWindow(c.name)) {
			t.Errorf("%s%v: %s, want %s", c.name, c.args, got, c.want)
		}
	}
}
