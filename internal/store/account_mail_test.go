package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// person adds an account with a password, beside the link to choose one.
func (b *bed) person(tb testing.TB, email string, role account.Role) account.Account {
	tb.Helper()
	a := account.Account{Email: email, Name: "Noor " + string(role), Role: role}
	if role == account.Partner {
		a.Partner = "friends"
	}
	a, err := b.AddAccount(tb.Context(), account.Actor{Name: "test"}, a, account.Link{
		Kind: account.LinkSetUp, TokenHash: []byte("set up " + email), ExpiresAt: b.clock.Now().Add(account.SetUpWithin),
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	b.alter(tb, `UPDATE accounts SET password = 'a hash' WHERE id = $1`, a.ID)
	a.Ready = true
	return a
}

func (b *bed) queueAccountMail(tb testing.TB, a account.Account, id string) {
	tb.Helper()
	err := b.writer.do(tb.Context(), func(tx *tx) error {
		return tx.queueAccountMail(a.ID, account.MailReset, []byte("sealed "+id), id)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func (b *bed) accountJobs(tb testing.TB) []campaign.Job {
	tb.Helper()
	jobs, err := b.AccountMail().Claim(tb.Context(), 10, lease)
	if err != nil {
		tb.Fatal(err)
	}
	return jobs
}

const accountMails = `SELECT message_id || ' ' || status || ' ' || attempts || ' ' || length(sealed) FROM account_mail ORDER BY id`

func TestAccountMail(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	b.queueAccountMail(t, noor, "1@example.org")
	b.clock.Advance(time.Minute)
	want := []campaign.Job{{
		ID: 1, Kind: "reset", MessageID: "1@example.org", QueuedAt: start, FirstAt: start, Attempts: 1, Lang: "en",
		To: campaign.Target{Name: noor.Name, Email: noor.Email}, TokenHash: []byte("1@example.org"), Sealed: []byte("sealed 1@example.org"),
	}}
	jobs := b.accountJobs(t)
	if diff := cmp.Diff(want, jobs); diff != "" {
		t.Fatal(diff)
	}
	if again := b.accountJobs(t); len(again) != 0 {
		t.Errorf("claimed twice: %v", again)
	}
	q, next := b.AccountMail(), b.clock.Now().Add(time.Hour)
	if err := q.Finish(t.Context(), jobs[0], campaign.Outcome{Verdict: campaign.VerdictRetry, Code: 450}, next); err != nil {
		t.Fatal(err)
	}
	if due, err := q.NextDue(t.Context()); err != nil || !due.Equal(next) {
		t.Errorf("next due %v, %v, want %v", due, err, next)
	}
	if early := b.accountJobs(t); len(early) != 0 {
		t.Errorf("claimed before its time: %v", early)
	}
	b.clock.Advance(time.Hour)
	jobs = b.accountJobs(t)
	if len(jobs) != 1 || jobs[0].Attempts != 2 {
		t.Fatalf("claimed %v", jobs)
	}
	if err := q.Finish(t.Context(), jobs[0], campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}, next); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, accountMails); got != "1@example.org sent 2 0" {
		t.Errorf("the queue holds %s; what was sent is to be gone", got)
	}
	if due, err := q.NextDue(t.Context()); err != nil || !due.IsZero() {
		t.Errorf("next due %v, %v, want none", due, err)
	}
	if got := b.mails(t); got != "" {
		t.Errorf("the letters' outbox holds %s", got)
	}
}

// A worker that never comes back leaves its mails to the next, and what it says
// after that counts no more.
func TestAccountMail_leaseRunsOut(t *testing.T) {
	b := newBed(t)
	b.queueAccountMail(t, b.person(t, "noor@example.org", account.Owner), "1@example.org")
	lost := b.accountJobs(t)[0]
	q := b.AccountMail()
	b.clock.Advance(lease)
	if n, err := q.Reclaim(t.Context()); n != 0 || err != nil {
		t.Errorf("reclaim: %d uncertain, %v", n, err)
	}
	again := b.accountJobs(t)
	if len(again) != 1 || again[0].Attempts != 2 {
		t.Fatalf("claimed %v", again)
	}
	if err := q.Finish(t.Context(), lost, campaign.Outcome{Verdict: campaign.VerdictFailed}, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, accountMails); got != "1@example.org sending 2 20" {
		t.Errorf("the queue holds %s", got)
	}
}

// Nothing goes to whom the site is closed for.
func TestAccountMail_closedAccount(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Viewer)
	b.queueAccountMail(t, noor, "1@example.org")
	b.alter(t, `UPDATE accounts SET disabled_at = '2026-11-23T12:00:00.000Z'`)
	if jobs := b.accountJobs(t); len(jobs) != 0 {
		t.Errorf("claimed %v", jobs)
	}
	if got := b.texts(t, accountMails); got != "1@example.org dropped 0 0" {
		t.Errorf("the queue holds %s", got)
	}
}

// A mail is queued with what it tells of, or not at all.
func TestAccountMail_withItsTransaction(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	undone := errors.New("undone")
	err := b.writer.do(t.Context(), func(tx *tx) error {
		if err := tx.queueAccountMail(noor.ID, account.MailReset, []byte("x"), "1@example.org"); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) || b.texts(t, accountMails) != "" {
		t.Errorf("%v, and the queue holds %s", err, b.texts(t, accountMails))
	}
}

// A clock that was years ahead for a moment keeps no mail back for years.
func TestAccountMail_wrongClock(t *testing.T) {
	b := newBed(t)
	noor := b.person(t, "noor@example.org", account.Owner)
	queue := func(id string) {
		t.Helper()
		if err := b.writer.do(t.Context(), func(tx *tx) error {
			return tx.queueAccountMail(noor.ID, "reset", []byte("sealed"), id)
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.Advance(3 * 365 * 24 * time.Hour)
	queue("leased@example.org")
	queue("waits@example.org")
	if jobs, err := b.AccountMail().Claim(t.Context(), 1, lease); err != nil || len(jobs) != 1 {
		t.Fatalf("claimed %v, %v", jobs, err)
	}
	b.clock.Advance(-3 * 365 * 24 * time.Hour)
	if _, err := b.AccountMail().Reclaim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if jobs, err := b.AccountMail().Claim(t.Context(), 4, lease); err != nil || len(jobs) != 2 {
		t.Errorf("claimed %d, %v; want both", len(jobs), err)
	}
}
