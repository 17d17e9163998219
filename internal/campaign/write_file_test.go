package campaign_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
)

// everything is a file in which every key has a value, some of them hard to
// write.
const everything = small + `
[[texts.en.case]]
heading = "A \\ \"heading\""
paragraphs = ["One.\nStill one.", "Two.", "\u0007 ''"]

[texts.en.exclusions.islands]
tag = "a tag"
check = "{mp_name}"
text = "One.\n\nTwo \"\"\" three\""
link = "https://example.org/help"
link_text = "Help"

[[rules]]
name = "All of it"
pledge = ["pledged", "withdrawn"]
party = ["Labour"]
nation = ["England"]
region = ["London"]
constituency = ["E14001172"]
member = [4514, 172]
vacant = false
no_email = true
exclude = "islands"
exempt = true

[[signatories]]
name = "A"
advice = "Help"

[[signatories]]
name = "B"
advice.en = "Help"
advice.cy = "Help"
url = "https://example.org/"
phone = "020 7946 0000"
`

// everythingSaid has the words as well that stand among the first of a language.
var everythingSaid = strings.Replace(everything, "title = \"T\"", "title = \"T\"\nclosing = \"It is over.\"\nopt_in = \"Write to me.\"", 1)

func none(string) (string, int) { return "", 0 }

// What the forms show and hand back, and what is written from it, is the same
// campaign.
func TestFile_RoundTrip(t *testing.T) {
	for name, source := range map[string]string{"shipped": shippedFile(), "small": small, "everything": everythingSaid} {
		t.Run(name, func(t *testing.T) {
			want, err := ParseFile(source)
			if err != nil {
				t.Fatal(err)
			}
			f, _ := ReadFile(source)
			written := f.TOML()
			got, err := ParseFile(written)
			if err != nil {
				t.Fatalf("%v in\n%s", err, written)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("written and read again:", diff)
			}
			v := f.Values()
			g, _ := ReadFile(written)
			g.SetGoal(v)
			g.SetCampaign(v)
			for lang := range g.Texts {
				g.SetTexts(lang, v)
				for key := range g.Texts[lang].Letters {
					g.SetLetter(lang, key, v)
				}
				for key := range g.Texts[lang].Exclusions {
					g.SetExclusion(lang, key, v)
				}
			}
			g.SetRules(v, none)
			again := g.TOML()
			if got, err = ParseFile(again); err != nil {
				t.Fatalf("%v in\n%s", err, again)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("through the forms:", diff)
			}
			h, _ := ReadFile(again)
			if h.TOML() != again {
				t.Error("written twice it is another file:", cmp.Diff(again, h.TOML()))
			}
		})
	}
}

func TestRearrange(t *testing.T) {
	for _, tt := range []struct{ do, want string }{
		{"up 1", "b a c"}, {"up 0", "a b c"}, {"down 1", "a c b"}, {"down 2", "a b c"}, {"remove 0", "b c"}, {"remove 2", "a b"},
		{"add", "a b c "}, {"up 9", "a b c"}, {"up x", "a b c"}, {"", "a b c"},
	} {
		v := url.Values{"rules.0.name": {"a"}, "rules.1.name": {"b"}, "rules.1.party": {"x", "y"}, "rules.2.name": {"c"}, "other": {"kept"}}
		Rearrange(v, "rules", tt.do)
		var names []string
		for i := range Entries(v, "rules") {
			at := fmt.Sprintf("rules.%d", i)
			names = append(names, v.Get(at+".name"))
			if got := v[at+".party"]; (v.Get(at+".name") == "b") != (len(got) == 2) {
				t.Errorf("%s: the party did not go with its rule", tt.do)
			}
		}
		if got := strings.Join(names, " "); got != tt.want || v.Get("other") != "kept" {
			t.Errorf("%s: %q, want %q", tt.do, got, tt.want)
		}
	}
}

func TestProblem_LineOf(t *testing.T) {
	for key, line := range map[string]string{
		"slug": `slug = "small"`, "texts.en.title": `title = "T"`, "texts.en.letters.thanks.body": `body = "B"`,
		"texts.en.letters.thanks.note": "[texts.en.letters.thanks] # with a comment", "rules: entry 2: region": `region = ["London"]`,
		"signatories: entry 2: phone": `phone = "020 7946 0000"`, "nothing.at.all": "",
	} {
		want := slices.Index(strings.Split(everything, "\n"), line) + 1
		if line == "" {
			want = 0
		}
		if got := (Problem{Key: key}).LineOf(everything); got != want {
			t.Errorf("%s: line %d, want %d", key, got, want)
		}
	}
}

func TestModern(t *testing.T) {
	old := strings.NewReplacer(
		"[[rules]]\nconstituency = [\"E14001170\"]", "[[exceptions]]\nconstituency = \"E14001170\"",
		`letter = "speaker"`, `key = "speaker"`, "[texts.en.letters.ask]", "[texts.en.letter]",
		"[texts.en.letters.thanks]", "[texts.en.thanks]", "[texts.en.letters.speaker]", "[texts.en.exceptions.speaker]",
	).Replace(small)
	if _, err := ParseFile(old); err == nil {
		t.Fatal("the old form can still be read")
	}
	source, was := Modern(old)
	if !was {
		t.Fatal("it is not recognised")
	}
	c, err := ParseFile(source)
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	want := []Rule{{Constituency: []string{"E14001170"}, Letter: "speaker", Exempt: true}, {Pledge: []Standing{StandingPledged}, Letter: "thanks"}}
	if diff := cmp.Diff(want, c.Rules); diff != "" {
		t.Error(diff)
	}
	if len(c.Text("en").Letters) != 3 || !strings.Contains(source, "# where {mp_name} cannot be asked") {
		t.Errorf("it became\n%s", source)
	}
	for _, source := range []string{small, shippedFile(), everything} {
		if again, was := Modern(source); was || again != source {
			t.Error("a file of today is rewritten")
		}
	}
}

func TestCompare(t *testing.T) {
	show := func(lines []DiffLine) string {
		var b strings.Builder
		for _, l := range lines {
			switch l.Kind {
			case DiffSame:
				b.WriteString("=" + l.Old[0].Text + " ")
			case DiffRemoved:
				b.WriteString("-" + l.Old[0].Text + " ")
			case DiffAdded:
				b.WriteString("+" + l.New[0].Text + " ")
			case DiffChanged:
				for _, p := range l.New {
					if p.Differ {
						b.WriteString("~" + p.Text + " ")
					}
				}
			}
		}
		return strings.TrimSpace(b.String())
	}
	for _, tt := range []struct{ name, before, after, want string }{
		{"the same", "a\nb", "a\nb", ""},
		{"one added", "a\nb", "a\nx\nb", "=a +x =b"},
		{"one removed", "a\nx\nb", "a\nb", "=a -x =b"},
		{"one changed", "a\none two\nb", "a\none three\nb", "=a ~three =b"},
		{"far lines are left out", "1\n2\n3\n4\n5\n6\nx", "1\n2\n3\n4\n5\n6\nx\ny", "=6 =x +y"},
	} {
		if got := show(Compare(tt.before, tt.after)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Whatever two texts are, each side of the comparison is one of them.
func TestCompare_showsWhatIsThere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var texts [2]string
		for k := range texts {
			lines := make([]string, random.IntN(8))
			for i := range lines {
				lines[i] = string(rune('a' + random.IntN(3)))
			}
			texts[k] = strings.Join(lines, "\n")
		}
		for _, l := range Compare(texts[0], texts[1]) {
			for side, of := range [2]struct {
				number int
				parts  []DiffPart
			}{{l.OldNumber, l.Old}, {l.NewNumber, l.New}} {
				if of.number == 0 {
					continue
				}
				var text strings.Builder
				for _, p := range of.parts {
					text.WriteString(p.Text)
				}
				if want := strings.Split(texts[side], "\n")[of.number-1]; text.String() != want {
					t.Fatalf("%q and %q: line %d is said to be %q", texts[0], texts[1], of.number, text.String())
				}
			}
		}
	}
}
