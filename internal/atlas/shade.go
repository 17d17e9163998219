package atlas

// Step is a class of the map's scale.
type Step struct {
	From, To int // letters; To is 0 in the last, which has no end
}

// Steps are the classes of letters by which hexagons are shaded, from the
// lightest. The first is also that of no letters, because a number under 5 is
// not told in public, not even whether it is 0. Pages make their legend from
// this list.
var Steps = [6]Step{{0, 4}, {5, 9}, {10, 24}, {25, 49}, {50, 99}, {100, 0}}

// Shade is the class of a number of letters: 0 to 5.
func Shade(letters int) int {
	for class := len(Steps) - 1; class > 0; class-- {
		if letters >= Steps[class].From {
			return class
		}
	}
	return 0
}

// Scale gives classes for exact numbers up to most: none, then five that grow, so
// that few places with very many do not leave all others alike. A class that
// nothing could be in is left out; the last has no end.
func Scale(most int) []Step {
	steps := []Step{{0, 0}}
	for _, percent := range []int{0, 5, 15, 35, 70} {
		from := max(round(most*percent/100), steps[len(steps)-1].From+1)
		if from > max(most, 1) {
			break
		}
		if n := len(steps); n > 1 {
			steps[n-1].To = from - 1
		}
		steps = append(steps, Step{From: from})
	}
	return steps
}

// ClassOf is the class of a number on a scale.
func ClassOf(steps []Step, n int) int {
	for class := len(steps) - 1; class > 0; class-- {
		if n >= steps[class].From {
			return class
		}
	}
	return 0
}

// round makes a number one that is easily said: of one figure, or of two of which
// the second is 5.
func round(n int) int {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	if n/unit < 10 {
		return n
	}
	return n / unit / 5 * 5 * unit
}
