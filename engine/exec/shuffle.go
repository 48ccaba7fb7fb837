package exec

import (
	"math/rand/v2"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// shuffleRows is how many rows a shuffled reader keeps: a result of fewer comes in any order, a longer one in pieces of so many.
const shuffleRows = 4 * vector.Size

// shuffledReader gives the rows of a reader in a random order, a portion of shuffleRows after the other. Options.Shuffle puts one behind each source whose
// rows have no order, so that what nothing orders is in another order in each run: results, rows behind LIMIT, groups, what LISTAGG lists, ties of ORDER BY.
//
//	scan [1 2 3 .. 8192] [8193 ..]  ->  [771 4 6020 ..] [..] [..] [..]  [9001 ..]
type shuffledReader struct {
	reader
	random *rand.Rand
	t      *task
	held   held
	store  rowStore
	out    orderedRows
	end    bool // the reader has given all
}

// random is a generator of one of the query's shuffles.
func (q *query) random() *rand.Rand {
	return rand.New(rand.NewPCG(q.options.Shuffle, uint64(q.shuffles.Add(1))))
}

// shuffled puts a shuffledReader over a part's reader, unless its rows have an order.
func (l *pipeline) shuffled(q *query, g *segment) {
	if q.options.Shuffle == 0 || q.inOrder[g.number] {
		return
	}
	if _, merges := l.reader.(*mergeReader); merges {
		return
	}
	t := &l.tasks[0]
	l.reader = &shuffledReader{reader: l.reader, random: q.random(), t: t, held: held{t: t}, store: newRowStore(t, g.spec.Types)}
}

// ready says whether there are rows at hand, or the reader has some or has ended.
func (r *shuffledReader) ready() bool { return len(r.out.order) > 0 || r.end || r.reader.ready() }

// next gives the next rows of the portion; when there are none left it takes the next portion in.
func (r *shuffledReader) next() (*vector.Batch, bool, error) {
	if b := r.out.next(); b != nil {
		return b, false, nil
	}
	if r.out.store != nil {
		r.store, r.out = newRowStore(r.t, r.t.part.seg.spec.Types), orderedRows{}
	}
	for !r.end && r.store.rows < shuffleRows {
		b, end, err := r.reader.next()
		if err != nil {
			return nil, false, err
		}
		if r.end = end; b == nil {
			if !end && !r.reader.ready() {
				return nil, false, nil
			}
			continue
		}
		if err := r.t.canceled(); err != nil {
			return nil, false, err
		}
		r.store.add(b.Columns, b.Sel, b.Rows())
		if err := r.held.now(r.store.bytes()); err != nil {
			return nil, false, err
		}
	}
	if r.store.rows == 0 {
		return nil, true, r.held.free()
	}
	r.out.start(&r.store, permutation(r.random, r.store.rows))
	return r.out.next(), false, nil
}

// permutation is 0 to n-1 in a random order.
func permutation(r *rand.Rand, n int) []uint32 {
	order := make([]uint32, n)
	for i := range order {
		order[i] = uint32(i)
	}
	r.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// mix puts the rows of a sort in a random order before it begins: so ties come in one, whatever the step before it made.
func (s *sortSink) mix() {
	if q := s.task.q; q.options.Shuffle != 0 && s.store.rows > 1 {
		s.store.keep(permutation(q.random(), s.store.rows))
	}
}

// scan is the pipeline's reader of a table, nil when it has none.
func (l *pipeline) scan() *scanReader {
	r := l.reader
	if s, ok := r.(*shuffledReader); ok {
		r = s.reader
	}
	scan, _ := r.(*scanReader)
	return scan
}

// ordered says of each segment whether the rows that it reads have an order that somebody above relies on: they come from one place that has sorted them.
// Segments are counted through the program.
func (p *Program) ordered() []bool {
	var out []bool
	var segments []*Segment
	for i := range p.Streams {
		segments = append(segments, p.Streams[i].Segments...)
	}
	senders := make([][]int, len(p.Exchanges)) // segments by the exchange that they send to
	for i, g := range segments {
		if n := len(g.Steps); n > 0 {
			if x := sendsTo(g.Steps[n-1]); x >= 0 {
				senders[x] = append(senders[x], i)
			}
		}
		_, merges := g.Source.(*MergeSource)
		in := merges
		if s, ok := g.Source.(*InboxSource); ok && len(senders[s.Exchange]) == 1 {
			from := senders[s.Exchange][0]
			in = (segments[from].Where != OnSlices || p.Exchanges[s.Exchange].Calls) && sorts(segments[from], out[from])
		}
		out = append(out, in)
	}
	return out
}

// sorts says whether a segment's rows leave it in an order, in being whether they come in one.
func sorts(g *Segment, in bool) bool {
	for _, s := range g.Steps {
		switch s.(type) {
		case *SortStep:
			in = true
		case *FilterStep, *ProjectStep, *LimitStep, *ReturnStep, *DistStep, *CallStep:
		default:
			in = false
		}
	}
	return in
}
