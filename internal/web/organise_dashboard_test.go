package web_test

import (
	"bufio"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/config"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

const dashboard = "/organise/c/" + slug

// startCounting runs the program with letters in its database, signed in with a
// role; run makes a statement beside it.
func startCounting(t *testing.T, role account.Role, letters int) (s *site, run func(q string, args ...any)) {
	t.Helper()
	dir := ""
	s = start(t, func(c *config.Config) { dir = c.DataDir })
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	if letters > 0 {
		raw.SetMaxOpenConns(1)
		testkit.FillLetters(t, raw, testkit.Letters{Number: letters, Campaign: 1, Until: time.Now()})
	}
	s.signIn(role)
	return s, func(q string, args ...any) {
		t.Helper()
		if _, err := raw.ExecContext(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
}

func (a answer) tallied() int { return strings.Count(a.body, "\n<tr id=") }

func TestDashboard_FiltersAndSorts(t *testing.T) {
	s, _ := startCounting(t, account.Viewer, 2000)
	for _, c := range []struct {
		query string
		rows  int
		want  string
	}{
		{"", 650, `aria-sort="descending"`},
		{"?nation=Wales", 32, `<option value="Wales" selected>`},
		{"?region=London&sort=place", 75, `aria-sort="ascending"`},
		{"?q=leeds", 7, `value="leeds"`},
		{"?pledge=exempt", 1, "Chorley"},
		{"?letters=0", -1, `value="0" autocomplete="off" checked`},
		{"?party=nobody", 0, "No constituency fits"},
		{"?sort=nonsense&turned=2&map=nonsense&range=nonsense", 650, `aria-sort="descending"`},
		{"?sort=share&turned=1&nation=Wales&range=7&map=replies", 32, `name="range" value="7"`},
		{"?map=pledge", 650, "not pledged"},
	} {
		t.Run(c.query, func(t *testing.T) {
			a := s.get(dashboard + c.query)
			if a.StatusCode != http.StatusOK || c.rows >= 0 && a.tallied() != c.rows || !strings.Contains(a.body, c.want) {
				t.Errorf("%s with %d rows; wants %d and %q", a.Status, a.tallied(), c.rows, c.want)
			}
			if strings.Contains(a.body, "nonsense") {
				t.Error("nonsense is kept")
			}
		})
	}
	for query, want := range map[string]string{
		"?from=2026-13-01": "Type a day", "?from=2026-05-02&to=2026-05-01": "before the first one", "?from=2000-01-01&to=2026-01-01": "At most 800 days",
	} {
		a := s.get(dashboard + query)
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || a.tallied() != 650 {
			t.Errorf("%s: %s with %d rows", query, a.Status, a.tallied())
		}
		if a := s.get(dashboard + "/series.csv" + query); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a file of %s: %s", query, a.Status)
		}
	}
	if a := s.get("/organise/c/other"); a.StatusCode != http.StatusNotFound {
		t.Errorf("of no campaign: %s", a.Status)
	}
	// A viewer is told how many wait, and not led to letters.
	if a := s.get(dashboard); strings.Contains(a.body, dashboard+"/letters") || !strings.Contains(a.body, "held") {
		t.Error("a viewer is led to letters")
	}
}

func TestDashboard_Files(t *testing.T) {
	s, run := startCounting(t, account.Viewer, 3000)
	run(`UPDATE members SET name = '=HYPERLINK("https://evil.example")', party = '+1' WHERE constituency = 'E14001319'`)
	run(`UPDATE settings SET value = value + 1 WHERE key = 'roster_version'`)
	if err := s.Service().Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := s.get(dashboard + "/seats.csv?q=E14001319")
	records, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(records) != 2 || records[1][6] != `'=HYPERLINK("https://evil.example")` || records[1][7] != "'+1" {
		t.Fatalf("%v, %v", records, err)
	}
	if d := a.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=\""+slug) {
		t.Errorf("Content-Disposition %q", d)
	}
	whole := s.get(dashboard + "/seats.csv?bom=1")
	if !strings.HasPrefix(whole.body, "\uFEFFcode,") || strings.HasPrefix(a.body, "\uFEFF") {
		t.Error("the byte order mark is wrong")
	}
	records, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(whole.body, "\uFEFF"))).ReadAll()
	if err != nil || len(records) != 651 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	var out struct{ Constituencies []struct{ Letters int } }
	if err := json.Unmarshal([]byte(s.get(dashboard+"/seats.json?nation=Wales").body), &out); err != nil || len(out.Constituencies) != 32 {
		t.Errorf("%d in Wales, %v", len(out.Constituencies), err)
	}
	if got := s.get(dashboard + "/seats.json?party=nobody").body; !strings.Contains(got, `"constituencies":[]`) {
		t.Errorf("nothing is %s", got)
	}
	records, err = csv.NewReader(strings.NewReader(s.get(dashboard + "/series.csv?range=7").body)).ReadAll()
	if err != nil || len(records) != 8 || records[0][0] != "day" {
		t.Errorf("%v, %v", records, err)
	}
	var series struct {
		Points []struct{ Sent int }
		Funnel map[string]int
	}
	if err := json.Unmarshal([]byte(s.get(dashboard+"/series.json?range=7&by=hour").body), &series); err != nil || len(series.Points) < 167 || series.Funnel["sent"] == 0 {
		t.Errorf("%d points, %v, %v", len(series.Points), series.Funnel, err)
	}
	for _, file := range []string{"/chart.svg", "/map.svg?map=pledge", "/map.svg"} {
		a := s.get(dashboard + file)
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(a.body, `<svg xmlns="http://www.w3.org/2000/svg"`) {
			t.Errorf("%s: %s, %.60s", file, a.Status, a.body)
		}
		if strings.Contains(a.body, "<a ") || strings.Contains(a.body, "var(--") || !strings.Contains(a.body, "<style>") {
			t.Errorf("%s links, or needs a stylesheet", file)
		}
	}
}

// The way to a letter is counted, step by step, and the check is no part of it.
func TestDashboard_Funnel(t *testing.T) {
	s, _ := startCounting(t, account.Viewer, 0)
	funnel := func() string {
		return regexp.MustCompile(`"funnel":\{[^}]*\}`).FindString(s.get(dashboard + "/series.json?range=today").body)
	}
	s.post("/c/"+slug+"/check", url.Values{"who": {"LS6 3HN"}, "postcode": {"LS6 3HN"}, "find": {"LS6 3HN"}})
	s.get("/c/" + slug)
	if got := funnel(); got != `"funnel":{"confirmed":0,"found":0,"previewed":0,"sent":0,"written":0}` {
		t.Errorf("after the check: %s", got)
	}
	s.post("/c/"+slug+"/letter", url.Values{"postcode": {"not a postcode"}})
	s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}})
	s.post("/c/"+slug+"/preview", letter("email", "not an address"))
	s.post("/c/"+slug+"/preview", letter())
	s.post("/c/"+slug+"/send", letter())
	if got := funnel(); got != `"funnel":{"confirmed":0,"found":1,"previewed":1,"sent":0,"written":1}` {
		t.Errorf("after a letter: %s", got)
	}
}

// listen opens the live updates and returns the lines as they come.
func (s *site) listen(seen string) (lines <-chan string, r *http.Response) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.Addr()+dashboard+"/live?seen="+seen, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	r, err = s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { r.Body.Close() })
	came := make(chan string, 100)
	go func() {
		defer close(came)
		for in := bufio.NewScanner(r.Body); in.Scan(); {
			came <- in.Text()
		}
	}()
	return came, r
}

// await waits for a line of live updates; an end is none.
func await(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case line, ok := <-lines:
			if line == want || !ok && want == "" {
				return
			}
			if !ok {
				t.Fatalf("the updates ended before %q", want)
			}
		case <-deadline:
			t.Fatalf("%q never came", want)
		}
	}
}

func TestDashboard_Live(t *testing.T) {
	t.Parallel()
	s, run := startCounting(t, account.Viewer, 0)
	lines, r := s.listen("0")
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || r.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s, %v", r.Status, r.Header)
	}
	s.post("/c/"+slug+"/send", letter())
	await(t, lines, "event: changed")
	run(`UPDATE changes SET version = version + 7`) // as another process does
	await(t, lines, "data: 8")
	// Whoever missed something is told at once.
	late, _ := s.listen("3")
	await(t, late, "data: 8")
	if a := s.get(dashboard + "/live"); a.body != "{\"version\":8}\n" {
		t.Errorf("without events: %q", a.body)
	}
	// It ends with the session.
	s.post("/organise/sign-out", url.Values{})
	await(t, lines, "event: over")
	await(t, lines, "")
	if _, r := s.listen("8"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("signed out: %s", r.Status)
	}
}

// It ends when whoever watches may not any more, or has to sign in anew.
func TestDashboard_LiveEndsWithTheRight(t *testing.T) {
	const password = "five plain words are plenty"
	test := account.Actor{Name: "test"}
	for name, change := range map[string]func(*testing.T, *site, account.Account) error{
		"another password": func(t *testing.T, s *site, who account.Account) error {
			_, err := s.Accounts().ChangePassword(t.Context(), who.As(""), password, "six other plain words are more")
			return err
		},
		"a session of an old password": func(t *testing.T, s *site, who account.Account) error {
			_, err := s.database().ExecContext(t.Context(), `UPDATE accounts SET password = password || 'x'`)
			return err
		},
		"another role": func(t *testing.T, s *site, who account.Account) error {
			who.Role, who.Partner = account.Partner, "friends"
			return s.Accounts().Edit(t.Context(), test, who, nil)
		},
		"a role that lost what it may": func(t *testing.T, s *site, who account.Account) error {
			_, err := s.database().ExecContext(t.Context(), `UPDATE accounts SET role = 'partner', partner = 'friends'`)
			return err
		},
		"a closed account": func(t *testing.T, s *site, who account.Account) error {
			return s.Accounts().Disable(t.Context(), test, who.ID)
		},
		"signed out everywhere": func(t *testing.T, s *site, who account.Account) error {
			return s.Accounts().SignOutEverywhere(t.Context(), who.As(""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			who := s.signIn(account.Viewer)
			lines, _ := s.listen("0")
			await(t, lines, "retry: 3000")
			if err := change(t, s, who); err != nil {
				t.Fatal(err)
			}
			await(t, lines, "event: over")
			await(t, lines, "")
		})
	}
}

// Whoever watches does not keep the program from stopping: the test's own end
// waits for that.
func TestDashboard_LiveEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	s, _ := startCounting(t, account.Viewer, 0)
	lines, _ := s.listen("0")
	await(t, lines, "retry: 3000")
}
