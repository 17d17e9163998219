package view

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"postbag/internal/campaign"
)

// Theme is the small stylesheet that gives a campaign's pages its own colour.
type Theme struct {
	Hash string // of Body, for an address that changes with it
	Body []byte
}

// NewTheme writes the stylesheet of an accent. It stands in a cascade layer
// right after the design's own tokens, so it changes those and nothing else.
func NewTheme(a *campaign.Accent) Theme {
	var b strings.Builder
	b.WriteString("@layer theme {\n:root {" + declarations(a.Light) + " }\n")
	b.WriteString("@media screen and (prefers-color-scheme: dark) {\n:root {" + declarations(a.Dark) + " }\n}\n}\n")
	body := []byte(b.String())
	sum := sha256.Sum256(body)
	return Theme{Hash: hex.EncodeToString(sum[:6]), Body: body}
}

func declarations(shades map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(shades)) {
		b.WriteString(" --" + name + ": " + shades[name] + ";")
	}
	return b.String()
}
