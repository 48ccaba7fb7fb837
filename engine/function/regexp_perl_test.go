package function

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// texts is a Flat vector of texts.
func texts(s ...string) *vector.Vector {
	v := vector.New(types.TVarcharMax, len(s))
	copy(v.Texts, s)
	return v
}

// TestPerlLimits: a search with exponential backtracking ends with an error after the time of one search, and a batch of slow searches after that of
// a batch; the next statement runs.
func TestPerlLimits(t *testing.T) {
	defer regexp2.StopTimeoutClock()
	kernel := search(3, regexpCount)
	at := vector.New(types.TInt4, 1)
	at.Int64s[0] = 1
	at.Form = vector.Const
	call := func(pattern string, rows ...string) ([]int64, error) {
		p, f := texts(pattern), texts("p")
		p.Form, f.Form = vector.Const, vector.Const
		out := vector.New(types.TInt4, len(rows))
		err := kernel(&Env{}, len(rows), []*vector.Vector{texts(rows...), p, at, f}, out)
		return out.Int64s, err
	}
	start := time.Now()
	_, err := call("(?=a)(a+)+$", strings.Repeat("a", 64)+"b")
	var e *sqlstate.Error
	if !errors.As(err, &e) || e.Code != sqlstate.ProgramLimit {
		t.Fatalf("got %v", err)
	}
	if d := time.Since(start); d > 5*perlMatchTime {
		t.Errorf("it took %v", d)
	}
	got, err := call("(?=a)(a+)+$", "aab", "aa baa")
	if err != nil || got[0] != 0 || got[1] != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestPerlOffsets compares the byte offsets of the backtracking matcher with those of Go's, over texts of characters of one to four bytes.
func TestPerlOffsets(t *testing.T) {
	defer regexp2.StopTimeoutClock()
	for _, pattern := range []string{`(a|é)+(b)?`, `\w+`, `.`, `(€|𝄞)(.)`} {
		re, err := cachedRegexp(pattern, pattern, false)
		if err != nil {
			t.Fatal(err)
		}
		slow := perlRegexp{regexp2.MustCompile(pattern, regexp2.RE2), pattern}
		for _, s := range []string{"", "aéb aé", "€x𝄞yab", "ééé𝄞𝄞bb", "plain"} {
			want, _ := goRegexp{re}.find(s, -1)
			got, err := slow.find(s, -1)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) {
				t.Fatalf("%q in %q: %v, want %v", pattern, s, got, want)
			}
			for i := range want {
				for k := range want[i] {
					if got[i][k] != want[i][k] {
						t.Errorf("%q in %q: %v, want %v", pattern, s, got, want)
					}
				}
			}
		}
	}
}
