package sqlstate

import "testing"

// TestUnbuilt names the feature and points at its section.
func TestUnbuilt(t *testing.T) {
	e := Unbuilt("CREATE MODEL", "CREATE MODEL")
	if e.Code != FeatureNotSupported || e.Message != "CREATE MODEL is not supported" || e.Hint != "see docs/support.md#create-model" {
		t.Error(e)
	}
	if got := Anchor("GROUP BY ROLLUP, CUBE (x)"); got != "group-by-rollup-cube-x" {
		t.Error(got)
	}
}
