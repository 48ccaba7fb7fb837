package function

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// SuperStep is one step into a SUPER value: to the attribute of a name, or to the element of an index.
type SuperStep struct {
	Name    string
	Index   int
	Element bool // Index is meant
}

// String is the step as it is written.
func (s *SuperStep) String() string {
	switch {
	case s.Element:
		return "[" + strconv.Itoa(s.Index) + "]"
	case plainName(s.Name):
		return "." + s.Name
	}
	return `."` + strings.ReplaceAll(s.Name, `"`, `""`) + `"`
}

// plainName says that an attribute's name needs no quotes.
func plainName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && c|0x20-'a' > 25 && (i == 0 || c-'0' > 9) {
			return false
		}
	}
	return s != ""
}

// SuperPath goes steps into a SUPER value; the result is NULL where there is no such part, or where it is null, and an error instead of the former when the
// session's navigate_super_null_on_error is off. Parts lie within the value: nothing is copied. Its name is the path: .orders[0].total
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#navigation
func SuperPath(steps []SuperStep) *Bound {
	name := ""
	for i := range steps {
		name += steps[i].String()
	}
	kernel := func(env *Env, n int, in, out *vector.Vector) error {
		for i, t := range in.Texts[:n] {
			if out.Null(i) {
				continue
			}
			v, ok := super.Value(t), true
			for k := range steps {
				s := &steps[k]
				from := v
				if s.Element {
					v, ok = v.Index(s.Index)
				} else {
					v, ok = v.Field(s.Name)
				}
				if ok {
					continue
				}
				if env != nil && env.StrictPaths && from.Kind() != super.Null {
					return noPart(from, s)
				}
				break
			}
			if !ok || v.Kind() == super.Null {
				out.SetNull(i)
				continue
			}
			out.Texts[i] = string(v)
		}
		return nil
	}
	return &Bound{Name: name, Params: []types.Type{types.TSuper}, Returns: types.TSuper, Kernel: castRows(kernel), Strict: true, Path: steps}
}

// Steps says that the call goes into a SUPER value: it is of SuperPath or SuperAt.
func (b *Bound) Steps() bool { return b.Path != nil || b.Name == superAt }

const superAt = "[]"

// SuperAt is x[i] of an index that is computed.
func SuperAt() *Bound {
	kernel := each(func(r *row) error {
		s := SuperStep{Index: int(r.int(1)), Element: true}
		from := super.Value(r.text(0))
		v, ok := from.Index(s.Index)
		switch {
		case !ok && r.env != nil && r.env.StrictPaths && from.Kind() != super.Null:
			return noPart(from, &s)
		case !ok || v.Kind() == super.Null:
			r.setNull()
		default:
			r.setText(string(v))
		}
		return nil
	})
	return &Bound{Name: superAt, Params: []types.Type{types.TSuper, types.TInt8}, Returns: types.TSuper, Kernel: kernel, Strict: true}
}

// noPart is the error of a path that leads nowhere, when the session is strict.
// https://docs.aws.amazon.com/redshift/latest/dg/super-configurations.html#lax-strict-modes
func noPart(v super.Value, s *SuperStep) error {
	if s.Element {
		if v.Kind() != super.Array {
			return sqlstate.InvalidParameterValue.Errorf("cannot navigate to element %s of a SUPER value of type %s", s, v.TypeOf())
		}
		return sqlstate.InvalidParameterValue.Errorf("SUPER array index %d is out of bounds", s.Index)
	}
	if v.Kind() != super.Object {
		return sqlstate.InvalidParameterValue.Errorf("cannot navigate to attribute \"%s\" of a SUPER value of type %s", s.Name, v.TypeOf())
	}
	return sqlstate.InvalidParameterValue.Errorf("SUPER object has no attribute \"%s\"", s.Name)
}
