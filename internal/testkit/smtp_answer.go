package testkit

import (
	"io"
	"strings"
	"time"
)

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
	if first, next, ok := strings.Cut(reply, "\r\n"); ok { // both in one packet
		_, err := io.WriteString(c.conn, first+"\r\n"+next+"\r\n")
		return err
	}
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
