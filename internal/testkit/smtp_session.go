package testkit

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
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
		if err := c.command(verb, arg); err != nil {
			return
		}
	}
}

func (c *session) command(verb, arg string) error {
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

func (c *session) auth(arg string) error {
	if c.server.cfg.Users == nil {
		return c.write("502 5.5.1 AUTH is not offered")
	}
	user, password, err := c.credentials(arg)
	if err != nil {
		return err
	}
	want, known := c.server.cfg.Users[user]
	usual := "235 2.7.0 Authentication successful"
	if !known || want != password {
		usual = "535 5.7.8 Authentication failed"
	}
	replied, err := c.answered(StageAUTH, nil, usual)
	if err == nil && strings.HasPrefix(replied, "235") {
		c.user = user
	}
	return err
}

// credentials runs the dialogue of AUTH PLAIN (RFC 4616) or LOGIN. What cannot
// be understood comes back as nobody, who is then refused.
func (c *session) credentials(arg string) (user, password string, err error) {
	mechanism, initial, _ := strings.Cut(arg, " ")
	ask := func(prompt string) (string, error) {
		if err := c.write("334 " + base64.StdEncoding.EncodeToString([]byte(prompt))); err != nil {
			return "", err
		}
		return c.line()
	}
	decode := func(s string) string {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return ""
		}
		return string(b)
	}
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		if initial == "" {
			if initial, err = ask(""); err != nil {
				return "", "", err
			}
		}
		parts := strings.Split(decode(initial), "\x00")
		if len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		if initial == "" {
			if initial, err = ask("Username:"); err != nil {
				return "", "", err
			}
		}
		if password, err = ask("Password:"); err != nil {
			return "", "", err
		}
		user, password = decode(initial), decode(password)
	}
	return user, password, nil
}

func (c *session) mail(arg string) error {
	from, ok := path(arg, "FROM:")
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
		c.mailed, c.from = true, from
	}
	return err
}

func (c *session) rcpt(arg string) error {
	to, ok := path(arg, "TO:")
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

func (c *session) data() error {
	usual := "354 End data with <CR><LF>.<CR><LF>"
	if len(c.to) == 0 {
		usual = "503 5.5.1 Say RCPT first"
	}
	replied, err := c.answered(StageDATA, c.to, usual)
	if err != nil || !strings.HasPrefix(replied, "354") {
		return err
	}
	content, usual, err := c.content()
	if err != nil {
		return err
	}
	m := SMTPMessage{From: c.from, To: c.to, Data: content, Conn: c.number, TLS: c.tls, User: c.user}
	to := c.to
	c.reset()

	f, faulty := c.server.fault(StageDot, to)
	reply := usual
	if faulty && f.Reply != "" {
		reply = f.Reply
	}
	// Recorded before the answer is written: a client that has the answer
	// finds the message in Messages.
	if dropped := faulty && f.Drop == DropBefore; strings.HasPrefix(reply, "2") && (!dropped || f.Keep) {
		c.server.record(m)
	}
	if !faulty {
		return c.write(reply)
	}
	return c.act(f, reply)
}

// content reads up to the final dot and undoes dot-stuffing. The answer that
// it proposes is a refusal when the message breaks a rule.
func (c *session) content() (content []byte, answer string, err error) {
	var b bytes.Buffer
	answer = fmt.Sprintf("250 2.0.0 Ok: queued as %04X", c.number)
	for first := true; ; first = false {
		line, err := c.r.ReadBytes('\n')
		if err != nil {
			return nil, "", err
		}
		if first {
			if f, ok := c.server.fault(StageContent, c.to); ok {
				if err := c.act(f, f.Reply); err != nil {
					return nil, "", err
				}
			}
		}
		if string(line) == ".\r\n" {
			return b.Bytes(), answer, nil
		}
		switch {
		case !bytes.HasSuffix(line, []byte("\r\n")):
			answer = "554 5.6.0 A line was ended by a bare LF"
		case len(line) > 1000:
			answer = "554 5.6.0 A line was longer than 998 characters"
		case b.Len() > c.server.cfg.MaxSize:
			answer = "552 5.3.4 The message is too big"
		}
		b.Write(bytes.TrimPrefix(line, []byte(".")))
	}
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

// answer writes the usual answer of a stage, or what a fault makes of it.
func (c *session) answer(stage SMTPStage, to []string, usual string) error {
	_, err := c.answered(stage, to, usual)
	return err
}

// answered is answer for those who must know what was answered.
func (c *session) answered(stage SMTPStage, to []string, usual string) (string, error) {
	f, ok := c.server.fault(stage, to)
	if !ok {
		return usual, c.write(usual)
	}
	reply := usual
	if f.Reply != "" {
		reply = f.Reply
	}
	return reply, c.act(f, reply)
}

// act does what a fault says. It returns errEnd when the connection is to be
// dropped.
func (c *session) act(f SMTPFault, reply string) error {
	if f.Reached != nil {
		select {
		case f.Reached <- struct{}{}:
		default:
		}
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-c.server.closing:
			return errEnd
		}
	}
	if f.Hang != nil {
		select {
		case <-f.Hang:
		case <-c.server.closing:
			return errEnd
		}
	}
	if f.Drop == DropBefore {
		return errEnd
	}
	if reply != "" {
		if err := c.write(reply); err != nil {
			return err
		}
	}
	if f.Drop == DropAfter {
		return errEnd
	}
	return nil
}

// write sends a reply of one or more lines, each "code text"; all but the last
// get the hyphen of RFC 5321, section 4.2.1.
func (c *session) write(reply string) error {
	var b strings.Builder
	lines := strings.Split(reply, "\n")
	for i, line := range lines {
		if i < len(lines)-1 && len(line) > 3 {
			line = line[:3] + "-" + line[4:]
		}
		b.WriteString(line + "\r\n")
	}
	_, err := io.WriteString(c.conn, b.String())
	return err
}

// path takes the address out of "FROM:<a@b> PARAMETERS".
func path(arg, prefix string) (string, bool) {
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		return "", false
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(arg[len(prefix):]), "<")
	if !ok {
		return "", false
	}
	address, _, ok := strings.Cut(rest, ">")
	return address, ok
}
