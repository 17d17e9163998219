// Package maildoctor finds out whether mail can leave, comes back where it
// should, and shows to whoever gets it that it is genuine; and says what to
// change. It asks the DNS through a Resolver and is told everything else.
package maildoctor

import (
	"context"
	"crypto"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Severity is what a finding means for the mail.
type Severity string

// The severities, the mildest first.
const (
	OK      Severity = "ok"
	Warning Severity = "warning" // mail may arrive, and could do better
	Problem Severity = "problem" // mail does not leave, or is likely to be refused
)

// Finding is one thing about the set-up.
type Finding struct {
	Severity Severity
	Code     string   // names the sentence in the catalogue
	Args     []string // of the sentence: name, value, name, value…
	Record   *Record  // what to add to the DNS, or to put in place of what is there; nil: nothing
}

// Report is what was found, in the order in which mail goes its way.
type Report struct{ Findings []Finding }

// Verdict is the severity of the worst finding.
func (r Report) Verdict() Severity {
	worst := OK
	for _, f := range r.Findings {
		if f.Severity == Problem || f.Severity == Warning && worst == OK {
			worst = f.Severity
		}
	}
	return worst
}

// Resolver asks the DNS, as *net.Resolver does.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Setup is what the settings say.
type Setup struct {
	Production    bool
	Captured      bool   // mail is kept and shown, not sent
	From          string // the address that all mail comes from
	Bounce        string // the address that bounces come back to; empty: From
	BaseURL       string // empty: as it listens
	TestRecipient bool   // every letter goes to one address in place of the MPs
	Keys          []Key
	KeyProblem    string // why the keys cannot be read, one sentence a line; empty: they can

	// SendingIPs are the addresses that mail leaves from for the world, as
	// whoever asks knows them; none: nobody said.
	SendingIPs []netip.Addr
	// OwnIPs are the public addresses of this machine.
	OwnIPs []netip.Addr
}

// Key is a key that mail is signed with.
type Key struct {
	Selector string
	Type     string // rsa or ed25519
	Public   crypto.PublicKey
	Record   string // the TXT record that publishes it
	Exposed  bool   // others on the machine may read its file
}

// Doctor looks at a set-up. All fields but Probe, Test and Queue are needed.
type Doctor struct {
	Setup    Setup
	Resolver Resolver
	Now      func() time.Time
	NoSooner time.Time // a time that has passed for certain, as the program was made then

	Probe func(context.Context) Relay // talks with the mail server; nil: there is none
	Test  func(context.Context) *Test // sends a mail, if the mail server lets us in; nil: none is wanted
	Greet func(ctx context.Context, host string) error
	Queue *Queue // nil: there is no database
}

// Examine looks at everything.
func (d *Doctor) Examine(ctx context.Context) Report {
	e := &examination{Doctor: d, dns: names{d.Resolver}}
	e.settings(ctx)
	var relay *Relay
	if d.Probe != nil {
		r := d.Probe(ctx)
		relay = &r
		e.relay(r)
		if d.Test != nil && r.Failed == "" {
			e.test(d.Test(ctx))
		}
	}
	if from := domainOf(d.Setup.From); e.ours(from) {
		spf := e.spf(ctx, relay)
		dkim := e.dkim(ctx, relay)
		e.dmarc(ctx, spf, dkim)
		e.bounces(ctx)
	}
	e.queue()
	return Report{Findings: e.found}
}

// examination is one look at a set-up.
type examination struct {
	*Doctor
	dns   names
	found []Finding
}

func (e *examination) add(s Severity, code string, args ...string) {
	e.found = append(e.found, Finding{Severity: s, Code: code, Args: args})
}

func (e *examination) addRecord(s Severity, r Record, code string, args ...string) {
	e.found = append(e.found, Finding{Severity: s, Code: code, Args: args, Record: &r})
}

// envelope is the domain that SPF is about and that bounces come back to.
func (e *examination) envelope() string {
	if e.Setup.Bounce != "" {
		return domainOf(e.Setup.Bounce)
	}
	return domainOf(e.Setup.From)
}

// Codes lists every code that a finding may have, so that a test can see that
// there is a sentence for each.
func Codes() []string {
	return slices.Concat(settingsCodes, relayCodes, spfCodes, dkimCodes, dmarcCodes, bounceCodes, queueCodes)
}
