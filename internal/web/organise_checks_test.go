package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/config"
)

// An organiser lists a word, a letter with it is held, and what they decide about it
// counts for the check.
func TestDesk_checks(t *testing.T) {
	s := start(t, func(cfg *config.Config) {
		cfg.Limits, cfg.Bounds = campaign.GenerousLimits(), campaign.GenerousLimits().Bounds()
	})
	s.signIn(account.Organiser)
	at := "/organise/c/" + slug + "/checks"
	form := func(pairs ...string) url.Values {
		f := url.Values{"was": {hiddenFields(s.get(at).body).Get("was")}, "words": {"scum\r\nburn in hell"}}
		for _, name := range campaign.LimitNames() {
			f.Set(name, "7")
		}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	for name, c := range map[string]struct {
		form url.Values
		code int
		says string
	}{
		"a number that is none":        {form("similar", "many"), http.StatusUnprocessableEntity, "Letters that are alike: give a whole number"},
		"more than the operator wants": {form("seats", "501"), http.StatusUnprocessableEntity, "Constituencies for one inbox: give a whole number"},
		"any number, in spite of them": {form("seats", "0"), http.StatusUnprocessableEntity, "Constituencies for one inbox: give a whole number"},
		"a line of signs":              {form("words", "***"), http.StatusUnprocessableEntity, "A line of the list has no letters"},
		"a page that is old":           {form("was", "0123456789abcdef"), http.StatusConflict, "Somebody else has set the checks"},
	} {
		if a := s.post(at, c.form); a.StatusCode != c.code || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %s", name, a.Status)
		}
	}
	if a := s.post(at, form()); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	page := s.get(at).body
	for _, want := range []string{"The checks are set.", "burn in hell\nscum", `name="similar" type="number" value="7"`, "At most 500;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	link := s.write(letter("body", "You are SCUM, all of you."))
	s.post(link+"/confirm", nil)
	if got := s.get(link).body; !strings.Contains(got, "There are words in your letter") || strings.Contains(got, "Write another") {
		t.Error("its supporter is not told why it waits")
	}
	queue := "/organise/c/" + slug + "/letters"
	list := s.get(queue + "?why=check_words").body
	if !strings.Contains(list, "It has a word of the campaign’s list in it.") {
		t.Error("the list does not say why it is held")
	}
	if got := s.get(at).body; !strings.Contains(got, queue+`?why=check_words">1</a>`) || strings.Contains(got, "100 %") {
		t.Error("what the check held is not counted")
	}
	chosen := between(list, `name="letter" value="`, `"`)
	if id, _, _ := strings.Cut(chosen, "."); !strings.Contains(s.get(queue+"/"+id).body, "<dt>Checks found</dt><dd>It has a word") {
		t.Error("the letter's page does not say what was found")
	}
	a := s.post(queue+"/decide", url.Values{"decision": {"decline"}, "letter": {chosen}, "sure": {"1"}, "note": {"We send no insults."}})
	if a.StatusCode != http.StatusOK {
		t.Fatalf("decline: %s\n%s", a.Status, a.body)
	}
	if got := s.get(at).body; !strings.Contains(got, "100 %") {
		t.Error("the decision does not count for the check")
	}
	var entries string
	if err := s.database().QueryRow(`SELECT group_concat(action || ' ' || after) FROM audit WHERE action = 'campaign.checks'`).Scan(&entries); err != nil || !strings.Contains(entries, `"seats":7`) {
		t.Errorf("audit: %q, %v", entries, err)
	}
	for _, mail := range s.mails(2) {
		if strings.Contains(mail, "SCUM") {
			t.Error("something of the held letter is mailed")
		}
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
