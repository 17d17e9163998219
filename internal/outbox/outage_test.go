package outbox_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// arrivals notes when each letter that arrived was sent, by the test's clock.
type arrivals struct {
	mailer.Transport
	clock *testkit.Clock

	mu    sync.Mutex
	since time.Time
	at    map[string][]time.Time // by address
}

func (a *arrivals) Send(ctx context.Context, m campaign.Mail) campaign.Outcome {
	at := a.clock.Now()
	o := a.Transport.Send(ctx, m)
	a.mu.Lock()
	defer a.mu.Unlock()
	if o.Verdict == campaign.VerdictSent && !at.Before(a.since) && !at.After(a.clock.Now()) {
		a.at[m.To.Email] = append(a.at[m.To.Email], at)
	}
	return o
}

func (a *arrivals) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.since, a.at = a.clock.Now(), map[string][]time.Time{}
}

// A day on which the mail server does not run: the letters to forty MPs wait, and
// all go afterwards, once each, as a stream to every MP.
func TestDay_outage(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{Pace: campaign.Pace{PerHour: 60}})
	const mps, each = 40, 5
	a := noting(d.sender(nothing), d.clock)
	d.smtp.Leave()
	for range each {
		d.writes(mps)
	}
	d.starts(a, 4)
	d.passes(24*time.Hour, 2*time.Minute)
	if n := d.logs.holds("level=WARN"); n != 1 || d.logs.holds("level=WARN", "connection refused") != 1 {
		t.Errorf("%d warnings in a day, want the one:\n%.2000s", n, d.logs.lines.String())
	}
	if n := atoi(d.value(`SELECT count(*) FROM attempts`)); n < 80 || n > 150 {
		t.Errorf("%d attempts in a day, want one every quarter of an hour", n)
	}
	if n := atoi(d.value(`SELECT count(*) FROM letters WHERE state = 'queued'`)); n != mps*each {
		t.Errorf("%d letters wait, want all", n)
	}
	d.smtp.Return(t)
	a.reset()
	back := d.clock.Now()
	d.passes(45*time.Minute, 2*time.Second)
	d.sentOnce(d.all()...)
	if len(a.at) != mps {
		t.Errorf("letters to %d MPs, want %d", len(a.at), mps)
	}
	for mp, at := range a.at {
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < time.Minute-5*time.Second {
				t.Errorf("%v between two letters to %s", gap, mp)
			}
		}
		if last := at[len(at)-1].Sub(back); last > 30*time.Minute {
			t.Errorf("the last to %s went after %v", mp, last)
		}
	}
}

// noting wraps a transport.
func noting(t mailer.Transport, clock *testkit.Clock) *arrivals {
	return &arrivals{Transport: t, clock: clock, at: map[string][]time.Time{}}
}

// The name of the mail server cannot be looked up for a while. The name server here
// is on the loopback, too.
func TestDay_DNSGone(t *testing.T) {
	for _, code := range []int{dns.RcodeServerFailure, dns.RcodeNameError} {
		t.Run(dns.RcodeToString[code], func(t *testing.T) {
			d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
			var asked, works atomic.Int64
			answersNames(t, func(w dns.ResponseWriter, q *dns.Msg) {
				asked.Add(1)
				m := new(dns.Msg)
				m.SetReply(q)
				switch {
				case works.Load() == 0:
					m.Rcode = code
				case q.Question[0].Qtype == dns.TypeA:
					m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1)})
				}
				_ = w.WriteMsg(m)
			})
			d.writes(5)
			d.starts(d.sender(func(o *mailer.Options) { o.SMTP.Host = "mail.postbag.invalid." }), 2)
			d.passes(30*time.Minute, 15*time.Second)
			if asked.Load() == 0 {
				t.Fatal("nobody was asked for the name")
			}
			if d.logs.holds("level=WARN") != 1 || d.logs.holds("level=WARN", "refuses everything", "lookup") != 1 {
				t.Errorf("the log:\n%s", d.logs.lines.String())
			}
			if n := atoi(d.value(`SELECT count(*) FROM letters WHERE state = 'queued'`)); n != 5 {
				t.Errorf("%d letters wait, want 5", n)
			}
			works.Store(1)
			d.passes(20*time.Minute, 15*time.Second)
			d.sentOnce(d.all()...)
		})
	}
}

// answersNames has a name server of the test answer all questions.
func answersNames(t *testing.T, answer dns.HandlerFunc) {
	t.Helper()
	conn := must[net.PacketConn](t)(net.ListenPacket("udp", "127.0.0.1:0"))
	started := make(chan struct{})
	server := &dns.Server{PacketConn: conn, Handler: answer, NotifyStartedFunc: func() { close(started) }}
	go func() { _ = server.ActivateAndServe() }()
	<-started
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = server.Shutdown()
	})
}

// A mail server that takes half a minute for each letter gets all of them, one
// after the other, and none counts as lost meanwhile.
func TestDay_slow(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(24)
	reached, next := make(chan struct{}, 100), make(chan struct{})
	d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Reached: reached, Hang: next})
	const slots = 2
	d.starts(d.sender(func(o *mailer.Options) { o.Connections = slots }), slots)
	for round := range 12 {
		for range slots {
			<-reached
		}
		if n := atoi(d.value(`SELECT count(*) FROM outbox WHERE status = 'sending'`)); n > slots {
			t.Errorf("round %d: %d letters count as being sent, want %d", round, n, slots)
		}
		d.clock.Advance(30 * time.Second)
		d.smtp.ClearScript()
		release := next
		next = make(chan struct{})
		d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Reached: reached, Hang: next})
		close(release)
	}
	d.settles()
	d.sentOnce(d.all()...)
	if n := d.smtp.MaxConcurrent(); n > slots {
		t.Errorf("%d connections at once", n)
	}
	if n := d.logs.holds("level=WARN") + d.logs.holds("level=ERROR"); n != 0 {
		t.Errorf("the log:\n%s", d.logs.lines.String())
	}
	if got := d.value(`SELECT count(*) || ' ' || max(attempt) FROM attempts`); got != fmt.Sprint(d.wrote, " ", 1) {
		t.Errorf("attempts and most of one letter: %s", got)
	}
}
