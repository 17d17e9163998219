package campaign

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Values is the file as the fields of forms, by name: texts.en.title,
// signatories.0.name. What is a list of short texts has one a line; paragraphs
// are parted by an empty line. The Set methods read them back, one form each.
func (f File) Values() url.Values {
	v := url.Values{}
	v.Set("slug", f.Slug)
	v.Set("goal", strconv.Itoa(f.Goal))
	v.Set("default_language", f.DefaultLanguage)
	v.Set("organisers", strings.Join(f.Organisers, "\n"))
	v.Set("accent", f.Accent)
	v.Set("picture", f.Picture)
	v.Set("exit", f.Exit)
	for key, days := range f.Keep.fields() {
		v.Set(key, strconv.Itoa(*days))
	}
	for key, list := range map[string][]Organisation{"signatories": f.Signatories, "supporting": f.Supporting} {
		for i, o := range list {
			at := fmt.Sprintf("%s.%d.", key, i)
			v.Set(at+"name", o.Name)
			v.Set(at+"url", o.URL)
			v.Set(at+"phone", o.Phone)
			for lang, text := range o.Advice {
				v.Set(strings.TrimSuffix(at+"advice."+lang, "."), text)
			}
		}
	}
	for i, r := range f.Rules {
		r.values(v, fmt.Sprintf("rules.%d.", i))
	}
	for lang, t := range f.Texts {
		t.values(v, "texts."+lang+".")
	}
	return v
}

func (r Rule) values(v url.Values, at string) {
	v.Set(at+"name", r.Name)
	for _, p := range r.Pledge {
		v.Add(at+"pledge", string(p))
	}
	v[at+"party"], v[at+"nation"], v[at+"region"] = r.Party, r.Nation, r.Region
	v.Set(at+"constituency", strings.Join(r.Constituency, "\n"))
	ids := make([]string, len(r.Member))
	for i, id := range r.Member {
		ids[i] = strconv.Itoa(id)
	}
	v.Set(at+"member", strings.Join(ids, "\n"))
	v.Set(at+"vacant", choice(r.Vacant))
	v.Set(at+"no_email", choice(r.NoEmail))
	v.Set(at+"then", "letter "+r.Letter)
	if r.Exclude != "" {
		v.Set(at+"then", "exclude "+r.Exclude)
	}
	if r.Exempt {
		v.Set(at+"exempt", "1")
	}
}

func choice(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

func (t *Text) values(v url.Values, at string) {
	for name, text := range t.parts() {
		v.Set(at+name, trimText(*text))
	}
	v.Set(at+"questions", strings.Join(t.Questions, "\n"))
	for i, s := range t.Case {
		v.Set(fmt.Sprintf("%scase.%d.heading", at, i), s.Heading)
		v.Set(fmt.Sprintf("%scase.%d.paragraphs", at, i), strings.Join(s.Paragraphs, "\n\n"))
	}
	for key, l := range t.Letters {
		for name, text := range l.parts() {
			v.Set(at+"letters."+key+"."+name, trimText(*text))
		}
	}
	for key, e := range t.Exclusions {
		for name, text := range e.parts() {
			v.Set(at+"exclusions."+key+"."+name, trimText(*text))
		}
	}
}

func (t *Text) parts() map[string]*string {
	return map[string]*string{
		"title": &t.Title, "headline": &t.Headline, "lead": &t.Lead, "description": &t.Description, "ask": &t.Ask,
		"picture_alt": &t.PictureAlt, "closing": &t.Closing, "opt_in": &t.OptIn,
	}
}

func (l *LetterText) parts() map[string]*string {
	return map[string]*string{
		"note": &l.Note, "tag": &l.Tag, "check": &l.Check, "subject": &l.Subject, "salutation": &l.Salutation, "body": &l.Body,
		"sign_off": &l.SignOff, "thank_you": &l.ThankYou,
	}
}

func (e *Exclusion) parts() map[string]*string {
	return map[string]*string{"text": &e.Text, "link": &e.Link, "link_text": &e.LinkText, "tag": &e.Tag, "check": &e.Check}
}

func get(v url.Values, name string) string { return trimText(v.Get(name)) }

// linesIn returns the lines of a field that are not empty.
func linesIn(v url.Values, name string) []string {
	var lines []string
	for line := range strings.SplitSeq(get(v, name), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// SetGoal reads the goal. What is no number is a goal below zero, which is
// refused.
func (f *File) SetGoal(v url.Values) {
	f.Goal = 0
	if goal := get(v, "goal"); goal != "" {
		n, err := strconv.Atoi(strings.ReplaceAll(goal, ",", ""))
		if err != nil {
			n = -1
		}
		f.Goal = n
	}
}

// SetCampaign reads who runs the campaign and how it looks.
func (f *File) SetCampaign(v url.Values) {
	f.DefaultLanguage, f.Accent, f.Exit = get(v, "default_language"), get(v, "accent"), get(v, "exit")
	f.Picture = strings.Join(strings.Fields(v.Get("picture")), "")
	for key, days := range f.Keep.fields() {
		n, err := strconv.Atoi(get(v, key))
		if err != nil {
			n = -1
		}
		*days = n
	}
	f.Organisers = linesIn(v, "organisers")
	f.Signatories, f.Supporting = organisationsIn(v, "signatories"), organisationsIn(v, "supporting")
}

func organisationsIn(v url.Values, key string) []Organisation {
	var list []Organisation
	for i := range Entries(v, key) {
		at := fmt.Sprintf("%s.%d.", key, i)
		o := Organisation{Name: get(v, at+"name"), URL: get(v, at+"url"), Phone: get(v, at+"phone")}
		for name := range v {
			lang, ok := strings.CutPrefix(name, at+"advice")
			if text := get(v, name); ok && text != "" {
				if o.Advice == nil {
					o.Advice = Advice{}
				}
				o.Advice[strings.TrimPrefix(lang, ".")] = text
			}
		}
		if len(o.Advice) > 1 {
			delete(o.Advice, anyLang)
		}
		list = append(list, o)
	}
	return list
}

// Entries returns how many entries a list has in a form.
func Entries(v url.Values, key string) int {
	n := 0
	for {
		at := fmt.Sprintf("%s.%d.", key, n)
		found := false
		for name := range v {
			if strings.HasPrefix(name, at) {
				found = true
				break
			}
		}
		if !found {
			return n
		}
		n++
	}
}

// Rearrange does to a list of a form what a button asks for: "add", or "up",
// "down" and "remove" with the entry's number behind a space. Every entry keeps
// what was typed.
func Rearrange(v url.Values, key, do string) {
	n := Entries(v, key)
	what, number, _ := strings.Cut(do, " ")
	i, err := strconv.Atoi(number)
	if what == "add" {
		v.Set(fmt.Sprintf("%s.%d.name", key, n), "")
		return
	}
	if err != nil || i < 0 || i >= n {
		return
	}
	switch {
	case what == "up" && i > 0:
		swap(v, key, i, i-1)
	case what == "down" && i < n-1:
		swap(v, key, i, i+1)
	case what == "remove":
		for ; i < n-1; i++ {
			swap(v, key, i, i+1)
		}
		for name := range v {
			if strings.HasPrefix(name, fmt.Sprintf("%s.%d.", key, n-1)) {
				delete(v, name)
			}
		}
	}
}

func swap(v url.Values, key string, a, b int) {
	from, to := fmt.Sprintf("%s.%d.", key, a), fmt.Sprintf("%s.%d.", key, b)
	moved := url.Values{}
	for name, values := range v {
		if rest, ok := strings.CutPrefix(name, from); ok {
			moved[to+rest] = values
		} else if rest, ok := strings.CutPrefix(name, to); ok {
			moved[from+rest] = values
		} else {
			continue
		}
		delete(v, name)
	}
	for name, values := range moved {
		v[name] = values
	}
}

// SetTexts reads what the campaign says in a language, but for its letters.
func (f *File) SetTexts(lang string, v url.Values) {
	t, at := f.Texts[lang], "texts."+lang+"."
	for name, text := range t.parts() {
		*text = get(v, at+name)
	}
	t.Questions = linesIn(v, at+"questions")
	t.Case = nil
	for i := range Entries(v, at+"case") {
		s := Section{Heading: get(v, fmt.Sprintf("%scase.%d.heading", at, i)), Paragraphs: Paragraphs(v.Get(fmt.Sprintf("%scase.%d.paragraphs", at, i)))}
		if s.Heading != "" || len(s.Paragraphs) > 0 {
			t.Case = append(t.Case, s)
		}
	}
}

// SetLetter reads one letter in one language.
func (f *File) SetLetter(lang, key string, v url.Values) {
	var l LetterText
	for name, text := range l.parts() {
		*text = get(v, "texts."+lang+".letters."+key+"."+name)
	}
	t := f.Texts[lang]
	if t.Letters == nil {
		t.Letters = map[string]LetterText{}
	}
	t.Letters[key] = l
}

// SetExclusion reads what those are told, in one language, who cannot write.
func (f *File) SetExclusion(lang, key string, v url.Values) {
	var e Exclusion
	for name, text := range e.parts() {
		*text = get(v, "texts."+lang+".exclusions."+key+"."+name)
	}
	t := f.Texts[lang]
	if t.Exclusions == nil {
		t.Exclusions = map[string]Exclusion{}
	}
	t.Exclusions[key] = e
}

var (
	aCode   = regexp.MustCompile(`\b[EWSN][0-9]{8}\b`)
	aNumber = regexp.MustCompile(`\b[0-9]+\b`)
)

// SetRules reads the rules in their order. Constituencies and members may be
// named as find knows them; what it does not know is left as it was typed, and
// refused.
func (f *File) SetRules(v url.Values, find func(name string) (code string, member int)) {
	f.Rules = nil
	for i := range Entries(v, "rules") {
		at := fmt.Sprintf("rules.%d.", i)
		r := Rule{Name: get(v, at+"name"), Exempt: v.Get(at+"exempt") == "1"}
		for _, p := range v[at+"pledge"] {
			r.Pledge = append(r.Pledge, Standing(p))
		}
		r.Party, r.Nation, r.Region = slices.Clone(v[at+"party"]), slices.Clone(v[at+"nation"]), slices.Clone(v[at+"region"])
		for _, line := range linesIn(v, at+"constituency") {
			r.Constituency = append(r.Constituency, cmp.Or(seatOn(line, find), line))
		}
		for _, line := range linesIn(v, at+"member") {
			r.Member = append(r.Member, memberOn(line, find))
		}
		r.Vacant, r.NoEmail = chosen(v.Get(at+"vacant")), chosen(v.Get(at+"no_email"))
		switch what, key, _ := strings.Cut(v.Get(at+"then"), " "); what {
		case "letter":
			r.Letter = key
		case "exclude":
			r.Exclude = key
		}
		f.Rules = append(f.Rules, r)
	}
}

// seatOn is the constituency that a line names; empty: none.
func seatOn(line string, find func(string) (string, int)) string {
	if code := aCode.FindString(line); code != "" {
		return code
	}
	code, _ := find(line)
	return code
}

// memberOn is the member that a line names; 0: none.
func memberOn(line string, find func(string) (string, int)) int {
	id, err := strconv.Atoi(aNumber.FindString(line))
	if err != nil {
		_, id = find(line)
	}
	return id
}

// UnknownNames says of what was typed into the rules which constituencies and
// members find does not know.
func UnknownNames(v url.Values, find func(name string) (code string, member int)) []Problem {
	var problems []Problem
	for i := range Entries(v, "rules") {
		at := fmt.Sprintf("rules.%d.", i)
		for _, line := range linesIn(v, at+"constituency") {
			if seatOn(line, find) == "" {
				problems = append(problems, Problem{Key: at + "constituency", Text: fmt.Sprintf("no constituency is called “%s”", line)})
			}
		}
		for _, line := range linesIn(v, at+"member") {
			if memberOn(line, find) == 0 {
				problems = append(problems, Problem{Key: at + "member", Text: fmt.Sprintf("no MP is called “%s”, or several are", line)})
			}
		}
	}
	return problems
}

func chosen(value string) *bool {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return nil
	}
	return &b
}

// AddLanguage adds a language that begins with the words of the default one, to
// be translated: a campaign that is public is complete in each.
func (f *File) AddLanguage(lang string) {
	from := f.Texts[f.DefaultLanguage]
	if from == nil || f.Texts[lang] != nil {
		return
	}
	t := *from
	t.OptIn = "" // nobody agrees to words in another language
	t.Letters, t.Exclusions = map[string]LetterText{}, map[string]Exclusion{}
	for key, l := range from.Letters {
		t.Letters[key] = l
	}
	for key, e := range from.Exclusions {
		t.Exclusions[key] = e
	}
	f.Texts[lang] = &t
}

// AddLetter adds a letter to every language that begins as the ask.
func (f *File) AddLetter(key string) {
	for _, t := range f.Texts {
		if _, ok := t.Letters[key]; ok {
			continue
		}
		if t.Letters == nil {
			t.Letters = map[string]LetterText{}
		}
		t.Letters[key] = t.Letters[string(VariantAsk)]
	}
}

// AddExclusion adds one to every language, with the same words until they are
// translated.
func (f *File) AddExclusion(key, text string) {
	for _, t := range f.Texts {
		if t.Exclusions == nil {
			t.Exclusions = map[string]Exclusion{}
		}
		if _, ok := t.Exclusions[key]; !ok {
			t.Exclusions[key] = Exclusion{Text: text}
		}
	}
}

// Uses returns the numbers, from 1, of the rules that name a letter or an
// exclusion.
func (f File) Uses(key string, exclusion bool) []int {
	var rules []int
	for i, r := range f.Rules {
		if exclusion && r.Exclude == key || !exclusion && r.Letter == key {
			rules = append(rules, i+1)
		}
	}
	return rules
}

// NewFile is a campaign that nobody has written yet, but for how a letter begins
// and ends.
func NewFile(slug, title, lang, salutation, signOff string) File {
	return File{
		Slug: slug, DefaultLanguage: lang,
		Rules: []Rule{{Pledge: []Standing{StandingPledged}, Letter: "thanks"}},
		Texts: map[string]*Text{lang: {Title: title, Letters: map[string]LetterText{
			string(VariantAsk): {Salutation: salutation, SignOff: signOff}, "thanks": {Salutation: salutation, SignOff: signOff},
		}}},
	}
}

// ValidSlug reports whether a campaign can be called so in addresses.
func ValidSlug(slug string) bool { return validSlug.MatchString(slug) && len(slug) <= 60 }

// ValidKey reports whether a letter or an exclusion can be called so.
func ValidKey(key string) bool { return validKey.MatchString(key) && len(key) <= 40 }

// ValidLang reports whether it is the code of a language.
func ValidLang(lang string) bool { return validLang.MatchString(lang) }
