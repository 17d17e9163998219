package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/store"
)

type sealCmd struct {
	List   sealListCmd   `cmd:"" help:"List the keys that personal data is sealed with, and how many records each sealed."`
	Rotate sealRotateCmd `cmd:"" help:"Seal everything anew with a new key, and destroy the old one. The server may be running; stopped half-way, it goes on the next time."`
	Rewrap sealRewrapCmd `cmd:"" help:"Change the secret, without touching a record. The server has to be restarted with the new one."`
}

// sealed opens the database with the server's secret.
func (d dataFlag) sealed(w *world, do func(config.Config, *store.Store) error) (err error) {
	secret, err := config.LoadSecret(w.env)
	if err != nil {
		return usageError{err}
	}
	s, err := d.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(config.Config{DataDir: d.DataDir, Secret: secret}, s)
}

type sealListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
	dataFlag
}

// sealRow is one key in the JSON list.
type sealRow struct {
	ID        string         `json:"id"`
	Purpose   string         `json:"purpose"`
	State     string         `json:"state"`
	CreatedAt time.Time      `json:"created_at"`
	RetiredAt *time.Time     `json:"retired_at"` // null: it is current
	GoneAt    *time.Time     `json:"gone_at"`    // null: it is kept
	Records   map[string]int `json:"records"`    // by table
}

// Run lists the keys. It needs no secret: nothing is opened.
func (c *sealListCmd) Run(w *world) (err error) {
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	keys, err := s.DataKeys(w.ctx)
	if err != nil {
		return err
	}
	counts, err := s.CountSealed(w.ctx)
	if err != nil {
		return err
	}
	age, damaged := 0, 0
	for _, n := range counts {
		switch {
		case n.Age:
			age += n.Records
		case n.Key == 0:
			damaged += n.Records
		}
	}
	if age > 0 {
		fmt.Fprintf(w.err, "%s sealed to age keys of campaigns: no key here opens them.\n", recordsAre(age))
	}
	if damaged > 0 {
		fmt.Fprintf(w.err, "%s damaged: nothing says what sealed them.\n", recordsAre(damaged))
	}
	rows := []sealRow{}
	t := w.newTable()
	t.row("ID", "FOR", "STATE", "MADE", "RECORDS")
	for _, k := range keys {
		row := sealRow{ID: k.ID.String(), Purpose: string(k.Purpose), State: string(k.State), CreatedAt: k.CreatedAt, Records: map[string]int{}}
		if !k.RetiredAt.IsZero() {
			row.RetiredAt = &k.RetiredAt
		}
		if !k.GoneAt.IsZero() {
			row.GoneAt = &k.GoneAt
		}
		records := 0
		for _, n := range counts {
			if n.Key == k.ID && !n.Age && row.Purpose == "seal" {
				row.Records[string(n.In)] = n.Records
				records += n.Records
			}
		}
		rows = append(rows, row)
		purpose, of := "records", count(records)
		if row.Purpose == "hash" {
			purpose, of = "hashes", "-"
		}
		t.row(row.ID, purpose, row.State, k.CreatedAt.Format(time.DateOnly), of)
	}
	if c.JSON {
		return w.json(rows)
	}
	return t.flush()
}

type sealRotateCmd struct {
	Wait time.Duration `default:"30s" placeholder:"DURATION" help:"How long a running server has to notice the new key, before nothing may be sealed with the old one (30s unless set; it looks every five seconds)."`
	dataFlag
}

// Run replaces the key.
func (c *sealRotateCmd) Run(w *world) error {
	if c.Wait < 0 {
		return usageError{errors.New("--wait must not be less than 0s")}
	}
	return c.sealed(w, func(cfg config.Config, s *store.Store) error {
		told := func(r campaign.Rekeyed) {
			if w.progress {
				fmt.Fprintf(w.err, "\r%s records are sealed anew", count(r.Resealed))
			}
		}
		done, err := app.RotateKeys(w.ctx, cfg, s, c.Wait, told)
		if w.progress {
			fmt.Fprintln(w.err)
		}
		if err != nil {
			if done.Resealed > 0 {
				fmt.Fprintf(w.err, "It was stopped half-way: %s are sealed anew, and the old key is kept. Run it again to go on.\n", records(done.Resealed))
			}
			return err
		}
		fmt.Fprintf(w.out, "%s sealed anew.\n", recordsAre(done.Resealed))
		if done.Unreadable > 0 {
			return fmt.Errorf("the key %s is kept: %s damaged and did not open with it. They are left as they are", done.Old, recordsAre(done.Unreadable))
		}
		fmt.Fprintf(w.out, "The key %s is destroyed.\n", done.Old)
		return nil
	})
}

func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return count(n) + " records"
}

func recordsAre(n int) string {
	if n == 1 {
		return "1 record is"
	}
	return count(n) + " records are"
}

type sealRewrapCmd struct {
	NewSecretFile string `required:"" placeholder:"FILE" help:"The file with the new secret, of 32 characters or more (make one with: openssl rand -base64 32)."`
	dataFlag
}

// Run changes the secret.
func (c *sealRewrapCmd) Run(w *world) error {
	text, err := os.ReadFile(c.NewSecretFile)
	if err != nil {
		return usageError{fmt.Errorf("read the new secret: %w", err)}
	}
	text = bytes.TrimSpace(text)
	if err := config.CheckSecret(string(text)); err != nil {
		return usageError{fmt.Errorf("the new secret %w", err)}
	}
	return c.sealed(w, func(cfg config.Config, s *store.Store) error {
		was, is, err := app.RewrapKeys(w.ctx, cfg, s, text)
		if err != nil {
			return err
		}
		if was == is {
			return w.say("It is the secret that the database has already (key %s).\n", is)
		}
		where := "POSTBAG_SECRET or POSTBAG_SECRET_FILE"
		if cfg.Secret == "" {
			where = "the file \"secret\" in " + c.DataDir
		}
		return w.say("The database has another secret now (key %s in place of %s). Put it in place of the old one in %s, and restart the server: one that runs cannot take a new key before.\n", is, was, where)
	})
}
