package maildoctor

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// told is a DNS that answers with texts as they are.
type told struct {
	texts map[string][]string
	mx    string
}

func (z told) LookupTXT(_ context.Context, name string) ([]string, error) {
	if texts := z.texts[strings.TrimSuffix(name, ".")]; texts != nil {
		return texts, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z told) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: z.mx, Pref: 10}, {Host: z.mx, Pref: 5}}, nil
}

func (z told) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return []net.IPAddr{{IP: net.IPv4(192, 0, 2, 1)}}, nil
}

func (z told) LookupAddr(context.Context, string) ([]string, error) { return []string{z.mx}, nil }

// FuzzRecords: whatever stands in the DNS, what is found of it has a sentence, and
// the record that is told to put there is one that a name server reads as we mean
// it.
func FuzzRecords(f *testing.F) {
	f.Add("v=spf1 include:_spf.example.org ip4:192.0.2.1 ~all", "v=spf1 +all redirect=x", "v=DMARC1; p=none; sp=reject", "v=DKIM1; k=rsa; p=MIIB", "mail.example.org.")
	f.Add("v=spf1 -all exp=\"\\\"", "V=SPF1", "v=DMARC1;p=quarantine;adkim=s;aspf=s;pct=50", "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=; t=y:s", ".")
	f.Add("v=spf1 a:%{i}.x exists:%{ir} ?all", "", "v=DMARC1", "p=;p=", "192.0.2.1")
	f.Add("v=spf1\t\n+all\x00", "v=spf1 include:example.org", "v=DMARC1; \n p = none\x07", "v=DKIM1; h=sha1; p=\xff", "a b")
	f.Add("v=spf1 "+strings.Repeat("ip4:192.0.2.1 ", 30), "v=spf1 mx", "v=DMARC1; rua=mailto:"+strings.Repeat("\xff", 300), "p=x", "mail.example.org")
	codes := Codes()
	f.Fuzz(func(t *testing.T, spf, spf2, dmarc, dkim, mx string) {
		z := told{texts: map[string][]string{"example.org": {spf}, "_dmarc.example.org": {dmarc}, "s._domainkey.example.org": {dkim}}, mx: mx}
		if spf2 != "" {
			z.texts["example.org"] = append(z.texts["example.org"], spf2)
			z.texts["_dmarc.example.org"] = append(z.texts["_dmarc.example.org"], dmarc)
		}
		d := &Doctor{Resolver: z, Greet: func(context.Context, string) error { return ErrElsewhere }, Setup: Setup{
			From: "letters@example.org", Bounce: "bounces@example.org", SendingIPs: []netip.Addr{netip.MustParseAddr("192.0.2.7")},
			Keys: []Key{{Selector: "s", Type: "rsa", Record: "v=DKIM1; p=x"}},
		}}
		e := &examination{Doctor: d, dns: names{z}}
		e.dmarc(t.Context(), e.spf(t.Context(), nil), e.dkim(t.Context(), nil))
		e.bounces(t.Context())
		for _, found := range e.found {
			if !slices.Contains(codes, found.Code) || len(found.Args)%2 != 0 {
				t.Errorf("a finding without a sentence: %+v", found)
			}
			if found.Record != nil {
				checkZone(t, *found.Record)
			}
		}
	})
}

// checkZone: the record is read from a zone file as it is.
func checkZone(t *testing.T, r Record) {
	t.Helper()
	if r.Type != "TXT" || r.Value == "" || len(r.Value) > 2000 {
		return
	}
	rr, err := dns.NewRR(r.Zone())
	if err != nil {
		t.Fatalf("%q: %v", r.Zone(), err)
	}
	packed := make([]byte, 4096)
	n, err := dns.PackRR(rr, packed, 0, nil, false)
	if err != nil {
		t.Fatalf("%q: %v", r.Zone(), err)
	}
	// The strings as they go over the wire, behind the name and ten bytes.
	name := len(r.Name) + 2
	var value []byte
	for rest := packed[name+10 : n]; len(rest) > 0; rest = rest[1+int(rest[0]):] {
		value = append(value, rest[1:1+int(rest[0])]...)
	}
	if string(value) != r.Value {
		t.Errorf("%q in the file\n%s\nis read as %q", r.Value, r.Zone(), value)
	}
	for line := range strings.Lines(r.Zone()) {
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(c rune) bool { return c < ' ' || c == 0x7f }) {
			t.Errorf("a line of the file is %q", line)
		}
	}
}
