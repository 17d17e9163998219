package e2e

import (
	"strings"
	"testing"
)

// TestModes_captured: without a mail server every page says that nothing is
// delivered, and the mail is there to be read and its link to be followed.
func TestModes_captured(t *testing.T) {
	t.Parallel()
	p := start(t, capturing)
	b := p.open(phone)
	banner, _, _ := strings.Cut(p.say("layout.captured"), "[")
	b.askFor(zofia.typed)
	b.sees(banner)
	b.details(zofia)
	b.follow(toPreview)
	b.sees(banner)
	letter := b.content(verbatim)
	b.follow(toSend)
	b.sees(banner)
	b.follow(`main a[href="/dev/mail"]`)
	b.reloadUntil(`.mails li:first-child a`)
	b.follow(`.mails li:first-child a`)
	b.follow(`.verbatim a[href*="/l/"]`)
	b.follow(toConfirm)
	b.reloadUntil(".postmark.sent")
	b.visit("/dev/mail")
	if got := b.count(".mails li"); got != 2 {
		t.Errorf("%d mails are listed, not 2", got)
	}
	b.follow(`.mails li:first-child a`)
	if got := strings.TrimRight(b.content(verbatim), "\n"); got != letter {
		t.Errorf("the captured letter is\n%s", got)
	}
	if n := p.smtp.Connections(); n != 0 {
		t.Errorf("somebody talked to the mail server, %d times", n)
	}
}

// TestModes_testRecipient: every page says it, and no MP gets anything.
func TestModes_testRecipient(t *testing.T) {
	t.Parallel()
	p := start(t, testMode)
	b := p.open(desktop)
	b.visit("/")
	b.sees(p.say("layout.test"))
	b.openPrivate(p.submit(zofia))
	b.sees(p.say("layout.test"))
	b.follow(toConfirm)
	m := p.smtp.Next(t)
	if got := read(t, m); m.To[0] != "organiser@campaign.example" || !strings.HasPrefix(got.subject, "[TEST] ") {
		t.Errorf("the letter went to %s about %q", m.To, got.subject)
	}
}
