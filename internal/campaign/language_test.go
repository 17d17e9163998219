package campaign_test

import (
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

const bridgend = "W07000086" // Pen-y-bont

func TestService_Draft_inWelsh(t *testing.T) {
	d := newDesk(t)
	for _, seat := range roster().Seats() {
		if seat.Constituency.Country != "Wales" {
			continue
		}
		f := typed(func(f *Form) { f.Lang, f.Constituency = "cy", seat.Constituency.Code })
		draft, err := d.Draft(t.Context(), slug, f)
		if err != nil {
			t.Fatal(err)
		}
		name := seat.Constituency.NameIn("cy")
		if !strings.HasPrefix(draft.Salutation, "Annwyl ") || !strings.Contains(draft.Body, "yn etholaeth "+name) {
			t.Errorf("%s: %q, %.80q", name, draft.Salutation, draft.Body)
		}
		f.Subject, f.Body = draft.Subject, draft.Body
		if w, err := d.Write(t.Context(), slug, f); err != nil || strings.ContainsAny(w.Letter, "{}") {
			t.Errorf("%s: %v %.60q", name, err, w.Letter)
		}
	}
	d.reseat(t, bridgend, vacate)
	draft, err := d.Draft(t.Context(), slug, Form{Lang: "cy", Constituency: bridgend})
	if want := "Annwyl Aelod dros etholaeth Pen-y-bont,"; err != nil || draft.Salutation != want {
		t.Errorf("to nobody: %q, %v; want %q", draft.Salutation, err, want)
	}
}

// From a Welsh page to an MP outside Wales goes a letter in English, with a note
// in Welsh.
func TestService_Draft_inWelshOutsideWales(t *testing.T) {
	d := newDesk(t)
	draft, err := d.Draft(t.Context(), slug, Form{Lang: "cy", Constituency: chorley})
	if err != nil {
		t.Fatal(err)
	}
	c := d.Campaigns()[0]
	if draft.Lang != "en" || !strings.HasPrefix(draft.Salutation, "Dear ") || draft.Note != c.Text("cy").Letters["speaker"].Note {
		t.Errorf("in %q: %q; note %q", draft.Lang, draft.Salutation, draft.Note)
	}
}

// A campaign that has no words in a language gives a letter that is in its
// default language throughout, to the name of the place.
func TestService_Draft_inNoLanguageOfTheCampaign(t *testing.T) {
	d := newDesk(t)
	d.reseat(t, bridgend, vacate)
	english, err := d.Draft(t.Context(), slug, Form{Lang: "en", Constituency: bridgend})
	if err != nil {
		t.Fatal(err)
	}
	delete(d.Campaigns()[0].Texts, "cy")
	draft, err := d.Draft(t.Context(), slug, Form{Lang: "cy", Constituency: bridgend})
	if err != nil {
		t.Fatal(err)
	}
	if draft.Salutation != "Dear Member for Bridgend," || draft.Body != english.Body {
		t.Errorf("%q\n%s", draft.Salutation, draft.Body)
	}
}
