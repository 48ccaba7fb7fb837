package function

import (
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Scalar is a row of a chapter: one function for one list of parameter types. Overloads are rows; of rows that fit a call equally well the first
// one is taken.
//
//	{Name: "lower", Args: sig(text), Returns: same(0), Kernel: build1(lower), Doc: "r_LOWER"}
type Scalar struct {
	Name     string
	Aliases  []string
	Column   string // the default column name; "" = the name by which it was called
	Args     []Param
	Optional int  // how many of the last parameters may be missing
	Variadic bool // the last parameter may be repeated
	Returns  func(params []types.Type) types.Type
	Kernel   Kernel
	// Bind completes calls whose types or kernel depend on the arguments. It gets what the other fields say and changes it.
	Bind       func(b *Bound, args []Arg) error
	Loose      bool // NULL arguments reach the kernel
	Place      Place
	Volatility Volatility
	Doc        string // the page of the developer guide
	Grammar    string // how it is called, when it has a grammar of its own
}

// Param is what a parameter takes.
type Param struct {
	Type types.Type                    // what arguments of other types become
	As   func(k types.Type) bool       // the types that are taken as they are; nil = those of Type's kind
	Like func(t types.Type) types.Type // the type that another type becomes, modifiers with it; nil = Type
}

// The parameters of which the chapters' tables are made.
var (
	text = Param{Type: types.TText, As: types.Type.IsText, Like: func(t types.Type) types.Type {
		if t.Kind == types.Unknown {
			return types.Type{Kind: types.Varchar, Len: t.Len}
		}
		return types.Type{Kind: types.Varchar, Len: textLen(t)}
	}}
	number   = Param{Type: types.TFloat8, As: types.Type.IsNumber}
	anything = Param{As: func(t types.Type) bool { return t.Kind != types.Unknown }, Like: func(t types.Type) types.Type {
		return types.TVarchar(max(int(t.Len), 1))
	}}
	interval    = Param{Type: types.TInterval}
	boolean     = Param{Type: types.TBool}
	int4        = Param{Type: types.TInt4, As: func(t types.Type) bool { return t.Kind == types.Int2 || t.Kind == types.Int4 }}
	int8        = Param{Type: types.TInt8, As: types.Type.IsInteger}
	float8      = Param{Type: types.TFloat8, As: types.Type.IsFloat}
	date        = Param{Type: types.TDate}
	clock       = Param{Type: types.TTime}
	clockTZ     = Param{Type: types.TTimeTZ}
	timestamp   = Param{Type: types.TTimestamp}
	timestampTZ = Param{Type: types.TTimestampTZ}
	varbyte     = Param{Type: types.Type{Kind: types.Varbyte}}
)

// sig writes a row's parameters.
func sig(p ...Param) []Param { return p }

// always is the result type of functions that have one.
func always(t types.Type) func([]types.Type) types.Type {
	return func([]types.Type) types.Type { return t }
}

// same is the result type of functions that return the type of an argument.
func same(i int) func([]types.Type) types.Type {
	return func(p []types.Type) types.Type { return p[i] }
}

// varcharOf is a varchar as long as an argument.
func varcharOf(i int) func([]types.Type) types.Type {
	return func(p []types.Type) types.Type { return types.Type{Kind: types.Varchar, Len: p[i].Len} }
}

// superValue takes SUPER values alone: what takes others, too, says so in its own parameter.
var superValue = Param{Type: types.TSuper}

// chapters lists the chapters once.
func chapters() [][]Scalar {
	return [][]Scalar{
		stringFunctions, mathFunctions, datetimeFunctions, clockFunctions, conditionalFunctions, systemFunctions, privilegeFunctions, arrayFunctions,
		formatFunctions, regexpFunctions, hashFunctions, varbyteFunctions, jsonFunctions, asciiFunctions, superFunctions, superArrayFunctions,
		spatialFunctions, sketchFunctions,
	}
}

// book finds the rows of a name.
var book = sync.OnceValue(func() map[string][]*Scalar {
	m := map[string][]*Scalar{}
	for _, c := range chapters() {
		for i := range c {
			s := &c[i]
			for _, n := range append([]string{s.Name}, s.Aliases...) {
				m[n] = append(m[n], s)
			}
		}
	}
	return m
})

// Find chooses the scalar function of a name for arguments: of the rows that take them, the one that needs the least conversion. A literal of
// unknown type takes the parameter's type.
func Find(name string, args []Arg) (*Bound, error) {
	rows := book()[name]
	var best *Scalar
	least := 0
	for _, s := range rows {
		if c, ok := s.cost(args); ok && (best == nil || c < least) {
			best, least = s, c
		}
	}
	if best != nil {
		return best.bind(name, args)
	}
	if b := typeFunction(name, args); b != nil {
		return b, nil
	}
	if len(rows) == 0 && lacking()[name] {
		return nil, sqlstate.FeatureNotSupported.Errorf("function %s() is not supported", name)
	}
	if len(rows) > 0 && rows[0].Column != "" {
		name = rows[0].Column
	}
	list := make([]string, len(args))
	for i, a := range args {
		if list[i] = bareName(a.Type); a.Type.Kind == types.Unknown {
			list[i] = `"unknown"`
		}
	}
	return nil, sqlstate.UndefinedFunction.Errorf("function %s(%s) does not exist", name, strings.Join(list, ", ")).
		WithHint("No function matches the given name and argument types. You may need to add explicit type casts.")
}

// param is the parameter that takes argument i.
func (s *Scalar) param(i int) *Param { return &s.Args[min(i, len(s.Args)-1)] }

// cost says whether a row takes the arguments, and how far they are from its parameters.
func (s *Scalar) cost(args []Arg) (int, bool) {
	if len(args) < len(s.Args)-s.Optional || len(args) > len(s.Args) && !s.Variadic {
		return 0, false
	}
	sum := 0
	for i := range args {
		c, ok := s.param(i).cost(args[i].Type)
		if !ok {
			return 0, false
		}
		sum += c
	}
	return sum, true
}

// Steps of conversion: a number becomes a wider one sooner than a narrower one, and text last of all.
const (
	costNear   = 1
	costFar    = 10
	costNarrow = 20
	costText   = 100
)

// cost is the distance of a type from a parameter.
func (p *Param) cost(t types.Type) (int, bool) {
	to := p.Type.Kind
	switch {
	case t.Kind == types.Unknown: // a bare literal: rather text, then the kinds that PostgreSQL prefers
		switch to {
		case types.Text, types.Unknown:
			return costNear, true
		case types.Timestamp, types.Float8:
			return 2 * costNear, true
		}
		return 3 * costNear, castWays[types.Unknown][to] != castNever
	case p.takes(t):
		if t.Kind == to || t.IsText() || to == types.Unknown {
			return 0, true
		}
		return costNear, true
	case to == types.Unknown || to == types.Super || castWays[t.Kind][to] != castImplicit:
		return 0, false
	case p.Type.IsText():
		return costText, true
	case t.IsNumber() && p.Type.IsNumber():
		if t.IsInteger() || to == types.Float8 {
			return costNear + int(to), true
		}
		return costNarrow, true
	case t.Kind == types.Date && to == types.Timestamp, t.Kind == types.Timestamp && to == types.TimestampTZ, t.Kind == types.Time && to == types.TimeTZ:
		return costNear, true
	case t.Kind == types.Date && to == types.TimestampTZ:
		return 2 * costNear, true
	case t.Kind == types.TimestampTZ && to == types.Timestamp, t.Kind == types.Timestamp && to == types.Date:
		return costFar, true
	}
	return costNarrow, true
}

// takes says whether a parameter takes a type as it is.
func (p *Param) takes(t types.Type) bool {
	if p.As != nil {
		return p.As(t)
	}
	return t.Kind == p.Type.Kind
}

// typeOf is the type to which an argument is cast.
func (p *Param) typeOf(t types.Type) types.Type {
	switch {
	case t.Kind != types.Unknown && p.takes(t):
		return t
	case p.Like != nil:
		return p.Like(t)
	}
	return p.Type
}

// bind makes the call of a row.
func (s *Scalar) bind(name string, args []Arg) (*Bound, error) {
	b := &Bound{Name: name, Params: make([]types.Type, len(args)), Kernel: s.Kernel, Strict: !s.Loose, Place: s.Place, Volatility: s.Volatility}
	if s.Column != "" {
		b.Name = s.Column
	}
	for i := range args {
		b.Params[i] = s.param(i).typeOf(args[i].Type)
	}
	if s.Returns != nil {
		b.Returns = s.Returns(b.Params)
	}
	if s.Bind != nil {
		if err := s.Bind(b, args); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// typeFunctions are the types whose names convert their argument when they are called: date('2008-01-01') is CAST('2008-01-01' AS date).
var typeFunctions = map[string]types.Type{
	"bool": types.TBool, "int2": types.TInt2, "int4": types.TInt4, "int8": types.TInt8, "float4": types.TFloat4, "float8": types.TFloat8,
	"date": types.TDate, "time": types.TTime, "timetz": types.TTimeTZ, "timestamp": types.TTimestamp, "timestamptz": types.TTimestampTZ,
	"text": types.TVarcharMax, "varchar": types.TVarcharMax, "bpchar": {Kind: types.Char},
}

// typeFunction is the call of a type's name; nil = it is none.
func typeFunction(name string, args []Arg) *Bound {
	t, ok := typeFunctions[name]
	if !ok || len(args) != 1 {
		return nil
	}
	from := args[0].Type
	if from.Kind == types.Unknown {
		from = text.Like(from)
	}
	b, ok := FindCast(from, t, true)
	if !ok {
		return nil
	}
	b.Name = name
	return b
}

// constText gives an argument that is a constant text.
func constText(a Arg) (string, bool) {
	if a.Const == nil || a.Const.Null || a.Const.Type.Lane() != types.LaneText {
		return "", false
	}
	return a.Const.Text, true
}

// constInt gives an argument that is a constant integer, or a literal that reads as one.
func constInt(a Arg) (int, bool) {
	switch {
	case a.Const == nil || a.Const.Null:
		return 0, false
	case a.Const.Type.IsInteger():
		return int(a.Const.Int), true
	case a.Const.Type.Kind == types.Unknown:
		v, err := types.ParseInt(a.Const.Text, types.Int4)
		return int(v), err == nil
	}
	return 0, false
}

// Choose picks, of functions that SQL has made, the one whose parameters the arguments fit best, as Find does: -1 when they fit none.
func Choose(rows [][]types.Type, args []Arg) int {
	best, least := -1, 0
	for i, row := range rows {
		if len(row) != len(args) {
			continue
		}
		sum, fits := 0, true
		for k, t := range row {
			p := Param{Type: t}
			if t.IsText() {
				p = text
			}
			c, ok := p.cost(args[k].Type)
			sum, fits = sum+c, fits && ok
		}
		if fits && (best < 0 || sum < least) {
			best, least = i, sum
		}
	}
	return best
}

// Exists says whether a function of that name is built in.
func Exists(name string) bool { return len(book()[name]) > 0 || IsAggregate(name) || IsWindow(name) }
