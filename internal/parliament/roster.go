package parliament

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// SeatCount is the number of constituencies, fixed by section 1 of the
// Parliamentary Constituencies Act 2020.
const SeatCount = 650

// Source says where a table comes from and under which terms.
type Source struct {
	Name        string   `json:"name"`
	Date        string   `json:"date"`        // ISO 8601: a day, or a month where that is all that is known
	Attribution []string `json:"attribution"` // sentences that its licences ask to be shown
}

// Roster is all 650 constituencies with their members. It never changes once
// made, and any number of goroutines may read it.
type Roster struct {
	seats          []Seat         // in the order of Groups
	byCode         map[string]int // ONS code to index in seats
	byName         map[string]int // nameKey to index in seats, or ambiguous
	bySlug         map[string]int // Slug to index in seats
	byMember       map[int]int    // member id to index in seats
	search         []searchKey    // of each of seats
	constituencies Source
	members        Source
}

// ambiguous in Roster.byName marks a name that two constituencies share.
const ambiguous = -1

// NewRoster makes a roster from exactly SeatCount seats in any order, and says
// what is wrong with them, all at once: a code or an English name twice, an
// unknown country or region, a member in two seats, a field that holds a
// control character.
func NewRoster(seats []Seat, constituencies, members Source) (*Roster, error) {
	r := &Roster{
		byCode:         make(map[string]int, len(seats)),
		byName:         make(map[string]int, len(seats)+len(seats)/8),
		bySlug:         make(map[string]int, len(seats)),
		byMember:       make(map[int]int, len(seats)),
		search:         make([]searchKey, len(seats)),
		constituencies: constituencies.clone(),
		members:        members.clone(),
	}
	var problems []error
	if len(seats) != SeatCount {
		problems = append(problems, fmt.Errorf("%d constituencies in place of %d", len(seats), SeatCount))
	}
	for _, s := range seats {
		for _, err := range s.check() {
			problems = append(problems, fmt.Errorf("constituency %q: %w", s.Constituency.Code, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	r.seats = sorted(seats)
	if err := r.index(); err != nil {
		return nil, err
	}
	return r, nil
}

// check reports what is wrong with one seat taken alone.
func (s Seat) check() []error {
	var problems []error
	c := s.Constituency
	if !isCode(c.Code) {
		problems = append(problems, errors.New("code is not an ONS code"))
	}
	if c.Name == "" {
		problems = append(problems, errors.New("name is missing"))
	}
	for _, text := range []string{c.Name, c.NameCy} {
		if err := checkText(text); err != nil {
			problems = append(problems, fmt.Errorf("name %w", err))
		}
	}
	if placeOf(c) == len(places) {
		problems = append(problems, fmt.Errorf("no such country and region: %q, %q", c.Country, c.Region))
	}
	switch {
	case s.Vacant():
	case s.Unlisted:
		problems = append(problems, errors.New("unlisted, and yet has a member"))
	case s.Member.ID <= 0:
		problems = append(problems, errors.New("its member has no number"))
	default:
		problems = append(problems, s.Member.check()...)
	}
	return problems
}

// index fills the maps from the sorted seats.
func (r *Roster) index() error {
	var problems []error
	for i, s := range r.seats {
		c := s.Constituency
		if _, twice := r.byCode[c.Code]; twice {
			problems = append(problems, fmt.Errorf("constituency %s stands twice", c.Code))
		}
		r.byCode[c.Code] = i
		r.bySlug[Slug(c)] = i
		r.search[i] = newSearchKey(s)
		if s.Vacant() {
			continue
		}
		if other, twice := r.byMember[s.Member.ID]; twice {
			problems = append(problems, fmt.Errorf("member %d holds both %s and %s", s.Member.ID, r.seats[other].Constituency.Code, c.Code))
		}
		r.byMember[s.Member.ID] = i
	}
	for i, s := range r.seats {
		key := nameKey(s.Constituency.Name)
		if other, twice := r.byName[key]; twice {
			problems = append(problems, fmt.Errorf("constituencies %s and %s have one name",
				r.seats[other].Constituency.Code, s.Constituency.Code))
		}
		r.byName[key] = i
	}
	// Welsh names come second: one that is also another seat's name, in either
	// language, finds neither.
	for i, s := range r.seats {
		if s.Constituency.NameCy == "" {
			continue
		}
		key := nameKey(s.Constituency.NameCy)
		if other, taken := r.byName[key]; taken && other != i {
			i = ambiguous
		}
		r.byName[key] = i
	}
	return errors.Join(problems...)
}

// Seat returns the seat with this ONS code.
func (r *Roster) Seat(code string) (Seat, bool) {
	i, ok := r.byCode[code]
	if !ok {
		return Seat{}, false
	}
	return r.seats[i], true
}

// ByName returns the seat with this English or Welsh name, whatever its case,
// accents and punctuation. It finds nothing rather than guess.
func (r *Roster) ByName(name string) (Seat, bool) {
	i, ok := r.byName[nameKey(name)]
	if !ok || i == ambiguous {
		return Seat{}, false
	}
	return r.seats[i], true
}

// Seats returns every seat by nation, region and name. The slice is the
// caller's own.
func (r *Roster) Seats() []Seat { return slices.Clone(r.seats) }

// Len returns how many seats there are.
func (r *Roster) Len() int { return len(r.seats) }

// ConstituencySource says where the constituencies come from.
func (r *Roster) ConstituencySource() Source { return r.constituencies.clone() }

// MemberSource says where the members come from.
func (r *Roster) MemberSource() Source { return r.members.clone() }

// Attribution returns the sentences of both sources, each once, for a page's
// foot or a command's output.
func (r *Roster) Attribution() []string {
	var lines []string
	for _, line := range slices.Concat(r.constituencies.Attribution, r.members.Attribution) {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// withMembers returns the same constituencies held by these members, by code;
// vacant lists the codes that are known to be empty, and the rest is unlisted.
func (r *Roster) withMembers(held map[string]Member, vacant map[string]bool, source Source) (*Roster, error) {
	seats := make([]Seat, len(r.seats))
	for i, s := range r.seats {
		code := s.Constituency.Code
		member, ok := held[code]
		seats[i] = Seat{Constituency: s.Constituency, Member: member, Unlisted: !ok && !vacant[code]}
	}
	return NewRoster(seats, r.constituencies, source)
}

func (s Source) clone() Source {
	s.Attribution = slices.Clone(s.Attribution)
	return s
}

// sorted returns the seats in the order of Groups, in a slice of its own.
func sorted(seats []Seat) []Seat {
	type ranked struct {
		place int
		name  string // sortKey of it
		seat  *Seat
	}
	order := make([]ranked, len(seats))
	for i := range seats {
		c := seats[i].Constituency
		order[i] = ranked{placeOf(c), sortKey(c.Name), &seats[i]}
	}
	slices.SortFunc(order, func(a, b ranked) int {
		return cmp.Or(
			cmp.Compare(a.place, b.place),
			cmp.Compare(a.name, b.name),
			cmp.Compare(a.seat.Constituency.Code, b.seat.Constituency.Code),
		)
	})
	out := make([]Seat, len(seats))
	for i, o := range order {
		out[i] = *o.seat
	}
	return out
}
