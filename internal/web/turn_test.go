package web

import (
	"fmt"
	"testing"
)

func TestServer_ordinal(t *testing.T) {
	s := &Server{Options: Options{View: Renderer()}}
	for n, want := range map[int]string{
		1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 10: "10th", 11: "11th", 12: "12th", 13: "13th", 20: "20th", 21: "21st", 22: "22nd", 23: "23rd",
		100: "100th", 101: "101st", 111: "111th", 112: "112th", 113: "113th", 1022: "1022nd",
	} {
		if got := s.ordinal("en", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
		if got, want := s.ordinal("cy", n), fmt.Sprintf("rhif %d", n); got != want {
			t.Errorf("%d in Welsh: %q, want %q", n, got, want)
		}
	}
}
