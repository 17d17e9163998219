package parliament

import "strconv"

// Diff is what differs between two rosters, for a person to judge and, as JSON,
// for a script. Every list is in the order of the seats.
type Diff struct {
	Seats   int `json:"seats"`   // in the new roster
	Members int `json:"members"` // of which have a member

	Joined       []Entry  `json:"joined"`        // members that the old roster had nowhere
	Left         []Entry  `json:"left"`          // members that the new roster has nowhere
	Changed      []Change `json:"changed"`       // in both, with something else about them
	WithoutEmail []Entry  `json:"without_email"` // in the new roster
	Vacant       []Entry  `json:"vacant"`        // in the new roster, and known to be
	Unaccounted  []Entry  `json:"unaccounted"`   // seats that the new source says nothing about
	Unmatched    []Entry  `json:"unmatched"`     // listed for a constituency that is not one of ours
	Contested    []Entry  `json:"contested"`     // two or more members listed for one seat
	Notes        []string `json:"notes"`         // whatever else a person should know
}

// Entry is a seat, a member or both; what does not apply is empty.
type Entry struct {
	Code         string `json:"code,omitempty"`
	Constituency string `json:"constituency"`
	MemberID     int    `json:"member_id,omitempty"`
	Name         string `json:"name,omitempty"`
	Party        string `json:"party,omitempty"`
}

// Change is a member about whom something differs.
type Change struct {
	Entry          // as in the new roster
	Fields []Field `json:"fields"`
}

// Field is one thing that differs: constituency, name, full_title, salutation,
// party or email.
type Field struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

func entry(c Constituency, m Member) Entry {
	return Entry{Code: c.Code, Constituency: c.Name, MemberID: m.ID, Name: m.Name, Party: m.Party}
}

// Compare returns what differs in next from old. A seat that was vacant already
// and that the new source does not list is vacant still; one that had a member
// is unaccounted for.
func Compare(old, next *Roster) Diff { return compare(old, next, nil) }

// compare is Compare, where astray has the ids of members that the new source
// lists but that could not be seated: they have not left.
func compare(old, next *Roster, astray map[int]bool) Diff {
	d := Diff{
		Seats:  len(next.seats),
		Joined: []Entry{}, Left: []Entry{}, Changed: []Change{}, WithoutEmail: []Entry{}, Vacant: []Entry{},
		Unaccounted: []Entry{}, Unmatched: []Entry{}, Contested: []Entry{}, Notes: []string{},
	}
	before, after := old.holders(), next.holders()
	for _, s := range next.seats {
		here := entry(s.Constituency, s.Member)
		if s.Vacant() {
			was, known := old.Seat(s.Constituency.Code)
			if s.Unlisted && !(known && was.Vacant() && !was.Unlisted) {
				d.Unaccounted = append(d.Unaccounted, here)
			} else {
				d.Vacant = append(d.Vacant, here)
			}
			continue
		}
		d.Members++
		if !s.Member.HasEmail() {
			d.WithoutEmail = append(d.WithoutEmail, here)
		}
		was, ok := before[s.Member.ID]
		if !ok {
			d.Joined = append(d.Joined, here)
		} else if fields := changes(was, s); len(fields) > 0 {
			d.Changed = append(d.Changed, Change{here, fields})
		}
	}
	for _, s := range old.seats {
		if _, stays := after[s.Member.ID]; !s.Vacant() && !stays && !astray[s.Member.ID] {
			d.Left = append(d.Left, entry(s.Constituency, s.Member))
		}
	}
	return d
}

// Complete reports whether the new source accounts for every seat and every
// member: each seat has exactly one member or is known to be vacant. What is not
// complete should be applied only by someone who has looked.
func (d Diff) Complete() bool {
	return len(d.Unaccounted)+len(d.Unmatched)+len(d.Contested) == 0
}

// holders returns the filled seats by member id.
func (r *Roster) holders() map[int]Seat {
	holders := make(map[int]Seat, len(r.seats))
	for _, s := range r.seats {
		if !s.Vacant() {
			holders[s.Member.ID] = s
		}
	}
	return holders
}

// changes compares a member's two states field by field.
func changes(old, next Seat) []Field {
	var fields []Field
	note := func(field, was, is string) {
		if was != is {
			fields = append(fields, Field{field, was, is})
		}
	}
	a, b := old.Member, next.Member
	note("constituency", old.Constituency.Code, next.Constituency.Code)
	note("name", a.Name, b.Name)
	note("full_title", a.FullTitle, b.FullTitle)
	note("salutation", a.Salutation, b.Salutation)
	note("party", a.Party, b.Party)
	note("email", a.Email, b.Email)
	return fields
}

// String names the field and both values: `email "" → "a.b.mp@parliament.uk"`.
func (f Field) String() string {
	return f.Field + " " + strconv.Quote(f.Old) + " → " + strconv.Quote(f.New)
}
