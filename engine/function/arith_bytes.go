package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// findBytes is + & | # of VARBYTE: + joins as || does, the others work bit by bit. A literal becomes VARBYTE too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VARBYTE_OPERATORS.html
func findBytes(op string, l, r types.Type) *Bound {
	if l.Kind == types.Unknown {
		l = types.Type{Kind: types.Varbyte, Len: l.Len}
	}
	if r.Kind == types.Unknown {
		r = types.Type{Kind: types.Varbyte, Len: r.Len}
	}
	switch {
	case l.Kind != r.Kind:
		return nil
	case op == "+":
		return findConcat(l, r)
	}
	t := l
	t.Len = max(l.Len, r.Len)
	return &Bound{Params: []types.Type{l, r}, Returns: t, Kernel: build(bitwiseBytes(op))}
}

// bitwiseBytes combines the bits of two values of one length. The guide does not say what comes of two lengths: ours is PostgreSQL's error of bit strings.
func bitwiseBytes(op string) func(dst []byte, r *row) ([]byte, error) {
	name := map[string]string{"&": "AND", "|": "OR", "#": "XOR"}[op]
	return func(dst []byte, r *row) ([]byte, error) {
		a, b := r.text(0), r.text(1)
		if len(a) != len(b) {
			return nil, sqlstate.LengthMismatch.Errorf("cannot %s VARBYTE values of different sizes", name)
		}
		for i := range len(a) {
			x := a[i] ^ b[i]
			switch op {
			case "&":
				x = a[i] & b[i]
			case "|":
				x = a[i] | b[i]
			}
			dst = append(dst, x)
		}
		return dst, nil
	}
}

// notBytes negates each bit.
func notBytes(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, ^s[i])
	}
	return dst
}
