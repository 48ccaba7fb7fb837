package hashtable

import "github.com/redshiftsim/redshiftsim/internal/vector"

// Probe is a task's access to a sealed table: it pairs the rows of a batch with those of the table that have their key.
//
//	Start(keys)                        groups [3 - 7 3]
//	Next(rows, build) -> 4             rows  [0 0 2 3]     physical rows of the batch, ascending
//	                                   build [5 9 1 5]     rows of the table
//	Next -> 0
type Probe struct {
	t      *Table
	l      *Lookup
	groups *[vector.Size]uint32 // nil until Use or Start
	sel    []uint16
	n      int
	at     int    // live row that is next
	off    uint32 // of its rows in the table, those paired already
	pos    int    // of a merged table: the group that is next
	flat   vector.Vector
}

// NewProbe makes one; the table is sealed and has keys.
func (t *Table) NewProbe() *Probe { return &Probe{t: t, l: t.groups.NewLookup()} }

// Use gives the probe room for the groups of a batch, which it else makes itself.
func (p *Probe) Use(groups *[vector.Size]uint32) { p.groups = groups }

// Start looks up the keys of n live rows; sel as in a batch, valid until the last Next. NULL is equal to nothing unless nullsMatch.
func (p *Probe) Start(keys []*vector.Vector, sel []uint16, n int, nullsMatch bool) {
	p.sel, p.n, p.at, p.off = sel, n, 0, 0
	if p.groups == nil {
		p.groups = new([vector.Size]uint32)
	}
	if p.t.merged != nil && n > 0 {
		p.merge(keys[0], sel, n)
		dropNulls(keys[0], sel, p.groups[:n])
		return
	}
	p.l.Find(keys, sel, n, nullsMatch, p.groups[:])
}

// Found keeps, of the rows given to Start, those that have a partner, or with want false those that have none. out has room for all.
func (p *Probe) Found(want bool, out []uint16) []uint16 {
	out = out[:p.n]
	flip := uint32(1)
	if !want {
		flip = 0
	}
	sel := p.sel
	if sel == nil {
		sel = vector.Rows[:]
	}
	k := 0
	for i, r := range sel[:p.n] {
		out[k] = r
		k += int(p.groups[i]>>31 ^ flip)
	}
	return out[:k]
}

// Most is the number of partners of the row that has most.
func (p *Probe) Most() int {
	most := 0
	for _, g := range p.groups[:p.n] {
		switch {
		case g == Missing:
		case p.t.starts == nil:
			return 1
		default:
			most = max(most, int(p.t.starts[g+1]-p.t.starts[g]))
		}
	}
	return most
}

// Rest says that Next may have more pairs.
func (p *Probe) Rest() bool { return p.at < p.n }

// Next writes the next pairs, until rows and build, of one length of at least vector.Size, are full; 0 says that there are no more. A table without
// duplicates gives all pairs of a batch at once.
func (p *Probe) Next(rows []uint16, build []uint32) int {
	if p.t.starts == nil {
		return p.nextUnique(rows, build)
	}
	k, starts, order := 0, p.t.starts, p.t.order
	for p.at < p.n {
		g := p.groups[p.at]
		if g == Missing {
			p.at++
			continue
		}
		list := order[starts[g]+p.off : starts[g+1]]
		r := uint16(row(p.sel, p.at))
		if room := len(rows) - k; len(list) > room {
			list = list[:room]
			p.off += uint32(room)
		} else {
			p.off = 0
			p.at++
		}
		for _, b := range list {
			rows[k], build[k] = r, b
			k++
		}
		if k == len(rows) {
			break
		}
	}
	return k
}

// nextUnique is Next when a group has one row.
func (p *Probe) nextUnique(rows []uint16, build []uint32) int {
	if p.at == p.n {
		return 0
	}
	p.at = p.n
	k := 0
	out, to := (*[vector.Size]uint16)(rows), (*[vector.Size]uint32)(build)
	sel := p.sel
	if sel == nil {
		sel = vector.Rows[:]
	}
	sel = sel[:p.n]
	for i, g := range p.groups[:p.n] {
		out[k&(vector.Size-1)], to[k&(vector.Size-1)] = sel[i], g
		k += int(g>>31 ^ 1)
	}
	if order := p.t.order; order != nil {
		for i, g := range build[:k] {
			build[i] = order[g]
		}
	}
	return k
}
