package config

import (
	"regexp"
	"slices"
	"strings"
)

// given are names that Docker and Kubernetes set for a service called postbag.
var given = regexp.MustCompile(`^POSTBAG_(PORT|SERVICE)(_|$)`)

// Strangers returns the names in an environment (as os.Environ has it) that look
// like settings and are none, in order: one that is mistyped does nothing, and
// nobody would know.
func Strangers(environ []string) []string {
	known := map[string]bool{}
	// What is asked for is a setting; what is wrong with one is another question.
	_, _ = Load(func(name string) (string, bool) {
		known[name] = true
		return "", false
	}, func(string) error { return nil })
	var found []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "POSTBAG_") && !known[name] && !given.MatchString(name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}
