package web_test

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"postbag/internal/campaign"
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
		`href="/c/` + slug + `/mps/leeds-north-west"`,
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
	if !strings.Contains(page, "12 people in Leeds Central and Headingley have written") {
		t.Error("the shared link does not say how many have written")
	}
	if page := s.get("/c/" + slug + "/mps/leeds-north-west").body; strings.Contains(page, "4 people") || !strings.Contains(page, `property="og:image" content="http://`) {
		t.Error("a number is told that must not be, or there is no picture")
	}
}
