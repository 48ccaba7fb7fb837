package system

import (
	"sync"
	"testing"
	"time"
)

// TestVisits: visits and endings are kept within their bounds, the last ones, by several sessions at once.
func TestVisits(t *testing.T) {
	l := NewLog(0)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var wg sync.WaitGroup
	const sessions, each = 4, maxVisits
	for s := range sessions {
		wg.Go(func() {
			for i := range each {
				pid := 1 + s*each + i
				l.Arrive(Visit{PID: pid, User: "ann", Start: at})
				l.End(&Ending{XID: int64(pid), Wrote: true})
				l.Leave(pid, at.Add(time.Second), i%2 == 1)
			}
		})
	}
	wg.Wait()
	visits, endings := l.Visits(), l.Endings()
	if n := len(visits); n > maxVisits || n < maxVisits/2 {
		t.Errorf("%d visits are kept", n)
	}
	if n := len(endings); n > maxEndings || n < maxEndings/2 {
		t.Errorf("%d endings are kept", n)
	}
	newest := map[int]bool{}
	for _, v := range visits {
		if v.End.IsZero() {
			t.Fatalf("session %d never left", v.PID)
		}
		if v.TimedOut != ((v.PID-1)%each%2 == 1) {
			t.Fatalf("session %d left for another reason", v.PID)
		}
		newest[v.PID] = true
	}
	found := false
	for s := range sessions {
		found = found || newest[(s+1)*each]
	}
	if !found {
		t.Error("the last visit of no session is kept")
	}
	l.Leave(1<<30, at, false) // nobody of that number: nothing happens
	none := NewLog(-1)
	none.Arrive(Visit{PID: 1})
	none.End(&Ending{XID: 1})
	if len(none.Visits())+len(none.Endings()) != 0 {
		t.Error("a log that keeps nothing has visits")
	}
}
