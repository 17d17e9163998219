package app

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"postbag/assets"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/fetch"
	"postbag/internal/maildoctor"
	"postbag/internal/mailer"
	"postbag/internal/store"
	"postbag/internal/view"
	"postbag/templates"
)

// MailDoctor checks the mail set-up of some settings.
type MailDoctor struct {
	Config     config.Config
	Bounce     string       // the address that bounces come back to; empty: none is set
	SendingIPs []netip.Addr // what mail leaves from for the world, if that is known
	DNS        string       // host:port of a name server; empty: the system's
	SendTo     string       // who gets a mail as a test; empty: nobody
	Store      *store.Store // nil: there is no database

	// For tests.
	View     *view.Renderer   // that has read the embedded templates; nil: they are read
	Roots    *x509.CertPool   // nil: the system's
	Timeouts mailer.Timeouts  // zero: shorter ones than for sending
	MXPort   int              // 0: 25
	Now      func() time.Time // nil: the machine's
	OwnIPs   []netip.Addr     // nil: the machine's
}

// impatient is how long the doctor waits where a sender has more time.
var impatient = mailer.Timeouts{Dial: 10 * time.Second, Command: 15 * time.Second}

// lateAfter is how long a message may stand before it counts as stuck.
const lateAfter = time.Hour

// Check looks at everything and says in words what it found.
func (m MailDoctor) Check(ctx context.Context) (*view.MailCheckup, error) {
	if m.View == nil {
		var err error
		if m.View, err = view.New(templates.FS, assets.FS, view.Options{}); err != nil {
			return nil, err
		}
	}
	doctor, err := m.doctor(ctx)
	if err != nil {
		return nil, err
	}
	return m.View.MailCheckup(doctor.Examine(ctx)), nil
}

func (m *MailDoctor) doctor(ctx context.Context) (*maildoctor.Doctor, error) {
	if m.Now == nil {
		m.Now = time.Now
	}
	if m.Timeouts == (mailer.Timeouts{}) {
		m.Timeouts = impatient
	}
	if m.MXPort == 0 {
		m.MXPort = 25
	}
	if m.OwnIPs == nil {
		m.OwnIPs = ownIPs()
	}
	names := m.resolver()
	made, err := madeOn()
	if err != nil {
		return nil, err
	}
	keys, keyError := ReadDKIM(m.Config)
	d := &maildoctor.Doctor{Setup: m.setup(), Resolver: names, Now: m.Now, NoSooner: made}
	if keyError != nil {
		d.Setup.KeyProblem = keyError.Error()
	}
	for _, k := range keys {
		record, err := k.Record()
		if err != nil {
			return nil, err
		}
		d.Setup.Keys = append(d.Setup.Keys, maildoctor.Key{Selector: k.Selector, Type: string(k.Type), Public: k.Public(), Record: record, Exposed: k.Exposed})
	}
	d.Greet = func(ctx context.Context, host string) error { return m.greet(ctx, names, host) }
	if err := m.relay(d, names, keys); err != nil {
		return nil, err
	}
	d.Queue, err = m.queue(ctx)
	return d, err
}

func (m *MailDoctor) setup() maildoctor.Setup {
	c := m.Config
	return maildoctor.Setup{
		Production: c.Production(), Captured: c.Captured(), From: c.MailFrom, Bounce: m.Bounce, BaseURL: c.BaseURL,
		TestRecipient: c.TestRecipient != "", SendingIPs: m.SendingIPs, OwnIPs: m.OwnIPs,
	}
}

// resolver asks the system's name servers, or the one that is named.
func (m *MailDoctor) resolver() *net.Resolver {
	if m.DNS == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, m.DNS)
	}}
}

// relay has the doctor speak with the mail server, if there is one.
func (m *MailDoctor) relay(d *maildoctor.Doctor, names *net.Resolver, keys []mailer.DKIMKey) error {
	if m.Config.Captured() {
		return nil
	}
	server, err := mailer.ParseURL(string(m.Config.SMTPURL))
	if err != nil {
		return fmt.Errorf("POSTBAG_SMTP_URL %w", err)
	}
	o := mailer.Options{
		SMTP: server, From: m.Config.MailFrom, Connections: 1, Signer: mailer.NewSigner(m.Config.MailDomain(), keys),
		LoopbackOnly: !m.Config.Production(), RootCAs: m.Roots, Resolver: names, Timeouts: m.Timeouts,
	}
	d.Probe = func(ctx context.Context) maildoctor.Relay { return mailer.Probe(ctx, o) }
	if m.SendTo == "" {
		return nil
	}
	sender, err := mailer.NewSender(o)
	if err != nil {
		return err
	}
	d.Test = func(ctx context.Context) *maildoctor.Test {
		defer sender.Close()
		outcome := sender.Send(ctx, m.testMail())
		// Whoever asks gave the address, so nothing is told to anybody else.
		return &maildoctor.Test{To: m.SendTo, Verdict: string(outcome.Verdict), Answer: outcome.Answer}
	}
	return nil
}

// testMail is a mail as supporters get them.
func (m *MailDoctor) testMail() campaign.Mail {
	return campaign.Mail{
		Kind: campaign.MailConfirm, MessageID: "test." + strings.ToLower(rand.Text()) + "@" + m.Config.MailDomain(), Date: m.Now(),
		FromName: m.View.Site(), To: campaign.Address{Email: m.SendTo}, Envelope: m.Bounce,
		Subject: m.View.Desk("desk.mail_doctor.test.subject"), Text: m.View.Desk("desk.mail_doctor.test.text"),
	}
}

func (m *MailDoctor) greet(ctx context.Context, names *net.Resolver, host string) error {
	found, err := names.LookupNetIP(ctx, "ip", host+".")
	if err != nil {
		return err
	}
	return mailer.Greet(ctx, found, m.MXPort, !m.Config.Production(), m.Timeouts)
}

// queue is how mail fares that waits in the database.
func (m *MailDoctor) queue(ctx context.Context) (*maildoctor.Queue, error) {
	if m.Store == nil {
		return nil, nil
	}
	stuck, err := m.Store.Stuck(ctx, m.Now().Add(-lateAfter))
	if err != nil {
		return nil, err
	}
	relay, err := m.Store.Relay(ctx)
	if err != nil {
		return nil, err
	}
	return &maildoctor.Queue{
		Waiting: stuck.Waiting, Late: stuck.Late, Uncertain: stuck.Uncertain, Failed: stuck.Failed,
		Suspended: relay.Since, Again: relay.NextAt, Failures: relay.Failures, Code: relay.Code, Answer: relay.Answer,
	}, nil
}

// madeOn is a day that has passed for certain: the list of MPs in the program
// is of that day.
func madeOn() (time.Time, error) {
	roster, err := EmbeddedRoster()
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.DateOnly, roster.MemberSource().Date)
}

// ownIPs are the public addresses of this machine.
func ownIPs() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // none is known
	}
	var public []netip.Addr
	for _, a := range all {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && fetch.Public(prefix.Addr()) {
			public = append(public, prefix.Addr().Unmap())
		}
	}
	return public
}
