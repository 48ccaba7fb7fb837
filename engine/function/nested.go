package function

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Part is a part of a value of a nested type of an external table: the way to it, and its type.
type Part struct {
	Way  []int // numbers of fields and of elements
	Type *nested.Type
	name string
}

// Field goes on to a field of the struct that the part is.
func (p *Part) Field(i int) *Part {
	return p.to(i, p.Type.Parts[i], "."+p.Type.Names[i])
}

// Index goes on to an element of the array that the part is.
func (p *Part) Index(i int) *Part {
	return p.to(i, p.Type.Element(), "["+strconv.Itoa(i)+"]")
}

func (p *Part) to(step int, t *nested.Type, name string) *Part {
	return &Part{Way: append(p.Way[:len(p.Way):len(p.Way)], step), Type: t, name: p.name + name}
}

// NestedPart reads a part of a value of a nested type; NULL where there is none. A scalar comes out as a value of its type, anything else as a value of a nested
// type. Its name is the path: .name.given
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#nested-data-sqlextension1
func NestedPart(p *Part) *Bound {
	kernel := func(_ *Env, n int, in, out *vector.Vector) error {
		for i, t := range in.Texts[:n] {
			if !out.Null(i) && !nested.Put(out, i, nested.At(super.Value(t), p.Way)) {
				out.SetNull(i)
			}
		}
		return nil
	}
	return &Bound{Name: p.name, Params: []types.Type{types.TNested}, Returns: p.Type.SQL(), Kernel: castRows(kernel), Strict: true, Part: p}
}
