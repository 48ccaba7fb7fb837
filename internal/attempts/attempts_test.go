package attempts

import (
	"fmt"
	"testing"
	"time"
)

// TestCounter: a host that was wrong too often waits, others do not; a minute later it may try again; and what is kept is bounded.
func TestCounter(t *testing.T) {
	var c Counter
	for i := range 3 {
		if !c.May("a", 3) {
			t.Errorf("refused after %d", i)
		}
		c.Add("a")
	}
	if c.May("a", 3) || !c.May("b", 3) {
		t.Error("a may try, or b may not")
	}
	c.byHost["a"] = failed{count: 3, since: time.Now().Add(-window - time.Second)}
	if !c.May("a", 3) {
		t.Error("a may not try a minute later")
	}
	for i := range 2 * maxHosts {
		c.Add(fmt.Sprint(i))
	}
	if len(c.byHost) > maxHosts {
		t.Errorf("%d hosts are kept", len(c.byHost))
	}
}
