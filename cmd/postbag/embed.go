package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/doctor"
	"postbag/internal/fault"
	"postbag/internal/store"
)

type embedCmd struct {
	Check   embedCheckCmd   `cmd:"" help:"Read a page of a partner's site and say what to change so that the form works in it. Exit codes: 0 it works; 1 it does not; 2 the page could not be looked at."`
	Snippet embedSnippetCmd `cmd:"" help:"Print what a partner pastes into its site, in four ways."`
}

// errBroken is returned by a command that has said that a page does not work.
var errBroken = errors.New("broken")

// baseFlag is where Postbag is.
type baseFlag struct {
	Base string `name:"base" placeholder:"URL" env:"POSTBAG_BASE_URL" default:"http://127.0.0.1:8080" help:"The address of Postbag, such as https://letters.example.org."`
}

func (b baseFlag) address() string { return strings.TrimSuffix(b.Base, "/") }

type embedCheckCmd struct {
	URL      string `arg:"" name:"url" help:"The address of the page: a public one, or one on this machine."`
	Partner  string `help:"The partner that the form should be of." placeholder:"NAME"`
	Campaign string `help:"The campaign that should be in the page." placeholder:"NAME"`
	baseFlag
	jsonFlag
	dataFlag
}

// Run checks the page. Partners and campaigns are those of the database, if there
// is one.
func (c *embedCheckCmd) Run(w *world) error {
	embeds, err := app.NewEmbeds()
	if err != nil {
		return err
	}
	site, err := doctor.NewSite(c.address(), nil, nil)
	if err != nil {
		return usageError{fmt.Errorf("--base: %q is no address", c.Base)}
	}
	site.Partners, site.Campaigns = nil, nil
	if _, err := os.Stat(filepath.Join(c.DataDir, store.FileName)); err == nil {
		err := c.within(w, func(service *campaign.Service, _ *store.Store) (err error) {
			site, err = doctor.NewSite(c.address(), service.Partners(), service.Campaigns())
			return err
		})
		if err != nil {
			return err
		}
	}
	found, err := embeds.Check(w.ctx, c.URL, site, doctor.Want{Partner: c.Partner, Campaign: c.Campaign})
	if said := embeds.Say(err); len(said) > 0 {
		return usageError{errors.New(said[0].Sentence)} // it is about the address
	}
	if err != nil {
		return err
	}
	if err := c.print(w, found); err != nil {
		return err
	}
	if found.Verdict == doctor.Broken {
		return errBroken
	}
	return nil
}

// print says what was found.
func (c *embedCheckCmd) print(w *world, found app.Checkup) error {
	if c.JSON {
		return w.json(found)
	}
	if err := w.say("%s\n%s\n", found.URL, found.Says); err != nil {
		return err
	}
	for _, f := range found.Findings {
		if err := w.say("\n%s: %s\n", f.Word, f.Says); err != nil {
			return err
		}
		if f.Line != "" {
			if err := w.say("\n    %s\n", strings.ReplaceAll(f.Line, "\n", "\n    ")); err != nil {
				return err
			}
		}
	}
	return nil
}

type embedSnippetCmd struct {
	Partner  string `required:"" help:"The partner's short name." placeholder:"NAME"`
	Campaign string `required:"" help:"The campaign's name in addresses." placeholder:"NAME"`
	Source   string `help:"Where letters come from, in a word that is kept with each (utm_source)." placeholder:"WORD"`
	Theme    string `help:"light or dark; empty: as the browser likes it." enum:",light,dark" default:""`
	Accent   string `help:"A colour, such as #9a1b1b." placeholder:"COLOUR"`
	Radius   string `help:"How round corners are, from 0 to 24 pixels." placeholder:"PIXELS"`
	Compact  bool   `help:"Without the campaign's lead and the stamp."`
	Lang     string `help:"The language: en or cy." enum:"en,cy" default:"en"`
	baseFlag
	jsonFlag
	dataFlag
}

// Run prints the snippets.
func (c *embedSnippetCmd) Run(w *world) error {
	embeds, err := app.NewEmbeds()
	if err != nil {
		return err
	}
	if err := c.known(w); err != nil {
		return err
	}
	look := url.Values{"theme": {c.Theme}, "accent": {c.Accent}, "radius": {c.Radius}}
	if c.Compact {
		look.Set("compact", "1")
	}
	snippets, err := embeds.Snippets(app.SnippetOptions{Base: c.address(), Partner: c.Partner, Campaign: c.Campaign, Look: look, Lang: c.Lang, Source: c.Source})
	if err != nil {
		return w.answer(embeds, err)
	}
	if c.JSON {
		return w.json(snippets)
	}
	return w.say("A link that our script turns into the form:\n%s\n\nA custom element:\n%s\n\nA plain frame, where no script is allowed:\n%s\n\nAn address to paste, where sites embed what is pasted:\n%s\n",
		snippets["script"], snippets["element"], snippets["frame"], snippets["address"])
}

// known looks whether there are such a partner and such a campaign.
func (c *embedSnippetCmd) known(w *world) error {
	return c.within(w, func(service *campaign.Service, s *store.Store) error {
		if _, err := service.Partner(c.Partner); err != nil {
			return noPartner(c.Partner)
		}
		_, err := service.AnyCampaign(c.Campaign)
		if fault.CodeOf(err) == fault.NotFound {
			return unknownCampaign(w, s, c.Campaign)
		}
		return err
	})
}
