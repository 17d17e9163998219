package campaign

import "testing"

func TestSyllables(t *testing.T) {
	for n, words := range map[int][]string{
		1: {"a", "the", "make", "makes", "asked", "come", "2012", "nth", "tr", "you", "can't", "here"},
		2: {"table", "tables", "wanted", "changes", "wishes", "letter", "didn't", "office"},
		3: {"period", "media", "various", "immigrant", "radio"},
		4: {"immigration", "material"},
	} {
		for _, word := range words {
			if got := syllables(word); got != n {
				t.Errorf("%q has %d syllables, want %d", word, got, n)
			}
		}
	}
}
