package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"postbag/internal/campaign"
)

// oldestReader is the reading age that nothing in English may pass
// (campaign.ReadingAge says how it is found).
const oldestReader = 12

// credits are sentences whose words a licence prescribes.
var credits = []string{"footer.data"}

// TestReadingAge holds every English sentence to it. A single sentence has no
// reading age, so they are measured together: those of the catalogue by the
// table that they stand in (letter, field.name …), each on a line of its own,
// and tables of fewer than 30 words with the other short ones; those of a
// campaign by what is read in one go: the front, each section, each letter.
func TestReadingAge(t *testing.T) {
	groups := map[string][]string{}
	english := catalogues(t)[DefaultLang]
	for key, m := range english.messages {
		if slices.Contains(credits, key) {
			continue
		}
		table := key[:strings.LastIndexByte(key, '.')]
		groups["en.toml ["+table+"]"] = append(groups["en.toml ["+table+"]"], m.One, m.Other)
	}
	text := shipped(t).Text(DefaultLang)
	groups["campaign: front"] = []string{text.Title, text.Headline, text.Lead, text.Description, text.Ask}
	for _, s := range text.Case {
		groups["campaign: "+s.Heading] = append([]string{s.Heading}, s.Paragraphs...)
	}
	letter := func(l campaign.LetterText) []string {
		return []string{l.Note, l.Subject, l.Salutation, l.Body, l.SignOff}
	}
	groups["campaign: letter"] = letter(text.Letter)
	groups["campaign: thanks"] = letter(text.Thanks)
	for key, l := range text.Exceptions {
		groups["campaign: exception "+key] = letter(l)
	}

	var short []string
	check := func(name string, lines []string) bool {
		years, ok := campaign.ReadingAge(placeholder.ReplaceAllString(strings.Join(lines, "\n"), "Jane Doe"))
		t.Logf("%d %s", years, name)
		if years > oldestReader {
			t.Errorf("%s: the reading age is %d, want %d at most", name, years, oldestReader)
		}
		return ok
	}
	for name, lines := range groups {
		slices.Sort(lines)
		if !check(name, lines) {
			short = append(short, lines...)
		}
	}
	if !check(fmt.Sprintf("%d lines of short tables", len(short)), short) && len(short) > 30 {
		t.Error("nothing was measured")
	}
}
