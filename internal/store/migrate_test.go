package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// released are the migrations of the versions that are out, word for word: a
// database made by one of them has been through these and through no other.
// Whoever changes one after it is out changes nothing for that database.
func released(t *testing.T) fs.FS {
	t.Helper()
	return os.DirFS(filepath.Join("testdata", "released"))
}

func TestMigrations_releasedOnesStay(t *testing.T) {
	frozen, err := fs.Glob(released(t), "*.sql")
	if err != nil || len(frozen) == 0 {
		t.Fatalf("%d released migrations, %v", len(frozen), err)
	}
	for _, name := range frozen {
		want, err := fs.ReadFile(released(t), name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fs.ReadFile(migrations(), name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what was released (%v): what is new belongs into a new migration", name, err)
		}
	}
}

// writeVersion1 leaves a database of version 1 with pledges, and two letters
// with the people behind them: the first sent, the second, whose hashes are
// those of newLetter(2), waiting to be confirmed.
func writeVersion1(t *testing.T, dir string) {
	t.Helper()
	o := options(dir)
	o.Migrations = released(t)
	old, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	// It knew of no corrections.
	if err := old.writer.do(t.Context(), func(tx *tx) error { return tx.seatAll(roster()) }); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	raw := openRaw(t, dir)
	for _, q := range []string{
		`INSERT INTO campaigns (slug, source, created_at) VALUES ('` + slug + `', 'its file', '2026-11-01T00:00:00.000Z'), ('other', 'its file', '2026-11-01T00:00:00.000Z')`,
		`INSERT INTO pledges (campaign_id, member_id, pledged_on) SELECT c.id, m.id, '2026-10-0' || c.id FROM campaigns c, members m WHERE m.constituency = '` + seatA + `'`,
		`INSERT INTO pledges (campaign_id, member_id, pledged_on) SELECT 1, m.id, '2026-11-05' FROM members m WHERE m.constituency = '` + seatB + `'`,
		`INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, created_at, state_at, expires_at, sent_at)
			SELECT 1, constituency, id, '', 'en', 'ask', 0, 'sent', x'01', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'
			FROM members WHERE constituency = '` + seatA + `'`,
		`INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, repeat_hash, created_at, state_at, expires_at)
			SELECT 1, constituency, id, '', 'en', 'ask', 0, 'awaiting', ` + literal(hashOf("token", 2)) + `, ` + literal(hashOf("repeat", 2)) + `, '2026-11-22T00:00:00.000Z', '2026-11-22T00:00:00.000Z', '2026-11-29T00:00:00.000Z'
			FROM members WHERE constituency = '` + seatA + `'`,
		`INSERT INTO people (letter_id, sealed) VALUES (1, x'00000001AA00'), (2, x'00000001AA01')`,
		`INSERT INTO outbox (letter_id, kind, status, attempts, message_id, queued_at, next_at, code, answer)
			VALUES (2, 'confirm', 'sent', 1, 'confirm-2-old@example.org', '2026-11-22T00:00:00.000Z', '2026-11-22T00:00:00.000Z', 250, 'accepted')`,
		`INSERT INTO counters (campaign_id, constituency, partner, day, state, letters) VALUES (1, '` + seatA + `', '', '2026-11-01', 'sent', 1)`,
	} {
		if _, err := raw.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%v in\n%s", err, q)
		}
	}
}

// literal writes bytes as SQL has them.
func literal(b []byte) string { return fmt.Sprintf("x'%X'", b) }

func openRaw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	return openRawFile(t, filepath.Join(dir, FileName))
}

func openRawFile(t *testing.T, path string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", dsn(path, "immediate"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return raw
}

func TestMigrate_fromVersion1(t *testing.T) {
	dir := t.TempDir()
	writeVersion1(t, dir)
	b := &bed{dir: dir, raw: openRaw(t, dir)}
	o := options(dir)
	o.Now = func() time.Time { return start }
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b.Store = s
	for name, want := range map[string]int{slug: 2, "other": 1} {
		all, err := s.Pledges(t.Context(), name)
		if err != nil || len(all) != want {
			t.Fatalf("%s: %d pledges, %v; want %d", name, len(all), err, want)
		}
		for _, p := range all {
			if !p.Stands() || p.RecordedBy != "" || p.Evidence != "" || p.RecordedAt.IsZero() {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
	if got := b.texts(t, `SELECT campaign_id || ' ' || pledged_on FROM pledges ORDER BY 1`); got != "1 2026-10-01, 1 2026-11-05, 2 2026-10-02" {
		t.Errorf("days: %s", got)
	}
	l, err := s.LetterByToken(t.Context(), []byte{1})
	if err != nil || l.State != campaign.StateSent || l.Sealed == nil {
		t.Errorf("the letter: %+v, %v", l, err)
	}
	if got := b.texts(t, `SELECT own IS NULL FROM letters`); got != "1, 1" {
		t.Errorf("an old letter's own words are known: %s", got)
	}
	if err := s.SetReply(t.Context(), []byte{1}, campaign.AnswerReal); err != nil {
		t.Error(err)
	}
	want := campaign.Count{Constituency: seatA, Sent: 1, Replies: campaign.Replies{Real: 1}}
	if got := b.count(t, seatA); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	// It takes letters: from somebody new, and once more from somebody whose
	// letter waits; of the two that wait then, one is confirmed.
	b.confirm(t, 3)
	again := newLetter(4)
	again.RepeatHash = hashOf("repeat", 2)
	if err := s.SubmitLetter(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if err := s.ConfirmLetter(t.Context(), hashOf("token", 2), "letter-2@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := s.ConfirmLetter(t.Context(), again.TokenHash, "letter-4@example.org"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("both letters of one person: %v", err)
	}
	b.wantState(t, hashOf("token", 2), campaign.StateQueued)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT COALESCE(group_concat("table"), 'none') FROM pragma_foreign_key_check`); got != "none" {
		t.Errorf("rows that lead nowhere in %s", got)
	}
}

// downTo closes the store and takes its database back to a version.
func (b *bed) downTo(t *testing.T, version int64) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, b.raw, migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// Going back keeps what version 1 knew, and leaves nothing that it would trip
// over.
func TestMigrate_backToVersion1(t *testing.T) {
	b := newBed(t)
	gone := added(seatB, "2026-11-01")
	gone.Pledge.WithdrawnOn = "2026-11-02"
	const seatC = "E14001319" // Leeds Central and Headingley
	b.change(t, added(seatA, "2026-11-01"), gone, added(seatC, "2026-11-01"))
	for _, p := range b.pledges(t) {
		if p.MemberID == member(seatC).ID {
			b.change(t, campaign.PledgeChange{Action: campaign.PledgeVoided, Pledge: p, VoidedBy: "Bea", Reason: "meant another"})
		}
	}
	hash := b.bring(t, 1, campaign.StateSent)
	if err := b.SetReply(t.Context(), hash, campaign.AnswerPledged); err != nil {
		t.Fatal(err)
	}
	report := campaign.SelfReport{Campaign: slug, Constituency: seatA, Way: campaign.WayPost, TokenHash: hashOf("self", 1)}
	if err := b.AddSelfReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	// Version 1 has room for one letter of a person to an MP: the confirmed one,
	// else the latest.
	for _, l := range []struct{ n, person int }{{3, 2}, {5, 4}, {6, 4}} {
		letter := newLetter(l.n)
		letter.RepeatHash = hashOf("repeat", l.person)
		if err := b.SubmitLetter(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	b.confirm(t, 2) // takes the place of 3
	b.downTo(t, 1)
	if got := b.texts(t, `SELECT member_id || ' ' || pledged_on FROM pledges`); got != fmt.Sprint(member(seatA).ID)+" 2026-11-01" {
		t.Errorf("pledges: %s", got)
	}
	for person, letter := range map[int]int{1: 1, 2: 2, 4: 6} {
		if got, want := b.texts(t, `SELECT hex(token_hash) FROM letters WHERE repeat_hash = $1`, hashOf("repeat", person)), fmt.Sprintf("%X", hashOf("token", letter)); got != want {
			t.Errorf("of the letters of person %d, %s is known, want %s", person, got, want)
		}
	}
	if got := b.texts(t, `SELECT DISTINCT state FROM counters ORDER BY 1`); got != "awaiting, confirmed, sent, withdrawn" {
		t.Errorf("counters: %s", got)
	}
	want := schema(t, released(t))
	if got := b.texts(t, schemaQuery); got != want {
		t.Errorf("the schema is\n%s\nwant\n%s", got, want)
	}
	again := openAt(t, b.dir, b.clock) // and forth
	if all, err := again.Pledges(t.Context(), slug); err != nil || len(all) != 1 {
		t.Errorf("up again: %v, %v", all, err)
	}
}

// Going back to version 2 loses the limits and nothing else.
func TestMigrate_backToVersion2(t *testing.T) {
	b := newBed(t)
	if err := b.EraseLetter(t.Context(), b.bring(t, 1, campaign.StateSent)); err != nil {
		t.Fatal(err)
	}
	waiting := b.submit(t, 2)
	before := b.everything(t)
	b.downTo(t, 2)
	two := fstest.MapFS{}
	for _, name := range []string{"00001_letters.sql", "00002_pledges.sql"} {
		file, err := fs.ReadFile(migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		two[name] = &fstest.MapFile{Data: file}
	}
	if got, want := b.texts(t, schemaQuery), schema(t, two); got != want {
		t.Errorf("the schema is\n%s\nwant\n%s", got, want)
	}
	if after := b.everything(t); after != before {
		t.Errorf("letters, people, events, mails, counted: %s; before %s", after, before)
	}
	again := openAt(t, b.dir, b.clock) // and forth
	if err := again.ConfirmLetter(t.Context(), waiting, "letter@example.org"); err != nil {
		t.Error(err)
	}
}

const schemaQuery = `SELECT m.name || '.' || c.cid || ' ' || c.name || ' ' || c.type FROM sqlite_schema m, pragma_table_info(m.name) c
	WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'
	UNION ALL SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
	ORDER BY 1`

// schema lists the tables, columns and indexes that migrations make.
func schema(t *testing.T, from fs.FS) string {
	t.Helper()
	o := options(t.TempDir())
	o.Migrations = from
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return (&bed{raw: openRaw(t, o.Dir)}).texts(t, schemaQuery)
}
