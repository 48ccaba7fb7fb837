package exec

import (
	"math"
	"slices"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// limitState is what the pipelines of a part have passed, by LimitStep.
type limitState struct {
	mu    sync.Mutex
	steps []limitCount
	sated []StepSpec // steps that have rows enough
}

// limitCount is where one LimitStep of a part stands.
type limitCount struct {
	step        *LimitStep
	skip, count int64 // rows still to be skipped, then to be passed
}

// take says how many of n rows are skipped and how many of the rest pass, and whether those were the last.
func (l *limitState) take(s *LimitStep, n int64) (skip, pass int64, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var c *limitCount
	for i := range l.steps {
		if l.steps[i].step == s {
			c = &l.steps[i]
		}
	}
	if c == nil {
		count := s.Count
		if count < 0 {
			count = math.MaxInt64
		}
		l.steps = append(l.steps, limitCount{s, s.Offset, count})
		c = &l.steps[len(l.steps)-1]
	}
	skip = min(n, c.skip)
	c.skip -= skip
	pass = min(n-skip, c.count)
	c.count -= pass
	return skip, pass, c.count == 0
}

// enough says whether a step of the part, in whichever pipeline, has rows enough; now = it has them now. From then on it takes no more: what a full join
// holds to have no partner may have one among the rows that were not read.
func (l *limitState) enough(s StepSpec, now bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.sated, s) {
		return true
	}
	if now {
		l.sated = append(l.sated, s)
	}
	return now
}

// limitSink passes the first rows of a part, whichever pipeline they come by.
type limitSink struct {
	counted
	t     *task
	step  *LimitStep
	batch vector.Batch
}

func (s *LimitStep) out(in []types.Type) []types.Type { return in }

func (s *LimitStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	l := &limitSink{counted: counted{next: next}, t: t, step: s}
	l.reuse()
	return l, nil
}

func (l *limitSink) reuse() {
	l.counted.reuse()
	if l.step.Count == 0 {
		l.t.part.stop.Store(true)
	}
}

func (l *limitSink) push(b *vector.Batch) error {
	n := int64(b.Rows())
	skip, pass, last := l.t.part.limits.take(l.step, n)
	if pass > 0 {
		out := b
		if pass < n {
			l.batch = *b
			out = &l.batch
			if out.Sel == nil {
				out.Sel = vector.Rows[:b.Len]
			}
			out.Sel = out.Sel[skip : skip+pass]
		}
		if err := l.emit(out); err != nil {
			return err
		}
	}
	if last {
		return errDone
	}
	return nil
}

func (l *limitSink) finish() error { return l.next.finish() }
