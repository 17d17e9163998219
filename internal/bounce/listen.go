package bounce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"postbag/internal/campaign"
)

// Taker acts on what comes back: campaign.Service.
type Taker interface {
	// Expects reports whether an address is one to which something may come back.
	Expects(address string) bool

	// TakeReturn acts on something that came back; it returns when that is durable.
	TakeReturn(ctx context.Context, r campaign.Returned) (campaign.Taken, error)
}

// Limits of the listener. A message about a letter has one recipient.
const (
	maxRcpts    = 5
	maxSessions = 8                // at once: each may hold MaxMessage bytes
	patience    = 10 * time.Second // with one that is silent while others wait for its place
	lineTimeout = time.Minute      // for a command, or what is written of an answer
	sessionTime = 10 * time.Minute // in all
	takeTimeout = 30 * time.Second // to write down what came
)

// Listener receives mail to the envelope addresses of messages, by LMTP or SMTP.
type Listener struct {
	server   *smtp.Server
	listener net.Listener
	taking   sync.WaitGroup // messages that are being written down
}

// Where says where to listen: lmtp://127.0.0.1:2525, smtp://127.0.0.1:2525,
// lmtp:///run/postbag/bounce.sock, or without the beginning, for LMTP.
type Where struct {
	LMTP    bool
	Network string // tcp or unix
	Address string
}

// ParseWhere reads it. The error completes a sentence that begins with the name of
// the setting.
func ParseWhere(s string) (Where, error) {
	w := Where{LMTP: true, Network: "tcp", Address: s}
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if scheme != "lmtp" && scheme != "smtp" {
			return w, fmt.Errorf("is %q; it must begin with lmtp:// or smtp://", s)
		}
		w.LMTP, w.Address = scheme == "lmtp", rest
	}
	if strings.HasPrefix(w.Address, "/") {
		w.Network = "unix"
		return w, nil
	}
	if _, port, err := net.SplitHostPort(w.Address); err != nil || port == "" {
		return w, fmt.Errorf("is %q; it must be an address such as lmtp://127.0.0.1:2525 or lmtp:///run/postbag/bounce.sock", s)
	}
	return w, nil
}

// Listen begins to listen; Serve answers. Domain is what it calls itself.
func Listen(where Where, domain string, taker Taker, log *slog.Logger) (*Listener, error) {
	l := &Listener{}
	if where.Network == "unix" {
		// What a process that was killed left behind stands in the way.
		if info, err := os.Lstat(where.Address); err == nil && info.Mode()&os.ModeSocket != 0 {
			if c, err := net.Dial("unix", where.Address); err == nil {
				c.Close()
				return nil, fmt.Errorf("listen on %s: another program does", where.Address)
			}
			os.Remove(where.Address)
		}
	}
	inner, err := net.Listen(where.Network, where.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", where.Address, err)
	}
	if where.Network == "unix" {
		// The mail server runs as another user; who may come here is settled by the
		// folder that the socket stands in.
		if err := os.Chmod(where.Address, 0o666); err != nil {
			return nil, errors.Join(fmt.Errorf("listen on %s: %w", where.Address, err), inner.Close())
		}
	}
	l.listener = &bounded{Listener: inner, patience: patience, free: make(chan struct{}, maxSessions), closed: make(chan struct{})}
	l.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{taker: taker, taking: &l.taking, lmtp: where.LMTP}, nil
	}))
	l.server.LMTP, l.server.Network, l.server.Domain = where.LMTP, where.Network, domain
	l.server.MaxRecipients, l.server.MaxMessageBytes = maxRcpts, MaxMessage
	l.server.ReadTimeout, l.server.WriteTimeout = lineTimeout, lineTimeout
	l.server.ErrorLog = errorLog{log}
	return l, nil
}

// Addr is the address that it listens on.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

// Serve answers until Shutdown.
func (l *Listener) Serve() error {
	err := l.server.Serve(l.listener)
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Shutdown takes no more and lets what is under way finish, until ctx ends.
func (l *Listener) Shutdown(ctx context.Context) error {
	idle, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	err := l.server.Shutdown(idle)
	if errors.Is(err, smtp.ErrServerClosed) {
		err = nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		// Sessions that only wait are not worth waiting for: a mail server that was
		// not told of success tries again.
		err = nil
		l.listener.(*bounded).hangUp()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.taking.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	return errors.Join(err, l.Close())
}

// Close gives up at once.
func (l *Listener) Close() error {
	err := l.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return err
}

// errorLog keeps what go-smtp says of a connection out of the log, where it would
// quote the client.
type errorLog struct{ log *slog.Logger }

// Printf notes that something went wrong.
func (l errorLog) Printf(string, ...any) { l.log.Warn("bounces: a connection went wrong") }

// Println likewise.
func (l errorLog) Println(...any) { l.log.Warn("bounces: a connection went wrong") }

// session is one conversation.
type session struct {
	taker  Taker
	taking *sync.WaitGroup
	lmtp   bool
	env    Envelope
	rcpts  []string
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.env = Envelope{From: from, Null: from == ""}
	return nil
}

// Rcpt implements smtp.Session. Nothing but addresses of our own making is taken,
// so that the listener relays and stores for nobody.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	// Go-smtp lets through whatever stands between the brackets.
	if strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' || r > '~' }) || !s.taker.Expects(to) {
		return answers[campaign.ErrReturnUnknown]
	}
	if !s.lmtp && len(s.rcpts) > 0 {
		return errOneAtATime
	}
	s.rcpts = append(s.rcpts, to)
	return nil
}

// errOneAtATime has the server send the message to the others by itself (RFC 5321,
// section 4.5.3.1.10): SMTP has one answer for all recipients, and LMTP one for
// each.
var errOneAtATime = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 5, 3}, Message: "One recipient at a time"}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	return s.take(r, func(_ string, err error) error { return err })
}

// LMTPData implements smtp.LMTPSession.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	return s.take(r, func(rcpt string, err error) error {
		status.SetStatus(rcpt, err)
		return nil
	})
}

// take reads the message and has it taken for each recipient. Told says what came
// of one; an error from it ends the rest.
func (s *session) take(r io.Reader, told func(string, error) error) error {
	raw, err := ReadAll(r)
	if err != nil {
		return answerTo(err)
	}
	s.taking.Add(1)
	defer s.taking.Done()
	for _, to := range s.rcpts {
		if err := told(to, answerTo(s.one(raw, to))); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) one(raw []byte, to string) error {
	env := s.env
	env.To = to
	r, err := Read(raw, env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), takeTimeout)
	defer cancel()
	_, err = s.taker.TakeReturn(ctx, r)
	return err
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.env, s.rcpts = Envelope{}, nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// answers are what a mail server is told when something is not taken.
var answers = map[error]*smtp.SMTPError{
	campaign.ErrReturnUnknown: {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such address"},
	campaign.ErrReturnErased:  {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 2, 1}, Message: "Whoever wrote that letter cannot be reached any more"},
	campaign.ErrReturnEarly:   {Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "That message is still being sent, try later"},
	campaign.ErrReturnMany:    {Code: 452, EnhancedCode: smtp.EnhancedCode{4, 5, 3}, Message: "Too many for that address, try later"},
	ErrNoMessage:              {Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "That is no mail message"},
	ErrTooLong:                {Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "That message is too long"},
}

// answerTo is what a mail server is told. Whatever is our fault is to come again.
func answerTo(err error) error {
	if err == nil {
		return nil
	}
	for cause, answer := range answers {
		if errors.Is(err, cause) {
			return answer
		}
	}
	if errors.Is(err, smtp.ErrDataTooLarge) {
		return answers[ErrTooLong]
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Cannot be taken just now, try later"}
}

// bounded is a listener with so many connections at once, each of which ends some
// time. Where all places are taken the one that has been silent for longest gives
// way, or a few that say nothing would keep everybody out.
type bounded struct {
	net.Listener
	patience time.Duration // with silence, once others wait
	free     chan struct{}
	closed   chan struct{}

	mu    sync.Mutex
	conns map[*boundedConn]struct{}
}

// Accept waits for a connection, then for a place.
func (b *bounded) Accept() (net.Conn, error) {
	c, err := b.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for waiting := true; waiting; {
		select {
		case b.free <- struct{}{}:
			waiting = false
		default:
			select {
			case b.free <- struct{}{}:
				waiting = false
			case <-b.closed:
				c.Close()
				return nil, net.ErrClosed
			case <-time.After(b.hasten()):
			}
		}
	}
	now := time.Now()
	bc := &boundedConn{Conn: c, of: b, end: now.Add(sessionTime), heard: now, busy: 1}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conns == nil {
		b.conns = map[*boundedConn]struct{}{}
	}
	b.conns[bc] = struct{}{}
	return bc, nil
}

// hasten hangs up on the connection that has been silent for longest, if that is
// too long, and returns when to look again.
func (b *bounded) hasten() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	var silent *boundedConn
	for c := range b.conns {
		if c.busy == 0 && (silent == nil || c.heard.Before(silent.heard)) {
			silent = c
		}
	}
	if silent == nil {
		return b.patience
	}
	if left := time.Until(silent.heard.Add(b.patience)); left > 0 {
		return left
	}
	silent.busy++ // not twice
	silent.Conn.Close()
	return b.patience
}

// Close stops Accept too.
func (b *bounded) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.closed:
		return net.ErrClosed
	default:
		close(b.closed)
	}
	return b.Listener.Close()
}

// hangUp ends every connection.
func (b *bounded) hangUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		c.Conn.Close()
	}
}

type boundedConn struct {
	net.Conn
	of   *bounded
	end  time.Time
	once sync.Once

	heard time.Time // when it last said something; guarded by of.mu, as busy
	busy  int       // not 0: it is our turn, or it is hung up on
}

// Read reads what it says. Between two calls it is our turn.
func (c *boundedConn) Read(p []byte) (int, error) {
	c.turn(-1)
	n, err := c.Conn.Read(p)
	c.turn(1)
	return n, err
}

func (c *boundedConn) turn(by int) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.heard = time.Now()
	c.busy += by
}

// SetReadDeadline sets it, no later than the end.
func (c *boundedConn) SetReadDeadline(t time.Time) error { return c.Conn.SetReadDeadline(c.sooner(t)) }

// SetWriteDeadline likewise.
func (c *boundedConn) SetWriteDeadline(t time.Time) error {
	return c.Conn.SetWriteDeadline(c.sooner(t))
}

// SetDeadline likewise.
func (c *boundedConn) SetDeadline(t time.Time) error { return c.Conn.SetDeadline(c.sooner(t)) }

func (c *boundedConn) sooner(t time.Time) time.Time {
	if t.IsZero() || t.After(c.end) {
		return c.end
	}
	return t
}

// Close gives the place back.
func (c *boundedConn) Close() error {
	c.once.Do(func() {
		c.of.mu.Lock()
		delete(c.of.conns, c)
		c.of.mu.Unlock()
		<-c.of.free
	})
	return c.Conn.Close()
}
