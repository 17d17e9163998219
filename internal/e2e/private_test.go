package e2e

import (
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// submit writes a letter without a browser, for tests of what comes after, and
// returns its private link.
func (p *program) submit(s supporter) string {
	p.t.Helper()
	form := url.Values{
		campaign.FieldPostcode: {s.typed}, "constituency": {leeds},
		campaign.FieldSubject: {"My neighbour"}, campaign.FieldBody: {s.opening},
	}
	for _, field := range s.fields() {
		form.Set(field[0], field[1])
	}
	response, err := http.PostForm(p.base+atSend, form)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("the letter was answered with %s, %v", response.Status, err)
	}
	for {
		// Others may be told meanwhile what became of theirs.
		if m := p.smtp.Next(p.t); m.To[0] == s.email {
			return privateLink(p.t, m)
		}
	}
}

func TestPrivate_withdraw(t *testing.T) {
	t.Parallel()
	p := start(t)
	b, link := p.open(phone), p.submit(zofia)
	b.openPrivate(link)
	b.press(`details:has(` + toWithdraw + `) summary`)
	b.follow(toWithdraw)
	b.sees(p.say("done.withdrawn"), p.say("state.withdrawn.title"))
	if n := b.count(toConfirm) + b.count(toWithdraw); n != 0 {
		t.Errorf("a letter taken back has %d buttons to confirm or withdraw it", n)
	}
	if got := p.state(link); got != campaign.StateWithdrawn {
		t.Errorf("the letter is %s", got)
	}
	p.onlyCounts(campaign.Count{Constituency: leeds, Written: 1, Withdrawn: 1})
	if n := p.smtp.Accepted(); n != 1 {
		t.Errorf("%d mails came, not 1", n)
	}
	// And they may write again.
	if again := p.submit(zofia); again == link {
		t.Error("the second letter has the link of the one that was taken back")
	}
}

func (p *program) onlyCounts(want campaign.Count) {
	p.t.Helper()
	if diff := cmp.Diff(map[string]campaign.Count{want.Constituency: want}, p.counts()); diff != "" {
		p.t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestPrivate_erase: nothing about the person is left, whether the letter has
// gone or not.
func TestPrivate_erase(t *testing.T) {
	t.Parallel()
	for _, sent := range []bool{false, true} {
		name := "before it is sent"
		if sent {
			name = "after it is sent"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			b, link := p.open(desktop), p.submit(zofia)
			b.openPrivate(link)
			want := campaign.Count{Constituency: leeds, Written: 1, Withdrawn: 1}
			if sent {
				b.follow(toConfirm)
				p.smtp.Next(t)
				b.reloadUntil(".postmark.sent")
				want = campaign.Count{Constituency: leeds, Written: 1, Confirmed: 1, Sent: 1}
			}
			b.press(`details:has(` + toErase + `) summary`)
			b.follow(toErase)
			b.sees(p.say("done.erased"), p.say("private.erased"))
			b.seesNot(personal...)
			if n := p.rows("people"); n != 0 {
				t.Errorf("%d sealed records are left", n)
			}
			p.onlyCounts(want)
			if n := b.count(`button:not([action$="/reply"] *)`); n != 0 {
				t.Errorf("there is nothing left to do, and still the page has %d buttons", n)
			}
			b.openPrivate(link)
			b.seesNot(personal...)
			mails := 1
			if sent {
				mails = 2
			}
			if n := p.smtp.Accepted(); n != mails {
				t.Errorf("%d mails came, not %d", n, mails)
			}
		})
	}
}

// TestPrivate_repeat: who writes again sees what everyone sees, gets the same
// private link by mail, and sends no second letter.
func TestPrivate_repeat(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Now())
	p := start(t, at(clock))
	b := p.open(phone)
	b.send(zofia)
	first := b.text("main")
	link := privateLink(t, p.smtp.Next(t))

	clock.Advance(campaign.RepeatAfter + time.Second)
	again := zofia
	again.email = strings.ToUpper(zofia.email[:5]) + zofia.email[5:]
	b.send(again)
	if got := b.text("main"); !strings.EqualFold(got, first) {
		t.Errorf("the page tells that somebody wrote before:\n%s", cmp.Diff(first, got))
	}
	asks := p.smtp.Next(t)
	if got := privateLink(t, asks); got != link {
		t.Errorf("the second mail links to %s, not %s", got, link)
	}
	if got := read(t, asks).subject; got != p.say("mail.confirm.subject", "campaign", "MPs Not Border Guards") {
		t.Errorf("the second mail is about %q", got)
	}

	b.openPrivate(link)
	b.follow(toConfirm)
	if got := p.smtp.Next(t).To; !cmp.Equal(got, []string{"alex.sobel.mp@parliament.uk"}) {
		t.Errorf("the letter goes to %v", got)
	}
	b.reloadUntil(".postmark.sent")

	clock.Advance(campaign.RepeatAfter + time.Second)
	told := p.smtp.Next(t)
	if got := read(t, told); privateLink(t, told) != link || got.subject != p.say("mail.sent.subject", "campaign", "MPs Not Border Guards") {
		t.Errorf("once it has gone, a mail is about %q", got.subject)
	}
	b.send(zofia)
	if got := b.text("main"); got != first {
		t.Errorf("the page tells that somebody wrote before:\n%s", cmp.Diff(first, got))
	}
	says := p.smtp.Next(t)
	if got := privateLink(t, says); got != link {
		t.Errorf("the fourth mail links to %s, not %s", got, link)
	}
	if got := read(t, says).subject; got != p.say("mail.repeat.subject", "campaign", "MPs Not Border Guards") {
		t.Errorf("the fourth mail is about %q", got)
	}
	b.openPrivate(link)
	b.sees(p.say("state.sent.title"))
	if n := p.rows("letters"); n != 1 {
		t.Errorf("there are %d letters", n)
	}
	p.onlyCounts(campaign.Count{Constituency: leeds, Written: 1, Confirmed: 1, Sent: 1})
	for i, m := range p.smtp.Messages() {
		msg, err := mail.ReadMessage(strings.NewReader(string(m.Data)))
		if err != nil {
			t.Fatal(err)
		}
		if toMP := strings.HasSuffix(m.To[0], "@parliament.uk"); toMP != (i == 2) {
			t.Errorf("mail %d goes to %s: %s", i+1, m.To, msg.Header.Get("Subject"))
		}
	}
	if n := p.smtp.Accepted(); n != 5 {
		t.Errorf("%d mails came, not 5", n)
	}
}

// TestPrivate_outcomes: what the private page says when things go otherwise.
func TestPrivate_outcomes(t *testing.T) {
	t.Parallel()
	mp := "alex.sobel.mp@parliament.uk"
	for name, test := range map[string]struct {
		fault   testkit.SMTPFault
		vacate  bool
		expire  bool
		state   campaign.State
		because string // key
		count   campaign.Count
	}{
		"refused": {
			fault: testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: mp, Reply: "550 5.1.1 No such user"},
			state: campaign.StateFailed, because: "held.refused",
			count: campaign.Count{Constituency: leeds, Written: 1, Confirmed: 1, Failed: 1},
		},
		"lost after the data": {
			fault: testkit.SMTPFault{Stage: testkit.StageDot, Recipient: mp, Drop: testkit.DropBefore},
			state: campaign.StateUncertain, because: "held.lost",
			count: campaign.Count{Constituency: leeds, Written: 1, Confirmed: 1, Uncertain: 1},
		},
		"vacant since": {
			vacate: true, state: campaign.StateHeld, because: "held.vacant",
			count: campaign.Count{Constituency: leeds, Written: 1, Confirmed: 1},
		},
		"expired": {
			expire: true, state: campaign.StateExpired,
			count: campaign.Count{Constituency: leeds, Written: 1, Expired: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := testkit.NewClock(time.Now())
			p := start(t, at(clock))
			b, link := p.open(phone), p.submit(zofia)
			if test.fault.Stage != "" {
				p.smtp.Script(test.fault)
				p.mayWarn = true
			}
			if test.vacate {
				p.vacate(leeds)
			}
			b.openPrivate(link)
			if test.expire {
				clock.Advance(campaign.ConfirmWithin)
				b.followFor(409, toConfirm)
				b.sees(p.say("private.again"))
				b.openPrivate(link)
			} else {
				b.follow(toConfirm)
				b.reloadUntil(".postmark." + string(test.state))
			}
			// The sentences name the MP; what stands before that will do.
			title, _, _ := strings.Cut(p.say("state."+string(test.state)+".title", "mp", "\x00"), "\x00")
			b.sees(title)
			if test.because != "" {
				b.sees(p.say(test.because))
			}
			p.onlyCounts(test.count)
			for _, m := range p.smtp.Messages() {
				if m.To[0] != zofia.email {
					t.Errorf("a mail went to %s", m.To)
				}
			}
		})
	}
}
