package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/parliament"
)

func TestService_Write_letter(t *testing.T) {
	d := newDesk(t)
	f := Form{
		Lang: "en", Postcode: "dh13le", Constituency: durham, Subject: " Please  sign ", Body: "First.\r\n\r\nSecond {mp_name}. \r\n",
		Name: "Órfhlaith  O'Connor {constituency}", Email: "O@Example.org", Phone: "+44 113 496 0123",
		Address1: "1 High Street", Address2: "Flat 2", Town: "Durham",
	}
	w, err := d.Write(t.Context(), slug, f)
	if err != nil {
		t.Fatal(err)
	}
	want := "Dear " + member(durham).AddressAs() + ",\n\nFirst.\n\nSecond {mp_name}.\n\nYours sincerely,\n\nÓrfhlaith O'Connor {constituency}\n0113 496 0123\n1 High Street\nFlat 2\nDurham\nDH1 3LE"
	if diff := cmp.Diff(want, w.Letter); diff != "" {
		t.Error(diff)
	}
	wantForm := Form{
		Lang: "en", Postcode: "DH1 3LE", Constituency: durham, Member: member(durham).ID, Subject: "Please sign", Body: "First.\n\nSecond {mp_name}.",
		Name: "Órfhlaith O'Connor {constituency}", Email: "O@example.org", Phone: "0113 496 0123",
		Address1: "1 High Street", Address2: "Flat 2", Town: "Durham",
	}
	wantForm.LetterLang, wantForm.Seen = "en", w.Form.Seen
	if diff := cmp.Diff(wantForm, w.Form); diff != "" {
		t.Error(diff)
	}
	if w.Changed != "" {
		t.Error("changed, although nobody saw another MP")
	}
	w, err = d.Write(t.Context(), slug, typed(func(f *Form) { f.Body = "B" }))
	if err != nil {
		t.Fatal(err)
	}
	want = "Dear " + member(durham).AddressAs() + ",\n\nB\n\nYours sincerely,\n\nAmina O’Connor\n1 High Street\nDurham\nDH1 3LE"
	if diff := cmp.Diff(want, w.Letter); diff != "" {
		t.Error("without the optional lines:", diff)
	}
}

func TestService_Draft(t *testing.T) {
	d := newDesk(t)
	texts := d.Campaigns()[0].Text("en")
	pledge := func(code string) {
		t.Helper()
		d.pledge(t, member(code).ID)
	}
	pledge("E14001172")
	pledge(chorley)
	d.reseat(t, "E14001174", vacate)
	for _, c := range []struct {
		name, code string
		variant    Variant
		from       LetterText
		dear, in   string
		byPost     bool
	}{
		{"an MP who has not pledged", durham, VariantAsk, texts.Letters["ask"], member(durham).AddressAs(), "City of Durham", false},
		{"one who has", "E14001172", "thanks", texts.Letters["thanks"], member("E14001172").AddressAs(), "Cities of London and Westminster", false},
		{"the Speaker, pledged or not", chorley, "speaker", texts.Letters["speaker"], member(chorley).AddressAs(), "Chorley", false},
		{"nobody", "E14001174", VariantAsk, texts.Letters["ask"], "Member for " + seatName("E14001174"), seatName("E14001174"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := d.Draft(t.Context(), slug, Form{Lang: "en", Constituency: c.code})
			if err != nil {
				t.Fatal(err)
			}
			filled := strings.NewReplacer("{mp_name}", c.dear, "{constituency}", c.in)
			for what, pair := range map[string][2]string{
				"subject": {got.Subject, c.from.Subject}, "salutation": {got.Salutation, c.from.Salutation}, "body": {got.Body, c.from.Body},
				"note": {got.Note, c.from.Note}, "sign-off": {got.SignOff() + "\n\n{supporter_name}", c.from.SignOff},
			} {
				if want := filled.Replace(pair[1]); pair[0] != want {
					t.Errorf("%s: %s", what, cmp.Diff(want, pair[0]))
				}
			}
			if got.Variant != c.variant || got.To.ByPost() != c.byPost || got.To.Vacant() != c.byPost {
				t.Errorf("got %s to %+v", got.Variant, got.To)
			}
			if strings.ContainsAny(got.Subject+got.Salutation+got.Body+got.Note+got.SignOff(), "{}") {
				t.Error("a placeholder is left")
			}
		})
	}
}

func seatName(code string) string {
	seat, _ := roster().Seat(code)
	return seat.Constituency.Name
}

// Every MP gets a letter that can be sent as it is drafted.
func TestService_Draft_everySeat(t *testing.T) {
	d := newDesk(t)
	for _, seat := range roster().Seats() {
		f := typed(func(f *Form) { f.Constituency = seat.Constituency.Code })
		draft, err := d.Draft(t.Context(), slug, Form{Lang: "en", Constituency: f.Constituency})
		if err != nil {
			t.Fatal(err)
		}
		f.Subject, f.Body = draft.Subject, draft.Body
		w, err := d.Write(t.Context(), slug, f)
		if err != nil {
			t.Errorf("%s: %v", seat.Constituency.Name, err)
			continue
		}
		if w.Form.Subject != draft.Subject || w.Form.Body != draft.Body {
			t.Errorf("%s: the draft is changed by sending it", seat.Constituency.Name)
		}
		if strings.Contains(w.Letter, "Dear ,") || strings.ContainsAny(w.Letter, "{}") {
			t.Errorf("%s: %.60q", seat.Constituency.Name, w.Letter)
		}
	}
}

func TestService_Write_changed(t *testing.T) {
	d := newDesk(t)
	sitting := member(durham).ID
	for _, c := range []struct {
		name    string
		seen    int
		change  func(*parliament.Member)
		changed bool
	}{
		{"nobody seen yet", 0, func(*parliament.Member) {}, false},
		{"the same", sitting, func(*parliament.Member) {}, false},
		{"another sits", sitting, func(m *parliament.Member) { m.ID, m.Name = 999_999, "New Member" }, true},
		{"nobody sits", sitting, vacate, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.reseat(t, durham, c.change)
			w, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Member = c.seen }))
			if err != nil || (w.Changed == ChangedMP) != c.changed {
				t.Errorf("changed %v, %v; want %v", w.Changed, err, c.changed)
			}
		})
	}
}

func TestDay_isLondons(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-23T23:59:59Z": "2026-11-23", "2026-11-24T00:00:00Z": "2026-11-24",
		"2026-07-01T22:59:59Z": "2026-07-01", "2026-07-01T23:00:00Z": "2026-07-02",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := Day(when); got != want {
			t.Errorf("%s is %s, want %s", at, got, want)
		}
	}
}
