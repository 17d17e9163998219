package e2e

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"postbag/internal/account"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

func tourDeskDashboard(b *tab, clock *testkit.Clock, shot func(name string)) {
	b.signIn(account.Owner)
	b.visit(atDeskCampaign)
	shot("desk-dashboard-empty")
	b.visit(atDesk) // whose page asks for nothing by itself
	b.program.pledge(leeds)
	b.program.fill(3000, clock)
	b.visit(atDeskCampaign)
	shot("desk-dashboard")
	b.visit(atDeskCampaign + "?map=pledge&range=today&region=Wales&letters=0")
	shot("desk-dashboard-narrow")
	b.visitFor(422, atDeskCampaign+"?from=2026-11-20&to=2026-11-01")
	shot("desk-dashboard-wrong")
	b.visit(atDesk)
	shot("desk-home-letters")
}

// fill writes letters into the program's database, as a campaign of two months
// leaves them.
func (p *program) fill(letters int, clock *testkit.Clock) {
	p.t.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		p.t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	testkit.FillLetters(p.t, raw, testkit.Letters{Number: letters, Campaign: 1, Until: clock.Now()})
}

// TestDesk_DashboardByItself: a letter that is sent in another window is on the
// dashboard a moment later, and whoever works there is not disturbed.
func TestDesk_DashboardByItself(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.signIn(account.Viewer)
	b.visit(atDeskCampaign)
	b.comes(`document.getElementById("live").textContent != ""`)
	b.press("#figures summary")
	b.fill("#q", "leeds")
	b.comes(`document.getElementById("shown").textContent == "7"`)
	const where = `document.getElementById("q").getBoundingClientRect().top`
	before := eval[float64](b, where)
	other := p.in(t).open(phone)
	other.openPrivate(p.submit(zofia))
	b.comes(`document.querySelector(".tile:nth-child(3) b").textContent == "1"`)
	other.follow(toConfirm)
	p.smtp.Next(t)
	b.comes(`document.querySelector(".tile:nth-child(2) b").textContent == "1"`)
	b.comes(`document.querySelector("#E14001319 td:nth-child(5)").textContent == "1"`)
	if got := eval[string](b, `document.activeElement.id + " " + document.getElementById("q").value + " " + document.getElementById("figures").open + " " + document.getElementById("shown").textContent`); got != "q leeds true 7" {
		t.Errorf("afterwards: %s", got)
	}
	if after := eval[float64](b, where); after-before > 2 || before-after > 2 {
		t.Errorf("the field that is typed in moved from %.0f to %.0f", before, after)
	}
	// Filters and orders are taken in place as well, and Back leads back.
	b.press(`.seats thead th:first-child a`)
	b.comes(`document.querySelector("[aria-sort]").textContent == "Constituency" && location.search.includes("sort=place")`)
	if n := b.arrivals(); n != eval[int](b, `performance.getEntriesByType("navigation").length`)+n-1 {
		t.Error("it loaded another page")
	}
	eval[any](b, `history.back()`)
	b.comes(`document.querySelector("[aria-sort]").textContent == "Letters"`)
}

// TestDesk_DashboardWithoutScripts: everything is a page of the server's.
func TestDesk_DashboardWithoutScripts(t *testing.T) {
	t.Parallel()
	d := desktop
	d.noScript = true
	p := start(t)
	b := p.open(d)
	b.signIn(account.Viewer)
	b.visit(atDeskCampaign)
	if n := b.count(".seats tbody tr"); n != 650 {
		t.Errorf("%d rows", n)
	}
	b.follow(".seats thead th:nth-child(1) a")
	if got := b.text(".seats tbody tr:first-child th"); got != "Aberafan Maesteg" {
		t.Errorf("sorted by name, the first is %s", got)
	}
	b.fill("#q", "leeds")
	b.follow("#sieve button")
	if n := b.count(".seats tbody tr"); n != 7 {
		t.Errorf("%d rows with Leeds in their names", n)
	}
	if !strings.Contains(b.attribute(`.seats thead th:nth-child(1)`, "aria-sort"), "ascending") {
		t.Error("the order is lost")
	}
	b.follow(".shown a")
	b.follow(`#time .ways li:nth-child(2) a`)
	b.sees("7 days")
	b.follow(`#map .ways li:nth-child(2) a`)
	b.sees("not pledged")
}

// TestDesk_DashboardByKeyboard: past the map's 650 links there is a way.
func TestDesk_DashboardByKeyboard(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.signIn(account.Viewer)
	b.visit(atDeskCampaign)
	b.tabTo("#from")
	b.tabTo(".jump a")
	b.key(kb.Enter)
	b.tabTo("#q")
	b.tabTo("#f-letters")
	b.tabTo(".seats thead th:last-child a")
}

// TestDesk_DashboardWalls: a viewer sees it, a partner does not.
func TestDesk_DashboardWalls(t *testing.T) {
	t.Parallel()
	p := start(t)
	viewer := p.open(phone)
	viewer.signIn(account.Viewer)
	viewer.visit(atDeskCampaign)
	viewer.sees("What to do next")
	partner := p.in(t).open(phone)
	partner.signIn(account.Partner)
	p.mayWarn = true // who tries what they may not is logged
	partner.visitFor(403, atDeskCampaign)
	partner.seesNot("What to do next")
}
