package outbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
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
func queue(b testing.TB, dir string, keys *seal.Keys, letters int) *store.Store {
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
		Number: letters, Campaign: 1, Since: time.Now().Add(-time.Hour),
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
	for _, d := range done {
		if err != nil || d.Verdict != campaign.VerdictSent {
			c.bad++
		}
	}
	if c.left -= len(done); c.left == 0 {
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
	b.Run("postbag", func(b *testing.B) {
		sink := testkit.StartSink(b)
		keys, err := seal.New([]byte("a secret of at least 32 bytes, for a test"))
		if err != nil {
			b.Fatal(err)
		}
		s := queue(b, b.TempDir(), keys, b.N)
		b.Cleanup(func() { s.Close() })
		c := &counted{Store: s, left: b.N, done: make(chan struct{})}
		w := outbox.New(c, sendTo(b, keys, sink.Port), clock{}, slog.New(slog.NewJSONHandler(io.Discard, nil)), lines, time.Second)
		defer debug.SetGCPercent(debug.SetGCPercent(200)) // as the program does
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		mine, theirs, start := testkit.CPU(), sink.CPU(), time.Now()
		b.ResetTimer()
		var running sync.WaitGroup
		running.Go(func() { w.Run(ctx) })
		<-c.done
		b.StopTimer()
		report(b, b.N, time.Since(start), testkit.CPU()-mine, sink.CPU()-theirs)
		stop()
		running.Wait()
		b.ReportMetric(float64(b.N)/float64(c.commits), "letters/commit")
		if c.bad > 0 {
			b.Errorf("%d not sent", c.bad)
		}
	})
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
