package campaign

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is recorded with a pledge.
const (
	firstPledgeDay = "2000-01-01" // what is older is a slip of the pen
	maxEvidence    = 500          // characters
	maxRecorder    = 100          // characters
)

// parseDay reads a day as 2026-11-23 or, as British spreadsheets write it,
// 23/11/2026, and returns it in the first form. The error follows the field's
// name.
func parseDay(typed, today string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", errors.New("is missing")
	}
	day, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		day, err = time.Parse("2/1/2006", typed)
	}
	if err != nil {
		return "", fmt.Errorf("%q is not a day; write it as 2026-11-23 or 23/11/2026", typed)
	}
	text := day.Format(time.DateOnly)
	switch {
	case text > today:
		return "", fmt.Errorf("%s is in the future", text)
	case text < firstPledgeDay:
		return "", fmt.Errorf("%s is before %s", text, firstPledgeDay)
	}
	return text, nil
}

// parseEvidence returns the web address that backs a pledge; empty for none.
// It ends up as a link on public pages.
func parseEvidence(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", nil
	}
	if utf8.RuneCountInString(typed) > maxEvidence {
		return "", fmt.Errorf("has more than %d characters", maxEvidence)
	}
	if !utf8.ValidString(typed) || strings.ContainsFunc(typed, isUnseen) {
		return "", errors.New("holds a space or another character that does not show")
	}
	u, err := url.Parse(typed)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.Contains(u.Hostname(), ".") {
		return "", errors.New("is not a web address such as https://example.org/page")
	}
	if u.User != nil {
		return "", errors.New("holds a user name or password")
	}
	return typed, nil
}

// parseNote returns a sentence for organisers; empty for none.
func parseNote(typed string) (string, error) {
	if hasControl(typed) {
		return "", errors.New("holds a control character")
	}
	note := tidyLine(typed)
	if utf8.RuneCountInString(note) > maxReason {
		return "", fmt.Errorf("has more than %d characters", maxReason)
	}
	return note, nil
}

// parseRecorder returns who recorded a pledge.
func parseRecorder(typed string) (string, error) {
	switch {
	case hasControl(typed):
		return "", invalidPledge("who records it: the name holds a control character")
	case strings.HasPrefix(typed, "="), strings.HasPrefix(typed, "+"), strings.HasPrefix(typed, "-"), strings.HasPrefix(typed, "@"):
		return "", invalidPledge("who records it: a name cannot begin with %s, which spreadsheets take for a formula", typed[:1])
	}
	name := tidyLine(typed)
	switch {
	case name == "":
		return "", invalidPledge("who records it is missing")
	case utf8.RuneCountInString(name) > maxRecorder:
		return "", invalidPledge("who records it: the name has more than %d characters", maxRecorder)
	}
	return name, nil
}

func isUnseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || visible(r) < 0
}
