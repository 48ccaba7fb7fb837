package function

import (
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// collectName is the name of an aggregate and of a function of two geometries.
const collectName = "st_collect"

// findCollect chooses ST_Collect of a column: the geometries of a group as one, in the order of WITHIN GROUP. NULLs are passed over.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Collect-function.html
func findCollect(_ string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t := args[0].Type
	if !t.IsSpatial() && t.Kind != types.Unknown {
		return nil, nil
	}
	return &BoundAggregate{Params: []types.Type{types.TGeometry}, Returns: types.TGeometry, New: func() State { return &geometriesState{} }}, nil
}

// geometriesState keeps the geometries of each group in the order in which they come.
type geometriesState struct {
	log     rowLog
	values  []string
	held    int64 // bytes of values
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *geometriesState) Resize(n int) {
	if n > s.log.groups {
		s.log.groups, s.log.start = n, nil
	}
}

// Update keeps the geometries of rows.
func (s *geometriesState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	for i, x := range v.Texts[:n] {
		if v.Null(i) {
			continue
		}
		s.log.add(groupAt(groups, i))
		s.values = append(s.values, x)
		s.held += int64(len(x))
	}
	return nil
}

// Partial is never called: ST_Collect has no partial form.
func (s *geometriesState) Partial(_, _ int, _ []*vector.Vector) {}

// Merge is never called: ST_Collect has no partial form.
func (s *geometriesState) Merge(_ []uint32, _ int, _ []*vector.Vector) error { return nil }

// Final puts the geometries of each group together.
func (s *geometriesState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TGeometry
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		rows := s.log.rowsOf(g)
		if len(rows) == 0 {
			out.SetNull(g - lo)
			continue
		}
		parts := make([]spatial.Geometry, len(rows))
		for i, r := range rows {
			var d spatial.Decoder
			parts[i] = d.Decode(s.values[r])
		}
		all, err := spatial.Collect(parts)
		if err != nil {
			return err
		}
		b, err := put(nil, &all)
		if err != nil {
			return err
		}
		out.Texts[g-lo] = string(b)
	}
	return nil
}

// Bytes is what the geometries hold.
func (s *geometriesState) Bytes() int64 { return s.log.bytes() + int64(cap(s.values))*16 + s.held }
