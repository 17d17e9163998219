package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"postbag/internal/bounce"
	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// Real bounces, from an unknown user and from a full mailbox, find their way back
// through Postfix, and so does what an MP answers to the envelope address.
func TestPostfix_returns(t *testing.T) {
	ids := 0
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{MessageID: func() string { ids++; return fmt.Sprintf("told-%d@postbag.example.org", ids) }})
	mps, addresses := d.ofPostfix(3)
	there, full := addresses[0], addresses[1]

	returns := must[*campaign.ReturnPath](t)(campaign.NewReturnPath(d.keys, "bounces@returns.example.org"))
	service := must[*campaign.Service](t)(campaign.NewService(t.Context(), campaign.Options{
		Store: d.store, Keys: d.keys, Postcodes: index(), Words: d.words, MailDomain: "postbag.example.org",
		Now: d.clock.Now, Log: d.log, Wake: func() { d.wake() }, Returns: returns,
	}))
	where := must[bounce.Where](t)(bounce.ParseWhere("lmtp://127.0.0.1:0"))
	listener := must[*bounce.Listener](t)(bounce.Listen(where, "returns.example.org", service, d.log))
	served := make(chan error, 1)
	go func() { served <- listener.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := errors.Join(listener.Shutdown(ctx), <-served); err != nil {
			t.Error(err)
		}
	})
	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	p := testkit.StartPostfix(t, testkit.PostfixConfig{
		Domain: postfixDomain + " example.org", Mailboxes: []string{there, "amina1@example.org", "amina2@example.org", "amina3@example.org"}, Full: []string{full},
		ReturnDomain: "returns.example.org", ReturnBy: "lmtp:inet:127.0.0.1:" + port,
	})
	for _, mp := range mps {
		d.write(mp, briefly)
	}
	d.runs(outbox.New(d.store, &mailer.Post{
		Transport: d.sender(func(o *mailer.Options) { o.SMTP.Host, o.SMTP.Port = p.Host(), p.Port }),
		Keys:      d.keys, Words: d.words, Campaigns: service, BaseURL: func() string { return "https://postbag.example.org" }, Returns: returns,
	}, d.clock, d.log, 2, time.Second))

	got := string(p.Delivered(t, there, 1)[0])
	_, envelope, _ := strings.Cut(got, "Return-Path: <")
	envelope, _, _ = strings.Cut(envelope, ">")
	if !service.Expects(envelope) {
		t.Errorf("the letter came from %s, which is no address of ours", envelope)
	}

	// Nobody has the third address.
	d.until("the letter to nobody has bounced", func() bool { return d.state(3) == campaign.StateBounced })
	told := string(p.Delivered(t, "amina3@example.org", 1)[0])
	if !strings.Contains(told, "REFERENCE3") || !strings.Contains(told, "Auto-Submitted: auto-generated") {
		t.Errorf("the supporter is told\n%s", told)
	}

	// The second mailbox is full: the letter goes once more, hours later, and is the
	// same letter.
	d.until("the letter to a full mailbox waits", func() bool { return d.state(2) == campaign.StateQueued })
	if due := d.value(`SELECT max(due_at) FROM outbox WHERE letter_id = 2`); due < d.clock.Now().Add(time.Hour).Format("2006-01-02T15:04") {
		t.Errorf("it goes again at %s", due)
	}
	p.Empty(t, full)
	d.passes(24*time.Hour, 30*time.Minute)
	d.until("it has arrived", func() bool { return strings.Contains(p.File(t, full), "Message-ID: <"+letterID(2)+">") })
	if n := strings.Count(p.File(t, full), "Message-ID: "); n != 1 || d.state(2) != campaign.StateSent {
		t.Errorf("the mailbox has %d messages, and the letter is %s", n, d.state(2))
	}

	// An MP answers to the envelope address, as some programs do.
	answer := "From: An MP <" + there + ">\r\nTo: " + envelope + "\r\nSubject: Re: Please sign\r\nMessage-ID: <answer@" + postfixDomain + ">\r\nIn-Reply-To: <" + letterID(1) + ">\r\n\r\nI have signed it.\r\n"
	if err := smtp.SendMail(fmt.Sprintf("%s:%d", p.Host(), p.Port), nil, there, []string{envelope}, []byte(answer)); err != nil {
		t.Fatal(err)
	}
	if passed := string(p.Delivered(t, "amina1@example.org", 1)[0]); !strings.Contains(passed, "I have signed it.") {
		t.Errorf("passed on:\n%s", passed)
	}

	for n, want := range map[int]campaign.State{1: campaign.StateSent, 2: campaign.StateSent, 3: campaign.StateBounced} {
		if got := d.state(n); got != want {
			t.Errorf("letter %d is %s, want %s", n, got, want)
		}
	}
	if n := len(p.Mailbox(t, there)); n != 1 {
		t.Errorf("the first MP has the letter %d times", n)
	}
	d.discreet()
}
