package redshifttest

import (
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// Clock is a clock that stands still until it is told otherwise. Sessions of several clusters may share one.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that stands at a moment.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is where it stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Option has a cluster go by this clock.
func (c *Clock) Option() Option {
	return made("Clock", func(cfg *redshiftsim.Config) { cfg.Clock = c.Now })
}
