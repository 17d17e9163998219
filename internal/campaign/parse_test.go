package campaign_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/db"
	. "postbag/internal/campaign"
)

func TestParseFile_shipped(t *testing.T) {
	files, err := fs.Glob(db.FS, "campaigns/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		source, err := fs.ReadFile(db.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := ParseFile(string(source))
		if err != nil {
			t.Fatal(err)
		}
		if c.Slug+".toml" != strings.TrimPrefix(name, "campaigns/") {
			t.Errorf("%s has the slug %s", name, c.Slug)
		}
		if len(c.Signatories) != 15 || len(c.Supporting) != 3 || c.Text("en").Letters["ask"].Body == "" || c.Text("xx") != c.Text("en") {
			t.Errorf("%d signatories, %d supporting", len(c.Signatories), len(c.Supporting))
		}
		for key, n := range map[string]int{"subject": len([]rune(c.Text("en").Letters["ask"].Subject)), "body": len([]rune(c.Text("en").Letters["ask"].Body))} {
			if most := map[string]int{"subject": MaxSubject, "body": MaxBody}[key]; n > most-50 {
				t.Errorf("the %s has %d characters, of %d that may be sent", key, n, most)
			}
		}
		windows, err := ParseFile(strings.ReplaceAll(string(source), "\n", "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, windows); diff != "" {
			t.Error("with CRLF it says something else:", diff)
		}
	}
}

// small is a whole campaign file; its lines are counted below.
const small = `slug = "small"
default_language = "en"

[[rules]]
constituency = ["E14001170"] # where {mp_name} cannot be asked
letter = "speaker"

[texts.en]
title = "T"
headline = "H"
lead = "L"
description = "D"
ask = "A"

[texts.en.letters.ask]
subject = "To {mp_name}"
salutation = "Dear {mp_name},"
body = """
First of {constituency}.

Last for {party}."""
sign_off = "Yours,\n\n{supporter_name}"

[texts.en.letters.thanks] # with a comment
# {nonsense} in a comment is nobody's business
subject = "S"
salutation = "Dear {mp_name},"
body = "B"
sign_off = "{supporter_name}"

[texts.en.letters.speaker]
note = "N"
subject = "S"
salutation = "Dear {mp_name},"
body = '''
X
Y'''
sign_off = "{supporter_name}"
`

func TestParseFile_small(t *testing.T) {
	c, err := ParseFile(small)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Text("en").Letters["ask"].Body; got != "First of {constituency}.\n\nLast for {party}." {
		t.Errorf("body %q", got)
	}
}

// Each row changes one thing in the small file and says what is then wrong,
// whole and in order.
func TestParseFile_problems(t *testing.T) {
	unknown := func(line int, where, mark string, locked bool) string {
		names := "{mp_name}, {constituency}, {party}"
		if locked {
			names += ", {supporter_name}"
		}
		return fmt.Sprintf("line %d: texts.en.%s: unknown placeholder %s; there are %s", line, where, mark, names)
	}
	early := func(line int, where string) string {
		return fmt.Sprintf("line %d: texts.en.%s: the supporter's name is not known while they write, so {supporter_name} may stand in salutation and sign_off only", line, where)
	}
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"in a subject", `subject = "To {mp_name}"`, `subject = "To {mp_nam}"`, []string{unknown(16, "letters.ask.subject", "{mp_nam}", false)}},
		{"in a salutation", "Dear {mp_name},\"\nbody = \"\"\"", "Dear {MP_name},\"\nbody = \"\"\"", []string{unknown(17, "letters.ask.salutation", "{MP_name}", true)}},
		{"first line of a long text", "First of {constituency}", "First of {town}", []string{unknown(19, "letters.ask.body", "{town}", false)}},
		{"last line of a long text", "for {party}", "for { party }", []string{unknown(21, "letters.ask.body", "{ party }", false)}},
		{"twice, on two lines", "First of {constituency}.\n\nLast for {party}", "First {x}.\n\nLast {x}",
			[]string{unknown(19, "letters.ask.body", "{x}", false), unknown(21, "letters.ask.body", "{x}", false)}},
		{"in a line of a text that looks like a comment", "First of", "# {x} First of", []string{unknown(19, "letters.ask.body", "{x}", false)}},
		{"below a line that looks like a table", "First of {constituency}.\n", "[texts.en.letters.thanks]\n{x}", []string{unknown(20, "letters.ask.body", "{x}", false)}},
		{"below a line that looks like a key", "First of {constituency}.\n", "subject = 1\n{x}", []string{unknown(20, "letters.ask.body", "{x}", false)}},
		{"as one in a comment", `body = "B"`, `body = "{nonsense}"`, []string{unknown(28, "letters.thanks.body", "{nonsense}", false)}},
		{"in an exception", "X\nY", "X\nY {x}", []string{unknown(37, "letters.speaker.body", "{x}", false)}},
		{"in a note", `note = "N"`, `note = "N {x}"`, []string{unknown(32, "letters.speaker.note", "{x}", false)}},
		{"empty", "First of", "{}", []string{unknown(19, "letters.ask.body", "{}", false)}},
		{"in a sign-off", `{supporter_name}"` + "\n\n[texts.en.letters.thanks]", `{supporter_name}{x}"` + "\n\n[texts.en.letters.thanks]", []string{unknown(22, "letters.ask.sign_off", "{x}", true)}},
		{"the supporter in a subject", `subject = "To {mp_name}"`, `subject = "{supporter_name}"`, []string{early(16, "letters.ask.subject")}},
		{"the supporter in a body", "Last for {party}", "Last for {supporter_name}", []string{early(21, "letters.ask.body")}},
		{"the supporter in a note", `note = "N"`, `note = "{supporter_name}"`, []string{early(32, "letters.speaker.note")}},

		{"sign-off without the supporter", `"Yours,\n\n{supporter_name}"`, `"Yours"`, []string{"texts.en.letters.ask.sign_off: must hold {supporter_name}: an MP answers only a constituent with a name"}},
		{"subject on two lines", `"To {mp_name}"`, `"To\nthem"`, []string{"texts.en.letters.ask.subject: must stand on one line"}},
		{"subject missing", "subject = \"To {mp_name}\"\n", "", []string{"texts.en.letters.ask.subject: missing"}},
		{"body blank", `body = "B"`, `body = " \n "`, []string{"texts.en.letters.thanks.body: missing"}},
		{"title missing", "title = \"T\"\n", "", []string{"texts.en.title: missing"}},
		{"ask blank", `ask = "A"`, `ask = "  "`, []string{"texts.en.ask: missing"}},
		{"unknown key", `title = "T"`, "title = \"T\"\ntitel = \"T\"", []string{"texts.en.titel: unknown key"}},
		{"unknown table", "[texts.en]", "[nonsense]\na = 1\n[texts.en]", []string{"nonsense.a: unknown key", "nonsense: unknown key"}},
		{"no such letter", `letter = "speaker"`, `letter = "prince"`, []string{"texts.en.letters.prince: missing, and rules names it"}},
		{"bad constituency", `"E14001170"`, `"Chorley"`, []string{`rules: entry 1: constituency: "Chorley" is no ONS constituency code (such as E14001172)`}},
		{"too many questions", `title = "T"`, "title = \"T\"\nquestions = [\"a\", \"b\", \"c\", \"d\"]", []string{"texts.en.questions: 4 of them; ask 3 at most"}},
		{"an empty question", `title = "T"`, "title = \"T\"\nquestions = [\" \"]", []string{"texts.en.questions: number 1 is empty"}},
		{"a question with a placeholder", `title = "T"`, "title = \"T\"\nquestions = [\"a\", \"{mp_name}\"]", []string{"texts.en.questions: number 2 must be one line of 120 characters at most, without placeholders"}},
		{"a headline with a placeholder", `headline = "H"`, `headline = "For {mp_name}"`, []string{"line 10: texts.en.headline: nothing is filled in here: {mp_name} would be read as it stands"}},
		{"a paragraph with a placeholder", "[texts.en.letters.ask]", "[[texts.en.case]]\nheading = \"Why\"\nparagraphs = [\"{party} too\"]\n[texts.en.letters.ask]", []string{"texts.en.case.0.paragraphs: nothing is filled in here: {party} would be read as it stands"}},
		{"negative goal", `slug = "small"`, "slug = \"small\"\ngoal = -1", []string{"goal: a number of letters, or 0 for none"}},
		{"default language without texts", `default_language = "en"`, `default_language = "cy"`, []string{"texts.cy: missing, and it is the default language"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(small, c.old) != 1 {
				t.Fatalf("%q stands %d times in the file", c.old, strings.Count(small, c.old))
			}
			source := strings.Replace(small, c.old, c.new, 1)
			want := "campaign file:\n  " + strings.Join(c.want, "\n  ")
			for ends, s := range map[string]string{"LF": source, "CRLF": strings.ReplaceAll(source, "\n", "\r\n")} {
				if _, err := ParseFile(s); err == nil || err.Error() != want {
					t.Errorf("%s: got  %v\nwant %s", ends, err, want)
				}
			}
		})
	}
}

func TestParseFile_everyProblemAtOnce(t *testing.T) {
	source := strings.NewReplacer(`"small"`, `"Not OK"`, `title = "T"`, `titel = "T"`, "{party}", "{x}", `"B"`, `"{y}"`).Replace(small)
	_, err := ParseFile(source)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"slug:", "titel: unknown", "title: missing", "line 21: texts.en.letters.ask.body", "line 28: texts.en.letters.thanks.body"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

func TestParseFile_slugs(t *testing.T) {
	for s, ok := range map[string]bool{
		"a": true, "a-b": true, "2026": true, strings.Repeat("a", 60): true,
		"": false, "A": false, "a--b": false, "-a": false, "a-": false, "a/b": false, "a b": false, "é": false, "a.b": false, "a_b": false,
		strings.Repeat("a", 61): false, `a\n`: false,
	} {
		_, err := ParseFile(strings.Replace(small, `"small"`, `"`+s+`"`, 1))
		if (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestParseFile_badTOML(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		line           string
	}{
		{"no quotes", `headline = "H"`, `headline = H`, "line 10:"},
		{"a key twice", `lead = "L"`, "lead = \"L\"\nlead = \"M\"", "line 12:"},
		{"a number for a text", `ask = "A"`, `ask = 7`, "ask"},
		{"open quote", `body = "B"`, `body = "B`, "line 28:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseFile(strings.Replace(small, c.old, c.new, 1))
			if err == nil || !strings.Contains(err.Error(), c.line) {
				t.Errorf("error %v, want one with %q", err, c.line)
			}
		})
	}
	for _, source := range []string{"", "\x00", "\ufeff", "texts = 1", "[texts]\nen = 1", "[texts.en]", strings.Repeat("[", 10_000)} {
		if _, err := ParseFile(source); err == nil {
			t.Errorf("%.20q is a campaign", source)
		}
	}
}
