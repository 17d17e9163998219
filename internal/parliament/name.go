package parliament

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// nameKey reduces a constituency's name to what all spellings of it share:
// "Harborough, Oadby & Wigston" and "Harborough Oadby and Wigston" have the
// same key, as have "Ynys Môn" and "YNYS MON". Only case, accents, spaces and
// punctuation are given up, and "&" is read as "and": no word is dropped, moved
// or shortened, so "Hull East" is not "Kingston upon Hull East". A test holds
// that the 650 names, English and Welsh, stay distinct.
func nameKey(name string) string {
	return fold(strings.ReplaceAll(name, "&", " and "), "")
}

// sortKey orders names as a reader expects: case and accents make no
// difference, and a hyphen counts as a space.
func sortKey(name string) string { return fold(name, " ") }

// fold keeps the letters and digits of s, in lower case and without accents.
// Whatever stands between words becomes gap; an apostrophe stands within one.
func fold(s, gap string) string {
	if !isASCII(s) {
		s = norm.NFKD.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	between := false
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if between && b.Len() > 0 {
				b.WriteString(gap)
			}
			between = false
			b.WriteRune(unicode.ToLower(r))
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '‘':
			// An accent that NFKD set apart, or an apostrophe: neither ends a word.
		default:
			between = true
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
