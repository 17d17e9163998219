package postcode

import (
	"errors"
	"unicode"
	"unicode/utf8"
)

// ErrMalformed says that a text is not a postcode, whatever the reading. It
// never quotes the text.
var ErrMalformed = errors.New("not a postcode")

// text holds the letters and digits of what was typed, in capitals, and zeros
// behind them.
type text [textSize]byte

const (
	textSize = 16 // a power of two, for cheap indexing
	maxTyped = len("BFPO9999")
)

// Parse reads a postcode as people type it: in any case, with any spaces,
// punctuation, invisible and full-width characters, with the letter O for a
// zero, I or L for a one, and zero or one for O or I. What can be read as it
// stands is; a letter or digit is taken for its twin only where nothing else
// fits and the area then exists. The only error is ErrMalformed.
func Parse(typed string) (Postcode, error) {
	var t text
	n, ok := t.strip(typed)
	if !ok {
		return Postcode{}, ErrMalformed
	}
	if p, _, ok := t.read(n); ok {
		return p, nil
	}
	return Postcode{}, ErrMalformed
}

// parseLiteral is Parse for a data file, where a mistyped letter is a fault to
// report and not to mend.
func parseLiteral(typed string) (Postcode, bool) {
	var t text
	n, ok := t.strip(typed)
	if !ok {
		return Postcode{}, false
	}
	p, mended, ok := t.read(n)
	return p, ok && !mended
}

// strip fills an empty text from what was typed, and says how many characters it
// took. It reports false when there are too many of them, or others that belong
// in no postcode.
func (t *text) strip(typed string) (n int, ok bool) {
	for i := 0; i < len(typed); i++ {
		c := plain[typed[i]]
		if c == invalid {
			r, size := utf8.DecodeRuneInString(typed[i:])
			if c, ok = foldRune(r); !ok {
				return 0, false
			}
			i += size - 1
		}
		// A character to skip is written over by the next: a branch would
		// be guessed wrong in every other postcode.
		t[n%textSize] = c
		n += int(min(c, 1))
		if n > maxTyped {
			return 0, false
		}
	}
	return n, true
}

// foldRune gives the capital or digit that a character outside ASCII stands
// for, or 0 for one to skip.
func foldRune(r rune) (c byte, ok bool) {
	const fullWidth = 0xFEE0 // from U+FF01-U+FF5E down to ASCII
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return plain[r-fullWidth], true
	case r == utf8.RuneError:
		return 0, false
	case unicode.In(r, unicode.White_Space, unicode.P, unicode.Cc, unicode.Cf,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return 0, true
	}
	return 0, false
}

// read finds the reading of the first n characters, and tells whether any was
// taken for its twin.
func (t *text) read(n int) (p Postcode, mended, ok bool) {
	if p, mended, ok = t.readOrdinary(n); ok {
		return p, mended, true
	}
	for i, s := range specials {
		if number, mended, ok := s.match(t[:n]); ok {
			return Postcode{firstSpecial + uint32(i), number}, mended, true
		}
	}
	return Postcode{}, false, false
}

func (t *text) readOrdinary(n int) (p Postcode, mended, ok bool) {
	if n < 5 || n > 7 {
		return Postcode{}, false, false
	}
	digit, first, second := digits[t[n-3]], units[t[n-2]], units[t[n-1]]
	if (digit|first|second)&invalid != 0 {
		return Postcode{}, false, false
	}
	out, twins := readOutward(t, n-3)
	if out == 0 {
		return Postcode{}, false, false
	}
	unit := int(first)*len(inwardLetters) + int(second)
	return Postcode{out, packInward(digit&^mistyped, unit)}, twins > 0 || digit&mistyped != 0, true
}
