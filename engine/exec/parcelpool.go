package exec

import (
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// parcels are those of exchanges between slices that have ended, by their number of columns: with many slices an exchange opens as many parcels, and to ask
// for their room anew in each query costs more than to fill it.
var parcels [17]sync.Pool

// pooled says whether an exchange's parcels outlive it. What the leader reads may still be with the cursor's reader.
func (x *exchange) pooled() bool { return !x.leader && len(x.types) < len(parcels) }

// spare gives a parcel that another exchange has left, nil when there is none.
func (x *exchange) spare() *parcel {
	if !x.pooled() {
		return nil
	}
	p, _ := parcels[len(x.types)].Get().(*parcel)
	return p
}

// leave gives parcels that are free to other exchanges.
func (x *exchange) leave(ps ...*parcel) {
	if !x.pooled() {
		return
	}
	for _, p := range ps {
		p.empty()
		parcels[len(p.columns)].Put(p)
	}
}

// empty drops what a parcel refers to.
func (p *parcel) empty() {
	p.Len, p.Sel = 0, nil
	clear(p.Columns)
	for i := range p.columns {
		c := &p.columns[i]
		o := c.own
		clear(o.Texts[:cap(o.Texts)])
		c.own = vector.Vector{Bools: o.Bools, Int64s: o.Int64s, Wides: o.Wides, Floats: o.Floats, Texts: o.Texts}
		if w := c.whole; w != nil {
			clear(w.texts[:cap(w.texts)])
			w.ref = vector.Vector{}
		}
	}
}
