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
