package view

import (
	"fmt"
	"io/fs"
	"testing"

	"postbag/assets"
	"postbag/internal/campaign"
)

func stylesheet(t *testing.T) string {
	t.Helper()
	css, err := fs.ReadFile(assets.FS, "style.css")
	if err != nil {
		t.Fatal(err)
	}
	return string(css)
}

func TestStylesheet_Contrast(t *testing.T) {
	colours, err := readPalette(stylesheet(t))
	if err != nil {
		t.Fatal(err)
	}
	schemes := map[string]map[string]string{"light": colours.light, "dark": colours.dark, "print": colours.print}
	for name, colours := range schemes {
		checkPairs(t, name, colours)
	}
	for name := range colours.light {
		if colours.dark[name] == "" {
			t.Errorf("--%s has no dark colour", name)
		}
	}
}

// checkPairs holds the colours of a scheme to what people can read.
func checkPairs(t *testing.T, scheme string, colours map[string]string) {
	t.Helper()
	for _, p := range pairs {
		a, b := colours[p.front], colours[p.back]
		if a == "" || b == "" {
			t.Errorf("%s: --%s or --%s is not set", scheme, p.front, p.back)
			continue
		}
		if got := campaign.Contrast(a, b); got < p.least {
			t.Errorf("%s: --%s %s on --%s %s: contrast %.2f, want %.1f", scheme, p.front, a, p.back, b, got, p.least)
		}
	}
	// Each step of the map stands out further from its ground than the one
	// before, so that the map tells more from fewer without colour too.
	for i := range 5 {
		ground, a, b := colours["sheet"], colours[fmt.Sprintf("map-%d", i)], colours[fmt.Sprintf("map-%d", i+1)]
		if step := campaign.Contrast(b, ground) / campaign.Contrast(a, ground); step < 1.25 {
			t.Errorf("%s: --map-%d %s is only %.2f times as strong as --map-%d %s", scheme, i+1, b, step, i, a)
		}
	}
}

func TestReadPalette_RefusesColoursThatNothingChecks(t *testing.T) {
	const good = `:root { --a: #fff; } @media screen and (prefers-color-scheme: dark) { :root { --a: #000000; } } @media x {} @layer print { :root { --a: #abc; } }`
	p, err := readPalette(good)
	if err != nil || p.light["a"] != "#ffffff" || p.dark["a"] != "#000000" || p.print["a"] != "#aabbcc" {
		t.Errorf("%+v, %v", p, err)
	}
	for name, css := range map[string]string{
		"no dark scheme":       `:root { --a: #fff; }`,
		"a colour elsewhere":   good[:len(good)-1] + `}`,
		"a colour in a medium": `@media x { :root { --a: #fff; } }` + good,
	} {
		if name == "a colour elsewhere" {
			css = `:root { --a: #fff; } @media screen and (prefers-color-scheme: dark) {} @media x { --b: #123456; }`
		}
		if _, err := readPalette(css); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A campaign's colour takes the place of the accent and of nothing else, and
// everything can still be read.
func TestNewTheme_EveryAccentThatIsTakenCanBeRead(t *testing.T) {
	colours, err := readPalette(stylesheet(t))
	if err != nil {
		t.Fatal(err)
	}
	for scheme, grounds := range map[string]map[string]string{"light": campaign.LightGrounds, "dark": campaign.DarkGrounds} {
		have := map[string]map[string]string{"light": colours.light, "dark": colours.dark}[scheme]
		for name, value := range grounds {
			if have[name] != value {
				t.Errorf("%s: --%s is %s, and internal/campaign believes that it is %s", scheme, name, have[name], value)
			}
		}
	}
	taken := 0
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				accent, err := campaign.ParseAccent(fmt.Sprintf("#%02x%02x%02x", r, g, b))
				if err != nil {
					continue
				}
				taken++
				theme, err := readPalette(string(NewTheme(accent).Body) + "@media @layer print {")
				if err != nil {
					t.Fatal(err)
				}
				for scheme, both := range map[string][2]map[string]string{"light": {colours.light, theme.light}, "dark": {colours.dark, theme.dark}} {
					merged := map[string]string{}
					for name, value := range both[0] {
						merged[name] = value
					}
					for name, value := range both[1] {
						if merged[name] == "" {
							t.Fatalf("the theme sets --%s, which the design does not have", name)
						}
						merged[name] = value
					}
					checkPairs(t, accent.Hex+" "+scheme, merged)
				}
			}
		}
	}
	if taken < 50 {
		t.Errorf("only %d of 216 colours were taken", taken)
	}
}
