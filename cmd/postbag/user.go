package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/fault"
	"postbag/internal/store"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Make an account and print the link by which its owner chooses a password."`
	List    userListCmd    `cmd:"" help:"List the accounts."`
	Link    userLinkCmd    `cmd:"" help:"Print a new link to choose a password, for somebody who cannot get in."`
	Role    userRoleCmd    `cmd:"" help:"Give an account another role."`
	Disable userDisableCmd `cmd:"" help:"Close an account."`
	Enable  userEnableCmd  `cmd:"" help:"Open a closed account again."`
}

// emailArg names the account that a command is about.
type emailArg struct {
	Email string `arg:"" help:"The email address of the account."`
}

// siteFlag is where links lead.
type siteFlag struct {
	BaseURL string `name:"base-url" required:"" placeholder:"URL" env:"POSTBAG_BASE_URL" help:"The site's address, such as https://letters.example.org: the link leads there."`
}

func (s siteFlag) link(token string) string {
	return strings.TrimSuffix(s.BaseURL, "/") + "/organise/password/" + token
}

// hand is who does it, as the audit log names a command.
func hand(command string) account.Actor { return account.Actor{Name: "postbag user " + command} }

// people opens the accounts and does something with them, while the server runs
// or not. It needs the server's secret.
func (d dataFlag) people(w *world, create bool, do func(*app.People) error) (err error) {
	secret, err := config.LoadSecret(w.env)
	if err != nil {
		return usageError{err}
	}
	if _, err := os.Stat(filepath.Join(d.DataDir, store.FileName)); err != nil && !create {
		return d.noDatabase()
	}
	people, err := app.OpenPeople(w.ctx, config.Config{DataDir: d.DataDir, Secret: secret}, slog.New(slog.NewTextHandler(w.err, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, people.Close()) }()
	return w.answer(people, do(people))
}

// sayer knows what an error says to a person.
type sayer interface{ Say(error) []app.Said }

// flagOf is the flag that gives a field, where it is one: sentences are written
// to stand beside the field of a form.
var flagOf = map[string]string{
	campaign.FieldName: "--name", campaign.FieldWebsite: "--website", campaign.FieldOrigins: "--origin",
	campaign.FieldContact: "--contact", campaign.FieldLogo: "--logo", campaign.FieldOptIn: "--opt-in",
	account.FieldPartner: "--partner",
	"accent":             "--accent", "radius": "--radius", "source": "--source",
}

// answer turns what the rules say into the program's answer: what was typed is
// mended by calling the command differently, the rest is a no.
func (w *world) answer(s sayer, err error) error {
	said := s.Say(err)
	if len(said) == 0 {
		return err
	}
	sentences := make([]string, len(said))
	for i, s := range said {
		if sentences[i] = s.Sentence; flagOf[s.Field] != "" {
			sentences[i] = flagOf[s.Field] + ": " + s.Sentence
		}
	}
	if fault.CodeOf(err) == fault.Invalid {
		return usageError{errors.New(strings.Join(sentences, "\n"))}
	}
	fmt.Fprintln(w.err, "Nothing was changed:", strings.Join(sentences, " "))
	return errNo
}

type userAddCmd struct {
	emailArg
	Name    string `required:"" help:"What colleagues call them."`
	Role    string `required:"" enum:"owner,organiser,viewer,partner" help:"owner (everything), organiser (campaigns, letters, pledges), viewer (counts only) or partner (what its own site brought)."`
	Partner string `help:"The partner organisation, for the role partner."`
	siteFlag
	dataFlag
}

// Run adds the account.
func (c *userAddCmd) Run(w *world) error {
	return c.people(w, true, func(people *app.People) error {
		a := account.Account{Email: c.Email, Name: c.Name, Role: account.Role(c.Role), Partner: c.Partner}
		_, token, err := people.Add(w.ctx, hand("add"), a)
		if err != nil {
			return err
		}
		return w.printLink(c.link(token), account.SetUpWithin)
	})
}

// printLink prints a link, and beside the result what it is good for.
func (w *world) printLink(link string, within time.Duration) error {
	if _, err := fmt.Fprintln(w.out, link); err != nil {
		return err
	}
	fmt.Fprintf(w.err, "Whoever opens this link chooses the password, once and within %s. Give it to nobody else.\n", lasting(within))
	return nil
}

// lasting says a time in hours, or in days where there are several.
func lasting(d time.Duration) string {
	if days := int(d.Hours() / 24); days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}

// userRow is one account in the JSON list.
type userRow struct {
	Email        string       `json:"email"`
	Name         string       `json:"name"`
	Role         account.Role `json:"role"`
	Partner      string       `json:"partner,omitempty"`
	State        string       `json:"state"` // active, invited or disabled
	SecondFactor bool         `json:"second_factor"`
	CreatedAt    time.Time    `json:"created_at"`
	SignedInAt   *time.Time   `json:"signed_in_at"` // null: never
}

func userRowOf(a account.Account) userRow {
	row := userRow{Email: a.Email, Name: a.Name, Role: a.Role, Partner: a.Partner, State: "active", SecondFactor: a.SecondFactor, CreatedAt: a.CreatedAt}
	switch {
	case a.Disabled():
		row.State = "disabled"
	case !a.Ready:
		row.State = "invited"
	}
	if !a.SignedInAt.IsZero() {
		row.SignedInAt = &a.SignedInAt
	}
	return row
}

type userListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
	dataFlag
}

// Run lists the accounts.
func (c *userListCmd) Run(w *world) (err error) {
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	all, err := s.Accounts(w.ctx)
	if err != nil {
		return err
	}
	rows := []userRow{}
	for _, a := range all {
		rows = append(rows, userRowOf(a))
	}
	if c.JSON {
		return w.json(rows)
	}
	t := w.newTable()
	t.row("EMAIL", "NAME", "ROLE", "STATE", "SECOND FACTOR", "LAST SIGNED IN")
	for _, r := range rows {
		second, last := "no", "never"
		if r.SecondFactor {
			second = "yes"
		}
		if r.SignedInAt != nil {
			last = r.SignedInAt.Format(time.DateTime)
		}
		t.row(r.Email, r.Name, string(r.Role), r.State, second, last)
	}
	return t.flush()
}

// about opens the accounts and does something with the one that is named.
func (d dataFlag) about(w *world, email string, do func(*app.People, account.Account) error) error {
	return d.people(w, false, func(people *app.People) error {
		a, err := people.AccountByEmail(w.ctx, email)
		if err != nil {
			return err
		}
		return do(people, a)
	})
}

type userLinkCmd struct {
	emailArg
	WithoutSecondFactor bool `help:"Take the second step of signing in off as well, for somebody who has lost the telephone and the recovery codes."`
	siteFlag
	dataFlag
}

// Run prints the link.
func (c *userLinkCmd) Run(w *world) error {
	return c.about(w, c.Email, func(people *app.People, a account.Account) error {
		token, err := people.NewLink(w.ctx, hand("link"), a.ID)
		if err == nil && c.WithoutSecondFactor {
			err = people.ClearSecondFactor(w.ctx, hand("link"), a.ID)
		}
		if err != nil {
			return err
		}
		within := account.SetUpWithin
		if a.Ready {
			within = account.SentWithin
		}
		return w.printLink(c.link(token), within)
	})
}

type userRoleCmd struct {
	emailArg
	Role    string `arg:"" enum:"owner,organiser,viewer,partner" help:"owner, organiser, viewer or partner."`
	Partner string `help:"The partner organisation, for the role partner."`
	dataFlag
}

// Run changes the role.
func (c *userRoleCmd) Run(w *world) error {
	return c.about(w, c.Email, func(people *app.People, a account.Account) error {
		a.Role = account.Role(c.Role)
		if c.Partner != "" {
			a.Partner = c.Partner
		}
		if err := people.Edit(w.ctx, hand("role"), a, nil); err != nil {
			return err
		}
		return w.say("%s is now %s.\n", a.Email, a.Role)
	})
}

func (w *world) say(format string, args ...any) error {
	_, err := fmt.Fprintf(w.out, format, args...)
	return err
}

type userDisableCmd struct {
	emailArg
	dataFlag
}

// Run closes the account.
func (c *userDisableCmd) Run(w *world) error {
	return c.about(w, c.Email, func(people *app.People, a account.Account) error {
		if err := people.Disable(w.ctx, hand("disable"), a.ID); err != nil {
			return err
		}
		return w.say("%s is closed, and signed out everywhere.\n", a.Email)
	})
}

type userEnableCmd struct {
	emailArg
	dataFlag
}

// Run opens the account again.
func (c *userEnableCmd) Run(w *world) error {
	return c.about(w, c.Email, func(people *app.People, a account.Account) error {
		if err := people.Enable(w.ctx, hand("enable"), a.ID); err != nil {
			return err
		}
		return w.say("%s is open again.\n", a.Email)
	})
}
