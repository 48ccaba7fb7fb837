package function

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// formatFunctions is the chapter of formats: TO_CHAR and its inverses, and Teradata's conversions of text to numbers. The formats of dates are in
// format_date.go, those of numbers in format_number.go.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Data_type_formatting.html
var formatFunctions = []Scalar{
	{Name: "to_char", Args: sig(timestamp, text), Returns: always(types.TVarcharMax), Kernel: build(charOfTimestamp), Volatility: Stable, Doc: "r_TO_CHAR"},
	{Name: "to_char", Args: sig(timestampTZ, text), Returns: always(types.TVarcharMax), Kernel: build(charOfTimestamp), Volatility: Stable, Doc: "r_TO_CHAR"},
	{Name: "to_char", Args: sig(number, text), Returns: always(types.TVarcharMax), Kernel: build(charOfNumber), Doc: "r_TO_CHAR"},
	{Name: "to_char", Args: sig(interval, text), Returns: always(types.TVarcharMax), Kernel: build(charOfInterval), Doc: "r_TO_CHAR"},
	{Name: "to_date", Args: sig(text, text, boolean), Optional: 1, Returns: always(types.TDate), Kernel: each(toDate), Doc: "r_TO_DATE_function"},
	{Name: "to_timestamp", Args: sig(text, text, boolean), Optional: 1, Returns: always(types.TTimestampTZ), Kernel: each(toTimestamp), Volatility: Stable, Doc: "r_TO_TIMESTAMP"},
	{Name: "to_number", Args: sig(text, text), Bind: bindToNumber, Kernel: each(toNumber), Doc: "r_TO_NUMBER"},
	{Name: "text_to_int_alt", Args: sig(text, text), Optional: 1, Returns: always(types.TInt4), Kernel: each(textToInt), Doc: "r_TEXT_TO_INT_ALT"},
	{Name: "text_to_numeric_alt", Args: sig(text, text), Optional: 1, Returns: always(types.TNumeric(38, 0)), Kernel: each(textToNumeric), Doc: "r_TEXT_TO_NUMERIC_ALT"},
	{Name: "text_to_numeric_alt", Args: sig(text, int4, int4), Bind: bindTextToNumeric, Kernel: each(textToNumeric), Doc: "r_TEXT_TO_NUMERIC_ALT"},
	{Name: "text_to_numeric_alt", Args: sig(text, text, int4, int4), Bind: bindTextToNumeric, Kernel: each(textToNumeric), Doc: "r_TEXT_TO_NUMERIC_ALT"},
}

// formats keeps parsed formats of one kind; it is emptied when it has grown to 256.
type formats[T any] struct {
	sync.RWMutex
	m map[string]*T
}

func (f *formats[T]) get(s string, parse func(string) (*T, error)) (*T, error) {
	f.RLock()
	x := f.m[s]
	f.RUnlock()
	if x != nil {
		return x, nil
	}
	x, err := parse(s)
	if err != nil {
		return nil, err
	}
	f.Lock()
	if f.m == nil || len(f.m) >= 256 {
		f.m = map[string]*T{}
	}
	f.m[strings.Clone(s)] = x
	f.Unlock()
	return x, nil
}

// The parsed formats.
var (
	dateFormats   formats[dateFormat]
	numberFormats formats[numberFormat]
)

// charOfTimestamp writes a timestamp in a format; of a timestamptz the session's wall clock.
func charOfTimestamp(dst []byte, r *row) ([]byte, error) {
	f, err := dateFormats.get(r.text(1), parseDateFormat)
	if err != nil {
		return nil, err
	}
	us, loc := r.int(0), zoneOf(r.env)
	at := us
	if r.args[0].Type.Kind == types.TimestampTZ {
		us = types.UTCToLocal(us, loc)
	} else {
		at = types.LocalToUTC(us, loc)
	}
	return f.append(dst, us, at, loc), nil
}

// charOfNumber writes a number in a format.
func charOfNumber(dst []byte, r *row) ([]byte, error) {
	f, err := numberFormats.get(r.text(1), parseNumberFormat)
	if err != nil {
		return nil, err
	}
	t := r.args[0].Type
	var v types.Int128
	scale := int(t.Scale)
	switch t.Lane() {
	case types.LaneInt:
		v = types.FromInt64(r.int(0))
		if t.Kind != types.Numeric {
			scale = 0
		}
	case types.LaneWide:
		v = r.wide(0)
	default:
		x := r.float(0)
		scale = min(f.post+f.shift, 15)
		var ok bool
		if v, ok = types.FromFloat(x, types.MaxPrecision, scale); !ok {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, rangeError(types.Float8)
			}
			if v, scale = (types.Int128{Hi: math.MaxInt64}), 0; x < 0 { // more digits than any format has places for
				v = v.Neg()
			}
		}
	}
	return f.append(dst, v, scale), nil
}

// toDate reads a date in a format. Unless it is strict, days beyond a month's end count on.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_DATE_function.html
func toDate(r *row) error {
	us, err := readMoment(r)
	if err != nil {
		return err
	}
	d, _ := types.SplitMicros(us)
	if d < types.MinDate || d > types.MaxDate {
		return types.DatetimeRange(types.Date)
	}
	r.setInt(d)
	return nil
}

// toTimestamp reads a timestamp in a format, on the session's wall clock.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_TIMESTAMP.html
func toTimestamp(r *row) error {
	us, err := readMoment(r)
	if err != nil {
		return err
	}
	if us < types.MinTimestamp || us > types.MaxTimestamp {
		return types.DatetimeRange(types.Timestamp)
	}
	r.setInt(types.LocalToUTC(us, zoneOf(r.env)))
	return nil
}

// readMoment reads argument 0 in the format of argument 1, strictly if argument 2 says so.
func readMoment(r *row) (int64, error) {
	f, err := dateFormats.get(r.text(1), parseDateFormat)
	if err != nil {
		return 0, err
	}
	return f.read(r.text(0), r.flag(2))
}

// bindToNumber gives TO_NUMBER the scale of its format, which must be a constant.
func bindToNumber(b *Bound, args []Arg) error {
	s, ok := constText(args[1])
	if !ok {
		if args[1].Const != nil {
			b.Returns = types.TNumeric(18, 0)
			return nil
		}
		return sqlstate.FeatureNotSupported.Errorf("TO_NUMBER with a format that is not a constant is not supported")
	}
	f, err := parseNumberFormat(s)
	if err != nil {
		return err
	}
	scale := min(f.post, types.MaxScale)
	b.Returns = types.TNumeric(min(max(f.pre+scale, 1), types.MaxPrecision), scale)
	return nil
}

// setNumeric sets a numeric of the result's type.
func (r *row) setNumeric(v types.Int128) error {
	t := r.out.Type
	if !types.FitsPrecision(v, int(t.Prec)) {
		return types.NumericOverflow(int(t.Prec), int(t.Scale))
	}
	if t.Lane() == types.LaneInt {
		x, _ := v.Int64()
		r.setInt(x)
	} else {
		r.setWide(v)
	}
	return nil
}

// toNumber reads a number in a format.
func toNumber(r *row) error {
	f, err := numberFormats.get(r.text(1), parseNumberFormat)
	if err != nil {
		return err
	}
	digits, err := f.read(r.text(0))
	if err != nil {
		return err
	}
	v, err := types.ParseDecimal(digits, types.MaxPrecision, int(r.out.Type.Scale))
	if err != nil {
		return err
	}
	return r.setNumeric(v)
}

// bindTextToNumeric takes the precision and scale that stand behind the text.
func bindTextToNumeric(b *Bound, args []Arg) error {
	k := len(args)
	p, ok1 := constInt(args[k-2])
	s, ok2 := constInt(args[k-1])
	if !ok1 || !ok2 || p < 1 || p > types.MaxPrecision || s < 0 || s > types.MaxScale || s > p {
		return invalid("invalid precision or scale of TEXT_TO_NUMERIC_ALT")
	}
	b.Returns = types.TNumeric(p, s)
	return nil
}

// teradataFormat is the format argument of a conversion of text, if it has one.
func teradataFormat(r *row) string {
	if len(r.args) > 1 && r.args[1].Type.Lane() == types.LaneText {
		return r.text(1)
	}
	return ""
}

// textToInt reads Teradata's numbers; the fraction is cut.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TEXT_TO_INT_ALT.html
func textToInt(r *row) error {
	x, err := readTeradata(r.text(0), teradataFormat(r))
	if err != nil {
		return err
	}
	q := new(big.Int).Quo(x.Num(), x.Denom())
	if !q.IsInt64() || !types.IntFits(q.Int64(), types.Int4) {
		return rangeError(types.Int4)
	}
	r.setInt(q.Int64())
	return nil
}

// textToNumeric reads Teradata's numbers; halves are rounded to the even neighbour.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TEXT_TO_NUMERIC_ALT.html
func textToNumeric(r *row) error {
	x, err := readTeradata(r.text(0), teradataFormat(r))
	if err != nil {
		return err
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(r.out.Type.Scale)), nil)
	num := new(big.Int).Mul(x.Num(), ten)
	q, rest := new(big.Int).QuoRem(num, x.Denom(), new(big.Int))
	rest.Abs(rest).Lsh(rest, 1)
	if c := rest.Cmp(x.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(num.Sign())))
	}
	v, err := types.ParseDecimal(q.String(), types.MaxPrecision, 0)
	if err != nil {
		return err
	}
	return r.setNumeric(v)
}

// zoned are the last characters of signed zoned decimals: the digits of positive numbers, then those of negative ones.
const zoned = "{ABCDEFGHI}JKLMNOPQR"

// readTeradata reads a number: a sign before or behind it, a currency, an exponent, signs that group digits; with S at the end of the format the last
// character is a zoned decimal. An empty text is 0.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric-format-teradata.html
func readTeradata(text, format string) (*big.Rat, error) {
	bad := func() (*big.Rat, error) {
		return nil, sqlstate.InvalidText.Errorf("invalid input syntax for numeric: \"%s\"", text)
	}
	if strings.ContainsAny(format, "GOUA/,:%+-B ") {
		return nil, invalid("invalid format \"%s\"", format)
	}
	s := strings.TrimSpace(text)
	for _, c := range [3]string{"US Dollars", "USD", "$"} {
		if t := strings.TrimSpace(strings.Replace(s, c, "", 1)); t != s {
			s = t
			break
		}
	}
	if s == "" {
		return new(big.Rat), nil
	}
	neg := false
	if strings.HasSuffix(format, "S") {
		if k := strings.IndexByte(zoned, s[len(s)-1]); k >= 0 {
			neg = k >= 10
			s = s[:len(s)-1] + strconv.Itoa(k%10)
		}
	}
	switch {
	case s[0] == '-' || s[0] == '+':
		neg = neg != (s[0] == '-')
		s = s[1:]
	case s[len(s)-1] == '-' || s[len(s)-1] == '+':
		neg = neg != (s[len(s)-1] == '-')
		s = s[:len(s)-1]
	}
	s = strings.NewReplacer("/", "", ",", "", ":", "", "%", "").Replace(s)
	mantissa, exponent := s, 0
	if at := strings.IndexAny(s, "eE"); at >= 0 {
		var err error
		if exponent, err = strconv.Atoi(s[at+1:]); err != nil || exponent > 99 || exponent < -99 {
			return bad()
		}
		mantissa = s[:at]
	}
	if strings.Trim(mantissa, "0123456789.") != "" || strings.Count(mantissa, ".") > 1 || strings.Trim(mantissa, ".") == "" || len(mantissa) > 200 {
		return bad()
	}
	x, ok := new(big.Rat).SetString(mantissa + "e" + strconv.Itoa(exponent))
	if !ok {
		return bad()
	}
	if neg {
		x.Neg(x)
	}
	return x, nil
}
