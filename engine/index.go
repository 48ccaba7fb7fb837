package engine

import (
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
)

// objectIndex finds relations and comments by number. A function asks for one in each row of a catalog table, and a catalog has no such index of its own:
// this one is made when a statement first asks, and made anew for another catalog.
type objectIndex struct {
	mu       sync.Mutex
	of       *catalog.Catalog
	byID     map[uint32]any
	comments map[commented][]system.Description
}

// commented is what a comment is on: an object, or one of its columns.
type commented struct{ object, column int64 }

// fill makes the index of a catalog; the caller holds the lock.
func (x *objectIndex) fill(c *catalog.Catalog) {
	if x.of == c {
		return
	}
	x.of, x.byID, x.comments = c, map[uint32]any{}, map[commented][]system.Description{}
	for _, o := range c.Objects() {
		x.byID[catalog.IDOf(o)] = o
	}
	for _, v := range c.System().All() {
		x.byID[v.ID] = v
	}
	for _, d := range system.Descriptions(c) {
		k := commented{d.Object, d.Column}
		x.comments[k] = append(x.comments[k], d)
	}
}

// relation is the table, view or system table of a number, nil when there is none.
func (x *objectIndex) relation(c *catalog.Catalog, id int64) any {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fill(c)
	if id < 0 || id >= 1<<32 {
		return nil
	}
	return x.byID[uint32(id)]
}

// comment is the comment on an object of a class, "" = of any; ok is false when there is none.
func (x *objectIndex) comment(c *catalog.Catalog, object, column int64, class string) (text string, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fill(c)
	for _, d := range x.comments[commented{object, column}] {
		if class == "" || class == d.Class {
			return d.Text, true
		}
	}
	return "", false
}
