package parliament

import "strings"

// SurnameKey orders members as an index of names does: by the last word of the
// name (a hyphen joins two to one), then by the others, without titles, case
// and accents. It is empty for the zero Member.
func (m Member) SurnameKey() string {
	words := strings.Fields(Member{Name: m.Name}.AddressAs()) // the name without titles
	if len(words) == 0 {
		return ""
	}
	last := len(words) - 1
	return strings.TrimSpace(sortKey(words[last]) + " " + sortKey(strings.Join(words[:last], " ")))
}
