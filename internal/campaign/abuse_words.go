package campaign

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of a campaign's list of words.
const (
	MaxWords      = 300
	MaxWordLength = 60 // characters (runes) of an entry
)

// wordList finds listed words in texts: whole words, or those that begin so where the
// entry ends with a star. An entry may have several words.
type wordList map[string][]entry // by the first two letters

type entry struct {
	words  []string
	prefix bool // of the last word
}

// disguises are characters that stand for a letter in words that are to be overlooked.
var disguises = strings.NewReplacer("@", "a", "$", "s", "0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t")

// plainWords returns the words of a text as they are compared: without case, accents
// and disguises, no letter more than twice in a row, and letters that stand apart
// ("k i l l") joined.
func plainWords(text string) (words []string) {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(strings.Map(visible, text)))
	// Only what stands at a letter is a disguise: "10" stays a number.
	text = disguised(text)
	var apart []string
	flush := func() {
		if len(apart) > 2 {
			words = append(words, squeeze(strings.Join(apart, "")))
		} else {
			words = append(words, apart...)
		}
		apart = nil
	}
	for _, w := range wordsOf(text) {
		if utf8.RuneCountInString(w) == 1 {
			apart = append(apart, w)
			continue
		}
		flush()
		words = append(words, squeeze(w))
	}
	flush()
	return words
}

// disguised writes letters in place of what stands for them within a word.
func disguised(text string) string {
	fields := strings.FieldsFunc(text, unicode.IsSpace)
	for i, f := range fields {
		if strings.ContainsFunc(f, unicode.IsLetter) {
			fields[i] = disguises.Replace(f)
		}
	}
	return strings.Join(fields, " ")
}

// squeeze leaves no character more than twice in a row.
func squeeze(w string) string {
	var b strings.Builder
	var last, before rune
	for _, r := range w {
		if r != last || r != before {
			b.WriteRune(r)
		}
		before, last = last, r
	}
	return b.String()
}

func newWordList(entries []string) wordList {
	list := wordList{}
	for _, typed := range entries {
		trimmed, prefix := strings.CutSuffix(strings.TrimSpace(typed), "*")
		if words := plainWords(trimmed); len(words) > 0 {
			key := firstTwo(words[0])
			list[key] = append(list[key], entry{words, prefix})
		}
	}
	return list
}

func firstTwo(w string) string {
	_, n := utf8.DecodeRuneInString(w)
	_, m := utf8.DecodeRuneInString(w[n:])
	return w[:n+m]
}

// match reports whether a text has a word of the list.
func (l wordList) match(texts ...string) bool {
	if len(l) == 0 {
		return false
	}
	for _, text := range texts {
		words := plainWords(text)
		for i, w := range words {
			for _, e := range l[firstTwo(w)] {
				if e.stands(words[i:]) {
					return true
				}
			}
			// A star after one letter, or a word of one.
			for _, e := range l[w[:firstLen(w)]] {
				if e.stands(words[i:]) {
					return true
				}
			}
		}
	}
	return false
}

func firstLen(w string) int {
	_, n := utf8.DecodeRuneInString(w)
	return n
}

// stands reports whether an entry stands at the beginning of words.
func (e entry) stands(words []string) bool {
	if len(words) < len(e.words) {
		return false
	}
	last := len(e.words) - 1
	for i, w := range e.words {
		if i == last && e.prefix && strings.HasPrefix(words[i], w) {
			return true
		}
		if words[i] != w {
			return false
		}
	}
	return true
}
