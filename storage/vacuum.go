package storage

import (
	"context"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// VacuumKind is a form of VACUUM.
type VacuumKind uint8

// Forms. https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
const (
	VacuumFull VacuumKind = iota
	VacuumSortOnly
	VacuumDeleteOnly
	VacuumReindex
	VacuumRecluster
)

// VacuumResult says what a vacuum found, did and left.
type VacuumResult struct {
	Rows, Sorted, Ghosts                int64 // before: all rows that lie there, those in sorted regions, those that are marked deleted
	RowsAfter, SortedAfter, GhostsAfter int64
	Sorts, Reclaims                     bool // the phases that ran; neither = skipped, the version is the same
}

// Vacuum sorts rows and reclaims those that are marked deleted. threshold is a fraction (0.95 by default in SQL): a table that is sorted that far is
// not sorted, and one whose rows are live that far is not reclaimed, unless it is sorted anyway.
//
//	FULL        sort, reclaim              DELETE ONLY  reclaim; the order stays     REINDEX    as FULL, and interleaved keys are dealt anew
//	SORT ONLY   sort; ghost rows move too  RECLUSTER    sort the unsorted region; it is not merged into the sorted one, nothing is reclaimed
//
// It gives up with the error of ctx when that ends.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func (v *Version) Vacuum(ctx context.Context, kind VacuumKind, threshold float64) (*Version, VacuumResult, error) {
	var r VacuumResult
	r.Rows, r.Ghosts, r.Sorted = v.Physical()
	r.Sorts, r.Reclaims = v.phases(kind, threshold, &r)
	if !r.Sorts && !r.Reclaims {
		r.RowsAfter, r.SortedAfter, r.GhostsAfter = r.Rows, r.Sorted, r.Ghosts
		return v, r, nil
	}
	n := &Version{def: v.def, topo: v.topo, generation: v.generation + 1, stats: v.stats, loaded: v.loaded}
	w := ViewOf(n).NewWriter()
	w.keep, w.vacuums = !r.Sorts, true
	w.Until(ctx)
	for slice := range v.topo.Slices() {
		if err := w.vacuum(ctx, v.Shard(slice), slice, kind, r.Reclaims); err != nil {
			return nil, r, err
		}
	}
	n, err := w.rewritten(v)
	if err != nil {
		return nil, r, err
	}
	r.RowsAfter, r.GhostsAfter, r.SortedAfter = n.Physical()
	return n, r, nil
}

// phases says which phases of a vacuum have work to do.
func (v *Version) phases(kind VacuumKind, threshold float64, r *VacuumResult) (sorts, reclaims bool) {
	below := func(part int64) bool { return float64(part) < threshold*float64(r.Rows) }
	sorts = v.def.sorted() && r.Sorted < r.Rows && below(r.Sorted)
	reclaims = r.Ghosts > 0 && (sorts || below(r.Rows-r.Ghosts))
	switch kind {
	case VacuumSortOnly:
		reclaims = false
	case VacuumDeleteOnly:
		sorts, reclaims = false, r.Ghosts > 0 && below(r.Rows-r.Ghosts)
	case VacuumReindex:
		if v.def.Sort.Style == Interleaved && r.Rows > 0 {
			sorts, reclaims = true, r.Ghosts > 0
		}
	case VacuumRecluster:
		sorts, reclaims = v.def.sorted() && r.Sorted < r.Rows, false
	}
	return sorts, reclaims
}

// vacuum copies a shard's rows; without reclaims those that are marked deleted too, with their marks.
func (w *Writer) vacuum(ctx context.Context, s *Shard, slice int, kind VacuumKind, reclaims bool) error {
	if s.Rows() == 0 {
		return nil
	}
	p := w.open(slice)
	if kind != VacuumReindex {
		p.shard.deal = s.deal
	}
	from := s
	switch {
	case !reclaims:
		from = s.clone()
		from.dead = deletes{}
		p.ghosts = s.dead.flags(s)
	case w.keep:
		p.shard.sorted = min(s.sorted, s.Rows()) - s.dead.below(min(s.sorted, s.Rows()), s.zoneRows)
	}
	if kind == VacuumRecluster {
		p.head = int(min(s.sorted, s.Rows()))
	}
	scan := &Scanner{def: w.def, sources: []source{{shard: from, zones: from.allZones()}}}
	scan.start(&ScanSpec{Columns: allColumns(w.def)})
	err := scan.each(func(b *vector.Batch) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.Append(slice, b)
	})
	if err != nil {
		return err
	}
	if p.shard.Rows() == 0 && p.inserted == 0 { // only ghosts were there
		w.parts[slice] = part{}
	}
	return nil
}

// flags lists the marks of a shard, a byte a row; nil = there are none.
func (d *deletes) flags(s *Shard) []uint8 {
	if d.count == 0 {
		return nil
	}
	out := make([]uint8, s.Rows())
	for z := range s.allZones() {
		l := d.leaf(z)
		if l == nil {
			continue
		}
		for i, word := range l.words {
			for ; word != 0; word &= word - 1 {
				out[z*s.zoneRows+i*64+bits.TrailingZeros64(word)] = 1
			}
		}
	}
	return out
}

// below counts the marks of the first n rows.
func (d *deletes) below(n int64, zoneRows int) int64 {
	count := int64(0)
	for z := 0; int64(z*zoneRows) < n; z++ {
		l := d.leaf(z)
		if l == nil {
			continue
		}
		if int64((z+1)*zoneRows) <= n {
			count += int64(l.count)
			continue
		}
		for r := range int(n) - z*zoneRows {
			count += int64(l.words[r>>6] >> (uint(r) & 63) & 1)
		}
	}
	return count
}

// mark makes the marks of a rewritten shard.
func (s *Shard) mark(ghosts []uint8) {
	for z := range s.allZones() {
		var l *leaf
		for r := range s.rowsOf(z) {
			if ghosts[z*s.zoneRows+r] == 0 {
				continue
			}
			if l == nil {
				l = s.dead.change(z)
			}
			l.words[r>>6] |= 1 << (uint(r) & 63)
			l.count++
			s.dead.count++
		}
	}
}
