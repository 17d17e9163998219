package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"

	"postbag/internal/campaign"
)

// TestLetter_everyFieldWrong: each is said beside its field and in a list on
// top, nothing typed is lost, and nothing is kept or sent.
func TestLetter_everyFieldWrong(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.askFor(zofia.typed)
	mistakes := []struct{ field, typed, sentence string }{
		{campaign.FieldSubject, "   ", "field.subject.missing"},
		{campaign.FieldBody, "", "field.body.missing"},
		{campaign.FieldName, "1234", "field.name.letters"},
		{campaign.FieldAddress1, "", "field.address1.missing"},
		{campaign.FieldAddress2, strings.Repeat("Hyde Park ", 11), "field.address2.long"},
		{campaign.FieldTown, " ", "field.town.missing"},
		{campaign.FieldPhone, "0113", "field.phone.invalid"},
		{campaign.FieldEmail, "zofia at supporter.example", "field.email.at"},
	}
	for _, m := range mistakes {
		b.fill("#"+m.field, m.typed)
	}
	b.followFor(422, toPreview)
	var sentences []string
	for _, m := range mistakes {
		b.wrong(m.field, p.say(m.sentence), m.typed)
		sentences = append(sentences, p.say(m.sentence))
	}
	if listed := b.list(`.errors[role=alert] a`); !slices.Equal(listed, sentences) {
		t.Errorf("the list on top is not in the order of the page: %q", listed)
	}
	b.press(`.errors a[href="#email"]`)
	if got := b.focused(); got != "email" {
		t.Errorf("the link in the list leads to %q", got)
	}
	if n := p.rows("letters") + p.rows("people") + p.rows("outbox"); n != 0 || p.smtp.Accepted() != 0 {
		t.Errorf("a letter that will not do left %d rows and %d mails", n, p.smtp.Accepted())
	}

	b.fill("#subject", "My neighbour")
	b.fill("#body", zofia.opening)
	b.details(zofia)
	b.follow(toPreview)
	b.at(atPreview)
	b.showsLetter("Dear Alex Sobel,\n\n" + zofia.opening + "\n\nYours sincerely,\n\n" + zofia.signature())
}

// focused returns the id of the element that the keyboard goes to.
func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, `document.activeElement.id`)
}

// TestLetter_change goes from the preview back to the form by our button.
func TestLetter_change(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.askFor(zofia.typed)
	b.fill("#subject", "About “my neighbour” <b>& me</b>")
	b.writeOpening(zofia)
	body := b.value("#body")
	b.details(zofia)
	b.follow(toPreview)
	for range 2 { // once more with what has been made tidy
		b.follow(toChange)
		b.at(atLetter)
		b.holds("About “my neighbour” <b>& me</b>", body)
		b.follow(toPreview)
		b.sees("About “my neighbour” <b>& me</b>")
	}
	b.follow(toSend)
	b.follow(toChange) // from "check your email", to mend the address
	b.at(atLetter)
	b.holds("About “my neighbour” <b>& me</b>", body)
	p.smtp.Next(t)
}

// TestLetter_otherLanguage turns to the Welsh page while writing and to the
// English one from the preview, with and without JavaScript.
func TestLetter_otherLanguage(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		t.Run(map[bool]string{true: "without JavaScript", false: "with JavaScript"}[off], func(t *testing.T) {
			t.Parallel()
			p := start(t)
			d := phone
			d.noScript = off
			b := p.open(d)
			b.askFor(zofia.typed)
			b.fill("#subject", "About my neighbour")
			b.writeOpening(zofia)
			body := b.value("#body")
			b.details(zofia)
			b.follow(otherLanguage)
			b.at("/cy" + atLetter)
			b.sees("Rhowch eich stamp ar y llythyr hwn")
			b.holds("About my neighbour", body)
			b.press("#town") // the language is not what Enter changes
			b.arrive(200, func() { b.key(kb.Enter) })
			b.at("/cy" + atPreview)
			letter := b.content(verbatim)
			b.follow(otherLanguage)
			b.at(atPreview)
			if got := b.content(verbatim); got != letter {
				t.Errorf("the letter was\n%s\nand is\n%s", letter, got)
			}
			b.follow(toSend)
			if got := read(t, p.smtp.Next(t)); !strings.Contains(got.subject, "Please confirm") {
				t.Errorf("the mail is about %q", got.subject)
			}
		})
	}
}

// TestLetter_back goes from the preview back to the form by the browser's own
// button.
func TestLetter_back(t *testing.T) {
	t.Parallel()
	for _, d := range []device{phone, desktop} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			b := p.open(d)
			b.askFor(zofia.typed)
			b.fill("#subject", "About my neighbour")
			b.writeOpening(zofia)
			body := b.value("#body")
			b.details(zofia)
			b.follow(toPreview)
			b.back()
			b.at(atLetter)
			b.holds("About my neighbour", body)
		})
	}
}

// holds fails the test unless the form holds this text and zofia's details.
func (b *tab) holds(subject, body string) {
	b.t.Helper()
	want := append(zofia.fields(), [2]string{campaign.FieldSubject, subject}, [2]string{campaign.FieldBody, body})
	for _, field := range want {
		got := b.value("#" + field[0])
		if field[0] == campaign.FieldPhone && got == zofia.number {
			continue // made tidy
		}
		if got != field[1] {
			b.t.Errorf("%s held %q and now holds %q", field[0], field[1], got)
		}
	}
}

// back presses the browser's own button.
func (b *tab) back() {
	b.t.Helper()
	before := b.arrivals()
	history := call(b, page.GetNavigationHistory, cdp.Empty{})
	call(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
	if err := b.until(b.ctx, func() bool { return b.loads > before }); err != nil {
		b.t.Fatalf("no page came back: %v", err)
	}
}

// TestLetter_byPost: an MP without an email address gets a letter on paper,
// and so does whoever comes after the one who has just left. Nothing is kept.
func TestLetter_byPost(t *testing.T) {
	t.Parallel()
	for name, seat := range map[string]struct {
		postcode, letterTo, paperTo, dear string
		vacate                            string
		note                              string
	}{
		"no email": {
			postcode: "PR1 2HE", letterTo: "Sir Mark Hendrick MP", paperTo: "Sir Mark Hendrick MP",
			dear: "Dear Mark Hendrick,", note: "letter.no_email",
		},
		"vacant": {
			postcode: zofia.postcode, letterTo: "Nobody holds this seat", paperTo: "The Member for Leeds Central and Headingley",
			dear: "Dear Member for Leeds Central and Headingley,", vacate: leeds, note: "letter.vacant",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			if seat.vacate != "" {
				p.vacate(seat.vacate)
			}
			b := p.open(phone)
			b.askFor(seat.postcode)
			b.at(atLetter)
			b.sees(seat.letterTo, p.say(seat.note, "mp", "Sir Mark Hendrick"))
			if n := b.count("#email"); n != 0 {
				t.Error("a letter on paper asks for an email address")
			}
			b.details(zofia)
			b.follow(toPreview)
			b.at(atPreview)
			if n := b.count(toSend) + b.count(`[formaction$="/send"]`); n != 0 {
				t.Errorf("a letter on paper has %d buttons to send it", n)
			}
			letter := b.content(verbatim)
			if !strings.HasPrefix(letter, seat.dear+"\n\n") || !strings.HasSuffix(letter, "\n"+zofia.address1+"\n"+zofia.address2+"\n"+zofia.town+"\n"+seat.postcode) {
				t.Errorf("the letter is\n%s", letter)
			}
			// Only the letter comes out of the printer, under its address, with the
			// sender at its head and not once more at its foot.
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
			address := zofia.address1 + "\n" + zofia.address2 + "\n" + zofia.town + "\n" + seat.postcode
			head := zofia.name + "\n" + address + "\n" + zofia.number
			to := seat.paperTo + "\nHouse of Commons\nLondon SW1A\u00a00AA\n" + "Is your surgery safe for all?\n"
			text, _ := strings.CutSuffix(letter, "\n"+zofia.number+"\n"+address)
			got := flat(b.text("body"))
			if day, found := strings.CutPrefix(got, flat(head)); !found || !strings.HasSuffix(day, flat(to+text)) || !strings.Contains(day[:25], " 20") {
				t.Errorf("on paper stands\n%s", got)
			}
			if n := p.rows("letters") + p.rows("people") + p.rows("outbox"); n != 0 || p.smtp.Accepted() != 0 {
				t.Errorf("a letter on paper left %d rows and %d mails", n, p.smtp.Accepted())
			}
		})
	}
}
