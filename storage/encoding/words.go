package encoding

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TEXT255 and TEXT32K replace words, which blanks part, by codes of one and of two bytes. The dictionary takes words in as they come, until it has 245
// of them or 32 KB; the last two codes say
//
//	newWord   a word that is not in the dictionary follows, up to a blank; it is taken in while there is room
//	endValue  the value ends
//
// The guide gives the dictionary's size and the codes' width; the rest of the layout is ours.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Text255_encoding.html
func (s *Sizer) words(v *vector.Vector) {
	width, newWord, endValue := wordCodes(s.kind)
	if s.texts == nil {
		s.texts = map[string]int{}
	}
	for i, t := range v.Texts[:v.Len] {
		for more := t != "" && !v.Null(i); more; {
			var w string
			w, t, more = strings.Cut(t, " ")
			if code, ok := s.texts[w]; ok {
				s.out.code(0, code, width)
				continue
			}
			if roomFor(s.kind, len(s.texts), s.bytes, w) {
				s.texts[w] = len(s.texts)
				s.bytes += len(w)
			}
			s.out.code(0, newWord, width)
			s.out.text(0, w)
			s.out.code(0, ' ', 1)
		}
		s.out.code(0, endValue, width)
	}
}

// wordCodes gives the width of a code and the two that are no words.
func wordCodes(k Kind) (width, newWord, endValue int) {
	if k == Text32K {
		return 2, 1<<16 - 2, 1<<16 - 1
	}
	return 1, 1<<8 - 2, 1<<8 - 1
}

// roomFor says whether a dictionary of n words, bytes bytes in all, takes w in.
func roomFor(k Kind, n, bytes int, w string) bool {
	if k == Text255 {
		return n < text255Words
	}
	return bytes+len(w) < text32KBytes && n < 1<<16-2
}

// readWords decodes TEXT255 and TEXT32K.
func (r *reader) readWords(v *vector.Vector, k Kind) {
	width, newWord, endValue := wordCodes(k)
	var dict []string
	bytes := 0
	for i := range v.Len {
		var value strings.Builder
		for n := 0; ; n++ {
			code := r.code(width)
			if r.bad || code == endValue {
				break
			}
			if n > 0 {
				value.WriteByte(' ')
			}
			switch {
			case code == newWord:
				w := r.until(' ')
				if roomFor(k, len(dict), bytes, w) {
					dict = append(dict, w)
					bytes += len(w)
				}
				value.WriteString(w)
			case code < len(dict):
				value.WriteString(dict[code])
			default:
				r.bad = true
			}
		}
		if r.bad {
			return
		}
		v.Texts[i] = value.String()
	}
}
