package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// by is who does things in these tests.
var by = account.Actor{Name: "test"}

// Anybody can make links up: of so many no more rows come, alone or together,
// and a letter counts in the same row from its writing to its sending.
func TestCredits_areOfSoManySources(t *testing.T) {
	b := newBed(t)
	letter := func(n int) campaign.NewLetter {
		l := newLetter(n)
		l.Credit = campaign.Credit{Partner: "friends", Source: fmt.Sprintf("source=s%d", n)}
		return l
	}
	for n := range campaign.MaxSources - 3 {
		if err := b.SubmitLetter(t.Context(), letter(n)); err != nil {
			t.Fatal(err)
		}
	}
	var together []func(*tx) error
	for n := range 10 {
		together = append(together, func(tx *tx) error { return tx.write(1, letter(1000+n)) })
	}
	b.together(t, together...)
	for n := range 10 {
		if err := b.ConfirmLetter(t.Context(), hashOf("token", 1000+n), fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := b.Credits(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	other, written := campaign.Credited{}, 0
	for _, c := range all {
		if written += c.Written; c.Source == campaign.OtherSource {
			other = c
		}
		if c.Confirmed > c.Written {
			t.Errorf("%+v", c)
		}
	}
	if len(all) > campaign.MaxSources+1 || written != campaign.MaxSources+7 || other.Written != 7 || other.Confirmed != 7 {
		t.Errorf("%d rows, %d letters, of which others %+v", len(all), written, other)
	}
}

// What an organiser decides about a letter counts for what brought it.
func TestCredits_ofWhatIsDecided(t *testing.T) {
	for _, credit := range []campaign.Credit{
		{Partner: "friends", Source: "source=mail", Via: "https://friends.example"}, {Source: "source=mail"},
	} {
		b := newBed(t)
		l := newLetter(1)
		l.Credit = credit
		if err := errors.Join(b.SubmitLetter(t.Context(), l), b.ConfirmLetter(t.Context(), l.TokenHash, "letter-1@example.org")); err != nil {
			t.Fatal(err)
		}
		b.finish(t, b.claimed(t), campaign.Verdict(campaign.StateUncertain))
		if err := b.rule(t, l.TokenHash, campaign.DecideMark); err != nil {
			t.Fatal(err)
		}
		all, err := b.Credits(t.Context(), slug)
		if want := []campaign.Credited{{Credit: credit, Written: 1, Confirmed: 1, Sent: 1}}; err != nil || !slices.Equal(all, want) {
			t.Errorf("%+v, %v; want %+v", all, err, want)
		}
		b.wantSums(t)
	}
}

func TestStore_PartnerDays(t *testing.T) {
	b := newBed(t)
	for n := range 3 {
		l := newLetter(n)
		if n > 0 {
			l.Credit.Partner = "friends"
		}
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if err := b.ConfirmLetter(t.Context(), l.TokenHash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
			t.Fatal(err)
		}
	}
	for _, j := range b.claims(t, 10) {
		b.finish(t, j, campaign.VerdictSent)
	}
	days, err := b.PartnerDays(t.Context(), slug, "friends", "2026-11-01", "2026-11-23")
	if err != nil || len(days) != 1 || days[0].Day != "2026-11-23" || days[0].Seats[seatA] != (campaign.PartnerSeat{Own: 2, All: 3}) {
		t.Errorf("%+v, %v", days, err)
	}
	if days, err := b.PartnerDays(t.Context(), slug, "friends", "2026-11-01", "2026-11-22"); err != nil || len(days) != 0 {
		t.Errorf("before: %+v, %v", days, err)
	}
}

func TestStore_PartnerLinks(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	if err := b.AddPartnerLink(ctx, by, campaign.PartnerLink{Partner: "friends", Name: "Ola"}, hashOf("link", 1)); err != nil {
		t.Fatal(err)
	}
	if got, err := b.PartnerOfLink(ctx, hashOf("link", 1)); err != nil || got != "friends" {
		t.Errorf("%q, %v", got, err)
	}
	links, err := b.PartnerLinks(ctx, "friends")
	if err != nil || len(links) != 1 || links[0].Name != "Ola" || links[0].CreatedBy != "test" || links[0].Revoked() {
		t.Fatalf("%+v, %v", links, err)
	}
	if err := b.RevokePartnerLink(ctx, by, "others", links[0].ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another's was revoked: %v", err)
	}
	for range 2 {
		if err := b.RevokePartnerLink(ctx, by, "friends", links[0].ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.PartnerOfLink(ctx, hashOf("link", 1)); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("it works when revoked: %v", err)
	}
	if got := b.texts(t, `SELECT action FROM audit ORDER BY id`); got != "partner.link, partner.unlink" {
		t.Errorf("the audit log has %s", got)
	}
}

// Anybody can say to be any page: what is made up may not hide a true page.
func TestStore_Loads_madeUp(t *testing.T) {
	b := newBed(t)
	n := 0
	flood := func(day string, times int) {
		t.Helper()
		all := map[campaign.Load]int{}
		for range campaign.MaxRefusals {
			n++
			all[campaign.Load{Partner: "friends", Origin: fmt.Sprintf("https://bad%04d.example", n), Day: day, Refused: true}] = times
		}
		if err := b.AddLoads(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	visit := func(day string, times int) {
		t.Helper()
		if err := b.AddLoads(t.Context(), map[campaign.Load]int{{Partner: "friends", Origin: "https://true.example", Day: day, Refused: true}: times}); err != nil {
			t.Fatal(err)
		}
	}
	seen := func(when string, want int) {
		t.Helper()
		h, err := b.Loads(t.Context(), "friends", "2026-11-01")
		if err != nil || len(h.Refused) != campaign.MaxRefusals {
			t.Fatalf("%s: %d refused, %v", when, len(h.Refused), err)
		}
		times := 0
		for _, o := range h.Refused {
			if o.Origin == "https://true.example" {
				times = o.Times
			}
		}
		if times != want {
			t.Errorf("%s: the true page was seen %d times, want %d", when, times, want)
		}
	}
	flood("2026-11-22", 3)
	visit("2026-11-22", 1)
	seen("full of what is made up", 1)
	visit("2026-11-22", 4)
	for range 5 {
		flood("2026-11-22", 1)
	}
	seen("while more is made up", 5)
	flood("2026-11-23", 4)
	seen("made up nearly as often, and later", 5)
}

func TestStore_Loads(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	add := func(origin, day string, refused bool, n int) {
		t.Helper()
		if err := b.AddLoads(ctx, map[campaign.Load]int{{Partner: "friends", Origin: origin, Day: day, Refused: refused}: n}); err != nil {
			t.Fatal(err)
		}
	}
	add("https://a.example", "2026-10-01", false, 7)
	add("https://a.example", "2026-11-22", false, 2)
	add("https://a.example", "2026-11-22", false, 3)
	for n := range campaign.MaxRefusals + 5 {
		add(fmt.Sprintf("https://bad%02d.example", n), "2026-11-22", true, 1)
	}
	add("https://bad40.example", "2026-11-23", true, 4)
	h, err := b.Loads(ctx, "friends", "2026-11-01")
	if err != nil || len(h.Shown) != 1 || h.Times() != 5 || h.LastOn() != "2026-11-22" {
		t.Errorf("shown: %+v, %v", h.Shown, err)
	}
	if len(h.Refused) != campaign.MaxRefusals || h.Refused[0] != (campaign.OriginLoads{Origin: "https://bad40.example", Times: 5, LastOn: "2026-11-23"}) {
		t.Errorf("refused: %+v", h.Refused)
	}
	add("https://new.example", "2027-01-10", true, 1)
	if h, err = b.Loads(ctx, "friends", "2026-11-01"); err != nil || len(h.Refused) != 1 || h.Refused[0].Origin != "https://new.example" {
		t.Errorf("after a while: %+v, %v", h.Refused, err)
	}
}
