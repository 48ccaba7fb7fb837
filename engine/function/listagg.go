package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// rowLog keeps the groups of all rows in the order in which they came, for aggregates that need every value of a group at the end.
//
//	of     2 0 2 1 0      group of each row; nil when all belong to group 0
//	rows   1 4|3|0 2      the rows group by group, made when first asked for
//	start  0 2 3 5        where each group's rows begin in rows
type rowLog struct {
	groups int
	n      int
	of     []uint32
	rows   []int32
	start  []int32
}

// add notes a row.
func (l *rowLog) add(g uint32) {
	if g != 0 && l.of == nil {
		l.of = make([]uint32, l.n, max(2*l.n, 16))
	}
	if l.of != nil {
		l.of = append(l.of, g)
	}
	l.n++
	l.start = nil
}

// rowsOf gives the rows of a group.
func (l *rowLog) rowsOf(g int) []int32 {
	if l.start == nil || len(l.start) != l.groups+1 {
		l.sort()
	}
	return l.rows[l.start[g]:l.start[g+1]]
}

// sort counts the rows of each group, and then deals them.
func (l *rowLog) sort() {
	start := make([]int32, l.groups+2) // start[g+1] runs over group g's rows while they are dealt
	l.rows = growTo(l.rows[:0], l.n)
	if l.of == nil {
		for i := range l.rows {
			l.rows[i] = int32(i)
		}
		for g := 1; g < len(start); g++ {
			start[g] = int32(l.n)
		}
		l.start = start[:l.groups+1]
		return
	}
	for _, g := range l.of {
		start[g+2]++
	}
	for g := 2; g < len(start); g++ {
		start[g] += start[g-1]
	}
	for i, g := range l.of {
		l.rows[start[g+1]] = int32(i)
		start[g+1]++
	}
	l.start = start[:l.groups+1]
}

// bytes is what the log holds.
func (l *rowLog) bytes() int64 { return int64(cap(l.of)+cap(l.rows)+cap(l.start)) * 4 }

// findListagg chooses LISTAGG: the first argument becomes text, the second separates.
// https://docs.aws.amazon.com/redshift/latest/dg/r_LISTAGG.html
func findListagg(_ string, args []Arg) (*BoundAggregate, error) {
	if len(args) < 1 || len(args) > 2 {
		return nil, nil
	}
	t := args[0].Type
	if !t.IsText() && t.Kind != types.Unknown {
		n := int(textLen(t))
		if _, ok := FindCast(t, types.TVarchar(n), false); !ok || n == 0 {
			return nil, nil
		}
		t = types.TVarchar(n)
	}
	b := &BoundAggregate{Params: []types.Type{t}, Returns: types.TVarcharMax, Place: ComputeOnly, New: func() State { return &listaggState{} }}
	if len(args) == 2 {
		if d := args[1].Type; !d.IsText() && d.Kind != types.Unknown {
			return nil, nil
		}
		b.Params = append(b.Params, types.TVarcharMax)
	}
	return b, nil
}

// listaggState is LISTAGG: texts in the order in which they come. NULLs and empty texts are passed over.
type listaggState struct {
	log     rowLog
	texts   []string
	held    int64 // bytes of texts
	between string
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *listaggState) Resize(n int) {
	if n > s.log.groups {
		s.log.groups, s.log.start = n, nil
	}
}

// Update keeps the texts of rows.
func (s *listaggState) Update(groups []uint32, n int, args []*vector.Vector) error {
	if n > 0 && len(args) > 1 {
		if d := args[1].Get(0); !d.Null {
			s.between = d.Text
		}
	}
	v := flat(args[0], &s.scratch)
	for i, x := range v.Texts[:n] {
		if x == "" || v.Null(i) {
			continue
		}
		s.log.add(groupAt(groups, i))
		s.texts = append(s.texts, x)
		s.held += int64(len(x))
	}
	return nil
}

// Partial is never called: LISTAGG has no partial form.
func (s *listaggState) Partial(_, _ int, _ []*vector.Vector) {}

// Merge is never called: LISTAGG has no partial form.
func (s *listaggState) Merge(_ []uint32, _ int, _ []*vector.Vector) error { return nil }

// Final joins the texts of each group.
func (s *listaggState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TVarcharMax
	out.Reset(hi - lo)
	var list []string
	for g := lo; g < hi; g++ {
		rows := s.log.rowsOf(g)
		if len(rows) == 0 {
			out.SetNull(g - lo)
			continue
		}
		size := (len(rows) - 1) * len(s.between)
		list = list[:0]
		for _, r := range rows {
			size += len(s.texts[r])
			list = append(list, s.texts[r])
		}
		if size > types.MaxVarchar {
			return sqlstate.Internal.Errorf("Result size exceeds LISTAGG limit")
		}
		out.Texts[g-lo] = strings.Join(list, s.between)
	}
	return nil
}

// Bytes is what the texts hold.
func (s *listaggState) Bytes() int64 { return s.log.bytes() + int64(cap(s.texts))*16 + s.held }
