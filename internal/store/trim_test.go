package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/seal"
)

// trimKeys seal the records of these tests.
func trimKeys(tb testing.TB) *seal.Keys {
	tb.Helper()
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

// writes submits letter n with a real sealed record, kept as given, and has it sent.
func (b *bed) writes(tb testing.TB, n int, keep campaign.Keep) (tokenHash []byte) {
	tb.Helper()
	l := newLetter(n)
	l.Keep = keep
	p := campaign.Person{
		Name: "Amina Okoro", Email: "amina@example.org", Phone: "020 7946 0000", Address1: "17 Planted Road", Town: "Leeds", Postcode: "LS6 1AA",
		Subject: "A subject", Letter: strings.Repeat("The text of this letter is long. ", 300), Lang: "en", Token: "token",
	}
	var err error
	if l.Sealed, err = campaign.SealPerson(trimKeys(tb), &p, l.TokenHash); err != nil {
		tb.Fatal(err)
	}
	if err := b.SubmitLetter(tb.Context(), l); err != nil {
		tb.Fatal(err)
	}
	if err := b.ConfirmLetter(tb.Context(), l.TokenHash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
		tb.Fatal(err)
	}
	for b.letter(tb, l.TokenHash).State != campaign.StateSent {
		b.finish(tb, b.claimed(tb), campaign.VerdictSent)
	}
	return l.TokenHash
}

func (b *bed) trimmedDue(tb testing.TB) int {
	tb.Helper()
	n, err := b.TrimDue(tb.Context(), 100, campaign.NewTrimmer(trimKeys(tb)))
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func (b *bed) opened(tb testing.TB, hash []byte) *campaign.Person {
	tb.Helper()
	p, err := campaign.OpenPerson(trimKeys(tb), b.letter(tb, hash).Sealed, hash)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// A week after a letter was sent its text and the address in it are gone, from the
// files too, and its supporter can still be asked what came of it.
func TestStore_TrimDue(t *testing.T) {
	b := newBed(t)
	hash := b.writes(t, 1, campaign.Keep{})
	if err := b.SaveCaptured(t.Context(), Captured{MessageID: "letter-1@example.org", At: b.clock.Now(), Kind: campaign.MailLetter, Sealed: []byte("sealed mail")}); err != nil {
		t.Fatal(err)
	}
	before := b.letter(t, hash)
	if want := b.clock.Now().Add(7 * day); !before.TrimAt.Equal(want) || !before.EraseAt.Equal(b.clock.Now().Add(30*day)) {
		t.Fatalf("due at %v and %v, want %v", before.TrimAt, before.EraseAt, want)
	}
	b.clock.Advance(7*day - time.Millisecond)
	if n := b.trimmedDue(t); n != 0 || b.opened(t, hash).Letter == "" {
		t.Fatal("trimmed too soon")
	}
	b.clock.Advance(time.Millisecond)
	if n := b.trimmedDue(t); n != 1 {
		t.Fatalf("%d trimmed, want 1", n)
	}
	if got, want := *b.opened(t, hash), (campaign.Person{Name: "Amina Okoro", Email: "amina@example.org", Lang: "en", Token: "token", Trimmed: true}); got != want {
		t.Errorf("what is left: %+v", got)
	}
	if n := b.trimmedDue(t); n != 0 {
		t.Errorf("%d trimmed a second time", n)
	}
	l := b.letter(t, hash)
	if !l.TrimAt.IsZero() || !l.EraseAt.Equal(before.EraseAt) || l.FollowAt.IsZero() || l.State != campaign.StateSent {
		t.Errorf("afterwards %+v", l)
	}
	if got := b.texts(t, `SELECT count(*) FROM captured_mail UNION ALL SELECT count(sealed) FROM outbox UNION ALL SELECT count(content_hash) FROM letters`); got != "0, 0, 0" {
		t.Errorf("captured mail, answers, hashes of the text: %s; want none", got)
	}
	b.wantLedger(t, "0 2026-11-30 C text due 1")
	for name, data := range b.files(t) {
		for at := 0; at+64 <= len(before.Sealed); at += 64 {
			if bytes.Contains(data, before.Sealed[at:at+64]) {
				t.Fatalf("byte %d of the whole record still stands in %s", at, name)
			}
		}
	}
	b.clock.Advance(23 * day)
	if n := b.erasedDue(t); n != 1 || b.letter(t, hash).Sealed != nil {
		t.Errorf("%d erased when its time was over", n)
	}
}

// What nobody can open is not kept for that.
func TestStore_TrimDue_damaged(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent) // its record is none
	b.clock.Advance(7 * day)
	if n := b.trimmedDue(t); n != 1 || b.letter(t, hash).Sealed != nil {
		t.Errorf("%d done, kept: %v", n, b.letter(t, hash).Sealed != nil)
	}
	b.wantLedger(t, "0 2026-11-30 C letter due 1")
}

func TestStore_TrimDue_onlyWhatWasSent(t *testing.T) {
	for _, s := range []campaign.State{campaign.StateHeld, campaign.StateFailed, campaign.StateBounced, campaign.StateUncertain, campaign.StateQueued} {
		b := newBed(t)
		b.bring(t, 1, s)
		b.clock.Advance(365 * day)
		if n := b.trimmedDue(t); n != 0 {
			t.Errorf("%d trimmed that are %s and may be sent yet", n, s)
		}
	}
	b := newBed(t)
	if err := b.EraseLetter(t.Context(), b.writes(t, 1, campaign.Keep{})); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(365 * day)
	if n := b.trimmedDue(t); n != 0 {
		t.Errorf("%d trimmed that are gone", n)
	}
}

// A letter whose text is gone is never sent again, and its supporter is told that it
// came back.
func TestStore_TrimDue_thenItComesBack(t *testing.T) {
	for _, kind := range []campaign.ReturnKind{campaign.ReturnFailed, campaign.ReturnFull} {
		t.Run(string(kind), func(t *testing.T) {
			b := newBed(t)
			hash := b.writes(t, 1, campaign.Keep{})
			b.clock.Advance(8 * day)
			b.trimmedDue(t)
			if taken := b.returned(t, 1, kind, "5.1.1"); taken != campaign.TakenBounced {
				t.Fatalf("taken as %q", taken)
			}
			l := b.letter(t, hash)
			if l.State != campaign.StateBounced || !strings.Contains(b.mails(t), "bounced ready") || !l.TrimAt.IsZero() {
				t.Errorf("%s, %s, %v", l.State, b.mails(t), l.TrimAt)
			}
			found, err := b.DeskLetters(t.Context(), slug, []int64{l.ID})
			if err != nil || len(found) != 1 || found[0].Refuse(campaign.DecideRetry) != campaign.RefusedText || found[0].Refuse(campaign.DecideDecline) != "" {
				t.Errorf("%+v, %v", found, err)
			}
			results, err := b.DecideLetters(t.Context(), olga, []campaign.Resolution{{Chosen: campaign.Chosen{ID: l.ID}, Decision: campaign.DecideRetry, MessageID: "again@example.org"}})
			if err != nil || results[0] == nil || b.letter(t, hash).State != campaign.StateBounced {
				t.Errorf("sent again: %v, %v", results, err)
			}
		})
	}
}

// Whoever writes is told how long the letter is kept, and that holds; a campaign that
// keeps less from then on keeps less of everybody, and one that keeps more of nobody
// who wrote before.
func TestStore_ShortenKept(t *testing.T) {
	b := newBed(t)
	var all [][]byte
	for n := range 5 {
		all = append(all, b.writes(t, n, campaign.Keep{Text: 7, Email: 30, Unconfirmed: 7}))
	}
	sent, expired := b.clock.Now(), b.bring(t, 21, campaign.StateExpired)
	waiting := b.submit(t, 20)
	gone := b.writes(t, 30, campaign.Keep{})
	if err := b.EraseLetter(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	save := func(version int, keep campaign.Keep) {
		t.Helper()
		if _, err := b.SaveCampaign(t.Context(), olga, campaign.CampaignChange{Slug: slug, Source: "x", Base: version, Keep: keep}); err != nil {
			t.Fatal(err)
		}
		for {
			n, err := b.ShortenKept(t.Context(), 2)
			if err != nil {
				t.Fatal(err)
			}
			if n < 2 {
				break
			}
		}
	}
	check := func(text, email, unconfirmed time.Duration) {
		t.Helper()
		for _, hash := range all {
			if l := b.letter(t, hash); !l.TrimAt.Equal(sent.Add(text)) || !l.EraseAt.Equal(sent.Add(email)) {
				t.Errorf("goes at %v and %v, sent at %v", l.TrimAt, l.EraseAt, sent)
			}
		}
		if l := b.letter(t, expired); !l.EraseAt.Equal(l.StateAt.Add(unconfirmed)) {
			t.Errorf("the expired one goes at %v, expired at %v", l.EraseAt, l.StateAt)
		}
		if l := b.letter(t, gone); !l.EraseAt.IsZero() || !l.TrimAt.IsZero() {
			t.Errorf("one that is gone: %v, %v", l.EraseAt, l.TrimAt)
		}
	}
	check(7*day, 30*day, 7*day)
	save(1, campaign.Keep{Text: 20, Email: 60, Unconfirmed: 20})
	check(7*day, 30*day, 7*day)
	save(2, campaign.Keep{Text: 3, Email: 25, Unconfirmed: 2})
	check(3*day, 25*day, 2*day)
	if got := b.texts(t, `SELECT count(keep_text) FROM campaigns`); got != "0" {
		t.Errorf("%s campaigns are still to be shortened", got)
	}
	// One that was still to be confirmed goes as early, once it has.
	if err := b.ConfirmLetter(t.Context(), waiting, "late@example.org"); err != nil {
		t.Fatal(err)
	}
	for b.letter(t, waiting).State != campaign.StateSent {
		b.finish(t, b.claimed(t), campaign.VerdictSent)
	}
	if l := b.letter(t, waiting); !l.TrimAt.Equal(l.SentAt.Add(3*day)) || !l.EraseAt.Equal(l.SentAt.Add(25*day)) {
		t.Errorf("sent at %v, goes at %v and %v", l.SentAt, l.TrimAt, l.EraseAt)
	}
}

// Where name and email go before the questions are due, none is asked.
func TestStore_FollowUp_notKeptForIt(t *testing.T) {
	b := newBed(t)
	b.writes(t, 1, campaign.Keep{Text: 2, Email: 10, Unconfirmed: 1})
	b.clock.Advance(time.Minute)
	for range 60 {
		if _, err := b.FollowUp(t.Context(), 10, func() string { return b.clock.Now().String() }); err != nil {
			t.Fatal(err)
		}
		b.sendAll(t)
		b.trimmedDue(t)
		b.erasedDue(t)
		b.clock.Advance(day)
	}
	if got := b.mails(t); strings.Contains(got, "followup") || strings.Contains(got, "last") || !strings.Contains(got, "sent sent") {
		t.Errorf("mails: %s", got)
	}
	if got := b.texts(t, `SELECT count(*) FROM people`); got != "0" {
		t.Errorf("%s people are left", got)
	}
}

func TestTrimmer_refusesAnothersRecord(t *testing.T) {
	keys := trimKeys(t)
	sealed, err := campaign.SealPerson(keys, &campaign.Person{Name: "A", Letter: "L"}, []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.NewTrimmer(keys)(sealed, []byte("another")); !errors.Is(err, seal.ErrCannotOpen) {
		t.Errorf("err = %v", err)
	}
}

// Erasing what is due clears the journal in steps, and at the end in any case; and so
// does whoever starts after a process that was killed in between.
func TestStore_EraseDue_clearsTheJournal(t *testing.T) {
	b := newBed(t)
	sealed := b.allDue(t, 12)
	if n, err := b.EraseDue(t.Context(), 5); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	if !left(t, b, sealed[:5]) {
		t.Log("the journal was cleared already") // which is no harm
	}
	for range 2 {
		if _, err := b.EraseDue(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
	}
	if left(t, b, sealed) {
		t.Error("erased records are left in the files")
	}
}

// allDue has so many letters sent, long ago, and returns their sealed records.
func (b *bed) allDue(tb testing.TB, letters int) (sealed [][]byte) {
	tb.Helper()
	for n := range letters {
		sealed = append(sealed, b.letter(tb, b.writes(tb, n, campaign.Keep{})).Sealed)
	}
	b.clock.Advance(60 * day)
	return sealed
}

// left reports whether anything of sealed records stands in the files.
func left(tb testing.TB, b *bed, sealed [][]byte) bool {
	tb.Helper()
	for _, data := range b.files(tb) {
		for _, s := range sealed {
			if bytes.Contains(data, s[40:72]) {
				return true
			}
		}
	}
	return false
}

// One letter that cannot be erased holds up none of the others.
func TestStore_EraseDue_oneThatCannotBe(t *testing.T) {
	b := newBed(t)
	bad := b.writes(t, 1, campaign.Keep{})
	good := b.writes(t, 2, campaign.Keep{})
	b.alter(t, `CREATE TRIGGER no BEFORE DELETE ON people WHEN OLD.letter_id = (SELECT min(id) FROM letters) BEGIN SELECT RAISE(ABORT, 'no'); END`)
	b.clock.Advance(60 * day)
	n, err := b.EraseDue(t.Context(), 10)
	if n != 1 || err != nil || b.letter(t, good).Sealed != nil || b.letter(t, bad).Sealed == nil {
		t.Errorf("%d erased, %v", n, err)
	}
	b.wantLedger(t, "0 2027-01-22 C letter due 1")
}

// A campaign that is changed to keep less while one of its letters is with the mail
// server keeps less of that one, too.
func TestStore_ShortenKept_whileItIsSent(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	job := b.claimed(t)
	if _, err := b.SaveCampaign(t.Context(), olga, campaign.CampaignChange{Slug: slug, Source: "x", Base: 1, Keep: campaign.Keep{Text: 2, Email: 10, Unconfirmed: 1}}); err != nil {
		t.Fatal(err)
	}
	if n, err := b.ShortenKept(t.Context(), 10); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	done := campaign.Finished{Job: job, Outcome: campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}}
	if _, err := b.Exchange(t.Context(), []campaign.Finished{done}, 0, lease); err != nil {
		t.Fatal(err)
	}
	if l := b.letter(t, hash); l.State != campaign.StateSent || !l.TrimAt.Equal(l.SentAt.Add(2*day)) || !l.EraseAt.Equal(l.SentAt.Add(10*day)) {
		t.Errorf("%s, sent at %v, goes at %v and %v", l.State, l.SentAt, l.TrimAt, l.EraseAt)
	}
}

// What waits for its supporter has no day that a campaign sets: keeping less takes
// nobody's letter away who was asked a moment ago.
func TestStore_ShortenKept_notWhatWaits(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	b.unseat(t, seatA)
	if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(campaign.RetainOpen + day)
	b.alter(t, `UPDATE members SET constituency = $1 WHERE id = $2`, seatA, member(seatB).ID)
	if n, err := b.AskAgain(t.Context(), 10); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	asked := b.letter(t, hash)
	if _, err := b.SaveCampaign(t.Context(), olga, campaign.CampaignChange{Slug: slug, Source: "x", Base: 1, Keep: campaign.Keep{Text: 2, Email: 10, Unconfirmed: 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ShortenKept(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if l := b.letter(t, hash); !l.EraseAt.Equal(asked.EraseAt) {
		t.Errorf("goes at %v, want %v", l.EraseAt, asked.EraseAt)
	}
	if n := b.erasedDue(t); n != 0 {
		t.Errorf("%d erased", n)
	}
}

// One campaign that has nothing to shorten stands in the way of no other.
func TestStore_ShortenKept_everyCampaign(t *testing.T) {
	b := newBed(t)
	hash := b.writes(t, 1, campaign.Keep{})
	b.alter(t, `UPDATE campaigns SET keep_text = 2, keep_email = 10, keep_unconfirmed = 1`)
	b.alter(t, `INSERT INTO campaigns (id, slug, source, created_at, keep_text, keep_email, keep_unconfirmed) VALUES (-1, 'first', '', '', 1, 1, 1)`)
	if n, err := b.ShortenKept(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("%d shortened, %v", n, err)
	}
	if l := b.letter(t, hash); !l.TrimAt.Equal(l.SentAt.Add(2 * day)) {
		t.Errorf("goes at %v, sent at %v", l.TrimAt, l.SentAt)
	}
}

// The journal is cleared at the end, also when the last step finds nothing left.
func TestStore_EraseDue_clearsTheJournalOfFullSteps(t *testing.T) {
	b := newBed(t)
	sealed := b.allDue(t, 10)
	for _, want := range []int{5, 5, 0} {
		if n, err := b.EraseDue(t.Context(), 5); n != want || err != nil {
			t.Fatal(n, err)
		}
	}
	if left(t, b, sealed) {
		t.Error("erased records are left in the files")
	}
}

// Nor does a process that stops between two steps leave it to others, who know of
// nothing.
func TestStore_EraseDue_stoppedBetweenSteps(t *testing.T) {
	b := newBed(t)
	other := openAt(t, b.dir, b.clock)
	sealed := b.allDue(t, 10)
	if n, err := other.EraseDue(t.Context(), 5); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if left(t, b, sealed[:5]) {
		t.Error("erased records are left in the files")
	}
}

// What an MP's office answered may quote the letter, and goes with its text.
func TestStore_TrimDue_whatQuotesIt(t *testing.T) {
	b := newBed(t)
	hash := b.writes(t, 1, campaign.Keep{})
	if taken := b.returned(t, 1, campaign.ReturnReply, ""); taken != campaign.TakenForwarded {
		t.Fatalf("taken as %q", taken)
	}
	for b.texts(t, `SELECT count(*) FROM outbox WHERE status = 'ready'`) != "0" {
		b.finish(t, b.claimed(t), campaign.VerdictSent)
	}
	forwarded := b.texts(t, `SELECT message_id FROM outbox WHERE kind = 'forward'`)
	if err := b.SaveCaptured(t.Context(), Captured{MessageID: forwarded, At: b.clock.Now(), Kind: campaign.MailForward, Sealed: []byte("it quotes the letter")}); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(7 * day)
	if n := b.trimmedDue(t); n != 1 || !b.opened(t, hash).Trimmed {
		t.Fatalf("%d trimmed", n)
	}
	if got := b.texts(t, `SELECT count(*) FROM captured_mail`); got != "0" {
		t.Errorf("%s captured mails are left", got)
	}
}

// A campaign that is changed once more while its letters are being shortened has them
// shortened again: what was said last is not taken for done.
func TestStore_ShortenKept_changedMeanwhile(t *testing.T) {
	b := newBed(t)
	hash := b.writes(t, 1, campaign.Keep{})
	b.alter(t, `UPDATE campaigns SET keep_text = 5, keep_email = 20, keep_unconfirmed = 5`)
	id, keep, err := b.toShorten(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.alter(t, `UPDATE campaigns SET keep_text = 2, keep_email = 10, keep_unconfirmed = 1`)
	err = b.writer.do(t.Context(), func(tx *tx) error {
		_, err := tx.shorten(id, keep, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := b.ShortenKept(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("%d shortened, %v", n, err)
	}
	if l := b.letter(t, hash); !l.TrimAt.Equal(l.SentAt.Add(2 * day)) {
		t.Errorf("goes at %v, sent at %v", l.TrimAt, l.SentAt)
	}
}

// A process that stops leaves no journal with what was erased because somebody was
// reading when it was.
func TestStore_EraseDue_stoppedAfterSomebodyRead(t *testing.T) {
	b := newBed(t)
	other := openAt(t, b.dir, b.clock)
	sealed := b.allDue(t, 3)
	reader, err := b.raw.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var letters int
	if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM letters`).Scan(&letters); err != nil {
		t.Fatal(err)
	}
	if n, err := other.EraseDue(t.Context(), 5); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if !left(t, b, sealed) {
		t.Fatal("the reader was not in the way")
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if left(t, b, sealed) {
		t.Error("erased records are left in the files")
	}
}
