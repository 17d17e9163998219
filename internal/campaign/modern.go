package campaign

import (
	"regexp"
	"strings"
)

var (
	oldLetter    = regexp.MustCompile(`^(\s*\[texts\.[a-z]+)\.letter\]`)
	oldThanks    = regexp.MustCompile(`^(\s*\[texts\.[a-z]+)\.thanks\]`)
	oldException = regexp.MustCompile(`^(\s*\[texts\.[a-z]+)\.exceptions\.`)
	oldKey       = regexp.MustCompile(`^(\s*)key(\s*=.*)$`)
	oldSeat      = regexp.MustCompile(`^(\s*constituency\s*=\s*)("[^"]*"|'[^']*')(.*)$`)
)

// thanksRule is what went without saying before there were rules.
const thanksRule = "[[rules]]\npledge = [\"pledged\"]\nletter = \"thanks\"\n\n"

// Modern rewrites a campaign file from before there were rules: the letter, the
// thanks and the exceptions that it had become letters and rules, comments and
// all. It reports whether the file was one.
func Modern(source string) (string, bool) {
	old, in, quote := false, false, ""
	var out []string
	ruled := false
	for line := range strings.SplitSeq(source, "\n") {
		if quote != "" {
			quote = quoteAfter(quote, line)
			out = append(out, line)
			continue
		}
		quote = quoteAfter(quote, line)
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			in = strings.HasPrefix(trimmed, "[[exceptions]]")
			if !ruled && strings.HasPrefix(trimmed, "[texts.") {
				out = append(out, thanksRule)
				ruled = true
			}
		}
		was := line
		switch {
		case in && strings.HasPrefix(trimmed, "[["):
			line = strings.Replace(line, "[[exceptions]]", "[[rules]]\nexempt = true", 1)
		case in && oldKey.MatchString(line):
			line = oldKey.ReplaceAllString(line, "${1}letter$2")
		case in:
			line = oldSeat.ReplaceAllString(line, "$1[$2]$3")
		default:
			line = oldLetter.ReplaceAllString(line, "$1.letters.ask]")
			line = oldThanks.ReplaceAllString(line, "$1.letters.thanks]")
			line = oldException.ReplaceAllString(line, "$1.letters.")
		}
		old = old || line != was
		out = append(out, line)
	}
	if !old {
		return source, false
	}
	return strings.Join(out, "\n"), true
}
