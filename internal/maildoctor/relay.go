package maildoctor

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Step is a part of the conversation with the mail server.
type Step string

// The steps, in their order.
const (
	StepLookup   Step = "lookup"
	StepConnect  Step = "connect"
	StepGreeting Step = "greeting"
	StepHello    Step = "hello"
	StepTLS      Step = "tls"
	StepAuth     Step = "auth"
)

// Trouble is why a step failed.
type Trouble string

// The troubles.
const (
	Unknown   Trouble = "unknown"   // the name is not in the DNS
	Elsewhere Trouble = "elsewhere" // not on this machine, where nothing else may be spoken to
	Refused   Trouble = "refused"   // nothing listens
	Silent    Trouble = "silent"    // no answer in time
	Closed    Trouble = "closed"    // the connection ended
	Answered  Trouble = "answered"  // the server said no: Code and Answer
	NotTLS    Trouble = "not_tls"   // it does not speak TLS from the first byte
	NotSMTP   Trouble = "not_smtp"  // it speaks something else
	Missing   Trouble = "missing"   // it does not offer what is needed
	Other     Trouble = "other"     // Detail says what
)

// Relay is what a conversation with the mail server has shown.
type Relay struct {
	Host      string
	Port      int
	Mode      string // none, opportunistic, required or implicit, as in the settings
	Login     bool   // a password is set
	Addresses []netip.Addr

	Failed  Step // "": every step went well
	Trouble Trouble
	Code    int    // the server's reply code, 0: it gave none
	Answer  string // what it said, without user and password
	Detail  string

	Encrypted    bool
	Version      string // of TLS
	Chain        []*x509.Certificate
	ChainError   error // why the certificate cannot be trusted; nil: it can
	Mechanisms   string
	Pipelining   bool
	Size         int // the largest message in bytes, 0: not told
	LoginSucceed bool
}

// Local reports whether the mail server is on this machine.
func (r Relay) Local() bool {
	for _, a := range r.Addresses {
		if !a.IsLoopback() {
			return false
		}
	}
	return len(r.Addresses) > 0
}

// verified reports whether Postbag insists on a certificate that it can trust.
func (r Relay) verified() bool { return r.Mode == "required" || r.Mode == "implicit" }

var relayCodes = []string{
	"relay_ok", "relay_unknown", "relay_lookup", "relay_elsewhere", "relay_refused", "relay_timeout", "relay_other", "relay_silent", "relay_silent_tls",
	"relay_closed", "relay_not_smtp", "relay_turns_away", "relay_busy", "relay_hello",
	"tls_ok", "tls_missing", "tls_failed", "tls_plain_port", "tls_refused", "tls_none", "tls_not_offered",
	"cert_unknown", "cert_name", "cert_expired", "cert_early", "cert_other", "cert_soon",
	"auth_ok", "auth_none", "auth_missing", "auth_mechanism", "auth_refused", "auth_trouble",
	"slow", "small", "test_sent", "test_failed", "test_uncertain", "test_later",
}

// soon is how long before its end a certificate should have been renewed:
// Let's Encrypt's clients do it 30 days before.
const soon = 14 * 24 * time.Hour

// minSize is the least size of a message that a mail server has to take for
// letters and for what is passed on to supporters.
const minSize = 1 << 20

// relay says what the conversation has shown.
func (e *examination) relay(r Relay) {
	at := []string{"host", r.Host, "port", strconv.Itoa(r.Port), "answer", said(r), "detail", r.Detail, "why", cmp.Or(said(r), r.Detail)}
	if r.Failed != "" {
		e.certificate(r, at)
		if r.ChainError == nil || r.Failed != StepTLS {
			e.add(Problem, relayCode(r), append(at, "offered", r.Mechanisms)...)
		}
		if r.Trouble == Elsewhere {
			e.found[len(e.found)-1].Severity = Warning // nothing is wrong with it so far
		}
		return
	}
	e.add(OK, "relay_ok", at...)
	e.encryption(r, at)
	switch {
	case r.LoginSucceed:
		e.add(OK, "auth_ok", at...)
	case !r.Local():
		e.add(Warning, "auth_none", at...)
	}
	if !r.Pipelining {
		e.add(Warning, "slow", at...)
	}
	if r.Size > 0 && r.Size < minSize {
		e.add(Warning, "small", append(at, "size", strconv.Itoa(r.Size))...)
	}
}

// relayCode names what went wrong.
func relayCode(r Relay) string {
	switch r.Failed {
	case StepLookup:
		if r.Trouble == Unknown {
			return "relay_unknown"
		}
		return "relay_lookup"
	case StepConnect:
		switch r.Trouble {
		case Elsewhere, Refused:
			return "relay_" + string(r.Trouble)
		case Silent:
			return "relay_timeout"
		}
		return "relay_other"
	case StepGreeting:
		switch {
		case r.Trouble == Silent && (r.Port == 465 || r.Mode == "implicit"):
			return "relay_silent_tls"
		case r.Trouble == Silent:
			return "relay_silent"
		case r.Trouble == Answered && r.Code >= 500:
			return "relay_turns_away"
		case r.Trouble == Answered:
			return "relay_busy"
		case r.Trouble == NotSMTP:
			return "relay_not_smtp"
		}
		return "relay_closed"
	case StepHello:
		return "relay_hello"
	case StepTLS:
		switch r.Trouble {
		case Missing:
			return "tls_missing"
		case NotTLS:
			return "tls_plain_port"
		case Answered:
			return "tls_refused"
		}
		return "tls_failed"
	}
	switch {
	case r.Trouble == Missing && r.Mechanisms == "":
		return "auth_missing"
	case r.Trouble == Missing:
		return "auth_mechanism"
	case r.Trouble == Answered && r.Code >= 500:
		return "auth_refused"
	}
	return "auth_trouble"
}

// said is the server's answer with its code.
func said(r Relay) string {
	if r.Code == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", r.Code, r.Answer)
}

// encryption says how the connection was kept from others.
func (e *examination) encryption(r Relay, at []string) {
	switch {
	case r.Encrypted:
		e.certificate(r, at)
		if r.ChainError == nil {
			e.add(OK, "tls_ok", append(at, "version", r.Version, "until", r.Chain[0].NotAfter.UTC().Format(time.DateOnly))...)
		}
	case r.Local(): // nobody is between
	case r.Mode == "none":
		e.add(Warning, "tls_none", at...)
	default:
		e.add(Warning, "tls_not_offered", at...)
	}
}

// certificate says what is wrong with the server's certificate, or soon will be.
// Where Postbag takes any, it is only to be mended.
func (e *examination) certificate(r Relay, at []string) {
	if len(r.Chain) == 0 {
		return
	}
	leaf := r.Chain[0]
	at = append(at, "names", strings.Join(certNames(leaf), ", "), "issuer", leaf.Issuer.CommonName,
		"from", leaf.NotBefore.UTC().Format(time.DateTime), "until", leaf.NotAfter.UTC().Format(time.DateOnly), "now", e.Now().UTC().Format(time.DateTime))
	if r.ChainError == nil {
		if left := leaf.NotAfter.Sub(e.Now()); left < soon {
			e.add(Warning, "cert_soon", at...)
		}
		return
	}
	e.add(worse(r.verified()), certCode(leaf, r.ChainError, e.Now()), append(at, "detail", r.ChainError.Error())...)
}

func certCode(leaf *x509.Certificate, err error, now time.Time) string {
	switch err := err.(type) {
	case x509.HostnameError:
		return "cert_name"
	case x509.UnknownAuthorityError:
		return "cert_unknown"
	case x509.CertificateInvalidError:
		switch {
		case err.Reason == x509.Expired && now.Before(leaf.NotBefore):
			return "cert_early"
		case err.Reason == x509.Expired:
			return "cert_expired"
		}
	}
	return "cert_other"
}

func certNames(c *x509.Certificate) []string {
	all := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, net.IP(ip).String())
	}
	if len(all) == 0 {
		all = append(all, c.Subject.CommonName)
	}
	return all
}

// Test is what became of a mail that was sent to try everything.
type Test struct {
	To      string
	Verdict string // sent, failed, uncertain or retry
	Answer  string
}

// test says what became of the mail.
func (e *examination) test(t *Test) {
	args := []string{"to", t.To, "answer", t.Answer}
	switch t.Verdict {
	case "sent":
		e.add(OK, "test_sent", args...)
	case "uncertain":
		e.add(Warning, "test_uncertain", args...)
	case "failed":
		e.add(Problem, "test_failed", args...)
	default:
		e.add(Problem, "test_later", args...)
	}
}
