package dataapi

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// unlimited is the length of what has none, as JDBC says it.
const unlimited = math.MaxInt32

// metadataOf describes a column of a result as JDBC's ResultSetMetaData does.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
func metadataOf(label string, t types.Type, notNull bool) columnMetadata {
	m := columnMetadata{
		Label: label, Name: label, Nullable: 1, TypeName: t.InternalName(), IsSigned: t.IsNumber() && t.Kind != types.OID,
		IsCaseSensitive: caseSensitive(t), Precision: precisionOf(t), Scale: scaleOf(t),
	}
	if notNull {
		m.Nullable = 0
	}
	return m
}

// caseSensitive says of texts and the like that they are.
func caseSensitive(t types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Interval, types.IntervalYM, types.IntervalDS:
		return false
	}
	return !t.IsNumber() && !t.IsDatetime()
}

// precisionOf is the number of digits of a number, the length of a text, and how long a date or time can be when it is printed.
func precisionOf(t types.Type) int32 {
	switch t.Kind {
	case types.Int2:
		return 5
	case types.Int4, types.OID:
		return 10
	case types.Int8:
		return 19
	case types.Float4:
		return 8
	case types.Float8:
		return 17
	case types.Numeric:
		return int32(t.Prec)
	case types.Bool:
		return 1
	case types.Date:
		return 13
	case types.Time:
		return 15
	case types.TimeTZ:
		return 21
	case types.Timestamp:
		return 29
	case types.TimestampTZ:
		return 35
	case types.Interval, types.IntervalYM, types.IntervalDS:
		return 49
	case types.Name:
		return 64
	}
	if t.Len > 0 {
		return t.Len
	}
	return unlimited
}

// scaleOf is the number of digits behind the point.
func scaleOf(t types.Type) int32 {
	switch t.Kind {
	case types.Float4:
		return 8
	case types.Float8:
		return 17
	case types.Numeric:
		return int32(t.Scale)
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval, types.IntervalYM, types.IntervalDS:
		return 6
	}
	return 0
}
