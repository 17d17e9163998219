//go:build !race

package testkit

// Racing says that the race detector is on, under which everything takes about
// ten times as long. The gate runs what skips itself for that reason once more,
// without the detector.
const Racing = false
