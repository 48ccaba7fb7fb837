package function

import (
	"reflect"
	"testing"
)

// TestPages: every aggregate and window function that is built has its line in the documentation, and nothing else has.
func TestPages(t *testing.T) {
	refused := reflect.ValueOf(notBuilt).Pointer()
	for n, f := range aggregates {
		built := reflect.ValueOf(f).Pointer() != refused
		if _, ok := aggregatePages[n]; ok != built {
			t.Errorf("aggregate %s: built %v, documented %v", n, built, ok)
		}
	}
	for n := range windowFunctions {
		if _, ok := windowPages[n]; !ok {
			t.Errorf("window function %s is not documented", n)
		}
	}
	if len(windowPages) != len(windowFunctions) {
		t.Errorf("%d window functions are documented, there are %d", len(windowPages), len(windowFunctions))
	}
	seen := map[string]bool{}
	for _, c := range Chapters() {
		for _, e := range c.Entries {
			if seen[e.Name] && e.Name != "trunc" && e.Name != collectName {
				t.Errorf("%s stands in two chapters", e.Name)
			}
			seen[e.Name] = true
			if e.Page == "" || e.Signature == "" {
				t.Errorf("%s has no page or signature", e.Name)
			}
		}
	}
	for n := range book() {
		if !seen[n] {
			t.Errorf("%s stands in no chapter", n)
		}
		if lacking()[n] {
			t.Errorf("%s is built, and listed as lacking", n)
		}
	}
}
