package mailer

import (
	"context"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/seal"
	"postbag/internal/view"
)

// AccountPost turns a job of the queue of account mail into a message and hands
// it to a Transport, as Post does with letters.
type AccountPost struct {
	Transport Transport
	Keys      *seal.Keys
	Words     *view.Renderer
	BaseURL   func() string // of the site, without a slash at the end
}

// Send implements outbox.Sender.
func (p *AccountPost) Send(ctx context.Context, j campaign.Job) campaign.Outcome {
	m, err := p.compose(j)
	if err != nil {
		return campaign.Outcome{Verdict: campaign.VerdictRetry, Answer: cleanAnswer("compose: " + err.Error())}
	}
	o := p.Transport.Send(ctx, m)
	if o.Code > 0 {
		o.Answer = summary(o) // a server may quote the link
	}
	return o
}

func (p *AccountPost) compose(j campaign.Job) (campaign.Mail, error) {
	says, err := p.Keys.Open(j.Sealed, []byte(j.MessageID))
	if err != nil {
		return campaign.Mail{}, err
	}
	m := campaign.Mail{
		Kind: j.Kind, MessageID: j.MessageID, Date: j.QueuedAt, FromName: p.Words.Site(),
		To: campaign.Address{Name: j.To.Name, Email: j.To.Email},
	}
	words, err := p.Words.AccountMail(account.MailKind(j.Kind), j.To.Name, p.BaseURL(), says)
	m.Subject, m.Text, m.HTML = words.Subject, strings.TrimRight(words.Text, "\n"), words.HTML
	return m, err
}
