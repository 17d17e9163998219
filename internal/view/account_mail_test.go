package view

import (
	"encoding/json"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// accountMailSamples has what each kind of mail about accounts might say.
var accountMailSamples = map[account.MailKind]any{
	account.MailSetUp: account.LinkMail{Token: "4fXq", By: "Noor Example", Hours: 168},
	account.MailReset: account.LinkMail{Token: "4fXq", Hours: 1},

	account.MailDigest: sampleDigest,

	account.MailFailing: campaign.FailingMail{Code: "E14001173", Place: "City of Durham", MP: "Mary Kelly Foy", Email: "mary@parliament.example", Letters: 3, Enhanced: "5.1.1"},
}

func TestAccountMail(t *testing.T) {
	r := newRenderer(t)
	for kind := range accountMails {
		says, err := json.Marshal(accountMailSamples[kind])
		if err != nil || accountMailSamples[kind] == nil {
			t.Fatalf("%s: no sample, %v", kind, err)
		}
		m, err := r.AccountMail(kind, "Ali", "https://letters.example", says)
		if err != nil {
			t.Fatal(err)
		}
		subject, text := m.Subject, m.Text
		if subject == "" || strings.ContainsAny(subject, "\r\n{") {
			t.Errorf("%s: subject %q", kind, subject)
		}
		if !strings.Contains(text, "Ali") || !strings.Contains(text, "https://letters.example/organise") {
			t.Errorf("%s: the text lacks the name or a link:\n%s", kind, text)
		}
		if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\n\n\n") || strings.Contains(text, "{") || strings.Contains(text, "&#") {
			t.Errorf("%s: the text is untidy:\n%s", kind, text)
		}
	}
	if _, err := r.AccountMail("letter", "Ali", "", []byte("{}")); err == nil {
		t.Error("a mail that does not exist was rendered")
	}
	if _, err := r.AccountMail(account.MailReset, "Ali", "", []byte("nonsense")); err == nil {
		t.Error("a mail that says nothing was rendered")
	}
}
