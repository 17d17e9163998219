package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"postbag/internal/campaign"
)

// Embed is what stands around a page that is shown within a partner's.
type Embed struct {
	Partner string   // slug
	Version int      // of the partner
	Name    string   // of the partner
	Logo    string   // address of its logo; empty: none
	Width   int      // of the logo, pixels
	Height  int      // likewise
	Origins []string // of the pages that may show it, and that its script talks to
	Query   string   // the options as an address has them: "?theme=dark"; empty: none
	Look    string   // address of the stylesheet of the options; empty: none
	Compact bool
	Source  string // of whoever writes: see campaign.Credit
}

// source is the source of whoever writes, as an address has it behind other
// parameters.
func (e *Embed) source() string {
	if e.Source == "" {
		return ""
	}
	return "&" + campaign.SourceParameters(e.Source).Encode()
}

// Step is the address, in the default language, of a step on the way to a letter:
// "letter", "preview", "send" or "sent-myself"; empty for where it begins, where
// there is no form yet that says where somebody comes from.
func (f Frame) Step(name string) string {
	path := "/c/" + f.Campaign.Slug
	if name != "" {
		path += "/" + name
	}
	if f.Embed == nil || f.Embed.Partner == "" {
		return path
	}
	path = "/embed/" + f.Embed.Partner + path
	if source := strings.TrimPrefix(f.Embed.source(), "&"); name == "" && source != "" {
		if f.Embed.Query == "" {
			return path + "?" + source
		}
		return path + f.Embed.Query + "&" + source
	}
	return path + f.Embed.Query
}

// Own is the address, in the default language, of the campaign's own page, with
// whose doing it is that somebody comes there from an embed.
func (f Frame) Own() string {
	path := "/c/" + f.Campaign.Slug
	if f.Embed != nil && f.Embed.Partner != "" {
		path += "?partner=" + f.Embed.Partner + f.Embed.source()
	}
	return path
}

// stepNames are what the page around an embed is told of where the supporter is,
// by page. An MP to whom no letter goes is known by name, so that page is called
// as the one on which a constituency is chosen.
var stepNames = map[string]string{
	"embed": "start", "choose": "choose", "excluded": "choose", "letter": "letter",
	"preview": "preview", "check_email": "sent", "sent_myself": "posted",
}

// step is what the page around an embed is told of where the supporter is; empty:
// nothing.
func step(p Page) string { return stepNames[p.template()] }

// leave is what a link needs that leads away from an embed: the partner's page
// stays where it is, and whoever does not see the mark is told so.
func leave(f Frame) template.HTMLAttr {
	if f.Embed == nil {
		return ""
	}
	return ` target="_blank" aria-describedby="leaves"`
}

// EmbedLink stands in the place of a form that may not be shown where it is: a
// link to the campaign's own page. Anybody may show it.
type EmbedLink struct {
	Frame
	Letters int    // as in CampaignPage
	URL     string // of the campaign's page, in the page's language
}

func (EmbedLink) template() string { return "embed_link" }

// Scheme is which colours an embed has.
type Scheme string

// The schemes.
const (
	SchemeAuto  Scheme = "" // as the browser likes it
	SchemeLight Scheme = "light"
	SchemeDark  Scheme = "dark"
)

// MaxRadius is the roundest that corners of an embed can be, in pixels.
const MaxRadius = 24

// EmbedLook is how a partner has the form look: all that can be chosen.
type EmbedLook struct {
	Scheme  Scheme
	Accent  *campaign.Accent // nil: the campaign's own
	Radius  int              // of corners, in pixels; -1: the design's own
	Compact bool             // without the campaign's own words and picture
}

// ReadEmbedLook reads the options out of an address's parameters: theme, accent,
// radius and compact. What cannot be is left out, such as an accent that nobody
// could read letters on.
func ReadEmbedLook(asked url.Values) EmbedLook {
	l := EmbedLook{Radius: -1, Compact: asked.Get("compact") == "1"}
	switch scheme := Scheme(asked.Get("theme")); scheme {
	case SchemeLight, SchemeDark:
		l.Scheme = scheme
	}
	if hex := asked.Get("accent"); hex != "" && len(hex) <= 7 {
		if accent, err := campaign.ParseAccent("#" + strings.TrimPrefix(hex, "#")); err == nil {
			l.Accent = accent
		}
	}
	if n, err := strconv.Atoi(asked.Get("radius")); err == nil && n >= 0 && n <= MaxRadius {
		l.Radius = n
	}
	return l
}

// Query writes the options as an address has them; empty for none.
func (l EmbedLook) Query() string {
	var parts []string
	if l.Accent != nil {
		parts = append(parts, "accent="+strings.TrimPrefix(l.Accent.Hex, "#"))
	}
	if l.Compact {
		parts = append(parts, "compact=1")
	}
	if l.Radius >= 0 {
		parts = append(parts, "radius="+strconv.Itoa(l.Radius))
	}
	if l.Scheme != SchemeAuto {
		parts = append(parts, "theme="+string(l.Scheme))
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

// plain reports whether the design needs no changes for the options.
func (l EmbedLook) plain() bool { return l.Accent == nil && l.Radius < 0 && l.Scheme == SchemeAuto }

// EmbedTheme writes the stylesheet of the options for a campaign of this accent
// (nil: the design's own). It changes tokens of the design and nothing else;
// its Hash is empty where there is nothing to change.
func (r *Renderer) EmbedTheme(l EmbedLook, own *campaign.Accent) (Theme, error) {
	if l.plain() {
		return Theme{}, nil
	}
	if l.Accent == nil {
		l.Accent = own
	}
	css, ok := r.Assets().byName["style.css"]
	if !ok {
		return Theme{}, fmt.Errorf("there is no stylesheet")
	}
	design, err := readPalette(string(css.Body))
	if err != nil {
		return Theme{}, err
	}
	light, dark := map[string]string{}, map[string]string{}
	switch l.Scheme {
	case SchemeLight:
		maps.Copy(light, design.light)
	case SchemeDark:
		maps.Copy(light, design.dark)
	}
	if l.Accent != nil {
		if l.Scheme == SchemeDark {
			maps.Copy(light, l.Accent.Dark)
		} else {
			maps.Copy(light, l.Accent.Light)
		}
		maps.Copy(dark, l.Accent.Dark)
	}
	var b strings.Builder
	// Who has colours forced has them chosen already.
	b.WriteString("@layer theme {\n@media not (forced-colors: active) {\n:root {" + declarations(light))
	if l.Scheme != SchemeAuto {
		b.WriteString(" color-scheme: " + string(l.Scheme) + ";")
	}
	if l.Radius >= 0 {
		b.WriteString(fmt.Sprintf(" --r: %dpx; --r-sheet: %dpx;", l.Radius, l.Radius))
	}
	b.WriteString(" }\n}\n")
	if l.Scheme == SchemeAuto && len(dark) > 0 {
		b.WriteString("@media screen and (prefers-color-scheme: dark) {\n:root {" + declarations(dark) + " }\n}\n")
	}
	b.WriteString("}\n")
	body := []byte(b.String())
	sum := sha256.Sum256(body)
	return Theme{Hash: hex.EncodeToString(sum[:6]), Body: body}, nil
}
