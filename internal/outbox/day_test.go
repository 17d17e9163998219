package outbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/parliament"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// day is a bad one: letters that wait, and whatever goes wrong on their way. The
// clock is the test's; what a mail server does takes real time, and little of it.
type day struct {
	*post
	logs  *logbook
	raw   *sql.DB
	seats []parliament.Seat // those that have an address to write to
	wrote int               // letters; they are numbered from 1, and so are their rows
}

// logbook keeps what is logged.
type logbook struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

// holds counts the lines that have all the parts in them.
func (l *logbook) holds(parts ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
lines:
	for line := range strings.Lines(l.lines.String()) {
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue lines
			}
		}
		n++
	}
	return n
}

func newDay(t *testing.T, cfg testkit.SMTPConfig, delivery store.Delivery) *day {
	t.Helper()
	return newDayIn(t, t.TempDir(), cfg, delivery)
}

func newDayIn(t *testing.T, dir string, cfg testkit.SMTPConfig, delivery store.Delivery) *day {
	t.Helper()
	d := &day{logs: &logbook{}, post: &post{
		t: t, clock: testkit.NewClock(time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)), smtp: testkit.StartSMTP(t, cfg), dir: dir,
		wake: func() {},
	}}
	d.open(delivery, slog.New(slog.NewTextHandler(d.logs, nil)))
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	d.raw = raw
	roster, _ := d.service.Roster()
	for _, seat := range roster.Seats() {
		if seat.Member.Email != "" {
			d.seats = append(d.seats, seat)
		}
	}
	return d
}

// body is what letters say, where a test does not say it.
const briefly = "Please sign.\n"

// write writes and confirms a letter to the nth MP, from 0, and returns its number.
func (d *day) write(mp int, text string) int {
	d.t.Helper()
	d.wrote++
	n, seat := d.wrote, d.seats[mp]
	hash := func(kind string) []byte { return d.keys.Hash(kind, fmt.Sprint(n)) }
	sealed, err := campaign.SealPerson(d.keys, &campaign.Person{
		Name: "Amina O’Connor", Email: fmt.Sprintf("amina%d@example.org", n), Address1: "1 High Street", Town: "Durham", Postcode: "DH1 3LE",
		Subject: "Please sign", Letter: text, Token: fmt.Sprintf("token-of-letter-%d", n),
	}, hash("token"))
	if err != nil {
		d.t.Fatal(err)
	}
	l := campaign.NewLetter{
		Campaign: slug, Constituency: seat.Constituency.Code, MemberID: seat.Member.ID, Lang: "en", Variant: campaign.VariantAsk,
		TokenHash: hash("token"), RepeatHash: hash("repeat"), EmailHash: hash("email"), ContentHash: hash("content"), ReplaceHash: hash("replace"),
		Sealed: sealed, MessageID: fmt.Sprintf("confirm-%d@postbag.example.org", n), Reference: fmt.Sprintf("REFERENCE%d", n),
	}
	err = d.store.SubmitLetter(d.t.Context(), l)
	if err == nil {
		err = d.store.ConfirmLetter(d.t.Context(), l.TokenHash, letterID(n))
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// writes writes a letter to each of the first so many MPs.
func (d *day) writes(mps int) {
	d.t.Helper()
	for mp := range mps {
		d.write(mp, briefly)
	}
}

func letterID(n int) string { return fmt.Sprintf("letter-%d@postbag.example.org", n) }

// email is the address of the nth MP, from 0.
func (d *day) email(mp int) string { return d.seats[mp].Member.Email }

// starts sets a worker to work, and returns how to stop it.
func (d *day) starts(transport mailer.Transport, slots int) (stop func()) {
	return d.runs(d.worker(transport, slots))
}

func (d *day) runs(worker *outbox.Worker) (stop func()) {
	running, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); worker.Run(running) }()
	d.wake = worker.Wake
	stop = func() { cancel(); <-done }
	d.t.Cleanup(func() {
		// Whatever still hangs is cut off.
		cancel()
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				d.clock.Advance(time.Second)
			}
		}
	})
	return stop
}

// settles waits until the worker rests and nothing is under way.
func (d *day) settles() {
	d.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Microsecond) {
		select {
		case <-d.clock.Waiting(1):
			if d.value(`SELECT count(*) FROM outbox WHERE status = 'sending'`) == "0" {
				return
			}
		case <-time.After(20 * time.Second):
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("the worker does not come to rest: %s", d.value(`SELECT group_concat(id || ' ' || kind || ' ' || status) FROM outbox WHERE status = 'sending'`))
		}
	}
}

// passes lets so much time go by, step by step; the worker does what is due each
// time.
func (d *day) passes(total, step time.Duration) {
	d.t.Helper()
	d.settles()
	for ; total > 0; total -= step {
		d.clock.Advance(min(total, step))
		d.settles()
	}
}

// value reads one value beside the store.
func (d *day) value(q string, args ...any) string {
	d.t.Helper()
	var value sql.NullString
	if err := d.raw.QueryRowContext(context.Background(), q, args...).Scan(&value); err != nil {
		d.t.Fatalf("%v in %s", err, q)
	}
	return value.String
}

// state tells where letter n stands.
func (d *day) state(n int) campaign.State {
	d.t.Helper()
	return campaign.State(d.value(`SELECT state FROM letters WHERE id = $1`, n))
}

// attempts lists what came of each attempt to send letter n.
func (d *day) attempts(n int) string {
	d.t.Helper()
	return d.value(`
		SELECT group_concat(line, ', ') FROM (
			SELECT a.attempt || ' ' || a.verdict || ' ' || a.code || ' ' || a.enhanced AS line
			FROM attempts a
			JOIN outbox o ON o.id = a.outbox_id
			WHERE o.letter_id = $1 AND o.kind = 'letter'
			ORDER BY a.outbox_id, a.attempt
		)`, n)
}

// refuses tells whether all mail waits for the mail server, and its last code.
func (d *day) refuses() (bool, int) {
	d.t.Helper()
	relay, err := d.store.Relay(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return relay.Refuses(), relay.Code
}

// copies counts the letters that the server has taken, by Message-ID.
func (d *day) copies() map[string]int {
	copies := map[string]int{}
	for _, m := range d.smtp.Messages() {
		if id := strings.Trim(messageID(m.Data), "<>"); strings.HasPrefix(id, "letter-") {
			copies[id]++
		}
	}
	return copies
}

// sentOnce fails the test unless the server has each of the letters once, and the
// database says so, and no other letter was sent.
func (d *day) sentOnce(letters ...int) {
	d.t.Helper()
	copies, want := d.copies(), map[int]bool{}
	for _, n := range letters {
		want[n] = true
	}
	for n := 1; n <= d.wrote; n++ {
		had := 0
		if want[n] {
			had = 1
		}
		if got := copies[letterID(n)]; got != had {
			d.t.Errorf("the server has letter %d %d times, want %d (attempts: %s)", n, got, had, d.attempts(n))
		}
		if state := d.state(n); want[n] != (state == campaign.StateSent) {
			d.t.Errorf("letter %d is %s (attempts: %s)", n, state, d.attempts(n))
		}
	}
}

// all numbers every letter.
func (d *day) all() (letters []int) {
	for n := 1; n <= d.wrote; n++ {
		letters = append(letters, n)
	}
	return letters
}

// discreet fails the test if the log tells anything of a supporter.
func (d *day) discreet() {
	d.t.Helper()
	for _, private := range []string{"Amina", "amina", "O’Connor", "High Street", "DH1", "Please sign", "token-of", "parliament.uk"} {
		if d.logs.holds(private) > 0 {
			d.t.Errorf("the log tells of %q:\n%s", private, d.logs.lines.String())
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// atoi reads a number that the database counted.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// until waits for what no channel tells of.
func (d *day) until(what string, ok func() bool) {
	d.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(deadline) {
			d.t.Fatalf("waited in vain until %s", what)
		}
	}
}
