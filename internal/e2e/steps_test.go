package e2e

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"postbag/internal/campaign"
)

// The controls of the pages, named by what they do.
const (
	findMP     = `form[action$="/letter"]:not(.near) button:not([name])`
	toPreview  = `form[action$="/preview"] button.btn:not([name], [type])`
	toSend     = `form[action$="/send"] button`
	toChange   = `form[action$="/letter"] button`
	notMine    = `button[name=choose][value=all]`
	toConfirm  = `form[action$="/confirm"] button`
	toWithdraw = `form[action$="/withdraw"] button`
	toErase    = `form[action$="/erase"] button`
	verbatim   = `.verbatim` // the letter, to the character

	otherLanguage = `button.twin`
)

// The pages, named by where a form leads.
const (
	atCampaign = "/c/" + slug
	atLetter   = "/c/" + slug + "/letter"
	atPreview  = "/c/" + slug + "/preview"
	atSend     = "/c/" + slug + "/send"
)

// at fails the test unless the window shows the page of this address.
func (b *tab) at(path string) {
	b.t.Helper()
	if got := b.path(); got != path {
		b.t.Fatalf("the window shows %s, not %s; it says:\n%s", got, path, b.text("body"))
	}
}

// askFor types a postcode on the campaign page and sends it off.
func (b *tab) askFor(postcode string) {
	b.t.Helper()
	b.visit(atCampaign)
	b.fill("#postcode", postcode)
	b.follow(findMP)
}

// writeOpening puts the supporter's own words before the campaign's.
func (b *tab) writeOpening(s supporter) {
	b.t.Helper()
	b.press("#body")
	b.do(chromedp.KeyEvent(kb.Home, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.insert(s.opening + "\n\n")
}

// details fills in who the letter is from.
func (b *tab) details(s supporter) {
	b.t.Helper()
	for _, field := range s.fields() {
		if b.count("#"+field[0]) == 1 {
			b.fill("#"+field[0], field[1])
		}
	}
}

// fields are the names of the form's fields about the supporter, with what
// they type.
func (s supporter) fields() [][2]string {
	return [][2]string{
		{campaign.FieldName, s.name}, {campaign.FieldAddress1, s.address1}, {campaign.FieldAddress2, s.address2},
		{campaign.FieldTown, s.town}, {campaign.FieldPhone, s.phone}, {campaign.FieldEmail, s.email},
	}
}

// signature is how the letter ends.
func (s supporter) signature() string {
	return strings.Join([]string{s.name, s.number, s.address1, s.address2, s.town, s.postcode}, "\n")
}

// send goes all the way from the campaign page to "check your email" and
// returns the letter as it was previewed.
func (b *tab) send(s supporter) string {
	b.t.Helper()
	b.askFor(s.typed)
	b.at(atLetter)
	b.details(s)
	b.follow(toPreview)
	b.at(atPreview)
	letter := b.content(verbatim)
	b.follow(toSend)
	b.at(atSend)
	return letter
}

// openPrivate opens the private link that a mail brought, in the language of
// the device.
func (b *tab) openPrivate(link string) {
	b.t.Helper()
	if !strings.HasPrefix(link, b.program.base+"/") || !strings.Contains(link, "/l/") {
		b.t.Fatalf("the mail links to %s", link)
	}
	b.visit("/l/" + token(link))
}

// reloadUntil loads the page again, until it has an element. Each time waits for
// a whole page, and the test's own limit ends it.
func (b *tab) reloadUntil(css string) {
	b.t.Helper()
	b.reload()
	for b.count(css) == 0 {
		if b.ctx.Err() != nil {
			b.t.Fatalf("the page never came to show %s; it says:\n%s", css, b.text("body"))
		}
		b.reload()
	}
}
