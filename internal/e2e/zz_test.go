package e2e

import (
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	for range 3 {
	s := time.Now()
	start(t)
	t.Log(time.Since(s).Milliseconds())
	}
}
