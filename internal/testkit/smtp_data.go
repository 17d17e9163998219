package testkit

import (
	"bytes"
	"fmt"
	"strings"
)

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
	m := SMTPMessage{From: c.from, Params: c.params, To: c.to, Data: content, Conn: c.number, TLS: c.tls, User: c.user}
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
