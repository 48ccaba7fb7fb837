package compile

import (
	"fmt"
	"sort"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// machine runs programs row by row as program.go describes them: slow, and with every assumption checked. It is the reading of the contract by which
// this package compiles.
type machine struct {
	p       *exec.Program
	views   [][][]row // by view, slice
	keyCol  []int     // by view: the DISTKEY, -1
	inbox   []map[int][]row
	queues  []map[int][]row // of ordered exchanges, by producer
	tables  []map[int]*table
	writers []*written
	result  []row
}

type row []types.Datum

type table struct {
	rows    []row
	keys    []int
	shared  bool
	matched []bool
}

// written is what a writer got, by slice.
type written struct {
	inserted map[int][]row
	deleted  map[int][]int64
	placed   int
}

const leader = -1

// hashOf places a value: equal values on equal slices, whatever their integer type.
func hashOf(ds ...types.Datum) int {
	h := 17
	for i := range ds {
		v := int64(-99)
		if !ds[i].Null {
			v = ds[i].Int
		}
		h = h*31 + int(v)*7919
	}
	if h < 0 {
		h = -h
	}
	return h
}

func run(p *exec.Program, views [][][]row, keyCol []int) (m *machine, err error) {
	m = &machine{p: p, views: views, keyCol: keyCol}
	for range p.Exchanges {
		m.inbox, m.queues = append(m.inbox, map[int][]row{}), append(m.queues, map[int][]row{})
	}
	for range p.Tables {
		m.tables = append(m.tables, map[int]*table{})
	}
	for range p.Writers {
		m.writers = append(m.writers, &written{inserted: map[int][]row{}, deleted: map[int][]int64{}})
	}
	for _, s := range p.Streams {
		for _, g := range s.Segments {
			var who []int
			switch g.Where {
			case exec.OnSlices:
				for i := range p.Slices {
					who = append(who, i)
				}
			case exec.OnOneSlice:
				who = []int{0}
			default:
				who = []int{leader}
			}
			for _, w := range who {
				rows, err := m.source(g, w)
				if err != nil {
					return nil, err
				}
				for i, st := range g.Steps {
					if rows, err = m.step(g, i, st, w, rows); err != nil {
						return nil, err
					}
				}
				if !ends(g) {
					if g.Where != exec.OnLeader {
						panic("a segment of slices without an end")
					}
					m.result = append(m.result, rows...)
				}
			}
		}
	}
	return m, nil
}

func batch(r row) *vector.Batch {
	b := &vector.Batch{Len: 1}
	for _, d := range r {
		b.Columns = append(b.Columns, vector.NewConst(d, 1))
	}
	return b
}

func eval(p *expr.Program, r row) (types.Datum, error) {
	v, err := p.NewState(&function.Env{}).Eval(batch(r))
	if err != nil {
		return types.Datum{}, err
	}
	d := v.Get(0)
	d.Type = p.Type()
	return d, nil
}

func holds(p *expr.Program, r row) bool {
	if p == nil {
		return true
	}
	d, err := eval(p, r)
	if err != nil {
		panic(err)
	}
	return !d.Null && d.Bool
}

func (m *machine) source(g *exec.Segment, who int) ([]row, error) {
	switch s := g.Source.(type) {
	case *exec.ScanSource:
		var out []row
		among := make([]map[int64]bool, len(s.Runtime)) // what the tables that restrict the scan hold, on all slices
		for i, f := range s.Runtime {
			among[i] = map[int64]bool{}
			if len(m.tables[f.Table]) == 0 {
				panic("a table restricts a scan before it is filled")
			}
			for _, t := range m.tables[f.Table] {
				for _, r := range t.rows {
					if !r[f.From].Null {
						among[i][r[f.From].Int] = true
					}
				}
			}
		}
	rows:
		for id, r := range m.views[s.View][who] {
			for i, f := range s.Runtime {
				if d := r[s.Columns[f.Column]]; d.Null || !among[i][d.Int] {
					continue rows
				}
			}
			for i := range s.Predicates {
				if !m.predicate(&s.Predicates[i], r) {
					continue rows
				}
			}
			var o row
			for _, c := range s.Columns {
				o = append(o, r[c])
			}
			if s.RowIDs {
				o = append(o, types.Datum{Type: types.TInt8, Int: int64(id)})
			}
			if holds(s.Filter, o) {
				if s.KeyPred >= 0 {
					v, _ := eval(s.Predicates[s.KeyPred].Value, nil)
					if s.Predicates[s.KeyPred].Column != m.keyCol[s.View] || hashOf(v)%m.p.Slices != who {
						panic("KeyPred names another slice than the row's")
					}
				}
				out = append(out, o)
			}
		}
		check(g.Types, out)
		return out, nil
	case *exec.SavedSource:
		if t := m.tables[s.Table][who]; t != nil {
			return t.rows, nil
		}
		return nil, nil
	case *exec.InboxSource:
		return m.inbox[s.Exchange][who], nil
	case *exec.MergeSource:
		var out []row
		for _, q := range m.queues[s.Exchange] {
			if !sort.SliceIsSorted(q, func(i, j int) bool { return less(q[i], q[j], s.Keys) }) {
				panic("merge of an unsorted run")
			}
			out = append(out, q...)
		}
		sort.SliceStable(out, func(i, j int) bool { return less(out[i], out[j], s.Keys) })
		return out, nil
	case *exec.ValuesSource:
		var out []row
		for _, ps := range s.Rows {
			o := row{}
			for _, p := range ps {
				d, err := eval(p, nil)
				if err != nil {
					return nil, err
				}
				o = append(o, d)
			}
			out = append(out, o)
		}
		return out, nil
	}
	panic(fmt.Sprintf("machine: %T", g.Source))
}

// check panics when rows do not have the columns that the program says.
func check(ts []types.Type, rows []row) {
	for _, r := range rows {
		if len(r) != len(ts) {
			panic(fmt.Sprintf("%d columns, types say %d", len(r), len(ts)))
		}
		for i := range r {
			if r[i].Type.Lane() != ts[i].Lane() {
				panic(fmt.Sprintf("column %d is %v, types say %v", i, r[i].Type, ts[i]))
			}
		}
	}
}

func (m *machine) predicate(p *exec.Pred, r row) bool {
	d := r[p.Column]
	switch p.Op {
	case storage.IsNull:
		return d.Null
	case storage.IsNotNull:
		return !d.Null
	case storage.In:
		for _, v := range p.Values {
			x, _ := eval(v, nil)
			if !d.Null && !x.Null && d.Int == x.Int {
				return true
			}
		}
		return false
	}
	x, _ := eval(p.Value, nil)
	if d.Null || x.Null {
		return false
	}
	switch p.Op {
	case storage.Eq:
		return d.Int == x.Int
	case storage.Ne:
		return d.Int != x.Int
	case storage.Lt:
		return d.Int < x.Int
	case storage.Le:
		return d.Int <= x.Int
	case storage.Gt:
		return d.Int > x.Int
	}
	return d.Int >= x.Int
}

func less(a, b row, keys []exec.SortKey) bool {
	for _, k := range keys {
		x, y := a[k.Column], b[k.Column]
		switch {
		case x.Null && y.Null:
			continue
		case x.Null:
			return k.NullsFirst
		case y.Null:
			return !k.NullsFirst
		case x.Int == y.Int:
			continue
		}
		return x.Int < y.Int != k.Desc
	}
	return false
}

func pick(r row, at []int) row {
	out := make(row, len(at))
	for i, a := range at {
		out[i] = r[a]
	}
	return out
}

func text(r row) string {
	s := ""
	for _, d := range r {
		if d.Null {
			s += "NULL|"
		} else if d.Type.Kind == types.Bool {
			s += fmt.Sprint(d.Bool) + "|"
		} else {
			s += fmt.Sprint(d.Int) + "|"
		}
	}
	return s
}

func (m *machine) step(g *exec.Segment, at int, s exec.StepSpec, who int, in []row) ([]row, error) {
	last := at == len(g.Steps)-1
	must := func(ok bool, what string) {
		if !ok {
			panic(what)
		}
	}
	var out []row
	switch s := s.(type) {
	case *exec.FilterStep:
		for _, r := range in {
			if holds(s.Cond, r) {
				out = append(out, r)
			}
		}
	case *exec.ProjectStep:
		for _, r := range in {
			if len(s.Shared) > 0 {
				must(len(r) == s.Width, "shared expressions stand behind the input")
				r = append(row(nil), r...)
				for _, e := range s.Shared {
					v, err := eval(e, r)
					if err != nil {
						return nil, err
					}
					r = append(r, v)
				}
			}
			o := make(row, len(s.Types))
			for i := range o {
				if s.PassThrough[i] >= 0 {
					o[i] = r[s.PassThrough[i]]
					continue
				}
				var err error
				if o[i], err = eval(s.Exprs[i], r); err != nil {
					return nil, err
				}
			}
			out = append(out, o)
		}
		check(s.Types, out)
	case *exec.AggrStep:
		must(s.Phase != exec.Final || at == 0, "a final phase behind other steps")
		out = aggregate(s, in)
		check(s.Types, out)
	case *exec.HashStep:
		must(last, "hash is not the last step")
		must(s.Shared == (g.Where != exec.OnSlices) || s.Save, "a table is shared when one segment builds it")
		check(s.Types, in)
		m.tables[s.Table][who] = &table{rows: in, keys: s.Keys, shared: s.Shared, matched: make([]bool, len(in))}
	case *exec.HJoinStep:
		out = m.join(s.Kind, s.Table, s.Keys, s.Residual, g, who, in, s.Types)
		check(s.Types, out)
	case *exec.NLoopStep:
		must(s.Kind != exec.RightJoin && s.Kind != exec.FullJoin && s.Kind != exec.AntiNullJoin, "nested loop of this kind")
		out = m.join(s.Kind, s.Table, nil, s.Cond, g, who, in, s.Types)
		check(s.Types, out)
	case *exec.SortStep:
		out = append(out, in...)
		sort.SliceStable(out, func(i, j int) bool { return less(out[i], out[j], s.Keys) })
		if s.Limit > 0 && int64(len(out)) > s.Limit {
			out = out[:s.Limit]
		}
	case *exec.ExpandStep:
		for j, r := range in {
			if s.Unique {
				out = append(out, append(append(row{}, r...), types.Datum{Type: types.TInt8, Int: int64(who)<<32 + int64(j)}))
				continue
			}
			for i := range s.Count {
				out = append(out, append(append(row{}, r...), types.Datum{Type: types.TInt4, Int: int64(i)}))
			}
		}
	case *exec.UniqueStep:
		seen := map[string]bool{}
		for _, r := range in {
			if !seen[text(r)] {
				seen[text(r)] = true
				out = append(out, r)
			}
		}
	case *exec.LimitStep:
		out = in[min(s.Offset, int64(len(in))):]
		if s.Count >= 0 {
			out = out[:min(s.Count, int64(len(out)))]
		}
	case *exec.SetOpStep:
		t := m.table(s.Table, who)
		right := map[string]bool{}
		for _, r := range t.rows {
			right[text(r)] = true
		}
		seen := map[string]bool{}
		for _, r := range in {
			if k := text(r); right[k] != s.Except && !seen[k] {
				seen[k] = true
				out = append(out, r)
			}
		}
	case *exec.DistStep:
		must(last, "dist is not the last step")
		check(m.p.Exchanges[s.Exchange].Types, in)
		for i, r := range in {
			to := i % m.p.Slices
			if len(s.Keys) > 0 {
				to = hashOf(pick(r, s.Keys)...) % m.p.Slices
			}
			if s.ToSlice0 {
				to = 0
			}
			m.inbox[s.Exchange][to] = append(m.inbox[s.Exchange][to], r)
		}
	case *exec.BcastStep:
		must(last, "bcast is not the last step")
		check(m.p.Exchanges[s.Exchange].Types, in)
		for i := range m.p.Slices {
			m.inbox[s.Exchange][i] = append(m.inbox[s.Exchange][i], in...)
		}
	case *exec.ReturnStep:
		must(last && who != leader, "return is not the last step")
		must(m.p.Exchanges[s.Exchange].ToLeader, "return into an exchange between slices")
		check(m.p.Exchanges[s.Exchange].Types, in)
		m.inbox[s.Exchange][leader] = append(m.inbox[s.Exchange][leader], in...)
		if m.p.Exchanges[s.Exchange].Ordered {
			must(m.queues[s.Exchange][who] == nil, "two sorted runs of one producer")
		}
		m.queues[s.Exchange][who] = append(m.queues[s.Exchange][who], in...)
	case *exec.PlaceStep:
		must(last, "place is not the last step")
		w := m.writers[s.Writer]
		key := m.keyCol[m.p.Writers[s.Writer].View]
		for _, r := range in {
			to := w.placed % m.p.Slices
			if key >= 0 {
				to = hashOf(r[key]) % m.p.Slices
			}
			if key == -2 {
				to = 0
			}
			w.placed++
			m.inbox[s.Exchange][to] = append(m.inbox[s.Exchange][to], r)
		}
	case *exec.InsertStep:
		must(last, "insert is not the last step")
		w := m.writers[s.Writer]
		w.inserted[who] = append(w.inserted[who], in...)
	case *exec.DeleteStep:
		must(last != s.Forward, "delete")
		w := m.writers[s.Writer]
		seen := map[int64]bool{}
		for _, r := range in {
			if id := r[s.RowID].Int; !seen[id] {
				seen[id] = true
				w.deleted[who] = append(w.deleted[who], id)
				out = append(out, append(append(row{}, r[:s.RowID]...), r[s.RowID+1:]...))
			}
		}
	default:
		panic(fmt.Sprintf("machine: %T", s))
	}
	return out, nil
}

func (m *machine) table(n, who int) *table {
	t := m.tables[n][who]
	if t == nil || len(m.tables[n]) == 1 {
		for _, x := range m.tables[n] {
			if x.shared {
				return x
			}
		}
	}
	if t == nil {
		panic("a probe of a table that is not there")
	}
	return t
}

func (m *machine) join(kind exec.JoinKind, n int, keys []int, residual *expr.Program, g *exec.Segment, who int, in []row, ts []types.Type) []row {
	t := m.table(n, who)
	if (kind == exec.RightJoin || kind == exec.FullJoin) && t.shared && g.Where == exec.OnSlices {
		panic("unmatched rows of a shared table would be given by every slice")
	}
	if kind == exec.AntiNullJoin && !t.shared {
		panic("NOT IN against a part of the rows")
	}
	var out []row
	for _, r := range in {
		matches, null := 0, false
		for i, b := range t.rows {
			eq := true
			for k := range keys {
				x, y := r[keys[k]], b[t.keys[k]]
				if x.Null || y.Null {
					eq, null = false, true
					break
				}
				eq = eq && x.Int == y.Int
			}
			both := append(append(row{}, r...), b...)
			if !eq || !holds(residual, both) {
				continue
			}
			matches++
			t.matched[i] = true
			switch kind {
			case exec.InnerJoin, exec.LeftJoin, exec.RightJoin, exec.FullJoin, exec.SingleRowJoin:
				out = append(out, both)
			}
		}
		switch {
		case kind == exec.SemiJoin && matches > 0, kind == exec.AntiJoin && matches == 0, kind == exec.AntiNullJoin && matches == 0 && !null:
			out = append(out, r)
		case matches == 0 && (kind == exec.LeftJoin || kind == exec.FullJoin || kind == exec.SingleRowJoin):
			o := append(row{}, r...)
			for i := len(r); i < len(ts); i++ {
				o = append(o, types.NullOf(ts[i]))
			}
			out = append(out, o)
		case kind == exec.SingleRowJoin && matches > 1:
			panic("more than one row")
		}
	}
	if kind == exec.RightJoin || kind == exec.FullJoin {
		for i, b := range t.rows {
			if !t.matched[i] {
				var o row
				for j := range len(ts) - len(b) {
					o = append(o, types.NullOf(ts[j]))
				}
				out = append(out, append(o, b...))
			}
		}
	}
	return out
}

// aggregate knows count, sum, min and max; a partial result is one column.
func aggregate(s *exec.AggrStep, in []row) []row {
	type group struct {
		key  row
		vals []row
	}
	var order []string
	groups := map[string]*group{}
	if len(s.Groups) == 0 {
		order, groups[""] = []string{""}, &group{}
	}
	for _, r := range in {
		k := pick(r, s.Groups)
		g := groups[text(k)]
		if g == nil {
			g = &group{key: k}
			groups[text(k)] = g
			order = append(order, text(k))
		}
		g.vals = append(g.vals, r)
	}
	var out []row
	for _, k := range order {
		g := groups[k]
		o := append(row{}, g.key...)
		for i := range s.Aggs {
			a := &s.Aggs[i]
			acc := types.NullOf(types.TInt8)
			name := a.Fn.Name
			if name == "count" {
				acc = types.Datum{Type: types.TInt8}
			}
			seen := map[int64]bool{}
			for _, r := range g.vals {
				var d types.Datum
				switch {
				case s.Phase == exec.Final:
					d = r[a.Inputs[0]]
				case len(a.Args) == 0:
					d = types.Datum{Type: types.TInt8, Int: 1}
				default:
					d, _ = eval(a.Args[0], r)
				}
				if d.Null {
					continue
				}
				if a.Distinct {
					if seen[d.Int] {
						continue
					}
					seen[d.Int] = true
				}
				if name == "count" && s.Phase != exec.Final {
					d.Int = 1
				}
				switch {
				case acc.Null:
					acc = types.Datum{Type: types.TInt8, Int: d.Int}
				case name == "min":
					acc.Int = min(acc.Int, d.Int)
				case name == "max":
					acc.Int = max(acc.Int, d.Int)
				default:
					acc.Int += d.Int
				}
			}
			o = append(o, acc)
		}
		out = append(out, o)
	}
	return out
}
