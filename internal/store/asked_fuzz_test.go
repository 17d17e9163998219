package store

import (
	"strings"
	"testing"
)

// Whatever the file beside the database holds is read or refused, and what is read
// stands in it word for word.
func FuzzReadAsked(f *testing.F) {
	f.Add(askedHead + "1 2026-11-23 erased 00ff\n2 2026-11-23 ended 0000000000002329\n")
	f.Add("1 2026-11-23 withdrawn 00ff\r\n\n2 2026")
	f.Add("9223372036854775808 x erased zz\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := readAsked(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, a := range all {
			if line := strings.TrimSuffix(a.line(), "\n"); !strings.Contains(text, line) {
				t.Errorf("%q was read", line)
			}
		}
	})
}
