package view

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	cldr "golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// What a translation lacks, or has left over, these tests say by key.

// TestCatalogue_Complete: every language has every message and none besides.
func TestCatalogue_Complete(t *testing.T) {
	all := catalogues(t)
	english := all[DefaultLang]
	for lang, w := range all {
		for _, key := range slices.Sorted(maps.Keys(english.messages)) {
			if m := w.messages[key]; m == nil || m.Other == "" {
				t.Errorf("%s: %q is missing; in English it is %q", lang, key, english.messages[key].Other)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(w.messages)) {
			if english.messages[key] == nil {
				t.Errorf("%s: %q is not in English, so nothing says it", lang, key)
			}
		}
	}
}

// TestCatalogue_Placeholders: a translation fills in what English does, in
// every form; one that is for a single count need not name it.
func TestCatalogue_Placeholders(t *testing.T) {
	all := catalogues(t)
	for lang, w := range all {
		for key, m := range w.messages {
			english := all[DefaultLang].messages[key]
			if english == nil {
				continue // said above
			}
			want := placeholders(english.Other)
			for form, text := range forms(m) {
				got := placeholders(text)
				if form != "other" && !slices.Contains(got, "{n}") && slices.Contains(want, "{n}") {
					got = append(got, "{n}")
					slices.Sort(got)
				}
				if text != "" && !slices.Equal(got, want) {
					t.Errorf("%s: %q (%s) fills in %v, want %v", lang, key, form, got, want)
				}
			}
		}
	}
}

// TestCatalogue_PluralForms: a message that English counts has exactly the
// forms that its language tells apart, as the Unicode CLDR lists them, and says
// something for every count.
func TestCatalogue_PluralForms(t *testing.T) {
	all := catalogues(t)
	for lang, w := range all {
		need := pluralForms(t, lang)
		for key, m := range w.messages {
			english := all[DefaultLang].messages[key]
			if english == nil || !plural(english) {
				if plural(m) {
					t.Errorf("%s: %q has plural forms, and English has none", lang, key)
				}
				continue
			}
			for form, text := range forms(m) {
				switch {
				case need[form] && text == "":
					t.Errorf("%s: %q lacks the form %q", lang, key, form)
				case !need[form] && text != "":
					t.Errorf("%s: %q has the form %q, which the language does not know", lang, key, form)
				}
			}
			for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 11, 21, 100, 4182} {
				if s, err := w.say(key, "n", n, "constituency", "Leeds"); err != nil || s == "" {
					t.Errorf("%s: %q for %d: %q, %v", lang, key, n, s, err)
				}
			}
		}
	}
}

// pluralForms lists the forms that whole numbers have in a language.
func pluralForms(t *testing.T, lang string) map[string]bool {
	t.Helper()
	tag, err := language.Parse(lang)
	if err != nil {
		t.Fatal(err)
	}
	names := map[cldr.Form]string{cldr.Zero: "zero", cldr.One: "one", cldr.Two: "two", cldr.Few: "few", cldr.Many: "many", cldr.Other: "other"}
	need := map[string]bool{"other": true}
	for n := range 1000 {
		need[names[cldr.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]] = true
	}
	return need
}

// forms are a message's plural forms by name; a message without any has "other"
// alone.
func forms(m *i18n.Message) map[string]string {
	return map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
}

var placeholder = regexp.MustCompile(`{[^}]+}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// alike are the messages that may read the same in another language: names,
// signs and figures. (A message of placeholders alone always may.)
var alike = []string{"number.group", "postmark.top", "postmark.low", "dev.message_id", "share.whatsapp", "share.bluesky", "share.mastodon", "share.facebook", "share.x"}

// englishWord finds words that stand in most English sentences, and in no
// Welsh one.
var englishWord = regexp.MustCompile(`(?i)\b(the|you|your|and|with|letter|this|please|was|it|to|of|for)\b`)

// TestCatalogue_NothingLeftInEnglish: a line that was copied and not translated
// shows here.
func TestCatalogue_NothingLeftInEnglish(t *testing.T) {
	all := catalogues(t)
	for lang, w := range all {
		if lang == DefaultLang {
			continue
		}
		for key, m := range w.messages {
			if slices.Contains(alike, key) || strings.Trim(placeholder.ReplaceAllString(m.Other, ""), " ,.:\u00a0") == "" {
				continue
			}
			if english := all[DefaultLang].messages[key]; english != nil && m.Other == english.Other {
				t.Errorf("%s: %q is still English: %q", lang, key, m.Other)
			}
		}
	}
	for key, m := range all["cy"].messages {
		for form, text := range forms(m) {
			if word := englishWord.FindString(placeholder.ReplaceAllString(text, "")); word != "" {
				t.Errorf("cy: %q (%s) has the English word %q: %q", key, form, word, text)
			}
		}
	}
}

// TestCatalogue_Typography: curly quotes and no double spaces, in every
// language.
func TestCatalogue_Typography(t *testing.T) {
	for lang, w := range catalogues(t) {
		for key, m := range w.messages {
			for form, text := range forms(m) {
				if strings.ContainsAny(text, `'"`) || strings.Contains(text, "  ") || strings.TrimSpace(text) != text {
					t.Errorf("%s: %q (%s): a straight quote or a space too many: %q", lang, key, form, text)
				}
			}
		}
	}
}

// needsMutation finds a placeholder after a word that would change the first
// sound of what is filled in, or melt with an article at its head.
var needsMutation = regexp.MustCompile(`(?i)(?:^|[\s“(’])(i|o|a|â|ac|ag|am|ar|at ei|dan|dros|drwy|gyda|heb|hyd|neu|tan|trwy|wrth|yn|ei|fy|dy)\s\{(mp|constituency|party|date|time|within|names|site|campaign|last)\}`)

// TestWelsh_PlaceholdersNeedNoMutation holds the catalogue's own rule: what is
// filled in stands where Welsh leaves it as it is.
func TestWelsh_PlaceholdersNeedNoMutation(t *testing.T) {
	for key, m := range catalogues(t)["cy"].messages {
		if strings.HasPrefix(key, "list.") {
			continue // joins names of organisations, which do not mutate
		}
		for form, text := range forms(m) {
			if found := needsMutation.FindString(text); found != "" {
				t.Errorf("%q (%s): %q", key, form, found)
			}
		}
	}
	for text, wrong := range map[string]bool{
		"i {mp}": true, "Llythyr o {constituency}": true, "(yn {within})": true, "a’i ateb, gyda {mp}": true,
		"at {mp}": false, "etholaeth {constituency}": false, "gan {names}": false, "ar gyfer {mp}": false, "tan: {date}": false,
	} {
		if got := needsMutation.MatchString(text); got != wrong {
			t.Errorf("%q: found %v", text, got)
		}
	}
}

// counted finds the letters with which the noun after a number begins.
var counted = regexp.MustCompile(`\{n\} ((?:ch|ph|th|ll|rh|dd|ff|ng|[a-z]))`)

// TestWelsh_CountsMutate: tri and chwe change c, p and t (all nouns that are
// counted are masculine), dau changes these and more, other numbers nothing.
func TestWelsh_CountsMutate(t *testing.T) {
	wrong := map[string][]string{
		"zero": {"ch", "ph", "th"}, "one": {"ch", "ph", "th"}, "other": {"ch", "ph", "th"},
		"two": {"c", "p", "t", "ll", "m", "rh", "ch", "ph", "th"},
		"few": {"c", "p", "t"}, "many": {"c", "p", "t"},
	}
	for key, m := range catalogues(t)["cy"].messages {
		if !plural(m) {
			continue
		}
		for form, text := range forms(m) {
			if found := counted.FindStringSubmatch(text); found != nil && slices.Contains(wrong[form], found[1]) {
				t.Errorf("%q (%s): %q", key, form, text)
			}
		}
	}
}

// TestWelsh_OneWordForOneThing holds the terms that Postbag has chosen.
func TestWelsh_OneWordForOneThing(t *testing.T) {
	other := regexp.MustCompile(`(?i)\b(e-bost|e-byst|côd post|Tŷ y Cyffredin|Palas San Steffan|addunedu?|tynnu yn ôl)\b`)
	c := shipped(t).Texts["cy"]
	texts := map[string]string{"texts.cy": strings.Join([]string{c.Lead, c.Description, c.Ask, c.Letters["ask"].Body, c.Letters["thanks"].Body}, "\n")}
	for key, m := range catalogues(t)["cy"].messages {
		texts[key] = m.Other
	}
	for key, text := range texts {
		if word := other.FindString(text); word != "" {
			t.Errorf("%q says %q", key, word)
		}
	}
}

func TestWelsh_Say(t *testing.T) {
	w := catalogues(t)["cy"]
	counted := func(key string, n int) string {
		s, err := w.say(key, "n", n)
		if err != nil {
			t.Error(err)
		}
		return s
	}
	for n, want := range map[int]string{
		0: "0 llythyr wedi’u hanfon", 1: "1 llythyr wedi’i anfon", 2: "2 lythyr wedi’u hanfon", 3: "3 llythyr wedi’u hanfon",
		6: "6 llythyr wedi’u hanfon", 7: "7 llythyr wedi’u hanfon", 4182: "4,182 llythyr wedi’u hanfon",
	} {
		if got := counted("home.letters", n); got != want {
			t.Errorf("%d letters: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{1: "am 1 diwrnod.", 2: "am 2 ddiwrnod.", 3: "am 3 diwrnod.", 7: "am 7 diwrnod."} {
		if got := counted("mail.confirm.expires", n); !strings.HasSuffix(got, want) {
			t.Errorf("%d days: %q, want …%q", n, got, want)
		}
	}
	who, err := w.who(Recipient{Vacant: true, Constituency: "Ynys Môn"})
	if want := "yr AS dros etholaeth Ynys Môn"; err != nil || who != want {
		t.Errorf("%q, %v; want %q", who, err, want)
	}
}

func TestWelsh_DatesNumbersAndLists(t *testing.T) {
	w := catalogues(t)["cy"]
	summer := time.Date(2026, time.June, 30, 23, 30, 0, 0, time.UTC) // the first of July in London
	for got, want := range map[string]string{
		w.date(summer):                           "dydd Mercher 1\u00a0Gorffennaf",
		w.date(day):                              "dydd Llun 23\u00a0Tachwedd",
		w.shortDate(day):                         "23 TACH",
		w.clock(summer):                          "00:30",
		w.number(1734274):                        "1,734,274",
		w.list([]string{"A"}):                    "A",
		w.list([]string{"A", "Liberty"}):         "A a Liberty",
		w.list([]string{"A", "B", "Refuweegee"}): "A, B a Refuweegee",
		w.list([]string{"Migrants Organise", "Asylum Matters"}): "Migrants Organise ac Asylum Matters",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBeginsWithVowel(t *testing.T) {
	for name, want := range map[string]bool{
		"Asylum Aid": true, "Ŷd": true, "Ynys Môn": true, "“Undod”": true, "Östersund": true, "élan": true, "Islwyn": true,
		"Liberty": false, "Women for Refugee Women": false, "York": false, "Hope": false, "15 people": false, "": false, "…": false, "y": false,
	} {
		if got := beginsWithVowel(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestRenderer_Region(t *testing.T) {
	r := newRenderer(t)
	for english, want := range map[string]string{
		"Wales": "Cymru", "Northern Ireland": "Gogledd Iwerddon", "Yorkshire and The Humber": "Swydd Efrog a Humber", "Narnia": "Narnia",
	} {
		if got := r.Region("cy", english); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got := r.Region("en", english); got != english {
			t.Errorf("%q in English, want %q", got, english)
		}
	}
}
