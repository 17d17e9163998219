// Package mailer composes mail and hands it to the mail server. It is the only
// importer of go-mail.
//
// Sender delivers over kept connections; Capture stores what would have been
// delivered. Both take a campaign.Mail and say what became of it in a
// campaign.Outcome, never in an error: there is nothing else that a caller
// could do with one.
package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"postbag/internal/campaign"
)

// Options say how a Sender sends. SMTP and From are needed.
type Options struct {
	SMTP SMTP
	From string // the address that all mail comes from, also in the envelope

	// TestRecipient, when set, gets every letter in place of the MP, with
	// "[TEST] " before the subject. Mail to supporters is not changed.
	TestRecipient string

	Signer *Signer // signs every message; nil: none is signed
	// TokenHeader is a header in which every message says its token, for a relay
	// that reads it, reports it back and takes it out; "" means none.
	TokenHeader string

	Connections int    // how many at most, and so how many messages at a time; 0 means 2
	PerDomain   int    // messages at a time to addresses of one domain; 0 means as many as there are connections
	Hello       string // the name said in EHLO; "" means the domain of From

	// LoopbackOnly refuses every server that is not on this machine, judged by
	// the resolved address when connecting. For tests and development.
	LoopbackOnly bool

	RootCAs  *x509.CertPool // who signs the server's certificate; nil for the system's
	Resolver *net.Resolver  // who knows the server's address; nil for the system's
	Timeouts Timeouts
}

// Timeouts bound the steps of sending. A zero field means its default.
type Timeouts struct {
	Dial    time.Duration // name, connection and implicit TLS: 10 s
	Command time.Duration // the greeting, and each command: 30 s
	Data    time.Duration // writing the message; then again its answer: 2 min
	Idle    time.Duration // how long a connection is kept unused: 30 s
	Wait    time.Duration // for others to the same domain, and for a connection: 3 min

	// Fresh is how long an unused connection is trusted to be alive without
	// asking the server: 5 s. A wrong guess costs a new connection and no more.
	Fresh time.Duration
}

// quitTimeout bounds the goodbye to the server, on which nothing depends.
const quitTimeout = 5 * time.Second

// Sender sends mail over a few connections, which it keeps for the next
// message. It may be used by several goroutines at a time.
type Sender struct {
	builder      builder
	signer       *Signer
	smtp         SMTP
	secrets      *secrets // of smtp
	tls          *tls.Config
	resolver     *net.Resolver
	hello        string
	loopbackOnly bool
	timeouts     Timeouts

	domains domains
	pipes   pipes
	permits chan struct{} // one for each connection that may be open
	closing chan struct{}
	leaving sync.WaitGroup // connections being closed in the background

	mu     sync.Mutex
	idle   []*conn // the most recently used last
	closed bool
}

// NewSender checks the options and returns a Sender; it does not connect. The
// errors are sentences about the settings and repeat no secret.
func NewSender(o Options) (*Sender, error) {
	if err := o.SMTP.Validate(); err != nil {
		return nil, fmt.Errorf("the SMTP setting %w", err)
	}
	b, err := newBuilder(o.From, o.TestRecipient)
	if err != nil {
		return nil, err
	}
	b.tokenHeader = o.TokenHeader
	if o.Connections < 0 || o.PerDomain < 0 {
		return nil, errors.New("the number of SMTP connections is negative")
	}
	if o.Connections == 0 {
		o.Connections = 2
	}
	if o.Hello == "" {
		_, o.Hello, _ = strings.Cut(o.From, "@")
	}
	if err := checkText("EHLO name", o.Hello); err != nil {
		return nil, err
	}
	return &Sender{
		builder:      b,
		signer:       o.Signer,
		smtp:         o.SMTP,
		secrets:      o.SMTP.secrets(),
		tls:          tlsConfig(o.SMTP, o.RootCAs),
		resolver:     o.Resolver,
		hello:        o.Hello,
		loopbackOnly: o.LoopbackOnly,
		timeouts:     o.Timeouts.withDefaults(),
		domains:      domains{most: o.PerDomain},
		permits:      make(chan struct{}, o.Connections),
		closing:      make(chan struct{}),
	}, nil
}

func (t Timeouts) withDefaults() Timeouts {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Dial, 10 * time.Second},
		{&t.Command, 30 * time.Second},
		{&t.Data, 2 * time.Minute},
		{&t.Idle, 30 * time.Second},
		{&t.Fresh, 5 * time.Second},
		{&t.Wait, 3 * time.Minute},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return t
}

// Send sends one message and says what became of it; it returns only then, or
// soon after ctx has ended. It waits while all connections are in use, but not for
// so long that whoever gave it the message thinks it lost.
//
// A kept connection that turns out to be dead before the server has taken
// MAIL, or is ended by it before it has asked for the message, is replaced once,
// unnoticed.
func (s *Sender) Send(ctx context.Context, m campaign.Mail) campaign.Outcome {
	msg, err := s.builder.build(m)
	if err != nil {
		return campaign.Outcome{Verdict: campaign.VerdictFailed, Answer: cleanAnswer(err.Error())}
	}
	if msg.raw, err = s.signer.sign(msg.raw); err != nil {
		// Not the letter's fault, and better late than without a signature.
		return campaign.Outcome{Verdict: campaign.VerdictRetry, Answer: cleanAnswer(err.Error())}
	}
	leave, err := s.enter(ctx, msg.to)
	if err != nil {
		return campaign.Outcome{Verdict: campaign.VerdictRetry, Answer: err.Error(), Waited: true}
	}
	defer leave()

	hide := hidden{s.secrets, namesIn(m, msg)}
	if c := s.take(); c != nil {
		outcome, stale := s.attempt(ctx, c, msg, true, hide)
		if !stale {
			return outcome
		}
	}
	c, err := s.dial(ctx)
	if err != nil {
		return outcomeOf(ctx, stageConnect, err, hide)
	}
	outcome, _ := s.attempt(ctx, c, msg, false, hide)
	return outcome
}

// enter waits until a message to the address may be begun, and returns how to give
// up its place.
func (s *Sender) enter(ctx context.Context, address string) (leave func(), err error) {
	waiting, cancel := context.WithTimeoutCause(ctx, s.timeouts.Wait, errors.New("not sent: waited too long for others"))
	defer cancel()
	left, err := s.domains.enter(waiting, s.closing, address)
	if err == nil {
		if err = s.acquire(waiting); err == nil {
			return func() {
				<-s.permits
				left()
			}, nil
		}
		left()
	}
	if waiting.Err() != nil && ctx.Err() == nil {
		err = context.Cause(waiting)
	}
	return nil, err
}

// acquire waits for the right to use a connection.
func (s *Sender) acquire(ctx context.Context) error {
	select {
	case <-s.closing: // even when a permit is free
		return errors.New("not sent: the sender is closed")
	default:
	}
	select {
	case s.permits <- struct{}{}:
		return nil
	case <-s.closing:
		return errors.New("not sent: the sender is closed")
	case <-ctx.Done():
		return errors.New("not sent: stopped while waiting for a connection")
	}
}
