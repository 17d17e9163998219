package testkit

import (
	"fmt"
	"testing"
	"time"
)

// Letters say what FillLetters writes.
type Letters struct {
	Number   int
	Campaign int64     // its id
	Until    time.Time // the last is written an hour before, the first sixty days

	// Sealed is the sealed record of letter n, as the store keeps it (padded); nil:
	// everybody's data has been deleted already.
	Sealed func(n int, tokenHash []byte) []byte
}

// TokenHash is that of letter n of FillLetters, from 1.
func TokenHash(n int) []byte { return fmt.Appendf(nil, "%032d", n) }

// FillLetters writes letters and their sums straight into a database with a
// roster and a campaign, but for events and mails, at some hundred thousand a
// second. They lie unevenly over all constituencies and sixty days. Of a
// thousand, 940 are sent, 40 wait to be confirmed, 10 have expired, 4 are queued,
// 2 held, 2 uncertain, 1 failed and 1 bounced. Conn is one connection to the
// file, whatever the driver; nothing else may use it meanwhile.
func FillLetters[Result any](tb testing.TB, conn execer[Result], o Letters) {
	tb.Helper()
	run, end := fill(tb, conn, `TRUE`)
	run(fillLetters, o.Number, o.Campaign, o.Until.Add(-time.Hour).Unix())
	for _, q := range fillSums {
		run(q, o.Campaign)
	}
	for n := 1; o.Sealed != nil && n <= o.Number; n++ {
		run(`INSERT INTO people (letter_id, sealed) VALUES ($1, $2)`, n, o.Sealed(n, TokenHash(n)))
	}
	end()
}

// fillLetters writes the letters. A third of them go to forty constituencies.
const fillLetters = `
	WITH RECURSIVE
	numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1),
	drawn AS (
		SELECT n, CASE WHEN n % 3 = 0 THEN (n / 3 * 7) % 40 ELSE (n * 7919 + n / 650) % (SELECT COUNT(*) FROM places) END AS place,
			(n * 617) % 1000 AS lot, strftime('%Y-%m-%dT%H:%M:%S.000Z', $3 - 60 * 86400 + n * (60 * 86400.0 / $1), 'unixepoch') AS at
		FROM numbers)
	INSERT INTO letters (id, campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash,
		created_at, state_at, expires_at, confirmed_at, sent_at, own, erase_at)
	SELECT n, $2, p.code, p.member, CASE WHEN n % 7 = 0 THEN 'friends' ELSE '' END, 'en', CASE WHEN n % 20 = 0 THEN 'thanks' ELSE 'ask' END, 0,
		CASE WHEN lot < 940 THEN 'sent' WHEN lot < 980 THEN 'awaiting' WHEN lot < 990 THEN 'expired' WHEN lot < 994 THEN 'queued'
			WHEN lot < 996 THEN 'held' WHEN lot < 998 THEN 'uncertain' WHEN lot < 999 THEN 'failed' ELSE 'bounced' END,
		CAST(printf('%032d', n) AS BLOB), at, at, at,
		CASE WHEN lot < 940 OR lot >= 990 THEN at END, CASE WHEN lot < 940 OR lot = 999 THEN at END, (n * 37) % 101,
		CASE WHEN lot >= 994 THEN '9999-01-01T00:00:00.000Z' END
	FROM drawn
	JOIN places p ON p.place = drawn.place`

// fillSums writes what the store would have counted.
var fillSums = []string{`
	INSERT INTO tallies (campaign_id, constituency, written, confirmed, sent, failed, bounced, uncertain, expired,
		now_awaiting, now_queued, now_held, now_failed, now_bounced, now_uncertain, last_at)
	SELECT campaign_id, constituency, COUNT(*), SUM(confirmed_at IS NOT NULL), SUM(sent_at IS NOT NULL), SUM(state = 'failed'), SUM(state = 'bounced'),
		SUM(state = 'uncertain'), SUM(state = 'expired'), SUM(state = 'awaiting'), SUM(state = 'queued'), SUM(state = 'held'), SUM(state = 'failed'),
		SUM(state = 'bounced'), SUM(state = 'uncertain'), COALESCE(MAX(sent_at), '')
	FROM letters WHERE campaign_id = $1 GROUP BY constituency`, `
	INSERT INTO hours (campaign_id, hour, written, confirmed, sent, failed, bounced, uncertain)
	SELECT campaign_id, substr(created_at, 1, 13), COUNT(*), SUM(confirmed_at IS NOT NULL), SUM(sent_at IS NOT NULL), SUM(state = 'failed'),
		SUM(state = 'bounced'), SUM(state = 'uncertain')
	FROM letters WHERE campaign_id = $1 GROUP BY 2`, `
	INSERT INTO variants (campaign_id, variant, written, confirmed, sent)
	SELECT campaign_id, variant, COUNT(*), SUM(confirmed_at IS NOT NULL), SUM(sent_at IS NOT NULL)
	FROM letters WHERE campaign_id = $1 GROUP BY variant`, `
	INSERT INTO own_words (campaign_id, percent, letters)
	SELECT campaign_id, own, COUNT(*) FROM letters WHERE campaign_id = $1 AND confirmed_at IS NOT NULL GROUP BY own`, `
	INSERT INTO counters (campaign_id, constituency, partner, day, state, letters)
	SELECT l.campaign_id, l.constituency, l.partner, substr(l.created_at, 1, 10), s.state, COUNT(*)
	FROM letters l
	JOIN (SELECT 'awaiting' AS state UNION SELECT 'confirmed' UNION SELECT 'sent' UNION SELECT 'bounced' UNION SELECT 'failed' UNION SELECT 'uncertain' UNION SELECT 'expired') s
		ON s.state = 'awaiting' OR s.state = 'confirmed' AND l.confirmed_at IS NOT NULL OR s.state = 'sent' AND l.sent_at IS NOT NULL OR s.state = l.state AND l.state <> 'sent'
	WHERE l.campaign_id = $1
	GROUP BY l.constituency, l.partner, substr(l.created_at, 1, 10), s.state`, `
	INSERT INTO credits (campaign_id, partner, source, via, written, confirmed, sent, bounced)
	SELECT campaign_id, partner, source, via, COUNT(*), SUM(confirmed_at IS NOT NULL), SUM(sent_at IS NOT NULL), SUM(state = 'bounced')
	FROM letters WHERE campaign_id = $1 AND partner <> '' GROUP BY partner, source, via`, `
	INSERT INTO changes (campaign_id, version) VALUES ($1, 1) ON CONFLICT (campaign_id) DO UPDATE SET version = changes.version + 1`,
}
