package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/parliament"
)

const check = "/c/" + slug + "/check"

// pledge records a pledge of whoever sits for a constituency, and that it was
// taken back on a day; empty: it was not.
func (s *site) pledge(code, takenBack string) {
	s.t.Helper()
	roster, _ := s.Service().Roster()
	seat, _ := roster.Seat(code)
	p := campaign.Pledge{
		MemberID: seat.Member.ID, On: "2025-03-04", Evidence: "https://mp.example.org/pledge?id=1&x=2", RecordedBy: "Tester",
		WithdrawnOn: takenBack,
	}
	if _, err := s.Service().AddPledge(s.t.Context(), slug, p, campaign.Correction{}); err != nil {
		s.t.Fatal(err)
	}
}

// vacate empties a seat.
func (s *site) vacate(code string) {
	s.t.Helper()
	roster, _ := s.Service().Roster()
	seats := roster.Seats()
	for i := range seats {
		if seats[i].Constituency.Code == code {
			seats[i].Member = parliament.Member{}
		}
	}
	without, err := parliament.NewRoster(seats, roster.ConstituencySource(), roster.MemberSource())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Store().ApplyRoster(s.t.Context(), without); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Service().Refresh(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

const (
	leeds   = "E14001319" // Leeds Central and Headingley, LS6 3HN
	south   = "E14001323" // Leeds South
	durham  = "E14001173"
	chorley = "E14001170" // the Speaker's
)

// Where no link backs a pledge, whoever goes by it is told so, and where to ask.
func TestPledge_WithoutEvidence(t *testing.T) {
	s := start(t, nil)
	roster, _ := s.Service().Roster()
	seat, _ := roster.Seat(leeds)
	p := campaign.Pledge{MemberID: seat.Member.ID, On: "2025-03-04", RecordedBy: "Tester"}
	if _, err := s.Service().AddPledge(t.Context(), slug, p, campaign.Correction{}); err != nil {
		t.Fatal(err)
	}
	s.pledge(south, "")
	const at = "/c/" + slug + "/mps/"
	for _, c := range []struct {
		lang, words string
	}{
		{"", "We have no link to the evidence. Ask the MP’s office to confirm the pledge"},
		{"/cy", "Does gennym ni ddim dolen at brawf. Gofynnwch i swyddfa’r AS gadarnhau’r addewid"},
	} {
		for name, a := range map[string]answer{
			"checked": s.post(c.lang+check, url.Values{"constituency": {leeds}}),
			"seat":    s.get(c.lang + at + "leeds-central-and-headingley"),
		} {
			if a.StatusCode != 200 || !strings.Contains(a.body, c.words) {
				t.Errorf("%s, %s: %s, without %q", c.lang, name, a.Status, c.words)
			}
		}
		for name, a := range map[string]answer{
			"with evidence, checked": s.post(c.lang+check, url.Values{"constituency": {south}}),
			"with evidence, seat":    s.get(c.lang + at + "leeds-south"),
			"no pledge, checked":     s.post(c.lang+check, url.Values{"constituency": {leedsNW}}),
			"no pledge, seat":        s.get(c.lang + at + "leeds-north-west"),
		} {
			if a.StatusCode != 200 || strings.Contains(a.body, c.words[:20]) {
				t.Errorf("%s, %s: %s, with %q", c.lang, name, a.Status, c.words)
			}
		}
	}
}

func TestCheck_Answers(t *testing.T) {
	s := start(t, nil)
	s.pledge(leeds, "")
	s.pledge(south, "2025-05-06")
	s.vacate(durham)
	asked := func(who string) url.Values { return url.Values{"who": {who}} }
	const notSafe, safe = "It means that we do not know.", "What a pledge cannot do"
	tests := []struct {
		name   string
		form   url.Values
		status int
		want   []string
		not    []string
	}{
		{"pledged", asked("ls6 3hn"), 200, []string{
			"<h1>Alex Sobel has pledged</h1>", "Leeds Central and Headingley", "4\u00a0March 2025", safe, "I will represent everyone",
			`<a href="https://mp.example.org/pledge?id=1&amp;x=2" rel="noopener noreferrer">`, "(mp.example.org)", "Project 17",
		}, []string{notSafe, `value="ls6`, `value="LS6`, "Tester"}},
		{"pledged, by name", asked("sobel"), 200, []string{"Alex Sobel has pledged", safe}, []string{notSafe, `value="sobel"`}},
		{"not pledged", asked("Leeds North West"), 200, []string{" has not pledged</h1>", notSafe, "Project 17", "#write"}, []string{safe, " has pledged</h1>"}},
		{"taken back", asked("Leeds South"), 200, []string{"has taken the pledge back</h1>", "4\u00a0March 2025", "6\u00a0May 2025", notSafe}, []string{safe, "has pledged</h1>"}},
		{"the Speaker", asked("Chorley"), 200, []string{"Lindsay Hoyle has not pledged</h1>", "is the Speaker of the House", notSafe}, []string{safe, "#write"}},
		{"vacant", asked("City of Durham"), 200, []string{"City of Durham has no MP just now</h1>", "has to pledge afresh"}, []string{safe, notSafe, "#write"}},
		{"chosen", url.Values{"constituency": {leeds}, "who": {"nonsense"}}, 200, []string{"Alex Sobel has pledged"}, []string{"nonsense"}},
		{"several of a name", asked("Smith"), 200, []string{"Which of these is yours?", `value="Smith"`, "More than one"}, []string{safe, notSafe}},
		{"a new postcode", asked("LS1 1AA"), 200, []string{`value="` + leeds + `"`, `value="` + south + `"`, `value="LS1 1AA"`, `<span class="tag ok">has pledged</span>`, `<span class="tag hold">has taken the pledge back</span>`}, []string{safe}},
		{"Northern Ireland", asked("BT7 1NN"), 200, []string{"N05000001", "N05000018", "Northern Ireland"}, []string{leeds}},
		{"nothing", asked("  "), 422, []string{"Type your postcode, or"}, nil},
		{"no field at all", url.Values{}, 422, []string{"Type your postcode, or"}, nil},
		{"no postcode", asked("LS6 <3"), 422, []string{"not a whole postcode", `value="LS6 &lt;3"`}, nil},
		{"a postcode that is nowhere", asked("LS50 9ZZ"), 422, []string{"don’t know that postcode", `value="LS50 9ZZ"`}, nil},
		{"a PO box", asked("GIR 0AA"), 422, []string{"PO box", `value="GIR 0AA"`}, nil},
		{"Jersey", asked("JE2 3AB"), 422, []string{"Jersey has its own parliament", "You can type its name here", `value="JE2 3AB"`}, nil},
		{"nobody", asked("Qwertyuiop"), 422, []string{"no MP and no constituency of that name", `value="Qwertyuiop"`}, nil},
		{"half the country", asked("north"), 422, []string{"a great many names", `value="north"`}, nil},
		{"far too long", asked(strings.Repeat("x", 500)), 422, []string{"too long"}, nil},
		{"a constituency that is none", url.Values{"constituency": {"E14<b>"}}, 422, []string{"don’t know that constituency"}, []string{"<b>\""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.post(check, tt.form)
			if a.StatusCode != tt.status {
				t.Fatalf("%s, want %d", a.Status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(a.body, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(a.body, not) {
					t.Errorf("the page has %q", not)
				}
			}
			if wrong := strings.Contains(a.body, `id="who-error"`) && strings.Contains(a.body, `aria-invalid="true"`); wrong != (tt.status == 422) {
				t.Errorf("a sentence beside the field: %v", wrong)
			}
			if title := regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(a.body)[1]; strings.TrimPrefix(title, "Error: ") != "MPs Not Border Guards" {
				t.Errorf("the browser's history would say %q", title)
			}
			if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag")+a.Header.Get("Location") != "" {
				t.Errorf("it may be kept: %v", a.Header)
			}
			for _, link := range regexp.MustCompile(`(?:href|action)="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
				if strings.Contains(link[1], "leeds") || strings.Contains(link[1], "E14") || strings.Contains(link[1], "LS6") {
					t.Errorf("the address %q tells what was asked", link[1])
				}
			}
		})
	}
}

func TestCheck_InWelsh(t *testing.T) {
	s := start(t, nil)
	s.pledge(leeds, "")
	for typed, want := range map[string]string{
		"Ynys Môn": "Dim addewid gan", "sobel": "Mae addewid gan Alex Sobel", "Chorley": "yw Llefarydd Tŷ’r Cyffredin", "": "Teipiwch eich cod post",
	} {
		a := s.post("/cy"+check, url.Values{"who": {typed}})
		if !strings.Contains(a.body, want) || !strings.Contains(a.body, `action="/cy`+check+`"`) {
			t.Errorf("%q: the page lacks %q, or leads to English", typed, want)
		}
	}
}

// The exit is the first thing after the way to the main part, on every page of
// the check and on no other.
func TestCheck_Exit(t *testing.T) {
	s := start(t, nil)
	exit := regexp.MustCompile(`(?s)<a class="skip"[^>]*>[^<]*</a>\s*<nav class="exit" data-leave aria-label="Leave this page"><a class="btn small" href="` + campaign.DefaultExit + `" rel="noopener noreferrer">`)
	for _, a := range []answer{s.get(check), s.post(check, url.Values{"who": {"LS6 3HN"}}), s.post(check, url.Values{"who": {"LS1 1AA"}}), s.post(check, url.Values{})} {
		if !exit.MatchString(a.body) {
			t.Errorf("%s: no exit", a.Request.Method)
		}
	}
	if a := s.get("/c/" + slug); strings.Contains(a.body, "data-leave") || strings.Contains(a.body, "exit.") {
		t.Error("the campaign page has an exit")
	}
}

func TestCheck_Card(t *testing.T) {
	s := start(t, func(c *config.Config) { c.BaseURL = "https://letters.example.org" })
	a := s.get(check + "/card")
	if a.StatusCode != http.StatusOK || strings.Count(a.body, ">letters.example.org/check</b>") != 4 {
		t.Errorf("%s: the address is not on four cards", a.Status)
	}
	if cy := s.get("/cy" + check + "/card"); !strings.Contains(cy.body, ">letters.example.org/cy/check</b>") {
		t.Error("the Welsh card does not lead to the Welsh page")
	}
	for short, long := range map[string]string{"/check": check, "/cy/check": "/cy" + check} {
		if a := s.get(short); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != long {
			t.Errorf("%s leads to %q, with %s", short, a.Header.Get("Location"), a.Status)
		}
	}
	for _, path := range []string{"/c/nothing/check", "/c/nothing/check/card"} {
		if a := s.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
}

// files returns everything in the data directory, by name.
func (s *site) files(dir string) map[string][]byte {
	s.t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[d.Name()] = content
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// planted is what is asked, each in a way that leads to another answer.
var planted = []string{"LS6 3HN", "ls1 1aa", "Alex Sobel", "Zebedee Quillfeather", "BT7 1NN", "JE2 3AB", "LS6 Q"}

// Nothing that anyone asks is kept: not a byte of a file changes.
func TestCheck_KeepsNothing(t *testing.T) {
	dir := t.TempDir()
	s := start(t, func(c *config.Config) { c.DataDir = dir })
	s.get(check)
	s.post(check, url.Values{"who": {"Leeds South"}}) // whatever is done once, is done
	before := s.files(dir)
	for _, who := range planted {
		s.get(check)
		s.post(check, url.Values{"who": {who}})
	}
	s.post(check, url.Values{"constituency": {leeds}})
	after := s.files(dir)
	if len(before) < 2 || len(before) != len(after) {
		t.Errorf("%d files, and then %d", len(before), len(after))
	}
	for name, content := range after {
		// The index of the write-ahead log notes who reads.
		if !strings.HasSuffix(name, "-shm") && !bytes.Equal(content, before[name]) {
			t.Errorf("%s has changed", name)
		}
		for _, who := range planted {
			if squeezed := strings.ReplaceAll(strings.ToLower(who), " ", ""); who != "Alex Sobel" && // whose name stands there
				(bytes.Contains(content, []byte(who)) || bytes.Contains(bytes.ToLower(content), []byte(squeezed))) {
				t.Errorf("%s holds %q", name, who)
			}
		}
	}
}

// The log has one line for each request, and all are the same.
func TestCheck_TheLogTellsNoAnswers(t *testing.T) {
	s := start(t, nil)
	s.pledge(leeds, "")
	for _, who := range planted {
		s.post(check, url.Values{"who": {who}})
	}
	s.do(http.MethodPost, check, url.Values{"who": {"LS6 3HN"}}, "Origin", "https://evil.example", "Referer", "https://evil.example/?q=LS63HN")
	s.do(http.MethodPost, check, url.Values{"who": {strings.Repeat("LS6 3HN ", 50_000)}})
	s.do(http.MethodPost, check+"?who=LS63HN", nil)
	s.get(check + "?who=LS63HN")
	var lines []string
	s.eventually("the log", func() bool {
		lines = nil
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, `"route":"/c/:campaign/check"`) {
				lines = append(lines, line)
			}
		}
		return len(lines) == len(planted)+4
	})
	same := regexp.MustCompile(`^\{"time":"[^"]*","level":"INFO","msg":"request","id":"[0-9a-z]+","method":"(?:POST|GET)","route":"/c/:campaign/check"\}\n$`)
	for _, line := range lines {
		if !same.MatchString(line) {
			t.Errorf("the log says %s", line)
		}
	}
	for _, who := range append(planted, "LS63HN", "evil.example") {
		if strings.Contains(s.log.String(), who) {
			t.Errorf("the log has %q", who)
		}
	}
}

// What is asked by an address is not answered, so that nobody gets used to it.
func TestCheck_NoAnswerByAddress(t *testing.T) {
	s := start(t, nil)
	if a := s.get(check + "?who=LS6+3HN&constituency=" + leeds); strings.Contains(a.body, "Sobel") || strings.Contains(a.body, "LS6 3HN\"") {
		t.Error("a GET is answered")
	}
	if a := s.do(http.MethodPost, check+"?who=LS6+3HN", url.Values{}); strings.Contains(a.body, "Sobel") {
		t.Error("a POST is answered by what stands in its address")
	}
}

// What goes wrong on the way to an answer looks, from outside, like an answer,
// and can be left as quickly.
func TestCheck_Errors(t *testing.T) {
	s := start(t, nil)
	const foreign = "https://evil.example"
	for name, a := range map[string]answer{
		"from another site":  s.do(http.MethodPost, check, url.Values{"who": {"LS6 3HN"}}, "Origin", foreign, "Accept-Encoding", "gzip"),
		"in Welsh":           s.do(http.MethodPost, "/cy"+check, url.Values{"who": {"LS6 3HN"}}, "Origin", foreign, "Accept-Encoding", "gzip"),
		"far too large":      s.do(http.MethodPost, check, url.Values{"who": {strings.Repeat("LS6 3HN ", 50_000)}}, "Accept-Encoding", "gzip"),
		"of no campaign":     s.do(http.MethodPost, "/c/nothing/check", url.Values{"who": {"LS6 3HN"}}, "Accept-Encoding", "gzip"),
		"asked of no page":   s.do(http.MethodGet, "/c/nothing/check", nil, "Accept-Encoding", "gzip"),
		"not to be unpacked": s.do(http.MethodPost, check, url.Values{"who": {"LS6 3HN"}}, "Origin", foreign, "Accept-Encoding", "identity"),
	} {
		page, size := a.body, 32<<10
		if a.Header.Get("Content-Encoding") == "gzip" {
			page, size = unzipped(t, a.body), 8<<10
		}
		if a.StatusCode < 400 || len(a.body) != size {
			t.Errorf("%s: %s, %d bytes, want %d", name, a.Status, len(a.body), size)
		}
		if !strings.Contains(page, `data-leave`) || !strings.Contains(page, `href="`+campaign.DefaultExit+`"`) || !strings.Contains(page, "/assets/exit.") {
			t.Errorf("%s: no exit", name)
		}
	}
}

// unzipped returns a page as it was before it was compressed.
func unzipped(t *testing.T, body string) string {
	t.Helper()
	zr, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// Whoever watches the network sees sizes. Those of all single answers are the
// same.
func TestCheck_SizesTellNoAnswers(t *testing.T) {
	s := start(t, nil)
	s.pledge(leeds, "")
	s.pledge(south, "2025-05-06")
	s.vacate(durham)
	for _, coding := range []string{"gzip", "identity"} {
		sizes := map[int]bool{}
		for _, who := range []string{"LS6 3HN", "Leeds South", "Leeds North West", "Chorley", "City of Durham", "LS1 1AA", "nobody at all", ""} {
			a := s.do(http.MethodPost, check, url.Values{"who": {who}}, "Accept-Encoding", coding)
			sizes[len(a.body)] = true
			page := a.body
			if coding == "gzip" {
				page = unzipped(t, a.body)
			}
			if !strings.HasSuffix(strings.TrimSpace(page), "</html>") {
				t.Errorf("%s: the page for %q does not end", coding, who)
			}
		}
		a := s.do(http.MethodGet, check, nil, "Accept-Encoding", coding)
		sizes[len(a.body)] = true
		if len(sizes) != 1 {
			t.Errorf("%s: the answers have the sizes %v", coding, sizes)
		}
		t.Logf("%s: %v", coding, sizes)
	}
}
