package function

import (
	"maps"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Builtin is a function of the book as pg_proc shows it: one for each list of parameters.
type Builtin struct {
	Name       string
	Args       []types.Type
	Returns    types.Type // unknown where it depends on the arguments
	Aggregate  bool
	Strict     bool
	Volatility Volatility
}

// Builtins lists the functions of the book by name, in the order of their rows; aggregates follow.
func Builtins() []Builtin {
	var out []Builtin
	b := book()
	for _, name := range slices.Sorted(maps.Keys(b)) {
		for _, s := range b[name] {
			f := Builtin{Name: name, Strict: !s.Loose, Volatility: s.Volatility}
			for i := range s.Args {
				f.Args = append(f.Args, s.Args[i].Type)
			}
			if s.Returns != nil {
				f.Returns = s.Returns(f.Args)
			}
			out = append(out, f)
		}
	}
	for _, name := range AggregateNames() {
		out = append(out, Builtin{Name: name, Args: []types.Type{types.TUnknown}, Aggregate: true})
	}
	return out
}

// VolatilityNamed reads the word of CREATE FUNCTION.
func VolatilityNamed(word string) Volatility {
	switch word {
	case "immutable":
		return Immutable
	case "stable":
		return Stable
	}
	return Volatile
}
