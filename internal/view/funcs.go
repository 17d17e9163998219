package view

import (
	"fmt"
	"html"
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"postbag/internal/campaign"
)

// funcs are what templates can call, bound to one language.
func (w *words) funcs(s site) template.FuncMap {
	return template.FuncMap{
		// Addresses: of our own pages, in the page's language.
		"at":       func(parts ...string) string { return At(w.lang, strings.Join(parts, "")) },
		"absolute": func(path string) string { return s.Base + At(w.lang, path) },
		"twins":    s.twins,
		"others":   func(path string) []Suggestion { return s.others(w.lang, path) },
		"summary":  summary,
		"foreign":  w.foreign,

		// Words.
		"t":     w.say,
		"tn":    func(key string, n int, args ...any) (string, error) { return w.say(key, append(args, "n", n)...) },
		"tk":    w.sayFamily,
		"tlink": w.sayLink,

		// Figures, days and lists.
		"num":       w.number,
		"date":      w.date,
		"day":       w.day,
		"clock":     w.clock,
		"stamp":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"names":     w.list,
		"shortdate": w.shortDate,
		"zerotime":  func() time.Time { return time.Time{} },

		// Parts of pages.
		"asset":     s.assets.URL,
		"site":      func() string { return s.Site },
		"failed":    func(p Page) bool { return p.failed() },
		"input":     w.input,
		"deskfield": w.deskField,
		"entries":   entries,
		"rows":      rows,
		"mprows":    w.mpRows,
		"linkify":   linkify,
		"seatrows":  w.seatRows,
		"host":      host,
		"tel":       tel,
		"who":       w.who,
		"house":     func() []string { return campaign.HouseAddress },
		"share":     func(f Frame, url, text string) Share { return Share{f, url, text} },
		"leave":     leave,
		"step":      step,
		"askfirst":  func() int { return days(campaign.FollowUpAfter) },
		"asklast":   func() int { return days(campaign.LastAfter) },
		"askagain":  func() int { return days(campaign.LastAfter - campaign.FollowUpAfter) },
		"days":      days,
		"known":     func() int { return days(campaign.RememberFor) },
		"most":      func() int { return campaign.MaxMails },
		"mark":      func(state any, at time.Time) postmark { return postmark{fmt.Sprint(state), at} },
	}
}

// days is how many days a time is.
func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// foreign is the language of the campaign's words, where that is not the page's
// because the campaign has none in it: they are then marked with it, so that
// they are read aloud as what they are. Empty otherwise.
func (w *words) foreign(f Frame) string {
	if f.Text == nil || f.Text.Lang == w.lang {
		return ""
	}
	return f.Text.Lang
}

// summary says in a sentence or two what a page is about; empty when nobody
// wrote one.
func summary(f Frame) string {
	if f.Summary == "" && f.Text != nil {
		return f.Text.Description
	}
	return f.Summary
}

// who names a recipient within a sentence.
func (w *words) who(to Recipient) (string, error) {
	if to.Vacant || to.Name == "" {
		return w.say("recipient.who", "constituency", to.Constituency)
	}
	return to.Name, nil
}

// postmark is what the part "postmark" shows.
type postmark struct {
	State string
	At    time.Time // zero: no date
}

// sayFamily says the message family.member.part, where member is known only at
// run time: {{tk "state" .State "title"}}.
func (w *words) sayFamily(family string, member any, part string, args ...any) (string, error) {
	return w.say(fmt.Sprintf("%s.%v.%s", family, member, part), args...)
}

// sayLink says a message whose [bracketed] words become a link to url. It
// escapes everything else.
func (w *words) sayLink(key, url string, args ...any) (template.HTML, error) {
	s, err := w.say(key, args...)
	if err != nil {
		return "", err
	}
	s = html.EscapeString(s)
	before, rest, opened := strings.Cut(s, "[")
	text, after, closed := strings.Cut(rest, "]")
	if !opened || !closed {
		return "", fmt.Errorf("message %q has no [words] to link", key)
	}
	rel := ""
	if strings.HasPrefix(url, "https://") { // another site learns nothing of who came from here
		rel = ` rel="noopener noreferrer"`
	}
	return template.HTML(before + `<a href="` + html.EscapeString(url) + `"` + rel + `>` + text + `</a>` + after), nil //nolint:gosec // escaped above
}

// Input is one labelled field of the letter page. Its words are the messages
// field.NAME.label and, where there is one, field.NAME.hint.
type Input struct {
	Name, Label, Hint string
	Value, Error      string // as in Field
	Type              string
	Autocomplete      string
	Inputmode         string
	Required          bool
	Describes         string // ids for aria-describedby; empty: none
}

// input prepares the field called name: {{input .Fields "town" "text" "address-level2" true}}.
func (w *words) input(fields map[string]Field, name, kind, autocomplete string, required bool) (Input, error) {
	label, err := w.say("field." + name + ".label")
	if err != nil {
		return Input{}, err
	}
	in := Input{
		Value: fields[name].Value, Error: fields[name].Error, Name: name, Label: label, Hint: w.plain["field."+name+".hint"],
		Type: kind, Autocomplete: autocomplete, Required: required,
	}
	switch kind {
	case "email", "tel":
		in.Inputmode = kind
	}
	var ids []string
	if in.Hint != "" {
		ids = append(ids, name+"-hint")
	}
	if in.Error != "" {
		ids = append(ids, name+"-error")
	}
	in.Describes = strings.Join(ids, " ")
	return in, nil
}

// rows estimates how many rows of a text area show text whole, between 12 and
// 40; browsers that know field-sizing need no estimate.
func rows(text string) int {
	const perRow = 62
	n := 2
	for line := range strings.SplitSeq(text, "\n") {
		n += 1 + utf8.RuneCountInString(line)/perRow
	}
	return min(max(n, 12), 40)
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

// linkify escapes text and makes the web addresses in it links.
func linkify(text string) template.HTML {
	var b strings.Builder
	at := 0
	for _, m := range webAddress.FindAllStringIndex(text, -1) {
		address := strings.TrimRight(text[m[0]:m[1]], ".,;:!?)'")
		b.WriteString(html.EscapeString(text[at:m[0]]))
		href := html.EscapeString(address)
		b.WriteString(`<a href="` + href + `">` + href + `</a>`)
		at = m[0] + len(address)
	}
	b.WriteString(html.EscapeString(text[at:]))
	return template.HTML(b.String()) //nolint:gosec // escaped above
}

// host names the site that an address leads to, as people say it.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// tel writes a telephone number as an address does: figures and a plus.
func tel(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
