package campaign_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "postbag/internal/campaign"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// letters is how many the benchmark of checks has in the database:
// go test -run '^$' -bench Checks -benchtime 2000x ./internal/campaign -args -letters=1000000
var letters = flag.Int("letters", 1_000_000, "letters in the database of the benchmark of checks")

// unset is a store in which organisers have set no checks.
type unset struct{ *store.Store }

func (unset) Checks(context.Context, string) (string, error) { return "", nil }

// BenchmarkChecks writes and confirms letters with all checks and with none in turn,
// beside many others, each of which has six bands and an inbox, and half a million
// of today's buckets. What the checks cost is the difference.
func BenchmarkChecks(b *testing.B) {
	d := newDesk(b)
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	conn, err := raw.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	testkit.FillLetters(b, conn, testkit.Letters{Number: *letters, Campaign: 1, Until: start})
	for _, q := range []string{
		`UPDATE letters SET email_hash = randomblob(32)`,
		fmt.Sprintf(`
			WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d - 1)
			INSERT INTO likenesses (hash, letters)
			SELECT x'%x' || unhex(printf('%%08X', n * %d)) || randomblob(12), 1 + n %% 3 FROM numbers`, 6**letters, binary.BigEndian.AppendUint16(nil, uint16(start.Unix()/86400/7)), (1<<32-1)/(6**letters)),
		fmt.Sprintf(`
			WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 499999)
			INSERT INTO limits (hash, full_at)
			SELECT x'%x' || unhex(printf('%%08X', n * 8589)) || randomblob(13), 0 FROM numbers`, LimitsSince(start)),
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := conn.ExecContext(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	conn.Close()

	limits := StrictLimits()
	limits.Young, limits.Old = 0, 0
	limits.Address, limits.Campaign = Rate{1_000_000, 1_000_000}, Rate{1_000_000, 1_000_000}
	both := map[bool]*Service{}
	for checked, l := range map[bool]Limits{true: limits, false: {}} {
		var s Store = d.store
		if !checked {
			s = unset{d.store}
		}
		if both[checked], err = NewService(b.Context(), Options{
			Store: s, Keys: keys(), Postcodes: postcodes(), Words: words(), MailDomain: "postbag.example.org", Now: d.clock.Now, Wake: func() {}, Limits: l,
		}); err != nil {
			b.Fatal(err)
		}
	}
	list := make([]string, 200)
	for i := range list {
		list[i] = fmt.Sprintf("word%d and more*", i)
	}
	draft, err := d.Draft(b.Context(), slug, typed())
	if err != nil {
		b.Fatal(err)
	}
	took := map[bool][]time.Duration{}
	n := 0
	one := func(checked bool) {
		n++
		r := rand.New(rand.NewPCG(uint64(n), 5))
		var own strings.Builder
		for range 250 {
			fmt.Fprintf(&own, "word%d ", r.IntN(2000))
		}
		f := typed(func(f *Form) {
			f.Email, f.Body = fmt.Sprintf("person%d@example.org", n), own.String()+"\n\n"+draft.Body
			f.From = fmt.Sprintf("10.%d.%d.0/24", n/256%256, n%256)
			f.Postcode = fmt.Sprintf("DH%d %d%c%c", 1+n%9, n/9%10, "ABDEFGHJ"[n/90%8], "ABDEFGHJ"[n/720%8])
		})
		began := time.Now()
		if _, err := both[checked].Submit(b.Context(), slug, f); err != nil {
			b.Fatal(err)
		}
		spent := time.Since(began)
		var hash []byte
		if err := raw.QueryRow(`SELECT token_hash FROM letters ORDER BY id DESC LIMIT 1`).Scan(&hash); err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		if err := d.store.ConfirmLetter(b.Context(), hash, fmt.Sprintf("letter%d@example.org", n)); err != nil {
			b.Fatal(err)
		}
		took[checked] = append(took[checked], spent+time.Since(began))
	}
	d.alter(b, `INSERT INTO checks (campaign_id, settings) VALUES (1, $1)`, Checks{Limits: limits, Words: list}.JSON())
	for b.Loop() {
		one(true)
		one(false)
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2].Microseconds())
	}
	with, without := median(took[true]), median(took[false])
	b.ReportMetric(with, "with-µs")
	b.ReportMetric(without, "without-µs")
	b.ReportMetric(with-without, "checks-µs")
}
