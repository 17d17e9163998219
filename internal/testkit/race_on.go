//go:build race

package testkit

// Racing says that the race detector is on; see race_off.go.
const Racing = true
