package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// sealedSize is about that of the shipped letter with its person.
const sealedSize = 2300

func BenchmarkStore_SubmitLetter(b *testing.B) {
	for _, c := range []struct {
		goroutines int
		credit     campaign.Credit
	}{{goroutines: 2}, {goroutines: 32}, {goroutines: 128}, {128, campaign.Credit{Partner: "friends", Source: "source=mail", Via: "https://friends.example"}}} {
		b.Run(fmt.Sprintf("goroutines=%d,credit=%v", c.goroutines, !c.credit.Zero()), func(b *testing.B) {
			s := newBed(b)
			var n atomic.Int64
			sealed := make([]byte, sealedSize)
			b.SetParallelism(c.goroutines / 2) // times two processors
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l := newLetter(int(n.Add(1)))
					l.Sealed, l.Credit = sealed, c.credit
					if err := s.SubmitLetter(context.Background(), l); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
		})
	}
}

// BenchmarkStore_ClaimFinish sends nothing: it is what the database adds to the
// sending of each message, with four at a time as the program does.
func BenchmarkStore_ClaimFinish(b *testing.B) {
	s := newBed(b)
	ctx := context.Background()
	ready := 0
	for b.Loop() {
		if ready == 0 {
			b.StopTimer()
			for ready = 0; ready < 500; ready++ {
				l := newLetter(int(time.Now().UnixNano()))
				l.MessageID = fmt.Sprintf("%x@example.org", l.TokenHash)
				if err := s.SubmitLetter(ctx, l); err != nil {
					b.Fatal(err)
				}
			}
			b.StartTimer()
		}
		jobs, err := s.Claim(ctx, 4, lease)
		if err != nil || len(jobs) == 0 {
			b.Fatal(jobs, err)
		}
		ready -= len(jobs)
		done := make(chan error, len(jobs))
		for _, j := range jobs {
			go func() { done <- s.Finish(ctx, j, campaign.Outcome{Verdict: campaign.VerdictSent}, start) }()
		}
		for range jobs {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(4*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
