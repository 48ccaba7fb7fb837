package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// numberFormat is a parsed format of a number:
//
//	'$S9,990.99'    "$" | S | 9 , 9 9 0 . 9 9      pre 4, post 2, zeros from the fourth digit on
type numberFormat struct {
	nodes  []numberNode
	pre    int  // digits before the decimal point
	post   int  // behind it
	shift  int  // digits behind V: the number is multiplied by so many tens
	zero   int  // the digit, from 0, from which on zeros lead; pre = none
	fill   bool // FM: no padding
	signed bool // one of S, SG, MI, PR shows the sign, so no place before the digits is kept for it
	lead   bool // S before the digits: the sign stands directly before the first
	roman  string
	point  bool
}

// numberNode is one element: a digit ('9' or '0'), a sign, a separator, a text.
type numberNode struct {
	kind string
	text string
}

// numberFields are the elements, each before those that begin it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_formating.html
var numberFields = []string{"EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", "0", "9", ".", ",", "D", "G", "L", "S", "V"}

// parseNumberFormat cuts a format into elements.
func parseNumberFormat(s string) (*numberFormat, error) {
	f := &numberFormat{zero: -1}
	shifted := false
	for s != "" {
		if s[0] == '"' {
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				end = len(s) - 1
			}
			f.nodes = append(f.nodes, numberNode{"", s[1 : 1+end]})
			s = s[min(end+2, len(s)):]
			continue
		}
		kind := ""
		for _, k := range numberFields {
			if strings.HasPrefix(s, k) || strings.HasPrefix(s, strings.ToLower(k)) {
				kind = k
				break
			}
		}
		if kind == "" {
			f.nodes = append(f.nodes, numberNode{"", s[:1]})
			s = s[1:]
			continue
		}
		text := s[:len(kind)]
		s = s[len(kind):]
		switch kind {
		case "FM":
			f.fill = true
			continue
		case "SP":
			continue
		case "EEEE":
			return nil, sqlstate.FeatureNotSupported.Errorf("format pattern \"EEEE\" is not supported")
		case "RN":
			f.roman = text
		case "D":
			kind = "."
		case "G":
			kind = ","
		}
		switch kind {
		case "0", "9":
			switch {
			case f.point:
				f.post++
			default:
				if kind == "0" && f.zero < 0 {
					f.zero = f.pre
				}
				f.pre++
				if shifted {
					f.shift++
				}
			}
		case ".":
			if f.point {
				return nil, sqlstate.Syntax.Errorf("multiple decimal points")
			}
			f.point = true
		case "V":
			shifted = true
		case "S":
			f.signed = true
			f.lead = f.pre == 0 && !f.point
		case "SG", "MI", "PR":
			f.signed = true
		}
		f.nodes = append(f.nodes, numberNode{kind, text})
	}
	if f.zero < 0 {
		f.zero = f.pre
	}
	return f, nil
}

// parts are the digits of an unscaled value before and behind the point: signs # when there are more than the format has places for, as there are for a
// zero before the point in a format like .9.
func (f *numberFormat) parts(v types.Int128, scale int) (whole, frac string, neg bool) {
	neg = v.Sign() < 0
	rounded, ok := types.Rescale(v, scale, f.post+f.shift)
	if ok {
		neg = rounded.Sign() < 0
		digits := strings.TrimPrefix(string(types.AppendDecimal(nil, rounded, 0)), "-")
		for len(digits) <= f.post {
			digits = "0" + digits
		}
		whole, frac = digits[:len(digits)-f.post], digits[len(digits)-f.post:]
	}
	if f.roman == "" && (!ok || len(whole) > f.pre) {
		return strings.Repeat("#", f.pre), strings.Repeat("#", f.post), neg
	}
	return whole, frac, neg
}

// append writes an unscaled value of a scale.
func (f *numberFormat) append(dst []byte, v types.Int128, scale int) []byte {
	whole, frac, neg := f.parts(v, scale)
	if f.roman != "" {
		return f.appendRoman(dst, whole, neg)
	}
	keep := f.post
	if f.fill && !strings.HasPrefix(frac, "#") { // zeros at the end go, as far as they stand for a 9
		last := f.lastZero()
		for keep > last && frac[keep-1] == '0' {
			keep--
		}
	}
	if whole == "0" && f.post > 0 && f.point && (keep > 0 || !f.fill) { // .10: the zero before the point is shown only by a 0, or in 0.
		whole = ""
	}
	start := min(f.pre-len(whole), f.zero) // the first digit that is written
	w := numberWriter{f: f, dst: dst, neg: neg, start: start}
	k, p, behind := 0, 0, false
	for i := range f.nodes {
		n := &f.nodes[i]
		switch n.kind {
		case "0", "9":
			switch {
			case behind:
				if p < keep {
					w.dst = append(w.dst, frac[p])
				}
				p++
			case k < start:
				w.blank()
				k++
			default:
				w.sign()
				c := byte('0')
				if at := k - (f.pre - len(whole)); at >= 0 {
					c = whole[at]
				}
				w.dst = append(w.dst, c)
				k++
			}
		case ".":
			w.sign()
			if f.post > 0 || f.pre == 0 || whole != "" && whole[0] == '#' { // 9. shows no point
				w.dst = append(w.dst, '.')
			}
			behind = true
		case ",":
			if k > start || w.signDone && k > 0 {
				w.dst = append(w.dst, ',')
			} else {
				w.blank()
			}
		case "TH":
			if !neg && !f.point && !strings.HasPrefix(whole, "#") {
				o := ordinal(lastTwo(whole))
				if n.text == "th" {
					o = strings.ToLower(o)
				}
				w.dst = append(w.dst, o...)
			}
		default:
			w.other(n)
		}
	}
	w.sign()
	return w.dst
}

// lastZero is the number of decimals up to the last 0 of the format.
func (f *numberFormat) lastZero() int {
	k, last, behind := 0, 0, false
	for _, n := range f.nodes {
		switch n.kind {
		case ".":
			behind = true
		case "0", "9":
			if behind {
				if k++; n.kind == "0" {
					last = k
				}
			}
		}
	}
	return last
}

// lastTwo are the last two digits of a number.
func lastTwo(s string) int64 {
	v := int64(0)
	for _, c := range []byte(s[max(0, len(s)-2):]) {
		v = v*10 + int64(c-'0')
	}
	return v
}

// numberWriter writes one number.
type numberWriter struct {
	f        *numberFormat
	dst      []byte
	neg      bool
	start    int
	signDone bool
}

// blank is the place of a digit that the number has not.
func (w *numberWriter) blank() {
	if !w.f.fill {
		w.dst = append(w.dst, ' ')
	}
}

// sign writes what stands directly before the first digit: the sign of a leading S, the bracket of PR, or the place of the sign.
func (w *numberWriter) sign() {
	if w.signDone {
		return
	}
	w.signDone = true
	switch {
	case w.f.lead:
		w.plusMinus()
	case w.f.brackets() && w.neg:
		w.dst = append(w.dst, '<')
	case w.f.brackets():
		w.blank()
	case w.f.signed:
	case w.neg:
		w.dst = append(w.dst, '-')
	default:
		w.blank()
	}
}

// brackets says whether the format has PR.
func (f *numberFormat) brackets() bool {
	for _, n := range f.nodes {
		if n.kind == "PR" {
			return true
		}
	}
	return false
}

func (w *numberWriter) plusMinus() {
	if w.neg {
		w.dst = append(w.dst, '-')
	} else {
		w.dst = append(w.dst, '+')
	}
}

// other writes an element that is no digit.
func (w *numberWriter) other(n *numberNode) {
	switch n.kind {
	case "":
		w.dst = append(w.dst, n.text...)
	case "L":
		w.dst = append(w.dst, '$')
	case "S":
		if !w.f.lead {
			w.plusMinus()
		}
	case "SG":
		w.plusMinus()
	case "MI":
		if w.neg {
			w.dst = append(w.dst, '-')
		} else {
			w.blank()
		}
	case "PL":
		if !w.neg {
			w.dst = append(w.dst, '+')
		} else {
			w.blank()
		}
	case "PR":
		w.sign()
		if w.neg {
			w.dst = append(w.dst, '>')
		} else {
			w.blank()
		}
	}
}

// romans are the numerals from the largest down.
var romans = [13]struct {
	value int
	text  string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

// appendRoman writes a number from 1 to 3999 in Roman numerals, 15 characters wide.
func (f *numberFormat) appendRoman(dst []byte, whole string, neg bool) []byte {
	v := 0
	for _, c := range []byte(whole) {
		v = min(v*10+int(c-'0'), 1<<20)
	}
	if neg || v < 1 || v > 3999 {
		return append(dst, "###############"...)
	}
	var b strings.Builder
	for _, r := range romans {
		for ; v >= r.value; v -= r.value {
			b.WriteString(r.text)
		}
	}
	s := cased(b.String(), f.roman)
	for k := len(s); k < 15 && !f.fill; k++ {
		dst = append(dst, ' ')
	}
	return append(dst, s...)
}

// read gives the number that a text holds, as plain digits: those that the format has places for, in order. Separators and currency are passed over,
// a minus or an angle bracket makes it negative.
func (f *numberFormat) read(s string) (string, error) {
	var b strings.Builder
	neg, behind := false, false
	pre, post := 0, 0
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			if behind && post < f.post {
				b.WriteByte(c)
				post++
			} else if !behind && pre < f.pre {
				b.WriteByte(c)
				pre++
			}
		case c == '.' && !behind:
			b.WriteByte('.')
			behind = true
		case c == '-' || c == '<':
			neg = true
		}
	}
	if pre+post == 0 {
		return "", sqlstate.InvalidText.Errorf("invalid input syntax for type numeric: \"%s\"", s)
	}
	if neg {
		return "-" + b.String(), nil
	}
	return b.String(), nil
}
