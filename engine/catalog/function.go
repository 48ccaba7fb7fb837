package catalog

import (
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Function is what SQL has made of functions and procedures: a scalar function is a SELECT of one expression over $1, $2, .., a procedure has a Procedure.
// Both share their names: no two of a schema take the same arguments.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
type Function struct {
	ID         uint32
	Schema     string
	Name       string
	Owner      int          // number of the user
	Args       []types.Type // of a procedure those of its input arguments
	Returns    types.Type
	Volatility string // "volatile", "stable", "immutable"
	Language   string // "sql", "plpgsql", "exfunc"
	Body       string // a query of one item, or a block
	Procedure  *Procedure
	External   *External
}

// External is what a function has that is a Lambda function: its Language is exfunc, its Body the name of the Lambda function.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
type External struct {
	Call    *exfunc.Function // but for its Name, which is the function's
	IAMRole string
}

// Procedure is what a stored procedure has besides a function.
type Procedure struct {
	Args      []Argument
	NonAtomic bool
	Definer   bool // SECURITY DEFINER
	Set       []ProcedureSetting
}

// Argument is an argument of a procedure. Type is types.TText for refcursor, which no other argument has.
type Argument struct {
	Name    string // "" = it has none
	Type    types.Type
	In, Out bool
}

// ProcedureSetting is SET name TO value of a procedure; Default is TO DEFAULT.
type ProcedureSetting struct {
	Name, Value string
	Default     bool
}

// Outputs are the types of the output arguments.
func (p *Procedure) Outputs() []types.Type {
	var out []types.Type
	for i := range p.Args {
		if p.Args[i].Out {
			out = append(out, p.Args[i].Type)
		}
	}
	return out
}

// Mode is the word for the way of an argument: IN, OUT, INOUT.
func (a *Argument) Mode() string {
	switch {
	case a.In && a.Out:
		return "INOUT"
	case a.Out:
		return "OUT"
	}
	return "IN"
}

// Object is what privileges are granted on.
func (f *Function) Object() principal.Object {
	if f.Procedure != nil {
		return principal.Procedure
	}
	return principal.Function
}

// Word is what messages call it: function or procedure.
func (f *Function) Word() string {
	if f.Procedure != nil {
		return "procedure"
	}
	return "function"
}

// Sort tells external functions from others, with an article.
func (f *Function) Sort() string {
	if f.External != nil {
		return "an external function"
	}
	return "a " + f.Word()
}

// Signature is its name and the kinds of its arguments: f(integer, character varying).
func (f *Function) Signature() string { return f.Name + "(" + KindNames(f.Args) + ")" }

// KindName is a type without its modifiers.
func KindName(t types.Type) string {
	if t.Kind == types.Text {
		return "refcursor"
	}
	return types.Type{Kind: t.Kind}.String()
}

// KindNames lists types without their modifiers.
func KindNames(list []types.Type) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = KindName(t)
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

// AllFunctions lists the functions and procedures by number.
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
