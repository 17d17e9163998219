package store

import (
	"testing"

	"postbag/internal/campaign"
)

// fillLetters writes letters that were sent, as quickly as it goes; people says
// for how many of them a sealed record is made, of the usual size.
func (b *bed) fillLetters(tb testing.TB, letters, people int) {
	tb.Helper()
	b.alter(tb, `
		WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < $1)
		INSERT INTO letters (id, campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, created_at, state_at, expires_at, confirmed_at, sent_at, own, why)
		SELECT n.id, 1, $2, $3, '', 'en', 'ask', 0, 'sent', CAST(printf('%032d', n.id) AS BLOB),
			'2026-11-23T12:00:00.000Z', '2026-11-23T12:00:00.000Z', '2026-11-30T12:00:00.000Z', '2026-11-23T12:00:00.000Z', '2026-11-23T12:00:00.000Z', n.id % 100, 'accepted'
		FROM n`, letters, seatA, member(seatA).ID)
	b.alter(tb, `INSERT INTO people (letter_id, sealed) SELECT id, $1 FROM letters WHERE id <= $2`, pad(make([]byte, sealedSize)), people)
}

// BenchmarkStore_LettersFrom reads every letter of a campaign as an export does,
// without opening what is sealed.
func BenchmarkStore_LettersFrom(b *testing.B) {
	const letters = 100_000
	for name, people := range map[string]bool{"counts": false, "people": true} {
		b.Run(name, func(b *testing.B) {
			s := newBed(b)
			s.fillLetters(b, letters, letters/4)
			for b.Loop() {
				n := 0
				for after, first := int64(0), true; first || after != 0; first = false {
					var err error
					if after, err = s.LettersFrom(b.Context(), slug, after, people, func(campaign.ExportLetter) error { n++; return nil }); err != nil {
						b.Fatal(err)
					}
				}
				if n != letters {
					b.Fatalf("read %d letters", n)
				}
			}
			b.ReportMetric(letters*float64(b.N)/b.Elapsed().Seconds(), "letters/s")
		})
	}
}
