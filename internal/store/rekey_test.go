package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/seal"
)

// keyed gives a bed the keys of a secret, as a start of the program does.
func (b *bed) keyed(tb testing.TB, secret string) (*seal.Secret, *seal.Keys) {
	tb.Helper()
	s, err := seal.ReadSecret([]byte(strings.Repeat(secret, seal.MinSecret)))
	if err != nil {
		tb.Fatal(err)
	}
	if err := b.FirstKeys(tb.Context(), s.ID(), s.FirstKeys()); err != nil {
		tb.Fatal(err)
	}
	keys, err := seal.Load(tb.Context(), s, b.DataKeys)
	if err != nil {
		tb.Fatal(err)
	}
	return s, keys
}

// person is who wrote letter n.
func personOf(n int) *campaign.Person {
	return &campaign.Person{Name: fmt.Sprint("Planted Person ", n), Email: fmt.Sprintf("planted-%d@example.org", n), Letter: strings.Repeat("Planted words. ", 60)}
}

// seals submits letters from first to last with the people behind them sealed.
func (b *bed) seals(tb testing.TB, keys *seal.Keys, first, last int) {
	tb.Helper()
	for n := first; n <= last; n++ {
		if err := b.sealOne(tb.Context(), keys, n); err != nil {
			tb.Fatal(err)
		}
	}
}

func (b *bed) sealOne(ctx context.Context, keys *seal.Keys, n int) (err error) {
	l := newLetter(n)
	if l.Sealed, err = campaign.SealPerson(keys, personOf(n), l.TokenHash); err != nil {
		return err
	}
	return b.SubmitLetter(ctx, l)
}

// sealBeside submits letter n while others replace the key. Nobody waits here until it
// has noticed, so the database may refuse the old one.
func (b *bed) sealBeside(keys *seal.Keys, n int) (err error) {
	for range 5 {
		if err = errors.Join(keys.Refresh(context.Background()), b.sealOne(context.Background(), keys, n)); err == nil {
			return nil
		}
	}
	return err
}

// sealsEverywhere puts something sealed into every place, and returns what opens all
// of it again, with the program's own functions.
func (b *bed) sealsEverywhere(tb testing.TB, keys *seal.Keys) (open func(*seal.Keys) error) {
	tb.Helper()
	noor := b.person(tb, "noor@example.org", account.Owner)
	l := newLetter(1)
	var err error
	if l.Sealed, err = campaign.SealPerson(keys, personOf(1), l.TokenHash); err != nil {
		tb.Fatal(err)
	}
	contact := campaign.Contact{Name: "Planted Contact", Email: "planted@example.org", At: start, Token: seal.NewToken()}
	o := campaign.NewOptIn{ID: 7, Wording: askedEn, TokenHash: keys.Hash("opt-in token", contact.Token), EmailHash: keys.Hash("opt-in email", contact.Email)}
	if o.Sealed, err = campaign.SealContact(keys, &contact, o.TokenHash); err != nil {
		tb.Fatal(err)
	}
	l.OptIns = []campaign.NewOptIn{o}
	if err := b.SubmitLetter(tb.Context(), l); err != nil {
		tb.Fatal(err)
	}
	b.alter(tb, `INSERT INTO notes (letter_id, sealed) VALUES (1, $1)`, pad(campaign.SealNote(keys, "a note", l.TokenHash)))
	b.alter(tb, `UPDATE outbox SET sealed = $1 WHERE id = 1`, keys.Seal([]byte("an answer"), l.TokenHash))
	b.alter(tb, `INSERT INTO originals (outbox_id, sealed) VALUES (1, $1)`, pad(campaign.SealOriginal(keys, []byte("an original"), l.TokenHash)))
	if err := b.SaveCaptured(tb.Context(), Captured{MessageID: "captured@x", At: start, Kind: campaign.MailLetter, Sealed: keys.Seal([]byte("a mail"), []byte("captured@x"))}); err != nil {
		tb.Fatal(err)
	}
	m, err := account.NewMail(keys, "example.org", account.MailReset, "what it says")
	if err != nil {
		tb.Fatal(err)
	}
	if err := b.writer.do(tb.Context(), func(tx *tx) error { return tx.queueAccountMail(noor.ID, m.Kind, m.Sealed, m.MessageID) }); err != nil {
		tb.Fatal(err)
	}
	b.alter(tb, `UPDATE accounts SET totp = $1 WHERE id = $2`, keys.Seal([]byte("a code"), account.SecondFactorContext(strconv.FormatInt(noor.ID, 10))), noor.ID)
	return func(keys *seal.Keys) error {
		letter, err := b.LetterByToken(tb.Context(), l.TokenHash)
		if err != nil {
			return err
		}
		_, people := campaign.OpenPerson(keys, letter.Sealed, l.TokenHash)
		_, notes := campaign.OpenNote(keys, letter.Note, l.TokenHash)
		contacts, err := b.OptInsByEmail(tb.Context(), [][]byte{o.EmailHash})
		if err == nil && len(contacts) == 1 {
			_, err = campaign.OpenContact(keys, contacts[0].Sealed, o.TokenHash)
		}
		opens := func(q string, about []byte, padded bool) error {
			var sealed []byte
			if err := b.raw.QueryRow(q).Scan(&sealed); err != nil {
				return err
			}
			if padded {
				if sealed, err = unpad(sealed); err != nil {
					return err
				}
			}
			if _, err := keys.Open(sealed, about); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
			return nil
		}
		return errors.Join(people, notes, err,
			opens(`SELECT sealed FROM outbox WHERE id = 1`, l.TokenHash, false),
			opens(`SELECT sealed FROM originals`, append([]byte("original"), l.TokenHash...), true),
			opens(`SELECT sealed FROM captured_mail`, []byte("captured@x"), false),
			opens(`SELECT sealed FROM account_mail`, []byte(m.MessageID), false),
			opens(`SELECT totp FROM accounts WHERE totp IS NOT NULL`, account.SecondFactorContext(strconv.FormatInt(noor.ID, 10)), false))
	}
}

// rekeying replaces keys without waiting.
func (b *bed) rekeying(secret *seal.Secret, keys *seal.Keys) *campaign.Rekeying {
	return &campaign.Rekeying{
		Store: b.Store, Secret: secret, Keys: keys, Now: b.clock.Now,
		Pause: func(_ context.Context, d time.Duration) error { b.clock.Advance(d); return nil },
	}
}

// wantOneKey fails unless everything that is sealed is sealed with one key.
func (b *bed) wantOneKey(tb testing.TB, want seal.KeyID) {
	tb.Helper()
	counts, err := b.CountSealed(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range counts {
		if c.Key != want || c.Age {
			tb.Errorf("in %s, %d records are sealed with %s, want all with %s", c.In, c.Records, c.Key, want)
		}
	}
}

// A column with something sealed in it that keys are not changed for would be lost
// with the key. So every column that may hold bytes is known here.
func TestSealedPlaces_areAllOfThem(t *testing.T) {
	notSealed := map[string]string{
		"partners.logo": "a picture that is public", "sessions.data": "who is signed in: number, role and times", "data_keys.wrapped": "a key",
		"data_keys.id": "names a key", "sign_in_failures.bucket": "a keyed hash", "returns.hash": "a keyed hash", "limits.hash": "a keyed hash", "likenesses.hash": "a keyed hash",
	}
	b := newBed(t)
	known := map[string]bool{}
	for in, p := range sealedPlaces {
		known[string(in)+"."+p.column] = true
	}
	found := map[string]bool{}
	for _, column := range strings.Split(b.texts(t, `
		SELECT m.name || '.' || c.name
		FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND (upper(c.type) NOT IN ('TEXT', 'INTEGER', 'REAL') OR c.name LIKE '%sealed%')
			AND c.name NOT LIKE '%\_hash' ESCAPE '\' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%'
		ORDER BY 1`), ", ") {
		if found[column] = true; !known[column] && notSealed[column] == "" {
			t.Errorf("%s: nothing says whether it is sealed; if so it belongs to sealedPlaces, else into this test", column)
		}
	}
	for column := range known {
		if !found[column] {
			t.Errorf("%s is not in the schema", column)
		}
	}
	if len(sealedPlaces) != len(campaign.SealedPlaces) {
		t.Errorf("the store knows %d places, the domain %d", len(sealedPlaces), len(campaign.SealedPlaces))
	}
	// And none of those that others write is without the guard against old keys.
	guarded := b.texts(t, `SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%data_keys%' ORDER BY 1`)
	if want := "account_mail, accounts, captured_mail, notes, opt_in_people, originals, people"; guarded != want {
		t.Errorf("guarded: %s, want %s", guarded, want)
	}
}

func TestRekeying_sealsEverythingAnew(t *testing.T) {
	b := newBed(t)
	secret, keys := b.keyed(t, "a")
	opens := b.sealsEverywhere(t, keys)
	b.seals(t, keys, 2, 150)
	b.alter(t, `INSERT INTO captured_mail (message_id, at, kind, sealed) VALUES ('none@x', '', '', x'')`) // nothing is sealed in it
	old := keys.Current()
	var wrapped, record []byte
	for _, err := range []error{
		b.raw.QueryRow(`SELECT wrapped FROM data_keys WHERE id = $1`, old.Bytes()).Scan(&wrapped),
		b.raw.QueryRow(`SELECT sealed FROM people WHERE letter_id = 99`).Scan(&record),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	batches := 0
	r := b.rekeying(secret, keys)
	r.Told = func(campaign.Rekeyed) { batches++ }
	done, err := r.Rotate(t.Context())
	if want := (campaign.Rekeyed{Old: old, Resealed: 157, Destroyed: 1}); err != nil || done != want {
		t.Fatalf("%+v, %v; want %+v", done, err, want)
	}
	if batches < 150/resealAtMost {
		t.Errorf("only %d batches", batches)
	}
	if keys.Current() == old {
		t.Error("the old key is still current")
	}
	b.wantOneKey(t, keys.Current())
	_, anew := b.keyed(t, "a") // as another process
	if err := opens(anew); err != nil {
		t.Error(err)
	}
	kept, err := unpad(record)
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, b, "rotated", kept)
	wantGone(t, b, "rotated", wrapped)
	if got := b.texts(t, `SELECT state || ' ' || length(wrapped) FROM data_keys WHERE purpose = 'seal' ORDER BY gone_at IS NULL`); got != "gone 0, current 72" {
		t.Errorf("the keys: %s", got)
	}
}

// resealAtMost is how many records may be sealed anew in one transaction.
const resealAtMost = 128

// stopping fails at the call that it is told to, before it or after it.
type stopping struct {
	campaign.KeyStore
	calls, at int
	after     bool
}

var errStopped = errors.New("stopped on purpose")

func (s *stopping) step(do func() error) error {
	s.calls++
	if s.calls == s.at && !s.after {
		return errStopped
	}
	if err := do(); err != nil {
		return err
	}
	if s.calls == s.at {
		return errStopped
	}
	return nil
}

func (s *stopping) ReplaceKey(ctx context.Context, by account.Actor, secret string, old seal.KeyID, with seal.DataKey) (ok bool, err error) {
	err = s.step(func() (err error) { ok, err = s.KeyStore.ReplaceKey(ctx, by, secret, old, with); return err })
	return ok, err
}

func (s *stopping) CloseKey(ctx context.Context, id seal.KeyID) error {
	return s.step(func() error { return s.KeyStore.CloseKey(ctx, id) })
}

func (s *stopping) DestroyKey(ctx context.Context, by account.Actor, id seal.KeyID) error {
	return s.step(func() error { return s.KeyStore.DestroyKey(ctx, by, id) })
}

func (s *stopping) Reseal(ctx context.Context, in campaign.SealedIn, was, now []campaign.Sealed) (n int, err error) {
	err = s.step(func() (err error) { n, err = s.KeyStore.Reseal(ctx, in, was, now); return err })
	return n, err
}

func TestRekeying_stoppedAnywhereItGoesOn(t *testing.T) {
	for at := 1; ; at++ {
		stopped := true
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint("call ", at, " after ", after), func(t *testing.T) {
				b := newBed(t)
				secret, keys := b.keyed(t, "a")
				opens := b.sealsEverywhere(t, keys)
				old := keys.Current()
				r := b.rekeying(secret, keys)
				s := &stopping{KeyStore: b.Store, at: at, after: after}
				r.Store = s
				if _, err := r.Rotate(t.Context()); err == nil {
					stopped = false
					return
				} else if !errors.Is(err, errStopped) {
					t.Fatal(err)
				}
				_, others := b.keyed(t, "a")
				if err := opens(others); err != nil {
					t.Errorf("half-way: %v", err)
				}
				secret, again := b.keyed(t, "a")
				if _, err := b.rekeying(secret, again).Rotate(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.wantOneKey(t, again.Current())
				if err := errors.Join(opens(again), opens(others)); err != nil {
					t.Error(err)
				}
				if got := b.texts(t, `SELECT state FROM data_keys WHERE id = $1`, old.Bytes()); got != "gone" {
					t.Errorf("the old key is %s", got)
				}
			})
		}
		if !stopped {
			if at < 5 {
				t.Errorf("it made only %d calls", at)
			}
			return
		}
	}
}

// Several processes write and open while two replace the key at once.
func TestRekeying_besideOthers(t *testing.T) {
	b := newBed(t)
	secret, keys := b.keyed(t, "a")
	b.seals(t, keys, 1, 100)
	ctx, cancel := context.WithCancel(t.Context())
	_, server := b.keyed(t, "a")
	var running sync.WaitGroup
	written := 100
	running.Go(func() { // it looks for new keys as the server does
		for ctx.Err() == nil {
			if err := b.sealBeside(server, written+1); err != nil {
				t.Error(err)
				return
			}
			written++
		}
	})
	var both sync.WaitGroup
	for range 2 {
		_, mine := b.keyed(t, "a")
		both.Go(func() {
			if _, err := b.rekeying(secret, mine).Rotate(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	cancel()
	running.Wait()
	if _, err := b.rekeying(secret, keys).Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	b.wantOneKey(t, keys.Current())
	for n := 1; n <= written; n++ {
		l, err := b.LetterByToken(t.Context(), hashOf("token", n))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := campaign.OpenPerson(server, l.Sealed, hashOf("token", n)); err != nil || p.Name != personOf(n).Name {
			t.Fatalf("letter %d of %d: %v", n, written, err)
		}
	}
}

// A process that has been asleep meanwhile seals with a key that is gone. Nothing
// that it writes is lost unseen, and it takes the new key when it looks.
func TestRekeying_refusesWhatNobodyCouldOpen(t *testing.T) {
	b := newBed(t)
	secret, keys := b.keyed(t, "a")
	_, asleep := b.keyed(t, "a")
	b.seals(t, asleep, 1, 1)
	if _, err := b.rekeying(secret, keys).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.sealOne(t.Context(), asleep, 2); err == nil {
		t.Error("a record was taken whose key is gone")
	}
	if got := b.texts(t, `SELECT count(*) FROM letters`); got != "1" {
		t.Errorf("%s letters", got)
	}
	l := b.letter(t, hashOf("token", 1))
	if _, err := campaign.OpenPerson(asleep, l.Sealed, hashOf("token", 1)); err != nil {
		t.Errorf("a record whose key it does not know yet: %v", err)
	}
	if err := b.sealOne(t.Context(), asleep, 2); err != nil {
		t.Errorf("once it has looked: %v", err)
	}
}

func TestRekeying_keepsAKeyThatSomethingDoesNotOpenWith(t *testing.T) {
	b := newBed(t)
	secret, keys := b.keyed(t, "a")
	b.seals(t, keys, 1, 3)
	old := keys.Current()
	b.alter(t, `UPDATE people SET sealed = substr(sealed, 1, 60) || zeroblob(10) || substr(sealed, 71) WHERE letter_id = 2`)
	b.alter(t, `UPDATE people SET sealed = CAST(sealed AS BLOB)`)
	done, err := b.rekeying(secret, keys).Rotate(t.Context())
	if want := (campaign.Rekeyed{Old: old, Resealed: 2, Unreadable: 1}); err != nil || done != want {
		t.Fatalf("%+v, %v; want %+v", done, err, want)
	}
	if got := b.texts(t, `SELECT state FROM data_keys WHERE id = $1`, old.Bytes()); got != "closed" {
		t.Errorf("the old key is %s", got)
	}
	second := keys.Current() // it does not stand in the way of the next
	done, err = b.rekeying(secret, keys).Rotate(t.Context())
	if err != nil || done.Resealed != 2 || done.Destroyed != 1 || keys.Current() == second {
		t.Errorf("%+v, %v", done, err)
	}
	b.alter(t, `DELETE FROM people WHERE letter_id = 2`)
	if done, err = b.rekeying(secret, keys).Rotate(t.Context()); err != nil || done.Old != old || done.Destroyed != 1 {
		t.Errorf("once it is erased: %+v, %v", done, err)
	}
}

func TestRekeying_givesOthersTime(t *testing.T) {
	b := newBed(t)
	secret, keys := b.keyed(t, "a")
	b.seals(t, keys, 1, 2)
	_, late := b.keyed(t, "a")
	r := b.rekeying(secret, keys)
	r.Wait = 30 * time.Second
	var waited []time.Duration
	r.Pause = func(ctx context.Context, d time.Duration) error {
		waited = append(waited, d)
		b.clock.Advance(d)
		return b.sealOne(ctx, late, 3) // it has not noticed
	}
	done, err := r.Rotate(t.Context())
	if err != nil || !slices.Equal(waited, []time.Duration{30 * time.Second}) || done.Resealed != 3 || done.Destroyed != 1 {
		t.Errorf("%+v, %v, waited %v", done, err, waited)
	}
	b.wantOneKey(t, keys.Current())
}

func TestRewrapKeys(t *testing.T) {
	b := newBed(t)
	secret, keys := b.keyed(t, "a")
	opens := b.sealsEverywhere(t, keys)
	before := b.texts(t, `SELECT hex(sealed) FROM people`)
	var wrapped []byte
	if err := b.raw.QueryRow(`SELECT wrapped FROM data_keys WHERE purpose = 'hash'`).Scan(&wrapped); err != nil {
		t.Fatal(err)
	}
	next, err := seal.ReadSecret([]byte(strings.Repeat("b", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	rewrap := func(d seal.DataKey) (seal.DataKey, error) { return secret.Rewrap(d, next) }
	if err := b.RewrapKeys(t.Context(), account.Actor{Name: "test"}, next.ID(), secret.ID(), rewrap); !errors.Is(err, ErrSecretChanged) {
		t.Errorf("of another secret: %v", err)
	}
	if err := b.RewrapKeys(t.Context(), account.Actor{Name: "test"}, secret.ID(), next.ID(), rewrap); err != nil {
		t.Fatal(err)
	}
	wantGone(t, b, "rewrapped", wrapped)
	if b.texts(t, `SELECT hex(sealed) FROM people`) != before {
		t.Error("a record was touched")
	}
	if _, err := seal.Load(t.Context(), secret, b.DataKeys); !errors.Is(err, seal.ErrCannotUnwrap) {
		t.Errorf("the old secret: %v", err)
	}
	_, anew := b.keyed(t, "b")
	if err := opens(anew); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(keys.Hash("token", "x"), anew.Hash("token", "x")) {
		t.Error("a hash changed with the secret")
	}
	// A process that has the old secret still works, and can make no key.
	if err := keys.Refresh(t.Context()); err != nil {
		t.Errorf("a server that runs: %v", err)
	}
	if _, err := b.rekeying(secret, keys).Rotate(t.Context()); !errors.Is(err, ErrSecretChanged) {
		t.Errorf("a new key under the old secret: %v", err)
	}
	if _, err := b.rekeying(next, anew).Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	if got := b.texts(t, `SELECT action FROM audit WHERE action LIKE 'seal.%' ORDER BY id`); got != "seal.rewrap, seal.rotate, seal.destroy" {
		t.Errorf("audit: %s", got)
	}
}

// A server that was not restarted with the new secret cannot read what another seals.
// It must not take that for damaged, and erase it whole when its text is due.
func TestTrimDue_leavesWhatAnotherSecretOpens(t *testing.T) {
	b := newBed(t)
	secret, old := b.keyed(t, "a")
	b.seals(t, old, 1, 1)
	hash := hashOf("token", 1)
	if err := b.ConfirmLetter(t.Context(), hash, "letter-1@example.org"); err != nil {
		t.Fatal(err)
	}
	for b.letter(t, hash).State != campaign.StateSent {
		b.finish(t, b.claimed(t), campaign.VerdictSent)
	}
	next, err := seal.ReadSecret([]byte(strings.Repeat("b", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.RewrapKeys(t.Context(), account.Actor{Name: "test"}, secret.ID(), next.ID(), func(d seal.DataKey) (seal.DataKey, error) { return secret.Rewrap(d, next) }); err != nil {
		t.Fatal(err)
	}
	_, anew := b.keyed(t, "b")
	if _, err := b.rekeying(next, anew).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(8 * 24 * time.Hour)
	if n, err := b.TrimDue(t.Context(), 100, campaign.NewTrimmer(old)); n != 0 || err != nil {
		t.Errorf("with the old secret: %d, %v", n, err)
	}
	if p, err := campaign.OpenPerson(anew, b.letter(t, hash).Sealed, hash); err != nil || p.Letter == "" {
		t.Errorf("the letter is gone: %v", err)
	}
	if n, err := b.TrimDue(t.Context(), 100, campaign.NewTrimmer(anew)); n != 1 || err != nil {
		t.Errorf("with the new one: %d, %v", n, err)
	}
}
