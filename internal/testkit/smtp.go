// Package testkit holds helpers for tests: a scriptable SMTP server, a clock
// and fixtures. Only tests import it.
package testkit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"
)

// SMTPConfig says what kind of server a test wants. The zero value is a plain
// server without TLS or AUTH that takes everything.
type SMTPConfig struct {
	StartTLS    bool              // offer STARTTLS, with a self-signed certificate
	ImplicitTLS bool              // speak TLS from the first byte, as on port 465
	Users       map[string]string // user to password; offers AUTH PLAIN and LOGIN
	RequireAuth bool              // refuse MAIL with 530 before AUTH
	MaxSize     int               // bytes announced with SIZE and enforced; 0 means 10 MiB
	Pipelining  bool              // announce PIPELINING
	Deaf        bool              // and throw away what came in one packet with MAIL, as broken servers do
	SMTPUTF8    bool              // announce SMTPUTF8
	Certificate *tls.Certificate  // in place of the self-signed one for the loopback names
	Forget      bool              // keep neither messages nor commands: for benchmarks, with Accepted
}

// SMTPMessage is one message that the server accepted.
type SMTPMessage struct {
	From   string
	Params string // what stood behind the address in MAIL, such as BODY=8BITMIME
	To     []string
	Data   []byte // as sent, dot-stuffing undone, lines ended by \r\n
	Conn   int    // which connection brought it, counted from 1
	TLS    bool
	User   string // who authenticated, "" for nobody
}

// SMTPCommand is one command line that the server read, without its arguments.
type SMTPCommand struct {
	Conn int
	Verb string
}

// SMTPServer is an SMTP server on a loopback port whose faults are scripted.
// It speaks over real TCP connections, one command after the other.
type SMTPServer struct {
	cfg      SMTPConfig
	addr     *net.TCPAddr
	closing  chan struct{}
	done     sync.WaitGroup
	received chan SMTPMessage
	ended    chan int

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	faults   []*SMTPFault
	conns    map[net.Conn]struct{}
	total    int
	most     int
	accepted int
	messages []SMTPMessage
	commands []SMTPCommand
	closed   bool
}

// backlog is how many messages and ended connections wait unread in their
// channels before further ones are only to be had from Messages.
const backlog = 1024

// StartSMTP starts a server on a free port of 127.0.0.1 and closes it when the
// test ends.
func StartSMTP(tb testing.TB, cfg SMTPConfig) *SMTPServer {
	tb.Helper()
	if cfg.MaxSize == 0 {
		cfg.MaxSize = 10 << 20
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("start the SMTP server: %v", err)
	}
	s := &SMTPServer{
		cfg:      cfg,
		addr:     listener.Addr().(*net.TCPAddr),
		listener: listener,
		closing:  make(chan struct{}),
		received: make(chan SMTPMessage, backlog),
		ended:    make(chan int, backlog),
		conns:    make(map[net.Conn]struct{}),
	}
	s.done.Add(1)
	go s.accept(listener)
	tb.Cleanup(s.Close)
	return s
}

// Host returns "127.0.0.1".
func (s *SMTPServer) Host() string { return s.addr.IP.String() }

// Port returns the port that the server listens on.
func (s *SMTPServer) Port() int { return s.addr.Port }

// Addr returns host:port.
func (s *SMTPServer) Addr() string { return net.JoinHostPort(s.Host(), strconv.Itoa(s.Port())) }

// RootCAs returns the pool that trusts the server's certificate.
func (s *SMTPServer) RootCAs() *x509.CertPool {
	_, pool := loopbackCert()
	return pool
}

// Received delivers each accepted message, right after it was accepted and
// before its answer is written.
func (s *SMTPServer) Received() <-chan SMTPMessage { return s.received }

// Ended delivers the number of each connection that has ended.
func (s *SMTPServer) Ended() <-chan int { return s.ended }

// Next returns the next accepted message, or fails the test after ten seconds.
func (s *SMTPServer) Next(tb testing.TB) SMTPMessage {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	select {
	case m := <-s.received:
		return m
	case <-ctx.Done():
		tb.Fatal("no message arrived in ten seconds")
		return SMTPMessage{}
	}
}

// Messages returns all messages accepted so far.
func (s *SMTPServer) Messages() []SMTPMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]SMTPMessage(nil), s.messages...)
}

// Accepted returns how many messages were accepted so far.
func (s *SMTPServer) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Commands returns all commands read so far, for tests of the conversation
// itself.
func (s *SMTPServer) Commands() []SMTPCommand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]SMTPCommand(nil), s.commands...)
}

// Connections returns how many connections were accepted so far.
func (s *SMTPServer) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// MaxConcurrent returns the largest number of connections open at one time.
func (s *SMTPServer) MaxConcurrent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// DropConnections closes every open connection, as a restart of the server
// would, and goes on accepting new ones.
func (s *SMTPServer) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// Leave ends all connections and refuses new ones, as a machine does on which no
// mail server runs.
func (s *SMTPServer) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deafen()
}

// Return listens again at the same address after Leave.
func (s *SMTPServer) Return(tb testing.TB) {
	tb.Helper()
	listener, err := net.Listen("tcp", s.Addr())
	if err != nil {
		tb.Fatalf("start the SMTP server again: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = listener
	s.done.Add(1)
	go s.accept(listener)
}

// deafen closes the listener and all connections. The lock is held.
func (s *SMTPServer) deafen() {
	if s.listener != nil {
		_ = s.listener.Close()
		s.listener = nil
	}
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// Close ends all connections, releases all that hangs and waits for the
// server's goroutines. It may be called more than once.
func (s *SMTPServer) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
		s.deafen()
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *SMTPServer) accept(listener net.Listener) {
	defer s.done.Done()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			_ = conn.Close()
			return
		}
		s.conns[conn] = struct{}{}
		s.total++
		number := s.total
		s.most = max(s.most, len(s.conns))
		s.done.Add(1)
		s.mu.Unlock()
		go s.serve(conn, number)
	}
}

func (s *SMTPServer) serve(raw net.Conn, number int) {
	defer s.done.Done()
	conn := raw
	if s.cfg.ImplicitTLS {
		conn = tls.Server(raw, s.tlsConfig())
	}
	newSession(s, conn, number, s.cfg.ImplicitTLS).run()
	_ = raw.Close()
	s.mu.Lock()
	delete(s.conns, raw)
	s.mu.Unlock()
	select {
	case s.ended <- number:
	default:
	}
}

func (s *SMTPServer) tlsConfig() *tls.Config {
	cert, _ := loopbackCert()
	if s.cfg.Certificate != nil {
		cert = *s.cfg.Certificate
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
}

func (s *SMTPServer) record(m SMTPMessage) {
	s.mu.Lock()
	s.accepted++
	if !s.cfg.Forget {
		s.messages = append(s.messages, m)
	}
	s.mu.Unlock()
	if s.cfg.Forget {
		return
	}
	select {
	case s.received <- m:
	default:
	}
}

func (s *SMTPServer) note(conn int, verb string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cfg.Forget {
		return
	}
	s.commands = append(s.commands, SMTPCommand{Conn: conn, Verb: verb})
}
