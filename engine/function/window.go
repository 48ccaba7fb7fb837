package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// windowFinder chooses a window function for arguments; nil, nil says that it does not take them.
type windowFinder func(name string, args []Arg) (*WindowFunction, error)

// windowFunctions is the chapter of functions that only OVER can call.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html
var windowFunctions = map[string]windowFinder{
	"row_number":      ranking(types.TInt8, rowNumber),
	"rank":            ranking(types.TInt8, rank),
	"dense_rank":      ranking(types.TInt8, denseRank),
	"percent_rank":    ranking(types.TFloat8, percentRank),
	"cume_dist":       ranking(types.TFloat8, cumeDist),
	"ntile":           findNtile,
	"lag":             findLag,
	"lead":            findLag,
	"first_value":     findFrameValue,
	"last_value":      findFrameValue,
	"nth_value":       findFrameValue,
	"ratio_to_report": findRatioToReport,
}

// IsWindow says whether name is a function that only OVER can call.
func IsWindow(name string) bool { return windowFunctions[name] != nil }

// FindWindow chooses a window function.
func FindWindow(name string, args []Arg) (*WindowFunction, error) {
	find := windowFunctions[name]
	if find == nil {
		return nil, undefinedFunction(name, args)
	}
	w, err := find(name, args)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, undefinedFunction(name, args)
	}
	w.Name = name
	return w, nil
}

// ranking makes the finder of a function without arguments that looks at the order of rows only.
func ranking(returns types.Type, f func(n int, peers []int32, out *vector.Vector)) windowFinder {
	return func(_ string, args []Arg) (*WindowFunction, error) {
		if len(args) > 0 {
			return nil, nil
		}
		return &WindowFunction{
			Returns: returns,
			Compute: func(_ *Env, n int, _ []*vector.Vector, peers, _, _ []int32, _ bool, out *vector.Vector) error {
				f(n, peers, out)
				return nil
			},
		}, nil
	}
}

// integerArg is the type to which an argument that counts rows is cast, and whether it may.
func integerArg(t types.Type) (types.Type, bool) {
	return types.TInt8, t.IsNumber() || t.Kind == types.Unknown
}

// valueArg is the type that an argument keeps; a literal is the text that it is written as.
func valueArg(a Arg) types.Type {
	switch {
	case a.Type.Kind != types.Unknown:
		return a.Type
	case a.Const != nil:
		return types.TVarchar(max(int(a.Type.Len), 1))
	}
	return types.TVarcharMax
}

// findNtile chooses NTILE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_NTILE.html
func findNtile(_ string, args []Arg) (*WindowFunction, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t, ok := integerArg(args[0].Type)
	if !ok {
		return nil, nil
	}
	return &WindowFunction{Params: []types.Type{t}, Returns: types.TInt8, Compute: ntile}, nil
}

// findLag chooses LAG or LEAD. The third argument of other databases, a default, is refused in Redshift's words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LAG.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LEAD.html
func findLag(name string, args []Arg) (*WindowFunction, error) {
	if len(args) == 3 {
		return nil, sqlstate.FeatureNotSupported.Errorf("Default parameter not be supported for window function %s", name)
	}
	if len(args) < 1 || len(args) > 2 {
		return nil, nil
	}
	t := valueArg(args[0])
	w := &WindowFunction{Params: []types.Type{t}, Returns: t}
	if len(args) == 2 {
		n, ok := integerArg(args[1].Type)
		if !ok {
			return nil, nil
		}
		w.Params = append(w.Params, n)
	}
	w.Compute = lag
	if name == "lead" {
		w.Compute = lead
	}
	return w, nil
}

// findFrameValue chooses FIRST_VALUE, LAST_VALUE or NTH_VALUE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_first_value.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_NTH.html
func findFrameValue(name string, args []Arg) (*WindowFunction, error) {
	want, f := 1, firstValue
	switch name {
	case "last_value":
		f = lastValue
	case "nth_value":
		want, f = 2, nthValue
	}
	if len(args) != want {
		return nil, nil
	}
	t := valueArg(args[0])
	w := &WindowFunction{Params: []types.Type{t}, Returns: t, Framed: true, Compute: f}
	if want == 2 {
		n, ok := integerArg(args[1].Type)
		if !ok {
			return nil, nil
		}
		w.Params = append(w.Params, n)
	}
	return w, nil
}

// findRatioToReport chooses RATIO_TO_REPORT of a number, or of what is cast to one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_RATIO_TO_REPORT.html
func findRatioToReport(_ string, args []Arg) (*WindowFunction, error) {
	if len(args) != 1 || !args[0].Type.IsNumber() && !args[0].Type.IsText() && args[0].Type.Kind != types.Unknown {
		return nil, nil
	}
	return &WindowFunction{Params: []types.Type{types.TFloat8}, Returns: types.TFloat8, Compute: ratioToReport}, nil
}
