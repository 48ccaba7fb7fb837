// Package attempts counts wrong passwords, so that a host that guesses must wait: for the server of the wire protocol and for the pages of the explorer.
//
//	127.0.0.1  {3 wrong, since 12:00:07}     a minute after the first all are forgotten
package attempts

import (
	"sync"
	"time"
)

const (
	window   = time.Minute
	maxHosts = 10_000
)

// Counter counts wrong passwords by host. Its zero value is ready, and safe for many at once.
type Counter struct {
	mu     sync.Mutex
	byHost map[string]failed
}

type failed struct {
	count int
	since time.Time
}

// May says whether a host may try once more: it has been wrong less than limit times in the last minute.
func (f *Counter) May(host string, limit int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.byHost[host]
	return x.count < limit || time.Since(x.since) > window
}

// Add counts a failure.
func (f *Counter) Add(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byHost == nil || len(f.byHost) >= maxHosts {
		fresh := map[string]failed{}
		for h, x := range f.byHost {
			if time.Since(x.since) <= window && len(fresh) < maxHosts/2 {
				fresh[h] = x
			}
		}
		f.byHost = fresh
	}
	x := f.byHost[host]
	if time.Since(x.since) > window {
		x = failed{since: time.Now()}
	}
	x.count++
	f.byHost[host] = x
}
