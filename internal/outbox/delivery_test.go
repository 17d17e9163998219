package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/assets"
	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/parliament"
	"postbag/internal/postcode"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
	"postbag/internal/view"
	"postbag/templates"
)

const slug = "mps-not-border-guards"

// renderer is what all tests of this package write with: reading takes longer than
// most of them.
var renderer = sync.OnceValues(func() (*view.Renderer, error) { return view.New(templates.FS, assets.FS, view.Options{}) })

// post is the whole way of a letter: service, store, worker, mailer, server.
type post struct {
	t       *testing.T
	service *campaign.Service
	store   *store.Store
	clock   *testkit.Clock
	keys    *seal.Keys
	words   *view.Renderer
	log     *slog.Logger
	smtp    *testkit.SMTPServer
	dir     string
	wake    func() // the worker
}

// index is read once as well.
var index = sync.OnceValue(func() *postcode.Index {
	return sure(postcode.Open(sure(fs.ReadFile(db.FS, "postcodes.idx"))))
})

func sure[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{t: t, clock: testkit.NewClock(time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)), smtp: testkit.StartSMTP(t, testkit.SMTPConfig{}), dir: t.TempDir()}
	p.open(store.Delivery{}, slog.New(slog.DiscardHandler))
	worker := p.worker(p.sender(func(*mailer.Options) {}), 2)
	p.wake = worker.Wake
	running, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); worker.Run(running) }()
	t.Cleanup(func() { stop(); <-done })
	return p
}

// open opens the database of p.dir, with the roster and the campaign in it, and
// the service on it.
func (p *post) open(d store.Delivery, log *slog.Logger) {
	p.t.Helper()
	ctx := p.t.Context()
	fill := func(dir string) (io.Closer, error) {
		s, err := p.openStore(dir, store.Delivery{}, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		source := must[[]byte](p.t)(fs.ReadFile(db.FS, "campaigns/"+slug+".toml"))
		return s, errors.Join(s.ApplyRoster(ctx, must[*parliament.Roster](p.t)(parliament.Load(db.FS))), s.AddCampaign(ctx, slug, string(source)))
	}
	testkit.FillDatabase(p.t, p.dir, store.FileName, fill)
	p.log, p.keys = log, must[*seal.Keys](p.t)(seal.New([]byte("a secret of at least 32 bytes, for a test")))
	p.store = must[*store.Store](p.t)(p.openStore(p.dir, d, log))
	p.t.Cleanup(func() { p.store.Close() })
	p.words = must[*view.Renderer](p.t)(renderer())
	p.service = must[*campaign.Service](p.t)(campaign.NewService(ctx, campaign.Options{
		Store: p.store, Keys: p.keys, Postcodes: index(), Words: p.words, MailDomain: "postbag.example.org",
		Now: p.clock.Now, Log: log, Wake: func() { p.wake() },
	}))
}

func (p *post) openStore(dir string, d store.Delivery, log *slog.Logger) (*store.Store, error) {
	migrations := must[fs.FS](p.t)(fs.Sub(db.FS, "migrations"))
	return store.Open(p.t.Context(), store.Options{Dir: dir, Migrations: migrations, Now: p.clock.Now, Log: log, Delivery: d})
}

// sender returns one that sends to the test's server.
func (p *post) sender(change func(*mailer.Options)) *mailer.Sender {
	p.t.Helper()
	o := mailer.Options{
		SMTP: mailer.SMTP{Host: p.smtp.Host(), Port: p.smtp.Port(), TLS: mailer.TLSNone}, From: "letters@postbag.example.org", LoopbackOnly: true,
	}
	change(&o)
	sender := must[*mailer.Sender](p.t)(mailer.NewSender(o))
	p.t.Cleanup(sender.Close)
	return sender
}

// worker returns one that composes and sends what the store has, with so many
// messages under way.
func (p *post) worker(transport mailer.Transport, slots int) *outbox.Worker {
	return outbox.New(p.store, &mailer.Post{
		Transport: transport, Keys: p.keys, Words: p.words, Campaigns: p.service, BaseURL: func() string { return "https://postbag.example.org" },
	}, p.clock, p.log, slots, time.Second)
}

// confirmed writes a letter, takes the link out of its mail and confirms it.
func (p *post) confirmed() string {
	p.t.Helper()
	f := campaign.Form{
		Lang: "en", Postcode: "DH1 3LE", Constituency: "E14001173", Subject: "Please sign", Body: "Please sign.",
		Name: "Amina O’Connor", Email: "amina@example.org", Address1: "1 High Street", Town: "Durham",
	}
	if _, err := p.service.Submit(p.t.Context(), slug, f); err != nil {
		p.t.Fatal(err)
	}
	mail := p.smtp.Next(p.t)
	_, after, ok := strings.Cut(strings.ReplaceAll(string(mail.Data), "=\r\n", ""), "https://postbag.example.org/l/")
	if !ok || len(after) < seal.TokenLen || strings.Contains(string(mail.Data), "Amina") {
		p.t.Fatalf("confirmation mail:\n%s", mail.Data)
	}
	token := after[:seal.TokenLen]
	if err := p.service.Confirm(p.t.Context(), token); err != nil {
		p.t.Fatal(err)
	}
	return token
}

// until waits for the letter to come to a state.
func (p *post) until(token string, want campaign.State) *campaign.Private {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		letter, err := p.service.Open(p.t.Context(), token)
		if err != nil {
			p.t.Fatal(err)
		}
		if last := letter.Letter.Events[len(letter.Letter.Events)-1]; letter.Letter.State == want && last.Why != campaign.WhyConfirmed {
			return letter
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the letter is %s, waited for %s", letter.Letter.State, want)
		}
	}
}

// advance moves the clock step by step, letting the worker look each time.
func (p *post) advance(d time.Duration) {
	for ; d > 0; d -= time.Second {
		<-p.clock.Waiting(1)
		p.clock.Advance(min(d, time.Second))
	}
	<-p.clock.Waiting(1)
}

// text reads one value beside the store.
func (p *post) text(q string) string {
	p.t.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		p.t.Fatal(err)
	}
	defer raw.Close()
	var value string
	if err := raw.QueryRowContext(p.t.Context(), q).Scan(&value); err != nil {
		p.t.Fatal(err)
	}
	return value
}

// moves lists where the letter has been.
func moves(p *campaign.Private) (all []string) {
	for _, e := range p.Letter.Events {
		all = append(all, string(e.To)+" "+e.Why)
	}
	return all
}

func (p *post) mpsEmail() string {
	roster, _ := p.service.Roster()
	seat, _ := roster.Seat("E14001173")
	return seat.Member.Email
}

// times returns how often the server was told to take the letter.
func (p *post) times(verb string) (n int) {
	for _, c := range p.smtp.Commands() {
		if c.Verb == verb {
			n++
		}
	}
	return n
}

func messageID(data []byte) string {
	for line := range strings.Lines(string(data)) {
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

func TestDelivery_refusedForNow(t *testing.T) {
	p := newPost(t)
	reached := make(chan struct{}, 10)
	p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: p.mpsEmail(), Nth: 1, Reply: "451 4.3.0 Try later", Reached: reached})
	token := p.confirmed()
	<-reached
	p.until(token, campaign.StateQueued)
	p.advance(47 * time.Second) // a second short of the least that a first wait can be
	if got := p.times("DATA"); got != 2 {
		t.Errorf("%d conversations, want the confirmation and one attempt", got)
	}
	p.advance(60 * time.Second) // the worker looks again within 30 s of the most, 72 s
	letter := p.until(token, campaign.StateSent)
	want := []string{"awaiting written", "queued confirmed", "sending claimed", "queued retry", "sending claimed", "sent accepted"}
	if diff := cmp.Diff(want, moves(letter)); diff != "" {
		t.Error(diff)
	}
	got := p.smtp.Messages()
	if len(got) != 2 || got[1].To[0] != p.mpsEmail() {
		t.Fatalf("%d messages", len(got))
	}
	jobs, err := p.store.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(jobs) > 0 {
		t.Errorf("still to send: %v, %v", jobs, err)
	}
	id := p.text(`SELECT group_concat(message_id) FROM outbox WHERE kind = 'letter'`)
	if got := messageID(got[1].Data); got != "<"+id+">" || !strings.HasSuffix(id, "@postbag.example.org") {
		t.Errorf("Message-ID %s, want that of the one row, %s", got, id)
	}
	if n := strings.Count(string(got[1].Data), "Amina"); n == 0 {
		t.Error("the letter has no name in it")
	}
}

func TestDelivery_refusedForGood(t *testing.T) {
	p := newPost(t)
	p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: p.mpsEmail(), Reply: "550 5.1.1 <" + p.mpsEmail() + "> from Amina O’Connor <amina@example.org>: no such user"})
	token := p.confirmed()
	letter := p.until(token, campaign.StateFailed)
	if diff := cmp.Diff([]string{"awaiting written", "queued confirmed", "sending claimed", "failed refused"}, moves(letter)); diff != "" {
		t.Error(diff)
	}
	answer := p.text(`SELECT code || ' ' || answer FROM outbox WHERE kind = 'letter'`)
	if !strings.HasPrefix(answer, "550 550 5.1.1") || strings.Contains(answer, "@") || strings.Contains(answer, "amina") {
		t.Errorf("the answer kept: %s", answer)
	}
	p.advance(time.Minute)
	p.clock.Advance(6 * 24 * time.Hour)
	if err := p.service.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.until(token, campaign.StateFailed)
	if got := len(p.smtp.Messages()); got != 1 {
		t.Errorf("%d messages taken, want the confirmation alone", got)
	}
}

func TestDelivery_lostAfterTheData(t *testing.T) {
	p := newPost(t)
	p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: p.mpsEmail(), Drop: testkit.DropBefore, Keep: true})
	token := p.confirmed()
	letter := p.until(token, campaign.StateUncertain)
	if diff := cmp.Diff([]string{"awaiting written", "queued confirmed", "sending claimed", "uncertain lost"}, moves(letter)); diff != "" {
		t.Error(diff)
	}
	p.smtp.ClearScript()
	sent := p.times("DATA")
	for range 10 {
		<-p.clock.Waiting(1)
		p.clock.Advance(12 * time.Hour)
	}
	p.advance(time.Minute)
	if err := p.service.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.until(token, campaign.StateUncertain)
	if again := p.times("DATA"); again != sent {
		t.Errorf("sent a second time: %d conversations, were %d", again, sent)
	}
}
