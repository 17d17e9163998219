package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/account"
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
