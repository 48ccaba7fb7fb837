package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// charOfInterval writes an interval in a format, as PostgreSQL does: an interval has no weekday, no era, no zone and no week.
func charOfInterval(dst []byte, r *row) ([]byte, error) {
	f, err := dateFormats.get(r.text(1), parseDateFormat)
	if err != nil {
		return nil, err
	}
	return f.appendInterval(dst, r.wide(0))
}

// appendInterval writes an interval. Each field has the sign of what it is a part of, and does not count it among its digits.
func (f *dateFormat) appendInterval(dst []byte, v types.Int128) ([]byte, error) {
	months, us := types.IntervalParts(v)
	years, days, clock := months/12, us/types.MicrosPerDay, us%types.MicrosPerDay
	for i := range f.nodes {
		n := &f.nodes[i]
		number := func(v int64, width int) { dst = n.appendNumber(dst, v, width) }
		switch n.field {
		case "":
			dst = append(dst, n.text...)
		case "DD":
			number(days, 2)
		case "DDD": // a year has 360 days, a month 30
			number(months*30+days, 3)
		case "MM":
			number(months%12, 2)
		case "Y,YYY":
			number(years/1000, 1)
			dst = append(append(dst, ','), threeDigits(max(years, -years)%1000)...)
		case "YYYY", "YYY", "YY", "Y":
			number(lastDigits(years, len(n.field)), len(n.field))
		default:
			ok := false
			if dst, ok = n.appendClock(dst, clock); ok {
				continue
			}
			return nil, sqlstate.InvalidDatetime.Errorf("invalid format specification for an interval value").WithHint("Intervals are not tied to specific calendar dates.")
		}
	}
	return dst, nil
}
