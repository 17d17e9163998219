// Package parliament holds the House of Commons as Postbag knows it: the 650
// constituencies and, for each, its member or the fact that it is vacant.
//
// A Roster is one picture of the whole House. It comes from the project's own
// embedded tables (Load), from an operator's CSV file (ReadCSV) or from the UK
// Parliament's Members API (Sync); Compare says what differs between two.
// Nothing here writes to a database: applying a Roster is the caller's.
package parliament

import (
	"slices"
	"strings"
)

// Constituency is one Westminster constituency on the July 2024 boundaries.
type Constituency struct {
	Code    string  // ONS (GSS) code: E14…, W07…, S14… or N05… and six digits
	Name    string  // the English name, as in the Order in Council
	NameCy  string  // the official Welsh name; empty outside Wales, and where none is given
	Country string  // England, Scotland, Wales or Northern Ireland
	Region  string  // one of England's nine regions; elsewhere the country again
	Lon     float64 // of the centroid, WGS84 degrees
	Lat     float64 // of the centroid, WGS84 degrees
}

// NameIn returns the constituency's name for readers of a language: the Welsh
// name in Welsh ("cy") where there is one, else the English.
func (c Constituency) NameIn(lang string) string {
	if lang == "cy" && c.NameCy != "" {
		return c.NameCy
	}
	return c.Name
}

// Member is a sitting MP. The zero Member stands in a vacant seat.
type Member struct {
	ID         int    // Parliament's own number: members.parliament.uk/member/{ID}
	Name       string // for display: "Sir Lindsay Hoyle"
	FullTitle  string // "Rt Hon Sir Lindsay Hoyle MP"
	Salutation string // the API's nameAddressAs, "Sir Lindsay"; often empty
	Party      string // its name in full: "Plaid Cymru"
	Email      string // the public address for letters; empty where Parliament publishes none
}

// Seat is a constituency with whoever holds it.
type Seat struct {
	Constituency Constituency
	Member       Member // the zero Member while the seat is vacant

	// Unlisted is true when the source of this roster said nothing about the
	// seat, so that it is treated as vacant without being known to be. Compare
	// reports such a seat as unaccounted for.
	Unlisted bool
}

// Vacant reports whether the seat has no member: a normal state between a
// death or resignation and the by-election.
func (s Seat) Vacant() bool { return s.Member == Member{} }

// HasEmail reports whether the member can be written to by email. Four of the
// 650 publish no address (June 2026); their letters go by post.
func (m Member) HasEmail() bool { return m.Email != "" }

// titles are the words that stand before a name, as Parliament's display names
// and full titles use them, without the full stops.
var titles = []string{
	"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "revd", "reverend",
	"sir", "dame", "lord", "lady", "baroness", "rt", "hon", "right", "honourable", "the",
}

// AddressAs returns what follows "Dear" in a letter: the form that Parliament
// gives for it, or else the display name without its titles, because "Dear Mr
// Connor Rand" is nobody's English. It is empty for the zero Member.
func (m Member) AddressAs() string {
	if m.Salutation != "" {
		return m.Salutation
	}
	words := strings.Fields(m.Name)
	for len(words) > 1 && slices.Contains(titles, strings.ToLower(strings.TrimSuffix(words[0], "."))) {
		words = words[1:]
	}
	return strings.Join(words, " ")
}
