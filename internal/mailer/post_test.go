package mailer

import (
	"context"
	"net/textproto"
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
	transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictFailed, Code: 554, Enhanced: "5.7.1", Answer: answer}}
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

func TestEnhancedOf(t *testing.T) {
	for text, want := range map[string]string{
		"2.0.0 Ok: queued as ABC":  "2.0.0",
		"Ok queued for amina":      "",
		"2.1.5 amina\n2.1.5 again": "2.1.5",
		"5.1.10":                   "5.1.10",
		"3.1.1 no such class":      "",
		"10.0.0.1 is not let in":   "",
		"":                         "",
	} {
		reply := &textproto.Error{Code: 250, Msg: text}
		if got := enhancedOf(reply); got != want {
			t.Errorf("enhanced code of %q is %q, want %q", text, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	for want, o := range map[string]campaign.Outcome{
		"250 2.0.0": {Code: 250, Enhanced: "2.0.0", Answer: "250 2.0.0 Ok for amina"},
		"250":       {Code: 250, Answer: "250 Ok for amina"},
	} {
		if got := summary(o); got != want {
			t.Errorf("the summary of %q is %q, want %q", o.Answer, got, want)
		}
	}
}
