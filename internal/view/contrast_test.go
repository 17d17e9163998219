package view

import (
	"fmt"
	"io/fs"
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"postbag/assets"
)

// pairs are the colours that meet in the stylesheet: the least contrast is 4.5
// for text and 3 for what bounds or marks a control (WCAG 2.2, 1.4.3 and
// 1.4.11).
var pairs = []struct {
	front, back string
	least       float64
}{
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
}

var token = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b`)

func TestStylesheet_Contrast(t *testing.T) {
	css, err := fs.ReadFile(assets.FS, "style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), "@media screen and (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("there is no dark scheme")
	}
	dark, rest, _ := strings.Cut(rest, "@media")
	rest, print, _ := strings.Cut(rest, "@layer print {")
	if strings.Contains(light, "@media") || token.MatchString(rest) {
		t.Error("a colour is set outside the schemes, where nothing checks it")
	}
	schemes := map[string]map[string]string{"light": tokens(light), "dark": tokens(dark), "print": tokens(light)}
	maps.Copy(schemes["print"], tokens(print))
	for name, colours := range schemes {
		for _, p := range pairs {
			a, b := colours[p.front], colours[p.back]
			if a == "" || b == "" {
				t.Errorf("%s: --%s or --%s is not set", name, p.front, p.back)
				continue
			}
			if got := contrast(t, a, b); got < p.least {
				t.Errorf("%s: --%s %s on --%s %s: contrast %.2f, want %.1f", name, p.front, a, p.back, b, got, p.least)
			}
		}
	}
	for name, colours := range schemes {
		// More letters, or the next step of the map, always look further from
		// its ground: a map printed in grey still tells more from fewer.
		for i := range 5 {
			ground, a, b := colours["sheet"], colours[fmt.Sprintf("map-%d", i)], colours[fmt.Sprintf("map-%d", i+1)]
			if step := contrast(t, b, ground) / contrast(t, a, ground); step < 1.25 {
				t.Errorf("%s: --map-%d is only %.2f times as strong as --map-%d", name, i+1, step, i)
			}
		}
	}
	for name := range schemes["light"] {
		if schemes["dark"][name] == "" {
			t.Errorf("--%s has no dark colour", name)
		}
	}
}

func tokens(css string) map[string]string {
	found := map[string]string{}
	for _, m := range token.FindAllStringSubmatch(css, -1) {
		found[m[1]] = m[2]
	}
	return found
}

// contrast is the ratio of relative luminances as WCAG 2.2 defines it.
func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := colour[1:]
	if len(hex) == 3 {
		hex = fmt.Sprintf("%c%c%c%c%c%c", hex[0], hex[0], hex[1], hex[1], hex[2], hex[2])
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("%q is not a colour", colour)
	}
	linear := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}
