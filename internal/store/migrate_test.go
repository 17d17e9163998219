package store

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"postbag/internal/campaign"
)

// first is migration 1 alone, as version 1 of the program has it.
func first(t *testing.T) fs.FS {
	t.Helper()
	const name = "00001_letters.sql"
	data, err := fs.ReadFile(migrations(), name)
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{name: {Data: data}}
}

// writeVersion1 leaves a database of version 1 with pledges, a letter, and the
// person behind it.
func writeVersion1(t *testing.T, dir string) {
	t.Helper()
	o := options(dir)
	o.Migrations = first(t)
	old, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := old.ApplyRoster(t.Context(), roster()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{slug, "other"} {
		if err := old.AddCampaign(t.Context(), name, "its file"); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	raw := openRaw(t, dir)
	for _, q := range []string{
		`INSERT INTO pledges (campaign_id, member_id, pledged_on) SELECT c.id, m.id, '2026-10-0' || c.id FROM campaigns c, members m WHERE m.constituency = '` + seatA + `'`,
		`INSERT INTO pledges (campaign_id, member_id, pledged_on) SELECT 1, m.id, '2026-11-05' FROM members m WHERE m.constituency = '` + seatB + `'`,
		`INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, created_at, state_at, expires_at, sent_at)
			SELECT 1, constituency, id, '', 'en', 'ask', 0, 'sent', x'01', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'
			FROM members WHERE constituency = '` + seatA + `'`,
		`INSERT INTO people (letter_id, sealed) VALUES (1, x'00000001AA00')`,
		`INSERT INTO counters (campaign_id, constituency, partner, day, state, letters) VALUES (1, '` + seatA + `', '', '2026-11-01', 'sent', 1)`,
	} {
		if _, err := raw.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%v in\n%s", err, q)
		}
	}
}

func openRaw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", dsn(filepath.Join(dir, FileName), "immediate"))
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
	s, err := Open(t.Context(), options(dir))
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
	if got := b.texts(t, `SELECT own IS NULL FROM letters`); got != "1" {
		t.Errorf("an old letter's own words are known: %s", got)
	}
	if err := s.SetReply(t.Context(), []byte{1}, campaign.AnswerReal); err != nil {
		t.Error(err)
	}
	want := campaign.Count{Constituency: seatA, Sent: 1, Replies: campaign.Replies{Real: 1}}
	if got := b.count(t, seatA); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT COALESCE(group_concat("table"), 'none') FROM pragma_foreign_key_check`); got != "none" {
		t.Errorf("rows that lead nowhere in %s", got)
	}
}

// Going back keeps what version 1 knew, and leaves nothing that it would trip
// over.
func TestMigrate_backToVersion1(t *testing.T) {
	b := newBed(t)
	gone := added(seatB, "2026-11-01")
	gone.Pledge.WithdrawnOn = "2026-11-02"
	b.change(t, added(seatA, "2026-11-01"), gone)
	hash := b.bring(t, 1, campaign.StateSent)
	if err := b.SetReply(t.Context(), hash, campaign.AnswerPledged); err != nil {
		t.Fatal(err)
	}
	report := campaign.SelfReport{Campaign: slug, Constituency: seatA, Way: campaign.WayPost, TokenHash: hashOf("self", 1)}
	if err := b.AddSelfReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, b.raw, migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT member_id || ' ' || pledged_on FROM pledges`); got != fmt.Sprint(member(seatA).ID)+" 2026-11-01" {
		t.Errorf("pledges: %s", got)
	}
	if got := b.texts(t, `SELECT DISTINCT state FROM counters ORDER BY 1`); got != "awaiting, confirmed, sent" {
		t.Errorf("counters: %s", got)
	}
	want := schema(t, first(t))
	if got := b.texts(t, schemaQuery); got != want {
		t.Errorf("the schema is\n%s\nwant\n%s", got, want)
	}
	again := openAt(t, b.dir, b.clock) // and forth
	if all, err := again.Pledges(t.Context(), slug); err != nil || len(all) != 1 {
		t.Errorf("up again: %v, %v", all, err)
	}
}

const schemaQuery = `SELECT m.name || '.' || c.name || ' ' || c.type FROM sqlite_schema m, pragma_table_info(m.name) c
	WHERE m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid`

// schema lists the tables and columns that migrations make.
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
