package parliament

// CorrectedField says what about a seat its source has wrong.
type CorrectedField string

// The fields that can be corrected, the whole list.
const (
	CorrectedEmail  CorrectedField = "email"  // the member's address is another
	CorrectedVacant CorrectedField = "vacant" // the member sits no more, and nobody does
)

// Correction is what somebody knows better than the source of a roster.
type Correction struct {
	Constituency string // ONS code, where the member sat when it was made
	MemberID     int
	Field        CorrectedField
	Value        string // the address
}

// Held is what became of a correction when a new list came.
type Held struct {
	Correction
	Listed string // what the list says instead; for a vacancy the member's name
	Over   bool   // the list says so itself by now, or somebody else sits there
	Absent bool   // the list has the member nowhere
}

// Corrected returns the roster with the corrections applied, and what became of
// each, in their order. A correction of an address holds as long as the member's
// listed one differs, also while they sit nowhere; one of a vacancy as long as
// the list has the same member in the seat.
func (r *Roster) Corrected(all []Correction) (*Roster, []Held, error) {
	if len(all) == 0 {
		return r, nil, nil
	}
	seats := r.Seats()
	held := make([]Held, len(all))
	for i, c := range all {
		held[i].Correction = c
		switch c.Field {
		case CorrectedVacant:
			at, ok := r.byCode[c.Constituency]
			if !ok || seats[at].Member.ID != c.MemberID {
				held[i].Over = true
				continue
			}
			held[i].Listed = r.seats[at].Member.Name
			seats[at].Member = Member{}
		case CorrectedEmail:
			at, ok := r.byMember[c.MemberID]
			if !ok {
				held[i].Absent = true
				continue
			}
			held[i].Listed = r.seats[at].Member.Email
			held[i].Over = held[i].Listed == c.Value
			if !seats[at].Vacant() {
				seats[at].Member.Email = c.Value
			}
		}
	}
	corrected, err := NewRoster(seats, r.constituencies, r.members)
	if err != nil {
		return nil, nil, err
	}
	return corrected, held, nil
}
