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
	AnyCampaign(slug string) (*campaign.Campaign, error)
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
// again: the fault is the server's (another secret, a damaged record),
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
	title := p.title(j)
	m.FromName, m.To = title, campaign.Address{Email: person.Email}
	if m.Original, err = campaign.OpenOriginal(p.Keys, j.Original, j.TokenHash); err != nil {
		return campaign.Mail{}, err
	}
	data, err := p.says(j, title, person.Token)
	if err != nil {
		return campaign.Mail{}, err
	}
	data.Gone = person.Trimmed
	if j.TextUntil.Before(j.KeptUntil) {
		data.Text = j.TextUntil
	}
	if j.Kind.Asks() {
		m.Unsubscribe = data.Stop
	}
	words, err := p.Words.Mail(j.Lang, string(j.Kind), data)
	if err != nil {
		return campaign.Mail{}, fmt.Errorf("compose %s: %w", j.Kind, err)
	}
	m.Subject, m.Text, m.HTML = words.Subject, strings.TrimRight(words.Text, "\n"), words.HTML
	return m, nil
}

// says is what a mail to a supporter is made of. Before they have confirmed, that
// is only the campaign's words and the link: whoever typed this address may be
// anyone, and their words are not to reach its owner by our hand.
func (p *Post) says(j campaign.Job, title, token string) (view.MailData, error) {
	data := view.MailData{
		Campaign:     title,
		MP:           j.To.Name,
		Constituency: j.Constituency,
		Link:         p.BaseURL() + view.At(j.Lang, "/l/"+token),
		Days:         daysUntil(j.ExpiresAt, j.QueuedAt),
		Reference:    campaign.ShowReference(j.Reference),
	}
	if !j.Kind.Confirmed() {
		return data, nil
	}
	note, err := campaign.OpenNote(p.Keys, j.Note, j.TokenHash)
	if err != nil {
		return data, err
	}
	data.Note, data.Now, data.Sent, data.Kept = note, j.To.Name, j.SentAt, j.KeptUntil
	if j.To.Name != "" || j.Kind != campaign.MailHeld { // else the mail says that nobody sits
		data.MP = j.WrittenTo
	}
	if j.Kind.Asks() && j.Asked() {
		data.Stop = p.BaseURL() + view.At(j.Lang, "/stop/"+campaign.StopToken(p.Keys, j.Letter))
	}
	return data, nil
}

// title is what the campaign of a message is called. One that is gone, as one
// whose file cannot be read any more, leaves people to be told all the same.
func (p *Post) title(j campaign.Job) string {
	c, err := p.Campaigns.AnyCampaign(j.Campaign)
	if err != nil {
		return p.Words.Site()
	}
	return c.Text(j.Lang).Title
}

// daysUntil returns the whole days from one time to another, at least one.
func daysUntil(t, from time.Time) int {
	return max(1, int(t.Sub(from).Round(24*time.Hour)/(24*time.Hour)))
}
