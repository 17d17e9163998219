package campaign

// This file needs no other test's, as fuzz_test.go.

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"postbag/db"
)

// seedFiles are campaign files: the one that is shipped, and small ones that have
// what it has not.
func seedFiles(f *testing.F) []string {
	f.Helper()
	shipped, err := db.FS.ReadFile("campaigns/mps-not-border-guards.toml")
	if err != nil {
		f.Fatal(err)
	}
	return []string{
		string(shipped),
		"slug = \"a-b\"\ngoal = 10\naccent = \"#1f6f50\"\norganisers = [\"A \\\"B\\\"\"]\n[texts.en]\ntitle = \"\"\"\nT\n\\\n  u\"\"\"\n",
		"slug = 'x'\n[[signatories]]\nname = \"A\"\nadvice = { en = \"e\", cy = \"c\" }\nphone = \"0113 496 0123\"\n[[supporting]]\nname=\"B\"\nadvice=\"law\"\n[texts.en]\n",
		"slug = \"x\"\n[[rules]]\nmember = [1, 2]\nvacant = true\nletter = \"a\"\n[[rules]]\nconstituency = [\"E14001063\"]\nexclude = \"b\"\nexempt = true\n[texts.en]\n[texts.en.letters.a]\nbody = \"{mp_name}\"\n[texts.en.exclusions.b]\ntext=\"t\"\nlink=\"https://a.b\"\nlink_text=\"l\"\n",
		"[keep]\ntext_days = 0\n[[texts.en.case]]\nheading = \"\\u0000\"\nparagraphs = [\"\"]\n", "slug = \"x\"\n[texts.\"e\\nn\"]\n[texts.cy]\nopt_in = \"ŵ\"\nquestions=[\"?\"]\n",
		"texts = 1", "\xff", "",
	}
}

// FuzzCampaignFile: what is read of a campaign file can be shown and written, and
// what is written reads as the same; what is not read is told with its line.
func FuzzCampaignFile(f *testing.F) {
	for _, source := range seedFiles(f) {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		c, problems := Read(source)
		lines := strings.Count(source, "\n") + 1
		for _, p := range problems {
			if p.Text == "" || p.LineOf(source) < 0 || p.LineOf(source) > lines {
				t.Errorf("problem %q on line %d of %d", p, p.LineOf(source), lines)
			}
		}
		if c == nil && Usable(ofNow(problems)) {
			t.Error("nothing read and nothing wrong")
		}
		if c != nil {
			checkCampaign(t, c)
		}
		file, wrong := ReadFile(source)
		if wrong != nil {
			return
		}
		again, wrong := ReadFile(file.TOML())
		if wrong != nil {
			if c != nil {
				t.Fatalf("%s\nis written, and wrong: %v", file.TOML(), wrong)
			}
			return // names of languages and letters stand as they are, and are refused
		}
		if c != nil && again.TOML() != file.TOML() {
			t.Errorf("\n%s\nread again is\n%s", file.TOML(), again.TOML())
		}
		if _, then := Read(file.TOML()); c != nil && !Usable(ofNow(then)) {
			t.Errorf("it was usable, and written anew it is not: %v", then)
		}
	})
}

// checkCampaign checks that a campaign that was taken can be shown.
func checkCampaign(t *testing.T, c *Campaign) {
	t.Helper()
	if !ValidSlug(c.Slug) || c.Goal < 0 || !validExit(c.Exit) || c.Texts[c.DefaultLang] == nil || c.Text("xx") == nil {
		t.Errorf("taken: %q, goal %d, exit %q, language %q", c.Slug, c.Goal, c.Exit, c.DefaultLang)
	}
	for lang, text := range c.Texts {
		if !ValidLang(lang) || len(text.Questions) > MaxQuestions || utf8.RuneCountInString(text.OptIn) > MaxOptIn {
			t.Errorf("language %q: %d questions, to agree to: %q", lang, len(text.Questions), text.OptIn)
		}
		for key, l := range text.Letters {
			if !validKey.MatchString(key) || strings.Contains(l.Subject, "\n") {
				t.Errorf("letter %q: subject %q", key, l.Subject)
			}
		}
		for key, e := range text.Exclusions {
			if e.Link != "" && !strings.HasPrefix(strings.ToLower(e.Link), "https:") || !validKey.MatchString(key) {
				t.Errorf("exclusion %q links to %q", key, e.Link)
			}
		}
	}
	for _, o := range slices.Concat(c.Signatories, c.Supporting) {
		if o.URL != "" && !isHTTPS(o.URL) {
			t.Errorf("a link to %q", o.URL)
		}
	}
}

// FuzzCampaignForm: whatever the forms of a campaign hold, the file that comes of
// it is one that can be read; and a form that is filled in with it and sent once
// more changes nothing.
func FuzzCampaignForm(f *testing.F) {
	base := seedFiles(f)
	for _, source := range base[:4] {
		file, wrong := ReadFile(source)
		if wrong != nil {
			f.Fatal(wrong)
		}
		f.Add(file.Values().Encode(), "rules", "up 1")
	}
	f.Add("rules.0.member=%ff%00&rules.0.then=letter+a%0Ab&organisers=%0D%0A%22%5C", "signatories", "add")
	f.Add("signatories.0.advice=x&signatories.0.advice.cy=y&signatories.0.advice.%0A=z&rules.1.name=a&texts.en.case.0.paragraphs=a%0A%0Ab", "signatories", "remove 0")
	f.Add("goal=1,000&texts.en.letters.ask.body=%22%22%22%0A%22&texts.en.questions=a%0Ab%0Ac", "texts.en.case", "down 9999999999999999999")
	find := func(name string) (string, int) {
		if name == "Chorley" {
			return "E14001170", 467
		}
		return "", 0
	}
	set := func(file *File, v url.Values) {
		file.SetGoal(v)
		file.SetCampaign(v)
		file.SetRules(v, find)
		file.SetTexts("en", v)
		file.SetLetter("en", "ask", v)
		file.SetExclusion("en", "out", v)
	}
	f.Fuzz(func(t *testing.T, form, list, do string) {
		v, err := url.ParseQuery(form)
		if err != nil || len(v) > 500 { // forms have fewer
			return
		}
		entries := Entries(v, list)
		Rearrange(v, list, do)
		if got := Entries(v, list); got < entries-1 || got > entries+1 {
			t.Errorf("%q of %d entries leaves %d", do, entries, got)
		}
		file := NewFile("x", "T", "en", "Dear", "Yours {name}")
		set(&file, v)
		for _, p := range UnknownNames(v, find) {
			if p.Text == "" || p.Key == "" {
				t.Errorf("problem %+v", p)
			}
		}
		c, problems := Read(file.TOML())
		if c == nil {
			if len(problems) == 0 {
				t.Error("nothing read and nothing wrong")
			}
			return
		}
		checkCampaign(t, c)
		again, _ := ReadFile(file.TOML())
		once := again.TOML()
		set(&again, again.Values())
		if twice := again.TOML(); twice != once {
			t.Errorf("\n%s\nsent once more is\n%s", once, twice)
		}
	})
}
