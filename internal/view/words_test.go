package view

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"postbag/internal/campaign"
	"postbag/templates"
)

// said are the families of messages that Go code says, through T, with keys put
// together at run time. What stands in them is checked by the tests below and
// by those of the packages that say them.
var said = []string{
	"title.", "field.", "error.", "place.", "held.", "step.", "done.", "message.", "choose.reason.", "letter.vacant_name", "letter.switch", "preview.changed_", "reply.", "state.",
	"nation.", "region.", "standing.", "seat.page", "seat.under", "seat.letters", "seat.away", "seat.standing.", "safe.which.", "safe.wrong.", "safe.summary",
	"mps.found", "mps.nothing", "mps.count", "mps.letters", "mps.your_mp", "mps.lost", "mps.no_mp", "mps.under", "mps.group", "mps.sort_",
	"map.", "share.picture", "share.seat", "mps.by_", "mps.every", "mps.others", "mps.find_missing", "api.wait", "api.refused.", "oembed.", "successor.", "turn.", "ordinal.",
}

func catalogues(t testing.TB) map[string]*words {
	t.Helper()
	all, err := loadWords(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCatalogue_NothingUnused: a message that neither a template nor the code
// says is left over.
func TestCatalogue_NothingUnused(t *testing.T) {
	used := newRenderer(t).now.Load().books[DefaultLang].used
	for key := range catalogues(t)[DefaultLang].messages {
		if !isUsed(used, key) && !slices.ContainsFunc(said, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("nothing says %q", key)
		}
	}
}

func isUsed(used map[string]bool, key string) bool {
	if used[key] {
		return true
	}
	parts := strings.Split(key, ".")
	for i := range parts {
		masked := slices.Clone(parts)
		masked[i] = "*"
		if used[strings.Join(masked, ".")] {
			return true
		}
	}
	return false
}

// TestCatalogue_HasWhatCodeSays looks for keys in the program's source.
func TestCatalogue_HasWhatCodeSays(t *testing.T) {
	key := regexp.MustCompile(`"((?:title|field|error|place|held|step|done|message|state|choose\.reason)\.[a-z0-9_]+(?:\.[a-z0-9_]+)*)"`)
	english := catalogues(t)[DefaultLang]
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Dir(path) == filepath.Join("..", "view") {
			return err
		}
		source, err := os.ReadFile(path) //nolint:gosec // our own source
		if err != nil {
			return err
		}
		for _, m := range key.FindAllStringSubmatch(string(source), -1) {
			known := slices.ContainsFunc(slices.Collect(maps.Keys(english.messages)), func(k string) bool {
				return k == m[1] || strings.HasPrefix(k, m[1]+".")
			})
			if !known {
				t.Errorf("%s says %q, which the catalogue does not have", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCatalogue_Families: where a key is put together at run time, each member
// has what it needs.
func TestCatalogue_Families(t *testing.T) {
	var want []string
	for _, s := range campaign.States() {
		for _, part := range []string{"mark", "title", "text"} {
			want = append(want, "state."+string(s)+"."+part)
		}
		if s != campaign.StateAwaiting && s != campaign.StateQueued && s != campaign.StateSending {
			want = append(want, "step."+string(s))
		}
	}
	for _, field := range campaign.FormFields() {
		if field == campaign.FieldPostcode {
			continue
		}
		want = append(want, "field."+field+".label", "field."+field+".long")
		if field != campaign.FieldBody {
			want = append(want, "field."+field+".control")
		}
		if field != campaign.FieldAddress2 && field != campaign.FieldPhone {
			want = append(want, "field."+field+".missing")
		}
	}
	for _, code := range []string{"403", "404", "405", "413", "421", "422", "429", "500", "503"} {
		want = append(want, "message."+code+".heading", "message."+code+".text")
	}
	for lang, w := range catalogues(t) {
		for _, key := range want {
			if w.messages[key] == nil {
				t.Errorf("%s: %q is missing", lang, key)
			}
		}
		for _, s := range campaign.States() {
			if mark := w.plain["state."+string(s)+".mark"]; len([]rune(mark)) > 10 {
				t.Errorf("%s: the postmark %q is too long for its circle", lang, mark)
			}
		}
		for m := time.January; m <= time.December; m++ {
			if mark := w.plain[fmt.Sprintf("date.mark.%d", m)]; mark == "" || len([]rune(mark)) > 4 {
				t.Errorf("%s: the month %q on a postmark", lang, mark)
			}
		}
	}
}

func TestWords_Say(t *testing.T) {
	w := catalogues(t)["en"]
	for name, test := range map[string]struct {
		key  string
		args []any
		want string
	}{
		"plain":                         {"campaign.find", nil, "Find my MP"},
		"one":                           {"home.letters", []any{"n", 1}, "1 letter sent"},
		"several, with thousands apart": {"home.letters", []any{"n", 4182}, "4,182 letters sent"},
		"a placeholder":                 {"dev.to", []any{"to", "a@b.example"}, "To a@b.example"},
		"a placeholder in capitals":     {"dev.to", []any{"To", "x"}, "To x"},
		"braces in a value stay":        {"dev.to", []any{"to", "{to}"}, "To {to}"},
		"a number in a placeholder":     {"campaign.progress", []any{"sent", 1000, "goal", 5000}, "1,000 of the 5,000 letters we hope for"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := w.say(test.key, test.args...)
			if err != nil || got != test.want {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
	for name, args := range map[string][]any{"no value": {"to"}, "nothing given": nil} {
		if _, err := w.say("dev.to", args...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRenderer_T(t *testing.T) {
	r := newRenderer(t)
	for key, want := range map[string]string{"campaign.find": "Find my MP", "no.such": "no.such", "dev.to": "To {to}"} {
		if got := r.T("xx", key); got != want {
			t.Errorf("T(%q) = %q, want %q", key, got, want)
		}
	}
	if !r.Has("en", "campaign.find") || r.Has("en", "no.such") || r.Has("xx", "campaign.find") {
		t.Error("Has is wrong")
	}
}

func TestWords_DatesAndNumbers(t *testing.T) {
	w := catalogues(t)["en"]
	summer := time.Date(2026, time.June, 30, 23, 30, 0, 0, time.UTC) // the first of July in London
	if got, want := w.date(summer), "Wednesday 1\u00a0July"; got != want {
		t.Errorf("date %q, want %q", got, want)
	}
	if got, want := w.clock(summer), "00:30"; got != want {
		t.Errorf("clock %q, want %q", got, want)
	}
	if got, want := w.shortDate(day), "23 NOV"; got != want {
		t.Errorf("short date %q, want %q", got, want)
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1734274: "1,734,274", -1000: "-1,000", -999: "-999"} {
		if got := w.number(n); got != want {
			t.Errorf("number %q, want %q", got, want)
		}
	}
	for want, names := range map[string][]string{"": nil, "A": {"A"}, "A and B": {"A", "B"}, "A, B and C": {"A", "B", "C"}} {
		if got := w.list(names); got != want {
			t.Errorf("list %q, want %q", got, want)
		}
	}
}

func TestWords_Links(t *testing.T) {
	w := catalogues(t)["en"]
	w.messages["test.link"] = &i18n.Message{}
	w.plain["test.link"] = `<b> [the "words"] & more`
	got, err := w.sayLink("test.link", `/x?"&`)
	if want := `&lt;b&gt; <a href="/x?&#34;&amp;">the &#34;words&#34;</a> &amp; more`; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := w.sayLink("campaign.find", "/x"); err == nil {
		t.Error("a message without a place for the link: no error")
	}
	text := `see <https://a.example/l/x>, "http://b.example/?a=1&b=2". javascript:alert(1)`
	want := `see &lt;<a href="https://a.example/l/x">https://a.example/l/x</a>&gt;, &#34;<a href="http://b.example/?a=1&amp;b=2">http://b.example/?a=1&amp;b=2</a>&#34;. javascript:alert(1)`
	if got := string(linkify(text)); got != want {
		t.Errorf("linkify:\n%s\nwant\n%s", got, want)
	}
}
