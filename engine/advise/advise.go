// Package advise finds better sort keys and distribution keys for tables, in what the queries of the log have done.
//
//	log -> plan and counts of each query ─┬─ a scan that a condition on a column restricts: rows read in vain  -> a sort key for the column
//	                                      └─ a join of columns of two tables: bytes sent between nodes         -> a distribution key for both
//
// It changes nothing: SVV_ALTER_TABLE_RECOMMENDATIONS shows what it finds, and the upkeep of tables applies what concerns AUTO. Nothing is kept between two
// calls: what the log has forgotten counts no more, and neither does what was done before a table had the key that it has now.
// https://docs.aws.amazon.com/redshift/latest/dg/advisor-recommendations.html
package advise

import (
	"cmp"
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/storage"
)

// MinQueries is how many queries must have used a column before anything is said about it.
const MinQueries = 10

// Cluster is what advice is about: the newest catalog of one database, the newest version of each table (nil = there is none), the log.
type Cluster struct {
	Catalog  *catalog.Catalog
	Version  func(t *catalog.Table) *storage.Version
	Topology storage.Topology
	Records  []*system.Record
}

// column is a column of a table, by its number for life (catalog.Column.PosAttr).
type column struct {
	table uint32
	attr  int
}

// use is what queries had to do because a column is no key.
type use struct {
	queries int
	read    int64 // rows that scans read
	cost    int64 // of those, rows that did not pass; or bytes that joins sent between nodes
}

// Find lists what would help the tables of a cluster: distribution keys by group, then sort keys.
func Find(c *Cluster) []system.Advice {
	f := &finder{c: c, tables: map[uint32]*catalog.Table{}, sorts: map[column]*use{}, joins: map[[2]column]*use{}}
	for _, t := range c.Catalog.Tables() {
		if !t.Temp {
			f.tables[t.ID] = t
		}
	}
	for _, r := range c.Records {
		if r.Err == nil && r.Query > 0 && r.Plan != nil && r.Report != nil {
			f.query(r)
		}
	}
	return append(f.distKeys(), f.sortKeys()...)
}

type finder struct {
	c      *Cluster
	tables map[uint32]*catalog.Table
	sorts  map[column]*use
	joins  map[[2]column]*use // the smaller table first
}

// query counts one query.
func (f *finder) query(r *system.Record) {
	var scans []*plan.Scan
	var joins []*plan.Join
	from := source{base: map[expr.ColumnID]column{}, passed: map[expr.ColumnID]expr.ColumnID{}}
	plan.Walk(r.Root(), func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			from.scan(n)
			if len(n.Filter) > 0 {
				scans = append(scans, n)
			}
		case *plan.Project:
			from.project(n)
		case *plan.Join:
			if len(n.EquiOuter) > 0 {
				joins = append(joins, n)
			}
		}
		return true
	})
	if len(scans) == 0 && len(joins) == 0 {
		return
	}
	report := r.Whole()
	for _, n := range scans {
		f.scan(n, report)
	}
	for _, n := range joins {
		f.join(n, &from, report)
	}
}

// source finds the column of a table that a column of a plan is.
type source struct {
	base   map[expr.ColumnID]column
	passed map[expr.ColumnID]expr.ColumnID
	tables []*catalog.Table
}

func (s *source) scan(n *plan.Scan) {
	s.tables = append(s.tables, n.Table)
	for i, c := range n.Output {
		if a := n.Attrs[i]; a >= 0 && a < len(n.Table.Columns) {
			s.base[c.ID] = column{n.Table.ID, n.Table.Columns[a].PosAttr}
		}
	}
}

func (s *source) project(n *plan.Project) {
	for i := range n.Exprs {
		if c, ok := expr.Bare(n.Exprs[i].Expr).(*expr.Column); ok && c.ID != n.Exprs[i].ID {
			s.passed[n.Exprs[i].ID] = c.ID
		}
	}
}

// of gives the table's column and the table as the plan has it.
func (s *source) of(id expr.ColumnID) (column, *catalog.Table, bool) {
	for range len(s.passed) + 1 {
		if c, ok := s.base[id]; ok {
			for _, t := range s.tables {
				if t.ID == c.table {
					return c, t, true
				}
			}
		}
		next, ok := s.passed[id]
		if !ok {
			break
		}
		id = next
	}
	return column{}, nil, false
}

// scan counts the rows that a scan read in vain, for each column that a condition of the kind that zone maps serve is on.
func (f *finder) scan(n *plan.Scan, r *exec.Report) {
	t := f.tables[n.Table.ID]
	if t == nil || !sameSort(n.Table, t) {
		return
	}
	var read, passed int64
	for i := range r.Steps {
		if s := &r.Steps[i]; s.Label == "scan" && s.NodeID == n.ID && s.Table == n.Table.ID {
			read, passed = read+s.Scan.Rows, passed+s.Scan.RowsOut+s.Scan.RowsKeyed
		}
	}
	var seen []int
	for _, e := range n.Filter {
		i, ok := compile.Prunes(n, e)
		if !ok || slices.Contains(seen, i) {
			continue
		}
		seen = append(seen, i)
		u := entry(f.sorts, column{t.ID, n.Table.Columns[i].PosAttr})
		u.queries++
		u.read += read
		u.cost += read - passed
	}
}

// join counts the bytes that a join sent between nodes, for its first equality of columns of two tables.
func (f *finder) join(n *plan.Join, from *source, r *exec.Report) {
	var bytes int64
	for i := range r.Moves {
		if m := &r.Moves[i]; m.NodeID == n.ID && (m.Label == "dist" || m.Label == "bcast") {
			bytes += f.between(m)
		}
	}
	if bytes == 0 {
		return
	}
	for i := range n.EquiOuter {
		a, ta, ok := from.of(n.EquiOuter[i])
		b, tb, also := from.of(n.EquiInner[i])
		if !ok || !also || a.table == b.table && a.attr != b.attr {
			continue
		}
		na, nb := f.tables[a.table], f.tables[b.table]
		if na == nil || nb == nil || na.Def.Dist != ta.Def.Dist || nb.Def.Dist != tb.Def.Dist {
			return
		}
		key := [2]column{a, b}
		if b.table < a.table {
			key = [2]column{b, a}
		}
		u := entry(f.joins, key)
		u.queries++
		u.cost += bytes
		return
	}
}

// between counts the bytes of a move that left their node.
func (f *finder) between(m *exec.Move) (bytes int64) {
	slices := f.c.Topology.Slices()
	for from := range m.Bytes {
		for to, n := range m.Bytes[from] {
			if from < slices && to < slices && f.c.Topology.Node(from) != f.c.Topology.Node(to) {
				bytes += n
			}
		}
	}
	return bytes
}

func entry[K comparable](m map[K]*use, k K) *use {
	u := m[k]
	if u == nil {
		u = new(use)
		m[k] = u
	}
	return u
}

func sameSort(a, b *catalog.Table) bool {
	return a.Def.Sort.Style == b.Def.Sort.Style && slices.Equal(a.Def.Sort.Columns, b.Def.Sort.Columns)
}

// position is where a table has a column now; -1 = nowhere.
func position(t *catalog.Table, attr int) int {
	return slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.PosAttr == attr })
}

// sortKeys gives each table of more than one block a column the column by whose conditions most rows were read in vain, if those are more than half of
// the rows read. A compound key that somebody chose stays.
func (f *finder) sortKeys() (out []system.Advice) {
	best := map[uint32]column{}
	for c, u := range f.sorts {
		b, some := best[c.table]
		if u.queries >= MinQueries && 2*u.cost > u.read && (!some || u.cost > f.sorts[b].cost || u.cost == f.sorts[b].cost && c.attr < b.attr) {
			best[c.table] = c
		}
	}
	for id, c := range best {
		t := f.tables[id]
		i := position(t, c.attr)
		if i < 0 || t.Def.Sort.Style == storage.Compound || slices.Index(t.Def.Sort.Columns, i) == 0 && t.Def.Sort.Style != storage.Interleaved ||
			!manyBlocks(t, f.c.Version(t)) || !storage.Distributes(t.Columns[i].Type) {
			continue
		}
		out = append(out, system.Advice{Kind: system.AdviceSort, Table: t, Column: i, Group: -1, Auto: t.Def.Sort.Style == storage.SortAuto})
	}
	slices.SortFunc(out, func(a, b system.Advice) int { return cmp.Compare(a.Table.ID, b.Table.ID) })
	return out
}

// manyBlocks says whether some slice has more than one block of some column: a smaller table is read whole whatever its order.
func manyBlocks(t *catalog.Table, v *storage.Version) bool {
	if v == nil {
		return false
	}
	for slice := range v.Topology().Slices() {
		for i := range t.Columns {
			if v.ColumnBlocks(slice, i) > 1 {
				return true
			}
		}
	}
	return false
}

// distKeys gives tables the columns by which they are joined, the costliest joins first: a table has one key, so what a later join would need of it is
// left out. Tables whose keys serve each other are a group.
func (f *finder) distKeys() (out []system.Advice) {
	pairs := make([][2]column, 0, len(f.joins))
	for p, u := range f.joins {
		if u.queries >= MinQueries && u.cost >= int64(u.queries)*blockBytes(f.tables[p[0].table]) && f.spreads(p[0]) && f.spreads(p[1]) {
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, func(a, b [2]column) int {
		return cmp.Or(cmp.Compare(f.joins[b].cost, f.joins[a].cost), cmp.Compare(a[0].table, b[0].table), cmp.Compare(a[1].table, b[1].table),
			cmp.Compare(a[0].attr, b[0].attr), cmp.Compare(a[1].attr, b[1].attr))
	})
	keys, groups, last := map[uint32]int{}, map[uint32]int{}, 0
	for _, p := range pairs {
		free := true
		for _, c := range p {
			at, has := keys[c.table]
			free = free && (!has || at == c.attr)
		}
		if !free {
			continue
		}
		a, b := groups[p[0].table], groups[p[1].table]
		switch {
		case a == 0 && b == 0:
			last++
			a = last
		case a == 0:
			a = b
		}
		for t, g := range groups {
			if g == b && b != 0 {
				groups[t] = a
			}
		}
		for _, c := range p {
			keys[c.table], groups[c.table] = c.attr, a
		}
	}
	for id, attr := range keys {
		t := f.tables[id]
		if i := position(t, attr); !(t.Def.Dist.Keyed() && t.Def.Dist.Column == i) {
			out = append(out, system.Advice{Kind: system.AdviceDist, Table: t, Column: i, Group: groups[id], Auto: t.Def.Dist.Style.Auto()})
		}
	}
	slices.SortFunc(out, func(a, b system.Advice) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Table.ID, b.Table.ID))
	})
	return out
}

// blockBytes is the size of a table's blocks: a join that sends less is no reason to move a table.
func blockBytes(t *catalog.Table) int64 {
	return int64(cmp.Or(t.Def.BlockBytes, storage.DefaultBlockBytes))
}

// spreads says whether the values of a column put about as many rows on each slice: there are ten for each slice, and none has more rows than a slice
// should. Without statistics nothing is known. A table with DISTSTYLE ALL is on every node already, and an interleaved one cannot be moved.
func (f *finder) spreads(c column) bool {
	t := f.tables[c.table]
	i := position(t, c.attr)
	if i < 0 || t.Def.Dist.All() || t.Def.Sort.Style == storage.Interleaved || !storage.Distributes(t.Columns[i].Type) {
		return false
	}
	v := f.c.Version(t)
	if v == nil || v.Rows() == 0 || v.Statistics() == nil || !v.Statistics().Knows([]int{i}) {
		return false
	}
	st, n := v.Statistics(), float64(f.c.Topology.Slices())
	col := &st.Columns[i]
	distinct := col.NDistinct
	if distinct < 0 {
		distinct *= -st.Rows
	}
	return distinct >= 10*n && col.NullFrac*n <= 1 && (len(col.MCV) == 0 || col.MCV[0].Freq*n <= 1)
}
