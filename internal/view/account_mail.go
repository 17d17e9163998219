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

// accountButton is the message on the button of such a mail.
const accountButton = "desk.mail.button"

// AccountMail renders a mail to somebody who runs campaigns. Says is the JSON of
// what it says.
func (r *Renderer) AccountMail(kind account.MailKind, to, base string, says []byte) (Mailing, error) {
	e, err := r.fresh()
	if err != nil {
		return Mailing{}, err
	}
	specimen := accountMails[kind]
	if specimen == nil {
		return Mailing{}, fmt.Errorf("there is no mail %q", kind)
	}
	value := reflect.New(reflect.TypeOf(specimen))
	if err := json.Unmarshal(says, value.Interface()); err != nil {
		return Mailing{}, fmt.Errorf("read what the mail %q says: %w", kind, err)
	}
	m, err := e.desk.mail(string(kind), accountMail{To: to, Base: base, Says: value.Elem().Interface()})
	if err != nil {
		return Mailing{}, err
	}
	return e.dress(e.desk, m, accountButton, "")
}

// parseAccountMails reads the templates of accountMails and tries each out.
func (b *book) parseAccountMails(fsys fs.FS, w *words, s site) (problems []error) {
	b.mails = map[string]*texttemplate.Template{}
	for kind, specimen := range accountMails {
		problems = append(problems, b.parseMail(fsys, w, s, "organise/", string(kind), accountMail{Says: specimen})...)
	}
	problems = append(problems, b.parseSheet(fsys, accountButton)...)
	files, _ := fs.Glob(fsys, "mail/organise/*")
	for _, file := range files {
		if b.mails[strings.TrimSuffix(path.Base(file), ".txt")] == nil {
			problems = append(problems, fmt.Errorf("no mail uses the template %s", file))
		}
	}
	return problems
}
