package exec

import (
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Marks of the exchanges: whole parcels that may wait before senders park, in an exchange (and two more per inbox), and in one queue of an Ordered one.
const (
	waitMark  = 32
	queueMark = 8
)

// wholeShare is the number of rows from which a share of a batch travels as a parcel of its own; smaller ones are collected.
const wholeShare = 256

// exchange is a running network of one stream: parts whose last step sends, and the parts that read.
//
//	senders (a segment on a slice)                             inboxes (one a receiving slice; Ordered: one a sender)
//	  scan | dist   256 rows or more: a parcel of their own      [parcel] [parcel] [open]  -> InboxSource on slice 0
//	  scan | dist   fewer: added to the inbox's open parcel      [parcel] [open]           -> InboxSource on slice 1
//
// No send blocks: an inbox takes everything and charges it to the query. Above the mark senders are not driven until the readers have caught up.
// The open parcel is given out when nobody fills it: when no sender is being driven.
type exchange struct {
	q       *query
	types   []types.Type
	ordered bool
	leader  bool // reads it
	inboxes []inbox
	lines   []callLine   // by sender, where they call a Lambda function
	senders atomic.Int32 // parts that have not ended
	running atomic.Int32 // workers that drive one of them
	waiting atomic.Int32 // whole parcels in all inboxes
	open    atomic.Int32 // inboxes whose reader wants more
	turn    atomic.Int64 // rows placed so far, by round robin
	mark    int32

	lane  int64 // bytes of a row in memory, without texts
	width int64 // nominal bytes of a row, without texts
	texts []int // columns of texts

	mu   sync.Mutex
	free []*parcel

	oneInbox [1]inbox // room of inboxes, texts and free
	fewTexts [2]int
	fewFree  [2]*parcel
}

// inbox is a queue of parcels with one reading part.
type inbox struct {
	x       *exchange
	mu      sync.Mutex
	parcels []*parcel // whole ones from head on, oldest first
	head    int
	filling *parcel // the open one
	closed  bool

	whole   atomic.Int32 // parcels that are whole
	partial atomic.Bool  // there is an open one
	ended   atomic.Bool  // Ordered: its sender has ended
}

// start makes the exchange ready for a run: inboxes of readers, or, when it is Ordered, one of each sender.
func (x *exchange) start(q *query, spec *Exchange, inboxes int) {
	x.q, x.types, x.ordered, x.leader = q, spec.Types, spec.Ordered, spec.ToLeader
	if x.free == nil {
		x.free = x.fewFree[:0]
	}
	if x.texts = x.fewTexts[:0]; inboxes == 1 {
		x.inboxes = x.oneInbox[:]
	} else {
		x.inboxes = make([]inbox, inboxes)
	}
	for i := range x.inboxes {
		x.inboxes[i].x = x
	}
	x.open.Store(int32(inboxes))
	switch m := q.options.WaitMark; {
	case m > 0:
		x.mark = int32(m)
	case x.ordered:
		x.mark = queueMark
	default:
		x.mark = waitMark + 2*int32(inboxes)
	}
	for i, t := range x.types {
		x.lane += laneBytes(t)
		if t.Lane() == types.LaneText {
			x.texts = append(x.texts, i)
		}
		x.width += int64(t.RawBytes(0))
	}
}

// laneBytes is what a value takes in a Flat vector.
func laneBytes(t types.Type) int64 {
	switch t.Lane() {
	case types.LaneBool:
		return 1
	case types.LaneInt, types.LaneFloat:
		return 8
	}
	return 16
}

// full says that sender must not be driven on: too much waits for the readers.
func (x *exchange) full(sender int) bool {
	switch {
	case x.ordered:
		return x.inboxes[sender].whole.Load() >= x.mark
	case x.lines != nil && x.lines[sender].waits.Load() > 1:
		return true
	}
	return x.waiting.Load() >= x.mark
}

// done says that no reader wants more.
func (x *exchange) done() bool { return x.open.Load() == 0 }

// end is called when a sender has ended.
func (x *exchange) end(sender int) {
	if x.ordered {
		x.inboxes[sender].ended.Store(true)
	}
	x.senders.Add(-1)
}

// send puts rows of b, all its live ones or those that rows lists, into inbox to, and gives their nominal bytes. stable says that the columns lie in
// memory that never changes: they need not be copied. A closed inbox answers errDone.
func (x *exchange) send(to int, b *vector.Batch, rows []uint16, stable bool) (bytes int64, err error) {
	in := &x.inboxes[to]
	if rows == nil {
		rows = b.Sel
	}
	n := b.Len
	if rows != nil {
		n = len(rows)
	}
	texts := int64(0)
	for _, i := range x.texts {
		texts += textBytes(b.Columns[i], rows, n)
	}
	bytes = int64(n)*x.width + texts
	if n < wholeShare {
		return bytes, in.add(b, rows, n, texts)
	}
	p := x.parcel()
	if err := p.fill(x.q, b, rows, n, stable); err != nil {
		return 0, err
	}
	return bytes, in.put(p)
}

// share puts all live rows of b into every inbox: one parcel that all read.
func (x *exchange) share(b *vector.Batch, stable bool) (bytes int64, err error) {
	n := b.Rows()
	for _, i := range x.texts {
		bytes += textBytes(b.Columns[i], b.Sel, n)
	}
	bytes += int64(n) * x.width
	p := x.parcel()
	if err := p.fill(x.q, b, b.Sel, n, stable); err != nil {
		return 0, err
	}
	p.shared.Store(int32(len(x.inboxes) - 1))
	for i := range x.inboxes {
		if err := x.inboxes[i].put(p); err != nil && err != errDone {
			return 0, err
		}
	}
	return bytes, nil
}

// parcel takes an empty parcel from the free list, or makes one.
func (x *exchange) parcel() *parcel {
	x.mu.Lock()
	if n := len(x.free); n > 0 {
		p := x.free[n-1]
		x.free = x.free[:n-1]
		x.mu.Unlock()
		return p
	}
	x.mu.Unlock()
	if p := x.spare(); p != nil {
		return p
	}
	return newParcel(len(x.types))
}

// release gives a parcel back that take gave; its batch is no longer good. A parcel in several inboxes is free when all have given it back.
func (x *exchange) release(p *parcel) {
	if p == nil || p.shared.Add(-1) >= 0 {
		return
	}
	p.shared.Store(0)
	x.q.release(p.bytes)
	p.bytes, p.Len, p.Sel = 0, 0, nil
	x.mu.Lock()
	keep := len(x.free) < waitMark
	if keep {
		x.free = append(x.free, p)
	}
	x.mu.Unlock()
	if !keep {
		x.leave(p)
	}
}

// put queues a whole parcel.
func (in *inbox) put(p *parcel) error {
	in.mu.Lock()
	if in.closed {
		in.mu.Unlock()
		in.x.release(p)
		return errDone
	}
	if in.x.ordered { // what was collected comes first
		in.flush()
	}
	in.queue(p)
	in.mu.Unlock()
	in.x.q.wake()
	return nil
}

// queue appends a whole parcel, the lock being held.
func (in *inbox) queue(p *parcel) {
	if in.head > 0 && in.head == len(in.parcels) {
		in.parcels, in.head = in.parcels[:0], 0
	}
	in.parcels = append(in.parcels, p)
	in.whole.Add(1)
	if !in.x.ordered {
		in.x.waiting.Add(1)
	}
}

// flush makes the open parcel a whole one, the lock being held.
func (in *inbox) flush() {
	if in.filling != nil {
		in.queue(in.filling)
		in.filling = nil
		in.partial.Store(false)
	}
}

// add appends a few rows to the open parcel.
func (in *inbox) add(b *vector.Batch, rows []uint16, n int, texts int64) error {
	in.mu.Lock()
	if in.closed {
		in.mu.Unlock()
		return errDone
	}
	flushed := in.filling != nil && in.filling.Len+n > vector.Size
	if flushed {
		in.flush()
	}
	if in.filling == nil {
		in.filling = in.x.parcel()
		in.partial.Store(true)
	}
	err := in.filling.add(in.x, b, rows, n, texts)
	in.mu.Unlock()
	if flushed {
		in.x.q.wake()
	}
	return err
}

// ready says that take would give a parcel, or that none will come.
func (in *inbox) ready() bool {
	return in.whole.Load() > 0 || in.over() || in.partial.Load() && in.x.running.Load() == 0
}

// over says that nothing more will be sent; what was may still wait.
func (in *inbox) over() bool {
	return in.ended.Load() || in.x.senders.Load() == 0
}

// empty says that nothing waits and nothing will come.
func (in *inbox) empty() bool {
	return in.over() && in.whole.Load() == 0 && !in.partial.Load()
}

// take gives the next parcel, nil when none is to be had now; over, asked before, says whether more can come. It must be released.
func (in *inbox) take() *parcel {
	var p *parcel
	wake := false
	in.mu.Lock()
	switch {
	case in.head < len(in.parcels):
		p = in.parcels[in.head]
		in.parcels[in.head] = nil
		in.head++
		left := in.whole.Add(-1)
		if !in.x.ordered {
			left = in.x.waiting.Add(-1)
		}
		wake = left == in.x.mark-1
	case in.filling != nil && (in.over() || in.x.running.Load() == 0):
		p = in.filling
		in.filling = nil
		in.partial.Store(false)
	}
	in.mu.Unlock()
	if wake { // a sender was parked
		in.x.q.wake()
	}
	return p
}

// close is the reader's word that it needs no more.
func (in *inbox) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return
	}
	in.closed = true
	in.flush()
	for _, p := range in.parcels[in.head:] {
		in.x.release(p)
	}
	if !in.x.ordered {
		in.x.waiting.Add(-in.whole.Load())
	}
	in.whole.Store(0)
	in.parcels, in.head = nil, 0
	if x := in.x; x.open.Add(-1) == 0 && !x.q.options.Keep {
		x.mu.Lock()
		free := x.free
		x.free = nil
		x.mu.Unlock()
		x.leave(free...)
	}
}
