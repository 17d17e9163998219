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
func checkPlaceholders(source, where, text string, allowed ...string) []string {
	var problems []string
	for _, m := range placeholder.FindAllString(text, -1) {
		name := m[1 : len(m)-1]
		if slices.Contains(allowed, name) {
			continue
		}
		if name == PlaceSupporterName {
			problems = append(problems, fmt.Sprintf("line %d: %s: the supporter's name is not known while they write, so %s may stand in salutation and sign_off only", lineOf(source, where, m), where, m))
			continue
		}
		problems = append(problems, fmt.Sprintf("line %d: %s: unknown placeholder %s; there are {%s}", lineOf(source, where, m), where, m, strings.Join(allowed, "}, {")))
	}
	return problems
}

// lineOf finds the line on which a placeholder stands in a campaign file: the
// first use at or after the key that holds it, comments not counted. The TOML
// library tells no positions of values.
func lineOf(source, where, mark string) int {
	table, key := where, ""
	if dot := strings.LastIndexByte(where, '.'); dot >= 0 {
		table, key = where[:dot], where[dot+1:]
	}
	inTable, inKey, first := false, false, 0
	for i, line := range strings.Split(source, "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "#") {
			continue
		}
		if strings.HasPrefix(trimmed, "[") {
			inTable, inKey = strings.Trim(trimmed, "[] ") == table, false
		}
		if inTable && keyOf(trimmed) == key {
			inKey = true
		}
		if strings.Contains(line, mark) {
			if inKey {
				return i + 1
			}
			if first == 0 {
				first = i + 1
			}
		}
	}
	return first
}

func keyOf(line string) string {
	key, _, ok := strings.Cut(line, "=")
	if !ok {
		return ""
	}
	return strings.Trim(strings.TrimSpace(key), `"'`)
}
