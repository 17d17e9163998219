package web_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const welshPage = "/cy/c/" + slug

func TestWelsh_ConstituenciesHaveTheirWelshNames(t *testing.T) {
	s := start(t, nil)
	a := s.post(welshPage+"/letter", url.Values{"postcode": {"LS6 3HN"}, "constituency": {"W07000086"}})
	for _, want := range []string{"dros etholaeth Pen-y-bont", "Rwy’n byw yn etholaeth Pen-y-bont", "Annwyl ", "Yn gywir,"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the letter page lacks %q", want)
		}
	}
	if strings.Contains(a.body, "Bridgend") {
		t.Error("the letter page says Bridgend")
	}
	if english := s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}, "constituency": {"W07000086"}}); !strings.Contains(english.body, "Bridgend") || strings.Contains(english.body, "Pen-y-bont") {
		t.Error("the English page does not say Bridgend")
	}
}

func TestWelsh_AllConstituenciesByWelshNamesAndRegions(t *testing.T) {
	s := start(t, nil)
	a := s.post(welshPage+"/letter", url.Values{"postcode": {"LS6 3HN"}, "choose": {"all"}})
	for _, want := range []string{"Lloegr", "Gogledd-ddwyrain Lloegr", "Swydd Efrog a Humber", "Yr Alban", "Cymru", "Gogledd Iwerddon", "Ynys Môn", "Leeds North West"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"North East<", "Scotland", "Northern Ireland<", "Bridgend", "Cardiff"} {
		if strings.Contains(a.body, not) {
			t.Errorf("the page says %q", not)
		}
	}
	var names []string
	for _, m := range regexp.MustCompile(`value="W[0-9]{8}">([^<]+?) <small>`).FindAllStringSubmatch(a.body, -1) {
		names = append(names, m[1])
	}
	if len(names) != 32 || !slices.IsSortedFunc(names, strings.Compare) {
		t.Errorf("%d Welsh constituencies, in the order %q", len(names), names)
	}
}

// The whole way to a letter stays in Welsh, the mail and its link included.
func TestWelsh_TheWayStaysWelsh(t *testing.T) {
	s := start(t, nil)
	form := letter("constituency", "W07000086")
	for _, step := range []string{"/preview", "/send"} {
		a := s.post(welshPage+step, form)
		if a.StatusCode != 200 || !strings.Contains(a.body, `<html lang="cy"`) || !strings.Contains(a.body, "Pen-y-bont") && step == "/preview" {
			t.Errorf("%s: %s %q", step, a.Status, a.heading())
		}
	}
	mail := s.mails(1)[0]
	for _, want := range []string{"yr AS dros etholaeth Pen-y-bont", "ASau, nid Gwarchodwyr Ffiniau", "/cy/l/"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	private := regexp.MustCompile(`/cy/l/[A-Za-z0-9_-]{22}`).FindString(mail)
	if a := s.get(private); a.heading() != "Un gwasgiad, ac i ffwrdd ag ef" {
		t.Errorf("the private page says %q", a.heading())
	}
	if a := s.get(strings.TrimPrefix(private, "/cy")); a.heading() != "One press and it goes" {
		t.Errorf("its English twin says %q", a.heading())
	}
}
