package web_test

import (
	"bytes"
	"cmp"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

const atPledges = "/organise/c/" + slug + "/pledges"

// upload posts a form with a file in the field of a name.
func (s *site) upload(path, field string, file []byte, fields url.Values) answer {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		if err := w.WriteField(name, fields.Get(name)); err != nil {
			s.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(field, "chosen")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.Addr()+path, &body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.answer(r)
}

func TestOrganise_PledgeImport(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	for name, tt := range map[string]struct {
		file   string
		fields url.Values
		status int
		says   string
	}{
		"a file that is right":   {"mp,date\nAldershot,2026-06-01\n", url.Values{"do": {"look"}}, 200, "Alex Baker"},
		"a file beside a paste":  {"mp,date\nAldershot,2026-06-01\n", url.Values{"do": {"look"}, "csv": {"mp,date\nChorley,2026-06-01\n"}}, 200, "Alex Baker"},
		"a paste":                {"", url.Values{"do": {"look"}, "csv": {"mp,date\nChorley,2026-06-01\n"}}, 200, "Sir Lindsay Hoyle"},
		"nothing":                {"", url.Values{"do": {"look"}}, 422, "Choose a file"},
		"two mistakes":           {"mp,date\nAtlantis,2026-06-01\nAldershot,yesterday\n", url.Values{"do": {"look"}}, 422, "Line 3:"},
		"a line twice":           {"mp,date\nAldershot,2026-06-01\nAldershot,2026-06-01\n", url.Values{"do": {"look"}}, 422, "already stands on line 2"},
		"applied without a look": {"mp,date\nAldershot,2026-06-01\n", url.Values{"do": {"apply"}}, 409, "The list has changed since you looked"},
		"another spreadsheet's":  {"\xff\xfem\x00p\x00", url.Values{"do": {"look"}}, 422, "UTF-16"},
		"too large a file":       {strings.Repeat("x", 300<<10), url.Values{"do": {"look"}}, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.upload(atPledges+"/import", "file", []byte(tt.file), tt.fields)
			if a.StatusCode != tt.status || !strings.Contains(a.body, tt.says) {
				t.Errorf("%s:\n%s", a.Status, a.body)
			}
			if tt.status != 413 && tt.file != "" && !strings.HasPrefix(tt.file, "\xff") && !strings.Contains(a.body, strings.Split(tt.file, "\n")[1]) {
				t.Error("what was uploaded is not kept")
			}
			if all, err := s.Service().PledgeHistory(t.Context(), slug); err != nil || len(all) != 0 {
				t.Errorf("%d pledges are recorded, %v", len(all), err)
			}
		})
	}
}

// Whoever may only look sees what there is, and nothing to press.
func TestOrganise_PledgesToLookAt(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	for _, path := range []string{atPledges, "/organise/mps", "/organise/mps/E14001319", "/organise/digest"} {
		a := s.get(path)
		if a.StatusCode != http.StatusOK || strings.Contains(a.body, `action="/organise/c/`) || strings.Contains(a.body, `action="/organise/mps/`) {
			t.Errorf("%s: %s, or there is something to press", path, a.Status)
		}
	}
	for path, status := range map[string]int{atPledges + "/99": 404, atPledges + "/x": 404, "/organise/mps/atlantis": 404, "/organise/c/nothing/pledges": 404} {
		if a := s.get(path); a.StatusCode != status {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
}

// A note, a reason and whoever recorded it get to no public page.
func TestOrganise_PledgeStaysPrivate(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	form := url.Values{"mp": {"Aldershot"}, "date": {"1/6/2026"}, "evidence": {"https://example.org/p"}, "note": {"Letter in the drawer"}}
	if a := s.post(atPledges, form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	for _, path := range []string{"/c/" + slug + "/mps", "/c/" + slug + "/mps.csv", "/c/" + slug + "/mps.json", "/c/" + slug + "/mps/aldershot"} {
		if a := s.get(path); !strings.Contains(a.body, "2026") || strings.Contains(a.body, "drawer") || strings.Contains(a.body, "The organiser") {
			t.Errorf("%s: %s, it tells too much or too little", path, a.Status)
		}
	}
}

// Everything that is wrong with a form is said at once, each beside its field.
func TestOrganise_PledgeEveryMistakeAtOnce(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	beside := func(a answer, fields ...string) {
		t.Helper()
		if a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s", a.Status)
		}
		for _, field := range fields {
			if !strings.Contains(a.body, `id="`+field+`-error"`) {
				t.Errorf("nothing is said beside %s", field)
			}
		}
	}
	a := s.post(atPledges, url.Values{"mp": {"Atlantis"}, "date": {"yesterday"}, "evidence": {"in the drawer"}, "note": {strings.Repeat("x", 400)}})
	beside(a, "mp", "date", "evidence", "note")
	for _, kept := range []string{`value="Atlantis"`, `value="yesterday"`, `value="in the drawer"`} {
		if !strings.Contains(a.body, kept) {
			t.Errorf("%s is lost", kept)
		}
	}
	one := s.post(atPledges, url.Values{"mp": {"Aldershot"}, "date": {"yesterday"}})
	beside(one, "date")
	if strings.Contains(one.body, `id="mp-error"`) {
		t.Error("a field is blamed that is right")
	}
	record := s.pledged("Aldershot")
	beside(s.post(record.at+"/withdraw", url.Values{"seen": {record.Version()}, "withdrawn": {"never"}, "withdrawn_evidence": {"x"}}), "withdraw-withdrawn", "withdraw-withdrawn_evidence", "withdraw-reason")
}

// recordedPledge is a pledge with the address of its page.
type recordedPledge struct {
	campaign.Pledge
	at string
}

// pledged records that the MP of a constituency pledged.
func (s *site) pledged(place string) recordedPledge {
	s.t.Helper()
	if a := s.post(atPledges, url.Values{"mp": {place}, "date": {"1/6/2026"}, "note": {"n"}}); a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("%s\n%s", a.Status, a.body)
	}
	history, err := s.Service().PledgeHistory(s.t.Context(), slug)
	if err != nil || len(history) == 0 {
		s.t.Fatal(history, err)
	}
	last := slices.MaxFunc(history, func(a, b campaign.Pledge) int { return cmp.Compare(a.ID, b.ID) })
	return recordedPledge{last, fmt.Sprintf("%s/%d", atPledges, last.ID)}
}

// The address of a pledge that was voided says so, to whoever may see pledges.
func TestOrganise_VoidedPledge(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	record := s.pledged("Aldershot")
	if a := s.post(record.at+"/void", url.Values{"seen": {record.Version()}, "reason": {"Of another MP"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	for _, role := range []account.Role{"", account.Viewer} {
		if role != "" {
			s.signIn(role)
		}
		a := s.get(record.at)
		if a.StatusCode != http.StatusOK || !strings.Contains(a.body, "Voided on") || !strings.Contains(a.body, "Of another MP") || strings.Contains(a.body, `action="`+record.at) {
			t.Errorf("%s, or it does not say so, or has something to press", a.Status)
		}
	}
	if a := s.get(atPledges); !strings.Contains(a.body, record.at) {
		t.Error("the list does not lead to it")
	}
}

// When what a form is about has vanished meanwhile, what was typed is not lost.
func TestOrganise_PledgeFormsOfWhatIsGone(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	record := s.pledged("Aldershot")
	if a := s.post(record.at+"/void", url.Values{"seen": {record.Version()}, "reason": {"Of another MP"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	typed := url.Values{"seen": {record.Version()}, "member": {"99999"}, "date": {"2026-06-02"}, "note": {"Typed with care"}}
	for name, path := range map[string]string{"one that was voided": record.at, "one that never was": atPledges + "/999"} {
		if a := s.post(path+"/correct", typed); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Typed with care") {
			t.Errorf("%s: %s, or what was typed is lost", name, a.Status)
		}
	}
	report := url.Values{"member": {"4800"}, "until": {"2026-06-02T10:00:00Z"}, "verdict": {"confirm"}, "date": {"2026-06-02"}, "note": {"Typed with care"}}
	if a := s.post(atPledges+"/reports", report); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Typed with care") || !strings.Contains(a.body, "meanwhile") {
		t.Errorf("a report that was judged: %s\n", a.Status)
	}
	copied := url.Values{"title": {"Typed with care"}, "slug": {"copy"}, "clone": {"gone"}}
	if a := s.post("/organise/campaigns/new", copied); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Typed with care") || !strings.Contains(a.body, "deleted meanwhile") {
		t.Errorf("a copy of nothing: %s", a.Status)
	}
}
