package expr

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TestAmongTexts: lists of few short texts, of many and of long ones find the same texts as a search one by one, trailing blanks aside.
func TestAmongTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func(most int) string {
		b := make([]byte, r.IntN(most+1))
		for i := range b {
			b[i] = "ab\x00\xff "[r.IntN(5)]
		}
		return string(b) + strings.Repeat(" ", r.IntN(3))
	}
	words := 0
	for range 500 {
		most := []int{2, shortText, shortText + 2}[r.IntN(3)]
		var l listSet
		for range 1 + r.IntN(fewTexts+4) {
			l.texts = append(l.texts, types.TrimBlanks(text(most)))
		}
		slices.Sort(l.texts)
		if l.words = shortWords(l.texts); l.words != nil {
			words++
		}
		texts := make([]string, 200)
		for i := range texts {
			texts[i] = text(most + 1)
		}
		out := make([]bool, len(texts))
		l.amongTexts(texts, out)
		for i, x := range texts {
			if want := slices.Contains(l.texts, types.TrimBlanks(x)); out[i] != want {
				t.Fatalf("%q in %q is %v", x, l.texts, out[i])
			}
		}
	}
	if words < 100 || words > 450 {
		t.Errorf("%d of 500 lists were words", words)
	}
}
