package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"postbag/assets"
	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/parliament"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
	"postbag/internal/view"
	"postbag/templates"
)

// lines is how many connections the benchmarks of sending have.
const lines = 8

// body is a letter of usual length.
var body = "Dear Alex Rivers,\n\n" + strings.Repeat("Every constituent must be able to ask for help without fear.\n\n", 30) + "Amina Oconnor\n1 High Street\nLeeds\nLS1 1AA\n"

// queue is a database file with letters that wait to be sent.
func queue(b testing.TB, dir string, keys *seal.Keys, letters, people int) *store.Store {
	b.Helper()
	ctx := context.Background()
	migrations, err := fs.Sub(db.FS, "migrations")
	if err != nil {
		b.Fatal(err)
	}
	open := func() *store.Store {
		s, err := store.Open(ctx, store.Options{Dir: dir, Migrations: migrations, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	s := open()
	roster, err := parliament.Load(db.FS)
	if err == nil {
		err = s.ApplyRoster(ctx, roster)
	}
	source, readErr := fs.ReadFile(db.FS, "campaigns/"+slug+".toml")
	if err != nil || readErr != nil {
		b.Fatal(err, readErr)
	}
	if err := s.AddCampaign(ctx, slug, string(source)); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma=secure_delete(1)")
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	conn, err := raw.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	testkit.FillQueue(b, conn, testkit.Queue{
		Number: letters, People: people, Campaign: 1, Since: time.Now().Add(-time.Hour),
		Sealed: func(n int, tokenHash []byte) []byte {
			sealed, err := campaign.SealPerson(keys, &campaign.Person{
				Name: "Amina Oconnor", Email: fmt.Sprintf("amina%d@example.org", n), Address1: "1 High Street", Town: "Leeds",
				Postcode: "LS1 1AA", Subject: "Please sign the pledge", Letter: body, Token: "token-of-a-private-link",
			}, tokenHash)
			if err != nil {
				b.Fatal(err)
			}
			return sealed
		},
	})
	// What was written without waiting for the disk must not hold it up later.
	f, err := os.OpenFile(filepath.Join(dir, store.FileName), os.O_RDWR, 0)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
	return open()
}

// post composes what is sent as the program does, and hands it to a sender with
// so many connections.
func sendTo(b *testing.B, keys *seal.Keys, port int) *mailer.Post {
	b.Helper()
	sender, err := mailer.NewSender(mailer.Options{
		SMTP: mailer.SMTP{Host: "127.0.0.1", Port: port, TLS: mailer.TLSNone}, From: "letters@postbag.example.org",
		LoopbackOnly: true, Connections: lines,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(sender.Close)
	words, err := view.New(templates.FS, assets.FS, view.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return &mailer.Post{Transport: sender, Keys: keys, Words: words, BaseURL: func() string { return "https://postbag.example.org" }}
}

// counted tells when so many letters have been recorded.
type counted struct {
	*store.Store
	left    int
	bad     int
	commits int
	done    chan struct{}
}

func (c *counted) Exchange(ctx context.Context, done []campaign.Finished, limit int, lease time.Duration) ([]campaign.Job, error) {
	jobs, err := c.Store.Exchange(ctx, done, limit, lease)
	c.commits++
	if c.left <= 0 {
		return jobs, err // it is being stopped
	}
	for _, d := range done {
		if err != nil || d.Verdict != campaign.VerdictSent {
			c.bad++
		}
	}
	if c.left -= len(done); c.left <= 0 {
		close(c.done)
	}
	return jobs, err
}

// report says what it cost: wall time, and processor time of this process and of
// smtp-sink, which do not depend on what else the machine does.
func report(b *testing.B, letters int, took, mine, sink time.Duration) {
	b.ReportMetric(float64(letters)/took.Seconds(), "letters/s")
	b.ReportMetric(float64(mine.Microseconds())/float64(letters), "cpu-µs/letter")
	b.ReportMetric(float64(sink.Microseconds())/float64(letters), "sink-µs/letter")
}

// BenchmarkDelivery sends b.N letters from a database file to smtp-sink, each
// change of state forced to the disk, and as many with go-mail alone, which keeps
// no record. Ask for some seconds' worth, several times:
// go test -run '^$' -bench Delivery -benchtime 20000x -count 5 ./internal/outbox
func BenchmarkDelivery(b *testing.B) {
	b.Run("postbag", func(b *testing.B) { deliver(b, b.N, b.N) })
	b.Run("go-mail alone", func(b *testing.B) {
		sink := testkit.StartSink(b)
		var next atomic.Int64
		var group sync.WaitGroup
		mine, theirs, start := testkit.CPU(), sink.CPU(), time.Now()
		b.ResetTimer()
		for range lines {
			group.Go(func() {
				if err := sendAlone(sink.Port, func() bool { return next.Add(1) <= int64(b.N) }); err != nil {
					b.Error(err)
				}
			})
		}
		group.Wait()
		b.StopTimer()
		report(b, b.N, time.Since(start), testkit.CPU()-mine, sink.CPU()-theirs)
	})
}

// BenchmarkDelivery_queued sends b.N letters (at most 1,000 where no more are there)
// from the heads of a short and of a long queue.
func BenchmarkDelivery_queued(b *testing.B) {
	for _, queued := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(queued), func(b *testing.B) { deliver(b, queued, min(queued, b.N)) })
	}
}

// deliver sends so many letters of those that are queued.
func deliver(b *testing.B, queued, letters int) {
	b.Helper()
	sink := testkit.StartSink(b)
	keys, err := seal.New([]byte(secret))
	if err != nil {
		b.Fatal(err)
	}
	s := queue(b, b.TempDir(), keys, queued, min(queued, letters+slack))
	b.Cleanup(func() { s.Close() })
	c := &counted{Store: s, left: letters, done: make(chan struct{})}
	w := outbox.New(c, sendTo(b, keys, sink.Port), clock{}, slog.New(slog.NewJSONHandler(io.Discard, nil)), lines, time.Second)
	defer debug.SetGCPercent(debug.SetGCPercent(200)) // as the program does
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	runtime.GC()
	mine, theirs, start := testkit.CPU(), sink.CPU(), time.Now()
	b.ResetTimer()
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	<-c.done
	b.StopTimer()
	report(b, letters, time.Since(start), testkit.CPU()-mine, sink.CPU()-theirs)
	b.ReportMetric(float64(letters)/float64(c.commits), "letters/commit")
	stop()
	running.Wait()
	if c.bad > 0 {
		b.Errorf("%d not sent", c.bad)
	}
}

// slack is how many letters are under way when the last of those that are waited
// for is recorded.
const slack = 100

// BenchmarkDelivery_memory sends 100,000 letters from a process of its own, and
// reports the most memory that it has held.
func BenchmarkDelivery_memory(b *testing.B) {
	const letters = 100_000
	sink := testkit.StartSink(b)
	keys, err := seal.New([]byte(secret))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	s := queue(b, dir, keys, letters, letters)
	defer s.Close()
	for b.Loop() {
		self, err := os.Executable()
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("%s=%d", childPort, sink.Port), fmt.Sprintf("%s=%d", childSlots, lines))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for {
			next, err := s.NextDue(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			if next.IsZero() {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		cmd.Process.Signal(syscall.SIGTERM)
		if err := errors.Join(err, cmd.Wait()); err != nil {
			b.Fatal(err)
		}
		_, held, _ := strings.Cut(string(status), "VmHWM:")
		var kB float64
		if _, err := fmt.Sscan(held, &kB); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(kB/1024, "MB")
	}
}

// sendAlone sends letters over one connection of go-mail's while more says so.
func sendAlone(port int, more func() bool) error {
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("postbag.example.org"))
	if err != nil {
		return err
	}
	if err := client.DialWithContext(context.Background()); err != nil {
		return err
	}
	defer client.Close()
	for more() {
		m := gomail.NewMsg()
		if err := m.FromFormat("Amina Oconnor", "letters@postbag.example.org"); err != nil {
			return err
		}
		if err := m.AddToFormat("Alex Rivers MP", "alex.rivers.mp@parliament.example"); err != nil {
			return err
		}
		if err := m.ReplyToFormat("Amina Oconnor", "amina@example.org"); err != nil {
			return err
		}
		m.Subject("Please sign the pledge")
		m.SetMessageID()
		m.SetDate()
		m.SetBodyString(gomail.TypeTextPlain, body)
		if err := client.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// clock is the machine's.
type clock struct{}

func (clock) Now() time.Time { return time.Now() }

func (clock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	t := time.NewTimer(d)
	return t.C, t.Stop
}
