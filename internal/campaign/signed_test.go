package campaign

import "testing"

// What stands under the name may speak of the MP, and has to speak of the one whom
// the letter goes to.
func TestDraft_signed(t *testing.T) {
	for signOff, want := range map[string]string{
		"Yours sincerely,\n\n{supporter_name}":                   "\n\nJo Bloggs",
		"Yours,\n{supporter_name}\nfor {mp_name}, {party}":       "\nJo Bloggs\nfor {mp_name}, {party}",
		"{supporter_name}":                                       "\nJo Bloggs",
		"Yours, {supporter_name}":                                "",
		"Yours,\n\n{supporter_name}\n\nPS. Thank you, {mp_name}": "\n\nJo Bloggs\n\nPS. Thank you, {mp_name}",
	} {
		if got := (Draft{signOff: signOff}).signed("Jo Bloggs"); got != want {
			t.Errorf("%q: %q, want %q", signOff, got, want)
		}
	}
}
