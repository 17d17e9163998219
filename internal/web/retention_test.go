package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/account"
)

// due lets the time come for something about every letter, and does what time alone
// brings about.
func (s *site) due(column string) {
	s.t.Helper()
	if _, err := s.database().Exec(`UPDATE letters SET ` + column + ` = '2020-01-01T00:00:00.000Z'`); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Service().Tick(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// copied is what a supporter gets who asks for their data.
func (s *site) copied(private string) (person map[string]any, whole string) {
	s.t.Helper()
	a := s.post(private+"/data", url.Values{})
	h := a.Header
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), "application/json") || h.Get("Cache-Control") != "no-store" ||
		h.Get("Content-Disposition") != `attachment; filename="my-letter.json"` || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") {
		s.t.Fatalf("%s %v", a.Status, h)
	}
	var held struct{ Person map[string]any }
	if err := json.Unmarshal([]byte(a.body), &held); err != nil {
		s.t.Fatal(err)
	}
	return held.Person, a.body
}

// A supporter has all that is held of them by one button, and sees on their page when
// it goes; a week after the letter went its text is on neither.
func TestServer_Retention(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	token := strings.TrimPrefix(private, "/l/")
	if person, whole := s.copied(private); person["name"] != "Amina O’Connor" || !strings.Contains(whole, "afraid") || strings.Contains(whole, token) {
		t.Errorf("the copy: %s", whole)
	}
	if a := s.get(private + "/data"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != private {
		t.Errorf("a GET: %s", a.Status)
	}
	if a := s.post("/l/"+strings.Repeat("x", 22)+"/data", url.Values{}); a.StatusCode != http.StatusNotFound {
		t.Errorf("a link that opens nothing: %s", a.Status)
	}
	s.post(private+"/confirm", url.Values{})
	s.eventually("sent", func() bool { return strings.Contains(s.get(private).body, "name=\"answer\"") })
	before := s.get(private).body
	if !strings.Contains(before, "We hold this letter with your address, encrypted, until") || !strings.Contains(before, "afraid") {
		t.Errorf("before:\n%s", before)
	}
	s.due("trim_at")
	after := s.get(private).body
	for _, want := range []string{"We have deleted the text of your letter, your address and your telephone number.", "name=\"answer\"", "Delete it all now"} {
		if !strings.Contains(after, want) {
			t.Errorf("afterwards the page lacks %q", want)
		}
	}
	person, whole := s.copied(private)
	if person["name"] != "Amina O’Connor" || person["email"] != "amina@example.org" || person["text_deleted"] != true {
		t.Errorf("the copy afterwards: %s", whole)
	}
	for _, gone := range []string{"afraid", "Brudenell", "LS6 3HN", "496 0123", "private-letter"} {
		if strings.Contains(after, gone) || strings.Contains(whole, gone) {
			t.Errorf("%q is still there", gone)
		}
	}
	s.due("erase_at")
	if person, _ := s.copied(private); person != nil {
		t.Errorf("the copy of nobody: %v", person)
	}
	if body := s.get(private).body; strings.Contains(body, "/data\"") || strings.Contains(body, "Amina") {
		t.Error("the page offers data that are gone")
	}
	if log := s.log.String(); strings.Contains(log, token) || strings.Contains(log, "Amina") {
		t.Error("the log has it")
	}
}

// The campaign's page says the days that are in force.
func TestServer_RetentionInWords(t *testing.T) {
	s := start(t, nil)
	for path, want := range map[string]string{"/c/" + slug: "7 days after your letter has gone", "/cy/c/" + slug: "7 diwrnod ar ôl i’ch llythyr fynd"} {
		if body := s.get(path).body; !strings.Contains(body, want) || !strings.Contains(body, "30 ") {
			t.Errorf("%s does not say %q", path, want)
		}
	}
}

// Organisers see what is kept and the ledger, and can take it out as it stands.
func TestServer_OrganisersLedger(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	s.post(private+"/erase", url.Values{})
	if _, err := s.database().Exec(`UPDATE erasures SET day = '2026-01-02'`); err != nil {
		t.Fatal(err)
	}
	if err := s.Service().Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := s.get("/organise/retention"); a.StatusCode == http.StatusOK {
		t.Error("shown to anybody")
	}
	s.signIn(account.Owner)
	a := s.get("/organise/retention")
	ledger, err := s.Service().Erasures(t.Context())
	if err != nil || len(ledger) != 1 {
		t.Fatalf("%v %v", ledger, err)
	}
	for _, want := range []string{"MPs Not Border Guards", "its supporter asked for it", ledger[0].Hash, "No sealed record is kept.", `href="/organise/c/` + slug + `/edit/campaign"`} {
		if a.StatusCode != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s lacks %q", a.Status, want)
		}
	}
	file := s.get("/organise/retention/ledger.txt")
	if want := ledger[0].String() + "  " + ledger[0].Hash + "\n"; file.body != want || file.Header.Get("Content-Disposition") != `attachment; filename="erasure-ledger.txt"` {
		t.Errorf("the file is %q, want %q", file.body, want)
	}
}
