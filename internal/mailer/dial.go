package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// errNotLoopback keeps development and tests from reaching a real server.
var errNotLoopback = errors.New("refused to connect: only loopback addresses are allowed here")

// conn is one connection to the mail server, ready for MAIL.
type conn struct {
	client *smtp.Client
	// raw lies under any TLS. Closing it is the one way to end a conversation
	// that is safe at every point: QUIT after half a message would make
	// net/textproto write the final dot first, and so deliver the half.
	raw      net.Conn
	timeouts Timeouts
	release  func() bool // undoes bind; false when the context ended first
	expire   *time.Timer // runs while idle
	clean    bool        // the last message was accepted: nothing is left of it
	used     time.Time   // when that was
	piped    bool        // the server takes several commands at once
	eightBit bool        // the server takes 8BITMIME
	astray   bool        // the server waits for what it will not get
}

// dial connects, greets, encrypts and authenticates. ctx ends it at any point.
func (s *Sender) dial(ctx context.Context) (*conn, error) {
	c := &conn{timeouts: s.timeouts}
	options := []gomail.Option{
		gomail.WithPort(s.smtp.Port),
		gomail.WithTimeout(s.timeouts.Command),
		gomail.WithHELO(s.hello),
		// Nothing sent here needs it, and a message marked SMTPUTF8 bounces at
		// the next server that lacks it.
		gomail.WithoutSMTPUTF8(),
		gomail.WithDialContextFunc(func(_ context.Context, _, _ string) (net.Conn, error) {
			// The address that go-mail proposes lacks the brackets of IPv6.
			return s.connect(ctx, c)
		}),
	}
	switch s.smtp.TLS {
	case TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case TLSOpportunistic:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithTLSConfig(s.tls))
	case TLSRequired:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(s.tls))
	case TLSImplicit:
		options = append(options, gomail.WithSSL())
	}
	if s.smtp.User != "" {
		options = append(options, gomail.WithUsername(s.smtp.User), gomail.WithPassword(s.smtp.Password),
			gomail.WithOpportunisticSMTPAuth(authTypes(s.smtp)...))
	}
	// One client for each connection: go-mail changes the chosen mechanism
	// inside the client while it dials, which would be a race.
	dialer, err := gomail.NewClient(s.smtp.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare the connection: %w", err)
	}

	client, err := dialer.DialToSMTPClientWithContext(ctx)
	if c.release != nil && !c.release() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		// go-mail leaves the connection open when it fails after connecting.
		c.close()
		return nil, err
	}
	c.client = client
	c.piped, _ = client.Extension("PIPELINING")
	c.piped = c.piped && s.pipes.open()
	c.eightBit, _ = client.Extension("8BITMIME")
	return c, nil
}

// connect opens the connection itself, with TLS when it is implicit. From then
// on the end of ctx closes it: go-mail's commands know no context.
func (s *Sender) connect(ctx context.Context, c *conn) (net.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, s.timeouts.Dial)
	defer cancel()
	dialer := net.Dialer{Resolver: s.resolver}
	if s.loopbackOnly {
		dialer.Control = onlyLoopback
	}
	raw, err := dialer.DialContext(limited, "tcp", s.smtp.Addr())
	if err != nil {
		return nil, err
	}
	c.raw = raw
	c.bind(ctx)
	if s.smtp.TLS != TLSImplicit {
		return raw, nil
	}
	encrypted := tls.Client(raw, s.tls)
	if err := encrypted.HandshakeContext(limited); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return encrypted, nil
}

// onlyLoopback runs for each resolved address before anything is sent to it.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil || !resolved.Addr().Unmap().IsLoopback() {
		return errNotLoopback
	}
	return nil
}

// authTypes lists the mechanisms to use, the best first. Validate has made
// sure that the connection is encrypted or does not leave the machine, so the
// plain ones, which every server speaks, come before those that go wrong more
// often.
func authTypes(s SMTP) []gomail.SMTPAuthType {
	types := []gomail.SMTPAuthType{gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
	if isLoopbackHost(s.Host) {
		types = []gomail.SMTPAuthType{gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
	}
	return append(types, gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5)
}

func tlsConfig(s SMTP, roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		ServerName: s.Host,
		MinVersion: tls.VersionTLS12,
		RootCAs:    roots,
		// See TLSOpportunistic for why this protects nobody there.
		InsecureSkipVerify: s.TLS == TLSOpportunistic,
	}
}

// bind makes the end of ctx close the connection.
func (c *conn) bind(ctx context.Context) { c.release = context.AfterFunc(ctx, c.close) }

// close ends the connection without a word.
func (c *conn) close() {
	if c.raw != nil {
		_ = c.raw.Close()
	}
}

// quit takes leave, for a server to release its side at once, and closes.
func (c *conn) quit() {
	if c.client.UpdateDeadline(min(c.timeouts.Command, quitTimeout)) == nil {
		_ = c.client.Quit()
	}
	c.close()
}
