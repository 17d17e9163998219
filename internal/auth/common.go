package auth

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A list of common passwords of fifteen characters or more would be long, and
// whoever reads "Password2026!!!" in a list types "Password2027!!!". So a password
// is taken apart into what people make passwords of, the way somebody who guesses
// puts them together, and it is common when too few guesses lead to it.

// enough is how many bits a password must be worth: guesses are so few here
// (see account.Limit) that a thousand million are far more than anybody gets.
const enough = 30

// looked is how many characters of a password are looked at, once it is taken apart:
// twice as many as it may have, as one can come apart into eighteen. All of it is worth
// no less, but for a piece that the end cuts in two; and how long that takes grows with
// their square.
const looked = 512

// What pieces of a password are worth, in bits.
const (
	worthOwn       = 3   // a word from around the account: the first to be tried
	worthWord      = 8.5 // one of the list
	worthRun       = 7   // keys beside each other, the alphabet, 1234
	worthCopy      = 2.5 // what has stood before, once more
	worthYear      = 6   // 1920 to 2059
	worthDigit     = 3.3
	worthLetter    = 4.7
	worthSeparator = 1.5 // a space, or what stands for one
	worthOther     = 5.5
	worthLeet      = 1   // a number or sign in place of a letter, however many in a word
	worthBackwards = 1.5 // a word written from its end
)

//go:embed common.txt
var commonWords string

// commonList is the list as a set, and the length of its longest word.
var commonList = sync.OnceValues(func() (map[string]bool, int) {
	words, longest := map[string]bool{}, 0
	for line := range strings.Lines(commonWords) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			words[word] = true
			longest = max(longest, utf8.RuneCountInString(word))
		}
	}
	return words, longest
})

// runs are the orders in which people strike keys, forwards and backwards.
var runs = func() []string {
	all := []string{
		"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
		"1234567890", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
		"1q2w3e4r5t6y7u8i9o0p", "a1b2c3d4e5f6g7h8i9j0", "02468", "13579", "147258369", "!\"£$%^&*()", "!@#$%^&*()",
	}
	for _, run := range slices.Clone(all) {
		all = append(all, backwards(run))
	}
	return all
}()

// leet maps what stands in place of a letter. What may be either i or l is read
// both ways.
var leet = map[rune]rune{'0': 'o', '1': 'i', '2': 'z', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g', '@': 'a', '$': 's', '!': 'i', '|': 'l', '+': 't', '€': 'e', '£': 'l'}

// Common reports whether the password is one of those that are tried first. Own
// are words from around the account: the person's name and address, the site's
// name, the titles of campaigns.
func (p *Passwords) Common(password string, own ...string) bool {
	return worth(password, own) < enough
}

// worth is how much guessing a password takes, in bits: that of the cheapest way
// to put it together. It is a rough measure, for passwords people choose.
func worth(password string, own []string) float64 {
	typed := plain(password)
	typed = typed[:min(len(typed), looked)]
	whole := newPuzzle(typed, own).solve()
	// Words taken apart by signs are still those words.
	var letters []rune
	signs := map[rune]bool{}
	for _, r := range typed {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, r)
		} else {
			signs[r] = true
		}
	}
	if len(signs) == 0 || len(letters)*2 < len(typed) {
		return whole
	}
	return min(whole, newPuzzle(letters, own).solve()+worthOther*float64(len(signs)))
}

// plain takes capitals and accents away.
func plain(s string) []rune {
	var out []rune
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			out = append(out, r)
		}
	}
	return out
}

// puzzle is a password to be put together from pieces.
type puzzle struct {
	typed []rune
	read  [2][]rune // with letters for what stands for them; of one length with typed
	own   map[string]bool
	most  int // the longest word to look for
}

func newPuzzle(typed []rune, own []string) puzzle {
	p := puzzle{typed: typed, own: map[string]bool{}}
	_, p.most = commonList()
	for i := range p.read {
		p.read[i] = slices.Clone(typed)
		for at, r := range typed {
			if letter, ok := leet[r]; ok {
				p.read[i][at] = letter
			}
			if i == 1 && (r == '1' || r == '!') {
				p.read[i][at] = 'l'
			}
		}
	}
	for _, phrase := range own {
		all := ""
		for _, word := range strings.FieldsFunc(string(plain(phrase)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			all += word
			p.addOwn(word)
		}
		p.addOwn(all)
	}
	return p
}

func (p *puzzle) addOwn(word string) {
	if n := utf8.RuneCountInString(word); n >= 3 {
		p.own[word] = true
		p.most = max(p.most, n)
	}
}

// solve returns the least sum of pieces that make the password.
func (p puzzle) solve() float64 {
	n := len(p.typed)
	best := make([]float64, n+1)
	for i := range best[1:] {
		best[i+1] = 1e9
	}
	seen := p.seenBefore()
	for i := range n {
		piece := func(length int, bits float64) {
			if length > 0 && i+length <= n {
				best[i+length] = min(best[i+length], best[i]+bits)
			}
		}
		piece(1, single(p.typed[i]))
		for length := 2; length <= seen[i]; length++ {
			piece(length, worthCopy)
		}
		for length := p.run(i); length >= 3; length-- {
			piece(length, worthRun)
		}
		if p.year(i) {
			piece(4, worthYear)
		}
		for length := 3; length <= min(p.most, n-i); length++ {
			if bits, ok := p.word(i, length); ok {
				piece(length, bits)
			}
		}
	}
	return best[n]
}

func single(r rune) float64 {
	switch {
	case r >= '0' && r <= '9':
		return worthDigit
	case r >= 'a' && r <= 'z':
		return worthLetter
	case unicode.IsSpace(r), strings.ContainsRune("-_.,!?", r):
		return worthSeparator
	}
	return worthOther
}

// seenBefore returns for each place how much of what follows has stood before,
// as in "abcabc" or "aaaa".
func (p puzzle) seenBefore() []int {
	n := len(p.typed)
	longest := make([]int, n)
	below, row := make([]int, n+1), make([]int, n+1) // for the row after: how much from k and from i+1 is the same
	for i := n - 1; i > 0; i-- {
		for k := range i {
			row[k] = 0
			if p.typed[k] == p.typed[i] {
				row[k] = 1 + below[k+1]
			}
			longest[i] = max(longest[i], row[k])
		}
		below, row = row, below
	}
	return longest
}

// run returns how far keys follow each other as they stand in a row.
func (p puzzle) run(i int) int {
	longest := 0
	for _, order := range runs {
		keys := []rune(order)
		at := slices.Index(keys, p.typed[i])
		if at < 0 {
			continue
		}
		length := 0
		for i+length < len(p.typed) && at+length < len(keys) && p.typed[i+length] == keys[at+length] {
			length++
		}
		longest = max(longest, length)
	}
	return longest
}

func (p puzzle) year(i int) bool {
	if i+4 > len(p.typed) {
		return false
	}
	y := string(p.typed[i : i+4])
	return y >= "1920" && y < "2060" && strings.Trim(y, "0123456789") == ""
}

// word returns what the word of a length is worth that stands at a place, if it
// is one.
func (p puzzle) word(i, length int) (float64, bool) {
	list, _ := commonList()
	bits, found := 1e9, false
	consider := func(text string, more float64) {
		if p.own[text] {
			bits, found = min(bits, worthOwn+more), true
		}
		if list[text] {
			bits, found = min(bits, worthWord+more), true
		}
	}
	typed := string(p.typed[i : i+length])
	consider(typed, 0)
	consider(backwards(typed), worthBackwards)
	for _, read := range p.read {
		if as := string(read[i : i+length]); as != typed {
			consider(as, worthLeet)
		}
	}
	return bits, found
}

func backwards(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}
