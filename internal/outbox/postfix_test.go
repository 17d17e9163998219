package outbox_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

const postfixDomain = "parliament.uk"

// ofPostfix finds the first so many MPs with an address in its domain.
func (d *day) ofPostfix(n int) (mps []int, addresses []string) {
	for mp := range d.seats {
		if email := strings.ToLower(d.email(mp)); strings.HasSuffix(email, "@"+postfixDomain) && len(mps) < n {
			mps, addresses = append(mps, mp), append(addresses, email)
		}
	}
	return mps, addresses
}

// A real mail server puts letters into mailboxes, as they were written.
func TestPostfix_delivers(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	mps, addresses := d.ofPostfix(5)
	p := testkit.StartPostfix(t, testkit.PostfixConfig{Domain: postfixDomain, Mailboxes: addresses})
	key := must[mailer.DKIMKey](t)(mailer.NewDKIMKey("k1", mailer.DKIMEd25519))
	text := "Dear Member,\n\n.A line that begins with a dot.\n..\n" + strings.Repeat("One paragraph, far longer than a line of mail may be, with an é and a €. ", 40) + "\n\nFrom the heart,\nAmina O’Connor\n"
	for _, mp := range mps {
		d.write(mp, text)
	}
	d.starts(d.sender(func(o *mailer.Options) {
		o.SMTP.Host, o.SMTP.Port = p.Host(), p.Port
		o.Signer = mailer.NewSigner("postbag.example.org", []mailer.DKIMKey{key})
	}), 2)
	d.settles()
	for i, address := range addresses {
		got := p.Delivered(t, address, 1)[0]
		m := must[*mail.Message](t)(mail.ReadMessage(bytes.NewReader(got)))
		for field, want := range map[string]string{
			"Return-Path":  "<letters@postbag.example.org>",
			"Delivered-To": address,
			"Message-Id":   "<" + letterID(i+1) + ">",
			"Reply-To":     fmt.Sprintf("=?UTF-8?q?Amina_O=E2=80=99Connor?= <amina%d@example.org>", i+1),
		} {
			if got := m.Header.Get(field); !strings.EqualFold(got, want) {
				t.Errorf("letter %d: %s: %s, want %s", i+1, field, got, want)
			}
		}
		if to := m.Header.Get("To"); !strings.Contains(strings.ToLower(to), address) {
			t.Errorf("letter %d: To: %s", i+1, to)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil || string(body) != text {
			t.Errorf("letter %d (%v) says\n%s", i+1, err, body)
		}
		record := must[string](t)(key.Record())
		// The two fields before it are the delivery's own.
		signed, err := dkim.VerifyWithOptions(bytes.NewReader(crlf(got)), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "k1._domainkey.postbag.example.org" {
				return nil, fmt.Errorf("asked for %s", name)
			}
			return []string{record}, nil
		}})
		if err != nil || len(signed) != 1 || signed[0].Err != nil {
			t.Errorf("letter %d: signatures %+v, %v", i+1, signed, err)
		}
		if n := len(p.Mailbox(t, address)); n != 1 {
			t.Errorf("letter %d came %d times", i+1, n)
		}
	}
	for _, n := range d.all() {
		if d.state(n) != campaign.StateSent || d.attempts(n) != "1 sent 250 2.0.0" {
			t.Errorf("letter %d is %s, attempts %s", n, d.state(n), d.attempts(n))
		}
	}
	if log := p.Log(); strings.Contains(log, "warning") || strings.Contains(log, "fatal") {
		t.Errorf("Postfix's log:\n%s", log)
	}
	d.discreet()
}

// crlf ends lines as they were on the wire; a mailbox has them ended by \n.
func crlf(message []byte) []byte { return bytes.ReplaceAll(message, []byte("\n"), []byte("\r\n")) }

// What cannot be delivered after all comes back to the envelope address, as a report
// that says why.
func TestPostfix_bounces(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	mps, addresses := d.ofPostfix(3)
	p := testkit.StartPostfix(t, testkit.PostfixConfig{
		Domain: postfixDomain, Mailboxes: addresses[:1], Full: addresses[1:2], ReturnDomain: "postbag.example.org",
	})
	for _, mp := range mps {
		d.write(mp, briefly)
	}
	d.starts(d.sender(func(o *mailer.Options) { o.SMTP.Host, o.SMTP.Port = p.Host(), p.Port }), 2)
	d.settles()
	for _, n := range d.all() { // it accepted all of them
		if d.state(n) != campaign.StateSent {
			t.Errorf("letter %d is %s", n, d.state(n))
		}
	}
	p.Delivered(t, addresses[0], 1)
	want := map[string]string{addresses[1]: "5.2.2", addresses[2]: "5.1.1"}
	for _, report := range p.Delivered(t, testkit.Returned, 2) {
		text, found := strings.ToLower(string(report)), false
		for i, address := range addresses {
			if !strings.Contains(text, "final-recipient: rfc822; "+address) {
				continue
			}
			found = true
			for _, part := range []string{
				"return-path: <>", "delivered-to: letters@postbag.example.org", "content-type: multipart/report; report-type=delivery-status",
				"action: failed", "status: " + want[address], "message-id: <" + letterID(i+1) + ">",
			} {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in the report on letter %d:\n%s", part, i+1, report)
				}
			}
		}
		if !found {
			t.Errorf("a report on nobody:\n%s", report)
		}
	}
}
