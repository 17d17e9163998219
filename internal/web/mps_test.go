package web_test

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/klauspost/compress/gzip"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

const mpsPath = "/c/" + slug + "/mps"

// The constituencies that the tests speak of.
const (
	sobel   = "E14001319" // Leeds Central and Headingley, LS6 3HN
	leedsNW = "E14001322"
	cardiff = "W07000089" // Cardiff East, Dwyrain Caerdydd
)

// listed starts a site in which letters were sent and MPs pledged. The keys are
// ONS codes; a pledge with the date of a withdrawal was taken back.
func listed(t *testing.T, letters map[string]int, pledges map[string]campaign.Pledge) *site {
	t.Helper()
	s := start(t, nil)
	db := s.database()
	for code, n := range letters {
		if _, err := db.Exec(`INSERT INTO tallies (campaign_id, constituency, sent) VALUES (1, $1, $2) ON CONFLICT (campaign_id, constituency) DO UPDATE SET sent = tallies.sent + excluded.sent`, code, n); err != nil {
			t.Fatal(err)
		}
	}
	roster, _ := s.Service().Roster()
	for code, p := range pledges {
		seat, ok := roster.Seat(code)
		if !ok {
			t.Fatalf("no seat %s", code)
		}
		p.MemberID, p.RecordedBy = seat.Member.ID, "olga@organisers.example"
		if p.On == "" {
			p.On = "2026-01-02"
		}
		if _, err := s.Service().AddPledge(t.Context(), slug, p, campaign.Correction{}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

var tableRow = regexp.MustCompile(`(?s)<tr class="m (.*?)(?:<tr|</tbody>)`)

// row returns the row of a constituency, "" if there is none.
func (a answer) row(seat string) string {
	for _, r := range a.rows() {
		if strings.Contains(r, "/"+seat+`"`) {
			return r
		}
	}
	return ""
}

// rows returns all rows in their order.
func (a answer) rows() []string {
	body := strings.ReplaceAll(a.body, "<tr class", "<tr<tr class") // so that none ends another
	var rows []string
	for _, m := range tableRow.FindAllStringSubmatch(body, -1) {
		rows = append(rows, m[1])
	}
	return rows
}

// seats returns the slugs of all rows in their order.
func (a answer) seats() []string {
	var seats []string
	for _, r := range a.rows() {
		seats = append(seats, regexp.MustCompile(`/mps/([a-z0-9-]+)"`).FindStringSubmatch(r)[1])
	}
	return seats
}

func TestMPs_SaysWhereEveryoneStands(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12, cardiff: 3}, map[string]campaign.Pledge{
		sobel:   {On: "2026-01-02", Evidence: "https://example.org/pledge?a=1&b=2"},
		cardiff: {On: "2026-01-02", WithdrawnOn: "2026-02-03", WithdrawnEvidence: "https://example.org/back"},
	})
	replaceSeat(t, s, "N05000001", func(seat *parliament.Seat) { seat.Member = parliament.Member{} })
	a := s.get(mpsPath)
	if a.StatusCode != http.StatusOK || len(a.rows()) != parliament.SeatCount {
		t.Fatalf("%s with %d rows", a.Status, len(a.rows()))
	}
	for _, tt := range []struct {
		name, seat string
		want, not  []string
	}{
		{"has pledged", "leeds-central-and-headingley", []string{"y r3", "Alex Sobel", "Labour (Co-op)", "has pledged", "2\u00a0January 2026", `href="https://example.org/pledge?a=1&amp;b=2" rel="noopener noreferrer"`, "under 5 letters"}, []string{"not yet"}},
		{"not yet", "leeds-north-west", []string{"n r3", "not yet", "12 letters"}, []string{"has pledged", "2026", "proof"}},
		{"took it back", "cardiff-east", []string{"o r11", "took it back", "3\u00a0February 2026", "https://example.org/back", "under 5 letters"}, []string{"has pledged", "3 letters"}},
		{"the Speaker", "chorley", []string{"o r2", "signs no pledges"}, []string{"not yet"}},
		{"a vacant seat", "belfast-east", []string{"o r12", "seat is vacant", "No MP just now"}, []string{"not yet"}},
	} {
		row := a.row(tt.seat)
		for _, want := range tt.want {
			if !strings.Contains(row, want) {
				t.Errorf("%s: the row lacks %q: %s", tt.name, want, row)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(row, not) {
				t.Errorf("%s: the row has %q: %s", tt.name, not, row)
			}
		}
	}
	if !strings.Contains(a.body, "1 of the 650 MPs has pledged.") || strings.Contains(a.body, "olga") {
		t.Error("the head is wrong, or organisers are named")
	}
	// Another MP in the seat has not pledged.
	replaceSeat(t, s, sobel, func(seat *parliament.Seat) { seat.Member.ID, seat.Member.Name = 999001, "New Person" })
	s.eventually("the new MP", func() bool { return strings.Contains(s.get(mpsPath).row("leeds-central-and-headingley"), "New Person") })
	if row := s.get(mpsPath).row("leeds-central-and-headingley"); !strings.Contains(row, "not yet") || strings.Contains(row, "January") {
		t.Errorf("a pledge went to the successor: %s", row)
	}
}

func TestMPs_InWelsh(t *testing.T) {
	s := listed(t, map[string]int{cardiff: 6}, map[string]campaign.Pledge{cardiff: {On: "2026-02-03"}})
	row := s.get("/cy" + mpsPath).row("cardiff-east")
	for _, want := range []string{"Dwyrain Caerdydd", `data-also="Cardiff East"`, `href="/cy` + mpsPath + `/cardiff-east"`, "wedi addo", "3\u00a0Chwefror 2026", "6 llythyr"} {
		if !strings.Contains(row, want) {
			t.Errorf("the row lacks %q: %s", want, row)
		}
	}
	a := s.get("/cy" + mpsPath + "/cardiff-east")
	for _, want := range []string{"Dwyrain Caerdydd", `<span class="other" lang="en">Cardiff East</span>`, "wedi addo"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestMPs_Sorts(t *testing.T) {
	// Of the two with few letters, the one with more comes later by name.
	s := listed(t, map[string]int{leedsNW: 12, sobel: 40, "W07000112": 4, "E14001101": 0}, map[string]campaign.Pledge{
		chorley: {On: "2026-01-02"}, leedsNW: {On: "2026-01-04"}, sobel: {On: "2025-12-01", WithdrawnOn: "2026-01-05"},
	})
	byName := func(seats []string) bool {
		roster, _ := s.Service().Roster()
		all := roster.Seats()
		parliament.SortByName(all, "en")
		rank := map[string]int{}
		for i, seat := range all {
			rank[parliament.Slug(seat.Constituency)] = i
		}
		for i := 1; i < len(seats); i++ {
			if rank[seats[i-1]] > rank[seats[i]] {
				t.Errorf("%s stands before %s", seats[i-1], seats[i])
				return false
			}
		}
		return true
	}
	letters := s.get(mpsPath + "?sort=letters").seats()
	if letters[0] != "leeds-central-and-headingley" || letters[1] != "leeds-north-west" || !byName(letters[2:]) {
		t.Errorf("by letters: %s; or the order tells what is suppressed", letters[:4])
	}
	pledge := s.get(mpsPath + "?sort=pledge").seats()
	if pledge[0] != "leeds-north-west" || pledge[1] != "chorley" || pledge[2] != "leeds-central-and-headingley" || !byName(pledge[3:]) {
		t.Errorf("by pledge: %s", pledge[:5])
	}
	surname := s.get(mpsPath + "?sort=name")
	if first := surname.rows()[0]; !strings.Contains(first, "Abbott") || !strings.Contains(surname.body, `href="#name-z"`) {
		t.Errorf("by surname: %s", first)
	}
	usual := s.get(mpsPath).seats()
	if usual[0] != "bishop-auckland" || len(usual) != parliament.SeatCount {
		t.Errorf("by constituency: %s", usual[0])
	}
	for _, odd := range []string{"?sort=", "?sort=%3Cscript%3E", "?sort=letters%00", "?q="} {
		if got := s.get(mpsPath + odd).seats(); len(got) != parliament.SeatCount || got[0] != usual[0] {
			t.Errorf("%s: %d rows", odd, len(got))
		}
	}
}

// What is suppressed shows nowhere: with 0 and with 4 letters in a constituency,
// every form of the list and every page is the same.
func TestMPs_SmallNumbersNeverShow(t *testing.T) {
	many := map[string]int{leedsNW: 300, "E14001323": 20}
	some := map[string]int{leedsNW: 300, "E14001323": 20, sobel: 4, cardiff: 1}
	host := regexp.MustCompile(`127\.0\.0\.1(?::|%3[Aa])\d+`) // each site has its own
	bare, with := listed(t, many, nil), listed(t, some, nil)
	for _, path := range []string{
		mpsPath, mpsPath + "?sort=letters", mpsPath + "?sort=name", mpsPath + "?sort=pledge", mpsPath + "?q=leeds", mpsPath + ".csv",
		mpsPath + "/leeds-central-and-headingley", mpsPath + "/cardiff-east", mpsPath + "/leeds-north-west", "/cy" + mpsPath + "/cardiff-east",
	} {
		a, b := bare.get(path), with.get(path)
		if host.ReplaceAllString(a.body, "") != host.ReplaceAllString(b.body, "") {
			t.Errorf("%s tells that somebody wrote", path)
		}
		if a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	a, b := bare.get(mpsPath+".json").body, with.get(mpsPath+".json").body
	if host.ReplaceAllString(a, "") != host.ReplaceAllString(b, "") {
		t.Error("the JSON tells that somebody wrote")
	}
}

func TestMPs_Search(t *testing.T) {
	s := listed(t, nil, nil)
	for _, tt := range []struct {
		name, typed string
		want        []string // slugs; nil: none
	}{
		{"a member", "alex sobel", []string{"leeds-central-and-headingley"}},
		{"a member with a title", "Sir Lindsay Hoyle", []string{"chorley"}},
		{"a constituency", "Leeds North West", []string{"leeds-north-west"}},
		{"abbreviated", "leeds nw", []string{"leeds-north-west"}},
		{"in Welsh", "Dwyrain Caerdydd", []string{"cardiff-east"}},
		{"without its accents", "ynys mon", []string{"ynys-mon"}},
		{"with accents", "YNYS MÔN", []string{"ynys-mon"}},
		{"a name that can be read as a postcode", "Chorley", []string{"chorley"}},
		{"half a name of that kind", "Woking", []string{"woking", "wokingham"}},
		{"nothing of the kind", "Atlantis", nil},
		{"no letter at all", "!?", nil},
		{"hostile", `"><script>alert(1)</script>{{.}}' OR ''=`, nil},
		{"not UTF-8", "\xff\xfe", nil},
		{"endless", strings.Repeat("leeds ", 10000), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.post(mpsPath, url.Values{"find": {tt.typed}})
			if tt.name == "hostile" { // it has digits: answered in place
				if a.StatusCode != http.StatusUnprocessableEntity || strings.Contains(a.body, "<script>alert") {
					t.Errorf("%s", a.Status)
				}
				return
			}
			if tt.name == "not UTF-8" {
				if a.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("%s", a.Status)
				}
				return
			}
			to := a.Header.Get("Location")
			if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, mpsPath+"?q=") || len(to) > 300 {
				t.Fatalf("%s to %.300s", a.Status, to)
			}
			found := s.get(to)
			if got := found.seats(); fmt.Sprint(got) != fmt.Sprint(tt.want) && tt.name != "endless" {
				t.Errorf("found %s, want %s", got, tt.want)
			}
			if found.StatusCode != http.StatusOK || !strings.Contains(found.body, `content="noindex`) || strings.Contains(found.body, `rel="canonical"`) {
				t.Errorf("%s, or it is to be indexed", found.Status)
			}
		})
	}
	for _, q := range []string{"%3Cscript%3Ealert(%22x%22)%3C/script%3E", "%22%3E%3Cb%3E", "%00", "%FF", "a&q=b"} {
		if a := s.get(mpsPath + "?q=" + q); a.StatusCode >= 500 || strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "\"><b>") {
			t.Errorf("?q=%s: %s", q, a.Status)
		}
	}
	if a := s.post(mpsPath, url.Values{"find": {"  "}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Type a name, a constituency or a postcode.") || !strings.Contains(a.body, "Show all 650 MPs") {
		t.Errorf("nothing typed: %s", a.Status)
	}
}

func TestMPs_PostcodesAreAnsweredInPlace(t *testing.T) {
	s := listed(t, nil, nil)
	for _, tt := range []struct {
		name, typed string
		status      int
		rows        int
		want        string
	}{
		{"found", " ls6,3hn ", 200, 1, "This is who speaks for LS6\u00a03HN in Parliament."},
		{"letter O for nought", "M1 IAE", 200, 1, "in Parliament"},
		{"unknown unit", "LS6 3ZZ", 200, 1, "Others in LS6 3 are in"},
		{"Northern Irish", "BT1 1AA", 200, 18, "no postcodes in Northern Ireland"},
		{"Jersey", "JE2 3AB", 200, 0, "Jersey"},
		{"a PO box", "GIR 0AA", 200, 0, "PO box"},
		{"letters for all its digits", "LI IAA", 200, 1, "Others in L1"},
		{"half of one", "LS6", 422, 0, "should look like LS6 3HN"},
		{"an address", "17 Brudenell Road", 422, 0, "should look like LS6 3HN"},
		{"an ONS code", "e14001319", 200, 1, "Alex Sobel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.post(mpsPath, url.Values{"find": {tt.typed}})
			if a.StatusCode != tt.status || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Location") != "" {
				t.Fatalf("%s, kept %q, to %q", a.Status, a.Header.Get("Cache-Control"), a.Header.Get("Location"))
			}
			if len(a.rows()) != tt.rows && (tt.name != "unknown unit" || len(a.rows()) < 1 || len(a.rows()) > 9) {
				t.Errorf("%d rows, want %d", len(a.rows()), tt.rows)
			}
			if !strings.Contains(html.UnescapeString(a.body), tt.want) {
				t.Errorf("the page lacks %q", tt.want)
			}
			typed := strings.ToLower(strings.Join(strings.Fields(tt.typed), ""))
			for _, m := range regexp.MustCompile(`(?:href|action|content)="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
				if tt.rows != 1 && strings.Contains(strings.ToLower(m[1]), typed) || strings.Contains(strings.ToLower(m[1]), "ls6") {
					t.Errorf("an address holds what was typed: %s", m[1])
				}
			}
		})
	}
	// One that was put into an address by hand does not stay there.
	for _, q := range []string{"LS6+3HN", "ls63hn", "LS6", "%EF%BC%AC%EF%BC%B3%EF%BC%96%EF%BC%93%EF%BC%A8%EF%BC%AE"} {
		if a := s.get(mpsPath + "?q=" + q); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != mpsPath {
			t.Errorf("?q=%s: %s to %q", q, a.Status, a.Header.Get("Location"))
		}
	}
	if a := s.get(mpsPath + "/ls6-3hn"); a.StatusCode != http.StatusNotFound || strings.Contains(strings.ToLower(a.body), "ls6-3hn") || len(a.rows()) > 0 {
		t.Errorf("a postcode as an address: %s", a.Status)
	}
	for _, planted := range []string{"LS6", "ls6", "Brudenell", "BT1", "JE2"} {
		if strings.Contains(s.log.String(), planted) {
			t.Errorf("the log has %q", planted)
		}
	}
}

// What has a digit is answered in place, as a postcode is: no name may have one.
func TestMPs_NoNameHasADigit(t *testing.T) {
	s := listed(t, nil, nil)
	roster, _ := s.Service().Roster()
	for _, seat := range roster.Seats() {
		if name := seat.Constituency.Name + seat.Constituency.NameCy + seat.Member.Name; strings.ContainsFunc(name, unicode.IsNumber) {
			t.Errorf("%q cannot be searched for", name)
		}
	}
}

func TestMPs_Caching(t *testing.T) {
	s := listed(t, nil, nil)
	for _, path := range []string{mpsPath, mpsPath + "?sort=name", mpsPath + "/chorley", mpsPath + ".csv", mpsPath + ".json", "/cy" + mpsPath} {
		a := s.get(path)
		tag := a.Header.Get("ETag")
		if a.StatusCode != http.StatusOK || tag == "" || a.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(a.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: %s %v", path, a.Status, a.Header)
		}
		if again := s.do(http.MethodGet, path, nil, "If-None-Match", tag); again.StatusCode != http.StatusNotModified || again.body != "" {
			t.Errorf("%s again: %s", path, again.Status)
		}
		head := s.do(http.MethodHead, path, nil, "Accept-Encoding", "identity")
		if head.StatusCode != http.StatusOK || head.body != "" || head.Header.Get("Content-Length") != strconv.Itoa(len(a.body)) {
			t.Errorf("HEAD %s: %s, %s bytes", path, head.Status, head.Header.Get("Content-Length"))
		}
	}
	before := s.get(mpsPath)
	roster, _ := s.Service().Roster()
	seat, _ := roster.Seat(sobel)
	if _, err := s.Service().AddPledge(t.Context(), slug, campaign.Pledge{MemberID: seat.Member.ID, On: "2026-01-02", RecordedBy: "x"}, campaign.Correction{}); err != nil {
		t.Fatal(err)
	}
	after := s.do(http.MethodGet, mpsPath, nil, "If-None-Match", before.Header.Get("ETag"))
	if after.StatusCode != http.StatusOK || !strings.Contains(after.row("leeds-central-and-headingley"), "has pledged") {
		t.Errorf("a pledge later: %s", after.Status)
	}
}

// TestMPs_Size: the list with every MP pledged, each with evidence of its own,
// weighs less than 60 KB compressed, in either language.
func TestMPs_Size(t *testing.T) {
	letters, pledges := map[string]int{}, map[string]campaign.Pledge{}
	plain := listed(t, nil, nil)
	roster, _ := plain.Service().Roster()
	for i, seat := range roster.Seats() {
		code := seat.Constituency.Code
		letters[code] = i * 7919 % 997
		if i%2 == 0 {
			pledges[code] = campaign.Pledge{On: fmt.Sprintf("2026-%02d-%02d", 1+i%6, 1+i%28), Evidence: fmt.Sprintf("https://www.example.org/news/%d/mp-signs-the-pledge", seat.Member.ID)}
		}
	}
	for name, s := range map[string]*site{"with nothing yet": plain, "with half of them pledged, with letters everywhere": listed(t, letters, pledges)} {
		for _, path := range []string{mpsPath, "/cy" + mpsPath, mpsPath + "?sort=name", mpsPath + "?sort=letters"} {
			a := s.do(http.MethodGet, path, nil, "Accept-Encoding", "gzip")
			size := len(a.body)
			zr, err := gzip.NewReader(bytes.NewReader([]byte(a.body)))
			if err != nil {
				t.Fatal(err)
			}
			var html bytes.Buffer
			if _, err := html.ReadFrom(zr); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, %s: %d bytes, %d compressed", name, path, html.Len(), size)
			if size > 60<<10 || html.Len() < 100<<10 {
				t.Errorf("%s weighs %d bytes, of %d", path, size, html.Len())
			}
		}
	}
}
