package engine

import (
	"maps"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// identityCounter gives the places of an identity column's values: place p holds seed + p*step. Every place is given once.
//
//	INSERT VALUES             the next places above all that were given                 0 1 2
//	INSERT SELECT, COPY       slice s of n takes places of its own, s modulo n          slice 0: 4 8 12   slice 1: 5 9   slice 3: 3 7
//
// The places of a slice that it has not needed when VALUES go on above them are gaps, and so are those of a statement that fails.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html#identity-clause
type identityCounter struct {
	mu    sync.Mutex
	dense int64         // places below it are given by VALUES, or lie below one that is
	top   int64         // the first place above all that were given
	slice map[int]int64 // the first place above those that a slice was given
}

// next gives n places to VALUES: first, first+1 ..
func (c *identityCounter) next(n int64) (first int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = c.top
	c.top += n
	c.dense = c.top
	return first
}

// nextOf gives n places to one of slices slices: first, first+slices ..
func (c *identityCounter) nextOf(slice, slices int, n int64) (first int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = max(c.dense, c.slice[slice])
	if off := (int64(slice) - first) % int64(slices); off != 0 {
		first += (off + int64(slices)) % int64(slices)
	}
	end := first + (n-1)*int64(slices) + 1
	if c.slice == nil {
		c.slice = map[int]int64{}
	}
	c.slice[slice] = end
	c.top = max(c.top, end)
	return first
}

// raise makes the next places begin above all that were given: the slices are others than before.
func (c *identityCounter) raise() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dense, c.slice = c.top, nil
}

// clone is a counter that goes on from the same place.
func (c *identityCounter) clone() *identityCounter {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &identityCounter{dense: c.dense, top: c.top, slice: maps.Clone(c.slice)}
}

// identityFunction gives the next values of an identity column. striped = the rows come from slices; what the leader makes is dense all the same.
func identityFunction(c *identityCounter, striped bool, slices int, seed, step int64, t types.Type) *function.Bound {
	return &function.Bound{
		Name: "identity", Returns: t, Place: function.Anywhere, Volatility: function.Volatile,
		Kernel: func(env *function.Env, n int, _ []*vector.Vector, out *vector.Vector) error {
			if n == 0 {
				return nil
			}
			first, stride := int64(0), int64(1)
			if striped && env.Slice < slices {
				first, stride = c.nextOf(env.Slice, slices, int64(n)), int64(slices)
			} else {
				first = c.next(int64(n))
			}
			for i := range n {
				v := seed + (first+int64(i)*stride)*step
				if !types.IntFits(v, t.Kind) {
					return sqlstate.NumericOutOfRange.Errorf("identity column overflow: %d is out of range for type %s", v, t)
				}
				out.Int64s[i] = v
			}
			return nil
		},
	}
}

// identity gives the function that makes the next value of an identity column.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func (s *Session) identity(t *catalog.Table, column int, striped bool) *function.Bound {
	if there := s.afar(t); there != nil {
		return s.remote.agent.identity(there, column, striped)
	}
	col := &t.Columns[column]
	return identityFunction(s.c.counter(t.ID, col.PosAttr), striped, s.c.Topology().Slices(), col.Identity.Seed, col.Identity.Step, col.Type)
}
