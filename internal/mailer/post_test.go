package mailer

import (
	"context"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/seal"
)

// answers is a Transport that answers with one outcome and keeps the message.
type answers struct {
	outcome campaign.Outcome
	got     campaign.Mail
}

func (a *answers) Send(_ context.Context, m campaign.Mail) campaign.Outcome {
	a.got = m
	return a.outcome
}

func TestPost_aServersWordsAreSealed(t *testing.T) {
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	hash := []byte("token hash")
	person := &campaign.Person{
		Name: "Amina O'Connor", Email: "amina@example.org", Subject: "My claim", Letter: "Dear MP,\n\nHelp.", Token: "token",
	}
	sealed, err := campaign.SealPerson(keys, person, hash)
	if err != nil {
		t.Fatal(err)
	}
	const answer = "554 5.7.1 Subject: My claim; 17 Brudenell Road, O'CONNOR, see /l/token"
	transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictFailed, Code: 554, Answer: answer}}
	post := &Post{Transport: transport, Keys: keys}
	o := post.Send(t.Context(), campaign.Job{
		Kind: campaign.MailLetter, Sealed: sealed, TokenHash: hash, MessageID: "id@example.org", QueuedAt: time.Unix(0, 0),
		To: campaign.Target{MemberID: 1, Name: "Alex Rivers", Email: "alex@example.org"},
	})
	if o.Answer != "554 5.7.1" || o.Verdict != campaign.VerdictFailed {
		t.Errorf("the summary is %q, the verdict %s", o.Answer, o.Verdict)
	}
	if whole, err := keys.Open(o.Sealed, hash); err != nil || string(whole) != answer {
		t.Errorf("the sealed answer is %q, %v", whole, err)
	}
	if want := (campaign.Address{Name: "Amina O'Connor", Email: "amina@example.org"}); transport.got.ReplyTo != want {
		t.Errorf("the MP would answer to %v", transport.got.ReplyTo)
	}
	if transport.got.To.Email != "alex@example.org" || transport.got.Text != person.Letter || transport.got.FromName != person.Name {
		t.Errorf("the letter is %+v", transport.got)
	}
}

func TestSummary(t *testing.T) {
	for answer, want := range map[string]string{
		"250 2.0.0 Ok: queued as ABC": "250 2.0.0",
		"250 Ok queued for amina":     "250",
		"250-2.1.5 amina":             "250 2.1.5",
		"no code at all":              "250",
	} {
		if got := summary(campaign.Outcome{Code: 250, Answer: answer}); got != want {
			t.Errorf("summary of %q is %q, want %q", answer, got, want)
		}
	}
}
