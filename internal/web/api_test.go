package web_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/web"
)

// apiAnswer is what any answer of the API may hold.
type apiAnswer struct {
	Status, Message, Postcode, Place string
	Candidates                       []struct{ Code, Country string }
}

func (a answer) api(t *testing.T) apiAnswer {
	t.Helper()
	var got apiAnswer
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return got
}

func TestAPI_PostcodesAsProgramsEscapeThem(t *testing.T) {
	s := start(t, nil)
	for _, typed := range []string{"LS63HN", "LS6%203HN", "LS6%2d3HN", "LS6%c2%a03HN", "LS6%2C%203HN", "%4cs6+3hn"} {
		a := s.get("/api/v1/postcodes/" + typed)
		if got := a.api(t); a.StatusCode != http.StatusOK || got.Postcode != "LS6 3HN" {
			t.Errorf("%s: %s %+v", typed, a.Status, got)
		}
	}
	// An escaped percent sign stands for itself: it is not taken apart twice.
	if a := s.get("/api/v1/postcodes/LS6%25203HN"); a.StatusCode != http.StatusBadRequest || a.api(t).Status != "malformed" {
		t.Errorf("%s %s", a.Status, a.body)
	}
}

func TestAPI_NorthernIrelandHasCandidates(t *testing.T) {
	s := start(t, nil)
	a := s.get("/api/v1/postcodes/BT11AA")
	got := a.api(t)
	if a.StatusCode != http.StatusUnprocessableEntity || got.Place != "northern_ireland" || len(got.Candidates) != 18 {
		t.Fatalf("%s %+v", a.Status, got)
	}
	for _, c := range got.Candidates {
		if !strings.HasPrefix(c.Code, "N") || c.Country != "Northern Ireland" {
			t.Errorf("candidate %+v", c)
		}
	}
	if got := s.get("/api/v1/postcodes/JE23AB").api(t); len(got.Candidates) > 0 {
		t.Errorf("Jersey has candidates: %+v", got)
	}
}

func TestAPI_ErrorsNameThemselves(t *testing.T) {
	s := start(t, nil)
	for _, tt := range []struct {
		method, path string
		code         int
		status       string
		message      string
	}{
		{http.MethodGet, "/api/v1/nothing", 404, "not_found", "There is no page at this address"},
		{http.MethodGet, "/api/v1/campaigns/nothing/counts", 404, "not_found", "There is no page at this address"},
		{http.MethodDelete, "/api/v1/postcodes/LS63HN", 405, "method_not_allowed", "That can’t be done this way"},
	} {
		a := s.do(tt.method, tt.path, nil)
		if got := a.api(t); a.StatusCode != tt.code || got.Status != tt.status || got.Message != tt.message {
			t.Errorf("%s %s: %s %+v", tt.method, tt.path, a.Status, got)
		}
	}
}

var tester = account.Actor{Name: "test"}

// exhaust asks until no more requests are let through.
func (s *site) exhaust(headers ...string) answer {
	s.t.Helper()
	for range 10 * web.LimitPerKey {
		if a := s.do(http.MethodGet, "/api/v1/constituencies/"+leedsNW, nil, headers...); a.StatusCode == http.StatusTooManyRequests {
			return a
		}
	}
	s.t.Fatal("nobody was ever refused")
	return answer{}
}

// Whoever asks too often waits; nobody else does, and no page.
func TestAPI_Limits(t *testing.T) {
	s := start(t, nil)
	const from = "203.0.113.5"
	a := s.exhaust("X-Forwarded-For", from)
	if got := a.api(t); got.Status != "rate_limited" || got.Message != "That is too many requests at once. Try again in 1 second." || a.Header.Get("Retry-After") != "1" {
		t.Errorf("refused with %q, %+v", a.Header.Get("Retry-After"), got)
	}
	if got := a.Header.Get("RateLimit-Policy"); got != `"address";q=600;w=60` {
		t.Errorf("RateLimit-Policy %q", got)
	}
	if got := s.do(http.MethodGet, "/c/"+slug, nil, "X-Forwarded-For", from); got.StatusCode != http.StatusOK {
		t.Errorf("a page: %s", got.Status)
	}
	if got := s.do(http.MethodGet, "/api/v1/campaigns", nil, "X-Forwarded-For", "203.0.113.6"); got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("RateLimit"), `"address";r=599;t=`) {
		t.Errorf("another: %s %q", got.Status, got.Header.Get("RateLimit"))
	}
	key, err := s.Service().NewAPIKey(t.Context(), tester, "", "newsroom")
	if err != nil {
		t.Fatal(err)
	}
	for _, sent := range []string{"Bearer " + key, "bearer " + key, "BEARER  " + key} {
		got := s.do(http.MethodGet, "/api/v1/campaigns", nil, "X-Forwarded-For", from, "Authorization", sent)
		if got.StatusCode != http.StatusOK || got.Header.Get("RateLimit-Policy") != `"key";q=6000;w=60` || !strings.HasPrefix(got.Header.Get("RateLimit"), `"key";r=599`) {
			t.Errorf("%s…: %s %q", sent[:7], got.Status, got.Header.Get("RateLimit"))
		}
	}
	// Guessing keys is no way around it.
	if got := s.exhaust("X-Forwarded-For", from, "Authorization", "Bearer pbk_guess"); got.Header.Get("RateLimit-Policy") != `"address";q=600;w=60` {
		t.Errorf("guessing is measured by %q", got.Header.Get("RateLimit-Policy"))
	}
}

// Whoever tries keys is refused before anything is looked up: a good one among
// them is not found.
func TestAPI_GuessingIsCountedFirst(t *testing.T) {
	s := start(t, nil)
	key := s.key("")
	from := []string{"X-Forwarded-For", "203.0.113.5", "Authorization"}
	ask := func(headers ...string) answer { return s.do(http.MethodGet, "/api/v1/campaigns", nil, headers...) }
	good := func() int {
		a := ask(append(from, "Bearer "+key)...)
		if a.StatusCode == http.StatusUnauthorized {
			t.Error("a good one is said to be wrong")
		}
		return a.StatusCode
	}
	for range web.LimitPerAddress / 2 {
		ask(append(from, "Bearer pbk_0123456789012345678901")...)
	}
	if got := good(); got != http.StatusOK {
		t.Errorf("after half as many as there may be: %d", got)
	}
	s.eventually("a good one to be refused after too many guesses", func() bool { // another guess is let through every tenth of a second
		s.exhaust(append(from, "Bearer pbk_0123456789012345678901")...)
		return good() == http.StatusTooManyRequests
	})
	if got := ask("X-Forwarded-For", "203.0.113.6", "Authorization", "Bearer "+key); got.StatusCode != http.StatusOK {
		t.Errorf("from elsewhere: %s", got.Status)
	}
}

// What is no key of ours is left alone: it may be for whatever stands in front.
func TestAPI_OtherSchemes(t *testing.T) {
	s := start(t, nil)
	for _, sent := range []string{"", "Basic cGJrXzE6", `Digest username="x"`, "Basic pbk_0123456789012345678901"} {
		a := s.do(http.MethodGet, "/api/v1/postcodes/LS63HN", nil, "Authorization", sent)
		if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("RateLimit"), `"address";`) {
			t.Errorf("%q: %s %q", sent, a.Status, a.Header.Get("RateLimit"))
		}
	}
}

// A key that is none is not taken for nobody's.
func TestAPI_WrongKeys(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	key, err := s.Service().NewAPIKey(t.Context(), tester, "friends", "crm")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.Service().APIKeys(t.Context(), "friends")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Service().RevokeAPIKey(t.Context(), tester, "friends", keys[0].ID); err != nil {
		t.Fatal(err)
	}
	for name, sent := range map[string]string{
		"revoked": "Bearer " + key, "none": "Bearer pbk_0123456789012345678901", "in capitals": "Bearer " + strings.ToUpper(key),
		"no scheme": key, "nothing behind the scheme": "Bearer ", "far too long": "Bearer pbk_" + strings.Repeat("x", 5000),
	} {
		a := s.do(http.MethodGet, "/api/v1/postcodes/LS63HN", nil, "Authorization", sent)
		if a.StatusCode != http.StatusUnauthorized || a.api(t).Status != "unauthorized" || a.Header.Get("WWW-Authenticate") != `Bearer realm="Postbag", error="invalid_token"` || strings.Contains(a.body, "Headingley") {
			t.Errorf("%s: %s %q %s", name, a.Status, a.Header.Get("WWW-Authenticate"), a.body)
		}
	}
	s.eventually("the log", func() bool { return strings.Count(s.log.String(), `"status":401`) == 6 })
	for _, planted := range []string{key, key[4:], strings.ToUpper(key), "pbk_", "LS6"} {
		if strings.Contains(s.log.String(), planted) {
			t.Errorf("the log has %q", planted)
		}
	}
}

// Any page may read what is public, and ask for it with a key.
func TestAPI_FromOtherSites(t *testing.T) {
	s := start(t, nil)
	from := []string{"Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}
	for _, path := range []string{"/api/v1/postcodes/LS63HN", "/api/v1/postcodes/x", "/api/v1/campaigns", "/api/v1/campaigns/" + slug + "/counts.csv", "/api/v1/campaigns/nothing", "/api/v1/nothing"} {
		a := s.do(http.MethodGet, path, nil, from...)
		if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "RateLimit") {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	a := s.do(http.MethodOptions, "/api/v1/campaigns/"+slug+"/counts", nil, append(from, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization,if-none-match")...)
	if a.StatusCode != http.StatusNoContent || a.Header.Get("Access-Control-Allow-Origin") != "*" ||
		a.Header.Get("Access-Control-Allow-Headers") != "Authorization, If-None-Match" || a.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" || a.Header.Get("RateLimit") != "" {
		t.Errorf("asked beforehand: %s %v", a.Status, a.Header)
	}
	a = s.do(http.MethodPost, "/api/v1/campaigns", nil)
	if a.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(a.Header.Get("Allow"), "GET") || a.api(t).Status != "method_not_allowed" {
		t.Errorf("a POST: %s, Allow %q", a.Status, a.Header.Get("Allow"))
	}
	if a := s.do(http.MethodGet, "/organise", nil, from...); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the workspace can be read from elsewhere")
	}
}

// What is kept is known to be out of date as soon as it is.
func TestAPI_ETagsChangeWithTheFacts(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12}, nil)
	paths := []string{"/counts", "/counts.csv", "/counts.json", "/pledges", "/pledges.csv"}
	ask := func(path, tag string) answer {
		return s.do(http.MethodGet, "/api/v1/campaigns/"+slug+path, nil, "If-None-Match", tag, "Accept-Encoding", "gzip")
	}
	tags := map[string]string{}
	for _, path := range paths {
		a := ask(path, "")
		tags[path] = a.Header.Get("ETag")
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Encoding") != "gzip" || a.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %s %v", path, a.Status, a.Header)
		}
		for _, sent := range []string{tags[path], `"x", ` + tags[path], strings.TrimPrefix(tags[path], "W/"), "*"} {
			if a := ask(path, sent); a.StatusCode != http.StatusNotModified || a.body != "" {
				t.Errorf("%s, sent back %s: %s", path, sent, a.Status)
			}
		}
		if a := ask(path, `W/"0"`); a.StatusCode != http.StatusOK {
			t.Errorf("%s with another tag: %s", path, a.Status)
		}
	}
	if tags["/counts"] != tags["/counts.json"] || tags["/counts"] == tags["/counts.csv"] {
		t.Errorf("%v", tags)
	}
	roster, _ := s.Service().Roster()
	seat, _ := roster.Seat(sobel)
	if _, err := s.Service().AddPledge(t.Context(), slug, campaign.Pledge{MemberID: seat.Member.ID, On: "2026-01-02", RecordedBy: "test"}, campaign.Correction{}); err != nil {
		t.Fatal(err)
	}
	if a := ask("/pledges", tags["/pledges"]); a.StatusCode != http.StatusOK {
		t.Errorf("after another pledge: %s", a.Status)
	}
	db := s.database()
	if _, err := db.Exec(`UPDATE tallies SET sent = 13 WHERE constituency = $1`, leedsNW); err != nil {
		t.Fatal(err)
	}
	s.eventually("the counts to be read anew", func() bool { return ask("/counts", tags["/counts"]).StatusCode == http.StatusOK })
}

// What an MP's party or name may look like in Parliament's list, no spreadsheet
// takes for a formula.
func TestAPI_CSVIsHarmless(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12}, map[string]campaign.Pledge{sobel: {On: "2026-01-02"}})
	replaceSeat(t, s, sobel, func(seat *parliament.Seat) {
		seat.Member.Party, seat.Constituency.Name = `=HYPERLINK("https://evil.example","x")`, "+Leeds"
	})
	for _, path := range []string{"/constituencies.csv", "/campaigns/" + slug + "/pledges.csv", "/campaigns/" + slug + "/counts.csv"} {
		a := s.get("/api/v1" + path + "?bom=1")
		body, found := strings.CutPrefix(a.body, "\uFEFF")
		records, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !found || len(records) < 2 || strings.HasPrefix(s.get("/api/v1"+path).body, "\uFEFF") {
			t.Fatalf("%s: %d records, BOM %v, %v", path, len(records), found, err)
		}
		hostile := 0
		for _, r := range records {
			for _, field := range r {
				if strings.HasPrefix(field, "=") || strings.HasPrefix(field, "+") {
					t.Errorf("%s: a formula went through: %q", path, field)
				}
				if strings.HasPrefix(field, "'+") || strings.HasPrefix(field, "'=") {
					hostile++
				}
			}
		}
		if hostile == 0 {
			t.Errorf("%s: the hostile words are not in it at all", path)
		}
		if !strings.HasPrefix(a.Header.Get("Content-Disposition"), `attachment; filename="`) {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
}

// Numbers that no page tells, no program is told.
func TestAPI_CountsAreThoseOfThePages(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12, sobel: 4, cardiff: 1}, nil)
	var got struct {
		Letters        int
		Constituencies []struct {
			Code    string
			Letters *int
		}
	}
	if err := json.Unmarshal([]byte(s.get("/api/v1/campaigns/"+slug+"/counts").body), &got); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, each := range got.Constituencies {
		if each.Letters != nil {
			told++
			if each.Code != leedsNW || *each.Letters != 12 {
				t.Errorf("%s has %d", each.Code, *each.Letters)
			}
		}
	}
	if told != 1 || len(got.Constituencies) != 650 || got.Letters != 17 {
		t.Errorf("%d of %d told, %d in all", told, len(got.Constituencies), got.Letters)
	}
	if body := s.get("/api/v1/campaigns/" + slug + "/counts.csv").body; !strings.Contains(body, leedsNW+",Leeds North West,12\r\n") || strings.Contains(body, ",4\r\n") || strings.Contains(body, ",1\r\n") {
		t.Error("the CSV file tells other numbers")
	}
}

// Drafts are found nowhere.
func TestAPI_Campaigns(t *testing.T) {
	s := start(t, nil)
	var got struct {
		Campaigns []struct {
			Slug, State, Address, Embed string
			Texts                       map[string]struct{ Title, Ask, Address string }
		}
	}
	a := s.get("/api/v1/campaigns")
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Campaigns) != 1 || got.Campaigns[0].State != "live" || got.Campaigns[0].Address != s.BaseURL()+"/c/"+slug ||
		got.Campaigns[0].Texts["cy"].Address != s.BaseURL()+"/cy/c/"+slug || got.Campaigns[0].Texts["en"].Ask == "" {
		t.Errorf("%+v", got)
	}
	if card := s.get(strings.TrimPrefix(got.Campaigns[0].Embed, s.BaseURL())); card.StatusCode != http.StatusOK || card.ancestors() != "*" {
		t.Errorf("the embed: %s", card.Status)
	}
}

// The page says what the description says.
func TestAPI_Page(t *testing.T) {
	s := start(t, nil)
	for _, lang := range []string{"", "/cy"} {
		a := s.get(lang + "/api")
		for _, want := range []string{"/api/v1/postcodes/{postcode}", "curl " + s.BaseURL() + "/api/v1/campaigns/" + slug + "/counts", "600 times a minute", "Retry-After", s.BaseURL() + "/c/" + slug, `href="/api/v1/openapi.json"`} {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s/api does not say %q", lang, want)
			}
		}
		if strings.Contains(a.body, "letters.example.org") || strings.Contains(a.body, "`") {
			t.Errorf("%s/api speaks of another site, or shows its marks", lang)
		}
	}
}
