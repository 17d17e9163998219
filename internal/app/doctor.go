package app

import (
	"context"
	"net/url"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/doctor"
	"postbag/internal/fault"
	"postbag/internal/fetch"
	"postbag/internal/view"
)

// hosts reads pages of partners' sites for organisers: in production public ones,
// and before that those on this very machine, because a test, or a try, is no
// reason to go elsewhere.
func hosts(cfg config.Config) *fetch.Reader {
	if cfg.Production() {
		return fetch.New(fetch.Options{Reach: fetch.Public})
	}
	return fetch.New(fetch.Options{Reach: fetch.Loopback, Insecure: true})
}

// Embeds is what commands know of embeds; it speaks as the workspace does.
type Embeds struct{ words *view.Renderer }

// NewEmbeds reads the words.
func NewEmbeds() (*Embeds, error) {
	words, err := spoken()
	if err != nil {
		return nil, err
	}
	return &Embeds{words}, nil
}

// Checkup is what the doctor says of a page.
type Checkup struct {
	URL string `json:"url"` // where redirects ended
	*view.Checkup
}

// Check reads a page and says whether the form works in it. Whoever runs a
// command may look at any public page, and at those of the own machine; but a
// public page may not lead there.
func (e *Embeds) Check(ctx context.Context, address string, s doctor.Site, w doctor.Want) (Checkup, error) {
	u, err := doctor.ParseAddress(address)
	if err != nil {
		return Checkup{}, err
	}
	o := fetch.Options{Reach: fetch.Public, Insecure: true}
	if campaign.Loopback(u.Hostname()) {
		o.Reach = fetch.Loopback
	}
	page, err := fetch.New(o).Fetch(ctx, u, nil)
	if err != nil {
		return Checkup{}, err
	}
	return Checkup{page.URL.String(), e.words.Checkup(doctor.Examine(page, s, w))}, nil
}

// Say returns what an error says to a person, a sentence for each field; none
// for an error that is not for them.
func (e *Embeds) Say(err error) []Said { return sentences(e.words, err) }

// SnippetOptions say what snippets are to look like: the parameters that an
// embed's address takes, the language and where letters come from.
type SnippetOptions struct {
	Base, Partner, Campaign string
	Look                    url.Values
	Lang, Source            string
}

// Snippets write what a partner pastes into its site, by the way that it is put
// there: script, address, element and frame.
func (e *Embeds) Snippets(o SnippetOptions) (map[string]string, error) {
	look := view.ReadEmbedLook(o.Look)
	for name := range o.Look { // what cannot be is left out of an embed; whoever types it is told
		if given, _ := url.ParseQuery(trimQuestion(look.Query())); o.Look.Get(name) != "" && given.Get(name) == "" {
			return nil, fault.Fieldwise(map[string]string{name: "desk.doctor.snippet." + name})
		}
	}
	source := campaign.ReadSource(url.Values{"utm_source": {o.Source}})
	if o.Source != "" && source == "" {
		return nil, fault.Fieldwise(map[string]string{"source": "desk.doctor.snippet.source"})
	}
	words := e.words.T(o.Lang, "embed.write")
	snippets := map[string]string{}
	for _, s := range (view.SnippetOf{
		Base: o.Base, Partner: o.Partner, Campaign: o.Campaign, Look: look, Lang: o.Lang, Source: source, Headline: words, Link: words,
	}).Snippets() {
		snippets[s.Key] = s.Code
	}
	return snippets, nil
}

func trimQuestion(query string) string {
	if query != "" && query[0] == '?' {
		return query[1:]
	}
	return query
}
