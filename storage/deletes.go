package storage

import (
	"math/bits"
	"unsafe"
)

// Deleted rows are marked in leaves of one bit a row, a leaf per zone that has some, under pages of 64 zones. Leaves and pages are copied by who
// changes them, so marking one row among millions costs a leaf, a page and the list of pages.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Reclaiming_storage_space202.html
type (
	// leaf marks the rows of one zone.
	leaf struct {
		words [32]uint64
		count int
	}
	// deletes is the marks of a shard; its zero value marks nothing.
	deletes struct {
		pages [][]*leaf // as long as their last leaf needs, by eights
		count int
	}
)

// leaf is the leaf of zone z, nil when no row of it is deleted.
func (d *deletes) leaf(z int) *leaf {
	if p := z >> 6; p < len(d.pages) && z&63 < len(d.pages[p]) {
		return d.pages[p][z&63]
	}
	return nil
}

// actual is what the marks hold in memory.
func (d *deletes) actual() int64 {
	n := int64(0)
	for _, p := range d.pages {
		n += int64(unsafe.Sizeof(p)) + int64(8*len(p))
		for _, l := range p {
			if l != nil {
				n += int64(unsafe.Sizeof(*l))
			}
		}
	}
	return n
}

// has says whether row r of zone z is deleted.
func (d *deletes) has(z, r int) bool {
	l := d.leaf(z)
	return l != nil && l.words[r>>6]>>(uint(r)&63)&1 != 0
}

// change gives a copy of zone z's leaf to write to, in a path of copies of its own; d must belong to the caller alone.
func (d *deletes) change(z int) *leaf {
	p := z >> 6
	pages := make([][]*leaf, max(len(d.pages), p+1))
	copy(pages, d.pages)
	page := make([]*leaf, max(len(pages[p]), z&63&^7+8))
	copy(page, pages[p])
	l := new(leaf)
	if old := page[z&63]; old != nil {
		*l = *old
	}
	page[z&63] = l
	pages[p] = page
	d.pages = pages
	return l
}

// minus is the marks of l that o does not have.
func (l *leaf) minus(o *leaf) *leaf {
	if o == nil || l == nil {
		return l
	}
	r := new(leaf)
	for i := range l.words {
		r.words[i] = l.words[i] &^ o.words[i]
		r.count += bits.OnesCount64(r.words[i])
	}
	if r.count == 0 {
		return nil
	}
	return r
}

// plus is the marks of both.
func (l *leaf) plus(o *leaf) *leaf {
	switch {
	case l == nil:
		return o
	case o == nil:
		return l
	}
	r := new(leaf)
	for i := range l.words {
		r.words[i] = l.words[i] | o.words[i]
		r.count += bits.OnesCount64(r.words[i])
	}
	return r
}
