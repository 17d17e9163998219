package campaign

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// file is a campaign file as it is written.
type file struct {
	Slug            string           `toml:"slug"`
	Goal            int              `toml:"goal"`
	DefaultLanguage string           `toml:"default_language"`
	Accent          string           `toml:"accent"`
	Picture         string           `toml:"picture"`
	Organisers      []string         `toml:"organisers"`
	Signatories     []Organisation   `toml:"signatories"`
	Supporting      []Organisation   `toml:"supporting"`
	Exceptions      []Exception      `toml:"exceptions"`
	Exit            string           `toml:"exit"`
	Texts           map[string]*Text `toml:"texts"`
}

var (
	validSlug         = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	validLang         = regexp.MustCompile(`^[a-z]{2,3}$`)
	validConstituency = regexp.MustCompile(`^[EWSN][0-9]{8}$`)
)

// ParseFile reads a campaign file (TOML). Every problem is reported at once,
// with its line where one can be told.
func ParseFile(source string) (*Campaign, error) {
	var f file
	meta, err := toml.Decode(source, &f)
	if err != nil {
		var at toml.ParseError
		if errors.As(err, &at) {
			return nil, fmt.Errorf("campaign file: line %d: %s", at.Position.Line, at.Message)
		}
		return nil, fmt.Errorf("campaign file: %w", err)
	}
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, key := range meta.Undecoded() {
		add("%s: unknown key", key)
	}
	if !validSlug.MatchString(f.Slug) || len(f.Slug) > 60 {
		add("slug: %q will not do in an address; use lower-case letters, digits and single hyphens, 60 at most", f.Slug)
	}
	if f.Goal < 0 {
		add("goal: a number of letters, or 0 for none")
	}
	look, wrong := parseLook(f)
	problems = append(problems, wrong...)
	if f.DefaultLanguage == "" {
		f.DefaultLanguage = "en"
	}
	if f.Texts[f.DefaultLanguage] == nil {
		add("texts.%s: missing, and it is the default language", f.DefaultLanguage)
	}
	problems = append(problems, checkOrganisations("signatories", f.DefaultLanguage, f.Signatories)...)
	problems = append(problems, checkOrganisations("supporting", f.DefaultLanguage, f.Supporting)...)
	if f.Exit == "" {
		f.Exit = DefaultExit
	}
	if !validExit(f.Exit) {
		add("exit: %q is no address such as %s", f.Exit, DefaultExit)
	}
	keys := map[string]bool{}
	for i, e := range f.Exceptions {
		if !validConstituency.MatchString(e.Constituency) {
			add("exceptions: entry %d: %q is no ONS constituency code (such as E14001172)", i+1, e.Constituency)
		}
		keys[e.Key] = true
	}
	for _, lang := range sortedKeys(f.Texts) {
		if !validLang.MatchString(lang) {
			add("texts.%s: a language is a code such as en or cy", lang)
		}
		t := f.Texts[lang]
		t.Lang = lang
		at := "texts." + lang
		for name, value := range map[string]string{"title": t.Title, "headline": t.Headline, "lead": t.Lead, "description": t.Description, "ask": t.Ask} {
			if strings.TrimSpace(value) == "" {
				add("%s.%s: missing", at, name)
			}
		}
		problems = append(problems, checkQuestions(at, t, f.Texts[f.DefaultLanguage])...)
		problems = append(problems, checkLetter(source, at+".letter", &t.Letter)...)
		problems = append(problems, checkLetter(source, at+".thanks", &t.Thanks)...)
		for key := range keys {
			if _, ok := t.Exceptions[key]; !ok {
				add("%s.exceptions.%s: missing, and exceptions names it", at, key)
			}
		}
		for _, key := range sortedKeys(t.Exceptions) {
			letter := t.Exceptions[key]
			problems = append(problems, checkLetter(source, at+".exceptions."+key, &letter)...)
			t.Exceptions[key] = letter
		}
	}
	if len(problems) > 0 {
		sort.Strings(problems)
		return nil, fmt.Errorf("campaign file:\n  %s", strings.Join(problems, "\n  "))
	}
	return &Campaign{
		Slug: f.Slug, Goal: f.Goal, DefaultLang: f.DefaultLanguage,
		Organisers: f.Organisers, Signatories: f.Signatories, Supporting: f.Supporting,
		Exceptions: f.Exceptions, Texts: f.Texts, Exit: f.Exit,
		Accent: look.accent, Picture: look.picture,
	}, nil
}

// maxQuestion is how long a question may be, in characters: it stands above a
// field.
const maxQuestion = 120

// checkQuestions tidies the questions of one language and returns their
// problems. Every language has the same number, as an answer belongs to one of
// them whatever the language it was asked in.
func checkQuestions(at string, t, own *Text) []string {
	var problems []string
	if len(t.Questions) > MaxQuestions {
		problems = append(problems, fmt.Sprintf("%s.questions: %d of them; ask %d at most", at, len(t.Questions), MaxQuestions))
	}
	if own != nil && len(t.Questions) != len(own.Questions) {
		problems = append(problems, fmt.Sprintf("%s.questions: %d of them, and the default language has %d", at, len(t.Questions), len(own.Questions)))
	}
	for i, q := range t.Questions {
		t.Questions[i] = strings.TrimSpace(q)
		switch {
		case t.Questions[i] == "":
			problems = append(problems, fmt.Sprintf("%s.questions: number %d is empty", at, i+1))
		case strings.ContainsAny(q, "{}\n") || len([]rune(q)) > maxQuestion:
			problems = append(problems, fmt.Sprintf("%s.questions: number %d must be one line of %d characters at most, without placeholders", at, i+1, maxQuestion))
		}
	}
	return problems
}

// checkLetter tidies one letter text and returns its problems.
func checkLetter(source, where string, l *LetterText) []string {
	var problems []string
	for _, part := range []struct {
		key    string
		text   *string
		locked bool
	}{{"note", &l.Note, false}, {"tag", &l.Tag, false}, {"check", &l.Check, false}, {"subject", &l.Subject, false}, {"salutation", &l.Salutation, true}, {"body", &l.Body, false}, {"sign_off", &l.SignOff, true}} {
		*part.text = strings.TrimSpace(strings.ReplaceAll(*part.text, "\r\n", "\n"))
		at := where + "." + part.key
		if *part.text == "" && (part.key == "note" || part.key == "tag" || part.key == "check") {
			continue // most texts explain themselves
		}
		if *part.text == "" {
			problems = append(problems, at+": missing")
			continue
		}
		allowed := []string{PlaceMPName, PlaceConstituency, PlaceParty}
		if part.locked {
			allowed = append(allowed, PlaceSupporterName)
		}
		problems = append(problems, checkPlaceholders(source, at, *part.text, allowed...)...)
	}
	if strings.ContainsRune(l.Subject, '\n') {
		problems = append(problems, where+".subject: must stand on one line")
	}
	if l.SignOff != "" && !strings.Contains(l.SignOff, "{"+PlaceSupporterName+"}") {
		problems = append(problems, where+".sign_off: must hold {"+PlaceSupporterName+"}: an MP answers only a constituent with a name")
	}
	return problems
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
