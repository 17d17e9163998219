package store

import (
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

var erased = flag.Int("erased", 100_000, "letters that BenchmarkErase erases")

// BenchmarkErase erases letters that are all due, as the program does, while others
// write. It says how long that takes, and how long at most a writer waits.
func BenchmarkErase(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := newBed(b)
		record := pad(make([]byte, 2500))
		conn, err := s.raw.Conn(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		testkit.FillLetters(b, conn, testkit.Letters{Number: *erased, Campaign: 1, Until: s.clock.Now(), Sealed: func(int, []byte) []byte { return record }})
		for _, q := range []string{
			`INSERT INTO outbox (letter_id, kind, urgency, seat, status, attempts, message_id, queued_at, due_at, next_at, code, answer, sealed)
				SELECT id, 'letter', 1, constituency, 'sent', 1, 'letter-' || id || '@postbag.example', created_at, created_at, created_at, 250, '250 2.0.0', randomblob(90) FROM letters`,
			`INSERT INTO outbox (letter_id, kind, urgency, seat, status, attempts, message_id, queued_at, due_at, next_at, code, answer, sealed)
				SELECT id, 'confirm', 0, '', 'sent', 1, 'confirm-' || id || '@postbag.example', created_at, created_at, created_at, 250, '250 2.0.0', randomblob(90) FROM letters`,
			`UPDATE letters SET state = 'sent', repeat_hash = randomblob(32), email_hash = randomblob(32), content_hash = randomblob(32), erase_at = created_at`,
		} {
			if _, err := conn.ExecContext(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
		if err := conn.Close(); err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithCancel(b.Context())
		waits := make(chan []time.Duration)
		go func() {
			var took []time.Duration
			for ctx.Err() == nil {
				began := time.Now()
				if err := s.SetSetting(context.Background(), "written", began.String()); err != nil {
					b.Error(err)
				}
				took = append(took, time.Since(began))
			}
			waits <- took
		}()
		b.StartTimer()
		began := time.Now()
		for {
			n, err := s.EraseDue(b.Context(), campaign.EraseTogether)
			if err != nil {
				b.Fatal(err)
			}
			if n < campaign.EraseTogether {
				break
			}
		}
		b.StopTimer()
		took := time.Since(began)
		stop()
		all := <-waits
		b.ReportMetric(took.Seconds(), "s/all")
		b.ReportMetric(float64(slices.Max(all).Microseconds())/1000, "ms-longest-wait")
		b.ReportMetric(float64(len(all)), "writes-meanwhile")
		if got := s.texts(b, `SELECT count(*) FROM people`); got != "0" {
			b.Fatalf("%s are left", got)
		}
		b.StartTimer()
	}
}
