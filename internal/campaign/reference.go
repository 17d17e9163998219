package campaign

import (
	"crypto/rand"
	"strings"
)

// ReferenceLen is the length of a letter's reference in characters.
const ReferenceLen = 8

// alphabet is Crockford's base 32 (crockford.com/base32.html): figures and
// letters that are not taken for one another, whether read or spoken.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newReference returns what a letter is called by when somebody asks about it:
// 40 random bits. It says nothing and opens nothing.
func newReference() string {
	var b [ReferenceLen]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b[:])
}

// ShowReference writes a reference as people read it: K7QM-2XRD.
func ShowReference(reference string) string {
	if len(reference) != ReferenceLen {
		return reference
	}
	return reference[:ReferenceLen/2] + "-" + reference[ReferenceLen/2:]
}

// ParseReference reads a reference as people type it: in small letters, with
// spaces or hyphens, O for 0, I or L for 1. It reports false for what is none.
func ParseReference(typed string) (string, bool) {
	var b strings.Builder
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == ' ' || r == '-' || r == '–':
			continue
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		}
		if !strings.ContainsRune(alphabet, r) || b.Len() == ReferenceLen {
			return "", false
		}
		b.WriteRune(r)
	}
	return b.String(), b.Len() == ReferenceLen
}
