package store

import (
	"flag"
	"testing"

	"postbag/internal/testkit"
)

// letters is how many the benchmarks of counts have in the database:
// go test -run '^$' -bench Counts ./internal/store -args -letters=5000000
var letters = flag.Int("letters", 1_000_000, "letters in the database of benchmarks of counts")

// fill writes letters beside the store.
func (b *bed) fill(tb testing.TB, n int) {
	tb.Helper()
	conn, err := b.raw.Conn(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	testkit.FillLetters(tb, conn, testkit.Letters{Number: n, Campaign: 1, Until: start})
}

// TestFillLetters: what the generator writes beside letters is what the store
// would have counted.
func TestFillLetters(t *testing.T) {
	b := newBed(t)
	b.fill(t, 5000)
	for _, r := range recounts {
		switch r.name { // the others go by events, which it does not write
		case "tallies of where letters are", "own words":
			if kept, counted := b.texts(t, r.kept), b.texts(t, r.counted); kept != counted || kept == "" {
				t.Errorf("%s:\nkept    %s\ncounted %s", r.name, kept, counted)
			}
		}
	}
	for _, c := range []struct{ name, kept, counted string }{
		{"states", `SELECT SUM(written) || ' ' || SUM(sent) || ' ' || SUM(bounced) FROM tallies`, `SELECT COUNT(*) || ' ' || SUM(sent_at IS NOT NULL) || ' ' || SUM(state = 'bounced') FROM letters`},
		{"hours", `SELECT SUM(written) || ' ' || SUM(confirmed) || ' ' || SUM(sent) FROM hours`, `SELECT SUM(written) || ' ' || SUM(confirmed) || ' ' || SUM(sent) FROM tallies`},
		{"counters", `SELECT constituency || ' ' || state || ' ' || SUM(letters) FROM counters WHERE state = 'sent' GROUP BY constituency ORDER BY 1`, `SELECT constituency || ' sent ' || sent FROM tallies WHERE sent > 0 ORDER BY 1`},
		{"variants", `SELECT SUM(written) || ' ' || SUM(sent) FROM variants`, `SELECT SUM(written) || ' ' || SUM(sent) FROM tallies`},
	} {
		if kept, counted := b.texts(t, c.kept), b.texts(t, c.counted); kept != counted {
			t.Errorf("%s: kept %s, counted %s", c.name, kept, counted)
		}
	}
	l := b.letter(t, testkit.TokenHash(5000))
	if l.ID != 5000 {
		t.Errorf("letter %d has its token", l.ID)
	}
}

func BenchmarkCounts(b *testing.B) {
	s := newBed(b)
	s.fill(b, *letters)
	ctx := b.Context()
	b.Run("tallies", func(b *testing.B) {
		for b.Loop() {
			all, err := s.Tallies(ctx, slug)
			if err != nil || len(all) < 600 {
				b.Fatal(len(all), err)
			}
		}
	})
	b.Run("version", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.ChangesVersion(ctx, slug); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, q := range []struct{ name, q string }{
		{"sums of tallies", `SELECT SUM(confirmed), SUM(sent), SUM(bounced), SUM(now_awaiting), SUM(now_queued), SUM(now_held), SUM(now_failed), SUM(now_bounced), SUM(now_uncertain) FROM tallies WHERE campaign_id = 1`},
		{"naive sum over letters", `SELECT SUM(confirmed_at IS NOT NULL), SUM(state = 'sent'), SUM(state = 'awaiting'), SUM(state = 'held'), SUM(state = 'failed') FROM letters WHERE campaign_id = 1`},
		{"naive group by over letters", `SELECT constituency, state, COUNT(*) FROM letters WHERE campaign_id = 1 GROUP BY constituency, state`},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				rows, err := s.query(ctx, q.q)
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for rows.Next() {
					n++
				}
				rows.Close()
				if n == 0 {
					b.Fatal("nothing")
				}
			}
		})
	}
}
