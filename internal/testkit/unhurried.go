package testkit

import "testing"

// Unhurried skips what does many things, one after the other, with the race detector
// on, which could find nothing. .ci/run names it among the tests that it runs without.
func Unhurried(t *testing.T) {
	t.Helper()
	if Racing {
		t.Skip("takes half a minute with the race detector; the gate runs it without")
	}
}
