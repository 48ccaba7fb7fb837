package expr

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// A list of few short texts, as codes of countries and kinds are, is a list of words: a text of up to seven bytes and its length are one.
const (
	shortText = 7
	fewTexts  = 16
)

// shortWord is a short text as a word.
func shortWord(x string) uint64 {
	w := uint64(len(x))
	for i := 0; i < len(x); i++ {
		w = w<<8 | uint64(x[i])
	}
	return w
}

// shortWords are texts as words; nil when they are many or one is long.
func shortWords(texts []string) []uint64 {
	if len(texts) > fewTexts {
		return nil
	}
	var out []uint64
	for _, x := range texts {
		if len(x) > shortText {
			return nil
		}
		out = append(out, shortWord(x))
	}
	return out
}

// amongTexts writes which texts are in the list.
func (l *listSet) amongTexts(texts []string, out []bool) {
	if l.words == nil {
		for i, x := range texts {
			_, out[i] = slices.BinarySearch(l.texts, types.TrimBlanks(x))
		}
		return
	}
	for i, x := range texts {
		x = types.TrimBlanks(x)
		if len(x) > shortText {
			out[i] = false
			continue
		}
		w, differ := shortWord(x), ^uint64(0)
		for _, y := range l.words {
			differ = min(differ, w^y)
		}
		out[i] = differ == 0
	}
}
