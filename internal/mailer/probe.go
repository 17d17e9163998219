package mailer

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"postbag/internal/maildoctor"
)

// Probe speaks with the mail server up to the point at which mail would be
// handed over, takes leave, and says how it went. It goes step by step what
// Sender has go-mail do at once, to know which one failed.
func Probe(ctx context.Context, o Options) maildoctor.Relay {
	names := o.Resolver
	if names == nil {
		names = net.DefaultResolver
	}
	p := &probe{
		o: o, timeouts: o.Timeouts.withDefaults(),
		r: maildoctor.Relay{Host: o.SMTP.Host, Port: o.SMTP.Port, Mode: string(o.SMTP.TLS), Login: o.SMTP.User != ""},
	}
	if _, hello, ok := strings.Cut(o.From, "@"); p.o.Hello == "" && ok {
		p.o.Hello = hello
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // closes the connection
	if p.lookup(ctx, names) && p.connect(ctx) && p.greet() && p.hello() && p.encrypt() && p.auth() {
		_ = p.client.Quit()
	}
	return p.r
}

// probe is one conversation. Its steps return whether the next may follow.
type probe struct {
	o        Options
	timeouts Timeouts
	r        maildoctor.Relay
	conn     net.Conn
	client   *smtp.Client
}

// fail notes why a step failed.
func (p *probe) fail(step maildoctor.Step, why maildoctor.Trouble, err error) bool {
	p.r.Failed, p.r.Trouble = step, why
	hide := hidden{secrets: p.o.SMTP.secrets()}
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		p.r.Code, p.r.Answer = reply.Code, hide.clean(reply.Msg)
	} else if dns, ok := errors.AsType[*net.DNSError](err); ok {
		p.r.Detail = dns.Err // the rest names a server that may not be the one that was asked
	} else if err != nil {
		p.r.Detail = hide.clean(plain(context.Background(), err)) // which may quote the server
	}
	return false
}

// because is fail for an error that tells by itself.
func (p *probe) because(step maildoctor.Step, err error) bool {
	why := maildoctor.Other
	_, answered := errors.AsType[*textproto.Error](err)
	_, garbled := errors.AsType[textproto.ProtocolError](err)
	_, plaintext := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case answered:
		why = maildoctor.Answered
	case garbled:
		why = maildoctor.NotSMTP
	case plaintext:
		why = maildoctor.NotTLS
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		why = maildoctor.Silent
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		why = maildoctor.Closed
	case errors.Is(err, syscall.ECONNREFUSED):
		why = maildoctor.Refused
	}
	return p.fail(step, why, err)
}

func (p *probe) lookup(ctx context.Context, names *net.Resolver) bool {
	if ip, err := netip.ParseAddr(p.o.SMTP.Host); err == nil {
		p.r.Addresses = []netip.Addr{ip.Unmap()}
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeouts.Dial)
	defer cancel()
	found, err := names.LookupIPAddr(ctx, p.o.SMTP.Host)
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound || err == nil && len(found) == 0 {
		return p.fail(maildoctor.StepLookup, maildoctor.Unknown, nil)
	}
	if err != nil {
		return p.fail(maildoctor.StepLookup, maildoctor.Other, err)
	}
	for _, f := range found {
		if ip, ok := netip.AddrFromSlice(f.IP); ok && !slices.Contains(p.r.Addresses, ip.Unmap()) {
			p.r.Addresses = append(p.r.Addresses, ip.Unmap())
		}
	}
	return true
}

// connect tries one address after the other.
func (p *probe) connect(ctx context.Context) bool {
	err := errors.New("it has no address")
	for _, ip := range p.r.Addresses {
		if p.conn, err = dialAddr(ctx, netip.AddrPortFrom(ip, uint16(p.o.SMTP.Port)), p.o.LoopbackOnly, p.timeouts.Dial); err == nil {
			break
		}
	}
	if errors.Is(err, errNotLoopback) {
		return p.fail(maildoctor.StepConnect, maildoctor.Elsewhere, nil)
	}
	if err != nil {
		return p.because(maildoctor.StepConnect, err)
	}
	p.patience()
	raw := p.conn
	context.AfterFunc(ctx, func() { _ = raw.Close() }) // whoever asks may have heard enough
	if p.o.SMTP.TLS != TLSImplicit {
		return true
	}
	encrypted := tls.Client(raw, p.config())
	p.conn = encrypted
	if err := encrypted.Handshake(); err != nil {
		return p.because(maildoctor.StepTLS, err)
	}
	return p.trust(encrypted.ConnectionState())
}

// dialAddr connects to one address.
func dialAddr(ctx context.Context, to netip.AddrPort, loopbackOnly bool, patience time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dialer := net.Dialer{}
	if loopbackOnly {
		dialer.Control = onlyLoopback
	}
	return dialer.DialContext(ctx, "tcp", to.String())
}

// patience gives the next step its time.
func (p *probe) patience() { _ = p.conn.SetDeadline(time.Now().Add(p.timeouts.Command)) }

// config takes any certificate: trust looks at it, to say what is wrong with it.
func (p *probe) config() *tls.Config {
	return &tls.Config{ServerName: p.o.SMTP.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
}

func (p *probe) greet() bool {
	client, err := smtp.NewClient(p.conn, p.o.SMTP.Host)
	if err != nil {
		return p.because(maildoctor.StepGreeting, err)
	}
	p.client = client
	return true
}

func (p *probe) hello() bool {
	p.patience()
	if err := p.client.Hello(p.o.Hello); err != nil {
		return p.because(maildoctor.StepHello, err)
	}
	return true
}

func (p *probe) encrypt() bool {
	offered, _ := p.client.Extension("STARTTLS")
	switch {
	case p.o.SMTP.TLS == TLSRequired && !offered:
		return p.fail(maildoctor.StepTLS, maildoctor.Missing, nil)
	case p.o.SMTP.TLS == TLSRequired, p.o.SMTP.TLS == TLSOpportunistic && offered:
		p.patience()
		if err := p.client.StartTLS(p.config()); err != nil {
			return p.because(maildoctor.StepTLS, err)
		}
		state, ok := p.client.TLSConnectionState()
		if !ok {
			return p.fail(maildoctor.StepTLS, maildoctor.Other, errors.New("there is no TLS"))
		}
		if !p.trust(state) {
			return false
		}
	}
	_, mechanisms := p.client.Extension("AUTH")
	p.r.Mechanisms = cleanAnswer(mechanisms)
	p.r.Pipelining, _ = p.client.Extension("PIPELINING")
	_, size := p.client.Extension("SIZE")
	p.r.Size, _ = strconv.Atoi(size)
	return true
}

// trust notes whether the server's certificate can be trusted. Where it has to
// be, no password goes to a server without such a one.
func (p *probe) trust(state tls.ConnectionState) bool {
	p.r.Encrypted, p.r.Version, p.r.Chain = true, tls.VersionName(state.Version), state.PeerCertificates
	if len(p.r.Chain) == 0 {
		return p.fail(maildoctor.StepTLS, maildoctor.Other, errors.New("the server has no certificate"))
	}
	between := x509.NewCertPool()
	for _, c := range p.r.Chain[1:] {
		between.AddCert(c)
	}
	_, p.r.ChainError = p.r.Chain[0].Verify(x509.VerifyOptions{Roots: p.o.RootCAs, Intermediates: between, DNSName: p.o.SMTP.Host})
	if p.r.ChainError != nil && p.o.SMTP.TLS != TLSOpportunistic {
		return p.fail(maildoctor.StepTLS, maildoctor.Other, p.r.ChainError)
	}
	return true
}

func (p *probe) auth() bool {
	if p.o.SMTP.User == "" {
		return true
	}
	mechanism := mechanismFor(p.o.SMTP, p.r.Mechanisms)
	if mechanism == nil {
		return p.fail(maildoctor.StepAuth, maildoctor.Missing, nil)
	}
	p.patience()
	if err := p.client.Auth(mechanism); err != nil {
		return p.because(maildoctor.StepAuth, err)
	}
	p.r.LoginSucceed = true
	return true
}

// mechanismFor returns the first of Sender's mechanisms that is offered; nil:
// none is.
func mechanismFor(s SMTP, offered string) smtp.Auth {
	for _, kind := range authTypes(s) {
		name, unencrypted := strings.CutSuffix(string(kind), "-NOENC")
		if !slices.Contains(strings.Fields(offered), name) {
			continue
		}
		switch gomail.SMTPAuthType(name) {
		case gomail.SMTPAuthPlain:
			return smtp.PlainAuth("", s.User, s.Password, s.Host, unencrypted)
		case gomail.SMTPAuthLogin:
			return smtp.LoginAuth(s.User, s.Password, s.Host, unencrypted)
		case gomail.SMTPAuthSCRAMSHA256:
			return smtp.ScramSHA256Auth(s.User, s.Password)
		case gomail.SMTPAuthSCRAMSHA1:
			return smtp.ScramSHA1Auth(s.User, s.Password)
		case gomail.SMTPAuthCramMD5:
			return smtp.CRAMMD5Auth(s.User, s.Password)
		}
	}
	return nil
}

// Greet looks whether a mail server answers at any of the addresses. It returns
// maildoctor.ErrElsewhere where none of them may be spoken to.
func Greet(ctx context.Context, ips []netip.Addr, port int, loopbackOnly bool, t Timeouts) error {
	t = t.withDefaults()
	err := errors.New("it has no address")
	for _, ip := range ips {
		if err = greetOne(ctx, netip.AddrPortFrom(ip.Unmap(), uint16(port)), loopbackOnly, t); err == nil {
			return nil
		}
	}
	if errors.Is(err, errNotLoopback) {
		return maildoctor.ErrElsewhere
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errors.New("nothing listens there")
	}
	return errors.New(plain(ctx, err))
}

// maxLine is more than a line of an answer may have (RFC 5321, section 4.5.3.1.5).
const maxLine = 1024

func greetOne(ctx context.Context, to netip.AddrPort, loopbackOnly bool, t Timeouts) error {
	conn, err := dialAddr(ctx, to, loopbackOnly, t.Dial)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(t.Command)); err != nil {
		return err
	}
	raw, err := bufio.NewReaderSize(conn, maxLine).ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	if line := string(raw); err != nil || !strings.HasPrefix(line, "220") {
		return fmt.Errorf("it says %s", cleanAnswer(strings.TrimSpace(line)))
	}
	_, _ = io.WriteString(conn, "QUIT\r\n")
	return nil
}
