package redshifttest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// fakeT is a test that may fail without failing this one.
type fakeT struct {
	testing.TB
	name     string
	failed   bool
	said     strings.Builder
	cleanups []func()
}

func (f *fakeT) Helper()                 {}
func (f *fakeT) Name() string            { return f.name }
func (f *fakeT) Failed() bool            { return f.failed }
func (f *fakeT) Cleanup(c func())        { f.cleanups = append(f.cleanups, c) }
func (f *fakeT) Log(args ...any)         { fmt.Fprintln(&f.said, args...) }
func (f *fakeT) Logf(s string, a ...any) { f.Log(fmt.Sprintf(s, a...)) }
func (f *fakeT) Error(args ...any)       { f.Log(args...); f.failed = true }
func (f *fakeT) Errorf(s string, a ...any) {
	f.Error(fmt.Sprintf(s, a...))
}

func (f *fakeT) Fatal(args ...any) {
	f.Error(args...)
	runtime.Goexit()
}

func (f *fakeT) Fatalf(s string, a ...any) { f.Fatal(fmt.Sprintf(s, a...)) }

// fake runs a test that may fail, with its clean-up, and gives what it said.
func fake(t *testing.T, run func(f *fakeT)) (said string, failed bool) {
	t.Helper()
	f := &fakeT{TB: t, name: "TestFake/a b"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(f.cleanups) - 1; i >= 0; i-- {
				f.cleanups[i]()
			}
		}()
		run(f)
	}()
	<-done
	return f.said.String(), f.failed
}

// wants fails unless the fake test failed with these words.
func wants(t *testing.T, run func(f *fakeT), words ...string) {
	t.Helper()
	said, failed := fake(t, run)
	if !failed {
		t.Errorf("the test did not fail; it said %s", said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("it does not say %q:\n%s", w, said)
		}
	}
}
