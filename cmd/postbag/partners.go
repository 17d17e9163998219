package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/store"
)

type partnersCmd struct {
	List   partnersListCmd   `cmd:"" help:"List the partners."`
	Add    partnersAddCmd    `cmd:"" help:"Add a partner."`
	Edit   partnersEditCmd   `cmd:"" help:"Change a partner: what is not named stays as it is."`
	Retire partnersRetireCmd `cmd:"" help:"End a partner's embeds: its pages show a link in place of the form. Letters that it brought stay its own."`
}

// partners opens the partners and does something with them, while the server runs
// or not.
func (d dataFlag) partners(w *world, do func(*campaign.Service) error) error {
	embeds, err := app.NewEmbeds()
	if err != nil {
		return err
	}
	return w.answer(embeds, d.within(w, func(service *campaign.Service, _ *store.Store) error { return do(service) }))
}

// partnerArg names the partner that a command is about.
type partnerArg struct {
	Partner string `arg:"" help:"The partner's short name, such as migrants-rights."`
}

// partnerFlags are what is told of a partner. What is not given is nil or empty.
type partnerFlags struct {
	Name    *string           `help:"What the organisation is called." placeholder:"NAME"`
	Website *string           `help:"The address of its website, with https." placeholder:"URL"`
	Origin  []string          `help:"A website that may show the form, such as https://www.example.org. Can be given several times; the whole list." placeholder:"URL" sep:"none"`
	Contact *string           `help:"Whom to ask there: an email address." placeholder:"EMAIL"`
	Logo    *string           `help:"A PNG or JPEG file; empty: none." placeholder:"FILE"`
	OptIn   map[string]string `help:"What people agree to who want to hear from the partner, by language: en=… The whole of it." placeholder:"LANG=SENTENCE" mapsep:"none"`
}

// give changes what is given.
func (f partnerFlags) give(p *campaign.Partner) error {
	for _, field := range []struct{ from, to *string }{{f.Name, &p.Name}, {f.Website, &p.Website}, {f.Contact, &p.Contact}} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	if f.Origin != nil {
		p.Origins = f.Origin
	}
	for _, typed := range f.Origin {
		if _, err := campaign.ParseOrigin(typed); err != nil && strings.TrimSpace(typed) != "" {
			return usageError{fmt.Errorf("--origin: %w", err)}
		}
	}
	if f.OptIn != nil {
		p.OptIn = f.OptIn
	}
	if f.Logo == nil {
		return nil
	}
	if p.Logo = nil; *f.Logo == "" {
		return nil
	}
	data, err := os.ReadFile(*f.Logo)
	if err == nil {
		p.Logo, err = campaign.NewLogo(data)
	}
	if err != nil {
		return usageError{fmt.Errorf("--logo: %w", err)}
	}
	return nil
}

// partnerRow is one partner in the JSON list.
type partnerRow struct {
	Slug      string            `json:"slug"`
	Name      string            `json:"name"`
	Website   string            `json:"website"`
	Origins   []string          `json:"origins"`
	Contact   string            `json:"contact,omitempty"`
	OptIn     map[string]string `json:"opt_in,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	RetiredAt *time.Time        `json:"retired_at"` // null: its embeds work
}

func partnerRowOf(p *campaign.Partner) partnerRow {
	row := partnerRow{Slug: p.Slug, Name: p.Name, Website: p.Website, Origins: p.Origins, Contact: p.Contact, OptIn: p.OptIn, CreatedAt: p.CreatedAt}
	if p.Retired() {
		row.RetiredAt = &p.RetiredAt
	}
	return row
}

// jsonFlag has a command print JSON.
type jsonFlag struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type partnersListCmd struct {
	jsonFlag
	dataFlag
}

// Run lists them.
func (c *partnersListCmd) Run(w *world) error {
	return c.partners(w, func(service *campaign.Service) error {
		rows := []partnerRow{}
		for _, p := range service.Partners() {
			rows = append(rows, partnerRowOf(p))
		}
		if c.JSON {
			return w.json(rows)
		}
		t := w.newTable()
		t.row("PARTNER", "NAME", "STATE", "WEBSITES")
		for _, r := range rows {
			state := "live"
			if r.RetiredAt != nil {
				state = "retired"
			}
			t.row(r.Slug, r.Name, state, strings.Join(r.Origins, " "))
		}
		return t.flush()
	})
}

// report says what a partner is now.
func (j jsonFlag) report(w *world, service *campaign.Service, slug, said string) error {
	if !j.JSON {
		return w.say("%s is %s.\n", slug, said)
	}
	p, err := service.AnyPartner(slug)
	if err != nil {
		return err
	}
	return w.json(partnerRowOf(p))
}

func partnerHand(command string) account.Actor {
	return account.Actor{Name: "postbag partners " + command}
}

type partnersAddCmd struct {
	partnerArg
	partnerFlags
	jsonFlag
	dataFlag
}

// Run adds the partner.
func (c *partnersAddCmd) Run(w *world) error {
	return c.partners(w, func(service *campaign.Service) error {
		p := campaign.Partner{Slug: c.Partner}
		err := c.give(&p)
		if err == nil {
			err = service.AddPartner(w.ctx, partnerHand("add"), p)
		}
		if err != nil {
			return err
		}
		return c.report(w, service, c.Partner, "a partner now")
	})
}

type partnersEditCmd struct {
	partnerArg
	partnerFlags
	jsonFlag
	dataFlag
}

// Run changes the partner.
func (c *partnersEditCmd) Run(w *world) error {
	return c.partners(w, func(service *campaign.Service) error {
		was, err := service.AnyPartner(c.Partner)
		if err != nil {
			return noPartner(c.Partner)
		}
		p := *was
		if err = c.give(&p); err == nil {
			err = service.EditPartner(w.ctx, partnerHand("edit"), p)
		}
		if err != nil {
			return err
		}
		return c.report(w, service, c.Partner, "changed")
	})
}

type partnersRetireCmd struct {
	partnerArg
	Back bool `help:"Let its embeds work again."`
	jsonFlag
	dataFlag
}

// Run retires the partner, or takes it back.
func (c *partnersRetireCmd) Run(w *world) error {
	return c.partners(w, func(service *campaign.Service) error {
		was, err := service.AnyPartner(c.Partner)
		if err != nil {
			return noPartner(c.Partner)
		}
		p, said := *was, "retired"
		switch {
		case c.Back:
			p.RetiredAt, said = time.Time{}, "a partner again"
		case !p.Retired():
			p.RetiredAt = time.Now()
		}
		if p.Retired() != was.Retired() {
			if err := service.EditPartner(w.ctx, partnerHand("retire"), p); err != nil {
				return err
			}
		}
		return c.report(w, service, c.Partner, said)
	})
}

// noPartner says which partner there is not.
func noPartner(slug string) error {
	return usageError{fmt.Errorf("there is no partner %q: \"postbag partners list\" lists them", slug)}
}
