package mailer

import (
	"strings"
	"testing"
	"time"

	"postbag/assets"
	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/seal"
	"postbag/internal/view"
	"postbag/templates"
)

func TestAccountPost(t *testing.T) {
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	words, err := view.New(templates.FS, assets.FS, view.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mail, err := account.NewMail(keys, "postbag.example.org", account.MailSetUp, account.LinkMail{Token: "a-token", By: "Noor", Hours: 168})
	if err != nil {
		t.Fatal(err)
	}
	transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictFailed, Code: 550, Enhanced: "5.1.1", Answer: "550 5.1.1 no a-token here"}}
	post := &AccountPost{Transport: transport, Keys: keys, Words: words, BaseURL: func() string { return "https://letters.example.org" }}
	job := campaign.Job{
		Kind: campaign.MailKind(mail.Kind), MessageID: mail.MessageID, QueuedAt: time.Unix(0, 0), Sealed: mail.Sealed,
		To: campaign.Target{Name: "Ali", Email: "ali@example.org"},
	}
	o := post.Send(t.Context(), job)
	if o.Verdict != campaign.VerdictFailed || strings.Contains(o.Answer, "a-token") || !strings.Contains(o.Answer, "5.1.1") {
		t.Errorf("the outcome is %+v", o)
	}
	got := transport.got
	if got.To != (campaign.Address{Name: "Ali", Email: "ali@example.org"}) || got.FromName != "Postbag" || got.MessageID != mail.MessageID {
		t.Errorf("the mail is %+v", got)
	}
	for _, want := range []string{"Hello Ali,", "Noor has made you an account", "\nhttps://letters.example.org/organise/password/a-token\n", "168 hours"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, got.Text)
		}
	}
	if strings.Contains(got.Subject, "Noor") || strings.Contains(string(mail.Sealed), "a-token") {
		t.Error("the subject names who invites, or the queue holds the link as it is")
	}

	job.MessageID = "another@postbag.example.org"
	if o := post.Send(t.Context(), job); o.Verdict != campaign.VerdictRetry {
		t.Errorf("a mail moved to another row is sent: %+v", o)
	}
}
