package postcode

// shape says where the parts of an outward code stand in its text; none is the
// place of a part that it lacks.
type shape struct {
	second, tens, ones, trailing uint8
	letters                      uint8 // of the area
}

// none is a place behind every text, where there is a zero byte.
const none = textSize - 1

// shapes are those in use, by the length of the outward code (British Standard
// 7666, part 2).
var shapes = [...][]shape{
	2: {
		{none, none, 1, none, 1}, // M1
	},
	3: {
		{1, none, 2, none, 2}, // CR2
		{none, 1, 2, none, 1}, // B33
		{none, none, 1, 2, 1}, // W1A
	},
	4: {
		{1, 2, 3, none, 2}, // DN55
		{1, none, 2, 3, 2}, // EC1A
	},
}

// literals finds the one shape that a text can have as it stands, by the length
// of its outward code and by which of the three characters after the first are
// digits. Lengths that are missing leave the zero shape, which reads nothing.
var literals = func() (byDigits [5][8]shape) {
	for length, list := range shapes {
		for _, s := range list {
			pattern := uint8(0)
			for _, place := range []uint8{s.tens, s.ones} {
				if place != none {
					pattern |= 1 << (place - 1)
				}
			}
			// Characters past the outward code do not matter.
			for rest := range uint8(1 << (4 - length)) {
				byDigits[length][pattern|rest<<(length-1)] = s
			}
		}
	}
	return byDigits
}()

// readOutward finds the reading of an outward code of that length: the literal
// one, else the one with the fewest characters taken for their twins, if its
// area exists. It gives that number, and 0 for out where there is no reading.
//
// No two readings tie: shapes of one length differ where one wants a letter and
// the other a digit, and no trailing letter has a twin.
func readOutward(t *text, length int) (out uint32, twins uint8) {
	pattern := isDigit[t[1]] | isDigit[t[2]]<<1 | isDigit[t[3]]<<2
	if out, twins = literals[length][pattern].read(t); out != 0 && twins == 0 {
		return out, 0
	}
	out = 0
	for _, s := range shapes[length] {
		o, n := s.read(t)
		if o != 0 && knownAreas[o>>areaShift] && (out == 0 || n < twins) {
			out, twins = o, n
		}
	}
	return out, twins
}

// read reads a text as this shape, or gives 0. It hardly branches, since the
// shapes of one text and the next have nothing to do with each other.
func (s *shape) read(t *text) (out uint32, twins uint8) {
	first := firsts[t[0]]
	second := seconds[t[s.second%textSize]]
	ten := tens[t[s.tens%textSize]]
	one := digits[t[s.ones%textSize]]
	trailing := trailings[s.letters%3][t[s.trailing%textSize]]
	if (first|second|ten|one|trailing)&invalid != 0 {
		return 0, 0
	}
	twins = first&mistyped/mistyped + second&mistyped/mistyped + ten&mistyped/mistyped + one&mistyped/mistyped
	number := ten&^mistyped*10 + one&^mistyped
	return packOutward(first&^mistyped, second&^mistyped, number, trailing), twins
}
