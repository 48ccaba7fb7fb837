package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// aggregateFinder chooses an aggregate for arguments; nil, nil says that it does not take them.
type aggregateFinder func(name string, args []Arg) (*BoundAggregate, error)

// aggregates is the chapter of aggregates.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Aggregate_Functions.html
var aggregates = map[string]aggregateFinder{
	"count": findCount,
	"sum":   findSum,
	"avg":   findSum,
	"min":   findMinMax,
	"max":   findMinMax,

	"any_value": findAnyValue,
	"bool_and":  findBool,
	"bool_or":   findBool,
	"bit_and":   findBits,
	"bit_or":    findBits,

	"stddev":      findVariance,
	"stddev_samp": findVariance,
	"stddev_pop":  findVariance,
	"variance":    findVariance,
	"var_samp":    findVariance,
	"var_pop":     findVariance,

	"listagg":         findListagg,
	"median":          findMedian,
	"percentile_cont": findPercentile,
	"percentile_disc": findPercentile,

	"hll":               findSketch,
	"hll_create_sketch": findSketch,
	"hll_combine":       findCombine,
	"st_collect":        findCollect,
	"grouping":          notBuilt,
	"grouping_id":       notBuilt,
}

// IsAggregate says whether name is an aggregate.
func IsAggregate(name string) bool { return aggregates[name] != nil }

// Aggregates says whether a call of name with so many arguments is one of an aggregate: ST_Collect of two geometries is none.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Collect-function.html
func Aggregates(name string, args int) bool {
	return IsAggregate(name) && (name != collectName || args != 2)
}

// FindAggregate chooses an aggregate. count without arguments is count(*). For percentile_cont and percentile_disc the sort key of WITHIN GROUP follows
// the percentile. Who calls the aggregate removes the duplicates of DISTINCT.
func FindAggregate(name string, args []Arg, distinct bool) (*BoundAggregate, error) {
	find := aggregates[name]
	if find == nil {
		return nil, undefinedFunction(name, args)
	}
	b, err := find(name, args)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, undefinedFunction(name, args)
	}
	b.Name = name
	return b, nil
}

// signature prints a call by the types of its arguments: sum(character varying).
func signature(name string, args []Arg) string {
	s := make([]string, len(args))
	for i := range args {
		s[i] = bareName(args[i].Type)
	}
	return name + "(" + strings.Join(s, ", ") + ")"
}

// undefinedFunction is the error of a function that does not take the arguments.
func undefinedFunction(name string, args []Arg) error {
	return sqlstate.UndefinedFunction.Errorf("function %s does not exist", signature(name, args)).
		WithHint("No function matches the given name and argument types. You may need to add explicit type casts.")
}

// ambiguousFunction is the error of a literal without a type that several overloads would take.
func ambiguousFunction(name string, args []Arg) error {
	return sqlstate.AmbiguousFunction.Errorf("function %s is not unique", signature(name, args)).
		WithHint("Could not choose a best candidate function. You may need to add explicit type casts.")
}

// notBuilt refuses an aggregate that Redshift has and this engine has not.
func notBuilt(name string, _ []Arg) (*BoundAggregate, error) {
	return nil, sqlstate.FeatureNotSupported.Errorf("function %s is not supported", name)
}

// findCount chooses COUNT of anything, or of rows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COUNT.html
func findCount(_ string, args []Arg) (*BoundAggregate, error) {
	if len(args) > 1 {
		return nil, nil
	}
	b := &BoundAggregate{Returns: types.TInt8, Partial: []types.Type{types.TInt8}, Empty: &types.Datum{Type: types.TInt8}}
	for _, a := range args {
		b.Params = append(b.Params, a.Type)
	}
	b.New = func() State { return &countState{} }
	return b, nil
}

// findSum chooses SUM or AVG.
//
//	argument             SUM               AVG                       partial
//	smallint, integer    bigint            bigint, fraction cut      bigint [, bigint rows]
//	bigint               numeric(38,0)     bigint, fraction cut      numeric(38,0) [, bigint]
//	numeric(p,s)         numeric(38,s)     numeric(38,s), cut        numeric(38,s) [, bigint]
//	real, double         double            double                    double [, bigint]
//	intervals            the same          the same                  the same [, bigint]
//	super                super             super                     super [, bigint]
//
// The page of SUM says BIGINT for bigint, that of the window function NUMERIC; servers answer NUMERIC.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SUM.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_SUM.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_AVG.html
func findSum(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t, avg := args[0].Type, name == "avg"
	b := &BoundAggregate{Params: []types.Type{t}}
	var total types.Type
	switch t.Kind {
	case types.Int2, types.Int4:
		total, b.Returns = types.TInt8, types.TInt8
	case types.Int8, types.OID:
		total, b.Returns = types.TNumeric(types.MaxPrecision, 0), types.TNumeric(types.MaxPrecision, 0)
		if avg {
			b.Returns = types.TInt8
		}
	case types.Numeric:
		total = types.TNumeric(types.MaxPrecision, int(t.Scale))
		b.Returns = total
	case types.Float4, types.Float8:
		total, b.Returns = types.TFloat8, types.TFloat8
	case types.IntervalYM, types.IntervalDS, types.Interval:
		total, b.Returns = t, t
	case types.Super:
		return superSum(b, avg), nil
	case types.Unknown:
		return nil, ambiguousFunction(name, args)
	default:
		return nil, nil
	}
	if b.Partial = []types.Type{total}; avg {
		b.Partial = append(b.Partial, types.TInt8)
	}
	returns := b.Returns
	switch {
	case t.Kind == types.Interval:
		b.New = func() State { return &intervalSumState{avg: avg} }
	case t.Lane() == types.LaneFloat:
		b.New = func() State { return &floatSumState{avg: avg} }
	case t.Lane() == types.LaneWide:
		b.New = func() State { return &wideSumState{total: total, avg: avg} }
	default:
		b.New = func() State { return newSumState(t, total, returns, avg) }
	}
	return b, nil
}

// findMinMax chooses MIN or MAX: the type of the argument, which may be anything that has an order but boolean.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MAX.html
func findMinMax(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t, most := args[0].Type, name == "max"
	switch t.Kind {
	case types.Bool, types.HLLSketch, types.Geometry, types.Geography:
		return nil, nil
	case types.Unknown:
		t = valueArg(args[0])
	}
	b := &BoundAggregate{Params: []types.Type{t}, Returns: t, Partial: []types.Type{t}}
	switch t.Lane() {
	case types.LaneInt:
		b.New = func() State { return newMinMaxInts(t, most) }
	case types.LaneFloat:
		b.New = func() State { return &minMaxFloats{typ: t, most: most} }
	case types.LaneWide:
		b.New = func() State { return &minMaxWides{typ: t, most: most} }
	default:
		b.New = func() State { return &minMaxTexts{typ: t, most: most} }
	}
	return b, nil
}
