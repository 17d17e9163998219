package view

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"
	texttemplate "text/template"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// accountMails lists the mails to those who run campaigns, which are in the
// words of the workspace: templates/mail/organise/KIND.txt, each with an empty
// value of what it says. A new kind is a line here and a template.
var accountMails = map[account.MailKind]any{
	account.MailSetUp: account.LinkMail{},
	account.MailReset: account.LinkMail{},

	account.MailDigest: campaign.Digest{},

	account.MailFailing: campaign.FailingMail{},
}

// accountMail is what the template of such a mail is filled from.
type accountMail struct {
	To   string // the name of who gets it
	Base string // the site's address, without a slash at the end
	Says any    // of the type in accountMails
}

// AccountMail renders a mail to somebody who runs campaigns: its subject on one
// line and its text, paragraphs unbroken. Says is the JSON of what it says.
func (r *Renderer) AccountMail(kind account.MailKind, to, base string, says []byte) (subject, text string, err error) {
	e, err := r.fresh()
	if err != nil {
		return "", "", err
	}
	t, specimen := e.desk.mails[string(kind)], accountMails[kind]
	if t == nil || specimen == nil {
		return "", "", fmt.Errorf("there is no mail %q", kind)
	}
	value := reflect.New(reflect.TypeOf(specimen))
	if err := json.Unmarshal(says, value.Interface()); err != nil {
		return "", "", fmt.Errorf("read what the mail %q says: %w", kind, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, accountMail{To: to, Base: base, Says: value.Elem().Interface()}); err != nil {
		return "", "", fmt.Errorf("render the mail %q: %w", kind, err)
	}
	return splitMail(b.String())
}

// parseAccountMails reads the templates of accountMails and tries each out.
func (b *book) parseAccountMails(fsys fs.FS, w *words, s site) (problems []error) {
	b.mails = map[string]*texttemplate.Template{}
	for kind, specimen := range accountMails {
		problems = append(problems, b.parseMail(fsys, w, s, "organise/", string(kind), accountMail{Says: specimen})...)
	}
	files, _ := fs.Glob(fsys, "mail/organise/*")
	for _, file := range files {
		if b.mails[strings.TrimSuffix(path.Base(file), ".txt")] == nil {
			problems = append(problems, fmt.Errorf("no mail uses the template %s", file))
		}
	}
	return problems
}
