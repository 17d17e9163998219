package view

import (
	"strings"
	"testing"
	"unicode"
)

// TestShippedCampaign holds the campaign that Postbag comes with to its facts.
func TestShippedCampaign(t *testing.T) {
	c := shipped(t)
	if len(c.Signatories) != 15 || len(c.Supporting) != 3 || len(c.Organisers) != 2 || c.Goal != 5000 {
		t.Errorf("%d signatories, %d supporters, %d organisers, goal %d", len(c.Signatories), len(c.Supporting), len(c.Organisers), c.Goal)
	}
	advice := 0
	for _, o := range c.Signatories {
		if o.Advice != "" {
			advice++
		}
	}
	if advice != 11 {
		t.Errorf("%d signatories give advice, want 11", advice)
	}
	if len(c.Exceptions) != 1 || c.Exceptions[0].Constituency != "E14001170" {
		t.Errorf("exceptions %v, want the Speaker's constituency alone", c.Exceptions)
	}
	text := c.Text("en")
	words := len(strings.Fields(text.Letter.Body))
	if words < 170 || words > 230 {
		t.Errorf("the letter has %d words, want 170 to 230", words)
	}
	all := []string{text.Headline, text.Lead, text.Description, text.Ask, text.Letter.Body, text.Thanks.Body, text.Thanks.Note, text.Exceptions["speaker"].Body, text.Exceptions["speaker"].Note}
	for _, s := range text.Case {
		all = append(all, s.Paragraphs...)
	}
	if age := readingAge(strings.Join(all, "\n")); age > 12 {
		t.Errorf("the reading age of the campaign is %.1f, want 12 at most", age)
	} else {
		t.Logf("the reading age of the campaign is %.1f", age)
	}
}

// readingAge is the Flesch-Kincaid grade (0.39 words a sentence + 11.8
// syllables a word - 15.59) and five years, with vowel groups for syllables.
func readingAge(text string) float64 {
	var sentences, words, syllables float64
	for _, word := range strings.Fields(text) {
		if strings.ContainsAny(word[len(word)-1:], ".?!:") {
			sentences++
		}
		words++
		inVowel, n := false, 0
		lower := strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))
		for _, r := range lower {
			vowel := strings.ContainsRune("aeiouy", r)
			if vowel && !inVowel {
				n++
			}
			inVowel = vowel
		}
		if strings.HasSuffix(lower, "e") && !strings.HasSuffix(lower, "le") && n > 1 {
			n--
		}
		syllables += float64(max(n, 1))
	}
	return 0.39*words/sentences + 11.8*syllables/words - 15.59 + 5
}
