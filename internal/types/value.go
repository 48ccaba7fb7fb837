package types

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"strconv"
	"time"
)

// FromGo makes a value of a driver argument. Texts and times are of unknown type, so that they take the type of what they meet: a time keeps
// its wall clock when it meets a timestamp and its instant when it meets a timestamptz, as with the PostgreSQL drivers.
func FromGo(v any) (Datum, error) {
	switch x := v.(type) {
	case nil:
		return NullOf(TUnknown), nil
	case bool:
		return Datum{Type: TBool, Bool: x}, nil
	case int64:
		return Datum{Type: TInt8, Int: x}, nil
	case int:
		return Datum{Type: TInt8, Int: int64(x)}, nil
	case int32:
		return Datum{Type: TInt4, Int: int64(x)}, nil
	case int16:
		return Datum{Type: TInt2, Int: int64(x)}, nil
	case float64:
		return Datum{Type: TFloat8, Float: x}, nil
	case float32:
		return Datum{Type: TFloat4, Float: float64(x)}, nil
	case string:
		return Datum{Type: TUnknown, Text: x}, nil
	case []byte:
		return Datum{Type: TUnknown, Text: string(x)}, nil
	case time.Time:
		return Datum{Type: TUnknown, Text: string(appendGoTime(nil, x))}, nil
	}
	return Datum{}, fmt.Errorf("redshiftsim: a parameter cannot be a %T", v)
}

// appendGoTime writes a time with its offset.
func appendGoTime(dst []byte, t time.Time) []byte {
	_, off := t.Zone()
	us := MicrosFromTime(t) + int64(off)*MicrosPerSecond
	if days, clock := SplitMicros(us); days < -730119 {
		dst = AppendDate(dst, days)
		dst = append(dst[:len(dst)-3], ' ')
		return append(appendOffset(appendClock(dst, clock), off), " BC"...)
	}
	return appendOffset(AppendTimestamp(dst, us), off)
}

// TimeOf gives a date or timestamp, as its lane has it, as a Go time: dates and timestamps in UTC, timestamptz as the instant in the zone loc, nil = UTC.
func TimeOf(kind Kind, v int64, loc *time.Location) time.Time {
	switch kind {
	case Date:
		return TimeFromMicros(v * MicrosPerDay)
	case TimestampTZ:
		if loc != nil && loc != time.UTC {
			return TimeFromMicros(v).In(loc)
		}
	}
	return TimeFromMicros(v)
}

// Compare orders two values of one lane and scale; neither may be NULL. NaN is greater than all other numbers; text ignores trailing blanks.
func Compare(a, b *Datum) int {
	switch a.Type.Lane() {
	case LaneBool:
		switch {
		case a.Bool == b.Bool:
			return 0
		case b.Bool:
			return -1
		}
		return 1
	case LaneInt:
		return cmp.Compare(a.Int, b.Int)
	case LaneWide:
		return CompareWide(a.Type.Kind, a.Wide, b.Wide)
	case LaneFloat:
		return CompareFloat(a.Float, b.Float)
	}
	if a.Type.Kind == Super {
		return superKnows.order(a.Text, b.Text)
	}
	return CompareText(a.Text, b.Text)
}

// CompareWide orders two values of the wide lane: numerics as numbers, intervals by length, timetz by the instant and then the zone.
func CompareWide(kind Kind, a, b Int128) int {
	switch kind {
	case Interval:
		return IntervalOrder(a).Cmp(IntervalOrder(b))
	case TimeTZ:
		if c := cmp.Compare(int64(a.Lo)-a.Hi*MicrosPerSecond, int64(b.Lo)-b.Hi*MicrosPerSecond); c != 0 {
			return c
		}
		return cmp.Compare(b.Hi, a.Hi)
	}
	return a.Cmp(b)
}

// CompareFloat orders doubles; NaN equals NaN and is greater than the rest, as in PostgreSQL.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	}
	return -1
}

// Equal says whether two values are the same: type, NULL and value in the type's lane.
func (d *Datum) Equal(o *Datum) bool {
	if d.Type != o.Type || d.Null != o.Null {
		return false
	}
	if d.Null {
		return true
	}
	switch d.Type.Lane() {
	case LaneBool:
		return d.Bool == o.Bool
	case LaneInt:
		return d.Int == o.Int
	case LaneWide:
		return d.Wide == o.Wide
	case LaneFloat:
		return math.Float64bits(d.Float) == math.Float64bits(o.Float)
	}
	return d.Text == o.Text
}

// String prints the value for debugging and tests.
func (d Datum) String() string {
	if d.Null {
		return "NULL"
	}
	if d.Type.Lane() == LaneText {
		return strconv.Quote(d.Text)
	}
	return string(bytes.TrimRight(AppendText(nil, &d, time.UTC), " "))
}
