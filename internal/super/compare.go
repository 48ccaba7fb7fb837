package super

import (
	"bytes"
	"strconv"
	"strings"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// ranks orders the kinds: boolean, number, string, array, object, and null last as NULL is.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#order-by
var ranks = [Object + 1]int8{Null: 5, Bool: 0, Int: 1, Decimal: 1, Float: 1, String: 2, Array: 3, Object: 4}

// Compare is the order of ORDER BY, total over all kinds: boolean, number, string, array, object, null. Strings are compared without their trailing blanks,
// arrays by their first elements that differ, objects by their attributes in the order of the names; of two that begin alike the shorter comes first.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#order-by
func Compare(a, b Value) int { return compare(a, b, 0) }

func compare(a, b Value, depth int) int {
	if a == b {
		return 0
	}
	ka, kb := a.Kind(), b.Kind()
	if ra, rb := ranks[ka], ranks[kb]; ra != rb {
		return int(ra - rb)
	}
	switch ka {
	case Bool:
		if a.Bool() == b.Bool() {
			return 0
		} else if b.Bool() {
			return -1
		}
		return 1
	case Int, Decimal, Float:
		return CompareNumbers(a, b)
	case String:
		return types.CompareText(a.Text(), b.Text())
	case Array, Object:
		if depth < MaxDepth {
			return compareParts(a, b, depth+1)
		}
	}
	return 0
}

// compareParts orders two arrays or two objects.
func compareParts(a, b Value, depth int) int {
	ta, tb := a.table(), b.table()
	object := a.Kind() == Object
	for i := range min(ta.n, tb.n) {
		pa, pb := i, i
		if object {
			pa, pb = 2*a.sorted(&ta, i), 2*b.sorted(&tb, i)
			if c := strings.Compare(string(a.part(&ta, pa)), string(b.part(&tb, pb))); c != 0 {
				return c
			}
			pa, pb = pa+1, pb+1
		}
		if c := compare(a.part(&ta, pa), b.part(&tb, pb), depth); c != 0 {
			return c
		}
	}
	return ta.n - tb.n
}

// Equal says that two values are the same, deep into arrays and objects: numbers whatever their kind, strings but for trailing blanks, objects whatever the order
// of their attributes.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#dynamic-typing-lax-processing-dynamic-and-static
func Equal(a, b Value) bool {
	if a == b {
		return true
	}
	ka, kb := a.Kind(), b.Kind()
	if ranks[ka] != ranks[kb] || ka >= Array && a.Len() != b.Len() {
		return false
	}
	return compare(a, b, 0) == 0
}

// CompareNumbers orders two numbers by the numbers that they print: a floating-point one counts as the shortest decimal that reads as it. Were it compared as a
// double with an exact one, then two exact numbers might equal it and not each other, and what a join finds would depend on which of them came first.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#arithmetic-opertors
func CompareNumbers(a, b Value) int {
	ka, kb := a.Kind(), b.Kind()
	if ka == Float || kb == Float {
		c := types.CompareFloat(a.Float(), b.Float())
		if c != 0 || ka == kb || a.short() || b.short() {
			return c
		}
		return compareDigits(a, b)
	}
	if ka == Int && kb == Int {
		x, y := a.Int(), b.Int()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	x, sx := a.Decimal()
	y, sy := b.Decimal()
	if sx == sy {
		return x.Cmp(y)
	}
	qx, rx := x.QuoRem(types.Pow10(sx))
	qy, ry := y.QuoRem(types.Pow10(sy))
	if c := qx.Cmp(qy); c != 0 {
		return c
	}
	scale := max(sx, sy) // what is left is less than 1: it fits in 37 digits
	rx, _ = types.Rescale(rx, sx, scale)
	ry, _ = types.Rescale(ry, sy, scale)
	return rx.Cmp(ry)
}

// short says that an exact number has no more than 15 digits: the double next to it prints as it does.
func (v Value) short() bool {
	if v.Kind() == Float {
		return false
	}
	x, _ := v.Decimal()
	i, ok := x.Int64()
	return ok && i > -1e15 && i < 1e15
}

// compareDigits orders two numbers that are one double by their digits.
func compareDigits(a, b Value) int {
	var roomA, roomB [64]byte
	x, ex, negative := a.digits(roomA[:0])
	y, ey, _ := b.digits(roomB[:0])
	c := ex - ey
	if c == 0 {
		c = bytes.Compare(x, y)
	}
	if negative {
		return -c
	}
	return c
}

// decimalFloat is the double next to an exact number; equal numbers of different scales give the same.
func decimalFloat(x types.Int128, scale int) float64 {
	if i, ok := x.Int64(); ok && i > -1<<53 && i < 1<<53 && scale <= 22 { // both are doubles: one rounding
		return float64(i) / powers[scale]
	}
	var buf [48]byte
	s := types.AppendDecimal(buf[:0], x, scale)
	f, _ := strconv.ParseFloat(unsafe.String(&s[0], len(s)), 64)
	return f
}

// powers are the powers of ten that doubles hold exactly.
var powers = [23]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}
