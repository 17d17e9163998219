package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postbag/internal/campaign"
)

// upTo are the migrations up to a version.
func upTo(t *testing.T, version int64) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	some := fstest.MapFS{}
	for _, name := range names {
		if latest, err := Latest(fstest.MapFS{name: nil}); err != nil || latest > version {
			continue
		}
		content, err := fs.ReadFile(migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		some[name] = &fstest.MapFile{Data: content}
	}
	return some
}

// A database of every earlier version, with letters in it from before and of then, is
// brought up to date, and stands beside as it was.
func TestOpen_fromEveryVersion(t *testing.T) {
	latest, err := Latest(migrations())
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names[:len(names)-1] {
		version, err := Latest(fstest.MapFS{name: nil})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			dir := t.TempDir()
			writeVersion1(t, dir)
			o := options(dir)
			o.Migrations = upTo(t, version)
			old, err := Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			raw := openRaw(t, dir)
			for _, q := range []string{
				`INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, repeat_hash, created_at, state_at, expires_at)
					SELECT 1, constituency, id, '', 'en', 'ask', 0, 'awaiting', ` + literal(hashOf("token", 3)) + `, ` + literal(hashOf("repeat", 3)) + `, '2026-11-22T00:00:00.000Z', '2026-11-22T00:00:00.000Z', '2026-11-29T00:00:00.000Z'
					FROM members WHERE constituency = '` + seatA + `'`,
				`INSERT INTO people (letter_id, sealed) VALUES (3, x'00000001AA02')`,
			} {
				if _, err := raw.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
			if err := raw.Close(); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			o = options(dir)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			o.Look = time.Minute
			s, err := Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if c, err := Check(t.Context(), dir); err != nil || (c != Contents{Version: latest, Letters: 3, People: 3}) {
				t.Errorf("%+v, %v", c, err)
			}
			for n := 2; n <= 3; n++ {
				if err := s.ConfirmLetter(t.Context(), hashOf("token", n), fmt.Sprintf("letter-%d@example.org", n)); err != nil {
					t.Errorf("letter %d: %v", n, err)
				}
			}
			before := fmt.Sprintf(beforeName, latest)
			if c, err := Inspect(t.Context(), filepath.Join(dir, before)); err != nil || (c != Contents{Version: version, Letters: 3, People: 3}) {
				t.Errorf("the backup: %+v, %v", c, err)
			}
			if info, err := os.Stat(filepath.Join(dir, before)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("others may read the backup: %v, %v", info, err)
			}
			if !strings.Contains(log.String(), before) {
				t.Errorf("the log does not say so: %s", &log)
			}
		})
	}
}

// An upgrade that fails leaves the database as it was, and the backup beside it.
func TestOpen_upgradeFails(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	o := options(b.dir)
	broken := upTo(t, 1<<40)
	broken["09999_broken.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nDELETE FROM people;\nSELECT nonsense;\n-- +goose Down\n")}
	o.Migrations = broken
	left := filepath.Join(b.dir, "postbag-before-9999.db-journal") // beside an earlier one
	for range 2 {                                                  // and again
		if err := os.WriteFile(left, []byte("of another file"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), o)
		if err == nil {
			s.Close()
			t.Fatal("it opens")
		}
		if c, err := Inspect(t.Context(), filepath.Join(b.dir, "postbag-before-9999.db")); err != nil || c.Letters != 1 || c.People != 1 {
			t.Errorf("the backup: %+v, %v", c, err)
		}
		if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what is no part of the backup stands beside it: %v", err)
		}
	}
	if again := openAt(t, b.dir, b.clock); again.ConfirmLetter(t.Context(), hash, "letter@example.org") != nil {
		t.Error("the database is not as it was")
	}
	if names, err := filepath.Glob(filepath.Join(b.dir, ".postbag-*")); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// The backup goes by itself, and a first start makes none.
func TestOpen_backupBeforeGoes(t *testing.T) {
	b := newBed(t)
	name := filepath.Join(b.dir, "postbag-before-14.db")
	other := filepath.Join(b.dir, "postbag-before-the-march.txt")
	part := filepath.Join(b.dir, ".postbag-ABC.part")
	for _, path := range []string{name, other, part} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, start, start); err != nil {
			t.Fatal(err)
		}
	}
	there := func(path string) bool {
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	}
	b.clock.Advance(beforeKept - time.Minute)
	if err := dropBefore(b.dir, b.clock.Now()); err != nil || !there(name) || there(part) {
		t.Errorf("before its time: %v, there %v, what was broken off %v", err, there(name), there(part))
	}
	b.clock.Advance(time.Minute)
	if err := b.DropOldBackups(t.Context()); err != nil || there(name) || !there(other) {
		t.Errorf("after its time: %v, there %v, another file %v", err, there(name), there(other))
	}
	dir := t.TempDir()
	s, err := Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if names, err := filepath.Glob(filepath.Join(dir, "*before*")); err != nil || len(names) > 0 {
		t.Errorf("of nothing there is a backup: %v", names)
	}
}

// What is erased in the database goes from the backup as well, whatever schema that
// has, and nothing else does.
func TestDropOldBackups_forgetsWhatWasErased(t *testing.T) {
	b := newBed(t)
	asked, due, text := b.optsIn(t, 1), b.optsIn(t, 2), b.confirm(t, 4)
	b.optsIn(t, 3)
	for range 4 {
		b.finish(t, b.claimed(t), campaign.VerdictSent)
	}
	latest := filepath.Join(b.dir, "postbag-before-99.db")
	if _, err := Backup(t.Context(), b.dir, latest); err != nil {
		t.Fatal(err)
	}
	b.confirm(t, 5) // a backup that was brought back may know more than the database
	more := filepath.Join(b.dir, "postbag-before-98.db")
	if _, err := Backup(t.Context(), b.dir, more); err != nil {
		t.Fatal(err)
	}
	if _, err := b.raw.Exec(`DELETE FROM outbox WHERE letter_id = 5; DELETE FROM events WHERE letter_id = 5; DELETE FROM people WHERE letter_id = 5; DELETE FROM letters WHERE id = 5`); err != nil {
		t.Fatal(err)
	}
	b.alter(t, `UPDATE letters SET trim_at = '2026-11-01T00:00:00.000Z' WHERE token_hash = $1`, text)
	if n, err := b.TrimDue(t.Context(), 10, func(_, _ []byte) ([]byte, error) { return []byte("trimmed"), nil }); err != nil || n != 1 {
		t.Fatalf("%d trimmed, %v", n, err)
	}
	b.alter(t, `UPDATE letters SET erase_at = '2026-11-01T00:00:00.000Z' WHERE token_hash = $1`, due)
	if err := b.EraseLetter(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	if n, err := b.EraseDue(t.Context(), 10); err != nil || n != 1 {
		t.Fatalf("%d erased, %v", n, err)
	}
	for range 2 {
		if err := b.DropOldBackups(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{latest: "4", more: "4, 5"} {
		at := &bed{raw: openRawFile(t, path)}
		for q, want := range map[string]string{
			`SELECT letter_id FROM people ORDER BY 1`:             want,
			`SELECT id FROM letters WHERE email_hash IS NOT NULL`: want,
			`SELECT opt_in_id FROM opt_in_people ORDER BY 1`:      "9002, 9003",
			`SELECT count(*) FROM outbox WHERE answer <> ''`:      "1",
			`SELECT count(*) FROM letters WHERE state = 'sent'`:   "4",
			`SELECT count(*) FROM pragma_integrity_check WHERE 1`: "1",
			`SELECT count(*) FROM pragma_foreign_key_check`:       "0",
		} {
			if got := at.texts(t, q); got != want {
				t.Errorf("%s: %s: %s, want %s", filepath.Base(path), q, got, want)
			}
		}
		at.raw.Close()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range map[int]bool{1: false, 2: false, 4: false, 3: true} {
			if got := bytes.Contains(content, fmt.Appendf(nil, "sealed record %d", n)); got != want {
				t.Errorf("%s: record %d stands in it: %v", filepath.Base(path), n, got)
			}
		}
	}

	dir := t.TempDir() // of the first schema
	writeVersion1(t, dir)
	s, err := Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.EraseLetter(t.Context(), hashOf("token", 2)); err != nil {
		t.Fatal(err)
	}
	if err := s.DropOldBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "postbag-before-*.db"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	if c, err := Inspect(t.Context(), names[0]); err != nil || (c != Contents{Version: 1, Letters: 2, People: 1}) {
		t.Errorf("%+v, %v", c, err)
	}
}

// What is taken out of a backup does not make it younger: its time is over when it
// would have been.
func TestDropOldBackups_goesInTimeWhateverIsErased(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	path := filepath.Join(b.dir, "postbag-before-99.db")
	if _, err := Backup(t.Context(), b.dir, path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, start, start); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	if err := b.DropOldBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := Inspect(t.Context(), path); err != nil || c.People != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	// What a process leaves that is killed meanwhile goes with it.
	if err := os.WriteFile(path+"-wal", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(beforeKept)
	if err := b.DropOldBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names, err := filepath.Glob(filepath.Join(b.dir, "postbag-before-*")); err != nil || len(names) > 0 {
		t.Errorf("still there: %v, %v", names, err)
	}
}

// An upgrade that fails half-way, and is tried again, leaves the backup of what was
// there before it: the earlier program can use no other.
func TestOpen_upgradeFailsHalfWay(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	had, err := Latest(migrations())
	if err != nil {
		t.Fatal(err)
	}
	o := options(b.dir)
	half := upTo(t, 1<<40)
	half["09998_good.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE more (n INTEGER);\n-- +goose Down\nDROP TABLE more;\n")}
	half["09999_broken.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT nonsense;\n-- +goose Down\n")}
	o.Migrations = half
	for range 3 {
		if s, err := Open(t.Context(), o); err == nil {
			s.Close()
			t.Fatal("it opens")
		}
	}
	if c, err := Inspect(t.Context(), filepath.Join(b.dir, "postbag-before-9999.db")); err != nil || c.Version != had || c.People != 1 {
		t.Errorf("the backup: %+v, %v; want version %d", c, err, had)
	}
}

// What else says who wrote, or could be told from it, goes from a backup as it does
// from the database; what only organisers can read by now nobody else can read there.
func TestDropOldBackups_forgetsAllThatLeadsToSomebody(t *testing.T) {
	b := newBed(t)
	hash := b.optsIn(t, 1)
	b.optsIn(t, 2)
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	b.alter(t, `INSERT INTO limits (hash, full_at) VALUES (x'0001AA', 0), (x'FFFFAA', 0); INSERT INTO likenesses (hash, letters) VALUES (x'0001AA', 1), (x'FFFFAA', 1)`)
	path := filepath.Join(b.dir, "postbag-before-99.db")
	if _, err := Backup(t.Context(), b.dir, path); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ForgetLimits(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	sealed := pad([]byte("age-encryption.org/v1 sealed to somebody"))
	b.alter(t, `UPDATE opt_in_people SET sealed = $1`, sealed)
	if err := b.DropOldBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := &bed{raw: openRawFile(t, path)}
	defer at.raw.Close()
	for q, want := range map[string]string{
		`SELECT count(*) FROM outbox WHERE letter_id = 1 AND message_id NOT LIKE 'erased-%'`:     "0",
		`SELECT count(*) > 0 FROM outbox WHERE letter_id = 2 AND message_id NOT LIKE 'erased-%'`: "1",
		`SELECT hex(hash) FROM limits UNION ALL SELECT hex(hash) FROM likenesses`:                "FFFFAA, FFFFAA",
		`SELECT opt_in_id FROM opt_in_people WHERE substr(sealed, 5, 4) <> CAST('age-' AS BLOB)`: "",
		`SELECT count(*) > 0 FROM opt_in_people`:                                                 "1",
	} {
		if got := at.texts(t, q); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
}
