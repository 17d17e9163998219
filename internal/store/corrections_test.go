package store

import (
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

var ann = account.Actor{Account: 7, Name: "Ann", Origin: "192.0.2.1"}

func corrected(code string, field parliament.CorrectedField, value string) campaign.MPCorrection {
	return campaign.MPCorrection{
		Source:     "A phone call",
		Correction: parliament.Correction{Constituency: code, MemberID: member(code).ID, Field: field, Value: value},
	}
}

func (b *bed) correct(tb testing.TB, c campaign.MPCorrection) {
	tb.Helper()
	if err := b.Correct(tb.Context(), ann, c); err != nil {
		tb.Fatal(err)
	}
}

// seat is a seat as the roster in force has it.
func (b *bed) seat(tb testing.TB, code string) parliament.Seat {
	tb.Helper()
	r, _, err := b.Roster(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	seat, _ := r.Seat(code)
	return seat
}

// listed is Parliament's list with something else about one seat.
func listed(tb testing.TB, code string, change func(*parliament.Member)) *parliament.Roster {
	tb.Helper()
	seats := roster().Seats()
	for i := range seats {
		if seats[i].Constituency.Code == code {
			change(&seats[i].Member)
		}
	}
	r, err := parliament.NewRoster(seats, roster().ConstituencySource(), roster().MemberSource())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

const standing = `SELECT field || ' ' || value || ' ' || listed || ' ' || COALESCE(ended_by, 'stands') FROM corrections ORDER BY id`

func TestStore_Correct_email(t *testing.T) {
	b := newBed(t)
	was := member(seatA).Email
	_, before, err := b.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash := b.confirm(t, 1)
	b.correct(t, corrected(seatA, parliament.CorrectedEmail, "right@example.org"))
	if version, err := b.RosterVersion(t.Context()); err != nil || version == before {
		t.Errorf("the version is still %d, %v", version, err)
	}
	var to []string
	for _, j := range b.claims(t, 10) {
		if j.Kind == campaign.MailLetter {
			to = append(to, j.To.Email)
		}
	}
	if strings.Join(to, " ") != "right@example.org" {
		t.Errorf("the letter goes to %v", to)
	}
	_ = hash
	// It holds whatever list comes, and knows what that says.
	if err := b.ApplyRoster(t.Context(), listed(t, seatA, func(m *parliament.Member) { m.Email = "new@parliament.uk" })); err != nil {
		t.Fatal(err)
	}
	if got := b.seat(t, seatA).Member.Email; got != "right@example.org" {
		t.Errorf("after a new list letters go to %s", got)
	}
	if got := b.texts(t, standing); got != "email right@example.org new@parliament.uk stands" {
		t.Errorf("corrections: %s", got)
	}
	// Another takes its place, and Parliament's word is kept.
	b.correct(t, corrected(seatA, parliament.CorrectedEmail, "better@example.org"))
	if got := b.texts(t, standing); got != "email right@example.org new@parliament.uk Ann, email better@example.org new@parliament.uk stands" {
		t.Errorf("corrections: %s", got)
	}
	// The list says the same: nothing is to be corrected any more.
	if err := b.ApplyRoster(t.Context(), listed(t, seatA, func(m *parliament.Member) { m.Email = "better@example.org" })); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, standing); !strings.HasSuffix(got, "email better@example.org new@parliament.uk ") {
		t.Errorf("corrections: %q", got)
	}
	if err := b.ApplyRoster(t.Context(), roster()); err != nil || b.seat(t, seatA).Member.Email != was {
		t.Errorf("an ended correction holds: %v", err)
	}
	if got := b.texts(t, `SELECT actor || ' ' || origin || ' ' || action || ' ' || object || ' ' || before || after FROM audit LIMIT 1`); got !=
		`Ann 192.0.2.1 mp.correct `+memberObject(member(seatA).ID)+` {"field":"email","value":"`+was+`"}{"field":"email","value":"right@example.org","source":"A phone call"}` {
		t.Errorf("audit: %s", got)
	}
}

func TestStore_Correct_vacant(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	b.correct(t, corrected(seatA, parliament.CorrectedVacant, ""))
	if !b.seat(t, seatA).Vacant() {
		t.Error("the seat is not vacant")
	}
	b.claims(t, 10)
	b.wantState(t, hash, campaign.StateHeld)
	if err := b.ApplyRoster(t.Context(), roster()); err != nil || !b.seat(t, seatA).Vacant() {
		t.Errorf("a list that still has the member fills the seat: %v", err)
	}
	// Somebody else is elected.
	if err := b.ApplyRoster(t.Context(), listed(t, seatA, func(m *parliament.Member) { m.ID, m.Name = 99999, "Somebody New" })); err != nil {
		t.Fatal(err)
	}
	if got := b.seat(t, seatA).Member.Name; got != "Somebody New" {
		t.Errorf("%q sits", got)
	}
	if got := b.texts(t, standing); got != "vacant  "+member(seatA).Name+" " {
		t.Errorf("corrections: %q", got)
	}
}

func TestStore_EndCorrection(t *testing.T) {
	b := newBed(t)
	b.correct(t, corrected(seatA, parliament.CorrectedEmail, "right@example.org"))
	b.correct(t, corrected(seatB, parliament.CorrectedVacant, ""))
	for id, seat := range map[int64]string{1: seatA, 2: seatB} {
		for _, other := range []string{seatA, seatB, ""} {
			if err := b.EndCorrection(t.Context(), ann, other, id); other != seat && fault.CodeOf(err) != fault.NotFound {
				t.Errorf("the correction of %s was ended at %q: %v", seat, other, err)
			} else if other == seat && err != nil {
				t.Fatal(err)
			}
		}
		if err := b.EndCorrection(t.Context(), ann, seat, id); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("ended twice: %v", err)
		}
	}
	if b.seat(t, seatA).Member != member(seatA) || b.seat(t, seatB).Member != member(seatB) {
		t.Error("Parliament's list does not hold again")
	}
	if err := b.EndCorrection(t.Context(), ann, seatA, 3); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("ended what is not there: %v", err)
	}
}

func TestStore_Correct_refused(t *testing.T) {
	b := newBed(t)
	other := "other@example.org"
	for name, tt := range map[string]struct {
		c    campaign.MPCorrection
		code fault.Code
	}{
		"the address that is listed": {corrected(seatA, parliament.CorrectedEmail, member(seatA).Email), fault.Invalid},
		"another member": {campaign.MPCorrection{Correction: parliament.Correction{
			Constituency: seatA, MemberID: member(seatB).ID, Field: parliament.CorrectedVacant}}, fault.Conflict},
		"seen otherwise": {campaign.MPCorrection{Seen: &other, Correction: corrected(seatA, parliament.CorrectedEmail, "x@example.org").Correction}, fault.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			if err := b.Correct(t.Context(), ann, tt.c); fault.CodeOf(err) != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
			if got := b.texts(t, standing) + b.texts(t, `SELECT action FROM audit`); got != "" {
				t.Errorf("written all the same: %s", got)
			}
		})
	}
}

func TestStore_ReplaceRoster(t *testing.T) {
	b := newBed(t)
	version, err := b.RosterVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next := listed(t, seatA, func(m *parliament.Member) { m.Email = "new@parliament.uk" })
	if err := b.ReplaceRoster(t.Context(), ann, next, version-1, "mps.sync", "{}"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a list that was compared with another roster: %v", err)
	}
	if b.seat(t, seatA).Member != member(seatA) {
		t.Error("it is in force all the same")
	}
	if err := b.ReplaceRoster(t.Context(), ann, next, version, "mps.sync", `{"changed":1}`); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT action || ' ' || after FROM audit`); got != `mps.sync {"changed":1}` || b.seat(t, seatA).Member.Email != "new@parliament.uk" {
		t.Errorf("audit: %s", got)
	}
}
