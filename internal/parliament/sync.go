package parliament

import (
	"context"
	"fmt"
	"time"
)

// The terms of what the Members API serves, as the licence asks them to be shown.
const membersAttribution = "Members and their contact details: UK Parliament. " +
	"Contains Parliamentary information licensed under the Open Parliament Licence v3.0."

// Sync reads the Members API and returns the roster as it stands there, with
// what differs from current, in which corrections are applied already. A member
// is joined to a seat by the constituency's name, never by a guess: one without a
// match, or two for one seat, fill no seat, and diff.Complete() is false. Whether
// to apply next then is the caller's decision, and theirs to do in one
// transaction.
func Sync(ctx context.Context, client *Client, current *Roster, corrections ...Correction) (next *Roster, diff Diff, err error) {
	listing, err := Fetch(ctx, client)
	if err != nil {
		return nil, Diff{}, err
	}
	return listing.Against(current, corrections)
}

// Listing is the Members API's list as it was read.
type Listing struct {
	listed []Listed
	day    string // it was read
}

// Fetch reads the Members API.
func Fetch(ctx context.Context, client *Client) (Listing, error) {
	listed, err := client.Members(ctx)
	if err != nil {
		return Listing{}, err
	}
	return Listing{listed, client.Now().UTC().Format(time.DateOnly)}, nil
}

// Against returns what Sync does.
func (l Listing) Against(current *Roster, corrections []Correction) (next *Roster, diff Diff, err error) {
	source := Source{Name: "UK Parliament Members API", Date: l.day, Attribution: []string{membersAttribution}}
	joined := joinSeats(current, l.listed)
	next, err = current.withMembers(joined.held, nil, source)
	if err != nil {
		return nil, Diff{}, fmt.Errorf("members API: %w", err)
	}
	inForce, _, err := next.Corrected(corrections)
	if err != nil {
		return nil, Diff{}, fmt.Errorf("members API: %w", err)
	}
	diff = compare(current, inForce, joined.astray)
	diff.Unmatched = joined.unmatched
	diff.Contested = joined.contested
	for _, one := range l.listed {
		if one.Inactive {
			diff.Notes = append(diff.Notes, fmt.Sprintf("%s (%s): listed, but the membership is not active; left out",
				one.Member.Name, one.Constituency))
		}
		if one.Note != "" {
			diff.Notes = append(diff.Notes, one.Note)
		}
	}
	return next, diff, nil
}

// join is who sits where, and who could not be seated.
type join struct {
	held      map[string]Member // by ONS code
	unmatched []Entry
	contested []Entry
	astray    map[int]bool // the ids of both
}

// joinSeats finds each listed member's seat by name.
func joinSeats(roster *Roster, listed []Listed) join {
	j := join{held: make(map[string]Member), unmatched: []Entry{}, contested: []Entry{}, astray: make(map[int]bool)}
	claims := make(map[string][]Member)
	for _, one := range listed {
		if one.Inactive {
			continue
		}
		seat, ok := roster.ByName(one.Constituency)
		if !ok {
			j.astray[one.Member.ID] = true
			j.unmatched = append(j.unmatched, entry(Constituency{Name: one.Constituency}, one.Member))
			continue
		}
		claims[seat.Constituency.Code] = append(claims[seat.Constituency.Code], one.Member)
	}
	for _, seat := range roster.seats {
		members := claims[seat.Constituency.Code]
		switch len(members) {
		case 0:
		case 1:
			j.held[seat.Constituency.Code] = members[0]
		default:
			for _, m := range members {
				j.astray[m.ID] = true
				j.contested = append(j.contested, entry(seat.Constituency, m))
			}
		}
	}
	return j
}
