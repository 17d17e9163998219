package store

import (
	"context"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// BenchmarkRekeying seals 20,000 letters anew, while somebody writes one after
// another: it tells how long the slowest of those waited.
func BenchmarkRekeying(b *testing.B) {
	const letters = 20_000
	bed := newBed(b)
	secret, keys := bed.keyed(b, "a")
	for n := 1; n <= letters; n += 100 {
		var together sync.WaitGroup
		for i := range 100 {
			together.Go(func() {
				if err := bed.sealOne(context.Background(), keys, n+i); err != nil {
					b.Error(err)
				}
			})
		}
		together.Wait()
	}
	for b.Loop() {
		stop, slowest, writes := make(chan struct{}), time.Duration(0), 0
		var writing sync.WaitGroup
		writing.Go(func() {
			for ; ; writes++ {
				select {
				case <-stop:
					return
				default:
				}
				began := time.Now()
				if err := bed.SetSetting(context.Background(), "some", "thing"); err != nil {
					b.Error(err)
				}
				slowest = max(slowest, time.Since(began))
			}
		})
		began := time.Now()
		done, err := (&campaign.Rekeying{Store: bed.Store, Secret: secret, Keys: keys, Now: time.Now}).Rotate(b.Context())
		took := time.Since(began)
		close(stop)
		writing.Wait()
		if err != nil || done.Resealed != letters {
			b.Fatalf("%+v, %v", done, err)
		}
		b.ReportMetric(float64(letters)/took.Seconds(), "records/s")
		b.ReportMetric(float64(slowest.Milliseconds()), "ms-slowest-write")
		b.ReportMetric(float64(writes), "writes")
	}
}
