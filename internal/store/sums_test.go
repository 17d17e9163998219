package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// recounts are, by table of sums, a query of what it holds and one of what the
// letters, their events and the counters say that it must. Both leave out rows of
// noughts.
var recounts = []struct{ name, kept, counted string }{
	{"tallies of what ever happened", `
		SELECT constituency || ' ' || state || ' ' || n FROM (
			SELECT constituency, 'awaiting' AS state, written AS n FROM tallies
			UNION ALL SELECT constituency, 'confirmed', confirmed FROM tallies
			UNION ALL SELECT constituency, 'sent', sent FROM tallies
			UNION ALL SELECT constituency, 'failed', failed FROM tallies
			UNION ALL SELECT constituency, 'bounced', bounced FROM tallies
			UNION ALL SELECT constituency, 'uncertain', uncertain FROM tallies
			UNION ALL SELECT constituency, 'withdrawn', withdrawn FROM tallies
			UNION ALL SELECT constituency, 'expired', expired FROM tallies)
		WHERE n <> 0 ORDER BY 1`, `
		SELECT constituency || ' ' || state || ' ' || COUNT(*) FROM (
			SELECT l.constituency, e.to_state AS state FROM events e JOIN letters l ON l.id = e.letter_id
			WHERE e.to_state NOT IN ('queued', 'sending', 'held')
			UNION ALL
			SELECT l.constituency, 'confirmed' FROM events e JOIN letters l ON l.id = e.letter_id
			WHERE e.from_state = 'awaiting' AND e.to_state IN ('queued', 'held'))
		GROUP BY constituency, state ORDER BY 1`},
	{"tallies of where letters are", `
		SELECT constituency || ' ' || now_awaiting || ' ' || now_queued || ' ' || now_held || ' ' || now_failed || ' ' || now_bounced || ' ' || now_uncertain || ' ' || last_at
		FROM tallies WHERE written <> 0 ORDER BY 1`, `
		SELECT constituency || ' ' || SUM(state = 'awaiting') || ' ' || SUM(state IN ('queued', 'sending')) || ' ' || SUM(state = 'held' AND erase_at IS NOT NULL)
			|| ' ' || SUM(state = 'failed' AND erase_at IS NOT NULL) || ' ' || SUM(state = 'bounced' AND erase_at IS NOT NULL)
			|| ' ' || SUM(state = 'uncertain' AND erase_at IS NOT NULL) || ' ' || COALESCE(MAX(sent_at), '')
		FROM letters GROUP BY constituency ORDER BY 1`},
	{"tallies of replies", `
		SELECT constituency || ' ' || answer || ' ' || n FROM (
			SELECT constituency, 'none' AS answer, replied_none AS n FROM tallies
			UNION ALL SELECT constituency, 'standard', replied_standard FROM tallies
			UNION ALL SELECT constituency, 'real', replied_real FROM tallies
			UNION ALL SELECT constituency, 'pledged', replied_pledged FROM tallies
			UNION ALL SELECT constituency, 'refused', replied_refused FROM tallies)
		WHERE n <> 0 ORDER BY 1`, `
		SELECT l.constituency || ' ' || r.answer || ' ' || COUNT(*) FROM replies r JOIN letters l ON l.id = r.letter_id
		GROUP BY l.constituency, r.answer ORDER BY 1`},
	{"tallies of self-reports", `
		SELECT constituency || ' ' || self_reported FROM tallies WHERE self_reported <> 0 ORDER BY 1`, `
		SELECT constituency || ' ' || COUNT(*) FROM self_reports GROUP BY constituency ORDER BY 1`},
	{"hours", `
		SELECT hour || ' ' || written || ' ' || confirmed || ' ' || sent || ' ' || failed || ' ' || bounced || ' ' || uncertain FROM hours ORDER BY 1`, `
		SELECT hour || ' ' || SUM(what = 'awaiting') || ' ' || SUM(what = 'confirmed') || ' ' || SUM(what = 'sent') || ' ' || SUM(what = 'failed')
			|| ' ' || SUM(what = 'bounced') || ' ' || SUM(what = 'uncertain') FROM (
			SELECT substr(at, 1, 13) AS hour, to_state AS what FROM events WHERE to_state IN ('awaiting', 'sent', 'failed', 'bounced', 'uncertain')
			UNION ALL
			SELECT substr(at, 1, 13), 'confirmed' FROM events WHERE from_state = 'awaiting' AND to_state IN ('queued', 'held'))
		GROUP BY hour ORDER BY 1`},
	{"variants", `
		SELECT variant || ' ' || written || ' ' || confirmed || ' ' || sent || ' ' || replied_pledged FROM variants ORDER BY 1`, `
		SELECT l.variant || ' ' || COUNT(*) || ' ' || SUM(l.confirmed_at IS NOT NULL) || ' '
			|| (SELECT COUNT(*) FROM events e JOIN letters o ON o.id = e.letter_id WHERE e.to_state = 'sent' AND o.variant = l.variant) || ' '
			|| SUM(COALESCE(r.answer, '') = 'pledged')
		FROM letters l LEFT JOIN replies r ON r.letter_id = l.id GROUP BY l.variant ORDER BY 1`},
	{"own words", `
		SELECT percent || ' ' || letters FROM own_words ORDER BY 1`, `
		SELECT own || ' ' || COUNT(*) FROM letters WHERE own IS NOT NULL AND confirmed_at IS NOT NULL GROUP BY own ORDER BY 1`},
	{"credits", `
		SELECT partner || ' ' || source || ' ' || via || ' ' || written || ' ' || confirmed || ' ' || sent || ' ' || bounced FROM credits ORDER BY 1`, `
		SELECT partner || ' ' || source || ' ' || via || ' ' || SUM(to_state = 'awaiting') || ' ' || SUM(from_state = 'awaiting' AND to_state IN ('queued', 'held'))
			|| ' ' || SUM(to_state = 'sent') || ' ' || SUM(to_state = 'bounced')
		FROM letters l JOIN events e ON e.letter_id = l.id
		WHERE partner <> '' OR source <> ''
		GROUP BY partner, source, via ORDER BY 1`},
	{"counters", `
		SELECT constituency || ' ' || partner || ' ' || day || ' ' || state || ' ' || letters FROM counters
		WHERE state NOT LIKE 'reply%' AND state <> 'self_reported' ORDER BY 1`, `
		SELECT l.constituency || ' ' || l.partner || ' ' || substr(e.at, 1, 10) || ' ' || e.what || ' ' || COUNT(*) FROM (
			SELECT letter_id, at, to_state AS what FROM events WHERE to_state NOT IN ('queued', 'sending', 'held')
			UNION ALL
			SELECT letter_id, at, 'confirmed' FROM events WHERE from_state = 'awaiting' AND to_state IN ('queued', 'held')) e
		JOIN letters l ON l.id = e.letter_id
		GROUP BY l.constituency, l.partner, substr(e.at, 1, 10), e.what ORDER BY 1`}, // in winter London's days are UTC's
}

// wantSums recounts everything.
func (b *bed) wantSums(tb testing.TB) {
	tb.Helper()
	for _, r := range recounts {
		if kept, counted := b.texts(tb, r.kept), b.texts(tb, r.counted); kept != counted {
			tb.Errorf("%s:\nkept    %s\ncounted %s", r.name, kept, counted)
		}
	}
}

// walk does n things at random with letters to two MPs, as supporters, workers,
// organisers and the passing of time do, some of them together and some to no
// avail.
func (b *bed) walk(tb testing.TB, seed uint64, n int) {
	tb.Helper()
	ctx := context.Background()
	r := rand.New(rand.NewPCG(seed, 1))
	token := func() []byte { return hashOf("token", 1+r.IntN(60)) }
	written := 0
	write := func() campaign.NewLetter {
		written++
		l := newLetter(written)
		l.Constituency = []string{seatA, seatB}[r.IntN(2)]
		l.MemberID, l.Own = member(l.Constituency).ID, r.IntN(101)
		l.Credit.Partner = []string{"", "friends"}[r.IntN(2)]
		l.Credit.Source = []string{"", "source=mail", "source=web"}[r.IntN(3)]
		if l.Credit.Partner != "" {
			l.Credit.Via = []string{"", "https://friends.example"}[r.IntN(2)]
		}
		l.Variant = []campaign.Variant{campaign.VariantAsk, campaign.VariantThanks}[r.IntN(2)]
		if written > 5 && r.IntN(4) == 0 { // the same person again
			l.RepeatHash = hashOf("repeat", written-1-r.IntN(4))
		}
		if written > 5 && r.IntN(6) == 0 {
			l.Replaces = hashOf("replace", written-1-r.IntN(4))
		}
		return l
	}
	decide := func(hash []byte, to campaign.State) error {
		return b.writer.do(ctx, func(tx *tx) error {
			l, err := tx.letter(hash)
			if err != nil || !campaign.CanMove(l.state, to) {
				return err
			}
			if l.state == campaign.StateSending || to == campaign.StateSending || l.state == campaign.StateAwaiting {
				return nil // of those the outbox knows more
			}
			return tx.move(l, to, "decided")
		})
	}
	for range n {
		var err error
		switch r.IntN(24) {
		case 0, 1, 2:
			err = b.SubmitLetter(ctx, write())
		case 3, 4, 5:
			err = b.ConfirmLetter(ctx, token(), fmt.Sprintf("letter-%d@example.org", r.Uint64()))
		case 6:
			err = b.WithdrawLetter(ctx, token())
		case 7:
			err = b.EraseLetter(ctx, token())
		case 8, 9, 16, 17:
			for _, j := range b.claims(tb, 8) { // mails to supporters come first
				verdict := []campaign.Verdict{campaign.VerdictSent, campaign.VerdictSent, campaign.VerdictFailed, campaign.VerdictUncertain, campaign.VerdictRetry}[r.IntN(5)]
				if r.IntN(8) > 0 { // or the worker is lost
					b.finish(tb, j, campaign.Verdict(verdict))
				}
			}
		case 10, 18, 19, 20, 21:
			err = b.SetReply(ctx, token(), campaign.Answers()[r.IntN(5)])
		case 11:
			report := campaign.SelfReport{Campaign: slug, Constituency: seatA, Way: campaign.WayPost, TokenHash: hashOf("self", r.IntN(30))}
			err = b.AddSelfReport(ctx, report)
		case 12:
			err = decide(token(), campaign.States()[r.IntN(len(campaign.States()))])
		case 13:
			b.unseat(tb, seatB)
			err = b.ConfirmLetter(ctx, token(), fmt.Sprintf("letter-%d@example.org", r.Uint64()))
			b.reseat(tb, seatB)
		case 22, 23: // another MP, and letters that are sent on
			hash := token()
			b.succeed(tb, seatB)
			_ = b.ConfirmLetter(ctx, hash, fmt.Sprintf("letter-%d@example.org", r.Uint64()))
			err = b.ReaddressLetter(ctx, hash, toSuccessor(r.IntN(60)))
			b.giveBack(tb, seatB)
		case 14:
			l := write()
			b.together(tb,
				func(tx *tx) error { return tx.write(1, l) },
				func(tx *tx) error { return errors.Join(tx.write(1, write()), errOnPurpose) },
				func(tx *tx) error {
					return tx.within(func() error { return errors.Join(tx.write(1, write()), errOnPurpose) })
				})
		case 15:
			b.clock.Advance([]time.Duration{time.Minute, time.Hour, 26 * time.Hour}[r.IntN(3)])
			for _, do := range []func() (int, error){
				func() (int, error) { return b.ExpireLetters(ctx, 100) },
				func() (int, error) {
					return b.RemindLetters(ctx, 100, func() string { return fmt.Sprint(r.Uint64()) })
				},
				func() (int, error) { return b.EraseDue(ctx, 100) },
				func() (int, error) { return b.Reclaim(ctx) },
			} {
				if _, e := do(); e != nil {
					tb.Fatal(e)
				}
			}
		}
		if unexpected(err) {
			tb.Fatal(err)
		}
	}
}

// unexpected reports whether an error is none that a person may see.
func unexpected(err error) bool { return err != nil && fault.CodeOf(err) == fault.Internal }

func TestSums_areWhatLettersSay(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("walk ", seed), func(t *testing.T) {
			b := newBed(t)
			b.walk(t, seed, 700)
			b.wantSums(t)
			if got := b.texts(t, `SELECT COUNT(DISTINCT to_state) >= 8 FROM events`); got != "1" {
				t.Error("letters came to few states")
			}
			if got := b.texts(t, `SELECT SUM(self_reported) > 0 AND SUM(replied_real + replied_pledged) > 0 FROM tallies`); got != "1" {
				t.Error("the walk leads nowhere")
			}
			var before int
			if err := b.raw.QueryRowContext(t.Context(), `SELECT SUM(letters) FROM counters WHERE state LIKE 'reply%'`).Scan(&before); err != nil {
				t.Fatal(err)
			}
			if got := b.texts(t, `SELECT COUNT(*) FROM replies`); got != fmt.Sprint(before) {
				t.Errorf("counters have %d replies, of %s", before, got)
			}
		})
	}
}

// A change that fails counts nothing, alone or among others, whole or in part.
func TestSums_ofWhatFailed(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*tx) error
	}{
		{"an error", func(tx *tx) error { return errors.Join(tx.write(1, newLetter(2)), errOnPurpose) }},
		{"a panic", func(tx *tx) error { _ = tx.write(1, newLetter(2)); panic("oh dear") }},
		{"a panic in a step", func(tx *tx) error {
			return tx.within(func() error { _ = tx.write(1, newLetter(2)); panic("oh dear") })
		}},
		{"an error after a step", func(tx *tx) error {
			return errors.Join(tx.within(func() error { return tx.write(1, newLetter(2)) }), errOnPurpose)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			if err := b.writer.do(t.Context(), c.do); err == nil {
				t.Error("it did not fail")
			}
			errs := b.together(t, func(tx *tx) error { return tx.write(1, newLetter(1)) }, c.do, func(tx *tx) error { return tx.write(1, newLetter(3)) })
			if errs[0] != nil || errs[1] == nil || errs[2] != nil {
				t.Fatal(errs)
			}
			if got := b.count(t, seatA).Written; got != 2 {
				t.Errorf("%d written, want 2", got)
			}
			b.wantSums(t)
		})
	}
	t.Run("a step among steps", func(t *testing.T) {
		b := newBed(t)
		err := b.writer.do(t.Context(), func(tx *tx) error {
			for n := range 5 {
				_ = tx.within(func() error {
					err := tx.write(1, newLetter(n))
					if n%2 == 1 {
						err = errOnPurpose
					}
					return err
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.count(t, seatA).Written; got != 3 {
			t.Errorf("%d written, want 3", got)
		}
		b.wantSums(t)
	})
	t.Run("the whole commit", func(t *testing.T) {
		b := newBed(t)
		b.together(t,
			func(tx *tx) error { return tx.write(1, newLetter(1)) },
			func(tx *tx) error { _, err := tx.exec(`ROLLBACK`); return errors.Join(err, errOnPurpose) })
		b.submit(t, 2)
		b.wantSums(t)
	})
}

// Those who report at the same moment are counted together, and no more of them
// than of others.
func TestSums_limitSelfReportsWithinACommit(t *testing.T) {
	b := newBed(t)
	b.alter(t, `INSERT INTO counters (campaign_id, constituency, partner, day, state, letters) VALUES (1, $1, '', '2026-11-23', 'self_reported', $2)`, seatA, campaign.MaxSelfReports-2)
	report := func(n int) func(*tx) error {
		return func(tx *tx) error {
			return tx.addSelfReport(1, campaign.SelfReport{Constituency: seatA, TokenHash: hashOf("self", n)})
		}
	}
	errs := b.together(t, report(1), report(2), report(3), report(1))
	for i, want := range []fault.Code{"", "", fault.RateLimited, ""} {
		if got := fault.CodeOf(errs[i]); got != want {
			t.Errorf("report %d: %v", i+1, errs[i])
		}
	}
	if got := b.texts(t, `SELECT letters FROM counters WHERE state = 'self_reported'`); got != fmt.Sprint(campaign.MaxSelfReports) {
		t.Errorf("%s are counted", got)
	}
}

// What an older version left is counted just as what this one counts itself.
func TestMigrate_countsWhatIsThere(t *testing.T) {
	b := newBed(t)
	b.walk(t, 9, 600)
	want := map[string]string{}
	all := map[string]string{"tallies": `constituency`, "hours": `hour`, "variants": `variant`, "own_words": `percent`}
	for table := range all {
		want[table] = b.whole(t, table)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, b.raw, migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	openAt(t, b.dir, b.clock)
	for table := range all {
		if got := b.whole(t, table); got != want[table] {
			t.Errorf("%s:\ngot  %s\nwant %s", table, got, want[table])
		}
	}
}

// The same of what a version left that counted no credits.
func TestMigrate_creditsWhatIsThere(t *testing.T) {
	b := newBed(t)
	b.walk(t, 11, 400)
	want := b.whole(t, "credits")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, b.raw, migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	openAt(t, b.dir, b.clock)
	if got := b.whole(t, "credits"); got != want || want == "" {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// whole is everything that a table holds but rows of noughts.
func (b *bed) whole(tb testing.TB, table string) string {
	tb.Helper()
	rows, err := b.raw.QueryContext(tb.Context(), `SELECT * FROM `+table+` ORDER BY 1, 2`)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	all := ""
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := rows.Scan(values...); err != nil {
			tb.Fatal(err)
		}
		for i, v := range values {
			all += names[i] + "=" + v.(*sql.NullString).String + " "
		}
		all += "\n"
	}
	return all
}

func TestStore_ChangesVersion(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	last, err := b.ChangesVersion(ctx, slug)
	if err != nil || last != 0 {
		t.Fatal(last, err)
	}
	for _, c := range []struct {
		name  string
		do    func() error
		grows bool
	}{
		{"a letter", func() error { return b.SubmitLetter(ctx, newLetter(1)) }, true},
		{"the same again", func() error { return b.SubmitLetter(ctx, newLetter(1)) }, false},
		{"it is confirmed", func() error { return b.ConfirmLetter(ctx, hashOf("token", 1), "letter-1@example.org") }, true},
		{"it is confirmed again", func() error { return b.ConfirmLetter(ctx, hashOf("token", 1), "letter-1@example.org") }, false},
		{"a pledge", func() error { b.change(t, added(seatA, "2026-11-01")); return nil }, true},
		{"a setting", func() error { return b.SetSetting(ctx, "some", "thing") }, false},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		now, err := b.ChangesVersion(ctx, slug)
		if err != nil || now > last != c.grows || now < last {
			t.Errorf("%s: from version %d to %d, %v", c.name, last, now, err)
		}
		last = now
	}
}
