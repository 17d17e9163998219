package campaign

import (
	"slices"
	"strings"
)

// InWales reports whether a constituency lies in Wales, by its ONS code.
func InWales(constituency string) bool { return strings.HasPrefix(constituency, "W") }

// LetterLangs returns the languages in which a letter to the constituency may
// be written, the campaign's own first. An MP for Wales reads Welsh or has
// somebody who does; elsewhere a letter in the campaign's own language is read
// at once.
func (c *Campaign) LetterLangs(constituency string) []string {
	langs := []string{c.DefaultLang}
	if !InWales(constituency) {
		return langs
	}
	for _, lang := range sortedKeys(c.Texts) {
		if lang != c.DefaultLang {
			langs = append(langs, lang)
		}
	}
	return langs
}

// LetterLang returns the language of a letter to the constituency: the one that
// is wished for, else the page's, else the campaign's own.
func (c *Campaign) LetterLang(constituency, wish, page string) string {
	langs := c.LetterLangs(constituency)
	for _, lang := range []string{wish, page} {
		if slices.Contains(langs, lang) {
			return lang
		}
	}
	return langs[0]
}
