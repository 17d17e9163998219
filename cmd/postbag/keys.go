package main

import (
	"errors"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/fault"
	"postbag/internal/store"
)

type keysCmd struct {
	Add    keysAddCmd    `cmd:"" help:"Make a key for a program and print it, this once."`
	List   keysListCmd   `cmd:"" help:"List the keys."`
	Revoke keysRevokeCmd `cmd:"" help:"Let a key in no more."`
}

// keys opens the database with the server's secret and does something with the
// keys, while the server runs or not.
func (d dataFlag) keys(w *world, do func(*campaign.Service) error) error {
	return d.sealed(w, func(cfg config.Config, s *store.Store) error {
		service, err := deskService(w, cfg, s)
		if err != nil {
			return err
		}
		return do(service)
	})
}

type keysAddCmd struct {
	Name    string `arg:"" help:"What the key is for."`
	Partner string `placeholder:"SLUG" help:"The partner whose it is; left out: it is the site's."`
	dataFlag
}

// Run makes the key.
func (c *keysAddCmd) Run(w *world) error {
	return c.keys(w, func(service *campaign.Service) error {
		key, err := service.NewAPIKey(w.ctx, account.Actor{Name: "postbag keys add"}, c.Partner, c.Name)
		switch fault.CodeOf(err) {
		case "":
		case fault.Invalid:
			return usageError{fmt.Errorf("say what the key is for, in %d characters at most", campaign.MaxPartnerName)}
		case fault.NotFound:
			return w.noKey("there is no partner %q", c.Partner)
		default:
			return err
		}
		if _, err := fmt.Fprintln(w.out, key); err != nil {
			return err
		}
		fmt.Fprintln(w.err, "It is shown this once. A program sends it as \"Authorization: Bearer …\".")
		return nil
	})
}

// noKey says why the answer is no.
func (w *world) noKey(format string, args ...any) error {
	fmt.Fprintf(w.err, "Nothing was changed: "+format+".\n", args...)
	return errNo
}

// keyRow is one key in the JSON list.
type keyRow struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	Partner    string     `json:"partner,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by"`
	LastUsedOn string     `json:"last_used_on,omitempty"`
	RevokedAt  *time.Time `json:"revoked_at"` // null: it is good
}

type keysListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
	dataFlag
}

// Run lists the keys.
func (c *keysListCmd) Run(w *world) (err error) {
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	all, err := s.APIKeys(w.ctx)
	if err != nil {
		return err
	}
	rows := []keyRow{}
	t := w.newTable()
	t.row("ID", "NAME", "PARTNER", "MADE", "LAST USED", "STATE")
	for _, k := range all {
		row := keyRow{ID: k.ID, Name: k.Name, Partner: k.Partner, CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy, LastUsedOn: k.LastUsedOn}
		state, used := "works", k.LastUsedOn
		if k.Revoked() {
			row.RevokedAt, state = &k.RevokedAt, "revoked"
		}
		if used == "" {
			used = "never"
		}
		rows = append(rows, row)
		t.row(fmt.Sprint(k.ID), k.Name, k.Partner, k.CreatedAt.Format(time.DateOnly), used, state)
	}
	if c.JSON {
		return w.json(rows)
	}
	return t.flush()
}

type keysRevokeCmd struct {
	ID int64 `arg:"" help:"The key's number, as \"postbag keys list\" shows it."`
	dataFlag
}

// Run revokes the key.
func (c *keysRevokeCmd) Run(w *world) error {
	return c.keys(w, func(service *campaign.Service) error {
		all, err := service.EveryAPIKey(w.ctx)
		if err != nil {
			return err
		}
		for _, k := range all {
			if k.ID == c.ID {
				if err := service.RevokeAPIKey(w.ctx, account.Actor{Name: "postbag keys revoke"}, k.Partner, k.ID); err != nil {
					return err
				}
				return w.say("The key %d (%s) is revoked.\n", k.ID, k.Name)
			}
		}
		return w.noKey("there is no key %d", c.ID)
	})
}
