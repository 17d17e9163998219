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
type wordList struct {
	whole map[string][]entry // by the first word
	begun map[string][]entry // one word with a star, by its first two letters
}

type entry struct {
	words  []string
	prefix bool // of the last word
}

// disguises are characters that stand for a letter in words that are to be
// overlooked.
var disguises = map[rune]rune{'@': 'a', '$': 's', '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't'}

// plainWords returns the words of a text as they are compared: without case, accents,
// apostrophes and disguises, no letter more than twice in a row, and letters that
// stand apart ("k i l l") joined.
func plainWords(text string) (words []string) {
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		text = norm.NFKD.String(strings.Map(visible, straight.Replace(text)))
	}
	words = make([]string, 0, len(text)/5)
	var apart []string
	flush := func() {
		if len(apart) > 2 {
			words = append(words, squeeze(strings.Join(apart, "")))
		} else {
			words = append(words, apart...)
		}
		apart = apart[:0]
	}
	var b []byte
	for field := range strings.FieldsSeq(text) {
		// Only what stands at a letter is a disguise: "10" stays a number.
		disguised := strings.ContainsFunc(field, unicode.IsLetter)
		end := func() {
			switch w := string(b); {
			case w == "":
			case utf8.RuneCountInString(w) == 1:
				apart = append(apart, w)
			default:
				flush()
				words = append(words, squeeze(w))
			}
			b = b[:0]
		}
		for _, r := range field {
			if stands, ok := disguises[r]; ok && disguised {
				r = stands
			}
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r):
				b = utf8.AppendRune(b, unicode.ToLower(r))
			case r == '\'', unicode.In(r, unicode.M, unicode.Cf):
			default:
				end()
			}
		}
		end()
	}
	flush()
	return words
}

// squeeze leaves no character more than twice in a row.
func squeeze(w string) string {
	if !stretched(w) {
		return w
	}
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

func stretched(w string) bool {
	var last, before rune
	for _, r := range w {
		if r == last && r == before {
			return true
		}
		before, last = last, r
	}
	return false
}

func newWordList(entries []string) wordList {
	l := wordList{whole: map[string][]entry{}, begun: map[string][]entry{}}
	for _, typed := range entries {
		trimmed, prefix := strings.CutSuffix(strings.TrimSpace(typed), "*")
		words := plainWords(trimmed)
		switch {
		case len(words) == 0:
		case len(words) == 1 && prefix:
			l.begun[firstTwo(words[0])] = append(l.begun[firstTwo(words[0])], entry{words, true})
		default:
			l.whole[words[0]] = append(l.whole[words[0]], entry{words, prefix})
		}
	}
	return l
}

func firstTwo(w string) string {
	_, n := utf8.DecodeRuneInString(w)
	_, m := utf8.DecodeRuneInString(w[n:])
	return w[:n+m]
}

// match reports whether a text has a word of the list.
func (l wordList) match(texts ...string) bool {
	if len(l.whole) == 0 && len(l.begun) == 0 {
		return false
	}
	for _, text := range texts {
		words := plainWords(text)
		for i, w := range words {
			_, one := utf8.DecodeRuneInString(w)
			for _, entries := range [][]entry{l.whole[w], l.begun[firstTwo(w)], l.begun[w[:one]]} {
				for _, e := range entries {
					if e.stands(words[i:]) {
						return true
					}
				}
			}
		}
	}
	return false
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
