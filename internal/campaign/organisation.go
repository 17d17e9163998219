package campaign

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"postbag/internal/phone"
)

// Organisation is a body that stands behind a campaign. Those that give advice
// are shown to people whose MP has not pledged, with the address and number
// that the organisers have filled in.
type Organisation struct {
	Name   string `toml:"name"`
	Advice Advice `toml:"advice"` // what it gives advice on; nil when it gives none
	URL    string `toml:"url"`    // of its page for people who need help, https; may be empty
	Phone  string `toml:"phone"`  // of its help line, as it is written in Britain; may be empty
}

// GivesAdvice reports whether people can turn to the organisation.
func (o Organisation) GivesAdvice() bool { return len(o.Advice) > 0 }

// AdviceIn returns what the organisation gives advice on, in lang or, where own
// is false, in the campaign's default language; empty when it gives none.
func (o Organisation) AdviceIn(lang string) (text string, own bool) {
	if text, ok := o.Advice[lang]; ok {
		return text, true
	}
	return o.Advice[anyLang], false
}

// Advice is a phrase by language. In a campaign file it is a table of
// languages, or a string alone, which is in the campaign's default language.
type Advice map[string]string

// anyLang is the key of the phrase for readers of every other language.
const anyLang = ""

// UnmarshalTOML reads the two ways of writing it.
func (a *Advice) UnmarshalTOML(value any) error {
	switch value := value.(type) {
	case string:
		*a = Advice{anyLang: value}
		return nil
	case map[string]any:
		*a = Advice{}
		for lang, text := range value {
			s, ok := text.(string)
			if !ok {
				return fmt.Errorf("advice.%s is no text in quotes", lang)
			}
			(*a)[lang] = s
		}
		return nil
	}
	return errors.New(`advice is a text, or a table of texts by language: { en = "…", cy = "…" }`)
}

// checkOrganisations tidies a list of organisations and returns its problems.
// where is the list's key.
func checkOrganisations(where, defaultLang string, list []Organisation) (problems []Problem) {
	for i := range list {
		o := &list[i]
		add := func(format string, args ...any) {
			key, text, _ := strings.Cut(fmt.Sprintf(format, args...), ": ")
			problems = append(problems, Problem{Key: fmt.Sprintf("%s: entry %d: %s", where, i+1, key), Text: text})
		}
		if o.Name = strings.TrimSpace(o.Name); o.Name == "" {
			add("name: missing")
		}
		for _, lang := range slices.Sorted(maps.Keys(o.Advice)) {
			o.Advice[lang] = strings.TrimSpace(o.Advice[lang])
			switch {
			case lang != anyLang && !validLang.MatchString(lang):
				add("advice.%s: a language is a code such as en or cy", lang)
			case o.Advice[lang] == "":
				add("%s: missing", strings.TrimSuffix("advice."+lang, "."))
			}
		}
		if _, ok := o.Advice[anyLang]; o.Advice != nil && !ok {
			text, ok := o.Advice[defaultLang]
			if !ok {
				add("advice.%s: missing, and it is the default language", defaultLang)
			}
			o.Advice[anyLang] = text
		}
		if o.URL != "" && !isHTTPS(o.URL) {
			add("url: %q is no address such as https://example.org/advice", o.URL)
		}
		if o.Phone != "" {
			number, err := phone.Normalise(o.Phone)
			if err != nil {
				add("phone: %q is no telephone number", o.Phone)
			}
			o.Phone = number
		}
	}
	return problems
}

// isHTTPS reports a whole https address that names its host and nobody's
// password: what a page may link to.
func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && strings.Contains(u.Hostname(), ".") && u.User == nil && !strings.ContainsAny(s, " \t\r\n\"<>")
}
