package e2e

import (
	"fmt"
	"net/smtp"
	"strings"
	"testing"

	"postbag/internal/app"
)

// TestBounce: what comes back to a letter's own envelope address reaches its
// supporter: a report that it was not delivered as a mail and on the private page,
// an answer as it came.
func TestBounce(t *testing.T) {
	t.Parallel()
	p := start(t, func(_ *app.Options, settings map[string]string) {
		settings["POSTBAG_BOUNCE_ADDRESS"] = "bounces@letters.example.org"
		settings["POSTBAG_BOUNCE_LISTEN"] = "smtp://127.0.0.1:0"
	})
	b := p.open(phone)
	b.visit("/c/" + slug)
	b.write(zofia)
	confirm := p.smtp.Next(t)
	if confirm.From == mailFrom || !strings.HasPrefix(confirm.From, "bounces+") {
		t.Errorf("the mail to confirm by is from %s", confirm.From)
	}
	own := p.open(desktop)
	own.openPrivate(privateLink(t, confirm))
	own.follow(toConfirm)
	letter := p.smtp.Next(t)
	own.reloadUntil(".postmark.sent")
	if letter.From == confirm.From || !strings.HasSuffix(letter.From, "@letters.example.org") {
		t.Fatalf("the letter is from %s, the mail before from %s", letter.From, confirm.From)
	}
	comes := func(to, message string) error {
		return smtp.SendMail(p.app.Bounces(), nil, "", []string{to}, []byte(strings.ReplaceAll(message, "\n", "\r\n")))
	}

	report := fmt.Sprintf("From: MAILER-DAEMON@relay.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"+
		"--x\nContent-Type: text/plain\n\nIt could not be delivered.\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"+
		"Final-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--x--\n", letter.To[0])
	for range 2 { // the second time changes nothing
		if err := comes(letter.From, report); err != nil {
			t.Fatal(err)
		}
	}
	told := p.smtp.Next(t)
	if told.To[0] != zofia.email || !strings.Contains(string(told.Data), "came back") {
		t.Errorf("to %s:\n%s", told.To, told.Data)
	}
	own.reload()
	own.sees(p.say("held.no_mailbox"))
	const answer = "From: Office of the MP <office@parliament.example>\nSubject: Automatic reply: Your letter\nAuto-Submitted: auto-replied\nMessage-ID: <1@parliament.example>\n\nThank you for writing. We answer within ten days.\n"
	if err := comes(letter.From, answer); err != nil {
		t.Fatal(err)
	}
	passed := p.smtp.Next(t)
	if passed.To[0] != zofia.email || !strings.Contains(string(passed.Data), "We answer within ten days.") {
		t.Errorf("to %s:\n%s", passed.To, passed.Data)
	}
	if err := comes("bounces+nonsense@letters.example.org", report); err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("a made-up address: %v", err)
	}
	if n := p.smtp.Accepted(); n != 4 {
		t.Errorf("%d mails were sent, want 4", n)
	}
}
