package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/store"
)

// dataFlag names the database that a command works on.
type dataFlag struct {
	DataDir string `help:"The data directory." env:"POSTBAG_DATA_DIR" default:"./data"`
}

// open opens the database, making it if create is set.
func (d dataFlag) open(w *world, create bool) (*store.Store, error) {
	if !create {
		if !d.there() {
			return nil, d.noDatabase()
		}
	}
	log := slog.New(slog.NewTextHandler(w.err, nil))
	return app.OpenStore(w.ctx, config.Config{DataDir: d.DataDir}, log, time.Now)
}

// there reports whether there is a database.
func (d dataFlag) there() bool {
	_, err := os.Stat(filepath.Join(d.DataDir, store.FileName))
	return err == nil
}

func (d dataFlag) noDatabase() error {
	return usageError{fmt.Errorf("there is no database in %s: name its folder with --data-dir, or start \"postbag serve\" once", d.DataDir)}
}

// house is the MPs as they stand in a database.
type house struct {
	*store.Store
	current     *parliament.Roster
	version     int64
	corrections []parliament.Correction
}

// withRoster opens the database, making it if it is missing, and does something
// with the MPs as they stand in it.
func (d dataFlag) withRoster(w *world, do func(house) error) (err error) {
	s, err := d.open(w, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	h := house{Store: s}
	if h.current, h.version, err = s.Roster(w.ctx); err != nil {
		return err
	}
	all, err := s.Corrections(w.ctx)
	if err != nil {
		return err
	}
	h.corrections = campaign.StandingCorrections(all)
	return do(h)
}

type mpsCmd struct {
	Import mpsImportCmd `cmd:"" help:"Take the MPs from a CSV file."`
	Sync   mpsSyncCmd   `cmd:"" help:"Take the MPs from the UK Parliament's Members API."`
	List   mpsListCmd   `cmd:"" help:"List constituencies and MPs."`

	Correct     mpsCorrectCmd     `cmd:"" help:"Say that an MP's address is another than Parliament lists, or that a seat is vacant."`
	Corrections mpsCorrectionsCmd `cmd:"" help:"List what was corrected."`
	Uncorrect   mpsUncorrectCmd   `cmd:"" help:"Have Parliament's list hold again."`

	Failing mpsFailingCmd `cmd:"" help:"List addresses to which no letter goes, because letters came back from them."`
	Clear   mpsClearCmd   `cmd:"" help:"Let letters go to an MP's address again."`
}

// applyFlags say what to do with a new list of MPs.
type applyFlags struct {
	DryRun bool `help:"Only say what would change."`
	Force  bool `help:"Apply even if some seats are not accounted for; they become vacant."`
	JSON   bool `name:"json" help:"Print what differs as JSON."`
}

// outcome is what differs, and whether it was applied.
type outcome struct {
	Applied bool `json:"applied"`
	parliament.Diff
}

// apply prints what differs and, if every seat is accounted for, makes the new
// roster the one in force.
func (f applyFlags) apply(w *world, h house, action string, next *parliament.Roster, diff parliament.Diff) error {
	apply := !f.DryRun && (diff.Complete() || f.Force)
	if apply {
		summary, err := campaign.RosterSummary(diff)
		if err != nil {
			return err
		}
		err = h.ReplaceRoster(w.ctx, account.Actor{Name: "postbag mps"}, next, h.version, action, summary)
		if fault.CodeOf(err) == fault.Conflict {
			return errors.New("somebody else has changed the list of MPs meanwhile; nothing was changed: do it again")
		}
		if err != nil {
			return err
		}
	}
	if f.JSON {
		if err := w.json(outcome{apply, diff}); err != nil {
			return err
		}
	} else if _, err := diff.WriteTo(w.out); err != nil {
		return err
	}
	switch {
	case apply:
		fmt.Fprintln(w.err, "Applied.")
	case f.DryRun:
		fmt.Fprintln(w.err, "Nothing was changed: this was a dry run.")
		if !diff.Complete() {
			return errNo
		}
	default:
		fmt.Fprintln(w.err, "Nothing was changed: not every seat is accounted for. Look at the list above; --force applies it all the same.")
		return errNo
	}
	return nil
}

type mpsImportCmd struct {
	File   string `arg:"" help:"A CSV file whose first line names the columns constituency_code (or constituency), member_id, name, full_title, party, email and, if you like, salutation."`
	Source string `help:"Where the list comes from, kept with it (unless set: the file's name)."`
	Date   string `help:"The day it is of, kept with it (unless set: the file's)."`
	dataFlag
	applyFlags
}

// Run imports the file.
func (i *mpsImportCmd) Run(w *world) error {
	f, err := os.Open(i.File)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return i.withRoster(w, func(h house) error {
		source := parliament.Source{Name: i.Source, Date: i.Date, Attribution: h.current.MemberSource().Attribution}
		if source.Name == "" {
			source.Name = info.Name()
		}
		if source.Date == "" {
			source.Date = info.ModTime().UTC().Format(time.DateOnly)
		}
		next, err := parliament.ReadCSV(f, h.current, source)
		if err != nil {
			return err
		}
		inForce, _, err := next.Corrected(h.corrections)
		if err != nil {
			return err
		}
		return i.apply(w, h, "mps.import", next, parliament.Compare(h.current, inForce))
	})
}

type mpsSyncCmd struct {
	BaseURL string `name:"base-url" help:"Where the Members API is." default:"https://members-api.parliament.uk" env:"POSTBAG_MEMBERS_API"`
	dataFlag
	applyFlags
}

// Run reads the Members API.
func (m *mpsSyncCmd) Run(w *world) error {
	client, err := app.NewMembersAPI(m.BaseURL)
	if err != nil {
		return usageError{err}
	}
	return m.withRoster(w, func(h house) error {
		bar := w.newProgress("Asking Parliament")
		client.Progress = bar.items
		next, diff, err := parliament.Sync(w.ctx, client, h.current, h.corrections...)
		bar.done()
		if err != nil {
			return err
		}
		return m.apply(w, h, "mps.sync", next, diff)
	})
}

type mpsListCmd struct {
	dataFlag
	JSON bool `name:"json" help:"Print JSON."`
}

// listed is a seat in the JSON list; a vacant one has no member.
type listed struct {
	Code         string `json:"code"`
	Constituency string `json:"constituency"`
	Country      string `json:"country"`
	Region       string `json:"region"`
	MemberID     int    `json:"member_id,omitempty"`
	Name         string `json:"name,omitempty"`
	Party        string `json:"party,omitempty"`
	Email        string `json:"email,omitempty"`
}

// Run lists every seat.
func (l *mpsListCmd) Run(w *world) (err error) {
	roster, err := l.roster(w)
	if err != nil {
		return err
	}
	if l.JSON {
		var all []listed
		for _, seat := range roster.Seats() {
			c, m := seat.Constituency, seat.Member
			all = append(all, listed{c.Code, c.Name, c.Country, c.Region, m.ID, m.Name, m.Party, m.Email})
		}
		return w.json(all)
	}
	t := w.newTable()
	t.row("CODE", "CONSTITUENCY", "MP", "PARTY", "EMAIL")
	for _, seat := range roster.Seats() {
		c, m := seat.Constituency, seat.Member
		name, email := m.Name, m.Email
		switch {
		case seat.Vacant():
			name = "(vacant)"
		case email == "":
			email = "(none published)"
		}
		t.row(c.Code, c.Name, name, m.Party, email)
	}
	if err := t.flush(); err != nil {
		return err
	}
	source := roster.MemberSource()
	_, err = fmt.Fprintf(w.err, "As of %s, from %s.\n", source.Date, source.Name)
	return err
}

// roster is the one in the database, or the one that ships with the program
// where there is no database yet.
func (l *mpsListCmd) roster(w *world) (*parliament.Roster, error) {
	s, err := l.open(w, false)
	var usage usageError
	if errors.As(err, &usage) {
		return app.EmbeddedRoster()
	}
	if err != nil {
		return nil, err
	}
	roster, _, err := s.Roster(context.WithoutCancel(w.ctx))
	return roster, errors.Join(err, s.Close())
}
