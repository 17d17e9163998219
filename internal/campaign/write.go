package campaign

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// TOML writes the file, in an order of our own: who, then the rules, then what is
// said in each language, the default one first. Comments that a file had are not
// in it. ReadFile reads it back as the same File.
func (f File) TOML() string {
	var w fileWriter
	w.text("slug", f.Slug)
	if f.Goal != 0 {
		w.line("goal = %d", f.Goal)
	}
	w.text("default_language", f.DefaultLanguage)
	w.texts("organisers", f.Organisers)
	w.optional("accent", f.Accent)
	w.optional("picture", f.Picture)
	w.optional("exit", f.Exit)
	if f.Keep.Or() != DefaultKeep {
		w.table("keep")
		w.line("text_days = %d", f.Keep.Text)
		w.line("email_days = %d", f.Keep.Email)
		w.line("unconfirmed_days = %d", f.Keep.Unconfirmed)
	}
	w.organisations("signatories", f.Signatories)
	w.organisations("supporting", f.Supporting)
	for _, r := range f.Rules {
		w.rule(r)
	}
	for _, lang := range f.Languages() {
		w.words("texts."+lang, f.Texts[lang])
	}
	return w.String()
}

// Languages lists the languages of the file, the default one first.
func (f File) Languages() []string {
	langs := slices.Sorted(maps.Keys(f.Texts))
	slices.SortStableFunc(langs, func(a, b string) int {
		switch f.DefaultLanguage {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	return langs
}

type fileWriter struct{ strings.Builder }

func (w *fileWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

func (w *fileWriter) table(name string) { w.line("\n[%s]", name) }

func (w *fileWriter) text(key, value string) { w.line("%s = %s", key, quoted(value)) }

func (w *fileWriter) optional(key, value string) {
	if value != "" {
		w.text(key, value)
	}
}

func (w *fileWriter) texts(key string, values []string) {
	if len(values) == 0 {
		return
	}
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = quotedLine(v)
	}
	if one := strings.Join(all, ", "); len(one) < 90 {
		w.line("%s = [%s]", key, one)
		return
	}
	w.line("%s = [\n  %s,\n]", key, strings.Join(all, ",\n  "))
}

func (w *fileWriter) organisations(key string, list []Organisation) {
	for _, o := range list {
		w.line("\n[[%s]]", key)
		w.text("name", o.Name)
		if any, ok := o.Advice[anyLang]; ok && len(o.Advice) == 1 {
			w.text("advice", any)
		}
		for _, lang := range slices.Sorted(maps.Keys(o.Advice)) {
			if lang != anyLang {
				w.text("advice."+lang, o.Advice[lang])
			}
		}
		w.optional("url", o.URL)
		w.optional("phone", o.Phone)
	}
}

func (w *fileWriter) rule(r Rule) {
	w.line("\n[[rules]]")
	w.optional("name", r.Name)
	pledges := make([]string, len(r.Pledge))
	for i, p := range r.Pledge {
		pledges[i] = string(p)
	}
	w.texts("pledge", pledges)
	w.texts("party", r.Party)
	w.texts("nation", r.Nation)
	w.texts("region", r.Region)
	w.texts("constituency", r.Constituency)
	if len(r.Member) > 0 {
		ids := make([]string, len(r.Member))
		for i, id := range r.Member {
			ids[i] = strconv.Itoa(id)
		}
		w.line("member = [%s]", strings.Join(ids, ", "))
	}
	if r.Vacant != nil {
		w.line("vacant = %t", *r.Vacant)
	}
	if r.NoEmail != nil {
		w.line("no_email = %t", *r.NoEmail)
	}
	w.optional("letter", r.Letter)
	w.optional("exclude", r.Exclude)
	if r.Exempt {
		w.line("exempt = true")
	}
}

func (w *fileWriter) words(table string, t *Text) {
	w.table(table)
	w.text("title", t.Title)
	w.text("headline", t.Headline)
	w.text("lead", t.Lead)
	w.text("description", t.Description)
	w.text("ask", t.Ask)
	w.optional("picture_alt", t.PictureAlt)
	w.optional("closing", t.Closing)
	w.optional("opt_in", t.OptIn)
	w.texts("questions", t.Questions)
	for _, s := range t.Case {
		w.line("\n[[%s.case]]", table)
		w.text("heading", s.Heading)
		if s.Paragraphs != nil {
			w.line("paragraphs = [")
			for _, p := range s.Paragraphs {
				w.line("  %s,", quotedLine(p))
			}
			w.line("]")
		}
	}
	for _, key := range LetterKeys(t.Letters) {
		l := t.Letters[key]
		w.table(table + ".letters." + key)
		w.optional("note", l.Note)
		w.optional("tag", l.Tag)
		w.optional("check", l.Check)
		w.text("subject", l.Subject)
		w.text("salutation", l.Salutation)
		w.text("body", l.Body)
		w.text("sign_off", l.SignOff)
		w.optional("thank_you", l.ThankYou)
	}
	for _, key := range sortedKeys(t.Exclusions) {
		e := t.Exclusions[key]
		w.table(table + ".exclusions." + key)
		w.optional("tag", e.Tag)
		w.optional("check", e.Check)
		w.text("text", e.Text)
		w.optional("link", e.Link)
		w.optional("link_text", e.LinkText)
	}
}

// LetterKeys lists the keys of letters, that of the ask first.
func LetterKeys(letters map[string]LetterText) []string {
	keys := sortedKeys(letters)
	if i := slices.Index(keys, string(VariantAsk)); i > 0 {
		keys = append([]string{keys[i]}, slices.Delete(keys, i, i+1)...)
	}
	return keys
}

// quoted writes a text as TOML does (v1.0.0, "String"): on lines of its own when
// it has several, so that they can be read and compared.
func quoted(text string) string {
	if !strings.Contains(text, "\n") || strings.Contains(text, "\r") || strings.Contains(text, `"""`) {
		return quotedLine(text)
	}
	var b strings.Builder
	b.WriteString("\"\"\"\n")
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(escaped(line, false))
	}
	if strings.HasSuffix(text, `"`) { // it would be one with those that end the text
		return quotedLine(text)
	}
	b.WriteString(`"""`)
	return b.String()
}

func quotedLine(text string) string { return `"` + escaped(text, true) + `"` }

func escaped(text string, quotes bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '"' && quotes:
			b.WriteString(`\"`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
