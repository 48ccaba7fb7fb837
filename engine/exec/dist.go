package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// sending is what the steps that end a segment on an exchange share: they send, and count what went where.
type sending struct {
	t      *task
	x      *exchange
	stable bool
	counts bool
	leader bool    // the only receiver
	rows   []int64 // by receiving slice; what only the leader receives is one number
	bytes  []int64
	slots  slots
	few    *collected // rows of batches that are too small to be dealt out each by itself
}

// collected are rows that wait to be dealt out, in columns of their own.
type collected struct {
	*parcel
	to []uint16 // by row
}

// Batches are collected where there are many destinations and the rows of one would make shares of less than fewRows: each share costs a lock and a copy
// of a few values into every column of a parcel that lies in no cache.
const (
	manyDestinations = 16
	fewRows          = 8
)

// start readies it for a task.
func (s *sending) start(t *task, exchange int) {
	s.t, s.x, s.stable, s.counts = t, &t.q.exchanges[exchange], t.part.seg.stable, t.q.options.CollectReport
	s.reuse()
}

// reuse begins new counts: the report has the old ones. What was collected has been sent.
func (s *sending) reuse() {
	if s.rows, s.bytes = nil, nil; s.counts {
		n := s.t.q.p.Slices
		if s.leader {
			n = 1
		}
		both := make([]int64, 2*n)
		s.rows, s.bytes = both[:n], both[n:]
	}
}

// send sends rows of b, nil = all, to an inbox, which is slice to's; rows for who needs no more are dropped.
func (s *sending) send(inbox, to int, b *vector.Batch, rows []uint16, n int) error {
	return s.sendAs(inbox, to, b, rows, n, s.stable)
}

// sendAs is send of columns that lie, or do not lie, in memory that never changes.
func (s *sending) sendAs(inbox, to int, b *vector.Batch, rows []uint16, n int, stable bool) error {
	bytes, err := s.x.send(inbox, b, rows, stable)
	if err != nil {
		if err == errDone {
			return nil
		}
		return err
	}
	if s.counts {
		s.rows[to] += int64(n)
		s.bytes[to] += bytes
	}
	return nil
}

// spread sends each row of b to the slice that slots has for it, at once or with later ones.
func (s *sending) spread(b *vector.Batch) error {
	to := s.slots.to
	if d := len(s.x.inboxes); d >= manyDestinations && len(to) < fewRows*d {
		if err := s.collect(b, to); err != nil {
			return err
		}
		return s.done()
	}
	if err := s.deal(b, to, s.stable); err != nil {
		return err
	}
	return s.done()
}

// collect keeps the rows of b for later, and deals out what there was when it grows too much.
func (s *sending) collect(b *vector.Batch, to []uint16) error {
	n := len(to)
	if s.few == nil {
		s.few = &collected{parcel: newParcel(len(s.x.types)), to: make([]uint16, 0, vector.Size)}
	}
	if s.few.Len+n > vector.Size {
		if err := s.dealFew(); err != nil {
			return err
		}
	}
	f := s.few
	for i, v := range b.Columns {
		c := &f.columns[i]
		f.Columns[i] = &c.own
		c.append(s.x.types[i], f.Len, v, b.Sel, n)
	}
	f.Len += n
	f.to = append(f.to, to...)
	return nil
}

// dealFew deals out the rows that were collected.
func (s *sending) dealFew() error {
	f := s.few
	if f == nil || f.Len == 0 {
		return nil
	}
	err := s.deal(&f.Batch, f.to, false)
	f.Len, f.to = 0, f.to[:0]
	return err
}

// deal sends each row of b to the slice that to, by live row, has for it.
func (s *sending) deal(b *vector.Batch, to []uint16, stable bool) error {
	rows := s.slots.sort(b, to, len(s.x.inboxes))
	at := 0
	for to, n := range s.slots.counts[:len(s.x.inboxes)] {
		if n == 0 {
			continue
		}
		share := rows[at : at+int(n)]
		at += int(n)
		if len(share) == b.Len { // all rows
			share = nil
		}
		if err := s.sendAs(to, to, b, share, int(n), stable); err != nil {
			return err
		}
	}
	return nil
}

// done is errDone when no reader wants more.
func (s *sending) done() error {
	if s.x.done() {
		return errDone
	}
	return nil
}

// finish sends what was collected. The exchange learns of the segment's end when all its pipelines have ended.
func (s *sending) finish() error { return s.dealFew() }

// given is what was sent.
func (s *sending) given() (rows, bytes int64) {
	for i := range s.rows {
		rows += s.rows[i]
		bytes += s.bytes[i]
	}
	return rows, bytes
}

// moved is what was sent, by receiver.
func (s *sending) moved() (rows, bytes []int64) { return s.rows, s.bytes }

// slots sorts the row numbers of a batch by destination.
type slots struct {
	to     []uint16 // by live row
	counts []int32  // by destination
	rows   []uint16 // sorted
}

// room makes to long enough for n rows.
func (s *slots) room(n int) []uint16 {
	if cap(s.to) < n {
		s.to = make([]uint16, n, min(vector.Size, max(64, 2*n)))
	}
	s.to = s.to[:n]
	return s.to
}

// sort gives the physical numbers of the live rows by destination, to says which, and counts how many each has.
func (s *slots) sort(b *vector.Batch, to []uint16, destinations int) []uint16 {
	if s.counts == nil {
		s.counts = make([]int32, 2*destinations)
	}
	counts, at := s.counts[:destinations], s.counts[destinations:]
	clear(counts)
	for _, t := range to {
		counts[t]++
	}
	sum := int32(0)
	for i, n := range counts {
		at[i] = sum
		sum += n
	}
	if cap(s.rows) < len(to) {
		s.rows = make([]uint16, cap(to))
	}
	rows := s.rows[:len(to)]
	if b.Sel == nil {
		for i, t := range to {
			rows[at[t]] = uint16(i)
			at[t]++
		}
		return rows
	}
	for i, t := range to {
		rows[at[t]] = b.Sel[i]
		at[t]++
	}
	return rows
}

// distSink sends each row to the slice of its keys' hash: the rule by which storage places rows.
// https://docs.aws.amazon.com/redshift/latest/dg/c_data_redistribution.html
type distSink struct {
	sending
	step   *DistStep
	slices int
	hashes []uint64
}

func (s *DistStep) out(in []types.Type) []types.Type { return in }

func (s *DistStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	d := &distSink{step: s, slices: t.q.p.Slices}
	d.sending.start(t, s.Exchange)
	return d, nil
}

func (d *distSink) push(b *vector.Batch) error {
	n := b.Rows()
	if d.step.ToSlice0 || len(d.x.inboxes) == 1 {
		if err := d.send(0, 0, b, nil, n); err != nil {
			return err
		}
		return d.done()
	}
	to := d.slots.room(n)
	if len(d.step.Keys) == 0 {
		at := uint16((d.x.turn.Add(int64(n)) - int64(n)) % int64(d.slices))
		for i := range to {
			to[i] = at
			if at++; int(at) == d.slices {
				at = 0
			}
		}
		return d.spread(b)
	}
	if cap(d.hashes) < n {
		d.hashes = make([]uint64, min(vector.Size, max(64, 2*n)))
	}
	hashes := d.hashes[:n]
	var seed []uint64
	for _, k := range d.step.Keys {
		vector.Hash(b.Columns[k], b.Sel, seed, hashes)
		seed = hashes
	}
	storage.Slots(hashes, d.slices, to)
	return d.spread(b)
}
