package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"

	"postbag/internal/testkit"
)

// tourRest shows the pages that are no campaign's, a second campaign with a
// colour of its own, and what is said of a form that comes from another site and
// of a fault of ours.
func tourRest(t *testing.T, d device, see func(b *tab, name string)) {
	shipped := func(file string) string { return file }
	p := start(t, at(testkit.NewClock(monday)), holding(t, slug, shipped), holding(t, "second", func(file string) string {
		return strings.NewReplacer(
			`slug = "`+slug+`"`, "slug = \"second\"\naccent = \"#1f6f50\"",
			"MPs Not Border Guards", "Surgeries for All", "ASau, nid Gwarchodwyr Ffiniau", "Cymorthfeydd i Bawb",
		).Replace(file)
	}))
	b := p.open(d)
	b.visit("/")
	see(b, "home")
	b.visit("/c/second")
	see(b, "campaign-coloured")

	b.elsewhere = p.otherSite(b.localised(atLetter))
	b.reaches(b.elsewhere+"/", func() { call(b, page.Navigate, page.NavigateParams{URL: b.elsewhere + "/"}) })
	b.followFor(403, "button")
	see(b, "error-403")

	p.mayBreak = true
	db := p.database()
	_, err := db.Exec("DROP TABLE pledges")
	db.Close()
	if err != nil {
		t.Fatal(err)
	}
	b.visitFor(500, atMPs)
	see(b, "error-500")
}

// otherSite starts a site with a form that leads to a path of the program, and
// returns its address.
func (p *program) otherSite(path string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Weather</title><link rel="icon" href="data:,">
			<h1>Rain later</h1><form method="post" action="%s"><input type="hidden" name="postcode" value="LS6 3HN"><button>More</button></form>`, p.base+path)
	}))
	p.t.Cleanup(s.Close)
	return s.URL
}
