package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/account"
)

// fails marks an address as failing, as what comes back from it would.
func (s *site) fails(code string) {
	s.t.Helper()
	if _, err := s.database().Exec(`
		INSERT INTO failing (member_id, email, since, letters, enhanced)
		SELECT id, email, '2026-11-02T10:00:00.000Z', 3, '5.1.1' FROM members WHERE constituency = ?`, code); err != nil {
		s.t.Fatal(err)
	}
	if all, err := s.Service().FailingAddresses(s.t.Context()); err != nil || len(all) != 1 {
		s.t.Fatal(all, err)
	}
}

func TestOrganise_FailingAddresses(t *testing.T) {
	const code, at = "E14001319", "/organise/mps/E14001319"
	s := start(t, nil)
	s.signIn(account.Organiser)
	pages := []string{"/organise/mps", at, "/organise/c/" + slug + "/letters"}
	for _, path := range pages {
		if a := s.get(path); strings.Contains(a.body, `id="failing"`) {
			t.Errorf("%s: an address fails", path)
		}
	}
	s.fails(code)
	for _, path := range pages {
		a := s.get(path)
		for _, said := range []string{"Letters to 1 address come back", "3 letters came back.", "The last code was 5.1.1.", "Leeds Central and Headingley", `action="` + at + `/clear"`} {
			if !strings.Contains(a.body, said) {
				t.Errorf("%s does not say %q", path, said)
			}
		}
	}
	if a := s.get("/organise/mps/E14001170"); strings.Contains(a.body, `id="failing"`) {
		t.Error("it stands on the page of another seat")
	}
	if a := s.post("/organise/mps/E14001170/clear", url.Values{"id": {"1"}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("cleared at another seat: %s", a.Status)
	}
	if a := s.post(at+"/clear", url.Values{"id": {"x"}}); a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, "not held any more") {
		t.Errorf("no number: %s", a.Status)
	}
	if a := s.post(at+"/clear", url.Values{"id": {"1"}}); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), at) {
		t.Fatalf("%s to %s", a.Status, a.Header.Get("Location"))
	}
	if a := s.get(at); strings.Contains(a.body, `id="failing"`) || !strings.Contains(a.body, "Letters go to this address again") {
		t.Error("nothing says that it is cleared")
	}
	if a := s.post(at+"/clear", url.Values{"id": {"1"}}); a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, "not held any more") {
		t.Errorf("twice: %s", a.Status)
	}
}

// Whoever may only look sees which address fails, and no button.
func TestOrganise_FailingAddressesToLookAt(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	s.fails("E14001319")
	if a := s.get("/organise/mps"); !strings.Contains(a.body, `id="failing"`) || strings.Contains(a.body, "/clear") {
		t.Errorf("%s", a.Status)
	}
	if a := s.post("/organise/mps/E14001319/clear", url.Values{"id": {"1"}}); a.StatusCode != http.StatusForbidden {
		t.Errorf("cleared: %s", a.Status)
	}
}
