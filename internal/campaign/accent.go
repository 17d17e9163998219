package campaign

import (
	"fmt"
	"strings"
)

// Accent is a campaign's own colour with the shades that the design needs of
// it, on light paper and on dark. Shades are by the name of the design's token
// without the dashes: "accent", "on-accent", "map-3".
type Accent struct {
	Hex         string // as the campaign file has it, in lower case: "#1f6f50"
	Light, Dark map[string]string
}

// Grounds are the design's colours that an accent is seen on: --paper, --sheet
// and --envelope of assets/style.css. A test holds them to it.
var (
	LightGrounds = map[string]string{"paper": "#f8f3e7", "sheet": "#fffdf7", "envelope": "#fdf7e8"}
	DarkGrounds  = map[string]string{"paper": "#12161e", "sheet": "#1b212c", "envelope": "#1d2430"}
)

// leastContrast is what text needs on its ground (WCAG 2.2, 1.4.3).
const leastContrast = 4.5

// The contrasts that the design's own red has, which every accent's shades get.
var (
	lightMap = [...]float64{1.64, 2.4, 3.7, 7, 12}
	darkMap  = [...]float64{1.72, 2.5, 3.8, 6.6, 12}
)

// ParseAccent reads a colour of a campaign file. It must be dark enough for
// white letters on it, and for its own letters on paper; what is wrong with it
// is said in a sentence with the nearest shade that will do.
func ParseAccent(hex string) (*Accent, error) {
	hex = strings.ToLower(strings.TrimSpace(hex))
	accent, ok := parseColour(hex)
	if !ok {
		return nil, fmt.Errorf("%q is no colour; write it as # and six digits, such as \"#1f6f50\"", hex)
	}
	paper, _ := parseColour(LightGrounds["paper"]) // the darkest of the grounds
	hue := accent.oklch()
	if got := contrast(accent, paper); got < leastContrast {
		return nil, fmt.Errorf("%s is too light: its contrast with paper is %.1f and has to be %.1f, or people can’t read what stands on it; the nearest shade that will do is %q",
			hex, got, leastContrast, hue.against(paper, leastContrast).hex())
	}
	return &Accent{Hex: hex, Light: lightShades(accent, hue), Dark: darkShades(hue)}, nil
}

func lightShades(accent rgb, hue oklch) map[string]string {
	white, _ := parseColour("#ffffff")
	sheet, _ := parseColour(LightGrounds["sheet"])
	paper, _ := parseColour(LightGrounds["paper"])
	strong := max(contrast(accent, paper)*1.3, 6.5) // for what is pressed, and for letters
	shades := map[string]string{
		"accent": accent.hex(), "on-accent": white.hex(),
		"accent-2":    hue.against(paper, min(strong, 15)).hex(),
		"accent-ink":  hue.against(paper, min(strong, 15)).hex(),
		"accent-wash": oklch{hue.l, min(hue.c, 0.03), hue.h}.against(sheet, 1.15).hex(),
		"stamp":       hue.against(paper, max(contrast(accent, paper), 6)).hex(),
	}
	for i, want := range lightMap {
		shades[fmt.Sprintf("map-%d", i+1)] = hue.against(sheet, want).hex()
	}
	return shades
}

func darkShades(hue oklch) map[string]string {
	sheet, _ := parseColour(DarkGrounds["sheet"])
	paper, _ := parseColour(LightGrounds["paper"])
	accent := hue.against(sheet, 6.6)
	shades := map[string]string{
		"accent":      accent.hex(),
		"on-accent":   oklch{hue.l, min(hue.c, 0.04), hue.h}.against(accent, 7).hex(),
		"accent-2":    hue.against(sheet, 8.5).hex(),
		"accent-ink":  hue.against(sheet, 8.2).hex(),
		"accent-wash": oklch{hue.l, min(hue.c, 0.06), hue.h}.against(sheet, 1.05).hex(),
		"stamp":       hue.against(paper, 6.5).hex(), // a stamp is printed: it is the same by night
	}
	for i, want := range darkMap {
		shades[fmt.Sprintf("map-%d", i+1)] = hue.against(sheet, want).hex()
	}
	return shades
}
