package e2e

import (
	"fmt"
	"testing"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

// The controls of the editor.
const (
	toSave = `#edit .save button`
	toLook = `button[value=look]`
)

// mayLeave lets a window leave a page whose preview is still being fetched, as
// anybody does who types and then presses a button.
func (b *tab) mayLeave() { b.mayFail = "net::ERR_ABORTED" }

// byName is the field of a form by its name.
func byName(name string) string { return fmt.Sprintf("[name=%q]", name) }

func tourDeskCampaigns(b *tab, _ *testkit.Clock, shot func(name string)) {
	b.signIn(account.Owner)
	b.mayLeave()
	b.visit(atDesk + "/campaigns/new")
	shot("desk-campaign-new")
	b.followFor(422, "main form button")
	shot("desk-campaign-new-wrong")
	for _, page := range []struct{ name, path string }{
		{"hub", "/edit"}, {"texts", "/edit/texts/en"}, {"organisations", "/edit/campaign"}, {"letter", "/edit/letters/ask/cy"}, {"rules", "/edit/rules"},
		{"file", "/edit/file"}, {"coverage", "/coverage"}, {"preview", "/preview?seat=Chorley&lang=cy"}, {"state", "/state"},
		{"public", "/preview/page"}, {"public-letter", "/preview/letter"}, {"public-paused", "/preview/page?stage=paused"}, {"public-closed", "/preview/page?stage=closed"},
	} {
		b.visit(atDeskCampaign + page.path)
		shot("desk-campaign-" + page.name)
	}
	b.visit(atDeskCampaign + "/state")
	b.follow(`form[action$="/state"]:has([value=closed]) button`)
	shot("desk-campaign-close")
	b.visit(atDesk + "/campaigns/new?clone=" + slug)
	b.fill(byName("title"), "Copy")
	b.fill(byName("slug"), "copy")
	b.follow("main form button")
	b.visit(atDesk + "/c/copy/state")
	b.follow(`form[action$="/state"] button`)
	shot("desk-campaign-launch")
	b.visit(atDeskCampaign + "/edit/letters/ask/en")
	b.fill(byName("texts.en.letters.ask.subject"), "For {town}")
	b.followFor(422, toSave)
	shot("desk-campaign-letter-wrong")
	other := b.program.open(phone)
	other.signIn(account.Organiser)
	other.mayLeave()
	for i, w := range []*tab{other, b} {
		w.visit(atDeskCampaign + "/edit/letters/ask/en")
		w.fill(byName("texts.en.letters.ask.subject"), fmt.Sprintf("Subject %d", i))
	}
	other.follow(toSave)
	b.followFor(409, toSave)
	shot("desk-campaign-stale")
	b.visit(atDeskCampaign + "/versions")
	shot("desk-campaign-versions")
	b.visit(atDeskCampaign + "/versions/2")
	shot("desk-campaign-version")
}

// A campaign from nothing to its end, as organisers and supporters see it.
func TestDesk_CampaignFromNothingToItsEnd(t *testing.T) {
	t.Parallel()
	p := start(t)
	b, public := p.open(desktop), p.open(phone)
	b.signIn(account.Organiser)
	b.mayLeave()
	b.visit(atDesk + "/campaigns/new")
	b.fill(byName("title"), "Save the library")
	b.fill(byName("slug"), "library")
	b.follow("main form button")
	const at, open = atDesk + "/c/library", "/c/library"
	b.at(at + "/edit")
	public.visitFor(404, open)

	b.visit(at + "/state")
	if b.count(`form[action$="/state"] button:disabled`) != 1 {
		t.Error("a draft without texts can go live")
	}
	b.visit(at + "/edit/texts/en")
	for _, key := range []string{"headline", "lead", "description", "ask"} {
		b.fill(byName("texts.en."+key), "Keep the library of our town open.")
	}
	b.follow(toSave)
	for _, key := range []string{"ask", "thanks"} {
		b.visit(at + "/edit/letters/" + key + "/en")
		b.fill(byName("texts.en.letters."+key+".subject"), "The library: "+key)
		b.fill(byName("texts.en.letters."+key+".body"), "I live in {constituency}, and I read.")
		b.follow(toSave)
	}

	// A rule, its letter, and what it catches.
	b.visit(at + "/edit")
	b.press("details summary")
	b.fill(byName("key"), "leeds")
	b.follow(`form[action$="/add"]:has(select) button`)
	b.at(at + "/edit/letters/leeds/en")
	b.fill(byName("texts.en.letters.leeds.subject"), "The library of Leeds")
	b.fill(byName("texts.en.letters.leeds.body"), "I live in {town}.")
	b.comes(`document.querySelector("#look").innerText.includes("mended")`) // the preview follows
	b.followFor(422, toSave)
	b.sees("unknown placeholder {town}", "Line 1:")
	b.fill(byName("texts.en.letters.leeds.body"), "I live in {constituency}, by the library.")
	b.comes(`document.querySelector("#look").innerText.includes(", by the library.")`)
	b.follow(toSave)
	b.visit(at + "/edit/rules")
	b.follow(`button[value="rules add"]`)
	b.fill(byName("rules.1.name"), "Leeds")
	b.fill(byName("rules.1.constituency"), "Leeds Central and Headingley")
	eval[any](b, `document.querySelector('[name="rules.1.then"]').value = "letter leeds"`)
	b.follow(`button[value="rules up 1"]`)
	if got := b.value(byName("rules.0.name")); got != "Leeds" {
		t.Errorf("the first rule is %q", got)
	}
	b.follow(toSave)
	b.visit(at + "/coverage")
	if got, seats := b.text(".covers li:first-child h2"), b.count(".covers li:first-child .seat-list li"); got != "Rule 1\nLeeds\n1 constituency" || seats != 1 {
		t.Errorf("the rule catches %q, %d seats", got, seats)
	}
	b.visit(at + "/preview")
	b.fill(byName("seat"), "LS6 3HN")
	b.follow("main form button")
	b.sees("Rule 1 decides.", "I live in Leeds Central and Headingley, by the library.")
	b.visit(at + "/preview?seat=City+of+Durham&pledge=pledged")
	b.sees("The library: thanks")

	b.visit(at + "/state")
	b.follow(`form[action$="/state"] button`)
	b.sees("cannot become a draft again")
	public.visitFor(404, open)
	b.follow(`form[action$="/state"] button`)
	b.sees("The campaign is live.")
	public.visit(open)
	public.fill("#postcode", amina.typed)
	public.follow(findMP)
	if got := public.value("#body"); got != "I live in Leeds Central and Headingley, by the library." {
		t.Errorf("the letter begins as %q", got)
	}
	public.details(amina)
	public.follow(toPreview)

	b.follow(`form[action$="/state"]:has([value=paused]) button`)
	public.followFor(409, toSend)
	public.sees(p.say("campaign.paused"), "by the library.")
	b.follow(`form[action$="/state"]:has([value=live]) button`)
	public.follow(`.stopped form button`)
	link := privateLink(t, p.smtp.Next(t))
	public.openPrivate(link)
	public.follow(toConfirm)
	p.smtp.Next(t)
	if rows := p.rows("letters"); rows != 1 {
		t.Errorf("%d letters", rows)
	}

	b.follow(`form[action$="/state"]:has([value=closed]) button`)
	b.follow(`form[action$="/state"] button`)
	b.sees("It has been public")
	public.visit(open)
	public.sees(p.say("campaign.closed_text"))
	if public.count("#postcode") != 0 {
		t.Error("a closed campaign asks for a postcode")
	}
	public.visit(open + "/mps")
	public.visit(open + "/check")
}

// Two organisers change the same letter at once: the second sees both, and
// neither loses a word.
func TestDesk_StaleEdit(t *testing.T) {
	t.Parallel()
	p := start(t)
	first, second := p.open(desktop), p.open(phone)
	first.signIn(account.Owner)
	first.mayLeave()
	second.signIn(account.Organiser)
	second.mayLeave()
	const subject = "texts.en.letters.ask.subject"
	for i, w := range []*tab{first, second} {
		w.visit(atDeskCampaign + "/edit/letters/ask/en")
		w.fill(byName(subject), fmt.Sprintf("Subject of %d", i+1))
	}
	first.follow(toSave)
	second.followFor(409, toSave)
	second.sees("Subject of 1", "Subject of 2")
	second.follow("main form .do button")
	second.visit(atDeskCampaign + "/edit/letters/ask/en")
	if got := second.value(byName(subject)); got != "Subject of 2" {
		t.Errorf("the subject is %q", got)
	}
	second.visit(atDeskCampaign + "/versions")
	if n := second.count("tbody tr"); n != 3 {
		t.Errorf("%d versions, want 3", n)
	}
	second.visit(atDeskCampaign + "/versions/2")
	second.follow(`form[action$="/restore"] button`)
	second.visit(atDeskCampaign + "/edit/letters/ask/en")
	if got := second.value(byName(subject)); got != "Subject of 1" {
		t.Errorf("restored, the subject is %q", got)
	}
}
