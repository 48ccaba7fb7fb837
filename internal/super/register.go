package super

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

func init() {
	types.RegisterSuper(
		func(dst []byte, bytes string) []byte { return Value(bytes).AppendJSON(dst) },
		func(a, b string) int { return Compare(Value(a), Value(b)) },
		func(text string) (string, error) {
			if len(text) > MaxString {
				return "", sqlstate.StringTruncation.Errorf("value too long for type %s", types.TVarchar(MaxString))
			}
			return string(OfString(text)), nil
		},
	)
}
