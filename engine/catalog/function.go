package catalog

import (
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Function is a scalar function that SQL has made: a SELECT of one expression over $1, $2, ..
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
type Function struct {
	ID         uint32
	Schema     string
	Name       string
	Owner      int // number of the user
	Args       []types.Type
	Returns    types.Type
	Volatility string // "volatile", "stable", "immutable"
	Language   string // "sql"
	Body       string // a query of one item
}

// Signature is its name and the kinds of its arguments: f(integer, character varying).
func (f *Function) Signature() string { return f.Name + "(" + KindNames(f.Args) + ")" }

// KindNames lists types without their modifiers.
func KindNames(list []types.Type) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = types.Type{Kind: t.Kind}.String()
	}
	return strings.Join(out, ", ")
}

// Takes says whether the arguments are of these kinds.
func (f *Function) Takes(list []types.Type) bool {
	if len(list) != len(f.Args) {
		return false
	}
	for i := range list {
		if list[i].Kind != f.Args[i].Kind {
			return false
		}
	}
	return true
}

// Functions are those of one name in a schema: they differ in their arguments. It is an entry of the catalog (Catalog.WithEntry).
type Functions struct {
	Schema, Name string
	List         []*Function
}

// Find gives the function that takes arguments of these kinds, nil when there is none.
func (s *Functions) Find(args []types.Type) *Function {
	if s != nil {
		for _, f := range s.List {
			if f.Takes(args) {
				return f
			}
		}
	}
	return nil
}

// With gives the functions with f in the place of the one that takes the same arguments.
func (s *Functions) With(f *Function) *Functions {
	n := s.Without(f)
	n.List = append(n.List, f)
	return n
}

// Without gives the functions without the one that takes f's arguments.
func (s *Functions) Without(f *Function) *Functions {
	n := &Functions{Schema: f.Schema, Name: f.Name}
	if s != nil {
		for _, o := range s.List {
			if !o.Takes(f.Args) {
				n.List = append(n.List, o)
			}
		}
	}
	return n
}

// FunctionsKey is where the functions of a name stand.
func FunctionsKey(schema, name string) Key { return Key{keyFunctions, schema + "\x00" + name} }

// Functions finds the functions of a name in a schema, nil when there are none.
func (c *Catalog) Functions(schema, name string) *Functions {
	f, _ := c.access.get(FunctionsKey(schema, name)).(*Functions)
	return f
}

// HasFunctions says whether SQL has made any function.
func (c *Catalog) HasFunctions() bool { return c.functions > 0 }

// AllFunctions lists the functions by number.
func (c *Catalog) AllFunctions() []*Function {
	var out []*Function
	c.access.each(func(v any) {
		if s, ok := v.(*Functions); ok {
			out = append(out, s.List...)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}
