package maildoctor

import (
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

func look() *examination {
	return &examination{Doctor: &Doctor{Now: func() time.Time { return now }}}
}

// codes are the findings as "severity code".
func codes(found []Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.Severity)+" "+f.Code)
	}
	return strings.Join(all, ", ")
}

// What a test of the whole cannot bring about, or only slowly.
func TestRelay(t *testing.T) {
	there := []netip.Addr{netip.MustParseAddr("192.0.2.1")}
	here := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}
	leaf := &x509.Certificate{NotAfter: now.AddDate(1, 0, 0)}
	fine := Relay{Host: "mail.provider.net", Port: 587, Mode: "required", Addresses: there, Encrypted: true, Chain: []*x509.Certificate{leaf}, LoginSucceed: true, Pipelining: true}
	with := func(change func(*Relay)) Relay {
		r := fine
		change(&r)
		return r
	}
	failed := func(step Step, trouble Trouble) Relay {
		return with(func(r *Relay) { r.Failed, r.Trouble = step, trouble })
	}
	for _, tt := range []struct {
		name  string
		relay Relay
		want  string
	}{
		{"all is well", fine, "ok relay_ok, ok tls_ok, ok auth_ok"},
		{"a firewall", failed(StepConnect, Silent), "problem relay_timeout"},
		{"no network", failed(StepConnect, Other), "problem relay_other"},
		{"port 465 without TLS", with(func(r *Relay) { r.Failed, r.Trouble, r.Port = StepGreeting, Silent, 465 }), "problem relay_silent_tls"},
		{"no encryption wanted", with(func(r *Relay) { r.Encrypted, r.Mode = false, "none" }), "ok relay_ok, warning tls_none, ok auth_ok"},
		{"no encryption offered", with(func(r *Relay) { r.Encrypted, r.Mode = false, "opportunistic" }), "ok relay_ok, warning tls_not_offered, ok auth_ok"},
		{"no encryption, on this machine", with(func(r *Relay) { r.Encrypted, r.Mode, r.Addresses, r.LoginSucceed = false, "none", here, false }), "ok relay_ok"},
		{"no password, elsewhere", with(func(r *Relay) { r.LoginSucceed = false }), "ok relay_ok, ok tls_ok, warning auth_none"},
		{"a certificate that is odd", with(func(r *Relay) { r.Failed, r.Trouble, r.ChainError = StepTLS, Other, errors.New("odd") }), "problem cert_other"},
		{"passwords met by a lost connection", failed(StepAuth, Closed), "problem auth_trouble"},
	} {
		e := look()
		e.relay(tt.relay)
		if got := codes(e.found); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestTest(t *testing.T) {
	for verdict, want := range map[string]string{
		"sent": "ok test_sent", "failed": "problem test_failed", "uncertain": "warning test_uncertain", "retry": "problem test_later",
	} {
		e := look()
		e.test(&Test{To: "noor@example.org", Verdict: verdict})
		if got := codes(e.found); got != want {
			t.Errorf("%s: %s, want %s", verdict, got, want)
		}
	}
}

func TestQueue(t *testing.T) {
	for _, tt := range []struct {
		name  string
		queue *Queue
		want  string
	}{
		{"no database", nil, ""},
		{"nothing waits", &Queue{}, "ok queue_ok"},
		{"all waits its turn", &Queue{Waiting: 4000}, "ok queue_ok"},
		{"some is late", &Queue{Waiting: 4000, Late: 2}, "warning queue_late"},
		{"the mail server refuses", &Queue{Waiting: 4000, Late: 2, Suspended: now, Code: 535}, "problem queue_suspended"},
		{"some wait for a decision", &Queue{Uncertain: 1, Failed: 3}, "warning queue_uncertain, warning queue_failed"},
	} {
		e := look()
		e.Queue = tt.queue
		e.queue()
		if got := codes(e.found); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestReport_Verdict(t *testing.T) {
	for want, all := range map[Severity][]Finding{
		OK:      {{Severity: OK}, {Severity: OK}},
		Warning: {{Severity: OK}, {Severity: Warning}, {Severity: OK}},
		Problem: {{Severity: Problem}, {Severity: Warning}, {Severity: OK}},
	} {
		if got := (Report{Findings: all}).Verdict(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if all := Codes(); len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Error("a code is there twice")
	}
}

func TestRecord(t *testing.T) {
	long := Record{"a._domainkey.letters.example.org.uk", "TXT", "v=DKIM1; p=" + strings.Repeat("x", 300)}
	zone := long.Zone()
	if !strings.HasPrefix(zone, `a._domainkey.letters.example.org.uk. 3600 IN TXT ( "v=DKIM1; p=x`) || strings.Count(zone, `"`) != 4 {
		t.Error(zone)
	}
	if joined := strings.ReplaceAll(zone, "\"\n    \"", ""); !strings.Contains(joined, `"`+long.Value+`"`) {
		t.Error("the strings do not make the value")
	}
	if got := (Record{"b.example.org", "MX", "10 mail.example.org."}).Zone(); got != "b.example.org. 3600 IN MX 10 mail.example.org." {
		t.Error(got)
	}
	if got := (Record{"b.example.org", "TXT", "a\n\\\"\xff"}).Zone(); got != `b.example.org. 3600 IN TXT "a\010\\\"\255"` {
		t.Error(got)
	}
	for name, want := range map[string][2]string{
		"a._domainkey.letters.example.org.uk": {"a._domainkey.letters", "example.org.uk"},
		"_dmarc.example.org":                  {"_dmarc", "example.org"},
		"Example.org":                         {"@", "example.org"},
	} {
		if typed, domain := (Record{Name: strings.ToLower(name)}).Within(); typed != want[0] || domain != want[1] {
			t.Errorf("%s: %s in %s", name, typed, domain)
		}
	}
}

func TestMerged(t *testing.T) {
	for want, records := range map[string][]string{
		"v=spf1 mx ip4:192.0.2.1 ~all":    {"v=spf1 mx -all", "v=spf1 ip4:192.0.2.1 mx ~all"},
		"v=spf1 a include:b.example -all": {"v=spf1 a -all", "v=spf1 include:b.example -all"},
		// Beside an end, a redirect would not be heeded (RFC 7208, section 6.1).
		"v=spf1 include:r.example mx ~all": {"v=spf1 redirect=r.example", "v=spf1 mx -all"},
	} {
		if got := merged(records); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
