package maildoctor

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// zone is a DNS of a test: what stands behind a name, in small letters and without a
// dot at the end. "timeout" and "servfail" are how asking for it fails.
type zone map[string][]string

func (z zone) ask(name, kind string) (values []string, err error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	all, ok := z[name]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	for _, v := range all {
		of, value, _ := strings.Cut(v, " ")
		switch {
		case of == "timeout":
			return nil, &net.DNSError{Err: "i/o timeout", Name: name, IsTimeout: true}
		case of == "servfail":
			return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
		case of == kind:
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return values, nil
}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) { return z.ask(name, "TXT") }

func (z zone) LookupMX(_ context.Context, name string) (all []*net.MX, err error) {
	values, err := z.ask(name, "MX")
	for _, v := range values {
		all = append(all, &net.MX{Host: v, Pref: 10})
	}
	return all, err
}

func (z zone) LookupIPAddr(_ context.Context, host string) (all []net.IPAddr, err error) {
	values, err := z.ask(host, "A")
	for _, v := range values {
		all = append(all, net.IPAddr{IP: net.ParseIP(v)})
	}
	return all, err
}

func (z zone) LookupAddr(_ context.Context, addr string) ([]string, error) { return z.ask(addr, "PTR") }

// in is a look at a set-up with such a DNS.
func (z zone) in(change func(*Setup)) *examination {
	e := look()
	e.Setup = Setup{Production: true, From: "letters@ours.org.uk", SendingIPs: []netip.Addr{netip.MustParseAddr("203.0.113.7")}}
	if change != nil {
		change(&e.Setup)
	}
	e.Resolver, e.dns = z, names{z}
	e.Greet = func(context.Context, string) error { return nil }
	return e
}

// SPF as people write it, and as somebody writes it who means ill.
func TestSPF(t *testing.T) {
	chain := func(n int) zone { // of n includes, one after the other, and the address behind them
		z := zone{"ours.org.uk": {"TXT v=spf1 include:i1.net ~all"}, fmt.Sprintf("i%d.net", n): {"TXT v=spf1 ip4:203.0.113.7 ~all"}}
		for i := 1; i < n; i++ {
			z[fmt.Sprintf("i%d.net", i)] = []string{fmt.Sprintf("TXT v=spf1 include:i%d.net ~all", i+1)}
		}
		return z
	}
	of := func(record string, more ...string) zone {
		z := zone{"ours.org.uk": {"TXT " + record}}
		for _, line := range more {
			name, value, _ := strings.Cut(line, ": ")
			z[name] = append(z[name], value)
		}
		return z
	}
	for _, tt := range []struct {
		name string
		zone zone
		want string
	}{
		{"an include", of("v=spf1 include:i.net -all", "i.net: TXT v=spf1 ip4:203.0.113.0/24 -all"), "ok spf_ok"},
		{"a redirect", of("v=spf1 redirect=r.net", "r.net: TXT v=spf1 ip4:203.0.113.7 -all"), "ok spf_ok"},
		{"a redirect to nothing", of("v=spf1 redirect=r.net"), "problem spf_include"},
		{"an include without a record", of("v=spf1 include:i.net -all", "i.net: A 192.0.2.1"), "problem spf_include"},
		{"ten includes", chain(10), "ok spf_ok"},
		{"eleven includes", chain(11), "problem spf_lookups"},
		{"an include of itself", of("v=spf1 include:ours.org.uk -all"), "problem spf_lookups"},
		{"a redirect to itself", of("v=spf1 redirect=ours.org.uk"), "problem spf_lookups"},
		{"a circle", of("v=spf1 include:b.net -all", "b.net: TXT v=spf1 redirect=ours.org.uk"), "problem spf_lookups"},
		{"an include that times out", of("v=spf1 include:i.net -all", "i.net: timeout"), "warning spf_trouble"},
		{"an include that is out of order", of("v=spf1 include:i.net -all", "i.net: servfail"), "warning spf_trouble"},
		{"no answer", zone{"ours.org.uk": {"timeout"}}, "warning spf_trouble"},
		{"no such domain", zone{}, "problem spf_none"},
		{"no text at all", zone{"ours.org.uk": {"A 192.0.2.1"}}, "problem spf_none"},
		{"another version", of("v=spf10 ip4:203.0.113.7 -all"), "problem spf_none"},
		{"in capitals", of("V=SPF1 IP4:203.0.113.7 -ALL"), "ok spf_ok"},
		{"open, and a space behind", of("v=spf1 ip4:203.0.113.7 +all "), "warning spf_open, ok spf_ok"},
		{"open in the middle", of("v=spf1 ip4:203.0.113.7 all exp=why.net"), "warning spf_open, ok spf_ok"},
		{"nobody may", of("v=spf1 -all"), "problem spf_lacks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := tt.zone.in(nil)
			e.spf(t.Context(), nil)
			if got := codes(e.found); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			for _, f := range e.found {
				if f.Record != nil && strings.Contains(f.Record.Value, "  ") {
					t.Errorf("two spaces in %q", f.Record.Value)
				}
			}
		})
	}
}

func TestSPF_open(t *testing.T) {
	for now, want := range map[string]string{
		"v=spf1 +all":                           "v=spf1 ~all",
		"v=spf1 ip4:192.0.2.1 all ":             "v=spf1 ip4:192.0.2.1 ~all",
		"v=spf1 ip4:192.0.2.1 +ALL exp=why.net": "v=spf1 ip4:192.0.2.1 ~all exp=why.net",
	} {
		e := zone{"ours.org.uk": {"TXT " + now}}.in(nil)
		e.spf(t.Context(), nil)
		if len(e.found) == 0 || e.found[0].Code != "spf_open" || e.found[0].Record.Value != want {
			t.Errorf("%q: %+v, want %q", now, e.found, want)
		}
	}
}

// DMARC: where it stands, and what aligns.
func TestDMARC(t *testing.T) {
	const ok, both = "ok dmarc_ok", "ok align_both"
	for _, tt := range []struct {
		name   string
		from   string
		bounce string
		zone   zone
		want   string
	}{
		{"its own", "a@ours.org.uk", "", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=reject"}}, ok + ", " + both},
		{"none", "a@ours.org.uk", "", zone{}, "warning dmarc_none, " + both},
		{"that of the organisation", "a@post.ours.org.uk", "", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=none; sp=reject"}}, ok + ", " + both},
		{"two", "a@ours.org.uk", "", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=none", "TXT v=DMARC1; p=reject"}}, "problem dmarc_many, " + both},
		{"one, and another text", "a@ours.org.uk", "", zone{"_dmarc.ours.org.uk": {"TXT v=spf1 -all", "TXT v=DMARC1; p=reject"}}, ok + ", " + both},
		{"no answer", "a@ours.org.uk", "", zone{"_dmarc.ours.org.uk": {"timeout"}}, "warning dmarc_trouble, " + both},
		{"no policy", "a@ours.org.uk", "", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1"}}, "problem dmarc_bad, " + both},
		{"bounces below, relaxed", "a@ours.org.uk", "b@bounces.ours.org.uk", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=reject"}}, ok + ", " + both},
		{"bounces below, strict", "a@ours.org.uk", "b@bounces.ours.org.uk", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=reject; aspf=s"}}, ok + ", ok align_dkim"},
		{"strict signatures", "a@post.ours.org.uk", "", zone{"_dmarc.post.ours.org.uk": {"TXT v=DMARC1; p=reject; adkim=s; aspf=s"}}, ok + ", " + both},
		{"bounces to another under the same suffix", "a@ours.org.uk", "b@theirs.org.uk", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=reject"}}, ok + ", ok align_dkim"},
		{"in capitals", "a@OURS.org.uk", "b@Ours.Org.UK", zone{"_dmarc.ours.org.uk": {"TXT v=DMARC1; p=reject; aspf=s"}}, ok + ", " + both},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := tt.zone.in(func(s *Setup) { s.From, s.Bounce = tt.from, tt.bounce })
			e.dmarc(t.Context(), good, good)
			if got := codes(e.found); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// That nobody answered is not that there is nothing.
func TestBounces_noAnswer(t *testing.T) {
	for _, tt := range []struct {
		name string
		zone zone
		want string
	}{
		{"no such domain", zone{}, "problem mx_none"},
		{"the MX record times out", zone{"ours.org.uk": {"timeout"}}, "warning mx_trouble"},
		{"its server times out", zone{"ours.org.uk": {"MX mx.net."}, "mx.net": {"timeout"}}, "warning mx_trouble"},
		{"its server is not there", zone{"ours.org.uk": {"MX mx.net."}}, "problem mx_unknown"},
		{"one of two is not there", zone{"ours.org.uk": {"MX mx.net.", "MX b.net."}, "b.net": {"A 192.0.2.1"}}, "problem mx_unknown, ok mx_ok"},
	} {
		e := tt.zone.in(func(s *Setup) { s.Bounce = "b@ours.org.uk" })
		e.bounces(t.Context())
		if got := codes(e.found); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	// No MX, and the address cannot be asked for.
	e := zone{}.in(func(s *Setup) { s.Bounce = "b@ours.org.uk" })
	e.dns = names{addressless{zone{}}}
	e.bounces(t.Context())
	if got := codes(e.found); got != "warning mx_trouble" {
		t.Errorf("no MX and no answer about the address: %s", got)
	}
}

// addressless does not answer about addresses.
type addressless struct{ zone }

func (addressless) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	return nil, &net.DNSError{Err: "i/o timeout", Name: host, IsTimeout: true}
}

func TestPublished_flags(t *testing.T) {
	for flags, want := range map[string]string{
		"":         "ok dkim_ok",
		"t=s;":     "ok dkim_ok",
		"t=y;":     "warning dkim_testing",
		"t=s : y;": "warning dkim_testing",
		"n=t=y;":   "ok dkim_ok",
		"h=sha1;":  "problem dkim_bad",
		"s=tlsa;":  "problem dkim_bad",
		"k=rsa;":   "problem dkim_bad", // twice
	} {
		key := ed25519Key()
		e := zone{"a._domainkey.ours.org.uk": {"TXT v=DKIM1; k=ed25519; " + flags + strings.TrimPrefix(key.Record, "v=DKIM1; k=ed25519;")}}.in(nil)
		e.published(t.Context(), key, "ours.org.uk")
		if got := codes(e.found); got != want {
			t.Errorf("%q: %s, want %s", flags, got, want)
		}
	}
	e := zone{"a._domainkey.ours.org.uk": {"timeout"}}.in(nil)
	if got := e.published(t.Context(), ed25519Key(), "ours.org.uk"); got != unknown || codes(e.found) != "warning dkim_trouble" {
		t.Errorf("no answer: %s", codes(e.found))
	}
}

// ed25519Key is a key that is the same in every test.
func ed25519Key() Key {
	public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	return Key{Selector: "a", Type: "ed25519", Public: public, Record: "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
}
