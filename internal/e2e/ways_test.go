package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"postbag/internal/campaign"
)

const (
	byPost     = `label[for=way-post]`
	byOwnEmail = `label[for=way-email]`
	sentBox    = `label[for=sent]`
	sentMyself = `form[action$="/sent-myself"] button`
	mailLink   = `a[href^="mailto:"]`
)

// keptNothing fails the test if anything about a letter was written down or sent.
func (p *program) keptNothing() {
	p.t.Helper()
	if n := p.rows("letters") + p.rows("people") + p.rows("outbox"); n != 0 || p.smtp.Accepted() != 0 {
		p.t.Errorf("a letter that goes without us left %d rows and %d mails", n, p.smtp.Accepted())
	}
}

// selfReported returns how many letters supporters say they sent.
func (p *program) selfReported() int { p.t.Helper(); return p.counts()[leeds].SelfReported }

// TestWays_post: whoever would rather print their letter gives no email address
// and leaves nothing here but, if they say so, a number.
func TestWays_post(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		d := phone
		d.noScript = off
		t.Run(map[bool]string{false: "with JavaScript", true: "without"}[off], func(t *testing.T) {
			t.Parallel()
			p := start(t)
			b := p.open(d)
			b.askFor(zofia.typed)
			quiet := zofia
			quiet.email = ""
			b.press(byPost)
			if eval[bool](b, `document.getElementById("email").checkVisibility()`) {
				t.Error("an email address is asked for")
			}
			for _, field := range zofia.fields() {
				if field[0] != campaign.FieldEmail {
					b.fill("#"+field[0], field[1])
				}
			}
			b.follow(toPreview)
			b.sees(p.say("preview.heading_post"), p.say("preview.not_kept"))
			if got := b.drafts(); !off && got != "[]" {
				t.Errorf("the page says that we keep nothing, and the tab remembers %s", got)
			}
			b.follow(toChange)
			for _, field := range zofia.fields() {
				if field[0] == campaign.FieldEmail || field[0] == campaign.FieldPhone { // which comes back written another way
					continue
				}
				if got := b.value("#" + field[0]); got != field[1] {
					t.Errorf("the form has lost %s: it holds %q", field[0], got)
				}
			}
			b.follow(toPreview)
			if n := b.count(toSend); n != 0 {
				t.Error("there is a button to send it")
			}
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
			paper := flat(b.text("body"))
			for _, want := range []string{
				zofia.name + "\n" + zofia.address1 + "\n" + zofia.address2 + "\n" + zofia.town + "\n" + zofia.postcode,
				"Alex Sobel MP\nHouse of Commons\nLondon SW1A 0AA", "Yours sincerely,\n\n" + zofia.name,
			} {
				if !strings.Contains(paper, flat(want)) {
					t.Errorf("on paper there is no %q:\n%s", want, paper)
				}
			}
			if !strings.HasSuffix(paper, flat(zofia.name)) || strings.Contains(paper, flat(p.say("preview.not_kept"))) {
				t.Errorf("more than the letter comes out of the printer:\n%s", paper)
			}
			b.restoreMedia()
			b.press(sentBox)
			b.follow(sentMyself)
			b.sees(p.say("thanks.heading"), p.say("share.heading"))
			if n := p.selfReported(); n != 1 {
				t.Errorf("%d letters are self-reported", n)
			}
			if got := b.drafts(); !off && got != "[]" {
				t.Errorf("the tab still remembers %s", got)
			}
			b.reload() // which sends the form once more
			if n := p.selfReported(); n != 1 {
				t.Errorf("%d letters are self-reported after a reload", n)
			}
			p.keptNothing()
		})
	}
}

// TestWays_ownEmail: the link into the mail program has the address that may be
// written to in this mode, and nothing is lost on the way.
func TestWays_ownEmail(t *testing.T) {
	t.Parallel()
	const mp = "alex.sobel.mp@parliament.uk"
	for name, mode := range map[string]struct {
		start   func(*testing.T) *program
		address string
	}{
		"mail is sent":     {start: func(t *testing.T) *program { return start(t) }, address: mp},
		"test mode":        {start: func(t *testing.T) *program { return start(t, testMode) }, address: "organiser@campaign.example"},
		"mail is captured": {start: func(t *testing.T) *program { return start(t, capturing) }, address: "mp@example.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mode.start(t)
			b := p.open(desktop)
			// All windows share one clipboard.
			b.beforeEveryPage(`window.copied = []; navigator.clipboard.writeText = async text => { copied.push(text); }`)
			b.askFor(zofia.typed)
			b.fill("#body", "She can’t ask & won’t: 100 % afraid?\n\nPlease sign.")
			b.press(byOwnEmail)
			for _, field := range zofia.fields() {
				if field[0] != campaign.FieldEmail {
					b.fill("#"+field[0], field[1])
				}
			}
			b.follow(toPreview)
			if got := b.drafts(); got != "[]" {
				t.Errorf("the tab still remembers %s", got)
			}
			letter := b.value("#copy-text")
			if !strings.HasPrefix(letter, "Dear Alex Sobel,\n\nShe can’t ask & won’t: 100 % afraid?\n\nPlease sign.\n\nYours sincerely,\n\n"+zofia.name) {
				t.Errorf("the letter is\n%s", letter)
			}
			link, err := url.Parse(b.attribute(`main .do `+mailLink, "href"))
			if err != nil {
				t.Fatal(err)
			}
			if link.Opaque != mode.address || b.value("#copy-to") != mode.address {
				t.Errorf("it goes to %s, to be copied is %s; want %s", link.Opaque, b.value("#copy-to"), mode.address)
			}
			if strings.Contains(link.RawQuery, "+") {
				t.Errorf("a plus stands in the link, which mail programs show as it is: %s", link.RawQuery)
			}
			if got := link.Query().Get("body"); got != strings.ReplaceAll(letter, "\n", "\r\n") || link.Query().Get("subject") != "Is your surgery safe for all?" {
				t.Errorf("the mail program gets %q about %q", got, link.Query().Get("subject"))
			}
			if mode.address != mp {
				b.seesNot(mp)
				b.sees(p.say("preview.test_address"))
			}

			for _, id := range []string{"copy-to", "copy-subject", "copy-text"} {
				b.press("[data-copy=" + id + "]")
				b.comes(`copied.at(-1) === document.getElementById(%s).value`, id)
				b.sees(p.say("preview.copied"))
			}
			p.keptNothing()
		})
	}
}

// TestWays_tooLong: a letter that no link can hold is copied, and the page says
// so.
func TestWays_tooLong(t *testing.T) {
	t.Parallel()
	p := start(t)
	d := phone
	d.noScript = true
	b := p.open(d)
	b.askFor(zofia.typed)
	b.press(byOwnEmail)
	b.fill("#body", zofia.opening)
	for _, field := range zofia.fields() {
		if field[0] != campaign.FieldEmail {
			b.fill("#"+field[0], field[1])
		}
	}
	b.follow(toPreview)
	b.sees(p.say("preview.lead_own_copy"), p.say("preview.open_short"), p.say("preview.copy_hint"))
	if link := b.attribute(`main .do `+mailLink, "href"); strings.Contains(link, "body=") || len(link) > 2000 {
		t.Errorf("the link is %s", link)
	}
	if n := eval[int](b, `[...document.querySelectorAll("[data-copy]")].filter(e => e.checkVisibility({visibilityProperty: true})).length`); n != 0 {
		t.Errorf("%d buttons to copy can do nothing", n)
	}
	// Without the tick nothing counts.
	if !eval[bool](b, `document.getElementById("sent").required`) {
		t.Error("the box need not be ticked")
	}
	p.keptNothing()
}

// tourWays goes on from a preview to the other ways in which a letter can go,
// and comes back to it.
func tourWays(b *tab, shot func(string)) {
	b.t.Helper()
	b.follow(toChange)
	shot("letter-changed")
	b.press(byPost)
	b.follow(toPreview)
	shot("preview-by-choice-post")
	b.follow(toChange)
	b.press(byOwnEmail)
	b.follow(toPreview)
	shot("preview-own-email")
	b.press(sentBox)
	b.follow(sentMyself)
	shot("sent-myself")
}
