package campaign

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestBucket_Add(t *testing.T) {
	b := Bucket{Most: 3, Every: 20 * time.Minute}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var full time.Time
	add := func() time.Duration {
		var wait time.Duration
		full, wait = b.Add(full, now)
		return wait
	}
	for n := range 3 {
		if wait := add(); wait != 0 {
			t.Fatalf("letter %d waits for %s", n+1, wait)
		}
	}
	for range 3 { // what has to wait costs nothing
		if wait := add(); wait != 20*time.Minute {
			t.Fatalf("the fourth waits for %s", wait)
		}
	}
	now = now.Add(20 * time.Minute)
	if wait := add(); wait != 0 {
		t.Errorf("once there is room, it waits for %s", wait)
	}
	if wait := add(); wait == 0 {
		t.Error("there is room for two")
	}
	now = now.Add(5 * time.Hour)
	for n := range 4 {
		if wait := add(); (wait > 0) != (n == 3) {
			t.Errorf("hours later, letter %d waits for %s", n+1, wait)
		}
	}
}

func TestNetwork(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"203.0.113.7", "203.0.113.250", true},
		{"203.0.113.7", "203.0.114.7", false},
		{"203.0.113.7", "::ffff:203.0.113.9", true},
		{"2001:db8:1:1100::1", "2001:db8:1:11ff::2", true},
		{"2001:db8:1:1100::1", "2001:db8:1:1200::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"", "", true},
		{"", "203.0.113.7", false},
	} {
		a, _ := netip.ParseAddr(c.a)
		b, _ := netip.ParseAddr(c.b)
		if (Network(a) == Network(b)) != c.same {
			t.Errorf("%s and %s: %q and %q", c.a, c.b, Network(a), Network(b))
		}
	}
}

func TestParseLimits(t *testing.T) {
	got, err := ParseLimits(" address_hour = 600, similar=0,", StrictLimits())
	want := StrictLimits()
	want.Address.Hour, want.Similar = 600, 0
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, wrong := range []string{"address=1", "address_hour", "address_hour=", "address_hour=-1", "address_hour=x", "seats=10000001", "seats=1,seats=2"} {
		if _, err := ParseLimits(wrong, StrictLimits()); err == nil {
			t.Errorf("%q will do", wrong)
		}
	}
	if _, err := ParseLimits("address=1,seats=2,similar", StrictLimits()); err == nil || !strings.HasPrefix(err.Error(), `has "address=1", "similar"; it must be`) {
		t.Errorf("not all that is wrong is told: %v", err)
	}
}

func TestLimits_within(t *testing.T) {
	most := Limits{Similar: 10, Seats: 0}
	got := Limits{Similar: 50, Seats: 50}.within(most)
	if got != (Limits{Similar: 10, Seats: 50}) {
		t.Errorf("%+v", got)
	}
	if got := (Limits{}).within(most); got != (Limits{Similar: 10}) {
		t.Errorf("any number is within a bound: %+v", got)
	}
	if bounds := StrictLimits().Bounds(); bounds.Seats != 10 || bounds.Address.Hour != 600 || bounds.Old != StrictLimits().Old {
		t.Errorf("%+v", bounds)
	}
}

func TestDomains(t *testing.T) {
	d, err := ReadDomains(strings.NewReader("# throw-away mail\nThrowaway.example\n\nbücher.example # a shop\n.below.example.\n"))
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]bool{
		"throwaway.example": true, "THROWAWAY.example": true, "a.b.throwaway.example": true, "nothrowaway.example": false,
		"xn--bcher-kva.example": true, "x.below.example": true, "example": false, "": false, "throwaway.example.org": false,
	} {
		if d.Has(domain) != want {
			t.Errorf("%q: %v", domain, !want)
		}
	}
	if (*Domains)(nil).Has("throwaway.example") {
		t.Error("no list has it")
	}
	for _, wrong := range []string{"two words", "a@b.example", "localhost", "ex ample.org"} {
		if _, err := ReadDomains(strings.NewReader("ok.example\n" + wrong)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
