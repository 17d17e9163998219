package campaign

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"postbag/internal/seal"
)

func testKeys(tb testing.TB, secret string) *seal.Keys {
	tb.Helper()
	keys, err := seal.New([]byte(secret + " of at least thirty-two bytes, for tests"))
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

func comparer(tb testing.TB, secret string) *Service {
	keys := testKeys(tb, secret)
	return &Service{keys: keys, likeness: newLikeness(keys.Hash), now: time.Now}
}

func (s *Service) bandsOf(slug, template, text string) [][]byte {
	this, _ := s.bands(slug, template, text)
	return this
}

// prose is n words of a text of its own.
func prose(seed uint64, n int) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("w%d", r.IntN(3000))
	}
	return words
}

func shared(a, b [][]byte) (n int) {
	for i := range a {
		if slices.Equal(a[i], b[i]) {
			n++
		}
	}
	return n
}

func TestService_bands(t *testing.T) {
	template := strings.Join(prose(1, 200), " ")
	own := prose(2, 120)
	changed := func(words []string, every int) string {
		words = slices.Clone(words)
		for i := 0; i < len(words); i += every {
			words[i] = "changed" + fmt.Sprint(i)
		}
		return strings.Join(words, " ")
	}
	mine := strings.Join(own, " ")
	for _, c := range []struct {
		name string
		text string
		like bool // mine
	}{
		{"the same", mine, true},
		{"the same in capitals, with line breaks", strings.ToUpper(strings.ReplaceAll(mine, " ", ",\n")), true},
		{"the same around the campaign's text", strings.Join(own[:60], " ") + "\n" + template + "\n" + strings.Join(own[60:], " "), true},
		{"a word in forty is another", changed(own, 40), true},
		{"every third word is another", changed(own, 3), false},
		{"of another person", strings.Join(prose(3, 120), " "), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := comparer(t, "one")
			a, b := s.bandsOf("c", template, mine), s.bandsOf("c", template, c.text)
			if len(a) != bandCount || len(b) != bandCount {
				t.Fatal(len(a), len(b))
			}
			if (shared(a, b) > 0) != c.like {
				t.Errorf("%d bands are shared", shared(a, b))
			}
		})
	}
	s := comparer(t, "one")
	for name, text := range map[string]string{
		"the campaign's text": template, "less of it": strings.Join(prose(1, 100), " "),
		"a sentence before it": "I live in Durham and I agree with all of this\n\n" + template, "nothing": "",
	} {
		if got := s.bandsOf("c", template, text); got != nil {
			t.Errorf("%s is compared", name)
		}
	}
	mineBands := s.bandsOf("c", template, mine)
	if n := shared(mineBands, s.bandsOf("other", template, mine)); n != 0 {
		t.Errorf("another campaign shares %d bands", n)
	}
	if n := shared(mineBands, comparer(t, "two").bandsOf("c", template, mine)); n != 0 {
		t.Errorf("another secret shares %d bands", n)
	}
}

// How often two texts are taken for alike, by how much they have in common: what the
// comment of abuse_similar.go claims.
func TestService_bands_curve(t *testing.T) {
	s := comparer(t, "curve")
	r := rand.New(rand.NewPCG(7, 7))
	for _, c := range []struct{ common, least, most int }{ // per cent
		{30, 0, 10}, {50, 22, 43}, {80, 88, 100}, {95, 99, 100},
	} {
		found := 0
		const pairs = 300
		for range pairs {
			a, b := map[uint64]bool{}, map[uint64]bool{}
			for i := range 200 {
				h := r.Uint64()
				if i < 2*c.common {
					a[h], b[h] = true, true
				} else if i%2 == 0 {
					a[h] = true
				} else {
					b[h] = true
				}
			}
			x, _ := s.likeness.draw(a)
			y, _ := s.likeness.draw(b)
			for band := range bandCount {
				if slices.Equal(x[band*bandRows:(band+1)*bandRows], y[band*bandRows:(band+1)*bandRows]) {
					found++
					break
				}
			}
		}
		if got := 100 * found / pairs; got < c.least || got > c.most {
			t.Errorf("with %d%% in common, %d%% are alike, want %d to %d", c.common, got, c.least, c.most)
		}
	}
}
