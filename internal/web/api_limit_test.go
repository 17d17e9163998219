package web

import (
	"net/http/httptest"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	l := newLimits("address", 600)
	now := time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)
	for i := range 600 {
		if ok, left, _, _ := l.take(1, now); !ok || left != 599-i {
			t.Fatalf("request %d: %v, %d left", i+1, ok, left)
		}
	}
	if ok, left, full, next := l.take(1, now); ok || left != 0 || full != 60 || next != 1 {
		t.Errorf("one too many: %v, %d left, full in %d s, next in %d s", ok, left, full, next)
	}
	if ok, _, _, _ := l.take(2, now); !ok {
		t.Error("another has to wait as well")
	}
	now = now.Add(time.Second)
	for i := range 10 {
		if ok, _, _, _ := l.take(1, now); !ok {
			t.Errorf("a second later, request %d is one too many", i+1)
		}
	}
	if ok, _, _, _ := l.take(1, now); ok {
		t.Error("more came back in a second than should")
	}
	now = now.Add(time.Hour)
	if ok, left, full, _ := l.take(1, now); !ok || left != 599 || full != 1 {
		t.Errorf("an hour later: %v, %d left, full in %d s", ok, left, full)
	}
	if ok, _, _, _ := l.take(1, now.Add(-time.Hour)); !ok { // the clock was put back
		t.Error("a clock that is put back locks out")
	}
}

// Whoever asks from ever new addresses fills no memory, and pushes out nobody who
// keeps asking.
func TestLimits_AreForgotten(t *testing.T) {
	l := newLimits("address", 600)
	now := time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)
	for range 600 {
		l.take(0, now)
	}
	for id := range uint64(3 * mostBuckets) {
		l.take(id+1, now)
		if id%1000 == 0 {
			if ok, _, _, _ := l.take(0, now); ok {
				t.Fatal("who asked too often was forgotten")
			}
		}
	}
	if len(l.buckets) != mostBuckets || l.lately.Len() != mostBuckets {
		t.Errorf("%d and %d are remembered", len(l.buckets), l.lately.Len())
	}
}

// Some proxies add a line of their own below that of whoever asks, which they leave.
func TestAddressOf_believesTheLastLine(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "127.0.0.1:4711"
	r.Header["X-Forwarded-For"] = []string{"203.0.113.9", "203.0.113.8, 203.0.113.1"}
	if got := origin(r); got != "203.0.113.1" {
		t.Errorf("it comes from %q", got)
	}
}

func TestNetworkOf(t *testing.T) {
	const proxy = "127.0.0.1:4711"
	for name, tt := range map[string]struct {
		one, other [2]string // remote address, X-Forwarded-For
		same       bool
	}{
		"another port":                       {[2]string{"198.51.100.7:1"}, [2]string{"198.51.100.7:2"}, true},
		"another address":                    {[2]string{"198.51.100.7:1"}, [2]string{"198.51.100.8:1"}, false},
		"the same in IPv6":                   {[2]string{"198.51.100.7:1"}, [2]string{"[::ffff:198.51.100.7]:1"}, true},
		"capitals":                           {[2]string{proxy, "2001:db8::abcd"}, [2]string{proxy, "2001:DB8::ABCD"}, true},
		"written at length":                  {[2]string{proxy, "2001:db8::1"}, [2]string{proxy, "2001:0db8:0:0:0:0:0:1"}, true},
		"the same network":                   {[2]string{"[2001:db8::1]:1"}, [2]string{"[2001:db8::ffff:1]:1"}, true},
		"another network":                    {[2]string{"[2001:db8::1]:1"}, [2]string{"[2001:db8:0:1::1]:1"}, false},
		"a stranger says it is another":      {[2]string{"198.51.100.7:1", "203.0.113.1"}, [2]string{"198.51.100.7:1", "203.0.113.2"}, true},
		"the proxy says it is another":       {[2]string{proxy, "203.0.113.1"}, [2]string{proxy, "203.0.113.2"}, false},
		"somebody said something before":     {[2]string{proxy, "203.0.113.9, 203.0.113.1"}, [2]string{proxy, "203.0.113.8, 203.0.113.1"}, true},
		"the proxy says nothing of any use":  {[2]string{proxy, "unknown"}, [2]string{proxy, ""}, true},
		"a zone behind an address of a link": {[2]string{"[fe80::1%eth0]:1"}, [2]string{"[fe80::2%eth1]:1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			of := func(from [2]string) uint64 {
				r := httptest.NewRequest("GET", "/", nil)
				r.RemoteAddr = from[0]
				r.Header.Set("X-Forwarded-For", from[1])
				return networkOf(r)
			}
			if same := of(tt.one) == of(tt.other); same != tt.same {
				t.Errorf("the same: %v", same)
			}
		})
	}
}
