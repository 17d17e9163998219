package campaign_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/seal"
)

func (d *desk) count(tb testing.TB, code string) Count {
	tb.Helper()
	counts, err := d.store.Counts(tb.Context(), slug)
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range counts {
		if c.Constituency == code {
			return c
		}
	}
	return Count{Constituency: code}
}

// byHand is a letter that a supporter sends by themselves, to be reported.
func byHand(slug, constituency, name string) Written {
	f := typed(func(f *Form) { f.Name, f.Constituency = name, constituency })
	return Written{Slug: slug, Draft: Draft{To: Recipient{Constituency: constituency}}, Form: f}
}

// reported returns the token of such a letter.
func (d *desk) reported(slug, constituency, name string) string {
	return d.NewSelfReport(byHand(slug, constituency, name))
}

func TestService_SelfReport(t *testing.T) {
	d := newDesk(t)
	report := func(token string, way Way) {
		t.Helper()
		if err := d.SelfReport(t.Context(), slug, durham, way, token); err != nil {
			t.Fatal(err)
		}
	}
	one, two := d.reported(slug, durham, "Amina"), d.reported(slug, durham, "Bela")
	if one == two {
		t.Fatal("two people have one token")
	}
	if got := d.count(t, durham); got.SelfReported != 0 {
		t.Errorf("handing out a token counts: %+v", got)
	}
	report(one, WayPost)
	report(one, WayPost)
	report(one, WayEmail) // one letter, whichever button was pressed
	if got, want := d.count(t, durham), (Count{Constituency: durham, SelfReported: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	report(two, WayEmail)
	if got := d.count(t, durham).SelfReported; got != 2 {
		t.Errorf("%d counted, want 2", got)
	}
	if public := must(d.PublicCounts(t.Context(), slug)); public.Total != 0 || len(public.Disclosed) > 0 {
		t.Errorf("self-reported letters are among the letters sent: %+v", public)
	}
}

// TestService_SelfReport_onePersonsLetter has somebody change their letter,
// look at it again and report it again, on later days too: it counts once.
func TestService_SelfReport_onePersonsLetter(t *testing.T) {
	d := newDesk(t)
	report := func(change func(*Form)) {
		t.Helper()
		w, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Way = WayPost; change(f) }))
		if err != nil {
			t.Fatal(err)
		}
		token := d.NewSelfReport(w)
		if err := d.SelfReport(t.Context(), slug, durham, WayPost, token); err != nil {
			t.Fatal(err)
		}
		for _, known := range []string{w.Form.Name, "amina", "DH1", "High"} {
			if strings.Contains(token, known) {
				t.Errorf("the token %s has %s in it", token, known)
			}
		}
	}
	for name, change := range map[string]func(*Form){
		"nothing":      func(*Form) {},
		"the letter":   func(f *Form) { f.Body = "Other words." },
		"the subject":  func(f *Form) { f.Subject = "Another" },
		"email, phone": func(f *Form) { f.Email, f.Phone = "b@example.org", "0113 496 0000" },
		"the way":      func(f *Form) { f.Way = WayEmail },
		"how it is typed": func(f *Form) {
			f.Name, f.Address1, f.Postcode = " amina  O’CONNOR ", "1 high street", "DH13LE"
		},
	} {
		report(change)
		if n := d.count(t, durham).SelfReported; n != 1 {
			t.Errorf("%s changed: %d letters counted, want 1", name, n)
		}
		d.tick(t, 24*time.Hour)
	}
	for n, change := range []func(*Form){
		func(f *Form) { f.Name = "Bela" },
		func(f *Form) { f.Address1 = "2 High Street" },
		func(f *Form) { f.Postcode = "DH1 1AA" },
	} {
		report(change)
		if got := d.count(t, durham).SelfReported; got != n+2 {
			t.Errorf("somebody else: %d letters counted, want %d", got, n+2)
		}
	}
}

// TestService_SelfReport_forgets has nothing of a report stay but its number.
func TestService_SelfReport_forgets(t *testing.T) {
	d := newDesk(t)
	if err := d.SelfReport(t.Context(), slug, durham, WayPost, d.reported(slug, durham, "Amina")); err != nil {
		t.Fatal(err)
	}
	again := func(want int) {
		t.Helper()
		if err := d.SelfReport(t.Context(), slug, durham, WayPost, d.reported(slug, durham, "Amina")); err != nil {
			t.Fatal(err)
		}
		if n := d.count(t, durham).SelfReported; n != want {
			t.Errorf("%d counted, want %d", n, want)
		}
	}
	d.tick(t, SelfReportDays*24*time.Hour) // the last day of the first page's token
	again(1)
	d.tick(t, 24*time.Hour)
	again(2) // and the first one stays counted
}

func TestService_SelfReport_refuses(t *testing.T) {
	d := newDesk(t)
	good := d.reported(slug, durham, "Amina")
	other := newDesk(t)
	otherKeys := must(seal.New([]byte("another secret of at least 32 bytes, too")))
	foreign := must(NewService(t.Context(), Options{Store: other.store, Keys: otherKeys, Now: other.clock.Now}))
	for _, c := range []struct {
		name, slug, constituency string
		way                      Way
		token                    string
		want                     fault.Code
	}{
		{"none", slug, durham, WayPost, "", fault.Invalid},
		{"an invented one", slug, durham, WayPost, strings.Repeat("x", len(good)), fault.Invalid},
		{"one of another secret", slug, durham, WayPost, foreign.NewSelfReport(byHand(slug, durham, "Amina")), fault.Invalid},
		{"one of another constituency", slug, chorley, WayPost, good, fault.Invalid},
		{"one of another campaign", slug, durham, WayPost, d.reported("other", durham, "Amina"), fault.Invalid},
		{"one with more behind it", slug, durham, WayPost, good + "x", fault.Invalid},
		{"another way", slug, durham, "pigeon", good, fault.Invalid},
		{"an unknown campaign", "nobody's", durham, WayPost, good, fault.NotFound},
		{"an unknown constituency", slug, "E99999999", WayPost, d.reported(slug, "E99999999", "Amina"), fault.NotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := d.SelfReport(t.Context(), c.slug, c.constituency, c.way, c.token); fault.CodeOf(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	// Whichever character is changed, no other token comes of it.
	for i := range good {
		changed := []byte(good)
		changed[i] ^= 1
		if err := d.SelfReport(t.Context(), slug, durham, WayPost, string(changed)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("character %d changed: %v", i, err)
		}
	}
	for _, code := range []string{durham, chorley} {
		if got := d.count(t, code); got != (Count{Constituency: code}) {
			t.Errorf("counted all the same: %+v", got)
		}
	}
}

func TestService_SelfReport_expires(t *testing.T) {
	d := newDesk(t)
	last, late := d.reported(slug, durham, "Amina"), d.reported(slug, durham, "Bela")
	d.clock.Advance(SelfReportDays*24*time.Hour + 11*time.Hour) // the end of the last day
	if err := d.SelfReport(t.Context(), slug, durham, WayPost, last); err != nil {
		t.Error("on the last day:", err)
	}
	d.clock.Advance(2 * time.Hour)
	for name, token := range map[string]string{"late": late, "counted, and late": last} {
		if err := d.SelfReport(t.Context(), slug, durham, WayPost, token); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := d.count(t, durham).SelfReported; got != 1 {
		t.Errorf("%d counted, want 1", got)
	}
}

func TestService_PublicCounts_selfReported(t *testing.T) {
	d := newDesk(t)
	for n := 1; n <= SuppressBelow; n++ {
		if err := d.SelfReport(t.Context(), slug, durham, WayPost, d.reported(slug, durham, fmt.Sprint("Person ", n))); err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(2 * time.Second)
		want := 0
		if n == SuppressBelow {
			want = n
		}
		if public := must(d.PublicCounts(t.Context(), slug)); public.SelfReported != want || len(public.Disclosed) > 0 || public.Total != 0 {
			t.Errorf("%d reported, told %+v", n, public)
		}
	}
}
