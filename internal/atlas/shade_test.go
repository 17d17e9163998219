package atlas

import "testing"

func TestShade(t *testing.T) {
	for letters, want := range map[int]int{-1: 0, 0: 0, 4: 0, 5: 1, 9: 1, 10: 2, 24: 2, 25: 3, 49: 3, 50: 4, 99: 4, 100: 5, 100000: 5} {
		if got := Shade(letters); got != want {
			t.Errorf("%d letters: shade %d, want %d", letters, got, want)
		}
	}
}

func TestSteps_MeetWithoutGaps(t *testing.T) {
	for i, s := range Steps {
		if Shade(s.From) != i || s.To != 0 && Shade(s.To) != i {
			t.Errorf("step %d, from %d to %d, is not that of its ends", i, s.From, s.To)
		}
		if i > 0 && Steps[i-1].To+1 != s.From {
			t.Errorf("step %d begins at %d, after %d", i, s.From, Steps[i-1].To)
		}
	}
}
