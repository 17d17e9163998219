package view

import (
	"html"
	"net/url"
	"strconv"
	"strings"
)

// SnippetOf says what is to be pasted.
type SnippetOf struct {
	Base     string // address of the site
	Campaign string // slug
	Partner  string // slug
	Lang     string // of the form
	Source   string // as campaign.ReadSource writes it; empty: none
	Headline string // of the campaign, in that language
	Link     string // what the link says that stands where no script runs
	Look     EmbedLook
}

// attribute is one attribute of an element.
type attribute struct{ name, value string }

func (s SnippetOf) attributes() []attribute {
	var all []attribute
	if s.Look.Scheme != SchemeAuto {
		all = append(all, attribute{"theme", string(s.Look.Scheme)})
	}
	if s.Look.Accent != nil {
		all = append(all, attribute{"accent", s.Look.Accent.Hex})
	}
	if s.Look.Radius >= 0 {
		all = append(all, attribute{"radius", strconv.Itoa(s.Look.Radius)})
	}
	if s.Look.Compact {
		all = append(all, attribute{"compact", "1"})
	}
	if s.Lang != DefaultLang {
		all = append(all, attribute{"lang", s.Lang})
	}
	return all
}

// source is the source as an address has it, each parameter with an & before it.
func (s SnippetOf) source() string {
	var b strings.Builder
	for pair := range strings.SplitSeq(s.Source, "&") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			b.WriteString("&utm_" + key + "=" + url.QueryEscape(value))
		}
	}
	return b.String()
}

// Address is the campaign's own address, which credits the partner.
func (s SnippetOf) Address() string {
	return s.Base + At(s.Lang, "/c/"+s.Campaign) + "?partner=" + s.Partner + s.source()
}

// pasted is that address with the options: alone on a line it has nothing else to
// say how the form is to look.
func (s SnippetOf) pasted() string {
	query := strings.TrimPrefix(s.Look.Query(), "?")
	if query != "" {
		query = "&" + query
	}
	return s.Base + At(s.Lang, "/c/"+s.Campaign) + "?partner=" + s.Partner + query + s.source()
}

// Frame is the address of the form that is shown in a frame.
func (s SnippetOf) Frame() string {
	query := strings.TrimPrefix(s.Look.Query()+s.source(), "?")
	if query = strings.TrimPrefix(query, "&"); query != "" {
		query = "?" + query
	}
	return s.Base + At(s.Lang, "/embed/"+s.Partner+"/c/"+s.Campaign) + query
}

// Snippets are the ways to put it on a page, the best first. A frame's border is
// taken off in the old way, as a strict policy lets no style be written with it.
func (s SnippetOf) Snippets() []Snippet {
	script := `<script async src="` + html.EscapeString(s.Base) + `/embed.js"></script>`
	link, element := "", ""
	for _, a := range s.attributes() {
		link += ` data-` + a.name + `="` + html.EscapeString(a.value) + `"`
		element += ` ` + a.name + `="` + html.EscapeString(a.value) + `"`
	}
	address := html.EscapeString(s.Address())
	for pair := range strings.SplitSeq(s.Source, "&") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			element += ` utm_` + key + `="` + html.EscapeString(value) + `"`
		}
	}
	return []Snippet{
		{"script", `<a class="postbag" href="` + address + `"` + link + `>` + html.EscapeString(s.Link) + "</a>\n" + script, 4},
		{"address", s.pasted(), 2},
		{"element", `<postbag-letter campaign="` + s.Campaign + `" partner="` + s.Partner + `"` + element + `>` +
			"\n" + `<a href="` + address + `">` + html.EscapeString(s.Link) + "</a>\n</postbag-letter>\n" + script, 5},
		{"frame", `<iframe class="postbag" src="` + html.EscapeString(s.Frame()) + `" title="` + html.EscapeString(s.Headline) +
			`" width="100%" height="640" frameborder="0" referrerpolicy="strict-origin"></iframe>`, 4},
	}
}
