//go:build race

package atlas

// racing: the race detector is on, and everything takes ten times as long.
const racing = true
