package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"time"

	"postbag/internal/campaign"
)

// lastWord is how long to listen for the reason when a server stops taking a
// message half way.
const lastWord = time.Second

// attempt hands a message over on a connection and then keeps or closes the
// connection. Stale means that a kept connection turned out to be of no use
// before the message had begun, so that a new one may be tried.
func (s *Sender) attempt(ctx context.Context, c *conn, m message, kept bool, hide hidden) (outcome campaign.Outcome, stale bool) {
	c.bind(ctx)
	accepted, at, err := c.deliver(m, kept)
	if c.piped && ctx.Err() == nil {
		s.pipes.note(at, err)
	}
	// The verdict is settled; all that follows is about the connection.
	if alive := c.release(); alive && !c.astray && reusable(at, err) {
		s.keep(c)
	} else {
		c.close()
	}
	if err == nil {
		return campaign.Outcome{
			Verdict: campaign.VerdictSent, Code: accepted.Code, Enhanced: enhancedOf(accepted), Answer: hide.clean(line(accepted)),
		}, false
	}
	stale = kept && ctx.Err() == nil && outlived(at, err)
	return outcomeOf(ctx, at, err, hide), stale
}

// outlived reports that a kept connection had come to its end before the message
// was asked for: lost while it was idle, or ended by the server, were it only when it
// heard who the message is to. On another it has not come any way yet.
func outlived(at stage, err error) bool {
	return at == stageReuse || at == stageMail && spent(err) || at < stageContent && codeOf(err) != 0 && spent(err)
}

// outcomeOf describes an error.
func outcomeOf(ctx context.Context, at stage, err error, hide hidden) campaign.Outcome {
	o := campaign.Outcome{Verdict: verdictOf(at, err), Code: codeOf(err), Relay: ofRelay(at, err), Suspect: suspect(at, err)}
	answer := at.String() + ": " + plain(ctx, err)
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		answer, o.Enhanced = line(reply), enhancedOf(reply)
	}
	o.Answer = hide.clean(answer)
	return o
}

// deliver runs one SMTP transaction (RFC 5321, section 3.3). It returns the
// answer that accepted the message, or the stage that failed and why; the
// reason is a *textproto.Error when the server gave one.
//
// A kept connection is reset first when a refused message may be left on it,
// and when it has been idle for so long that it may be dead: a NOOP would cost
// the same and clear nothing. After a message that was accepted there is
// nothing to clear (RFC 5321, section 4.1.1.4), so a busy connection is spared
// one of five exchanges.
func (c *conn) deliver(m message, kept bool) (*textproto.Error, stage, error) {
	if kept && c.ahead() {
		return nil, stageReuse, errOutOfStep
	}
	if kept && (!c.clean || time.Since(c.used) > c.timeouts.Fresh) {
		if err := c.command(c.client.Reset); err != nil {
			return nil, stageReuse, err
		}
	}
	c.clean = false
	if at, err := c.open(m); err != nil {
		return nil, at, err
	}
	if c.ahead() {
		return nil, stageData, errOutOfStep
	}
	if err := c.content(m.raw); err != nil {
		return nil, stageContent, err
	}
	answer, err := c.answer()
	c.clean, c.used = err == nil, time.Now()
	return answer, stageAnswer, err
}

// errOutOfStep is of a server that said more than it was asked: what it says next
// would be taken for the answer to something else.
var errOutOfStep = errors.New("the server answered what it was not asked")

// ahead reports whether answers have come that nobody waits for.
func (c *conn) ahead() bool { return c.client.Text.R.Buffered() > 0 }

// content writes the message and the final dot. An error means that the dot
// did not go out, so that the server has to throw away what it has.
//
// go-mail's DataCloser is not used, because its Close ignores whether the dot could
// be written and only reports that no answer came.
func (c *conn) content(raw []byte) error {
	err := transfer(c.client.Text, raw, func() error { return c.client.UpdateDeadline(c.timeouts.Data) })
	if err == nil {
		return nil
	}
	// A server that has had enough says why before it hangs up.
	if !errors.Is(err, os.ErrDeadlineExceeded) && c.client.UpdateDeadline(lastWord) == nil {
		if code, text, readErr := c.client.Text.ReadResponse(0); readErr == nil && code >= 400 {
			return &textproto.Error{Code: code, Msg: text}
		}
	}
	return err
}

// answer reads what the server says to the whole message. Every 2xx accepts
// it; an answer that makes no sense here is an error without meaning.
func (c *conn) answer() (*textproto.Error, error) {
	if err := c.client.UpdateDeadline(c.timeouts.Data); err != nil {
		return nil, err
	}
	code, text, err := c.client.Text.ReadResponse(0)
	if err != nil {
		return nil, err
	}
	reply := &textproto.Error{Code: code, Msg: text}
	if code < 200 || code > 299 {
		return nil, reply
	}
	return reply, nil
}

// command runs one command under its time limit.
func (c *conn) command(run func() error) error {
	if err := c.client.UpdateDeadline(c.timeouts.Command); err != nil {
		return err
	}
	return run()
}

// reusable reports whether the next message may go over the connection: the
// server answered every command, and is not about to close.
func reusable(at stage, err error) bool {
	if err == nil {
		return true
	}
	code := codeOf(err)
	return at >= stageMail && at != stageContent && code >= 400 && code <= 599 && !spent(err)
}

// spent reports errors by which a connection itself has come to its end: lost,
// closed by the server (421), or no longer authenticated.
func spent(err error) bool {
	code := codeOf(err)
	return code == 0 || code == 421 || refusesUs(code)
}

// line writes an answer as it came, which textproto.Error's own text does not:
// it quotes the message.
func line(reply *textproto.Error) string { return fmt.Sprintf("%03d %s", reply.Code, reply.Msg) }

// plain says in plain words why the connection failed, without the local
// address and port that Go's own errors begin with.
func plain(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "stopped before it was finished"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Sprintf("%s: %v", op.Op, op.Err)
	}
	return err.Error()
}
