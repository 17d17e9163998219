package e2e

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/db"
	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

const (
	atPledgeBook = atDeskCampaign + "/pledges"
	atDeskMPs    = "/organise/mps"
	atDeskLeeds  = atDeskMPs + "/" + leeds
)

// aFile is a file of pledges of which one line is wrong.
const aFile = "mp,date,evidence\nAldershot,2026-11-01,https://example.org/aldershot\nAtlantis,2026-11-02,\nCity of Durham,2026-11-03,\n"

// reported has a letter of a supporter sent, who then says that the MP pledged.
// It returns the address that the letter went to.
func (p *program) reported(answer campaign.Answer) string {
	p.t.Helper()
	ctx, link := context.Background(), p.submit(zofia)
	if err := p.app.Service().Confirm(ctx, token(link)); err != nil {
		p.t.Fatal(err)
	}
	to := p.smtp.Next(p.t).To[0]
	for p.state(link) != campaign.StateSent {
		if p.t.Context().Err() != nil {
			p.t.Fatal("the letter was never sent")
		}
	}
	if answer != "" {
		if err := p.app.Service().Reply(ctx, token(link), answer); err != nil {
			p.t.Fatal(err)
		}
	}
	return to
}

func tourDeskPledges(b *tab, _ *testkit.Clock, shot func(name string)) {
	b.signIn(account.Organiser)
	b.visit(atPledgeBook)
	shot("desk-pledges-empty")
	b.program.history()
	b.program.reported(campaign.AnswerPledged)
	b.visit(atPledgeBook + "?show=withdrawn")
	shot("desk-pledges")
	b.fill("#mp", "Chorle")
	b.fill("#date", "tomorrow")
	b.followFor(422, `section:has(#record) button`)
	shot("desk-pledges-wrong")
	b.visit(atPledgeBook + "?show=withdrawn")
	b.follow(".pledge-rows tbody tr:first-child th a")
	b.press("details:last-of-type summary")
	shot("desk-pledge")
	b.visit(atPledgeBook + "/import")
	shot("desk-import")
	b.fill("#csv", aFile)
	b.followFor(422, `button[value=look]`)
	shot("desk-import-wrong")
	b.fill("#csv", "mp,date,evidence\nLeeds Central and Headingley,2026-11-02,https://example.org/leeds\n")
	b.follow(`button[value=look]`)
	shot("desk-import-diff")
	b.visit(atDeskMPs + "?where=Wales")
	shot("desk-mps")
	b.visit(atDeskLeeds)
	b.press("details:first-of-type summary")
	b.fill("#email", "alex.sobel@example.org")
	b.fill("#source", "A phone call to the office")
	b.follow("details:first-of-type button")
	shot("desk-mp")
	b.visit(atDeskMPs + "/sync")
	shot("desk-sync")
	b.followFor(409, "#sync button")
	shot("desk-sync-refused")
	b.visit("/organise/digest")
	shot("desk-digest")
}

func TestDesk_Pledge(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.signIn(account.Organiser)
	b.visit(atPledgeBook)
	b.fill("#mp", "Leeds")
	b.fill("#date", "20/11/2026")
	b.fill("#note", "Letter of 20 November")
	b.followFor(422, `section:has(#record) button`)
	b.sees("neither an MP nor a constituency")
	if got := b.value("#note") + b.value("#date"); got != "Letter of 20 November20/11/2026" {
		t.Errorf("what was typed came back as %q", got)
	}
	b.fill("#mp", "Leeds Central and Headingley")
	b.follow(`section:has(#record) button`)
	b.sees("The pledge is recorded.", "Alex Sobel", "Letter of 20 November", "Noor the organiser")
	public := p.open(phone)
	public.visit(atCampaign + "/mps/leeds-central-and-headingley")
	public.sees("20 November 2026")
	public.seesNot("Letter of 20 November", "Noor the")

	// A second organiser has the page open, and is slower.
	second := p.open(desktop)
	second.signIn(account.Owner)
	second.visit(atPledgeBook)
	second.follow(".pledge-rows tbody a")
	b.follow(".pledge-rows tbody a")
	b.press("details:has(#withdraw-reason) summary")
	b.fill("#withdraw-withdrawn", "2026-11-22")
	b.fill("#withdraw-reason", "Said so at a hustings")
	b.follow("details:has(#withdraw-reason) button")
	b.sees("The withdrawal is recorded.", "Said so at a hustings")
	second.press("details:has(#correct-note) summary")
	second.fill("#correct-note", "Letter of 19 November")
	second.followFor(409, "details:has(#correct-note) button")
	second.sees("Somebody else was quicker", "2026-11-22", "Letter of 19 November")
	public.visit(atCampaign + "/mps/leeds-central-and-headingley")
	public.seesNot("hustings")
	if list, err := p.app.Service().Pledges(context.Background(), slug); err != nil || list.Standing != 0 {
		t.Errorf("%d pledges stand, %v", list.Standing, err)
	}
}

func TestDesk_PledgeImport(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Organiser)
	b.visit(atPledgeBook + "/import")
	b.fill("#csv", aFile)
	b.followFor(422, `button[value=look]`)
	b.sees("1 problem: nothing was changed", "Line 3:", "Atlantis")
	if n := p.rows("pledges") + b.count(`button[value=apply]`); n != 0 {
		t.Errorf("%d pledges, or buttons to apply a file with a mistake", n)
	}
	right := strings.Replace(aFile, "Atlantis,2026-11-02,\n", "", 1)
	b.fill("#csv", right)
	b.follow(`button[value=look]`)
	b.sees("2 to be added", "Mary Kelly Foy")
	if n := p.rows("pledges"); n != 0 {
		t.Errorf("a look recorded %d pledges", n)
	}
	// Somebody records one of them in between.
	if _, err := p.app.Service().AddPledge(context.Background(), slug, campaign.Pledge{MemberID: p.memberOf("E14001173"), On: "2026-11-03", RecordedBy: "Ali"}, campaign.Correction{}); err != nil {
		t.Fatal(err)
	}
	b.followFor(409, `button[value=apply]`)
	b.sees("The list has changed since you looked.", "1 to be added", "1 recorded already")
	b.follow(`button[value=apply]`)
	b.sees("The file is imported.", "Aldershot")
	if n := p.rows("pledges"); n != 2 {
		t.Errorf("%d pledges are recorded, not 2", n)
	}
}

func (p *program) memberOf(code string) int {
	p.t.Helper()
	roster, _ := p.app.Service().Roster()
	seat, ok := roster.Seat(code)
	if !ok {
		p.t.Fatalf("there is no seat %s", code)
	}
	return seat.Member.ID
}

func TestDesk_ReportOfAPledge(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.reported(campaign.AnswerPledged)
	b := p.open(phone)
	b.signIn(account.Organiser)
	b.visit(atPledgeBook)
	b.sees("1 supporter says that they pledged", "Alex Sobel")
	b.press("#reports ~ ul summary")
	b.fill("#reports ~ ul input[name=date]", "2026-11-20")
	b.followFor(422, "#reports ~ ul details button")
	b.sees("no note says where it is kept")
	b.fill("#reports ~ ul input[name=evidence]", "https://mp.example.org/pledge")
	b.follow("#reports ~ ul details button")
	b.sees("The report is confirmed.", "0 MPs reported")
	if n := b.count("#reports"); n != 0 {
		t.Error("the report waits still")
	}
	b.visit(atCampaign + "/mps/leeds-central-and-headingley")
	b.sees("20 November 2026")
}

// A corrected address is the one that letters go to, and a vacant seat's wait.
func TestDesk_CorrectAnAddress(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Organiser)
	second := p.open(phone)
	second.signIn(account.Owner)
	second.visit(atDeskLeeds)
	b.visit(atDeskLeeds)
	b.press("details:has(#email) summary")
	b.fill("#email", "not an address")
	b.fill("#source", "A phone call")
	b.arrive(422, func() {
		eval[int](b, `(document.querySelector("#email").form.noValidate = true, document.querySelector("#email").form.submit(), 0)`)
	})
	b.sees("Type one email address")
	b.fill("#email", "alex.sobel@office.example.org")
	b.follow("details:has(#email) button")
	b.sees("The address is corrected.", "alex.sobel@office.example.org", "A phone call", "Parliament lists alex.sobel.mp@parliament.uk")
	second.press("details:has(#email) summary")
	second.fill("#email", "another@office.example.org")
	second.fill("#source", "The website")
	second.followFor(409, "details:has(#email) button")
	second.sees("Somebody else was quicker", "alex.sobel@office.example.org", "another@office.example.org")
	if to := p.reported(""); to != "alex.sobel@office.example.org" {
		t.Errorf("the letter went to %s", to)
	}
	b.reload()
	b.press("details:has(#vacant-source) summary")
	b.fill("#vacant-source", "The news of today")
	b.follow("details:has(#vacant-source) button")
	b.sees("Letters to it are held.", "vacant")
	roster, _ := p.app.Service().Roster()
	if seat, _ := roster.Seat(leeds); !seat.Vacant() {
		t.Error("the seat is not vacant")
	}
	b.follow(`form[action$="/end"]:has([value="2"]) button`)
	b.sees("Parliament’s list holds again", "Alex Sobel")
}

func TestDesk_Sync(t *testing.T) {
	t.Parallel()
	roster, err := parliament.Load(db.FS)
	if err != nil {
		t.Fatal(err)
	}
	api := testkit.NewMembersAPI(t, roster)
	api.Keep(t, "Aldershot", "Leeds Central and Headingley")
	api.Edit(t, "Aldershot", func(m *testkit.APIMember) { m.Email = "new.address@parliament.uk" })
	p := start(t, func(_ *app.Options, settings map[string]string) { settings["POSTBAG_MEMBERS_API"] = api.URL })
	p.mayWarn = true
	b := p.open(desktop)
	b.signIn(account.Organiser)
	api.Fault(testkit.SearchPath, 1, testkit.FaultHTML)
	b.visit(atDeskMPs + "/sync")
	b.follow("#sync button")
	b.reloadUntil(`#sync[data-stage=failed]`)
	b.sees("could not be read. Nothing was changed.", "members API")
	b.follow("#sync button")
	b.visit(atDeskMPs) // it goes on
	b.visit(atDeskMPs + "/sync")
	b.reloadUntil(`#sync[data-stage=ready]`)
	b.sees("Not every seat is accounted for", "new.address@parliament.uk", "Alex Baker")
	b.followFor(409, `form[action$="/apply"] button`)
	b.sees("tick the box")
	// Somebody changes the roster in between, and nothing is applied unseen.
	if err := p.app.Service().CorrectMP(context.Background(), account.Actor{Name: "Ali"}, campaign.MPCorrection{
		Source: "A test", Correction: parliament.Correction{Constituency: leeds, Field: parliament.CorrectedEmail, Value: "sobel@office.example.org"},
	}); err != nil {
		t.Fatal(err)
	}
	b.press("#force")
	b.followFor(409, `form[action$="/apply"] button`)
	b.sees("The list of MPs has changed since you looked", "sobel@office.example.org")
	b.press("#force")
	b.follow(`form[action$="/apply"] button`)
	b.sees("Parliament’s list is in force.")
	now, _ := p.app.Service().Roster()
	aldershot, _ := now.ByName("Aldershot")
	sobel, _ := now.Seat(leeds)
	if aldershot.Member.Email != "new.address@parliament.uk" || sobel.Member.Email != "sobel@office.example.org" {
		t.Errorf("letters go to %q and %q", aldershot.Member.Email, sobel.Member.Email)
	}
	b.visit(atDeskMPs + "?show=vacant")
	b.sees("648 of 650 constituencies")
}

// On Monday morning the digest comes to those who want it, once.
func TestDesk_Digest(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, time.November, 22, 20, 0, 0, 0, campaign.London))
	p := start(t, at(clock))
	b := p.open(phone)
	b.signIn(account.Owner)
	p.reported(campaign.AnswerPledged)
	p.alter(`UPDATE accounts SET digest = 1`)
	b.visit("/organise/digest")
	b.sees("You get it.", "1 this week", "Supporters say that 1 MP has pledged")
	before := p.smtp.Accepted()
	clock.Advance(12*time.Hour - time.Minute)
	for (p.rows("digests") == 0 || p.smtp.Accepted() == before) && t.Context().Err() == nil {
		clock.Advance(time.Second) // a look at the database takes longer than the program needs to notice
	}
	mail := p.smtp.Next(t)
	text := string(mail.Data)
	if mail.To[0] != "owner@organisers.example" || !strings.Contains(text, "Letters confirmed: 1 this week") || strings.Contains(text, zofia.name) {
		t.Errorf("to %v:\n%s", mail.To, text)
	}
	clock.Advance(time.Hour)
	if n := p.rows("digests"); n != 1 || p.smtp.Accepted() != before+1 {
		t.Errorf("%d digests, %d mails", n, p.smtp.Accepted()-before)
	}
}

// alter runs a statement beside the program.
func (p *program) alter(q string) {
	p.t.Helper()
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(p.dir, store.FileName), RawQuery: "_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(q); err != nil {
		p.t.Fatal(err)
	}
}
