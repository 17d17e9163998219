package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
)

// measured is what the measures find in one text.
type measured struct {
	Own   int
	Level string
	Age   int
}

// TestWords_sameAsServer holds the browser's measures to the server's: over the
// examples that both are specified by, the campaign's letters in every language
// and every letter of the alphabets around us.
func TestWords_sameAsServer(t *testing.T) {
	t.Parallel()
	type sample struct{ Name, Template, Text string }
	var samples []sample
	for _, file := range []string{"own-words.json", "reading-age.json"} {
		data, err := os.ReadFile(filepath.Join("..", "campaign", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		var more []sample
		if err := json.Unmarshal(data, &more); err != nil {
			t.Fatal(err)
		}
		samples = append(samples, more...)
	}
	p := start(t)
	found, err := p.app.Service().Campaign(slug)
	if err != nil {
		t.Fatal(err)
	}
	for lang, text := range found.Texts {
		mine := zofia.opening + "\n\n" + text.Letters["thanks"].Body
		samples = append(samples, sample{lang + " letter", text.Letters["ask"].Body, text.Letters["ask"].Body}, sample{lang + " own", text.Letters["ask"].Body, mine})
	}
	// Latin, Greek, Cyrillic, Hebrew, Arabic; Welsh and Vietnamese; punctuation.
	// Elsewhere the browser may know of younger letters than we do.
	for _, first := range []rune{0, 0x100, 0x200, 0x300, 0x400, 0x500, 0x600, 0x1e00, 0x1f00, 0x2000} {
		var text strings.Builder
		for r := first; r < first+0x100; r++ {
			text.WriteString(string(r) + " a" + string(r) + "E" + string(r) + "\n")
		}
		samples = append(samples, sample{"letters from " + string(first), strings.ToUpper(text.String()), text.String()})
	}

	b := p.open(desktop)
	b.visit(atCampaign)
	address, err := p.words.Assets().URL("words.js")
	if err != nil {
		t.Fatal(err)
	}
	given, err := json.Marshal(samples)
	if err != nil {
		t.Fatal(err)
	}
	got := await[[]measured](b, `import(%s).then(w => JSON.parse(%s).map(s => ({
		Own: w.ownWords(s.Template, s.Text), Level: w.levelOf(w.ownWords(s.Template, s.Text)), Age: w.readingAge(s.Text),
	})))`, address, string(given))
	if len(got) != len(samples) {
		t.Fatalf("%d measures of %d samples", len(got), len(samples))
	}
	for i, s := range samples {
		own := campaign.OwnWords(s.Template, s.Text)
		age, _ := campaign.ReadingAge(s.Text)
		if diff := cmp.Diff(measured{own, string(campaign.LevelOf(own)), age}, got[i]); diff != "" {
			t.Errorf("%s: the browser finds something else (-server +browser):\n%s", s.Name, diff)
		}
	}
}
