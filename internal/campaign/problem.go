package campaign

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Problem is something that is wrong with a campaign file.
type Problem struct {
	Line    int    // on which it stands; 0: see LineOf
	Key     string // what it is about, such as texts.en.title or "rules: entry 2: party"; empty: the whole file
	Text    string
	Mark    string // the placeholder that is wrong; empty: it is about something else
	Missing bool   // a text that nobody has written yet: a draft may do without
	Later   bool   // what was let pass once: a file that is kept already is read all the same
}

// String is the problem in one line.
func (p Problem) String() string {
	s := p.Text
	if p.Key != "" {
		s = p.Key + ": " + s
	}
	if p.Line > 0 {
		s = fmt.Sprintf("line %d: %s", p.Line, s)
	}
	return s
}

var anEntry = regexp.MustCompile(`^(\w+): entry (\d+): (\w+)`)

// Field names the value that the problem is about as Values does:
// rules.1.party.
func (p Problem) Field() string {
	if m := anEntry.FindStringSubmatch(p.Key); m != nil {
		n, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("%s.%d.%s", m[1], n-1, m[3])
	}
	return p.Key
}

// LineOf returns the line of a campaign file that a problem is about: that of
// the value, or else of the table in which it is missing; 0 where neither can be
// told.
func (p Problem) LineOf(source string) int {
	if p.Line > 0 {
		return p.Line
	}
	table, key, entry := "", p.Key, 0
	if m := anEntry.FindStringSubmatch(p.Key); m != nil {
		table, key = m[1], m[3]
		entry, _ = strconv.Atoi(m[2])
	} else if dot := strings.LastIndexByte(p.Key, '.'); dot > 0 {
		table, key = p.Key[:dot], p.Key[dot+1:]
	}
	header, met, quote := 0, 0, ""
	in := table == ""
	for i, line := range strings.Split(source, "\n") {
		trimmed := strings.TrimSpace(line)
		if quote == "" && strings.HasPrefix(trimmed, "[") {
			name, _, _ := strings.Cut(strings.TrimLeft(trimmed, "["), "]")
			in = strings.TrimSpace(name) == table
			if in {
				met++
				in = entry == 0 || met == entry
			}
			if in && header == 0 {
				header = i + 1
			}
		}
		if quote == "" && in && keyOf(trimmed) == key {
			return i + 1
		}
		quote = quoteAfter(quote, line)
	}
	return header
}

// quoteAfter says which long text a line ends in, given the one that it begins
// in; empty: in none.
func quoteAfter(quote, line string) string {
	for _, q := range []string{`"""`, "'''"} {
		if quote != "" && quote != q || strings.Count(line, q)%2 == 0 {
			continue
		}
		if quote == "" {
			quote = q
		} else {
			quote = ""
		}
	}
	return quote
}

// FileError is everything that is wrong with a campaign file.
type FileError struct{ Problems []Problem }

// Error lists the problems.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	if len(lines) == 1 && e.Problems[0].Key == "" {
		return "campaign file: " + lines[0]
	}
	return "campaign file:\n  " + strings.Join(lines, "\n  ")
}

// Usable reports whether the file can be kept as a draft: nothing in it is
// wrong, though texts may be missing.
func Usable(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Missing })
}

// ofNow returns the problems but for those that were let pass when the file was
// kept.
func ofNow(problems []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool { return p.Later })
}

func sortProblems(problems []Problem) {
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Compare(a.String(), b.String()) })
}
