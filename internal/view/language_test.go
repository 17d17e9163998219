package view

import (
	"strings"
	"testing"
)

func TestAt_AndSplit(t *testing.T) {
	langs := []string{"cy", "en"}
	for name, test := range map[string]struct{ lang, path, address string }{
		"the default language adds nothing": {"en", "/c/x", "/c/x"},
		"another stands before the path":    {"cy", "/c/x/mps", "/cy/c/x/mps"},
		"the front page":                    {"cy", "/", "/cy/"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := At(test.lang, test.path); got != test.address {
				t.Errorf("At: %q, want %q", got, test.address)
			}
			if lang, path := Split(langs, test.address); lang != test.lang || path != test.path {
				t.Errorf("Split: %q %q", lang, path)
			}
		})
	}
	for address, want := range map[string]string{"/cy": "/", "/fr/c/x": "/fr/c/x", "/en/c/x": "/en/c/x", "/cyc/x": "/cyc/x", "": ""} {
		if _, path := Split(langs, address); path != want {
			t.Errorf("Split(%q): %q, want %q", address, path, want)
		}
	}
}

// TestRender_MarksWordsOfAnotherLanguage: a campaign without words in the page's
// language shows those it has, and says in which they are.
func TestRender_MarksWordsOfAnotherLanguage(t *testing.T) {
	r, c := newRenderer(t), shipped(t)
	marked := func() int {
		page := render(t, r, CampaignPage{Frame: Frame{Lang: "cy", Campaign: c, Text: c.Text("cy")}})
		return strings.Count(page, ` lang="en">`)
	}
	if n := marked(); n != 0 {
		t.Errorf("%d parts are marked as English on a page that has none", n)
	}
	delete(c.Texts, "cy")
	if n := marked(); n != 4 { // title, pitch, pledge, case
		t.Errorf("%d parts are marked as English, want 4", n)
	}
}
