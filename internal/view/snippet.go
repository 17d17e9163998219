package view

import (
	"html"
	"net/url"
	"strconv"
	"strings"
)

// Snippet is what a partner pastes into its site, in each of the four ways.
type Snippet struct {
	Script  string `json:"script"`  // a link that our script turns into the form
	Element string `json:"element"` // the custom element, with the same script
	Frame   string `json:"frame"`   // a plain frame, for sites that allow no script
	Address string `json:"address"` // for sites that embed what is pasted (oEmbed)
}

// SnippetFor is what a snippet is of.
type SnippetFor struct {
	Base              string // address of Postbag, without a slash at the end
	Partner, Campaign string // slugs
	Look              EmbedLook
	Lang              string // of the form; empty or DefaultLang: English
	Source            string // utm_source; empty: none
	Words             string // of the link: "Write to your MP"
}

// NewSnippet writes the snippets. What is in them stands escaped for HTML.
func NewSnippet(o SnippetFor) Snippet {
	if o.Lang == DefaultLang {
		o.Lang = ""
	}
	address := o.Base + At(o.Lang, "/c/"+url.PathEscape(o.Campaign)) + "?partner=" + url.QueryEscape(o.Partner)
	frame := o.Base + At(o.Lang, "/embed/"+url.PathEscape(o.Partner)+"/c/"+url.PathEscape(o.Campaign)) + o.Look.Query()
	if o.Source != "" {
		address += "&utm_source=" + url.QueryEscape(o.Source)
		join := "?"
		if strings.Contains(frame, "?") {
			join = "&"
		}
		frame += join + "utm_source=" + url.QueryEscape(o.Source)
	}
	look := o.look()
	var data, bare string
	for _, option := range look {
		data += attribute("data-"+option[0], option[1])
		bare += attribute(option[0], option[1])
	}
	script := "<script async" + attribute("src", o.Base+"/embed.js") + "></script>"
	words := html.EscapeString(o.Words)
	var source string
	if o.Source != "" {
		source = attribute("source", o.Source)
	}
	return Snippet{
		Script:  `<a class="postbag"` + attribute("href", address) + data + ">" + words + "</a>" + script,
		Element: "<postbag-letter" + attribute("campaign", o.Campaign) + attribute("partner", o.Partner) + source + bare + "><a" + attribute("href", address) + ">" + words + "</a></postbag-letter>" + script,
		Frame:   `<iframe class="postbag"` + attribute("src", frame) + attribute("title", o.Words) + ` width="100%" height="640" referrerpolicy="strict-origin"></iframe>`,
		Address: address,
	}
}

// look lists the options that differ from the design, as attributes name them.
func (o SnippetFor) look() (all [][2]string) {
	if l := o.Look; l.Scheme != SchemeAuto {
		all = append(all, [2]string{"theme", string(l.Scheme)})
	}
	if o.Look.Accent != nil {
		all = append(all, [2]string{"accent", o.Look.Accent.Hex})
	}
	if o.Look.Radius >= 0 {
		all = append(all, [2]string{"radius", strconv.Itoa(o.Look.Radius)})
	}
	if o.Look.Compact {
		all = append(all, [2]string{"compact", ""})
	}
	if o.Lang != "" {
		all = append(all, [2]string{"lang", o.Lang})
	}
	return all
}

func attribute(name, value string) string {
	if value == "" {
		return " " + name
	}
	return " " + name + `="` + html.EscapeString(value) + `"`
}
