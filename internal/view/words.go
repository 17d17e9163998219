package view

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	i18ntemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// words is the message catalogue of one language. Messages hold {placeholders}
// by name; {n} is the count that chooses the plural form.
type words struct {
	lang     string
	messages map[string]*i18n.Message
	plain    map[string]string // messages without plural forms and placeholders, ready to use
	loc      *i18n.Localizer
	group    string // separates thousands
	zone     *time.Location
}

// loadWords reads messages/*.toml: one file per language, named by its tag.
func loadWords(fsys fs.FS) (map[string]*words, error) {
	files, err := fs.Glob(fsys, "messages/*.toml")
	if err != nil {
		return nil, err
	}
	all := make(map[string]*words, len(files))
	for _, file := range files {
		lang := strings.TrimSuffix(path.Base(file), ".toml")
		if all[lang], err = newWords(fsys, lang, file); err != nil {
			return nil, err
		}
	}
	if all[DefaultLang] == nil {
		return nil, fmt.Errorf("there is no catalogue messages/%s.toml", DefaultLang)
	}
	return all, nil
}

// loadDeskWords reads the catalogue of the organisers' workspace, which is in
// the default language only: messages/organise/*.en.toml, a file for each area,
// besides what the public pages say.
func loadDeskWords(fsys fs.FS) (*words, error) {
	files, err := fs.Glob(fsys, "messages/organise/*."+DefaultLang+".toml")
	if err != nil {
		return nil, err
	}
	return newWords(fsys, DefaultLang, append([]string{"messages/" + DefaultLang + ".toml"}, files...)...)
}

// newWords reads the catalogue of one language from its files.
func newWords(fsys fs.FS, lang string, files ...string) (*words, error) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of the catalogues: %w", err)
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %q is not a language tag: %w", files[0], lang, err)
	}
	// A bundle each: a message that one language lacks is an error at
	// start, never a sentence in another language.
	bundle := i18n.NewBundle(tag)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	w := &words{lang: lang, zone: zone, messages: map[string]*i18n.Message{}, plain: map[string]string{}}
	for _, file := range files {
		parsed, err := bundle.LoadMessageFileFS(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", file, err)
		}
		for _, m := range parsed.Messages {
			if w.messages[m.ID] != nil {
				return nil, fmt.Errorf("catalogue %s: message %q stands in another file too", file, m.ID)
			}
			w.messages[m.ID] = m
			for _, form := range []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other} {
				if _, err := (braces{}).Parse(form, "", ""); err != nil {
					return nil, fmt.Errorf("catalogue %s: message %q: %w", file, m.ID, err)
				}
			}
			if !plural(m) && !strings.ContainsRune(m.Other, '{') {
				w.plain[m.ID] = m.Other
			}
		}
	}
	w.loc = i18n.NewLocalizer(bundle, lang)
	w.group = w.plain["number.group"]
	return w, nil
}

func plural(m *i18n.Message) bool {
	return m.Zero+m.One+m.Two+m.Few+m.Many != ""
}

// say returns a message with its placeholders filled from name, value pairs. A
// value named "n" that is a whole number chooses the plural form.
func (w *words) say(key string, args ...any) (string, error) {
	if s, ok := w.plain[key]; ok {
		return s, nil
	}
	if w.messages[key] == nil {
		return "", fmt.Errorf("the catalogue %q has no message %q", w.lang, key)
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("message %q: a placeholder without a value", key)
	}
	conf := i18n.LocalizeConfig{MessageID: key, TemplateParser: braces{}, TemplateData: filler{w, args}}
	for i := 0; i < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			conf.PluralCount = n
		}
	}
	s, err := w.loc.Localize(&conf)
	if err != nil {
		return s, fmt.Errorf("message %q: %w", key, err)
	}
	return s, nil
}

// braces makes go-i18n fill {name} in place of Go's own template actions: it
// reads better in a catalogue, runs no code and is far faster.
type braces struct{}

func (braces) Cacheable() bool { return true }

func (braces) Parse(src, _, _ string) (i18ntemplate.ParsedTemplate, error) {
	var p pieces
	for {
		before, rest, found := strings.Cut(src, "{")
		p.text = append(p.text, before)
		if !found {
			return p, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.ContainsAny(name, " {") {
			return nil, fmt.Errorf("a placeholder is not closed in %q", src)
		}
		p.names = append(p.names, name)
		src = after
	}
}

// pieces is a parsed message: text, placeholder, text, placeholder, text.
type pieces struct{ text, names []string }

type filler struct {
	words *words
	args  []any // name, value pairs
}

func (p pieces) Execute(data any) (string, error) {
	f, _ := data.(filler)
	var b strings.Builder
	var missing error
	for i, text := range p.text {
		b.WriteString(text)
		if i == len(p.names) {
			break
		}
		name := p.names[i]
		j := 0
		for j < len(f.args) && !named(f.args[j], name) {
			j += 2
		}
		if j >= len(f.args) {
			missing = fmt.Errorf("nothing was given for {%s}", name)
			b.WriteString("{" + name + "}")
			continue
		}
		switch v := f.args[j+1].(type) {
		case string:
			b.WriteString(v)
		case int:
			b.WriteString(f.words.number(v))
		case time.Time:
			b.WriteString(f.words.date(v))
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String(), missing
}

// named reports whether an argument's name is that of a placeholder, in
// whatever case.
func named(arg any, name string) bool {
	s, ok := arg.(string)
	return ok && strings.EqualFold(s, name)
}

// number writes n with its thousands apart: 4,182.
func (w *words) number(n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + w.group + s[i:]
	}
	return s
}

// date writes the day of t in London: Monday 23 November.
func (w *words) date(t time.Time) string {
	t = t.In(w.zone)
	s, err := w.say("date.long",
		"weekday", w.plain["date.weekday."+strconv.Itoa(int(t.Weekday()))],
		"day", strconv.Itoa(t.Day()),
		"month", w.plain["date.month."+strconv.Itoa(int(t.Month()))])
	if err != nil {
		return t.Format(time.DateOnly)
	}
	return s
}

// day writes a day that is kept as such ("2026-11-23"): 23 November 2026.
func (w *words) day(iso string) string {
	t, err := time.ParseInLocation(time.DateOnly, iso, w.zone)
	if err != nil {
		return iso
	}
	return w.dayOf(t)
}

// dayOf writes the day of t in London with its year, as at the head of a letter.
func (w *words) dayOf(t time.Time) string {
	t = t.In(w.zone)
	s, err := w.say("date.day", "day", strconv.Itoa(t.Day()), "month", w.plain["date.month."+strconv.Itoa(int(t.Month()))], "year", strconv.Itoa(t.Year()))
	if err != nil {
		return t.Format(time.DateOnly)
	}
	return s
}

// shortDate writes the day of t in London as a postmark does: 23 NOV.
func (w *words) shortDate(t time.Time) string {
	t = t.In(w.zone)
	return strconv.Itoa(t.Day()) + " " + w.plain["date.mark."+strconv.Itoa(int(t.Month()))]
}

// clock writes the time of day of t in London: 10:24.
func (w *words) clock(t time.Time) string { return t.In(w.zone).Format("15:04") }

// list joins names as a sentence does: A, B and C. Some languages say another
// "and" before a vowel: Welsh has "a Liberty", but "ac Asylum Matters". Names
// themselves are left as they are: organisations do not mutate theirs.
func (w *words) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	key := "list.and"
	if beginsWithVowel(names[last]) {
		key = "list.and_vowel"
	}
	s, err := w.say(key, "list", strings.Join(names[:last], ", "), "last", names[last])
	if err != nil {
		return strings.Join(names, ", ")
	}
	return s
}

// beginsWithVowel reports a name that begins with the sound of a vowel. Of the
// letters that may be either, y is one before a consonant (Ynys, not York), and
// w is none, because English names are in the majority.
func beginsWithVowel(name string) bool {
	letters := []rune(norm.NFD.String(strings.ToLower(name)))
	letters = slices.DeleteFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	const vowels = "aeiou"
	switch {
	case len(letters) == 0:
		return false
	case letters[0] == 'y':
		return len(letters) > 1 && !strings.ContainsRune(vowels, letters[1])
	}
	return strings.ContainsRune(vowels, letters[0])
}

// languages lists the languages of the catalogues, sorted.
func languages(all map[string]*words) []string {
	langs := make([]string, 0, len(all))
	for lang := range all {
		langs = append(langs, lang)
	}
	slices.Sort(langs)
	return langs
}
