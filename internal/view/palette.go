package view

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"postbag/internal/campaign"
)

// pair is two colours that meet in the stylesheet.
type pair struct {
	front, back string  // tokens, without the dashes
	least       float64 // contrast: 4.5 for text, 3 for what bounds or marks a control (WCAG 2.2, 1.4.3 and 1.4.11)
}

var pairs = []pair{
	// What is read.
	{"ink", "paper", 4.5}, {"ink", "sheet", 4.5}, {"ink", "wash", 4.5}, {"ink", "envelope", 4.5},
	{"ink", "red-wash", 4.5}, {"ink", "hold-wash", 4.5}, {"ink", "ok-wash", 4.5}, {"ink", "blue-wash", 4.5}, {"ink", "accent-wash", 4.5},
	{"ink-2", "paper", 4.5}, {"ink-2", "sheet", 4.5}, {"ink-2", "wash", 4.5}, {"ink-2", "envelope", 4.5},
	{"blue", "paper", 4.5}, {"blue", "sheet", 4.5}, {"blue", "wash", 4.5}, {"blue", "envelope", 4.5},
	{"blue", "hold-wash", 4.5}, {"blue", "red-wash", 4.5}, {"blue", "blue-wash", 4.5},
	{"on-accent", "accent", 4.5}, {"on-accent", "accent-2", 4.5},
	{"accent-ink", "paper", 4.5}, {"accent-ink", "sheet", 4.5}, {"accent-ink", "envelope", 4.5}, {"accent-ink", "accent-wash", 4.5},
	{"red-ink", "paper", 4.5}, {"red-ink", "sheet", 4.5}, {"red-ink", "envelope", 4.5}, {"red-ink", "wash", 4.5}, {"red-ink", "red-wash", 4.5},
	{"ok", "ok-wash", 4.5}, {"ok", "sheet", 4.5}, {"ok", "paper", 4.5},
	{"hold", "hold-wash", 4.5}, {"hold", "sheet", 4.5}, {"hold", "paper", 4.5},
	{"on-stamp", "stamp", 4.5},

	// What bounds or marks a control, fills a meter, or draws the map.
	{"edge", "paper", 3}, {"edge", "sheet", 3}, {"edge", "wash", 3}, {"edge", "envelope", 3},
	{"accent", "paper", 3}, {"accent", "sheet", 3}, {"accent", "envelope", 3}, {"accent", "wash", 3}, {"accent", "accent-wash", 3},
	{"red", "paper", 3}, {"red", "sheet", 3}, {"red", "envelope", 3}, {"red", "red-wash", 3},
	{"blue", "red-wash", 3}, {"blue", "hold-wash", 3}, {"blue", "ok-wash", 3},
	{"ok", "wash", 3}, {"cancel", "envelope", 3}, {"stamp", "stamp-edge", 3},
	{"map-line", "sheet", 3}, {"map-line", "paper", 3},
	{"map-5", "map-0", 4.5}, {"map-5", "map-2", 3}, {"map-4", "map-0", 3}, {"map-4", "sheet", 3}, {"map-5", "sheet", 4.5},
	{"map-ok", "map-0", 3}, {"map-ok", "sheet", 3},
	// The mark of a pledge on the map, or its ring, stands out on every shade.
	{"ink", "sheet", 7}, {"ink", "map-0", 3}, {"ink", "map-1", 3}, {"ink", "map-2", 3}, {"sheet", "map-3", 3},
}

// palette is the colours of the stylesheet by token, in each scheme.
type palette struct{ light, dark, print map[string]string }

var (
	token     = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b`)
	sizeToken = regexp.MustCompile(`--([fs]-?[a-z0-9]+):\s*([^;]+rem[^;]*);`)
)

// readPalette reads the colours out of the stylesheet. One that stands outside
// the schemes is an error: nothing would check it.
func readPalette(css string) (palette, error) {
	light, rest, ok := strings.Cut(css, "@media screen and (prefers-color-scheme: dark)")
	if !ok {
		return palette{}, fmt.Errorf("the stylesheet has no dark scheme")
	}
	dark, rest, _ := strings.Cut(rest, "@media")
	rest, print, _ := strings.Cut(rest, "@layer print")
	if strings.Contains(light, "@media") || token.MatchString(rest) {
		return palette{}, fmt.Errorf("a colour is set outside the schemes")
	}
	p := palette{tokens(light), tokens(dark), tokens(light)}
	maps.Copy(p.print, tokens(print))
	return p, nil
}

func tokens(css string) map[string]string {
	found := map[string]string{}
	for _, m := range token.FindAllStringSubmatch(css, -1) {
		if len(m[2]) == 4 { // #fff
			m[2] = string([]byte{'#', m[2][1], m[2][1], m[2][2], m[2][2], m[2][3], m[2][3]})
		}
		found[m[1]] = m[2]
	}
	return found
}

// StylePage is the living style page: the design in all its parts and states.
type StylePage struct {
	Frame
	Colours   []StyleColour
	Pairs     []StylePair
	Sizes     []StyleToken // of type and space
	Fields    map[string]Field
	ErrorList []FieldError
	Seats     []Recipient
	States    []campaign.State
	Stamps    []StyleStamp
	Bars      []StyleBar
}

// StyleColour is one colour of the design.
type StyleColour struct{ Name, Light, Dark string }

// StylePair is two colours that meet, with their contrast.
type StylePair struct {
	Front, Back        string
	Least, Light, Dark string // figures
}

// StyleToken is one measure of the design.
type StyleToken struct{ Name, Value string }

// StyleStamp is a stamp with a count.
type StyleStamp struct{ Letters int }

// StyleBar is one bar of the chart that shows how charts look.
type StyleBar struct {
	Label  string
	N, Max int
}

func (StylePage) template() string { return "dev_style" }

// Style reads the design's tokens out of the stylesheet, for the style page.
func (r *Renderer) Style() (StylePage, error) {
	css, ok := r.Assets().byName["style.css"]
	if !ok {
		return StylePage{}, fmt.Errorf("there is no stylesheet")
	}
	colours, err := readPalette(string(css.Body))
	if err != nil {
		return StylePage{}, err
	}
	var page StylePage
	for _, name := range slices.Sorted(maps.Keys(colours.light)) {
		page.Colours = append(page.Colours, StyleColour{name, colours.light[name], colours.dark[name]})
	}
	figure := func(x float64) string { return fmt.Sprintf("%.1f", x) }
	for _, p := range pairs {
		page.Pairs = append(page.Pairs, StylePair{
			p.front, p.back, figure(p.least),
			figure(campaign.Contrast(colours.light[p.front], colours.light[p.back])),
			figure(campaign.Contrast(colours.dark[p.front], colours.dark[p.back])),
		})
	}
	for _, m := range sizeToken.FindAllStringSubmatch(string(css.Body), -1) {
		page.Sizes = append(page.Sizes, StyleToken{m[1], m[2]})
	}
	page.States = campaign.States()
	page.Stamps = []StyleStamp{{0}, {1}, {4182}, {28888}, {127674}}
	return page, nil
}
