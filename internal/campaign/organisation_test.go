package campaign_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
)

// withOrganisation is the small campaign file with one signatory.
func withOrganisation(lines string) string {
	return strings.Replace(small, "[[rules]]", "[[signatories]]\n"+lines+"\n\n[[rules]]", 1)
}

func TestOrganisation_AdviceIn(t *testing.T) {
	for name, test := range map[string]struct {
		advice string // the line in the file
		en, cy string
		own    [2]bool
	}{
		"a phrase in each language":            {`advice = { en = "Help", cy = "Cymorth" }`, "Help", "Cymorth", [2]bool{true, true}},
		"a table of its own":                   {"[signatories.advice]\nen = \" Help \"\ncy = \"Cymorth\"", "Help", "Cymorth", [2]bool{true, true}},
		"the default language for all":         {`advice = "Help"`, "Help", "Help", [2]bool{false, false}},
		"the default language where one lacks": {`advice = { en = "Help" }`, "Help", "Help", [2]bool{true, false}},
		"none":                                 {"", "", "", [2]bool{false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ParseFile(withOrganisation("name = \"A\"\n" + test.advice))
			if err != nil {
				t.Fatal(err)
			}
			o := c.Signatories[0]
			en, ownEn := o.AdviceIn("en")
			cy, ownCy := o.AdviceIn("cy")
			if en != test.en || cy != test.cy || [2]bool{ownEn, ownCy} != test.own {
				t.Errorf("%q and %q, their own %v %v, want %q and %q, %v", en, cy, ownEn, ownCy, test.en, test.cy, test.own)
			}
			if o.GivesAdvice() != (test.en != "") {
				t.Errorf("gives advice: %v", o.GivesAdvice())
			}
		})
	}
}

func TestParseFile_organisations(t *testing.T) {
	c, err := ParseFile(withOrganisation("name = \" A \"\nurl = \"https://a.example/help\"\nphone = \"+44 113 496 0123\""))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Organisation{{Name: "A", URL: "https://a.example/help", Phone: "0113 496 0123"}}, c.Signatories); diff != "" {
		t.Error(diff)
	}
	const notHTTPS = " is no address such as https://example.org/advice"
	for _, test := range []struct {
		name, lines string
		want        []string
	}{
		{"no name", `url = ""`, []string{"name: missing"}},
		{"an advice that is blank", "name = \"A\"\nadvice = \" \"", []string{"advice: missing"}},
		{"one that is blank in a language", "name = \"A\"\nadvice = { en = \"Help\", cy = \"\" }", []string{"advice.cy: missing"}},
		{"none in the default language", "name = \"A\"\nadvice = { cy = \"Cymorth\" }", []string{"advice.en: missing, and it is the default language"}},
		{"a language that is none", "name = \"A\"\nadvice = { en = \"Help\", Welsh = \"Cymorth\" }", []string{"advice.Welsh: a language is a code such as en or cy"}},
		{"an address without encryption", "name = \"A\"\nurl = \"http://a.example\"", []string{`url: "http://a.example"` + notHTTPS}},
		{"a script for an address", "name = \"A\"\nurl = \"javascript:alert(1)\"", []string{`url: "javascript:alert(1)"` + notHTTPS}},
		{"an address without a host", "name = \"A\"\nurl = \"https://\"", []string{`url: "https://"` + notHTTPS}},
		{"an address with a password", "name = \"A\"\nurl = \"https://a:b@a.example\"", []string{`url: "https://a:b@a.example"` + notHTTPS}},
		{"an address with a space", "name = \"A\"\nurl = \"https://a.example/ b\"", []string{`url: "https://a.example/ b"` + notHTTPS}},
		{"a number that is none", "name = \"A\"\nphone = \"12\"", []string{`phone: "12" is no telephone number`}},
		{"everything at once", "url = \"x\"\nphone = \"y\"", []string{"name: missing", `phone: "y" is no telephone number`, `url: "x"` + notHTTPS}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseFile(withOrganisation(test.lines))
			want := "campaign file:\n  signatories: entry 1: " + strings.Join(test.want, "\n  signatories: entry 1: ")
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	for name, lines := range map[string]string{"a number": "advice = 7", "a list": `advice = ["Help"]`, "a number in a language": "advice = { en = 7 }"} {
		if _, err := ParseFile(withOrganisation("name = \"A\"\n" + lines)); err == nil || !strings.Contains(err.Error(), "advice") {
			t.Errorf("%s for an advice: %v", name, err)
		}
	}
	if _, err := ParseFile(strings.Replace(withOrganisation(`name = ""`), "signatories", "supporting", 1)); err == nil || !strings.Contains(err.Error(), "supporting: entry 1: name: missing") {
		t.Errorf("a supporter without a name: %v", err)
	}
}
