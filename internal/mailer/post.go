package mailer

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/seal"
	"postbag/internal/view"
)

// Transport makes one attempt to hand a message over: Sender or Capture.
type Transport interface {
	Send(ctx context.Context, m campaign.Mail) campaign.Outcome
}

// Campaigns finds the campaign that a message belongs to.
type Campaigns interface {
	Campaign(slug string) (*campaign.Campaign, error)
}

// Post turns a job of the outbox into a message and hands it to a Transport.
// The sealed record is opened here, for as long as that takes.
type Post struct {
	Transport Transport
	Keys      *seal.Keys
	Words     *view.Renderer
	Campaigns Campaigns
	BaseURL   func() string        // of the site, without a slash at the end
	Returns   *campaign.ReturnPath // gives each message its envelope address; nil: none
}

// Send implements outbox.Sender. A message that cannot be composed is tried
// again: the fault is the server's (another secret, a campaign that is gone),
// and the letter is not lost by it.
func (p *Post) Send(ctx context.Context, j campaign.Job) campaign.Outcome {
	m, err := p.compose(j)
	if err != nil {
		return campaign.Outcome{Verdict: campaign.VerdictRetry, Answer: cleanAnswer("compose: " + err.Error())}
	}
	o := p.Transport.Send(ctx, m)
	// A server may quote anything that the message says. The whole answer is as
	// private as the letter and goes when it goes; the log gets the codes.
	if o.Code > 0 {
		o.Sealed = p.Keys.Seal([]byte(o.Answer), j.TokenHash)
		o.Answer = summary(o)
	}
	return o
}

// summary is what of an answer can name nobody: its codes.
func summary(o campaign.Outcome) string {
	if o.Enhanced != "" {
		return fmt.Sprintf("%d %s", o.Code, o.Enhanced)
	}
	return strconv.Itoa(o.Code)
}

func (p *Post) compose(j campaign.Job) (campaign.Mail, error) {
	person, err := campaign.OpenPerson(p.Keys, j.Sealed, j.TokenHash)
	if err != nil {
		return campaign.Mail{}, err
	}
	m := campaign.Mail{Kind: j.Kind, MessageID: j.MessageID, Date: j.QueuedAt, Envelope: p.Returns.For(j.ID)}
	if p.Returns != nil {
		m.Token = p.Returns.Token(j.ID)
	}
	if j.Kind == campaign.MailLetter {
		m.FromName = person.Name
		m.To = campaign.Address{Name: j.To.Name, Email: j.To.Email}
		m.ReplyTo = campaign.Address{Name: person.Name, Email: person.Email}
		m.Subject, m.Text = person.Subject, person.Letter
		return m, nil
	}
	c, err := p.Campaigns.Campaign(j.Campaign)
	if err != nil {
		return campaign.Mail{}, err
	}
	title := c.Text(j.Lang).Title
	m.FromName, m.To = title, campaign.Address{Email: person.Email}
	if m.Original, err = campaign.OpenOriginal(p.Keys, j.Original, j.TokenHash); err != nil {
		return campaign.Mail{}, err
	}
	note, err := campaign.OpenNote(p.Keys, j.Note, j.TokenHash)
	if err != nil {
		return campaign.Mail{}, err
	}
	// Only the campaign's words and the link: whoever typed this address may be
	// anyone, and their words are not to reach its owner by our hand.
	m.Subject, m.Text, err = p.Words.Mail(j.Lang, string(j.Kind), view.MailData{
		Campaign:     title,
		MP:           j.To.Name,
		Constituency: j.Constituency,
		Link:         p.BaseURL() + view.At(j.Lang, "/l/"+person.Token),
		Days:         daysUntil(j.ExpiresAt, j.QueuedAt),
		Reference:    campaign.ShowReference(j.Reference),
		Note:         note,
	})
	if err != nil {
		return campaign.Mail{}, fmt.Errorf("compose %s: %w", j.Kind, err)
	}
	m.Text = strings.TrimRight(m.Text, "\n")
	return m, nil
}

// daysUntil returns the whole days from one time to another, at least one.
func daysUntil(t, from time.Time) int {
	return max(1, int(t.Sub(from).Round(24*time.Hour)/(24*time.Hour)))
}
