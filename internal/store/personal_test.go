package store

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/seal"
	"postbag/internal/testkit"
)

// files returns the bytes of everything in the data directory.
func (b *bed) files(tb testing.TB) map[string][]byte {
	tb.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		tb.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(b.dir, e.Name()))
		if err != nil {
			tb.Fatal(err)
		}
		all[e.Name()] = data
	}
	return all
}

func TestEncodings_findWhatIsThere(t *testing.T) {
	const text = "Planted Ünique 42"
	b := newBed(t)
	for n, s := range []string{text, base64.StdEncoding.EncodeToString([]byte("x" + text + "yz")), hex.EncodeToString([]byte(text))} {
		if err := b.SetSetting(t.Context(), fmt.Sprint(n), s); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]bool{}
	for _, data := range b.files(t) {
		for form, want := range testkit.Encodings(text) {
			found[strings.TrimRight(form, "012")] = found[strings.TrimRight(form, "012")] || bytes.Contains(data, want)
		}
	}
	if !found["plain"] || !found["base64"] || !found["hex"] || found["SHA-256"] {
		t.Errorf("the search finds %v", found)
	}
}

// Nothing that identifies a supporter stands in any file at any moment of a
// letter's life, in whatever form.
func TestPersonalData_neverInTheFiles(t *testing.T) {
	planted := campaign.Person{
		Name: "Zebedee Quillfeather", Email: "zeb.quill@plantedmail.example", Phone: "07911 555437", Address1: "77 Nowhere Crescent",
		Address2: "Flat Quux", Town: "Plantedbury", Postcode: "ZE7 9XQ", Subject: "A Planted Subject Line", Letter: "The planted words of a letter",
		Token: seal.NewToken(),
	}
	secret := []byte("a secret of at least 32 bytes, for a test")
	keys, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{planted.Name, planted.Email, planted.Phone, planted.Address1, planted.Address2, planted.Town, planted.Postcode,
		planted.Subject, planted.Letter, planted.Token, string(secret), "Quillfeather", "plantedmail.example", "zeb.quill"}
	forms := map[string]map[string][]byte{}
	for _, text := range texts {
		forms[text] = testkit.Encodings(text)
	}
	b := newBed(t)
	check := func(step string) {
		t.Helper()
		files := b.files(t)
		if len(files) < 3 {
			t.Fatalf("%s: looked into %d files, want the database, its journal and its index", step, len(files))
		}
		for file, data := range files {
			for text, all := range forms {
				for form, want := range all {
					if bytes.Contains(data, want) {
						t.Errorf("%s: %s holds %q as %s", step, file, text, form)
					}
				}
			}
		}
	}
	check("before")
	hash := keys.Hash("token", planted.Token)
	sealed, err := campaign.SealPerson(keys, &planted, hash)
	if err != nil {
		t.Fatal(err)
	}
	l := newLetter(1)
	l.TokenHash, l.Sealed = hash, sealed
	l.RepeatHash = keys.Hash("repeat", slug, "1", planted.Email)
	l.EmailHash = keys.Hash("email", planted.Email)
	contact := campaign.Contact{Name: planted.Name, Email: planted.Email, At: start, Credit: campaign.Credit{Via: "https://planted.example"}, Token: seal.NewToken()}
	optIn := campaign.NewOptIn{ID: 1, Partner: "friends", Wording: askedEn, TokenHash: keys.Hash("opt-in token", contact.Token), EmailHash: keys.Hash("opt-in email", planted.Email)}
	if optIn.Sealed, err = campaign.SealContact(keys, &contact, optIn.TokenHash); err != nil {
		t.Fatal(err)
	}
	l.OptIns = []campaign.NewOptIn{optIn}
	for _, text := range []string{contact.Token, contact.Credit.Via} {
		forms[text] = testkit.Encodings(text)
	}
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	check("submitted")
	l.MessageID = "again@example.org"
	b.clock.Advance(campaign.RemindAfter)
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	b.reminded(t)
	check("submitted again and reminded")
	if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	check("confirmed")
	j := b.claimed(t)
	check("claimed")
	if person, err := campaign.OpenPerson(keys, j.Sealed, j.TokenHash); err != nil || *person != planted {
		t.Fatalf("the record does not open: %v", err)
	}
	b.finish(t, j, campaign.VerdictRetry)
	b.clock.Advance(time.Hour)
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	check("sent")
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	check("erased")
	wantGone(t, b, "erased", sealed)
	wantGone(t, b, "erased", optIn.Sealed)
	if got := b.texts(t, `SELECT count(*) FROM letters WHERE repeat_hash IS NOT NULL OR email_hash IS NOT NULL`); got != "0" {
		t.Error("the keyed hash of the person is still there")
	}
	want := campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Sent: 1}
	if got := b.count(t, seatA); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// wantGone looks for any part of a sealed record in the files.
func wantGone(tb testing.TB, b *bed, step string, sealed []byte) {
	tb.Helper()
	for file, data := range b.files(tb) {
		for at := 0; at+24 <= len(sealed); at += 24 {
			if bytes.Contains(data, sealed[at:at+24]) {
				tb.Errorf("%s: %s still holds bytes %d to %d of %d of an erased record", step, file, at, at+24, len(sealed))
				break
			}
		}
	}
}

// When EraseLetter has returned, the record's bytes are in no file: not in the
// journal, and not where SQLite moved them while it rebalanced its pages.
func TestEraseLetter_leavesNoBytes(t *testing.T) {
	for seed := range uint64(seeds()) {
		t.Run(fmt.Sprint("order ", seed), func(t *testing.T) { erasesEverything(t, seed) })
	}
}

// seeds is how many orders are tried: POSTBAG_SEEDS=50 for a long look.
func seeds() int {
	n, err := strconv.Atoi(os.Getenv("POSTBAG_SEEDS"))
	if err != nil {
		return 1
	}
	return n
}

func erasesEverything(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 2))
	b := newBed(t)
	sealed := map[int][]byte{}
	add := func(n int) {
		l := newLetter(n)
		l.Sealed = make([]byte, 60+random.IntN([]int{200, 1500, 4000, 20000}[random.IntN(4)]))
		for i := range l.Sealed {
			l.Sealed[i] = byte(random.Uint32())
		}
		sealed[n] = l.Sealed
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	const letters = 40
	for n := range letters {
		add(n)
	}
	for i, n := range random.Perm(letters) {
		if i%3 == 0 {
			add(letters + i)
		}
		if err := b.EraseLetter(t.Context(), hashOf("token", n)); err != nil {
			t.Fatal(err)
		}
		wantGone(t, b, fmt.Sprintf("erasure %d", i), sealed[n])
	}
	for n, record := range sealed {
		if n < letters {
			wantGone(t, b, "at the end", record)
		}
	}
}

// A reader that is busy with an old state keeps the journal from being cut. It
// is cut as soon as that is possible.
func TestEraseLetter_whileSomebodyReads(t *testing.T) {
	b := newBed(t)
	for n := range 20 { // so that the next write does not happen to overwrite the record in the journal
		b.submit(t, 10+n)
	}
	l := newLetter(1)
	l.Sealed = bytes.Repeat([]byte("0123456789abcdef sealed "), 40)
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	reading, err := b.read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Rollback()
	var n int
	if err := reading.QueryRowContext(t.Context(), `SELECT count(*) FROM people`).Scan(&n); err != nil || n != 21 {
		t.Fatal(n, err)
	}
	begun := time.Now()
	if err := b.EraseLetter(t.Context(), l.TokenHash); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("a reader held up the writer for %v", took)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := b.SetSetting(t.Context(), "any", "write"); err != nil {
		t.Fatal(err)
	}
	wantGone(t, b, "after the next write", l.Sealed)
}

// A server that was killed before it could cut the journal does so at its next
// start.
func TestEraseLetter_journalLeftBehind(t *testing.T) {
	b := newBed(t)
	for n := range 20 { // so that the next write does not happen to overwrite the record in the journal
		b.submit(t, 10+n)
	}
	l := newLetter(1)
	l.Sealed = bytes.Repeat([]byte("0123456789abcdef sealed "), 40)
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	reading, err := b.read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Rollback()
	var n int
	if err := reading.QueryRowContext(t.Context(), `SELECT count(*) FROM people`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseLetter(t.Context(), l.TokenHash); err != nil {
		t.Fatal(err)
	}
	// A copy of the files as they are is what a killed server leaves.
	left := &bed{dir: t.TempDir(), clock: b.clock}
	held := false
	for name, data := range b.files(t) {
		if strings.HasSuffix(name, "-shm") {
			continue // made anew from the journal
		}
		held = held || bytes.Contains(data, l.Sealed[:24])
		if err := os.WriteFile(filepath.Join(left.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !held {
		t.Fatal("the journal was cut although somebody reads: this test shows nothing")
	}
	left.Store = openAt(t, left.dir, left.clock)
	wantGone(t, left, "after the next start", l.Sealed)
}
