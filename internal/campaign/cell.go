package campaign

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// plainNumber is what no spreadsheet takes for a formula, though it may begin as one.
var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// beginsFormula are the characters with which something begins that a spreadsheet
// may take for a formula, wide ones as people type them in East Asia among them.
const beginsFormula = "=+-@\t\r\n\x00＝＋－＠"

// Harmless keeps a spreadsheet from taking a field of a CSV file for a formula: an
// apostrophe before it makes it text.
func Harmless(field string) string {
	if first, _ := utf8.DecodeRuneInString(field); field != "" && strings.ContainsRune(beginsFormula, first) && !plainNumber.MatchString(field) {
		return "'" + field
	}
	return field
}
