package campaign

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// This file and assets/words.js measure the same, word for word; both are held
// to testdata/own-words.json.

// runOfWords is how many words in a row make a phrase. One word or two in
// common mean nothing ("of the"); three seldom meet by chance.
const runOfWords = 3

// word is a word in lower-case text: letters with their marks and digits, and
// apostrophes between these.
var word = regexp.MustCompile(`[\p{L}\p{M}\p{Nd}]+(?:'[\p{L}\p{M}\p{Nd}]+)*`)

// straight makes every apostrophe the same.
var straight = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'")

// wordsOf returns the words of a text: in composed form (NFC), in lower case,
// letter by letter, without regard to language.
func wordsOf(text string) []string {
	text = norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD"))
	return word.FindAllString(strings.Map(unicode.ToLower, straight.Replace(text)), -1)
}

// OwnWords returns how much of a text is in the writer's own words, as a
// percentage of its words from 0 to 100.
//
// A word is the template's when it stands in a run of three words that occur in
// the template in that order, one after the other; all others are the writer's
// own. Capitals, punctuation and line breaks make no difference, and neither
// does moving whole sentences about or leaving some out. A text of one or two
// words is taken as one run. The percentage is rounded down, so that 100 means
// every word. A text without words has none of its own: 0.
func OwnWords(template, text string) int {
	words := wordsOf(text)
	if len(words) == 0 {
		return 0
	}
	run := min(runOfWords, len(words))
	phrases := map[string]bool{}
	theirs := wordsOf(template)
	for i := 0; i+run <= len(theirs); i++ {
		phrases[strings.Join(theirs[i:i+run], " ")] = true
	}
	taken, upTo := 0, 0 // upTo: words before it are counted
	for i := 0; i+run <= len(words); i++ {
		if phrases[strings.Join(words[i:i+run], " ")] {
			taken += i + run - max(i, upTo)
			upTo = i + run
		}
	}
	return 100 * (len(words) - taken) / len(words)
}

// OwnLevel says in which of four steps a percentage of own words lies.
type OwnLevel string

// The steps.
const (
	OwnNone  OwnLevel = "none"  // the template, but for a word here and there
	OwnStart OwnLevel = "start" // from 2 per cent: a sentence
	OwnGood  OwnLevel = "good"  // from 25 per cent: a paragraph or two
	OwnYours OwnLevel = "yours" // from 85 per cent
)

// LevelOf returns the step of a percentage of own words.
func LevelOf(percent int) OwnLevel {
	switch {
	case percent >= 85:
		return OwnYours
	case percent >= 25:
		return OwnGood
	case percent >= 2:
		return OwnStart
	default:
		return OwnNone
	}
}
