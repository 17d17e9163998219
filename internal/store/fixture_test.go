package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

const (
	slug  = "mps-not-border-guards"
	seatA = "E14001172" // Cities of London and Westminster
	seatB = "E14001170" // Chorley
	lease = 5 * time.Minute
)

// start is a winter noon: London's day is UTC's.
var start = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

var roster = sync.OnceValue(func() *parliament.Roster {
	r, err := parliament.Load(db.FS)
	if err != nil {
		panic(err)
	}
	return r
})

func migrations() fs.FS {
	sub, err := fs.Sub(db.FS, "migrations")
	if err != nil {
		panic(err)
	}
	return sub
}

// fresh is a database file with the roster and the shipped campaign, made once
// and copied for every test.
var fresh = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "postbag-store")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := Open(ctx, Options{Dir: dir, Migrations: migrations(), Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	source, err := fs.ReadFile(db.FS, "campaigns/"+slug+".toml")
	if err != nil {
		panic(err)
	}
	for _, err := range []error{s.ApplyRoster(ctx, roster()), s.AddCampaign(ctx, slug, string(source)), s.Close()} {
		if err != nil {
			panic(err)
		}
	}
	file, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		panic(err)
	}
	return file
})

// bed is a store on a real file, its clock and a raw connection beside it.
type bed struct {
	*Store
	clock *testkit.Clock
	dir   string
	raw   *sql.DB
}

func newBed(tb testing.TB) *bed {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), fresh(), 0o600); err != nil {
		tb.Fatal(err)
	}
	b := &bed{clock: testkit.NewClock(start), dir: dir}
	b.Store = openAt(tb, dir, b.clock)
	raw, err := sql.Open("sqlite", dsn(filepath.Join(dir, FileName), "immediate"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { raw.Close() })
	b.raw = raw
	return b
}

func openAt(tb testing.TB, dir string, clock *testkit.Clock) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), Options{Dir: dir, Migrations: migrations(), Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func member(code string) parliament.Member {
	seat, ok := roster().Seat(code)
	if !ok {
		panic("no seat " + code)
	}
	return seat.Member
}

// hashOf stands in for a keyed hash.
func hashOf(kind string, n int) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(kind), uint64(n)))
	return sum[:]
}

// newLetter is letter n, by person n, to the MP of seatA.
func newLetter(n int) campaign.NewLetter {
	return campaign.NewLetter{
		Campaign: slug, Constituency: seatA, MemberID: member(seatA).ID, Lang: "en", Variant: campaign.VariantAsk,
		TokenHash: hashOf("token", n), RepeatHash: hashOf("repeat", n), EmailHash: hashOf("email", n),
		ContentHash: hashOf("content", n), ReplaceHash: hashOf("replace", n),
		Sealed: fmt.Appendf(nil, "sealed record %d", n), MessageID: fmt.Sprintf("confirm-%d@example.org", n),
	}
}

func (b *bed) submit(tb testing.TB, n int) []byte {
	tb.Helper()
	l := newLetter(n)
	if err := b.SubmitLetter(tb.Context(), l); err != nil {
		tb.Fatal(err)
	}
	return l.TokenHash
}

func (b *bed) confirm(tb testing.TB, n int) []byte {
	tb.Helper()
	hash := b.submit(tb, n)
	if err := b.ConfirmLetter(tb.Context(), hash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
		tb.Fatal(err)
	}
	return hash
}

// claimed claims exactly one message.
func (b *bed) claimed(tb testing.TB) campaign.Job {
	tb.Helper()
	jobs := b.claims(tb, 1)
	if len(jobs) != 1 {
		tb.Fatalf("claimed %d messages, want 1", len(jobs))
	}
	return jobs[0]
}

func (b *bed) claims(tb testing.TB, limit int) []campaign.Job {
	tb.Helper()
	jobs, err := b.Claim(tb.Context(), limit, lease)
	if err != nil {
		tb.Fatal(err)
	}
	return jobs
}

func (b *bed) finish(tb testing.TB, j campaign.Job, v campaign.Verdict) {
	tb.Helper()
	o := campaign.Outcome{Verdict: v, Code: 250, Answer: "as scripted"}
	if err := b.Finish(tb.Context(), j, o, b.clock.Now().Add(time.Minute)); err != nil {
		tb.Fatal(err)
	}
}

// bring submits letter n and brings it to the state, by the store's methods
// alone where there is one.
func (b *bed) bring(tb testing.TB, n int, to campaign.State) []byte {
	tb.Helper()
	ctx := tb.Context()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	switch to {
	case campaign.StateAwaiting:
		b.submit(tb, n)
	case campaign.StateQueued:
		b.confirm(tb, n)
	case campaign.StateSending:
		b.confirm(tb, n)
		b.claimed(tb)
	case campaign.StateSent, campaign.StateFailed, campaign.StateUncertain:
		b.confirm(tb, n)
		b.finish(tb, b.claimed(tb), campaign.Verdict(to))
	case campaign.StateBounced:
		b.bring(tb, n, campaign.StateSent)
		b.returned(tb, n, campaign.ReturnFailed, "5.1.1")
	case campaign.StateHeld:
		b.submit(tb, n)
		b.unseat(tb, seatA)
		must(b.ConfirmLetter(ctx, hashOf("token", n), fmt.Sprintf("letter-%d@example.org", n)))
		b.reseat(tb, seatA)
	case campaign.StateWithdrawn:
		must(b.WithdrawLetter(ctx, b.submit(tb, n)))
	case campaign.StateExpired:
		b.submit(tb, n)
		b.clock.Advance(campaign.ConfirmWithin)
		if _, err := b.ExpireLetters(ctx, 100); err != nil {
			tb.Fatal(err)
		}
	}
	hash := hashOf("token", n)
	b.wantState(tb, hash, to)
	return hash
}

func (b *bed) letter(tb testing.TB, hash []byte) *campaign.Letter {
	tb.Helper()
	l, err := b.LetterByToken(tb.Context(), hash)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func (b *bed) wantState(tb testing.TB, hash []byte, want campaign.State) {
	tb.Helper()
	if got := b.letter(tb, hash).State; got != want {
		tb.Fatalf("state %s, want %s", got, want)
	}
}

// unseat leaves a seat vacant, and reseat puts its member back: as a roster
// that is applied does, and quicker.
func (b *bed) unseat(tb testing.TB, code string) {
	tb.Helper()
	b.alter(tb, `UPDATE members SET constituency = NULL WHERE constituency = $1`, code)
}

func (b *bed) reseat(tb testing.TB, code string) {
	tb.Helper()
	b.alter(tb, `UPDATE members SET constituency = $1 WHERE id = $2`, code, member(code).ID)
}

// mails lists the outbox as "kind status" lines, in order.
func (b *bed) mails(tb testing.TB) string {
	tb.Helper()
	return b.texts(tb, `SELECT kind || ' ' || status FROM outbox ORDER BY id`)
}

// everything tells how many rows there are of what a letter is made of.
func (b *bed) everything(tb testing.TB) string {
	tb.Helper()
	return b.texts(tb, `SELECT count(*) FROM letters UNION ALL SELECT count(*) FROM people UNION ALL SELECT count(*) FROM events
		UNION ALL SELECT count(*) FROM outbox UNION ALL SELECT sum(letters) FROM counters`)
}

// texts returns the one column of a query, joined by commas.
func (b *bed) texts(tb testing.TB, q string, args ...any) string {
	tb.Helper()
	rows, err := b.raw.QueryContext(tb.Context(), q, args...)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			tb.Fatal(err)
		}
		all = append(all, s.String)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return strings.Join(all, ", ")
}

// alter runs a statement beside the store.
func (b *bed) alter(tb testing.TB, q string, args ...any) {
	tb.Helper()
	if _, err := b.raw.ExecContext(tb.Context(), q, args...); err != nil {
		tb.Fatal(err)
	}
}

func (b *bed) count(tb testing.TB, code string) campaign.Count {
	tb.Helper()
	counts, err := b.Counts(tb.Context(), slug)
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range counts {
		if c.Constituency == code {
			return c
		}
	}
	return campaign.Count{Constituency: code}
}
