package campaign

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// File is a campaign file as it is written.
type File struct {
	Slug            string           `toml:"slug"`
	Goal            int              `toml:"goal"`
	DefaultLanguage string           `toml:"default_language"`
	Accent          string           `toml:"accent"`
	Picture         string           `toml:"picture"`
	Organisers      []string         `toml:"organisers"`
	Signatories     []Organisation   `toml:"signatories"`
	Supporting      []Organisation   `toml:"supporting"`
	Rules           []Rule           `toml:"rules"`
	Exit            string           `toml:"exit"`
	Keep            Keep             `toml:"keep"`
	Texts           map[string]*Text `toml:"texts"`
}

var (
	validSlug         = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	validLang         = regexp.MustCompile(`^[a-z]{2,3}$`)
	validConstituency = regexp.MustCompile(`^[EWSN][0-9]{8}$`)
)

// ParseFile reads a campaign file (TOML) that is complete. The error is a
// *FileError with every problem at once.
func ParseFile(source string) (*Campaign, error) {
	c, problems := Read(source)
	if len(problems) > 0 {
		return nil, &FileError{problems}
	}
	return c, nil
}

// ParseKept is ParseFile for a file that is kept already: what was let pass once
// is no problem of it.
func ParseKept(source string) (*Campaign, error) {
	c, problems := Read(source)
	if problems = ofNow(problems); len(problems) > 0 {
		return nil, &FileError{problems}
	}
	return c, nil
}

// ReadFile reads a campaign file without looking at what it says; the problem is
// one of how it is written.
func ReadFile(source string) (File, []Problem) {
	f, _, problems := decode(source)
	return f, problems
}

func decode(source string) (File, toml.MetaData, []Problem) {
	f := File{Keep: DefaultKeep}
	meta, err := toml.Decode(source, &f)
	if err == nil {
		return f, meta, nil
	}
	if at, ok := errors.AsType[toml.ParseError](err); ok {
		return File{}, meta, []Problem{{Line: at.Position.Line, Text: at.Message}}
	}
	return File{}, meta, []Problem{{Text: err.Error()}}
}

// Read reads a campaign file and returns every problem of it, in order. There is
// a campaign when it is Usable: with texts missing it can be looked at, and not
// be launched.
func Read(source string) (*Campaign, []Problem) {
	f, meta, problems := decode(source)
	if problems != nil {
		return nil, problems
	}
	add := func(key, format string, args ...any) {
		problems = append(problems, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
	}
	missing := func(key, text string) { problems = append(problems, Problem{Key: key, Text: text, Missing: true}) }
	for _, key := range meta.Undecoded() {
		add(key.String(), "unknown key")
	}
	if !validSlug.MatchString(f.Slug) || len(f.Slug) > 60 {
		add("slug", "%q will not do in an address; use lower-case letters, digits and single hyphens, 60 at most", f.Slug)
	}
	if f.Goal < 0 {
		add("goal", "a number of letters, or 0 for none")
	}
	look, wrong := parseLook(f)
	problems = append(problems, wrong...)
	if f.DefaultLanguage == "" {
		f.DefaultLanguage = "en"
	}
	if f.Texts[f.DefaultLanguage] == nil {
		add("texts."+f.DefaultLanguage, "missing, and it is the default language")
	}
	problems = append(problems, checkOrganisations("signatories", f.DefaultLanguage, f.Signatories)...)
	problems = append(problems, checkOrganisations("supporting", f.DefaultLanguage, f.Supporting)...)
	if f.Exit == "" {
		f.Exit = DefaultExit
	}
	if !validExit(f.Exit) {
		add("exit", "%q is no address such as %s", f.Exit, DefaultExit)
	}
	problems = append(problems, f.Keep.check()...)
	problems = append(problems, checkRules(f.Rules)...)
	letters, exclusions := f.keys()
	for _, lang := range sortedKeys(f.Texts) {
		if !validLang.MatchString(lang) {
			add("texts."+lang, "a language is a code such as en or cy")
		}
		t := f.Texts[lang]
		t.Lang = lang
		t.Closing = trimText(t.Closing)
		if t.OptIn = tidyLine(t.OptIn); utf8.RuneCountInString(t.OptIn) > MaxOptIn {
			add("texts."+lang+".opt_in", "must have %d characters at most: it stands beside a box", MaxOptIn)
		}
		at := "texts." + lang
		for name, value := range map[string]string{"title": t.Title, "headline": t.Headline, "lead": t.Lead, "description": t.Description, "ask": t.Ask} {
			if strings.TrimSpace(value) == "" {
				missing(at+"."+name, "missing")
			}
		}
		problems = append(problems, checkUnfilled(source, at, t)...)
		problems = append(problems, checkQuestions(at, t, f.Texts[f.DefaultLanguage])...)
		for _, key := range sortedKeys(letters) {
			if _, ok := t.Letters[key]; !ok {
				missing(at+".letters."+key, "missing, and "+letters[key])
			}
		}
		for _, key := range sortedKeys(t.Letters) {
			letter := t.Letters[key]
			if !validKey.MatchString(key) {
				add(at+".letters."+key, "a key has lower-case letters, digits, hyphens and underscores")
			}
			problems = append(problems, checkLetter(source, at+".letters."+key, &letter)...)
			t.Letters[key] = letter
		}
		for _, key := range sortedKeys(exclusions) {
			if _, ok := t.Exclusions[key]; !ok {
				missing(at+".exclusions."+key, "missing, and "+exclusions[key])
			}
		}
		for _, key := range sortedKeys(t.Exclusions) {
			e := t.Exclusions[key]
			if !validKey.MatchString(key) {
				add(at+".exclusions."+key, "a key has lower-case letters, digits, hyphens and underscores")
			}
			problems = append(problems, checkExclusion(source, at+".exclusions."+key, &e)...)
			t.Exclusions[key] = e
		}
	}
	sortProblems(problems)
	if !Usable(ofNow(problems)) {
		return nil, problems
	}
	return &Campaign{
		Slug: f.Slug, Goal: f.Goal, DefaultLang: f.DefaultLanguage,
		Organisers: f.Organisers, Signatories: f.Signatories, Supporting: f.Supporting,
		Rules: f.Rules, Texts: f.Texts, Exit: f.Exit, Keep: f.Keep,
		Accent: look.accent, Picture: look.picture,
	}, problems
}

// keys lists the letters and exclusions that every language needs, with why.
func (f File) keys() (letters, exclusions map[string]string) {
	letters, exclusions = map[string]string{}, map[string]string{}
	if own := f.Texts[f.DefaultLanguage]; own != nil {
		for key := range own.Letters {
			letters[key] = "the default language has it"
		}
		for key := range own.Exclusions {
			exclusions[key] = "the default language has it"
		}
	}
	for _, r := range f.Rules {
		if r.Letter != "" {
			letters[r.Letter] = "rules names it"
		}
		if r.Exclude != "" {
			exclusions[r.Exclude] = "rules names it"
		}
	}
	letters[string(VariantAsk)] = "it is the letter to everyone else"
	return letters, exclusions
}

// maxQuestion is how long a question may be, in characters: it stands above a
// field.
const maxQuestion = 120

// checkQuestions tidies the questions of one language and returns their
// problems. Every language has the same number, as an answer belongs to one of
// them whatever the language it was asked in.
func checkQuestions(at string, t, own *Text) []Problem {
	var problems []Problem
	if len(t.Questions) > MaxQuestions {
		problems = append(problems, Problem{Key: at + ".questions", Text: fmt.Sprintf("%d of them; ask %d at most", len(t.Questions), MaxQuestions)})
	}
	if own != nil && len(t.Questions) != len(own.Questions) {
		problems = append(problems, Problem{Key: at + ".questions", Text: fmt.Sprintf("%d of them, and the default language has %d", len(t.Questions), len(own.Questions)), Missing: len(t.Questions) < len(own.Questions)})
	}
	for i, q := range t.Questions {
		t.Questions[i] = strings.TrimSpace(q)
		switch {
		case t.Questions[i] == "":
			problems = append(problems, Problem{Key: at + ".questions", Text: fmt.Sprintf("number %d is empty", i+1)})
		case strings.ContainsAny(q, "{}\n") || len([]rune(q)) > maxQuestion:
			problems = append(problems, Problem{Key: at + ".questions", Text: fmt.Sprintf("number %d must be one line of %d characters at most, without placeholders", i+1, maxQuestion)})
		}
	}
	return problems
}

// Paragraphs splits a text where a line is left empty.
func Paragraphs(text string) []string {
	var all []string
	for _, p := range strings.Split(trimText(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// trimText makes line ends the same and takes away blanks around a text.
func trimText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// checkLetter tidies one letter text and returns its problems.
func checkLetter(source, where string, l *LetterText) []Problem {
	var problems []Problem
	for _, part := range []struct {
		key              string
		text             *string
		locked, optional bool
	}{
		{"note", &l.Note, false, true}, {"tag", &l.Tag, false, true}, {"check", &l.Check, false, true}, {"thank_you", &l.ThankYou, false, true},
		{"subject", &l.Subject, false, false}, {"salutation", &l.Salutation, true, false}, {"body", &l.Body, false, false}, {"sign_off", &l.SignOff, true, false},
	} {
		*part.text = trimText(*part.text)
		at := where + "." + part.key
		if *part.text == "" {
			if !part.optional { // most texts explain themselves
				problems = append(problems, Problem{Key: at, Text: "missing", Missing: true})
			}
			continue
		}
		allowed := PlaceholdersOf(part.key)
		problems = append(problems, checkPlaceholders(source, at, *part.text, allowed...)...)
	}
	if strings.ContainsRune(l.Subject, '\n') {
		problems = append(problems, Problem{Key: where + ".subject", Text: "must stand on one line"})
	}
	if l.SignOff != "" && !strings.Contains(l.SignOff, "{"+PlaceSupporterName+"}") {
		problems = append(problems, Problem{Key: where + ".sign_off", Text: "must hold {" + PlaceSupporterName + "}: an MP answers only a constituent with a name"})
	}
	return problems
}

// PlaceholdersOf lists the placeholders that a part of a letter may use, by the
// part's key in the campaign file.
func PlaceholdersOf(part string) []string {
	allowed := []string{PlaceMPName, PlaceConstituency, PlaceParty}
	if part == "salutation" || part == "sign_off" {
		allowed = append(allowed, PlaceSupporterName)
	}
	return allowed
}

// checkExclusion tidies one exclusion and returns its problems.
func checkExclusion(source, where string, e *Exclusion) []Problem {
	var problems []Problem
	for key, text := range map[string]*string{"text": &e.Text, "tag": &e.Tag, "check": &e.Check, "link": &e.Link, "link_text": &e.LinkText} {
		*text = trimText(*text)
		if key != "link" {
			problems = append(problems, checkPlaceholders(source, where+"."+key, *text, PlaceholdersOf(key)...)...)
		}
	}
	if e.Text == "" {
		problems = append(problems, Problem{Key: where + ".text", Text: "missing", Missing: true})
	}
	if e.Link != "" && !isHTTPS(e.Link) {
		problems = append(problems, Problem{Key: where + ".link", Text: fmt.Sprintf("%q is no address such as https://example.org/help", e.Link)})
	}
	if (e.Link == "") != (e.LinkText == "") {
		problems = append(problems, Problem{Key: where + ".link_text", Text: "a link has an address and words, both or neither"})
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
