package e2e

import (
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// tour walks through every page in every state and shows each to see. Whoever
// adds a page or a state adds it here: it is then photographed, compared with
// how it looked before, and checked by axe.
func tour(t *testing.T, d device, see func(b *tab, name string)) {
	var b *tab
	shot := func(name string) { see(b, name) }
	d.touring = true
	clock := testkit.NewClock(monday)
	p := start(t, at(clock))
	p.mayWarn = true
	b = p.open(d)

	b.visit(atCampaign)
	shot("campaign")
	b.fill("#postcode", "LS6 3H")
	b.followFor(422, findMP)
	shot("campaign-malformed")
	b.askFor("LS1 1AA")
	shot("choose-few")
	b.follow(showAll)
	shot("choose-all")
	b.press("details:has([value=" + leeds + "]) summary")
	shot("choose-all-open")
	b.askFor("BT7 1NN")
	shot("choose-northern-ireland")
	b.askFor("JE2 3AB")
	shot("choose-jersey")
	b.askFor("PR7 1DP")
	shot("letter-speaker")
	b.askFor("PR1 2HE")
	shot("letter-no-email")
	b.details(amina)
	b.follow(toPreview)
	shot("preview-post")
	b.onPaper(func() { shot("preview-print") })

	b.askFor("LL57 2DG")
	shot("letter-wales")
	b.askFor(amina.typed)
	shot("letter")
	b.fill("#subject", "")
	b.fill("#name", "1234")
	b.fill("#email", "amina at example.org")
	b.fill("#phone", "0113")
	b.followFor(422, toPreview)
	shot("letter-wrong")
	b.send(amina)
	shot("check-email")
	b.visit(atCampaign)
	b.askFor(amina.typed)
	b.writeOpening(amina)
	b.details(amina)
	b.follow(toPreview)
	shot("preview")
	tourWays(b, shot)
	link := privateLink(t, p.smtp.Next(t))
	b.openPrivate(link)
	shot("private-awaiting")
	hold := make(chan struct{})
	p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: "alex.sobel.mp@parliament.uk", Hang: hold, Nth: 1})
	b.follow(toConfirm)
	b.reloadUntil(".postmark.sending")
	shot("private-sending")
	close(hold)
	p.smtp.Next(t)
	b.reloadUntil(".postmark.sent")
	b.openPrivate(link)
	shot("private-sent")
	b.onPaper(func() { shot("private-sent-print") })
	b.press("label[for=reply-real]")
	b.follow(`form[action$="/reply"] button`)
	shot("private-sent-replied")
	b.press("details:has(" + toErase + ") summary")
	shot("private-sent-erase-open")
	b.follow(toErase)
	shot("private-erased")

	state := func(name string, before, after func()) {
		s := amina
		s.email = name + "@example.org"
		b.openPrivate(p.submit(s))
		before()
		after()
		if b.count(".postmark."+name) == 0 {
			t.Errorf("the page for %s says %s", name, b.text("h1"))
		}
		shot("private-" + name)
	}
	confirm := func(wait string) func() {
		return func() {
			b.follow(toConfirm)
			b.reloadUntil(".postmark." + wait)
		}
	}
	mp := "alex.sobel.mp@parliament.uk"
	state("failed", func() {
		p.smtp.ClearScript()
		p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: mp, Reply: "550 5.1.1 No such user"})
	}, confirm("failed"))
	state("uncertain", func() {
		p.smtp.ClearScript()
		p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: mp, Drop: testkit.DropBefore})
	}, confirm("uncertain"))
	state("withdrawn", func() {
		b.press("details:has(" + toWithdraw + ") summary")
		shot("private-withdraw-open")
	}, func() { b.follow(toWithdraw) })
	state("expired", func() { clock.Advance(campaign.ConfirmWithin) }, func() {
		b.followFor(409, toConfirm)
		shot("private-expired-conflict")
		b.visit(strings.TrimSuffix(b.path(), "/confirm"))
	})
	state("held", func() { p.vacate(leeds) }, confirm("held"))
	b.askFor(amina.typed)
	shot("letter-vacant")
	b.details(amina)
	b.follow(toPreview)
	shot("preview-vacant")
	b.visitFor(404, "/nowhere")
	shot("error-404")
	b.visit("/accessibility")
	shot("accessibility")
	b.visit("/privacy")
	shot("privacy")
	b.visit("/api")
	shot("api")
	b.press("#getCounts ~ details summary")
	shot("api-example")
	b.visitFor(404, "/l/0123456789012345678901")
	shot("error-no-letter")

	c := start(t, capturing, at(testkit.NewClock(monday)))
	b = c.open(d)
	b.visit(atCampaign)
	shot("captured-campaign")
	b.visit("/dev/style")
	shot("dev-style")
	b.visit("/dev/mail")
	shot("captured-none")
	b.send(amina)
	shot("captured-check-email")
	b.visit("/dev/mail")
	shot("captured-list")
	b.follow(`.mails li:first-child a`)
	shot("captured-mail")
	k := start(t, at(testkit.NewClock(monday)))
	b = k.open(d)
	tourCheck(b, shot)
	tm := start(t, testMode, at(testkit.NewClock(monday)))
	b = tm.open(d)
	b.visit(atCampaign)
	shot("test-mode-campaign")

	tourHeld(t, d, see)
	tourMPs(t, d, see)
	tourRest(t, d, see)
	tourEmbed(t, d, see)
	tourOptIns(t, d, see)
	if d.lang == "" { // the workspace is in English
		tourDesk(t, d, see)
	}
}
