// Package types holds Redshift's SQL types, the lanes in which their values travel, and single values.
//
//	SQL type                          lane   a value in the lane
//	boolean                           Bool   true/false
//	smallint integer bigint oid       Int    the integer
//	date                              Int    days since 2000-01-01
//	time                              Int    microseconds since midnight
//	timestamp, timestamptz            Int    microseconds since 2000-01-01 00:00:00 (UTC)
//	interval year to month            Int    months
//	interval day to second            Int    microseconds
//	numeric(p<=19,s)                  Int    unscaled value
//	numeric(p>19,s)                   Wide   unscaled value
//	timetz                            Wide   Hi = offset in seconds east of UTC, Lo = microseconds since midnight (local)
//	interval (literals)               Wide   Hi = months, Lo = microseconds (as int64)
//	real, double precision            Float  real is a float64 that holds a float32
//	char, varchar, name, unknown      Text   bytes in UTF-8; char without its padding
//	regclass, aclitem, arrays         Text   as they print: movies, group staff=r/awsuser, {1,2}
//	varbyte super geometry hllsketch  Text   their bytes
//	struct, array, map (nested)       Text   bytes of package nested
//
// Five lanes, so a kernel is written at most five times. Storage keeps values narrower (storage/encoding), and a scan hands them out narrow
// (vector.Narrow, vector.Dict); what is computed travels in lanes.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
package types

import (
	"fmt"
	"strings"
)

// Kind is a family of types without its modifiers.
type Kind uint8

// Kinds. Unknown is a string literal, NULL or parameter whose context decides.
const (
	Unknown Kind = iota
	Bool
	Int2
	Int4
	Int8
	Numeric
	Float4
	Float8
	Char
	Varchar
	Date
	Time
	TimeTZ
	Timestamp
	TimestampTZ
	IntervalYM // interval year to month, a column type
	IntervalDS // interval day to second, a column type
	Interval   // the older literal: months and microseconds
	Varbyte
	Super
	HLLSketch
	Geometry
	Geography
	OID  // catalog only
	Name // catalog only: 63-byte text
	Text // catalog only; in DDL and casts "text" is varchar(256)
	// Kinds of the catalog's columns that travel as their text: names of objects, an item of a list of privileges, arrays.
	Regclass
	Regprocedure
	Regtype
	Regproc
	ACLItem
	Int2Array
	Int4Array
	OIDArray
	Float4Array
	BoolArray
	Int8Array
	CharArray // of "char", one byte
	NameArray
	VarcharArray
	TextArray
	ACLItemArray
	AnyArray   // of values of a column's type: pg_stats
	Int2Vector // printed 1 2 3, counted from 0
	OIDVector
	NumKinds
	// Nested is struct, array and map of external tables: no type of SQL, so that no catalog lists it and no cast or function takes it. Package nested knows its parts.
	Nested = NumKinds
)

// Lane is the physical form of values in flight.
type Lane uint8

// Lanes.
const (
	LaneBool Lane = iota
	LaneInt
	LaneWide
	LaneFloat
	LaneText
)

// Limits of modifiers, in bytes and digits.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
const (
	MaxVarchar   = 65535    // of a column
	MaxText      = 16000000 // of a text that is computed
	MaxChar      = 4096
	MaxVarbyte   = 16777216
	MaxPrecision = 38
	MaxScale     = 37
)

// Type is a SQL type with its modifiers. Types are compared with ==.
type Type struct {
	Kind  Kind
	Prec  uint8 // numeric: digits in all; interval day to second, time: fractional digits
	Scale uint8 // numeric: digits after the point; interval: where values are cut (CutInterval)
	Len   int32 // char, varchar, varbyte: bytes; 0 = no limit known
}

// Simple types.
var (
	TUnknown     = Type{Kind: Unknown}
	TBool        = Type{Kind: Bool}
	TInt2        = Type{Kind: Int2}
	TInt4        = Type{Kind: Int4}
	TInt8        = Type{Kind: Int8}
	TFloat4      = Type{Kind: Float4}
	TFloat8      = Type{Kind: Float8}
	TGeometry    = Type{Kind: Geometry}
	TGeography   = Type{Kind: Geography}
	THLLSketch   = Type{Kind: HLLSketch}
	TDate        = Type{Kind: Date}
	TTime        = Type{Kind: Time}
	TTimeTZ      = Type{Kind: TimeTZ}
	TTimestamp   = Type{Kind: Timestamp}
	TTimestampTZ = Type{Kind: TimestampTZ}
	TInterval    = Type{Kind: Interval}
	TVarcharMax  = Type{Kind: Varchar, Len: MaxVarchar}
	TTextMax     = Type{Kind: Varchar, Len: MaxText}
	TOID         = Type{Kind: OID}
	TName        = Type{Kind: Name, Len: 63}
	TText        = Type{Kind: Text}
	TRegclass    = Type{Kind: Regclass}
	TTextArray   = Type{Kind: TextArray}
	TNested      = Type{Kind: Nested}
)

// TNumeric, TVarchar and TChar make the types that take modifiers.
func TNumeric(prec, scale int) Type {
	return Type{Kind: Numeric, Prec: uint8(prec), Scale: uint8(scale)}
}

// TVarchar is varchar(n), n bytes.
func TVarchar(n int) Type { return Type{Kind: Varchar, Len: int32(n)} }

// TChar is char(n), n bytes.
func TChar(n int) Type { return Type{Kind: Char, Len: int32(n)} }

// Lane says how values of the type travel.
func (t Type) Lane() Lane {
	switch t.Kind {
	case Bool:
		return LaneBool
	case Int2, Int4, Int8, Date, Time, Timestamp, TimestampTZ, IntervalYM, IntervalDS, OID:
		return LaneInt
	case Numeric:
		if t.Prec > 19 {
			return LaneWide
		}
		return LaneInt
	case TimeTZ, Interval:
		return LaneWide
	case Float4, Float8:
		return LaneFloat
	}
	return LaneText
}

// IsInteger, IsNumber, IsText and IsDatetime are the families that rules speak of.
func (t Type) IsInteger() bool {
	return t.Kind == Int2 || t.Kind == Int4 || t.Kind == Int8 || t.Kind == OID
}

// IsNumber says integer, numeric or floating.
func (t Type) IsNumber() bool { return t.IsInteger() || t.Kind == Numeric || t.IsFloat() }

// IsFloat says real or double precision.
func (t Type) IsFloat() bool { return t.Kind == Float4 || t.Kind == Float8 }

// IsText says char, varchar and the catalog's text types.
func (t Type) IsText() bool {
	return t.Kind == Char || t.Kind == Varchar || t.Kind == Name || t.Kind == Text
}

// IsReg says regclass and its like: numbers of objects that print as the objects' names.
// https://www.postgresql.org/docs/8.0/datatype-oid.html
func (t Type) IsReg() bool {
	return t.Kind == Regclass || t.Kind == Regprocedure || t.Kind == Regtype || t.Kind == Regproc
}

// IsSpatial says GEOMETRY and GEOGRAPHY.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
func (t Type) IsSpatial() bool { return t.Kind == Geometry || t.Kind == Geography }

// IsOpaque says GEOMETRY, GEOGRAPHY, HLLSKETCH and nested types, whose values have neither equality nor an order.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-limitations.html
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-functions-limitations.html
func (t Type) IsOpaque() bool { return t.IsSpatial() || t.Kind == HLLSketch || t.Kind == Nested }

// IsArray says array, int2vector and oidvector.
func (t Type) IsArray() bool { return t.Kind >= Int2Array && t.Kind <= OIDVector }

// Element is the type of an array's elements; text of anyarray, and of what is no array.
func (t Type) Element() Type {
	switch t.Kind {
	case Int2Array, Int2Vector:
		return TInt2
	case Int4Array:
		return TInt4
	case OIDArray, OIDVector:
		return TOID
	case Float4Array:
		return TFloat4
	case BoolArray:
		return TBool
	case Int8Array:
		return TInt8
	case CharArray:
		return TChar(1)
	case NameArray:
		return TName
	case ACLItemArray:
		return Type{Kind: ACLItem}
	case VarcharArray:
		return TVarcharMax
	}
	return TText
}

// ArrayOf is the array whose elements are of a type, text[] where there is none of its own.
func ArrayOf(t Type) Type {
	switch t.Kind {
	case Int2:
		return Type{Kind: Int2Array}
	case Int4:
		return Type{Kind: Int4Array}
	case OID:
		return Type{Kind: OIDArray}
	case Float4:
		return Type{Kind: Float4Array}
	case Bool:
		return Type{Kind: BoolArray}
	case Int8:
		return Type{Kind: Int8Array}
	case Name:
		return Type{Kind: NameArray}
	case Varchar:
		return Type{Kind: VarcharArray}
	case ACLItem:
		return Type{Kind: ACLItemArray}
	}
	return TTextArray
}

// IsDatetime says date, time and timestamps.
func (t Type) IsDatetime() bool { return t.Kind >= Date && t.Kind <= TimestampTZ }

var names = [NumKinds]string{
	"unknown", "boolean", "smallint", "integer", "bigint", "numeric", "real", "double precision", "character", "character varying",
	"date", "time without time zone", "time with time zone", "timestamp without time zone", "timestamp with time zone",
	"interval year to month", "interval day to second", "interval", "binary varying", "super", "hllsketch", "geometry", "geography", "oid", "name", "text",
	"regclass", "regprocedure", "regtype", "regproc", "aclitem", "smallint[]", "integer[]", "oid[]", "real[]", "boolean[]", "bigint[]", `"char"[]`, "name[]", "character varying[]", "text[]", "aclitem[]", "anyarray",
	"int2vector", "oidvector",
}

// String prints the type as PostgreSQL's format_type does: character varying(20), numeric(8,2).
func (t Type) String() string {
	if t.Kind == Nested {
		return "nested"
	}
	s := names[t.Kind]
	switch t.Kind {
	case Char, Varchar, Varbyte:
		if t.Len > 0 {
			s += fmt.Sprintf("(%d)", t.Len)
		}
	case Numeric:
		if t.Prec > 0 {
			s += fmt.Sprintf("(%d,%d)", t.Prec, t.Scale)
		}
	}
	return s
}

var drivers = [NumKinds]string{
	"UNKNOWN", "BOOL", "INT2", "INT4", "INT8", "NUMERIC", "FLOAT4", "FLOAT8", "BPCHAR", "VARCHAR", "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ",
	"INTERVALY2M", "INTERVALD2S", "INTERVAL", "VARBYTE", "SUPER", "HLLSKETCH", "GEOMETRY", "GEOGRAPHY", "OID", "NAME", "TEXT",
	"REGCLASS", "REGPROCEDURE", "REGTYPE", "REGPROC", "ACLITEM", "_INT2", "_INT4", "_OID", "_FLOAT4", "_BOOL", "_INT8", "_CHAR", "_NAME", "_VARCHAR", "_TEXT", "_ACLITEM", "ANYARRAY", "INT2VECTOR", "OIDVECTOR",
}

// DatabaseTypeName is the upper-case internal name that lib/pq and pgx report.
func (t Type) DatabaseTypeName() string {
	if t.Kind == Nested {
		return "NESTED"
	}
	return drivers[t.Kind]
}

// InternalName is Redshift's short name: int4, bpchar, varchar. It also names columns made by casting a literal.
func (t Type) InternalName() string { return strings.ToLower(drivers[t.Kind]) }

var oids = [NumKinds]uint32{
	705, 16, 21, 23, 20, 1700, 700, 701, 1042, 1043, 1082, 1083, 1266, 1114, 1184, 1188, 1190, 1186, 6551, 4000, 2935, 3000, 3001, 26, 19, 25,
	2205, 2202, 2206, 24, 1033, 1005, 1007, 1028, 1021, 1000, 1016, 1002, 1003, 1015, 1009, 1034, 2277, 22, 30,
}

// OID is the type's number on the wire.
func (t Type) OID() uint32 {
	if t.Kind == Nested {
		return 0
	}
	return oids[t.Kind]
}

// ByOID finds a type by its number on the wire.
func ByOID(oid int64) (Type, bool) {
	for k := range NumKinds {
		if int64(oids[k]) == oid {
			return Type{Kind: k}, true
		}
	}
	return TUnknown, false
}

// Modifier is the wire's type modifier: length + 4, or precision and scale; -1 = none.
func (t Type) Modifier() int32 {
	switch t.Kind {
	case Char, Varchar, Varbyte:
		if t.Len > 0 {
			return t.Len + 4
		}
	case Numeric:
		return int32(t.Prec)<<16 + int32(t.Scale) + 4
	}
	return -1
}

// RawBytes is the width of one stored value without encoding, in bytes; for text types n is the value's length.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
func (t Type) RawBytes(n int) int {
	switch t.Kind {
	case Bool:
		return 1
	case Int2:
		return 2
	case Int4, Float4, Date, IntervalYM, OID:
		return 4
	case Int8, Float8, Time, TimeTZ, Timestamp, TimestampTZ, IntervalDS:
		return 8
	case Numeric:
		if t.Prec > 19 {
			return 16
		}
		return 8
	case Interval:
		return 12
	case Char:
		return int(t.Len)
	}
	return n + 4
}

// Datum is one value: a constant, a parameter, a bound of a range. Only the field of Type's lane is meaningful.
type Datum struct {
	Type  Type
	Null  bool
	Bool  bool
	Int   int64
	Wide  Int128
	Float float64
	Text  string
}

// Held says that a decimal type holds a decimal to its last digit.
func (d *Datum) Held(t Type) bool {
	if !d.Within(t) || d.Type.Scale <= t.Scale {
		return d.Within(t)
	}
	v := d.Wide
	if d.Type.Lane() == LaneInt {
		v = FromInt64(d.Int)
	}
	w, _ := Rescale(v, int(d.Type.Scale), int(t.Scale))
	back, ok := Rescale(w, int(t.Scale), int(d.Type.Scale))
	return ok && back == v
}

// Within says that a decimal type holds a decimal or an integer, rounded to its scale.
func (d *Datum) Within(t Type) bool {
	v := d.Wide
	if d.Type.Lane() == LaneInt {
		v = FromInt64(d.Int)
	}
	w, ok := Rescale(v, int(d.Type.Scale), int(t.Scale))
	return ok && FitsPrecision(w, int(t.Prec))
}

// NullOf is the NULL of a type.
func NullOf(t Type) Datum { return Datum{Type: t, Null: true} }
