// Package postcode reads the postcodes that people type and finds the
// Westminster constituency of each in a compact index of the whole country.
//
// Parse and the index are exact: text that is not a postcode is refused, and a
// postcode that does not exist never resolves to a constituency. Nothing here
// logs or keeps what was typed.
package postcode

import (
	"log/slog"
	"strconv"
)

// Postcode is one well-formed postcode, comparable and cheap to copy. It need
// not exist: only an [Index] knows that. The zero value is no postcode.
type Postcode struct {
	// out packs the outward code: first letter (1-26), second letter and
	// trailing letter (0 where there is none) in five bits each, then the
	// number (0-99) in seven. Values from firstSpecial on are an entry of
	// the table of specials instead.
	out uint32
	// in packs the inward code: the digit, then the unit (0-399) in nine
	// bits; in a special, the number that fills its nines.
	in uint16
}

const (
	numberBits = 7
	letterBits = 5
	unitBits   = 9

	areaShift    = numberBits + letterBits
	numberMask   = 1<<numberBits - 1
	letterMask   = 1<<letterBits - 1
	unitMask     = 1<<unitBits - 1
	firstSpecial = 1 << (numberBits + 3*letterBits)

	// stems is the number of outward codes regardless of their number: the
	// pairs of an area and a trailing letter.
	stems = 1 << (3 * letterBits)

	// unitsPerSector is every pair of the twenty letters that an inward
	// code uses.
	unitsPerSector = len(inwardLetters) * len(inwardLetters)
)

// inwardLetters are the letters of an inward code: all but C, I, K, M, O and V,
// which look alike in handwriting (Royal Mail, PAF Programmers' Guide).
const inwardLetters = "ABDEFGHJLNPQRSTUWXYZ"

func packOutward(first, second, number, trailing byte) uint32 {
	stem := uint32(first)<<(2*letterBits) | uint32(second)<<letterBits | uint32(trailing)
	return stem<<numberBits | uint32(number)
}

func packInward(digit byte, unit int) uint16 {
	return uint16(digit)<<unitBits | uint16(unit)
}

// String gives the canonical form, such as "LS6 3HN", or "" for the zero value.
func (p Postcode) String() string {
	if p.out == 0 {
		return ""
	}
	if p.out >= firstSpecial {
		return specials[p.out-firstSpecial].format(p.in)
	}
	unit := int(p.in & unitMask)
	return p.sector() + string([]byte{
		inwardLetters[unit/len(inwardLetters)],
		inwardLetters[unit%len(inwardLetters)],
	})
}

// sector gives the outward code and the digit, such as "LS6 3".
func (p Postcode) sector() string {
	return p.outward() + " " + string(rune('0'+p.in>>unitBits))
}

// outward gives the outward code, such as "LS6", which names a district.
func (p Postcode) outward() string {
	stem := p.out >> numberBits
	text := make([]byte, 0, 4)
	text = append(text, letterAt(stem>>(2*letterBits)))
	if second := stem >> letterBits & letterMask; second != 0 {
		text = append(text, letterAt(second))
	}
	text = strconv.AppendUint(text, uint64(p.out&numberMask), 10)
	if trailing := stem & letterMask; trailing != 0 {
		text = append(text, letterAt(trailing))
	}
	return string(text)
}

// LogValue hides the postcode from logs, which never carry one.
func (Postcode) LogValue() slog.Value { return slog.StringValue("[postcode]") }

// Place says which place outside Great Britain the postcode belongs to, or
// NoPlace.
func (p Postcode) Place() Place {
	if p.out >= firstSpecial {
		return specials[p.out-firstSpecial].place
	}
	return areaPlaces[p.out>>areaShift]
}

// isGirobank tells GIR 0AA, a bank's mail room that has a shape of its own.
func (p Postcode) isGirobank() bool {
	return p.out >= firstSpecial && specials[p.out-firstSpecial].place == NoPlace
}

// letterAt gives the letter at a place in the alphabet, from 1.
func letterAt(n uint32) byte { return 'A' + byte(n) - 1 }
