package account

import (
	"encoding/json"
	"fmt"
	"strings"

	"postbag/internal/seal"
)

// MailKind says what a mail to somebody who runs campaigns is about. Each kind
// has a template, templates/mail/organise/KIND.txt, and a line in
// view.accountMails, which says what the template is filled from.
type MailKind string

// The kinds of mail about accounts.
const (
	MailSetUp MailKind = "setup" // an invitation, with the link to choose a password
	MailReset MailKind = "reset" // the link to choose another

	MailDigest MailKind = "digest" // the week in figures

	MailFailing MailKind = "failing" // letters come back from an MP's address
)

// Mail is one mail to the owner of an account, about to be queued. Whom it goes
// to is looked up when it is sent.
type Mail struct {
	Kind      MailKind
	MessageID string
	Sealed    []byte // what it says, as JSON, for its Message-ID alone
}

// LinkMail is what the mails with a link say.
type LinkMail struct {
	Token string // of the link
	By    string // the name of who invites; empty in a mail that was asked for
	Hours int    // how long the link is good
}

// NewMail returns a mail that says something: a value that becomes JSON, which
// the kind's template is filled from. Domain is that of the address that mail
// comes from.
func NewMail(keys *seal.Keys, domain string, kind MailKind, says any) (Mail, error) {
	plain, err := json.Marshal(says)
	if err != nil {
		return Mail{}, fmt.Errorf("write a mail of kind %s: %w", kind, err)
	}
	id := strings.ToLower(string(kind)) + "." + seal.NewToken() + "@" + domain
	return Mail{Kind: kind, MessageID: id, Sealed: keys.Seal(plain, []byte(id))}, nil
}
