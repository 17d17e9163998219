package testkit

import (
	"encoding/binary"
	"testing"
	"time"
)

// Queue says what FillQueue writes.
type Queue struct {
	Number   int
	Campaign int64     // its id
	Since    time.Time // all were confirmed then, and are due

	// People is for how many of the first a person is sealed; 0: for all. The others
	// cannot be sent, and are there to stand in line.
	People int

	// Sealed seals the person of letter n, from 1.
	Sealed func(n int, tokenHash []byte) []byte
}

// FillQueue writes confirmed letters that wait to be sent straight into a database
// with a roster and a campaign, unevenly over all constituencies. Conn is one
// connection to the file; nothing else may use it meanwhile.
func FillQueue[Result any](tb testing.TB, conn execer[Result], o Queue) {
	tb.Helper()
	run, end := fill(tb, conn, `m.email <> ''`)
	at := o.Since.UTC().Format("2006-01-02T15:04:05.000Z")
	run(fillQueued, o.Number, o.Campaign, at)
	run(`INSERT INTO events (letter_id, at, from_state, to_state, why) SELECT id, created_at, '', 'awaiting', 'written' FROM letters WHERE state = 'queued'`)
	run(`INSERT INTO events (letter_id, at, from_state, to_state, why) SELECT id, created_at, 'awaiting', 'queued', 'confirmed' FROM letters WHERE state = 'queued'`)
	run(`
		INSERT INTO outbox (letter_id, kind, urgency, seat, status, attempts, message_id, queued_at, due_at, next_at, code, answer)
		SELECT id, 'letter', 1, constituency, 'ready', 0, 'letter-' || id || '@postbag.example', created_at, created_at, created_at, 0, ''
		FROM letters
		WHERE state = 'queued'
		ORDER BY id`)
	for _, q := range fillSums {
		run(q, o.Campaign)
	}
	if o.People == 0 {
		o.People = o.Number
	}
	for n := 1; n <= o.People; n++ {
		run(`INSERT INTO people (letter_id, sealed) VALUES ($1, $2)`, n, kept(o.Sealed(n, TokenHash(n))))
	}
	end()
}

// kept pads a sealed record as the store keeps it.
func kept(sealed []byte) []byte {
	padded := make([]byte, 4000)
	binary.BigEndian.PutUint32(padded, uint32(len(sealed)))
	copy(padded[4:], sealed)
	return padded
}

// fillQueued writes the letters. A third of them go to forty constituencies.
const fillQueued = `
	WITH RECURSIVE
	numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1),
	drawn AS (
		SELECT n, CASE WHEN n % 3 = 0 THEN (n / 3 * 7) % 40 ELSE (n * 7919 + n / 650) % (SELECT COUNT(*) FROM places) END AS place
		FROM numbers)
	INSERT INTO letters (id, campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, repeat_hash,
		created_at, state_at, expires_at, confirmed_at, own, why)
	SELECT n, $2, p.code, p.member, '', 'en', CASE WHEN n % 20 = 0 THEN 'thanks' ELSE 'ask' END, 0, 'queued',
		CAST(printf('%032d', n) AS BLOB), CAST(printf('repeat %032d', n) AS BLOB), $3, $3, $3, $3, (n * 37) % 101, 'confirmed'
	FROM drawn
	JOIN places p ON p.place = drawn.place`
