package campaign

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Placeholders are the names that letter texts may use, in braces: {mp_name}.
// The supporter's name is known only when the letter is finished, so it may
// stand in the locked parts alone.
const (
	PlaceMPName        = "mp_name"        // the MP as one addresses them in a letter
	PlaceConstituency  = "constituency"   // its name
	PlaceParty         = "party"          // the MP's party
	PlaceSupporterName = "supporter_name" // salutation and sign-off only
)

var placeholder = regexp.MustCompile(`\{[^{}\n]*\}`)

// fill replaces the placeholders of a text. Texts are checked when a campaign
// is loaded, so what is not in values does not occur.
func fill(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		if v, ok := values[m[1:len(m)-1]]; ok {
			return v
		}
		return m
	})
}

// checkPlaceholders returns a problem for every placeholder in text that is not
// allowed there. Where says which text it is; source is the whole file, to find
// the line in.
func checkPlaceholders(source, where, text string, allowed ...string) []Problem {
	var problems []Problem
	met := map[string]int{} // how often each mark came before
	for _, m := range placeholder.FindAllString(text, -1) {
		name := m[1 : len(m)-1]
		if slices.Contains(allowed, name) {
			continue
		}
		p := Problem{Key: where, Mark: m}
		if lines := linesOf(source, where, m); met[m] < len(lines) {
			p.Line = lines[met[m]]
		}
		met[m]++
		p.Text = fmt.Sprintf("unknown placeholder %s; there are {%s}", m, strings.Join(allowed, "}, {"))
		switch {
		case len(allowed) == 0:
			p.Text = fmt.Sprintf("nothing is filled in here: %s would be read as it stands", m)
		case name == PlaceSupporterName:
			p.Text = fmt.Sprintf("the supporter's name is not known while they write, so %s may stand in salutation and sign_off only", m)
		}
		problems = append(problems, p)
	}
	return problems
}

// checkUnfilled returns a problem for every placeholder in what a campaign says to
// everybody, whoever their MP is.
func checkUnfilled(source, at string, t *Text) []Problem {
	var problems []Problem
	look := func(key, text string) { problems = append(problems, checkPlaceholders(source, at+"."+key, text)...) }
	for key, text := range t.parts() {
		look(key, *text)
	}
	for i, s := range t.Case {
		look(fmt.Sprintf("case.%d.heading", i), s.Heading)
		look(fmt.Sprintf("case.%d.paragraphs", i), strings.Join(s.Paragraphs, "\n\n"))
	}
	for i := range problems {
		problems[i].Later = true
	}
	return problems
}

// linesOf returns the lines of a campaign file on which a placeholder stands in
// the value of a key, one for each use; none when the file is written in a way
// that this does not follow (an escaped brace, a dotted key). The TOML library
// tells no positions of values.
func linesOf(source, where, mark string) []int {
	dot := strings.LastIndexByte(where, '.')
	table, key := where[:dot], where[dot+1:]
	inTable, inKey, quote := false, false, "" // quote: of the long text that the line begins in
	var lines []int
	for i, line := range strings.Split(source, "\n") {
		if quote == "" {
			trimmed := strings.TrimSpace(line)
			if strings.HasPrefix(trimmed, "#") {
				continue
			}
			if strings.HasPrefix(trimmed, "[") {
				header, _, _ := strings.Cut(strings.TrimLeft(trimmed, "["), "]")
				inTable = strings.TrimSpace(header) == table
			}
			inKey = inTable && keyOf(trimmed) == key
		}
		if inKey {
			for range strings.Count(line, mark) {
				lines = append(lines, i+1)
			}
		}
		quote = quoteAfter(quote, line)
	}
	return lines
}

func keyOf(line string) string {
	key, _, ok := strings.Cut(line, "=")
	if !ok {
		return ""
	}
	return strings.Trim(strings.TrimSpace(key), `"'`)
}
