package function

import (
	"maps"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Signature is one way to call a scalar function: types that its parameters take, and the page of the guide, "" = none.
type Signature struct {
	Args []types.Type
	Doc  string
}

// Signatures lists the scalar functions of the book by name, aliases too. Parameters that may be missing are left out.
func Signatures() map[string][]Signature {
	out := map[string][]Signature{}
	for name, rows := range book() {
		for _, s := range rows {
			g := Signature{Doc: s.Doc}
			for i := range s.Args[:len(s.Args)-s.Optional] {
				t := s.Args[i].Type
				if t.Kind == types.Unknown || t.Kind == types.Text {
					t = types.TVarchar(20)
				}
				g.Args = append(g.Args, t)
			}
			out[name] = append(out[name], g)
		}
	}
	return out
}

// AggregateNames lists the aggregates.
func AggregateNames() []string { return slices.Sorted(maps.Keys(aggregates)) }

// WindowNames lists the functions that need OVER.
func WindowNames() []string { return slices.Sorted(maps.Keys(windowFunctions)) }

// LackingNames lists the functions of Redshift that are refused by name (0A000).
func LackingNames() []string { return slices.Sorted(maps.Keys(lacking())) }
