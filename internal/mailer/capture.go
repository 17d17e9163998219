package mailer

import (
	"context"
	"time"

	"postbag/internal/campaign"
)

// Archive stores captured mail. An error means that it is not stored.
type Archive interface {
	SaveMail(ctx context.Context, m campaign.CapturedMail) error
}

// Capture stands in for a Sender where there is no mail server: it stores each
// message as it would have been sent, and sends nothing.
type Capture struct {
	builder builder
	archive Archive
	now     func() time.Time
}

// NewCapture returns a Capture. From and testRecipient are those of Options;
// now says when a message was captured.
func NewCapture(from, testRecipient string, archive Archive, now func() time.Time) (*Capture, error) {
	b, err := newBuilder(from, testRecipient)
	if err != nil {
		return nil, err
	}
	return &Capture{builder: b, archive: archive, now: now}, nil
}

// Send stores the message. Its verdicts are those of Sender.Send: what could
// not be built failed, what could not be stored is worth another try.
func (c *Capture) Send(ctx context.Context, m campaign.Mail) campaign.Outcome {
	msg, err := c.builder.build(m)
	if err != nil {
		return campaign.Outcome{Verdict: campaign.VerdictFailed, Answer: cleanAnswer(err.Error())}
	}
	err = c.archive.SaveMail(ctx, campaign.CapturedMail{
		At:        c.now(),
		Kind:      m.Kind,
		MessageID: m.MessageID,
		To:        msg.header,
		Subject:   msg.subject,
		Raw:       msg.raw,
	})
	if err != nil {
		return campaign.Outcome{Verdict: campaign.VerdictRetry, Answer: cleanAnswer("store the captured message: "+err.Error(), namesIn(m, msg)...)}
	}
	return campaign.Outcome{Verdict: campaign.VerdictSent, Answer: "captured, not delivered"}
}
