package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// A letter that was held for a seat that was marked vacant can go once the mark is
// taken back: the queue says so, and asks once more before it does anything.
func TestOrganise_WhatIsFreedCanGo(t *testing.T) {
	s := start(t, nil)
	who := s.signIn(account.Organiser)
	private := s.write(letter())
	mark := campaign.MPCorrection{Source: "the news"}
	mark.Constituency, mark.Field = "E14001319", parliament.CorrectedVacant
	if err := s.Service().CorrectMP(t.Context(), who.As(""), mark); err != nil {
		t.Fatal(err)
	}
	s.post(private+"/confirm", nil)
	const at = "/organise/c/" + slug + "/letters"
	if a := s.get(at); !strings.Contains(a.body, "1 letter waits") || strings.Contains(a.body, "can go now") {
		t.Errorf("held: %s\n%s", a.Status, a.body)
	}
	all, err := s.Service().Corrections(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if a := s.post("/organise/mps/E14001170/end", url.Values{"id": {"1"}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("ended at another seat: %s", a.Status)
	}
	if a := s.post("/organise/mps/E14001319/end", url.Values{"id": {"1"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("end it: %s", a.Status)
	}
	if a := s.get(at); !strings.Contains(a.body, "1 letter that was held can go now") {
		t.Errorf("nothing says that it can go:\n%s", a.body)
	}
	a := s.post(at+"/decide", url.Values{"whole": {"1"}, "freed": {"1"}, "decision": {"send"}})
	form := url.Values{}
	for _, field := range regexp.MustCompile(`type="hidden" name="([a-z]+)" value="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
		form.Set(field[1], field[2])
	}
	if a.StatusCode != http.StatusOK || form.Get("sure") != "1" || form.Get("asked") == "" || form.Get("freed") != "1" {
		t.Fatalf("asked once more: %s, %v", a.Status, form)
	}
	if a := s.get(at); !strings.Contains(a.body, "1 letter waits") {
		t.Error("it went before that was confirmed")
	}
	if a := s.post(at+"/decide", form); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "On their way") {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
	if a := s.get(at); strings.Contains(a.body, "1 letter waits") {
		t.Error("it waits still")
	}
	decline := url.Values{"whole": {"1"}, "decision": {"decline"}, "sure": {"1"}, "asked": {form.Get("asked")}}
	if a := s.post(at+"/decide", decline); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("declined without a note: %s", a.Status)
	}
}

var hiddenField = regexp.MustCompile(`type="hidden" name="([a-z]+)" value="([^"]*)"`)

// hiddenIn are the hidden fields of a form of a page: that with the field.
func (a answer) hiddenIn(field string) url.Values {
	form := url.Values{}
	for part := range strings.SplitSeq(a.body, "<form") {
		if part, _, _ = strings.Cut(part, "</form>"); !strings.Contains(part, `name="`+field+`"`) {
			continue
		}
		for _, f := range hiddenField.FindAllStringSubmatch(part, -1) {
			form.Add(f[1], f[2])
		}
	}
	return form
}

// waitingOf fills the queue with letters that failed, through a partner or none. What
// is sealed of them cannot be read.
func (s *site) waitingOf(partners map[string]int) {
	s.t.Helper()
	db := s.database()
	for partner, letters := range partners {
		for n := range letters {
			added, err := db.ExecContext(s.t.Context(), `
				INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, why, created_at, state_at, expires_at, erase_at, token_hash)
				SELECT 1, constituency, id, $1, 'en', 'ask', 0, 'failed', 'refused', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '9999-01-01T00:00:00.000Z', CAST($2 AS BLOB)
				FROM members WHERE constituency = 'E14001319'`, partner, fmt.Sprint("copy ", n, " of ", partner))
			if err != nil {
				s.t.Fatal(err)
			}
			id, _ := added.LastInsertId()
			if _, err := db.ExecContext(s.t.Context(), `INSERT INTO people (letter_id, sealed) VALUES ($1, x'00')`, id); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// The list is sifted by partner, on every page, in what is decided about all that
// was found and where something was forgotten.
func TestOrganise_LettersOfAPartner(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	const at = "/organise/c/" + slug + "/letters"
	s.waitingOf(map[string]int{"": 1})
	if a := s.get(at); strings.Contains(a.body, `name="partner"`) {
		t.Error("there is no partner to sift by")
	}
	s.waitingOf(map[string]int{"friends": campaign.OpenPage + 3, "others": 2})
	if a := s.get(at); !strings.Contains(a.body, `<option value="friends">friends (53)</option>`) || !strings.Contains(a.body, `<option value="-">`) {
		t.Errorf("nothing to sift by:\n%s", a.body)
	}
	for partner, want := range map[string]string{"friends": "53 letters,", "others": "2 letters,", "-": "1 letter<", "nobody": "None of the letters"} {
		if a := s.get(at + "?partner=" + partner); !strings.Contains(a.body, want) {
			t.Errorf("of %s: the page lacks %q", partner, want)
		}
	}
	a := s.get(at + "?partner=friends&state=failed")
	if !strings.Contains(a.body, `<option value="friends" selected>`) || !strings.Contains(a.body, "partner=friends&amp;state=failed") {
		t.Error("the next page is of all letters again")
	}
	form := a.hiddenIn("letter")
	if form.Get("partner") != "friends" || form.Get("state") != "failed" {
		t.Fatalf("the form of all that was found: %v", form)
	}
	form.Set("decision", "decline")
	if a := s.post(at+"/decide", form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `<option value="friends" selected>`) {
		t.Errorf("none chosen: %s, or what was sifted is lost", a.Status)
	}
	form.Set("letter", form.Get("shown"))
	if a := s.post(at+"/decide", form); !strings.Contains(a.body, `<a href="`+at+`?partner=friends&amp;state=failed">`) || a.hiddenIn("sure").Get("partner") != "friends" {
		t.Errorf("one: there is no way back to what was sifted\n%s", a.body)
	}
	form.Del("letter")
	form.Set("whole", "1")
	a = s.post(at+"/decide", form)
	if !strings.Contains(a.body, "<h2>53 letters</h2>") {
		t.Errorf("all that was found:\n%s", a.body)
	}
	form = a.hiddenIn("sure")
	form.Set("note", "Write to the other one.")
	if a = s.post(at+"/decide", form); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "53 letters were left as they are") { // nothing can be mailed about them
		t.Errorf("%s\n%s", a.Status, a.body)
	}
}

// A sweep that breaks off says for how many letters it is done, and goes on.
func TestOrganise_SweepThatBreaksOff(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	const at = "/organise/c/" + slug + "/letters"
	s.waitingOf(map[string]int{"": campaign.MaxChosen + 2})
	damage := func(at string) {
		t.Helper()
		if _, err := s.database().ExecContext(t.Context(), `UPDATE letters SET state_at = $1 WHERE id = $2`, at, campaign.MaxChosen+2); err != nil {
			t.Fatal(err)
		}
	}
	form := s.post(at+"/decide", url.Values{"whole": {"1"}, "decision": {"decline"}}).hiddenIn("sure")
	form.Set("note", "Not this one.")
	form.Set("done", "2000")
	damage("damaged")
	a := s.post(at+"/decide", form)
	form = a.hiddenIn("sure")
	for _, want := range []string{"It broke off half-way", "Done for 0 letters.", "Before that, it was done for 2,000 letters.", "200 letters were left as they are"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if a.StatusCode != http.StatusInternalServerError || form.Get("after") != "200" || form.Get("note") != "Not this one." || form.Get("done") != "2000" {
		t.Fatalf("%s, to go on: %v\n%s", a.Status, form, a.body)
	}
	if log := s.log.String(); !strings.Contains(log, "request failed") || strings.Contains(log, "Not this one") {
		t.Errorf("the log says %s", log)
	}
	damage("2026-11-01T00:00:00.000Z")
	if a := s.post(at+"/decide", form); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "2 letters were left as they are") || a.hiddenIn("sure").Get("after") != "" {
		t.Errorf("the rest: %s\n%s", a.Status, a.body)
	}
}
