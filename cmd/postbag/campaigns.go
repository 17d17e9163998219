package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/store"
)

type campaignsCmd struct {
	List   campaignsListCmd   `cmd:"" help:"List the campaigns with where they stand."`
	Export campaignsExportCmd `cmd:"" help:"Print a campaign's file as it is in force, to be kept in version control."`
	Import campaignsImportCmd `cmd:"" help:"Take a campaign from a file: a new one becomes a draft, one that is there gets a new version."`
	Check  campaignsCheckCmd  `cmd:"" help:"Say what is wrong with a campaign file. Needs no database."`
}

// within opens the database and does something with its campaigns.
func (d dataFlag) within(w *world, do func(*campaign.Service, *store.Store) error) (err error) {
	s, err := d.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	service, err := campaign.NewService(w.ctx, campaign.Options{Store: s, Now: time.Now, Log: slog.New(slog.NewTextHandler(w.err, nil))})
	if err != nil {
		return err
	}
	return do(service, s)
}

type campaignsListCmd struct{ dataFlag }

// Run lists them.
func (c *campaignsListCmd) Run(w *world) error {
	return c.within(w, func(service *campaign.Service, _ *store.Store) error {
		table := w.newTable()
		table.row("NAME", "STATE", "VERSION", "TITLE")
		for _, c := range service.AllCampaigns() {
			table.row(c.Slug, string(c.Stage), strconv.Itoa(c.Version), c.Text(c.DefaultLang).Title)
		}
		return table.Flush()
	})
}

type campaignsExportCmd struct {
	campaignArg
	dataFlag
}

// Run prints the file.
func (c *campaignsExportCmd) Run(w *world) error {
	return c.within(w, func(service *campaign.Service, s *store.Store) error {
		source, err := service.Source(w.ctx, c.Campaign)
		if fault.CodeOf(err) == fault.NotFound {
			return unknownCampaign(w, s, c.Campaign)
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(w.out, source.TOML)
		return err
	})
}

// fileArg is a campaign file.
type fileArg struct {
	File string `arg:"" help:"A campaign file (TOML); \"-\": standard input."`
}

func (f fileArg) read() (string, error) {
	in := os.Stdin
	if f.File != "-" {
		file, err := os.Open(f.File)
		if err != nil {
			return "", usageError{err}
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, campaign.MaxFile+1))
	if err == nil && len(text) > campaign.MaxFile {
		err = usageError{fmt.Errorf("%s has more than %d bytes, the most of a campaign file", f.File, campaign.MaxFile)}
	}
	return string(text), err
}

type campaignsImportCmd struct {
	fileArg
	By   string `placeholder:"NAME" default:"postbag campaigns import" help:"Who does it, for the history."`
	Note string `placeholder:"TEXT" help:"What was changed, for the history."`
	dataFlag
}

// Run makes the file a campaign, or a new version of one.
func (c *campaignsImportCmd) Run(w *world) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	parsed, problems := campaign.Read(text)
	if parsed == nil {
		return w.wrongFile(problems)
	}
	return c.within(w, func(service *campaign.Service, _ *store.Store) error {
		by := account.Actor{Name: c.By}
		now, err := service.Source(w.ctx, parsed.Slug)
		if fault.CodeOf(err) == fault.NotFound {
			slug, err := service.CreateCampaign(w.ctx, by, text, c.Note)
			if err == nil {
				fmt.Fprintf(w.err, "%s is a new draft.\n", slug)
			}
			return err
		}
		if err != nil {
			return err
		}
		version, err := service.SaveCampaign(w.ctx, by, parsed.Slug, text, now.Version, c.Note)
		if wrong, ok := errors.AsType[*campaign.FileError](err); ok {
			return w.wrongFile(wrong.Problems)
		}
		switch {
		case err != nil:
			return err
		case version == now.Version:
			fmt.Fprintf(w.err, "%s says this already: it stays at version %d.\n", parsed.Slug, version)
		default:
			fmt.Fprintf(w.err, "%s is now at version %d.\n", parsed.Slug, version)
		}
		return nil
	})
}

type campaignsCheckCmd struct{ fileArg }

// Run reads the file and says what is wrong with it.
func (c *campaignsCheckCmd) Run(w *world) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	if _, problems := campaign.Read(text); len(problems) > 0 {
		for i := range problems {
			problems[i].Line = problems[i].LineOf(text)
		}
		return w.wrongFile(problems)
	}
	fmt.Fprintln(w.err, "Nothing is wrong with it.")
	return nil
}

// wrongFile says what is wrong with a campaign file; nothing was changed.
func (w *world) wrongFile(problems []campaign.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(w.err, p)
	}
	return errNo
}
