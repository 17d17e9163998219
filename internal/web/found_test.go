package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"postbag/internal/parliament"
)

// TestSitemap_IsOfTheConstituenciesAsTheyAre: it is kept, but not for longer
// than it is right.
func TestSitemap_IsOfTheConstituenciesAsTheyAre(t *testing.T) {
	s := start(t, nil)
	const path = "/sitemap.xml"
	first := s.get(path)
	if first.StatusCode != http.StatusOK || first.Header.Get("Cache-Control") != "public, max-age=3600" || first.Header.Get("Content-Type") != "application/xml; charset=utf-8" {
		t.Fatalf("%s %v", first.Status, first.Header)
	}
	if n := strings.Count(first.body, "<url>"); n != 2*(650+7) || !strings.Contains(first.body, "/cy"+mpsPath+"/leeds-north-west<") {
		t.Errorf("%d addresses", n)
	}
	tag := first.Header.Get("ETag")
	if a := s.do(http.MethodGet, path, nil, "If-None-Match", tag); a.StatusCode != http.StatusNotModified {
		t.Errorf("asked for again: %s", a.Status)
	}
	replaceSeat(t, s, leedsNW, func(seat *parliament.Seat) { seat.Constituency.Name = "Otley and Horsforth" })
	a := s.do(http.MethodGet, path, nil, "If-None-Match", tag)
	if a.StatusCode != http.StatusOK || !strings.Contains(a.body, "/otley-and-horsforth<") || strings.Contains(a.body, "/leeds-north-west<") {
		t.Errorf("%s, and the constituency has its old name", a.Status)
	}
}

// TestSeat_IsSentOnce: a page of a constituency that the client has is not sent
// again, and one whose facts have changed is.
func TestSeat_IsSentOnce(t *testing.T) {
	s := start(t, nil)
	const path = mpsPath + "/leeds-north-west"
	a := s.get(path)
	if a.Header.Get("Cache-Control") != "no-cache" || a.Header.Get("Vary") != "Accept-Encoding, Accept-Language" {
		t.Errorf("%v", a.Header)
	}
	tag := a.Header.Get("ETag")
	if again := s.do(http.MethodGet, path, nil, "If-None-Match", tag); again.StatusCode != http.StatusNotModified || again.body != "" {
		t.Errorf("asked for again: %s", again.Status)
	}
	replaceSeat(t, s, leedsNW, func(seat *parliament.Seat) { seat.Member = parliament.Member{} })
	if now := s.do(http.MethodGet, path, nil, "If-None-Match", tag); now.StatusCode != http.StatusOK || now.Header.Get("ETag") == tag {
		t.Errorf("after a change: %s", now.Status)
	}
}

// TestManifest_ShortName: what stands under the icon is a name, not the
// beginning of one.
func TestManifest_ShortName(t *testing.T) {
	second := strings.Replace(shippedSource(t), `slug = "`+slug+`"`, `slug = "second"`, 1)
	for name, test := range map[string]struct {
		site *site
		want map[string]string // by path
	}{
		"the campaign's title":    {start(t, nil), map[string]string{"/manifest.webmanifest": "MPs Not Border Guards", "/cy/manifest.webmanifest": "ASau, nid Gwarchodwyr Ffiniau"}},
		"the site's, for several": {startWith(t, "second", second), map[string]string{"/manifest.webmanifest": "Postbag"}},
	} {
		for path, want := range test.want {
			var manifest struct {
				Name  string `json:"name"`
				Short string `json:"short_name"`
			}
			if err := json.Unmarshal([]byte(test.site.get(path).body), &manifest); err != nil {
				t.Fatal(err)
			}
			if manifest.Short != want {
				t.Errorf("%s: %s is called %q for short, want %q", name, manifest.Name, manifest.Short, want)
			}
		}
	}
}
