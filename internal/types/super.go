package types

// superKnows is what package super knows of the bytes of a SUPER; this package cannot import it.
var superKnows struct {
	text  func(dst []byte, bytes string) []byte
	order func(a, b string) int
	of    func(text string) (string, error)
}

// TSuper is SUPER.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SUPER_type.html
var TSuper = Type{Kind: Super}

// RegisterSuper says how the bytes of a SUPER are printed (as JSON), how two of them are ordered (as ORDER BY does), and which bytes are those of a string.
// Package super calls it when it is linked in.
func RegisterSuper(text func(dst []byte, bytes string) []byte, order func(a, b string) int, of func(text string) (string, error)) {
	superKnows.text, superKnows.order, superKnows.of = text, order, of
}
