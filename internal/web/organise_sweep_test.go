package web_test

import (
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
