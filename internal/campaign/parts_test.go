package campaign_test

import (
	"testing"

	. "postbag/internal/campaign"
)

func TestFile_Remove(t *testing.T) {
	for _, c := range []struct {
		name, kind, key string
		want            bool
	}{
		{"a letter that a rule names", PartLetter, "speaker", false},
		{"the letter to everyone else", PartLetter, "ask", false},
		{"a letter that no rule names", PartLetter, "thanks", true},
		{"an exclusion that no rule names", PartExclusion, "minister", true},
		{"an exclusion that a rule names", PartExclusion, "named", false},
		{"the default language", PartLanguage, "en", false},
		{"another language", PartLanguage, "cy", true},
		{"no such kind", "rule", "1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := func() *Text {
				return &Text{Letters: map[string]LetterText{"ask": {}, "thanks": {}, "speaker": {}}, Exclusions: map[string]Exclusion{"minister": {}, "named": {}}}
			}
			f := File{DefaultLanguage: "en", Texts: map[string]*Text{"en": text(), "cy": text()}, Rules: []Rule{{Letter: "speaker"}, {Exclude: "named"}}}
			if got := f.Remove(c.kind, c.key); got != c.want || f.Removable(c.kind, c.key) != c.want {
				t.Errorf("removed: %v", got)
			}
			left := 2 + 2*3 + 2*2
			for _, text := range f.Texts {
				left -= 1 + len(text.Letters) + len(text.Exclusions)
			}
			if (left > 0) != c.want {
				t.Errorf("%d parts are gone", left)
			}
		})
	}
}
