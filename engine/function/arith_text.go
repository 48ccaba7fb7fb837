package function

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// findConcat is ||: one side is text, the other becomes text; the result is as long as both together, at most what a varchar holds.
// https://docs.aws.amazon.com/redshift/latest/dg/r_concat_op.html
func findConcat(l, r types.Type) *Bound {
	isText := func(t types.Type) bool { return t.IsText() || t.Kind == types.Unknown }
	if l.Kind == types.Varbyte && r.Kind == types.Varbyte {
		t := l
		t.Len = min(l.Len+r.Len, types.MaxVarbyte)
		return &Bound{Params: []types.Type{l, r}, Returns: t, Kernel: concatKernel}
	}
	if !isText(l) && !isText(r) {
		return nil
	}
	side := func(t types.Type) (types.Type, bool) {
		switch {
		case t.IsText():
			return t, true
		case t.Kind == types.Unknown:
			return types.Type{Kind: types.Varchar, Len: t.Len}, true
		}
		_, ok := FindCast(t, types.TText, false)
		return types.TVarchar(int(textLen(t))), ok
	}
	a, ok1 := side(l)
	b, ok2 := side(r)
	if !ok1 || !ok2 {
		return nil
	}
	t := types.Type{Kind: types.Varchar}
	if a.Len > 0 && b.Len > 0 {
		t.Len = min(a.Len+b.Len, types.MaxText)
	}
	return &Bound{Params: []types.Type{a, b}, Returns: t, Kernel: concatKernel}
}

// joins says that + puts two texts together, as || does: one is a text, the other a text or a literal. The guide has no page that says so; AWS's own admin
// views are written with it. https://github.com/awslabs/amazon-redshift-utils
func joins(l, r types.Type) bool {
	return l.IsText() && (r.IsText() || r.Kind == types.Unknown) || l.Kind == types.Unknown && r.IsText()
}

// concatKernel joins texts; those of a batch share few allocations.
func concatKernel(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	a, b := args[0], args[1]
	ma, mb := -1, -1
	if a.Form == vector.Const {
		ma = 0
	}
	if b.Form == vector.Const {
		mb = 0
	}
	if n <= 4 {
		for i := range n {
			if !out.Null(i) {
				s, t := a.Texts[i&ma], b.Texts[i&mb]
				if len(s)+len(t) > types.MaxText {
					return tooLong(types.MaxText)
				}
				out.Texts[i] = s + t
			}
		}
		return nil
	}
	var ends [256]int
	var buf []byte
	for lo := 0; lo < n; lo += len(ends) {
		hi := min(n, lo+len(ends))
		buf = buf[:0]
		for i := lo; i < hi; i++ {
			if !out.Null(i) {
				s, t := a.Texts[i&ma], b.Texts[i&mb]
				if len(s)+len(t) > types.MaxText {
					return tooLong(types.MaxText)
				}
				buf = append(append(buf, s...), t...)
			}
			ends[i-lo] = len(buf)
		}
		text, at := string(buf), 0
		for i := lo; i < hi; i++ {
			out.Texts[i] = text[at:ends[i-lo]]
			at = ends[i-lo]
		}
	}
	return nil
}
