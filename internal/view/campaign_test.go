package view

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"postbag/internal/campaign"
)

// TestShippedCampaign holds the campaign that Postbag comes with to its facts.
func TestShippedCampaign(t *testing.T) {
	c := shipped(t)
	if len(c.Signatories) != 15 || len(c.Supporting) != 3 || len(c.Organisers) != 2 || c.Goal != 5000 {
		t.Errorf("%d signatories, %d supporters, %d organisers, goal %d", len(c.Signatories), len(c.Supporting), len(c.Organisers), c.Goal)
	}
	advice := 0
	for _, o := range c.Signatories {
		if o.GivesAdvice() {
			advice++
		}
	}
	if advice != 11 {
		t.Errorf("%d signatories give advice, want 11", advice)
	}
	if len(c.Rules) != 2 || !c.Rules[0].Exempt || !slices.Equal(c.Rules[0].Constituency, []string{"E14001170"}) || c.Rules[1].Exempt {
		t.Errorf("rules %v, want the Speaker exempt alone, and thanks", c.Rules)
	}
	text := c.Text("en")
	words := len(strings.Fields(text.Letters["ask"].Body))
	if words < 170 || words > 230 {
		t.Errorf("the letter has %d words, want 170 to 230", words)
	}
}

// TestShippedCampaign_EveryLanguage: a campaign says the same in each of its
// languages, with the same figures.
func TestShippedCampaign_EveryLanguage(t *testing.T) {
	c := shipped(t)
	if c.Texts["cy"] == nil {
		t.Fatal("there are no texts in Welsh")
	}
	english := c.Text("en")
	for lang, text := range c.Texts {
		if len(text.Case) != len(english.Case) {
			t.Fatalf("%s: the case has %d sections, want %d", lang, len(text.Case), len(english.Case))
		}
		pairs := [][2]string{{english.Lead, text.Lead}, {english.Description, text.Description}, {english.Ask, text.Ask}}
		for i, section := range text.Case {
			if section.Heading == "" || len(section.Paragraphs) != len(english.Case[i].Paragraphs) {
				t.Fatalf("%s: section %d, %q, has %d paragraphs", lang, i+1, section.Heading, len(section.Paragraphs))
			}
			for j, p := range section.Paragraphs {
				pairs = append(pairs, [2]string{english.Case[i].Paragraphs[j], p})
			}
		}
		var letters [][2]campaign.LetterText
		for key, letter := range english.Letters {
			letters = append(letters, [2]campaign.LetterText{letter, text.Letters[key]})
		}
		for _, l := range letters {
			if (l[0].Note == "") != (l[1].Note == "") {
				t.Errorf("%s: a note in one language and not in the other: %q", lang, l[0].Note+l[1].Note)
			}
			pairs = append(pairs, [2]string{l[0].Body, l[1].Body})
			for name, p := range map[string][2]string{
				"note": {l[0].Note, l[1].Note}, "subject": {l[0].Subject, l[1].Subject}, "salutation": {l[0].Salutation, l[1].Salutation},
				"body": {l[0].Body, l[1].Body}, "sign_off": {l[0].SignOff, l[1].SignOff},
			} {
				if a, b := placeholders(p[0]), placeholders(p[1]); !slices.Equal(a, b) {
					t.Errorf("%s: a %s fills in %v, want %v", lang, name, b, a)
				}
			}
		}
		for _, p := range pairs {
			if lang != "en" && p[0] == p[1] {
				t.Errorf("%s: still English: %q", lang, p[1])
			}
			if a, b := figures(p[0]), figures(p[1]); !slices.Equal(a, b) {
				t.Errorf("%s: the figures are %v, want %v: %q", lang, b, a, p[1])
			}
			if strings.ContainsAny(p[1], `'"`) {
				t.Errorf("%s: a straight quote in %q", lang, p[1])
			}
		}
		for _, o := range slices.Concat(c.Signatories, c.Supporting) {
			if o.GivesAdvice() && o.Advice[lang] == "" {
				t.Errorf("%s: what %s advises on is not said", lang, o.Name)
			}
			if lang != "en" && o.GivesAdvice() && o.Advice[lang] == o.Advice["en"] {
				t.Errorf("%s: what %s advises on is still English", lang, o.Name)
			}
			if o.URL != "" || o.Phone != "" {
				t.Errorf("%s: addresses and numbers are the organisers' to fill in", o.Name)
			}
		}
	}
}

// figures lists the numbers in a text, sorted: 723, 2012, 100.
func figures(text string) []string {
	found := regexp.MustCompile(`[0-9]+`).FindAllString(text, -1)
	slices.Sort(found)
	return found
}
