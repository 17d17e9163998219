package campaign

import "testing"

func TestWordList(t *testing.T) {
	for _, c := range []struct {
		name, entry, text string
		want              bool
	}{
		{"the word", "scum", "You are scum.", true},
		{"in capitals", "scum", "SCUM!", true},
		{"within another word", "scum", "The scumble of paint", false},
		{"as the beginning of words", "kill*", "the killing", true},
		{"not the end of words", "kill*", "I am an overkiller", false},
		{"with accents", "scum", "Scúm", true},
		{"an entry with accents", "élite", "the elite", true},
		{"with digits for letters", "scum idiot", "5cum 1d10t", true},
		{"stretched", "kill", "killlllll you", true},
		{"spaced out", "kill", "k i l l you", true},
		{"with dots between", "kill", "k.i.l.l. you", true},
		{"with what cannot be seen within", "kill", "ki\u200bll", true},
		{"several words", "burn in hell", "May you BURN, in\nhell", true},
		{"several words, apart", "burn in hell", "burn wood in hell", false},
		{"several words, the last begun", "death threat*", "death threats", true},
		{"at the end, cut short", "burn in hell", "may you burn in", false},
		{"a number is a number", "io", "10", false},
		{"one letter", "x", "x", true},
		{"nothing listed", "", "anything", false},
		{"a star alone", "*", "anything", false},
		{"another alphabet", "смерть", "Смерть", true},
		{"a full-width word", "kill", "ｋｉｌｌ", true},
		{"what looks like a pattern is none", ".*", "anything", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := newWordList([]string{c.entry}).match("A subject", c.text); got != c.want {
				t.Errorf("%q in %q: %v", c.entry, c.text, got)
			}
		})
	}
}

func FuzzWordList(f *testing.F) {
	f.Add("kill*", "k i l l")
	f.Add("a\xff", "\xff")
	f.Fuzz(func(t *testing.T, entry, text string) {
		newWordList([]string{entry}).match(text)
	})
}
