package function

import (
	"math"
	"math/rand"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// The examples of https://docs.aws.amazon.com/redshift/latest/dg/Math_functions.html and its pages; sales 10000 has a commission of 28.05, sales
// 784 of 111.15.
func TestMath(t *testing.T) {
	check(t, [][2]string{
		{`abs(-38)`, "38"},
		{`abs(-2147483648)`, "22003 integer out of range"},
		{`abs(-1.50)`, "1.50"},
		{`abs('-2')`, "2"},
		{`ceiling(28.05::numeric(8,2))`, "29"},
		{`ceil(-28.05)`, "-28"},
		{`ceil(1.2::float8)`, "2"},
		{`ceil(5)`, "5"},
		{`floor(28.95)`, "28"},
		{`floor(-28.05)`, "-29"},
		{`floor('99999999999999999999999999999999999999'::numeric(38,0))`, "99999999999999999999999999999999999999"},
		{`round(28.05::numeric(8,2))`, "28"},
		{`round(28.05::numeric(8,2), 1)`, "28.1"},
		{`round(28.05::numeric(8,2), -1)`, "30"},
		{`round(-28.05::numeric(8,2), 1)`, "-28.1"},
		{`round(28.05, 5)`, "28.05"},
		{`round(99.9::numeric(3,1))`, "100"},
		{`round(16.4)`, "16"},
		{`round(2.5::float8)`, "3"},
		{`round(-2.5::float8)`, "-3"},
		{`round(1.005::float8, 2)`, "1.01"}, // by its digits, not by the double below it
		{`round(1234, -2)`, "1200"},
		{`round(1250, -2)`, "1300"},
		{`round(17)`, "17"},
		{`trunc(111.15::numeric(8,2))`, "111"},
		{`trunc(111.15::numeric(8,2), 1)`, "111.1"},
		{`trunc(111.15::numeric(8,2), -1)`, "110"},
		{`trunc(-111.99)`, "-111"},
		{`trunc(1.15::float8, 2)`, "1.15"},
		{`trunc(-1.98::float8)`, "-1"},
		{`trunc(timestamp'2011-07-21 10:32:38.248109')`, "2011-07-21"},
		{`trunc(getdate())`, "2014-01-20"},
		{`mod(10, 4)`, "2"},
		{`mod(-10, 4)`, "-2"},
		{`mod(10.5, 4)`, "2.5"},
		{`mod(16.4::numeric(3,1)::int4, 5)`, "1"},
		{`mod(5, 0)`, "22012 division by zero"},
		{`sign(28.05::numeric(8,2))`, "1"},
		{`sign(-4.25::float8)`, "-1"},
		{`sign(0)`, "0"},
		{`sqrt(16)`, "4"},
		{`sqrt('16')`, "4"},
		{`sqrt(round(16.4))`, "4"},
		{`sqrt(-1)`, "2201F cannot take square root of a negative number"},
		{`cbrt(28.05)`, "3.03839539048843"},
		{`power(2, 10)`, "1024"},
		{`pow(2, 0.5)`, "1.4142135623731"},
		{`power(0, -1)`, "2201F invalid argument for power function"},
		{`power(10, 400)`, `22003 type "double precision" value out of range: overflow`},
		{`exp(0)`, "1"},
		{`dexp(0.7)`, "2.01375270747048"},
		{`exp(1000)`, `22003 type "double precision" value out of range: overflow`},
		{`ln(2.718281828)`, "0.999999999831127"},
		{`dlog1(10)`, "2.30258509299405"},
		{`ln(0)`, "2201E cannot take logarithm of zero"},
		{`ln(-1)`, "2201E cannot take logarithm of a negative number"},
		{`log(100)`, "2"},
		{`dlog10(1000)`, "3"},
		{`pi()`, "3.14159265358979"},
		{`random()`, "0.25"},
		{`acos(-1)`, "3.14159265358979"},
		{`acos(2)`, "22003 input is out of range"},
		{`asin(1)`, "1.5707963267949"},
		{`atan(1)`, "0.785398163397448"},
		{`atan2(2,2)`, "0.785398163397448"},
		{`cos(0)`, "1"},
		{`cos(pi())`, "-1"},
		{`cot(1)`, "0.642092615934331"},
		{`sin(0)`, "0"},
		{`tan(0)`, "0"},
		{`degrees(.5)`, "28.6478897565412"},
		{`degrees(pi())`, "180"},
		{`radians(180)`, "3.14159265358979"},
		{`factorial(20)`, "2432902008176640000"},
		{`factorial(33)`, "8683317618811886495518194401280000000"},
		{`factorial(0)`, "1"},
		{`factorial(34)`, "22003 Numeric data overflow (result precision)"},
	})
}

// Rounding leaves at most half a unit, cutting less than one, and both a multiple of the unit.
func TestRoundProperty(t *testing.T) {
	rnd := rand.New(rand.NewSource(2))
	for range 3000 {
		v := types.FromInt64(rnd.Int63n(1<<40) - 1<<39)
		drop := rnd.Intn(8)
		unit := int64(math.Pow10(drop))
		x, _ := v.Int64()
		for _, way := range []rounding{roundNearest, roundZero, roundUp, roundDown} {
			w, ok := roundDigits(v, drop, way)
			y, _ := w.Int64()
			d := y - x
			good := map[rounding]bool{
				roundNearest: 2*max(d, -d) <= unit, roundZero: max(y, -y) <= max(x, -x) && max(d, -d) < unit || d == 0,
				roundUp: d >= 0 && d < unit, roundDown: d <= 0 && d > -unit,
			}[way]
			var o [1]int64
			if roundInts(way, unit, wideRows{ints: []int64{x}, mask: -1}, o[:]); o[0]*unit != y {
				t.Fatalf("%d, %d digits, way %d: %d in the int lane, %d in the wide", x, drop, way, o[0]*unit, y)
			}
			if !ok || y%unit != 0 || !good {
				t.Fatalf("%d, %d digits, way %d: %d", x, drop, way, y)
			}
		}
	}
}
