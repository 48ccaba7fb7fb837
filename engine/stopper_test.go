package engine

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestStopper: the context of a statement is what context.WithCancelCause would give, whenever the difference is first looked at.
func TestStopper(t *testing.T) {
	why := errors.New("why")
	type key struct{}
	looks := map[string]func(context.Context){
		"late":     func(context.Context) {},
		"by Done":  func(c context.Context) { c.Done() },
		"by Value": func(c context.Context) { c.Value(key{}) },
	}
	for name, look := range looks {
		parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, 7))
		p := &stopper{Context: parent}
		look(p)
		if p.Err() != nil || p.Value(key{}) != 7 {
			t.Errorf("%s: %v, %v", name, p.Err(), p.Value(key{}))
		}
		cancel(why)
		if !errors.Is(p.Err(), context.Canceled) || context.Cause(p) != why || !closed(p) {
			t.Errorf("%s, its own context ends: %v, %v", name, p.Err(), context.Cause(p))
		}

		p = &stopper{Context: t.Context()}
		look(p)
		p.end(why)
		if !errors.Is(p.Err(), context.Canceled) || context.Cause(p) != why || !closed(p) {
			t.Errorf("%s, stopped: %v, %v", name, p.Err(), context.Cause(p))
		}
		p.stop()
		if context.Cause(p) != why {
			t.Errorf("%s, stopped and over: %v", name, context.Cause(p))
		}

		p = &stopper{Context: t.Context()}
		look(p)
		p.stop()
		if !errors.Is(p.Err(), context.Canceled) || !closed(p) || !errors.Is(context.Cause(p), context.Canceled) {
			t.Errorf("%s, over: %v, %v", name, p.Err(), context.Cause(p))
		}

		p = &stopper{Context: t.Context()}
		look(p)
		child, free := context.WithTimeout(p, time.Hour)
		p.end(why)
		if !closed(child) || context.Cause(child) != why {
			t.Errorf("%s, a context made of it: %v", name, context.Cause(child))
		}
		free()
	}
	var none *stopper
	none.stop()
}

func closed(c context.Context) bool {
	select {
	case <-c.Done():
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}
