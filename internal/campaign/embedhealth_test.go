package campaign_test

import (
	"fmt"
	"testing"

	. "postbag/internal/campaign"
)

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
