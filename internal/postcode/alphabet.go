package postcode

import "strings"

const (
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	figures  = "0123456789"

	// invalid marks a character that cannot stand in a place; mistyped is
	// set beside the value of one taken for its twin.
	invalid  = 0x80
	mistyped = 0x40
)

// plain gives the capital letter or digit for each ASCII byte, 0 for one to
// skip, and invalid for the start of a longer character.
var plain = func() (table [256]byte) {
	for c := range table {
		switch b := byte(c); {
		case c >= 0x80:
			table[c] = invalid
		case '0' <= b && b <= '9', 'A' <= b && b <= 'Z':
			table[c] = b
		case 'a' <= b && b <= 'z':
			table[c] = b - 'a' + 'A'
		}
	}
	return table
}()

// The letters allowed in each place, by British Standard 7666: no Q, V or X at
// the start, no I, J or Z after it, and few letters after a number. A letter's
// value is its place in the alphabet, from 1. No number begins with a zero.
var (
	letters   = letterTable(capitals, "0O", "1I")
	firsts    = letterTable(without("QVX"), "0O", "1I")
	seconds   = optional(letterTable(without("IJZ"), "0O"))
	tens      = optional(valueTable(figures[1:], 1, "I1", "L1"))
	digits    = valueTable(figures, 0, "O0", "I1", "L1")
	trailings = [...][256]byte{
		1: optional(letterTable("ABCDEFGHJKPSTUW")), // after one letter: W1A
		2: optional(letterTable("ABEHMNPRVWXY")),    // after two: EC1A
	}
	units   = valueTable(inwardLetters, 0)
	isDigit = func() (table [256]uint8) {
		for _, c := range []byte(figures) {
			table[c] = 1
		}
		return table
	}()
)

// optional gives the value 0 to a part that is not there.
func optional(table [256]byte) [256]byte {
	table[0] = 0
	return table
}

func letterTable(allowed string, twins ...string) [256]byte {
	table := valueTable(capitals, 1, twins...)
	for _, c := range []byte(capitals) {
		if !strings.Contains(allowed, string(c)) {
			table[c] = invalid
		}
	}
	return table
}

// valueTable numbers the allowed characters from base. Each twin is a character
// that is not allowed, followed by the one that it is taken for.
func valueTable(allowed string, base byte, twins ...string) (table [256]byte) {
	for i := range table {
		table[i] = invalid
	}
	for i, c := range []byte(allowed) {
		table[c] = base + byte(i)
	}
	for _, t := range twins {
		table[t[0]] = table[t[1]] | mistyped
	}
	return table
}

func without(excluded string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(excluded, r) {
			return -1
		}
		return r
	}, capitals)
}

// knownAreas are the postcode areas in use (Royal Mail, PAF), with the forces'
// and Gibraltar's. A literal reading of an area not among them stands, so that
// a new one needs no new program.
var knownAreas = func() (known [1 << (2 * letterBits)]bool) {
	const list = "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW " +
		"DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GX GY HA HD HG HP HR " +
		"HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE " +
		"NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO " +
		"SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
	for _, area := range strings.Fields(list) {
		known[areaIndex(area)] = true
	}
	return known
}()

// areaIndex numbers an area of one or two capital letters.
func areaIndex(area string) int {
	index := int(area[0]-'A'+1) << letterBits
	if len(area) > 1 {
		index |= int(area[1] - 'A' + 1)
	}
	return index
}
