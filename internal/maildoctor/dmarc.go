package maildoctor

import (
	"context"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

var dmarcCodes = []string{
	"dmarc_ok", "dmarc_watch", "dmarc_none", "dmarc_doubled", "dmarc_many", "dmarc_bad", "dmarc_trouble",
	"align_both", "align_dkim", "align_spf", "align_perhaps", "align_none",
}

// dmarc looks what the owner of the From address asks receivers to do with mail
// that cannot be shown to be genuine (RFC 7489), and whether Postbag's can.
func (e *examination) dmarc(ctx context.Context, spf, dkim state) {
	domain := domainOf(e.Setup.From)
	policy := e.policy(ctx, domain)
	strictSPF := policy != nil && policy.SPFAlignment == dmarc.AlignmentStrict
	if !aligned(e.envelope(), domain, strictSPF) {
		spf = bad
	}
	// A signature is always for the very domain of From: it aligns either way.
	args := []string{"domain", domain, "envelope", e.envelope()}
	switch {
	case spf == good && dkim == good:
		e.add(OK, "align_both", args...)
	case dkim == good:
		e.add(OK, "align_dkim", args...)
	case spf == good:
		e.add(Warning, "align_spf", args...)
	case spf == unknown || dkim == unknown:
		e.add(Warning, "align_perhaps", args...)
	default:
		e.add(worse(policy != nil && policy.Policy != dmarc.PolicyNone), "align_none", args...)
	}
}

// policy returns the record that holds for a domain: its own or that of the
// domain that was registered; nil: none can be read.
func (e *examination) policy(ctx context.Context, domain string) *dmarc.Record {
	for _, at := range []string{domain, organisation(domain)} {
		name := "_dmarc." + at
		all, err := e.dns.texts(ctx, name, "v=DMARC1")
		want := Record{name, "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + organisation(domain)}
		switch {
		case err != nil:
			e.add(Warning, "dmarc_trouble", "name", name)
			return nil
		case len(all) == 0:
			continue
		case len(all) > 1:
			e.addRecord(Problem, Record{name, "TXT", all[0]}, "dmarc_many", "name", name)
			return nil
		}
		record, err := dmarc.Parse(all[0])
		if err != nil {
			e.addRecord(Problem, want, "dmarc_bad", "name", name, "now", all[0], "detail", strings.TrimPrefix(err.Error(), "dmarc: "))
			return nil
		}
		if at != domain && record.SubdomainPolicy != "" {
			record.Policy = record.SubdomainPolicy
		}
		code := "dmarc_ok"
		if record.Policy == dmarc.PolicyNone {
			code = "dmarc_watch"
		}
		e.add(OK, code, "name", name, "policy", string(record.Policy))
		return record
	}
	own := organisation(domain)
	want := Record{"_dmarc." + own, "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + own}
	wrong := want.Name + "." + own
	if twice, err := e.dns.texts(ctx, wrong, "v=DMARC1"); err == nil && len(twice) > 0 {
		e.addRecord(Warning, Record{want.Name, "TXT", twice[0]}, "dmarc_doubled", "name", want.Name, "wrong", wrong)
		return nil
	}
	e.addRecord(Warning, want, "dmarc_none", "domain", domain, "own", own)
	return nil
}

// aligned reports whether a domain vouches for From's (RFC 7489, section 3.1).
func aligned(domain, from string, strict bool) bool {
	if strict {
		return domain == from
	}
	return organisation(domain) == organisation(from)
}
