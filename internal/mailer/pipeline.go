package mailer

import (
	"bytes"
	"errors"
	"net/textproto"
	"strings"
	"sync/atomic"
	"time"
)

// A server that offers PIPELINING and answers the first command alone gets one after
// the other for a while: or no message would ever go.
const (
	brokenAfter = 2 // messages in a row
	brokenFor   = time.Hour
)

// pipes knows whether the server keeps what it offers. The zero value trusts it.
type pipes struct {
	broken atomic.Int32 // messages in a row that were not answered to the end
	shut   atomic.Int64 // no pipelining until then, in Unix seconds
}

// open reports whether a new connection may use it.
func (p *pipes) open() bool { return time.Now().Unix() >= p.shut.Load() }

// note notes how far a message came on a connection that uses it.
func (p *pipes) note(at stage, err error) {
	answered := err == nil || codeOf(err) != 0 || at > stageData
	switch {
	case answered && p.broken.Load() != 0:
		p.broken.Store(0)
	case !answered && at >= stageRcpt && p.broken.Add(1) >= brokenAfter:
		p.broken.Store(0)
		p.shut.Store(time.Now().Add(brokenFor).Unix())
	}
}

// opening are the commands that come before a message.
type opening struct {
	at   stage
	line string
	want int // the code that lets it go on, or how it begins
}

// open says who a message is from and to and that it comes (MAIL, RCPT, DATA). It
// returns the first stage that failed and why.
//
// A server that offers PIPELINING (RFC 2920) gets all three in one packet, and
// answers each: two waits less for a message. What it says to the first that it
// refuses is what counts; the answers to the others are read to stay in step. One
// that wants the message all the same, though there is nobody to deliver it to,
// would take an empty one for an answer (RFC 2920, 3.1): it gets none, for an empty
// message is one too, and the connection is closed.
func (c *conn) open(m message) (stage, error) {
	from := "MAIL FROM:<" + m.from + ">"
	if c.eightBit {
		from += " BODY=8BITMIME"
	}
	steps := [...]opening{
		{stageMail, from, 250},
		{stageRcpt, "RCPT TO:<" + m.to + ">", 25},
		{stageData, "DATA", 354},
	}
	if c.piped {
		if err := c.say(steps[0].line, steps[1].line, steps[2].line); err != nil {
			return stageMail, err
		}
	}
	for i, s := range steps {
		if !c.piped {
			if err := c.say(s.line); err != nil {
				return s.at, err
			}
		} else if err := c.client.UpdateDeadline(c.timeouts.Command); err != nil {
			return s.at, err
		}
		_, _, err := c.client.Text.ReadResponse(s.want)
		if err == nil {
			continue
		}
		if c.piped && !spent(err) {
			c.skip(steps[i+1:])
		}
		return s.at, err
	}
	return stageContent, nil
}

// say writes command lines in one packet.
func (c *conn) say(lines ...string) error {
	if err := c.client.UpdateDeadline(c.timeouts.Command); err != nil {
		return err
	}
	w := c.client.Text.W
	for _, line := range lines {
		if strings.ContainsAny(line, "\r\n") {
			return errors.New("an address with a line break in it")
		}
		if _, err := w.WriteString(line + "\r\n"); err != nil {
			return err
		}
	}
	return w.Flush()
}

// skip reads the answers to commands that came after one that was refused.
func (c *conn) skip(rest []opening) {
	for _, s := range rest {
		_, _, err := c.client.Text.ReadResponse(s.want)
		if s.at == stageData && err == nil || err != nil && spent(err) {
			c.astray = true
			return
		}
	}
}

// dotted returns a message as it goes over the wire, with the final dot; false: it
// has lines that the dot or a missing \r would change, so that it takes more.
func dotted(raw []byte) ([]byte, bool) {
	lines := bytes.Count(raw, []byte("\r\n"))
	plain := bytes.Count(raw, []byte("\n")) == lines && bytes.Count(raw, []byte("\r")) == lines &&
		bytes.HasSuffix(raw, []byte("\r\n")) && !bytes.HasPrefix(raw, []byte(".")) && !bytes.Contains(raw, []byte("\r\n."))
	if !plain {
		return nil, false
	}
	return append(raw, ".\r\n"...), true
}

// transfer writes a message and the final dot. The dot is the last of what is
// written, and of a write that fails nothing or a part has gone out, never all.
func transfer(text *textproto.Conn, raw []byte, before func() error) error {
	if all, ok := dotted(raw); ok {
		if err := before(); err != nil {
			return err
		}
		if _, err := text.W.Write(all); err != nil {
			return err
		}
		return text.W.Flush()
	}
	w := text.DotWriter()
	err := before()
	if err == nil {
		_, err = w.Write(raw)
	}
	if err == nil {
		err = before() // for the dot
	}
	if err == nil {
		err = w.Close()
	}
	return err
}
