package view

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postbag/internal/campaign"
)

// oldestReader is the reading age that nothing in English may pass
// (campaign.ReadingAge says how it is found).
const oldestReader = 12

// sentence finds a line that ends as sentences do.
var sentence = regexp.MustCompile(`[.?!…:][”)\]]*\s*$`)

// credits are sentences whose words a licence prescribes.
var credits = []string{"footer.data"}

// TestReadingAge holds every English sentence to it. A single sentence has no
// reading age, so they are measured together: those of the catalogue by the
// table that they stand in (letter, field.name …), each on a line of its own,
// and tables of fewer than 30 words with the other short ones; those of a
// campaign by what is read in one go: the front, each section, each letter.
//
// Labels and headings, which end in no full stop, are easier than sentences and
// would hide hard ones, so they are measured apart, all together.
func TestReadingAge(t *testing.T) {
	groups := map[string][]string{}
	var labels []string
	add := func(group string, lines ...string) {
		for _, line := range lines {
			switch {
			case line == "":
			case sentence.MatchString(line):
				groups[group] = append(groups[group], line)
			default:
				labels = append(labels, line)
			}
		}
	}
	english := catalogues(t)[DefaultLang]
	for key, m := range english.messages {
		if slices.Contains(credits, key) {
			continue
		}
		add("en.toml ["+key[:strings.LastIndexByte(key, '.')]+"]", m.One, m.Other)
	}
	c := shipped(t)
	text := c.Text(DefaultLang)
	add("campaign: front", text.Title, text.Headline, text.Lead, text.Description, text.Ask, text.PictureAlt)
	add("campaign: questions", text.Questions...)
	for _, s := range text.Case {
		add("campaign: "+s.Heading, append(s.Paragraphs, s.Heading)...)
	}
	letter := func(group string, l campaign.LetterText) {
		add(group, l.Tag, l.Note, l.Check, l.Subject, l.Salutation, l.Body, l.SignOff)
	}
	for key, l := range text.Letters {
		letter("campaign: letter "+key, l)
	}
	for _, o := range slices.Concat(c.Signatories, c.Supporting) {
		if words, _ := o.AdviceIn(DefaultLang); words != "" { // a phrase, which has to be understood like a sentence
			groups["campaign: advice"] = append(groups["campaign: advice"], words)
		}
	}

	var short []string
	check := func(name string, lines []string) bool {
		slices.Sort(lines)
		years, ok := campaign.ReadingAge(placeholder.ReplaceAllString(strings.Join(lines, "\n"), "Jane Doe"))
		t.Logf("%d %s", years, name)
		if years > oldestReader {
			t.Errorf("%s: the reading age is %d, want %d at most", name, years, oldestReader)
		}
		return ok
	}
	for name, lines := range groups {
		if !check(name, lines) {
			short = append(short, lines...)
		}
	}
	for name, lines := range map[string][]string{"short tables": short, "labels": labels} {
		if !check(fmt.Sprintf("%d lines: %s", len(lines), name), lines) {
			t.Errorf("%s: nothing was measured", name)
		}
	}
}
