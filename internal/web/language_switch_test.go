package web_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var switchButton = regexp.MustCompile(`<button class="twin"([^>]*) formaction="([^"]*)"([^>]*) lang="(..)">([^<]*)</button>`)

// switched presses the button that shows a page which a form led to in the other
// language, and returns what comes.
func (s *site) switched(t *testing.T, a answer, form url.Values, to string) answer {
	t.Helper()
	all := switchButton.FindAllStringSubmatch(a.body, -1)
	if len(all) != 1 || all[0][4] != to {
		t.Fatalf("%q has %d buttons to the other language: %v", a.heading(), len(all), all)
	}
	if choose := regexp.MustCompile(`name="choose" value="(\w+)"`).FindStringSubmatch(all[0][0]); choose != nil {
		form.Set("choose", choose[1])
	}
	b := s.post(html.UnescapeString(all[0][2]), form)
	if b.StatusCode != 200 || !strings.Contains(b.body, `<html lang="`+to+`"`) {
		t.Fatalf("%s: %s %q", all[0][2], b.Status, b.heading())
	}
	return b
}

// Whoever turns to the other language while writing loses nothing, and the
// letter stays in the language that it is in.
func TestSwitch_TheLetterAndItsPreview(t *testing.T) {
	const wales = "W07000086" // Bridgend, Pen-y-bont
	typed := letter("subject", "", "email", "amina at example", "body", "  Two words.\r\n\r\n  Indented & \"quoted\".",
		"answer1", "Because she is nine.", "way", "email", "replaces", "0123456789012345678901")
	for _, c := range []struct {
		name, page, to, constituency, letterLang string
	}{
		{"to Welsh, of an English letter for England", "", "cy", leeds, "en"},
		{"to Welsh, of an English letter for Wales", "", "cy", wales, "en"},
		{"to Welsh, of a Welsh letter for Wales", "", "cy", wales, "cy"},
		{"to English, of a Welsh letter for Wales", "/cy", "en", wales, "cy"},
		{"to English, of an English letter for England", "/cy", "en", leeds, "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, nil)
			at := c.page + "/c/" + slug
			given := url.Values{}
			for name, all := range typed {
				given[name] = slices.Clone(all)
			}
			given.Set("constituency", c.constituency)
			given.Set("letter_lang", c.letterLang)
			same := func(step string, got url.Values, want url.Values) {
				t.Helper()
				for name := range want {
					if name != "seen" && got.Get(name) != want.Get(name) {
						t.Errorf("%s: %s is %q, was %q", step, name, got.Get(name), want.Get(name))
					}
				}
			}
			// With mistakes in it, without, and as it first comes.
			wrong := s.post(at+"/preview", given)
			if wrong.StatusCode != 422 {
				t.Fatal(wrong.Status)
			}
			again := values(wrong.body)
			again.Set("way", "email") // of the three it is the one that is checked
			b := s.switched(t, wrong, again, c.to)
			same("with mistakes", values(b.body), values(wrong.body))
			same("with mistakes", values(b.body), url.Values{"body": given["body"], "answer1": given["answer1"], "email": given["email"], "replaces": given["replaces"]})
			if !strings.Contains(b.body, fmt.Sprintf(`value="%s" autocomplete="off" checked`, "email")) {
				t.Error("another way is chosen")
			}

			fresh := s.post(at+"/letter", url.Values{"postcode": {"LS6 3HN"}, "constituency": {c.constituency}, "letter_lang": {c.letterLang}})
			b = s.switched(t, fresh, values(fresh.body), c.to)
			same("as it comes", values(b.body), values(fresh.body))

			given.Set("subject", "A subject")
			given.Set("email", "amina@example.org")
			given.Set("way", "send")
			given.Del("replaces")
			preview := s.post(at+"/preview", given)
			b = s.switched(t, preview, values(preview.body), c.to)
			same("the preview", values(b.body), values(preview.body))
			if before, after := letterOn(t, preview), letterOn(t, b); before != after {
				t.Errorf("the letter was\n%s\nand is\n%s", before, after)
			}
			if strings.Contains(b.body, `class="note hold" role="status"`) {
				t.Error("the preview says that something has changed")
			}
			other := strings.TrimPrefix("/"+c.to, "/en")
			if sent := s.post(other+"/c/"+slug+"/send", values(b.body)); sent.StatusCode != 200 {
				t.Errorf("what is sent then: %s %q", sent.Status, sent.heading())
			}
			s.mails(1)
		})
	}
}

// The pages that ask which constituency is meant keep what was typed as well.
func TestSwitch_Choosing(t *testing.T) {
	s := start(t, nil)
	for name, form := range map[string]url.Values{
		"a few":                 {"postcode": {"LS1 1AA"}},
		"all":                   {"postcode": {"LS6 3HN"}, "choose": {"all"}},
		"a few, with a letter":  letter("postcode", "LS1 1AA", "constituency", ""),
		"all, with a letter":    letter("choose", "all"),
		"none, with its letter": letter("constituency", "E14000000"),
	} {
		a := s.post("/c/"+slug+"/letter", form)
		b := s.switched(t, a, values(a.body), "cy")
		if was, is := a.body, b.body; strings.Count(was, `name="constituency" value=`) != strings.Count(is, `name="constituency" value=`) {
			t.Errorf("%s: other constituencies are to be chosen from", name)
		}
		was, is := values(a.body), values(b.body)
		for field := range was {
			if is.Get(field) != was.Get(field) {
				t.Errorf("%s: %s is %q, was %q", name, field, is.Get(field), was.Get(field))
			}
		}
	}
}
