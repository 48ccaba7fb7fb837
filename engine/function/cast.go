package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// castWay says where a conversion may happen.
type castWay uint8

const (
	castNever    castWay = iota
	castExplicit         // CAST and :: only
	castImplicit         // anywhere: in expressions and when assigned to a column
)

// castWays is the table of conversions between kinds; kinds convert to themselves and unknown to anything.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html#r_Type_conversion
var castWays = func() (w [types.NumKinds][types.NumKinds]castWay) {
	set := func(way castWay, from []types.Kind, to ...types.Kind) {
		for _, f := range from {
			for _, t := range to {
				if w[f][t] < way {
					w[f][t] = way
				}
			}
		}
	}
	one := func(k ...types.Kind) []types.Kind { return k }
	ints := one(types.Int2, types.Int4, types.Int8, types.OID)
	floats := one(types.Float4, types.Float8)
	texts := one(types.Char, types.Varchar, types.Name, types.Text)
	intervals := one(types.Interval, types.IntervalYM, types.IntervalDS)
	scalars := one(types.Bool, types.Int2, types.Int4, types.Int8, types.Numeric, types.Float4, types.Float8, types.Date, types.Time, types.TimeTZ,
		types.Timestamp, types.TimestampTZ, types.Interval, types.IntervalYM, types.IntervalDS, types.OID)

	set(castImplicit, ints, append(ints, types.Bool, types.Numeric, types.Float4, types.Float8)...)
	set(castImplicit, one(types.Numeric), types.Int2, types.Int4, types.Int8, types.Float4, types.Float8)
	set(castImplicit, floats, types.Int2, types.Int4, types.Int8, types.Numeric, types.Float4, types.Float8)
	set(castImplicit, append(append(ints, floats...), types.Numeric), texts...)
	set(castImplicit, texts, texts...)
	set(castExplicit, texts, append(scalars, types.Varbyte)...)
	set(castExplicit, one(types.Bool), ints...)
	set(castImplicit, one(types.Date), append(texts, types.Timestamp, types.TimestampTZ)...)
	set(castImplicit, one(types.Timestamp), append(texts, types.Date, types.Time, types.TimestampTZ)...)
	set(castImplicit, one(types.TimestampTZ), append(texts, types.Date, types.Time, types.TimeTZ, types.Timestamp)...)
	set(castImplicit, one(types.Time), append(texts, types.TimeTZ, types.IntervalDS, types.Interval)...)
	set(castImplicit, one(types.TimeTZ), append(texts, types.Time)...)
	set(castImplicit, intervals, intervals...)
	set(castImplicit, intervals, texts...)
	set(castExplicit, one(types.Interval, types.IntervalDS), types.Time)
	set(castExplicit, one(types.Varbyte), texts...)
	scalar := append(append(append(ints[:3:3], floats...), types.Numeric, types.Bool), texts...)
	set(castImplicit, scalar, types.Super)
	set(castExplicit, one(types.Super), append(scalar, types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ)...)
	set(castExplicit, texts, types.Geometry, types.Geography)
	set(castImplicit, one(types.Geometry), types.Geography)
	set(castImplicit, one(types.Geography), types.Geometry)
	for k := range types.NumKinds {
		w[k][k] = castImplicit
		w[types.Unknown][k] = castImplicit
	}
	w[types.Unknown][types.AnyArray] = castNever
	regs := one(types.Regclass, types.Regprocedure, types.Regtype, types.Regproc)
	set(castExplicit, append(ints, texts...), regs...)
	set(castImplicit, regs, types.OID, types.Int4, types.Int8)
	for _, t := range texts {
		w[t][types.Unknown] = castImplicit
	}
	return w
}()

// FindCast gives the conversion between two types, if there is one: explicit for CAST and ::, else the conversions that Redshift makes by
// itself. An explicit one cuts text that is too long, an implicit one refuses it. A conversion that leaves the data as it is has a Kernel too;
// Reinterprets tells.
func FindCast(from, to types.Type, explicit bool) (*Bound, bool) {
	if from.Kind == types.Nested || to.Kind == types.Nested {
		return nil, false
	}
	way := castWays[from.Kind][to.Kind]
	if way == castNever || (way == castExplicit && !explicit) {
		return nil, false
	}
	k := castKernel(from, to, explicit)
	if k == nil {
		return nil, false
	}
	b := &Bound{Name: to.InternalName(), Params: []types.Type{from}, Returns: to, Kernel: k, Strict: true}
	if from.IsReg() || to.IsReg() { // the catalog decides
		b.Volatility, b.Place = Stable, LeaderOnly
	}
	zoned := func(t types.Type) bool { return t.Kind == types.TimestampTZ || t.Kind == types.TimeTZ }
	if zoned(from) != zoned(to) {
		b.Volatility = Stable // the session's time zone decides
	}
	return b, true
}

// CastError is the refusal of a conversion that does not exist.
func CastError(from, to types.Type) *sqlstate.Error {
	return sqlstate.CannotCoerce.Errorf("cannot cast type %s to %s", bareName(from), bareName(to))
}

// bareName prints a type without its modifiers.
func bareName(t types.Type) string { return types.Type{Kind: t.Kind}.String() }

// Reinterprets says that a value of one type is a value of the other as it stands, so that no kernel need run: varchar(10) to varchar(20), integer
// to bigint, numeric(8,2) to numeric(12,2), integer to numeric(10,0).
func Reinterprets(from, to types.Type) bool {
	if from == to {
		return true
	}
	if from.Lane() != to.Lane() {
		return false
	}
	switch to.Kind {
	case types.Int4, types.Int8:
		return from.Kind == types.Int2 || from.Kind == types.Int4 || (to.Kind == types.Int8 && from.IsInteger())
	case types.OID, types.Int2:
		return from.Kind == to.Kind
	case types.Numeric:
		switch from.Kind {
		case types.Numeric:
			return from.Scale == to.Scale && from.Prec <= to.Prec
		case types.Int2, types.Int4, types.Int8, types.OID:
			return to.Scale == 0 && intDecimal(from).Prec <= to.Prec
		}
		return false
	case types.Float8:
		return from.IsFloat()
	case types.Varchar, types.Text, types.Name, types.Unknown:
		if !from.IsText() && from.Kind != types.Unknown {
			return false
		}
		return to.Len == 0 || (from.Len > 0 && from.Len <= to.Len)
	case types.Char:
		return from.Kind == types.Char && (to.Len == 0 || (from.Len > 0 && from.Len <= to.Len))
	case types.Varbyte:
		return from.Kind == types.Varbyte && (to.Len == 0 || (from.Len > 0 && from.Len <= to.Len))
	case types.IntervalYM, types.IntervalDS:
		if to.Scale != 0 && from.Scale != to.Scale {
			return false
		}
		return from.Kind == to.Kind || (from.Kind == types.Time && to.Kind == types.IntervalDS)
	}
	return from.Kind == to.Kind || from.Kind == types.Geography && to.Kind == types.Geometry
}

// intDecimal is the numeric type as which an integer type takes part in decimal arithmetic.
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func intDecimal(t types.Type) types.Type {
	switch t.Kind {
	case types.Int2:
		return types.TNumeric(5, 0)
	case types.Int4:
		return types.TNumeric(10, 0)
	case types.Int8, types.OID:
		return types.TNumeric(19, 0)
	}
	return t
}

// textLen is the number of bytes that the text of a value of a type may need; 0 = no limit known.
func textLen(t types.Type) int32 {
	switch t.Kind {
	case types.Bool:
		return 5
	case types.Int2:
		return 6
	case types.Int4, types.OID:
		return 11
	case types.Int8:
		return 20
	case types.Numeric:
		return int32(t.Prec) + 3
	case types.Float4:
		return 15
	case types.Float8:
		return 24
	case types.Date:
		return 13
	case types.Time, types.TimeTZ:
		return 24
	case types.Timestamp, types.TimestampTZ:
		return 40
	case types.Interval, types.IntervalYM, types.IntervalDS:
		return 64
	case types.Varbyte:
		return 2 * t.Len
	}
	return t.Len
}
