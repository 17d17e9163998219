package campaign_test

import (
	"fmt"
	"testing"
	"time"

	. "postbag/internal/campaign"
)

// How embeds do is told of so many days of London's, whatever the clocks did
// meanwhile.
func TestService_EmbedHealth_clocks(t *testing.T) {
	for _, now := range []string{
		"2027-04-10T23:30:00Z", // 11 April in London, where in March it was the day before at that time
		"2027-04-10T12:00:00Z", "2027-11-10T00:30:00Z",
	} {
		d := newDesk(t)
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(at.Sub(d.clock.Now()))
		today, _ := time.Parse(time.DateOnly, Day(at))
		loads := map[Load]int{}
		for back := range 2 * HealthDays {
			loads[Load{Partner: "friends", Origin: "https://friends.example", Day: today.AddDate(0, 0, -back).Format(time.DateOnly)}] = 1
		}
		if err := d.store.AddLoads(t.Context(), loads); err != nil {
			t.Fatal(err)
		}
		if h, err := d.EmbedHealth(t.Context(), "friends"); err != nil || h.Times() != HealthDays {
			t.Errorf("at %s: %d days, %v; want %d", now, h.Times(), err, HealthDays)
		}
	}
}

// Of the pages that may not show the form many can be made up between two times
// that they are written down, before a true one or after it.
func TestService_NoteLoad_madeUp(t *testing.T) {
	d := newDesk(t)
	if err := d.AddPartner(t.Context(), desker, friends()); err != nil {
		t.Fatal(err)
	}
	p, err := d.Partner("friends")
	if err != nil {
		t.Fatal(err)
	}
	flood := func(of string) {
		for n := range 3 * MaxRefusals {
			d.NoteLoad(p, fmt.Sprintf("https://%s%d.example", of, n), true)
		}
	}
	flood("before")
	for range 2 {
		d.NoteLoad(p, "https://true.example", true)
	}
	flood("after")
	d.NoteLoad(p, "https://friends.example", false)
	if err := d.KeepLoads(t.Context()); err != nil {
		t.Fatal(err)
	}
	h, err := d.EmbedHealth(t.Context(), "friends")
	if err != nil || len(h.Refused) != MaxRefusals || h.Times() != 1 {
		t.Fatalf("%d refused, shown %d times, %v", len(h.Refused), h.Times(), err)
	}
	if first := h.Refused[0]; first.Origin != "https://true.example" || first.Times != 2 {
		t.Errorf("the most seen: %+v", first)
	}
}
