package parliament

import "strings"

// Slug returns the constituency's English name as it stands in addresses: lower
// case, without accents, a hyphen between words ("leeds-north-west"). It is
// unique in a Roster, as names are unique without their gaps.
func Slug(c Constituency) string {
	return fold(strings.ReplaceAll(c.Name, "&", " and "), "-")
}

// BySlug returns the seat whose constituency has the Slug.
func (r *Roster) BySlug(slug string) (Seat, bool) {
	i, ok := r.bySlug[slug]
	if !ok {
		return Seat{}, false
	}
	return r.seats[i], true
}
