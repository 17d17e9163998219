package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postbag/db"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// The test kills a process that does what the program does with its queue: the
// store, the worker and the sender, as they are put together there. It is this test
// binary, started with childDir in its environment, for it starts in a tenth of the
// time that the program takes to read its pages.
const (
	childDir   = "POSTBAG_TEST_DIR"   // its data
	childPort  = "POSTBAG_TEST_PORT"  // of the mail server
	childSlots = "POSTBAG_TEST_SLOTS" // messages it sends at once; none: childSlot
	childSlot  = 2
	childStop  = time.Second // that it gives those when it is told to stop
)

const secret = "a secret of at least 32 bytes, for a test"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child sends until it is told to stop.
func child(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	port, err := strconv.Atoi(os.Getenv(childPort))
	if err != nil {
		return err
	}
	slots := childSlot
	if n := os.Getenv(childSlots); n != "" {
		if slots, err = strconv.Atoi(n); err != nil {
			return err
		}
		debug.SetGCPercent(200) // as the program does
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	s, err := openStore(dir, time.Now, log)
	if err != nil {
		return err
	}
	keys, err := seal.New([]byte(secret))
	if err != nil {
		return err
	}
	sender, err := mailer.NewSender(mailer.Options{
		SMTP: mailer.SMTP{Host: "127.0.0.1", Port: port, TLS: mailer.TLSNone}, From: "letters@postbag.example.org", LoopbackOnly: true, Connections: slots,
	})
	if err != nil {
		return err
	}
	outbox.New(s, &mailer.Post{Transport: sender, Keys: keys}, clock{}, log, slots, childStop).Run(ctx)
	sender.Close()
	return s.Close()
}

func openStore(dir string, now func() time.Time, log *slog.Logger) (*store.Store, error) {
	migrations, err := fs.Sub(db.FS, "migrations")
	if err != nil {
		return nil, err
	}
	return store.Open(context.Background(), store.Options{Dir: dir, Migrations: migrations, Now: now, Log: log})
}

// siege is a queue, the mail server it goes to and the processes that send it.
type siege struct {
	*testing.T
	dir  string
	smtp *testkit.SMTPServer
	raw  *sql.DB
}

// besiege fills a queue. The mail server takes some time over each letter.
func besiege(t *testing.T, letters int, delay time.Duration) *siege {
	t.Helper()
	s := &siege{T: t, dir: t.TempDir(), smtp: testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true})}
	s.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Delay: delay})
	keys, err := seal.New([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := queue(t, s.dir, keys, letters, letters).Close(); err != nil {
		t.Fatal(err)
	}
	if s.raw, err = sql.Open("sqlite", "file:"+filepath.Join(s.dir, store.FileName)+"?_pragma=busy_timeout(5000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.raw.Close() })
	return s
}

// process is one that sends.
type process struct {
	*exec.Cmd
	errors strings.Builder
}

func (s *siege) start() *process {
	s.Helper()
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self)}
	p.Env = append(os.Environ(), childDir+"="+s.dir, fmt.Sprintf("%s=%d", childPort, s.smtp.Port()))
	p.Stderr = &p.errors
	if err := p.Start(); err != nil {
		s.Fatal(err)
	}
	return p
}

// kill ends a process as a power cut would.
func (s *siege) kill(p *process) {
	s.Helper()
	if err := p.Process.Kill(); err != nil {
		s.Fatalf("it was not there to be killed: %v\n%s", err, p.errors.String())
	}
	var exit *exec.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.Exited() {
		s.Fatalf("it ended by itself, with %v\n%s", err, p.errors.String())
	}
}

// terminate tells a process to stop and waits until it has, for at most bound.
func (s *siege) terminate(p *process, bound time.Duration) {
	s.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	late := time.AfterFunc(bound, func() { p.Process.Kill() })
	defer late.Stop()
	if err := p.Wait(); err != nil {
		s.Fatalf("told to stop, it ended with %v (killed after %v?)\n%s", err, bound, p.errors.String())
	}
}

// one reads a number beside the store.
func (s *siege) one(q string) (n int) {
	s.Helper()
	if err := s.raw.QueryRow(q).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

func (s *siege) waiting() int { return s.one(`SELECT count(*) FROM outbox WHERE status = 'ready'`) }

// accepted waits until the server has taken n letters more.
func (s *siege) accepted(n int) {
	s.Helper()
	for range n {
		s.smtp.Next(s)
	}
}

// until waits for something that the database alone tells.
func (s *siege) until(what string, ok func() bool) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("waited in vain until %s", what)
		}
	}
}

// rest sends what is left. A process that is told to stop gives back what it has
// not begun.
func (s *siege) rest() {
	s.Helper()
	for s.waiting() > 0 {
		p := s.start()
		s.until("all have been sent", func() bool { return s.waiting() == 0 })
		s.terminate(p, 5*time.Second)
	}
}

// settle lets the leases of the dead run out, and checks that every letter is sent,
// once as the server counted, or uncertain, and that no more are than were under
// way when somebody was killed.
func (s *siege) settle(letters, kills int) {
	s.Helper()
	s.smtp.Close() // it has dealt with what the dead had written
	later := func() time.Time { return time.Now().Add(2 * outbox.Lease) }
	st, err := openStore(s.dir, later, slog.New(slog.DiscardHandler))
	if err != nil {
		s.Fatal(err)
	}
	if _, err := st.Reclaim(s.Context()); err != nil {
		s.Fatal(err)
	}
	if err := st.Close(); err != nil {
		s.Fatal(err)
	}
	taken := map[string]int{}
	for _, m := range s.smtp.Messages() {
		taken[messageID(m.Data)]++
	}
	rows, err := s.raw.Query(`SELECT l.state, o.status, '<' || o.message_id || '>', o.attempts FROM letters l JOIN outbox o ON o.letter_id = l.id`)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	seen, sent, uncertain := 0, 0, 0
	for rows.Next() {
		var state, status, id string
		var attempts int
		if err := rows.Scan(&state, &status, &id, &attempts); err != nil {
			s.Fatal(err)
		}
		n := taken[id]
		seen++
		switch {
		case state != status || attempts != 1:
			s.Errorf("%s: the letter is %s, its message %s, after %d attempts", id, state, status, attempts)
		case state == "sent" && n == 1:
			sent++
		case state == "uncertain" && n <= 1:
			uncertain++
		default:
			s.Errorf("%s is %s; the server has it %d times", id, state, n)
		}
	}
	if err := rows.Err(); err != nil {
		s.Fatal(err)
	}
	if seen != letters || len(taken) > sent+uncertain {
		s.Errorf("%d letters of %d, %d taken by the server", seen, letters, len(taken))
	}
	if most := kills * outbox.Held * childSlot; uncertain > most {
		s.Errorf("%d uncertain after %d kills, want at most %d", uncertain, kills, most)
	}
	if n := s.one(`SELECT sum(sent) FROM tallies`); n != sent {
		s.Errorf("%d counted as sent, %d are", n, sent)
	}
	if n := s.one(`SELECT sum(now_queued) FROM tallies`); n != 0 {
		s.Errorf("%d counted as waiting still", n)
	}
	s.Logf("%d kills: %d letters sent, %d uncertain, of which the server has %d", kills, sent, uncertain, len(taken)-sent)
}

// TestWorker_killed kills the process that sends at random moments, as early as its
// start and as late as between the server's answer and the record of it.
func TestWorker_killed(t *testing.T) {
	kills, each := 200, 10
	if testkit.Racing {
		kills = 20 // .ci/run does all of them without the race detector
	}
	s := besiege(t, kills*each, 4*time.Millisecond)
	for n := range kills {
		p := s.start()
		if n%10 == 0 {
			time.Sleep(rand.N(50 * time.Millisecond)) // while it starts
		} else {
			s.accepted(1 + rand.N(3))
			time.Sleep(rand.N(4 * time.Millisecond))
		}
		s.kill(p)
	}
	if n := s.waiting(); n == 0 {
		t.Error("all had been sent before the last kill")
	}
	s.rest()
	s.settle(kills*each, kills)
}

// TestWorker_killedBesideAnother kills one of two processes that share a queue; the
// other goes on.
func TestWorker_killedBesideAnother(t *testing.T) {
	letters := 1200
	if testkit.Racing {
		letters = 400
	}
	s := besiege(t, letters, 4*time.Millisecond)
	other, kills := s.start(), 0
	for s.waiting() > 100 {
		p := s.start()
		s.accepted(20 + rand.N(40))
		s.kill(p)
		kills++
	}
	s.terminate(other, 5*time.Second)
	s.rest()
	s.settle(letters, kills)
	if kills < 3 {
		t.Errorf("%d kills", kills)
	}
}

// TestWorker_terminated: a process that is told to stop finishes what it has begun
// and gives the rest back; what the server does not answer is uncertain.
func TestWorker_terminated(t *testing.T) {
	for name, c := range map[string]struct {
		delay     time.Duration
		bound     time.Duration
		uncertain int
	}{
		"a quick server":                {0, childStop, 0},
		"a slow one":                    {300 * time.Millisecond, childStop, 0},
		"one that answers after longer": {20 * time.Second, childStop + 2*time.Second, childSlot},
	} {
		t.Run(name, func(t *testing.T) {
			s := besiege(t, 1000, c.delay)
			reached := make(chan struct{}, 1)
			s.smtp.Script(testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 2, Reached: reached})
			p := s.start()
			<-reached
			time.Sleep(rand.N(20 * time.Millisecond))
			s.terminate(p, c.bound+3*time.Second)
			if n := s.one(`SELECT count(*) FROM outbox WHERE status NOT IN ('ready', 'sent', 'uncertain')`); n > 0 {
				t.Errorf("%d are neither done nor to be sent", n)
			}
			if n := s.one(`SELECT count(*) FROM outbox WHERE status = 'uncertain'`); n > c.uncertain {
				t.Errorf("%d uncertain, want at most %d", n, c.uncertain)
			}
			if n := s.one(`SELECT count(*) FROM outbox WHERE status = 'ready' AND attempts > 0`); n > c.uncertain {
				t.Errorf("%d that were never begun count as tried", n)
			}
			sent, has := s.one(`SELECT count(*) FROM letters WHERE state = 'sent'`), s.smtp.Accepted()
			if has < sent || has > sent+s.one(`SELECT count(*) FROM letters WHERE state = 'uncertain'`) {
				t.Errorf("%d sent, the server has %d", sent, has)
			}
			if s.waiting() == 0 {
				t.Error("all had been sent before it was told")
			}
		})
	}
}
