package mailer

import (
	"fmt"
	"sync/atomic"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// usual returns a letter of usual length.
func usual() campaign.Mail {
	m := letter()
	for len(m.Text) < 2000 {
		m.Text += "Every constituent must be able to ask for help without fear.\n\n"
	}
	return m
}

// BenchmarkSender_Send sends a letter of usual length over kept connections to
// a server in this process; both share the processor.
func BenchmarkSender_Send(b *testing.B) {
	for _, connections := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			benchmarkSend(b, connections, nil)
		})
	}
	for _, types := range [][]DKIMType{{DKIMEd25519}, {DKIMRSA}, {DKIMRSA, DKIMEd25519}} {
		b.Run(fmt.Sprintf("connections=8,signed=%v", types), func(b *testing.B) {
			signer, _ := signing(b, types...)
			benchmarkSend(b, 8, signer)
		})
	}
}

func benchmarkSend(b *testing.B, connections int, signer *Signer) {
	server := testkit.StartSMTP(b, testkit.SMTPConfig{Forget: true})
	sender := newSender(b, server, func(o *Options) { o.Connections, o.Signer = connections, signer })
	m := usual()
	b.SetParallelism(connections)
	b.ReportAllocs()
	var bad atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if sender.Send(b.Context(), m).Verdict != campaign.VerdictSent {
				bad.Add(1)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
	if bad.Load() > 0 || server.Accepted() != b.N || server.Connections() > connections {
		b.Errorf("%d not sent, %d accepted of %d over %d connections", bad.Load(), server.Accepted(), b.N, server.Connections())
	}
}

func BenchmarkBuild(b *testing.B) {
	builder, err := newBuilder(from, "")
	if err != nil {
		b.Fatal(err)
	}
	m := letter()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := builder.build(m); err != nil {
			b.Fatal(err)
		}
	}
}
