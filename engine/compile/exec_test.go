package compile

import (
	"context"
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// execWays are the ways in which the executor runs every program: alone; with helpers and readers that hardly keep up.
var execWays = []exec.Options{
	{Workers: 1},
	{Workers: 1, WaitMark: 1, SmallQuery: -1},
	{Workers: 3, WaitMark: 1, SmallQuery: -1, CollectReport: true},
}

// stored lays the tables of a plan into storage, as their distribution says.
func (g *generator) stored(n plan.Node, topo storage.Topology) []storage.View {
	var views []storage.View
	for _, t := range Views(n) {
		def := *t.Def
		for _, c := range t.Columns {
			def.Columns = append(def.Columns, storage.Column{Name: c.Name, Type: c.Type})
		}
		v := storage.NewVersion(&def, topo)
		w := storage.ViewOf(v).NewWriter()
		for i, r := range g.rows[t.ID] {
			b, to := batch(r), make([]uint16, 1)
			def.Place(topo, b, int64(i), to)
			if err := w.Append(int(to[0]), b); err != nil {
				panic(err)
			}
		}
		d, err := w.Close()
		if err != nil {
			panic(err)
		}
		if v, err = v.Apply(d); err != nil {
			panic(err)
		}
		views = append(views, storage.ViewOf(v))
	}
	return views
}

// execute runs a program on the executor.
func execute(p *exec.Program, views []storage.View, o exec.Options) (rows []row, err error) {
	c, err := exec.Run(context.Background(), p, &function.Env{Location: time.UTC}, nil, views, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := c.Close(); err == nil {
			err = e
		}
	}()
	for {
		b, err := c.Next()
		if err != nil || b == nil {
			return rows, err
		}
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			var r row
			for _, v := range b.Columns {
				r = append(r, v.Get(at))
			}
			rows = append(rows, r)
		}
	}
}

// TestRandomPrograms runs the programs of random queries on the executor and on the machine of these tests, which takes them literally.
func TestRandomPrograms(t *testing.T) {
	n := uint64(2000)
	if testing.Short() {
		n = 150
	}
	bad, ran := 0, 0
	try := func(seed uint64) {
		ok, err := programOnce(seed)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			if bad++; bad > 5 {
				t.FailNow()
			}
		}
		if ok {
			ran++
		}
	}
	try(16065) // a sort, a limit and a join that still has rows to give when the limit is reached
	try(23786)
	n = seeds(t, n, try)
	t.Logf("%d of %d programs ran", ran, n)
	if ran < int(n)/2 {
		t.Error("too few programs ran")
	}
}

// programOnce makes one random program and compares what it gives; false = its query is refused, or fails on the machine.
func programOnce(seed uint64) (ran bool, err error) {
	g := newGenerator(seed)
	n, cols := g.query(2, &block{})
	topo := storage.Topology{Nodes: 1 + g.IntN(3), SlicesPerNode: 1 + g.IntN(3)}
	env := &optimize.Env{Topology: topo, Parallel: float64(1 + g.IntN(50)), Stats: func(t *catalog.Table) optimize.TableStats { return g.stats[t.ID] }}
	p, err := optimize.Optimize(n, env)
	if err != nil {
		return false, nil
	}
	prog, err := Compile(p, &Env{Topology: topo, Columns: cols})
	if err != nil {
		return false, err
	}
	var m *machine
	func() {
		defer func() { _ = recover() }() // more than one row from a scalar subquery
		views, keys := g.spread(p, topo.Slices())
		m, _ = run(prog, views, keys)
	}()
	if m == nil {
		return false, nil
	}
	views := g.stored(p, topo)
	for i, o := range execWays {
		got, err := execute(prog, views, o)
		if err != nil {
			return false, fmt.Errorf("way %d: %v\n%s", i, err, Steps(prog))
		}
		if bag(got) != bag(m.result) {
			return false, fmt.Errorf("way %d: got\n%s\nwant\n%s\n%s", i, bag(got), bag(m.result), Steps(prog))
		}
		if s, ok := n.(*plan.Sort); ok {
			k := sortKeys(&flow{cols: cols}, s.Keys)
			if !sort.SliceIsSorted(got, func(i, j int) bool { return less(got[i], got[j], k) }) {
				return false, fmt.Errorf("way %d: not sorted\n%s", i, Steps(prog))
			}
		}
	}
	return true, nil
}

// sumState is count, sum, min and max of integers, for programs that run.
type sumState struct {
	name string
	vals []int64
	some []bool
}

// aggregateOf is the aggregate that the generator makes, with a state.
func aggregateOf(name string) *function.BoundAggregate {
	a := &function.BoundAggregate{
		Name: name, Returns: types.TInt8, Partial: []types.Type{types.TInt8},
		New: func() function.State { return &sumState{name: name} },
	}
	if name == "count" {
		a.Empty = &types.Datum{Type: types.TInt8}
	}
	return a
}

func (s *sumState) Resize(n int) {
	for len(s.vals) < n {
		s.vals, s.some = append(s.vals, 0), append(s.some, s.name == "count")
	}
}

func (s *sumState) add(g int, x int64) {
	switch {
	case !s.some[g]:
		s.vals[g] = x
	case s.name == "min":
		s.vals[g] = min(s.vals[g], x)
	case s.name == "max":
		s.vals[g] = max(s.vals[g], x)
	default:
		s.vals[g] += x
	}
	s.some[g] = true
}

func (s *sumState) Update(groups []uint32, n int, args []*vector.Vector) error {
	for i := range n {
		g, d := 0, types.Datum{Int: 1}
		if groups != nil {
			g = int(groups[i])
		}
		if len(args) > 0 {
			if d = args[0].Get(i); d.Null {
				continue
			}
		}
		if s.name == "count" {
			d.Int = 1
		}
		s.add(g, d.Int)
	}
	return nil
}

func (s *sumState) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

func (s *sumState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	for i := range n {
		g := 0
		if groups != nil {
			g = int(groups[i])
		}
		if d := partial[0].Get(i); !d.Null {
			s.add(g, d.Int)
		}
	}
	return nil
}

func (s *sumState) Final(lo, hi int, out *vector.Vector) error {
	out.Reset(hi - lo)
	for i := lo; i < hi; i++ {
		out.Set(i-lo, types.Datum{Type: types.TInt8, Int: s.vals[i], Null: !s.some[i]})
	}
	return nil
}

func (s *sumState) Bytes() int64 { return int64(9 * len(s.vals)) }
