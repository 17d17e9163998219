package web_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

func TestSeat_Addresses(t *testing.T) {
	s := listed(t, nil, nil)
	for asked, to := range map[string]string{
		sobel: "leeds-central-and-headingley", strings.ToLower(sobel): "leeds-central-and-headingley", "Leeds-North-West": "leeds-north-west",
		"dwyrain-caerdydd": "cardiff-east", "ynys-m%C3%B4n": "ynys-mon", "Leeds%20North%20West": "leeds-north-west",
	} {
		for _, prefix := range []string{"", "/cy"} {
			if a := s.get(prefix + mpsPath + "/" + asked); a.StatusCode != http.StatusMovedPermanently || a.Header.Get("Location") != prefix+mpsPath+"/"+to {
				t.Errorf("%s: %s to %q", asked, a.Status, a.Header.Get("Location"))
			}
		}
	}
	a := s.get(mpsPath + "/leeds")
	if a.StatusCode != http.StatusNotFound || len(a.rows()) < 5 || a.row("leeds-north-west") == "" || !strings.Contains(a.body, "Did you mean one of these?") || !strings.Contains(a.body, `name="find"`) {
		t.Errorf("half a name: %s with %d rows", a.Status, len(a.rows()))
	}
	for _, nonsense := range []string{"atlantis", "%3Cscript%3Ealert%3C%2Fscript%3E", strings.Repeat("x", 3000), "..", "%00", "E14999999"} {
		a := s.get(mpsPath + "/" + nonsense)
		if a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, `name="find"`) || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%.40s: %s", nonsense, a.Status)
		}
	}
	if a := s.get("/c/nothing/mps"); a.StatusCode != http.StatusNotFound {
		t.Errorf("no such campaign: %s", a.Status)
	}
}

func TestSeat_EveryStanding(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12}, map[string]campaign.Pledge{
		sobel:   {On: "2026-01-02", Evidence: "https://example.org/pledge"},
		cardiff: {On: "2026-01-02", Evidence: "https://example.org/pledge", WithdrawnOn: "2026-02-03", WithdrawnEvidence: "https://example.org/back"},
	})
	replaceSeat(t, s, "N05000001", func(seat *parliament.Seat) { seat.Member = parliament.Member{} })
	for seat, tt := range map[string]struct{ want, not []string }{
		"leeds-central-and-headingley": {[]string{"Alex Sobel MP", "Labour (Co-op)", "Yorkshire and The Humber, England", "Alex Sobel has pledged", "2\u00a0January 2026", `href="https://example.org/pledge" rel="noopener noreferrer"`, "I will represent everyone", "Fewer than 5 letters", "Thank your MP", "km away", "/mps/leeds-south"}, []string{"not pledged yet"}},
		"leeds-north-west":             {[]string{"has not pledged yet", "It does not mean no", "12 letters have gone from here", "Write to your MP", `action="/c/` + slug + `/letter"`, `name="postcode"`, "/check"}, []string{"took the pledge back", "Fewer than 5", "January"}},
		"cardiff-east":                 {[]string{`<span class="other" lang="cy">Dwyrain Caerdydd</span>`, "took the pledge back", "3\u00a0February 2026", "https://example.org/back"}, []string{"has pledged</h2>", "I will represent everyone"}},
		"chorley":                      {[]string{"Sir Lindsay Hoyle signs no pledges", "Rt Hon Sir Lindsay Hoyle MP"}, []string{"not pledged yet"}},
		"belfast-east":                 {[]string{"Nobody holds this seat just now", "print it for the next MP"}, []string{"not pledged yet", " MP</b>"}},
	} {
		a := s.get(mpsPath + "/" + seat)
		body := html.UnescapeString(a.body)
		for _, want := range tt.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", seat, want)
			}
		}
		for _, not := range append(tt.not, "olga") {
			if strings.Contains(body, not) {
				t.Errorf("%s has %q", seat, not)
			}
		}
		if a.StatusCode != http.StatusOK || strings.Contains(a.body, "noindex") || !strings.Contains(a.body, `rel="canonical"`) || strings.Count(a.body, "km away") != 6 {
			t.Errorf("%s: %s, or it is not to be found", seat, a.Status)
		}
	}
}
