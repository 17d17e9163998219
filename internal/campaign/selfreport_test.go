package campaign_test

import (
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

func TestService_SelfReport(t *testing.T) {
	d := newDesk(t)
	report := func(token string, way Way) {
		t.Helper()
		if err := d.SelfReport(t.Context(), slug, durham, way, token); err != nil {
			t.Fatal(err)
		}
	}
	one, two := d.NewSelfReport(slug, durham), d.NewSelfReport(slug, durham)
	if one == two {
		t.Fatal("two pages have one token")
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

func TestService_SelfReport_refuses(t *testing.T) {
	d := newDesk(t)
	good := d.NewSelfReport(slug, durham)
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
		{"one of another secret", slug, durham, WayPost, foreign.NewSelfReport(slug, durham), fault.Invalid},
		{"one of another constituency", slug, chorley, WayPost, good, fault.Invalid},
		{"one of another campaign", slug, durham, WayPost, d.NewSelfReport("other", durham), fault.Invalid},
		{"one with more behind it", slug, durham, WayPost, good + "x", fault.Invalid},
		{"another way", slug, durham, "pigeon", good, fault.Invalid},
		{"an unknown campaign", "nobody's", durham, WayPost, good, fault.NotFound},
		{"an unknown constituency", slug, "E99999999", WayPost, d.NewSelfReport(slug, "E99999999"), fault.NotFound},
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
	last, late := d.NewSelfReport(slug, durham), d.NewSelfReport(slug, durham)
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
		if err := d.SelfReport(t.Context(), slug, durham, WayPost, d.NewSelfReport(slug, durham)); err != nil {
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
