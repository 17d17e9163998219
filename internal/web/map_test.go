package web_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// The map tells of each constituency, in its picture and in the table, what may
// be told and no more.
func TestMap_TellsWhatMayBeTold(t *testing.T) {
	s := listed(t, map[string]int{sobel: 12, leedsNW: 4}, map[string]campaign.Pledge{cardiff: {On: "2026-11-20"}})
	a := s.get("/c/" + slug + "/map")
	if a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	for _, want := range []string{
		"Leeds Central and Headingley: not yet, 12 letters",
		"Leeds North West: not yet, under 5 letters",
		`href="mps/leeds-north-west"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the map does not hold %q", want)
		}
	}
	if n := strings.Count(a.body, "<title>"); n < 650 {
		t.Errorf("%d hexagons are named", n)
	}
	if strings.Contains(a.body, "4 letters") {
		t.Error("a number is told that must not be")
	}
	by := s.get("/c/" + slug + "/map?by=pledge")
	if n := strings.Count(by.body, `class="hp"`); n < 1 {
		t.Error("by pledge, no hexagon has the colour of one")
	}
	if again := s.do(http.MethodGet, "/c/"+slug+"/map", nil, "If-None-Match", a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("the same map comes again: %s", again.Status)
	}
	if cy := s.get("/cy/c/" + slug + "/map"); !strings.Contains(cy.body, "Dwyrain Caerdydd") {
		t.Error("the Welsh map names no constituency in Welsh")
	}
}

// loaded finds what a browser loads with a page.
var loaded = regexp.MustCompile(`(?:<link rel="(?:stylesheet|icon)"[^>]* href|<script[^>]* src)="([^"]+)"`)

// TestMap_Size: the map with every MP pledged and letters from everywhere weighs
// less than 50 KB compressed, with all that is loaded with it, in either language.
func TestMap_Size(t *testing.T) {
	testkit.Unhurried(t)
	letters, pledges := map[string]int{}, map[string]campaign.Pledge{}
	plain := listed(t, nil, nil)
	roster, _ := plain.Service().Roster()
	for i, seat := range roster.Seats() {
		letters[seat.Constituency.Code] = i * 7919 % 997
		if !seat.Vacant() {
			pledges[seat.Constituency.Code] = campaign.Pledge{On: fmt.Sprintf("2026-%02d-%02d", 1+i%6, 1+i%28)}
		}
	}
	const head = 800 // bytes of an answer's, at most
	for name, s := range map[string]*site{"with nothing yet": plain, "with all of them pledged, with letters everywhere": listed(t, letters, pledges)} {
		for _, path := range []string{"/c/" + slug + "/map", "/cy/c/" + slug + "/map", "/c/" + slug + "/map?by=pledge"} {
			a := s.do(http.MethodGet, path, nil, "Accept-Encoding", "gzip")
			html := unzipped(t, a.body)
			size, parts := len(a.body)+head, loaded.FindAllStringSubmatch(html, -1)
			for _, part := range parts {
				size += len(s.do(http.MethodGet, part[1], nil, "Accept-Encoding", "gzip").body) + head
			}
			t.Logf("%s, %s: %d bytes, %d compressed, %d with %d more", name, path, len(html), len(a.body), size, len(parts))
			if size > 50<<10 || len(html) < 100<<10 || len(parts) < 2 {
				t.Errorf("%s, %s weighs %d bytes, with %d more", name, path, size, len(parts))
			}
		}
	}
}

func TestPicture_OfCampaignAndConstituency(t *testing.T) {
	s := listed(t, map[string]int{sobel: 12, leedsNW: 4}, nil)
	seen := map[string]string{}
	for _, path := range []string{
		"/c/" + slug + "/picture.png", "/cy/c/" + slug + "/picture.png",
		"/c/" + slug + "/mps/leeds-central-and-headingley/picture.png", "/c/" + slug + "/mps/leeds-north-west/picture.png",
	} {
		a := s.get(path)
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "image/png" {
			t.Fatalf("%s: %s %s", path, a.Status, a.Header.Get("Content-Type"))
		}
		img, err := png.DecodeConfig(bytes.NewReader([]byte(a.body)))
		if err != nil || img.Width != 1200 || img.Height != 630 {
			t.Errorf("%s: %dx%d, %v", path, img.Width, img.Height, err)
		}
		if other, same := seen[a.body]; same {
			t.Errorf("%s shows the same as %s", path, other)
		}
		seen[a.body] = path
	}
	for _, path := range []string{"/c/" + slug + "/mps/nowhere/picture.png", "/c/nowhere/picture.png", "/icons/7.png"} {
		if a := s.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	if a := s.get("/icons/192.png"); a.StatusCode != http.StatusOK {
		t.Errorf("the icon: %s", a.Status)
	}
	page := s.get("/c/" + slug + "/mps/leeds-central-and-headingley").body
	if !strings.Contains(page, "12 letters from Leeds Central and Headingley") {
		t.Error("the shared link does not say how many letters there are")
	}
	if page := s.get("/c/" + slug + "/mps/leeds-north-west").body; strings.Contains(page, "4 letters") || !strings.Contains(page, `property="og:image" content="http://`) {
		t.Error("a number is told that must not be, or there is no picture")
	}
}
