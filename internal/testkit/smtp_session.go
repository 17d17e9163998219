package testkit

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
)

// errEnd ends a session on purpose.
var errEnd = errors.New("end of the session")

// session is one connection's conversation (RFC 5321). It is strict where a
// client could be wrong: order of commands, line endings, sizes.
type session struct {
	server *SMTPServer
	number int
	conn   net.Conn
	r      *bufio.Reader

	tls     bool
	greeted bool
	user    string
	from    string
	params  string
	mailed  bool // MAIL was accepted; from may be empty (a bounce)
	to      []string
}

func newSession(s *SMTPServer, conn net.Conn, number int, tls bool) *session {
	return &session{server: s, number: number, conn: conn, r: bufio.NewReaderSize(conn, 8192), tls: tls}
}

// run converses until the client leaves, a fault drops the connection or the
// server closes.
func (c *session) run() {
	if err := c.answer(StageGreeting, nil, "220 mx.test ESMTP"); err != nil {
		return
	}
	for {
		line, err := c.line()
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		c.server.note(c.number, verb)
		if c.server.cfg.Deaf && verb == "MAIL" {
			_, _ = c.r.Discard(c.r.Buffered())
		}
		if err := c.command(verb, arg); err != nil {
			return
		}
	}
}

func (c *session) command(verb, arg string) error {
	if !c.server.cfg.Pipelining && c.r.Buffered() > 0 {
		return c.write("503 5.5.0 PIPELINING is not offered")
	}
	switch verb {
	case "EHLO", "HELO":
		return c.hello(verb)
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.auth(arg)
	case "MAIL":
		return c.mail(arg)
	case "RCPT":
		return c.rcpt(arg)
	case "DATA":
		return c.data()
	case "RSET":
		c.reset()
		return c.answer(StageRSET, nil, "250 2.0.0 Ok")
	case "NOOP":
		return c.answer(StageNOOP, nil, "250 2.0.0 Ok")
	case "QUIT":
		if err := c.answer(StageQUIT, nil, "221 2.0.0 Bye"); err != nil {
			return err
		}
		return errEnd
	}
	return c.write("500 5.5.2 Command not recognised")
}

func (c *session) hello(verb string) error {
	c.greeted = true
	c.reset()
	lines := []string{"250 mx.test"}
	if verb == "EHLO" {
		cfg := c.server.cfg
		lines = append(lines, "250 8BITMIME", "250 ENHANCEDSTATUSCODES", fmt.Sprintf("250 SIZE %d", cfg.MaxSize))
		if cfg.Pipelining {
			lines = append(lines, "250 PIPELINING")
		}
		if cfg.SMTPUTF8 {
			lines = append(lines, "250 SMTPUTF8")
		}
		if cfg.StartTLS && !c.tls {
			lines = append(lines, "250 STARTTLS")
		}
		if cfg.Users != nil {
			lines = append(lines, "250 AUTH PLAIN LOGIN")
		}
	}
	return c.answer(StageEHLO, nil, strings.Join(lines, "\n"))
}

func (c *session) startTLS() error {
	if !c.server.cfg.StartTLS || c.tls {
		return c.write("502 5.5.1 STARTTLS is not offered")
	}
	usual := "220 2.0.0 Ready to start TLS"
	replied, err := c.answered(StageSTARTTLS, nil, usual)
	if err != nil || !strings.HasPrefix(replied, "220") {
		return err
	}
	conn := tls.Server(c.conn, c.server.tlsConfig())
	if err := conn.Handshake(); err != nil {
		return err
	}
	c.conn, c.r, c.tls, c.greeted = conn, bufio.NewReaderSize(conn, 8192), true, false
	c.reset()
	return nil
}

func (c *session) mail(arg string) error {
	from, params, ok := path(arg, "FROM:")
	usual := "250 2.1.0 Ok"
	switch {
	case !c.greeted:
		usual = "503 5.5.1 Say EHLO first"
	case c.mailed:
		usual = "503 5.5.1 Nested MAIL command"
	case c.server.cfg.RequireAuth && c.user == "":
		usual = "530 5.7.0 Authentication required"
	case !ok:
		usual = "501 5.5.4 Syntax: MAIL FROM:<address>"
	}
	replied, err := c.answered(StageMAIL, nil, usual)
	if err == nil && strings.HasPrefix(replied, "2") {
		c.mailed, c.from, c.params = true, from, params
	}
	return err
}

func (c *session) rcpt(arg string) error {
	to, _, ok := path(arg, "TO:")
	usual := "250 2.1.5 Ok"
	switch {
	case !c.mailed:
		usual = "503 5.5.1 Say MAIL first"
	case !ok || to == "":
		usual = "501 5.5.4 Syntax: RCPT TO:<address>"
	}
	replied, err := c.answered(StageRCPT, []string{to}, usual)
	if err == nil && strings.HasPrefix(replied, "2") {
		c.to = append(c.to, to)
	}
	return err
}

func (c *session) reset() { c.from, c.mailed, c.to = "", false, nil }

// line reads one command line; a bare LF is accepted from a person at a
// terminal.
func (c *session) line() (string, error) {
	line, err := c.r.ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// path takes the address and the parameters out of "FROM:<a@b> PARAMETERS".
func path(arg, prefix string) (address, params string, ok bool) {
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(arg[len(prefix):]), "<")
	if !ok {
		return "", "", false
	}
	address, params, ok = strings.Cut(rest, ">")
	return address, strings.TrimSpace(params), ok
}
