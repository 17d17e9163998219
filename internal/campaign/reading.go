package campaign

import (
	"regexp"
	"strings"
)

// This file and assets/words.js measure the same; both are held to
// testdata/reading-age.json.

// minWords is how many words a text needs for its reading age to mean anything.
const minWords = 30

// endOfSentence is where a sentence ends: at a full stop, question mark,
// exclamation mark, ellipsis, colon or semicolon before white space (closing
// quotation marks and brackets may stand between), and at the end of a line.
// Flesch counted the parts of a sentence on either side of a colon or semicolon
// as sentences too.
var endOfSentence = regexp.MustCompile(`[.?!…:;]+['"”)\]]*[\t-\r\p{Z}]+|[\n\r]+`)

// ReadingAge returns the age in years from which an English text is easily
// read, rounded up. ok is false when the text has fewer than 30 words, or when
// there is nothing to measure.
//
// It is the Flesch–Kincaid grade, 0.39 × words per sentence + 11.8 × syllables
// per word − 15.59, and five years, as the first grade in the United States
// begins at six (Kincaid, Fishburne, Rogers and Chissom, Derivation of New
// Readability Formulas for Navy Enlisted Personnel, 1975). Syllables are
// counted by rules of our own, see syllables. Whole numbers only, so that every
// machine finds the same.
func ReadingAge(text string) (years int, ok bool) {
	words, sentences, heard := 0, 0, 0
	for _, sentence := range endOfSentence.Split(straight.Replace(text), -1) {
		found := wordsOf(sentence)
		if len(found) == 0 {
			continue
		}
		sentences++
		words += len(found)
		for _, w := range found {
			heard += syllables(w)
		}
	}
	if words < minWords {
		return 0, false
	}
	over := 100 * words * sentences
	age := 39*words*words + 1180*heard*sentences - (1559-500)*words*sentences
	return max(5, (age+over-1)/over), true
}

var (
	vowels = regexp.MustCompile(`[aeiouyàáâäèéêëìíîïòóôöùúûüŵŷ]+`)
	// silent is an e that is not heard at the end of a word: "make", "makes",
	// "asked"; not "table", "changes", "wanted".
	silent = regexp.MustCompile(`[^aeiouyl]e$|[aeiouy]les?$|[^aeiouycglsxz]es$|[^aeiouytd]ed$`)
	hushes = regexp.MustCompile(`(?:sh|ch)es$`) // where that e is heard after all
	// apart are two vowels that are heard apart: "period", "media", "various".
	apart = regexp.MustCompile(`[^cglnstx]i[aou]`)
	// shortened is a "not" with a vowel of its own: "didn't", "isn't".
	shortened = regexp.MustCompile(`[ds]n't$`)
)

// syllables counts roughly how many syllables of an English word in lower case
// are heard: one for each group of vowels, less a silent e at the end, and one
// more for vowels that are known to be heard apart. A word has one at least; a
// figure has one.
func syllables(word string) int {
	n := len(vowels.FindAllString(word, -1)) + len(apart.FindAllString(word, -1)) + len(shortened.FindAllString(word, -1))
	if bare := strings.TrimSuffix(word, "'s"); silent.MatchString(bare) && !hushes.MatchString(bare) {
		n--
	}
	return max(n, 1)
}
