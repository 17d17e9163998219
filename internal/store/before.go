package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// beforeKept is how long a backup stays that was made before an upgrade: as it holds
// sealed records it goes by itself, and loses meanwhile what the database loses.
const beforeKept = 7 * 24 * time.Hour

// beforeName is what it is called, by the version of the schema that it was made for.
const beforeName = "postbag-before-%d.db"

// beforeHalfName is what one is called of a schema that was changed half-way.
const beforeHalfName = "postbag-before-%d-from-%d.db"

// before makes a backup of a database whose schema is to be changed, and reads it
// again to see that it is whole: without one, nothing is changed.
func before(ctx context.Context, o Options, have, want int64) (err error) {
	if have == 0 || o.Copy { // it is being made
		return nil
	}
	part := filepath.Join(o.Dir, ".postbag-"+rand.Text()+".part")
	defer func() {
		if gone := os.Remove(part); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	had, err := Backup(ctx, o.Dir, part)
	if err != nil {
		return fmt.Errorf("back up the database before its schema is changed: %w", err)
	}
	got, err := Inspect(ctx, part)
	if err != nil {
		return fmt.Errorf("back up the database before its schema is changed: %w", err)
	}
	if got != had {
		return fmt.Errorf("back up the database before its schema is changed: the backup has %+v, the database had %+v", got, had)
	}
	// Another process may do the same, and an attempt may have failed before: the
	// latest counts. Only one of before an attempt that failed half-way stays, as the
	// earlier program can use nothing else.
	name := fmt.Sprintf(beforeName, want)
	if first, err := Inspect(ctx, filepath.Join(o.Dir, name)); err == nil && first.Version < have {
		name = fmt.Sprintf(beforeHalfName, want, have)
	}
	// What a process that was killed left beside an earlier one is no part of this one,
	// and would be written into it.
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(filepath.Join(o.Dir, name+end)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("back up the database before its schema is changed: %w", err)
		}
	}
	if err := os.Rename(part, filepath.Join(o.Dir, name)); err != nil {
		return fmt.Errorf("back up the database before its schema is changed: %w", err)
	}
	if err := syncDir(o.Dir); err != nil {
		return fmt.Errorf("back up the database before its schema is changed: %w", err)
	}
	o.Log.Info("database: backed up before its schema is changed; the backup goes by itself", "file", name, "from", have, "to", want, "days", int(beforeKept.Hours()/24))
	return nil
}

// dropBefore deletes such backups when their time is over, and what was left behind
// of a backup or a restore that was broken off.
func dropBefore(dir string, now time.Time) error {
	var errs []error
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, file := range all {
		for pattern, kept := range map[string]time.Duration{"postbag-before-*.db": beforeKept, ".postbag-*.part*": 24 * time.Hour, ".restoring-*": 24 * time.Hour} {
			if ours, err := filepath.Match(pattern, file.Name()); err != nil || !ours {
				continue
			}
			info, err := file.Info()
			if err != nil || now.Sub(info.ModTime()) < kept {
				continue
			}
			for _, end := range []string{"", "-wal", "-shm", "-journal"} { // of a process that was killed while it took something out
				errs = append(errs, os.RemoveAll(filepath.Join(dir, file.Name()+end)))
			}
		}
	}
	return errors.Join(errs...)
}

// DropOldBackups deletes backups from before upgrades when their time is over. Until
// then it takes out of them what was erased in the database since.
func (s *Store) DropOldBackups(ctx context.Context) error {
	if err := dropBefore(s.dir, s.now()); err != nil {
		return fmt.Errorf("delete a backup from before an upgrade: %w", err)
	}
	all, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("look for backups from before upgrades: %w", err)
	}
	var errs []error
	for _, file := range all {
		if ours, err := filepath.Match("postbag-before-*.db", file.Name()); err != nil || !ours {
			continue
		}
		if err := s.forgetIn(ctx, filepath.Join(s.dir, file.Name())); err != nil {
			errs = append(errs, fmt.Errorf("take what was erased out of %s: %w", file.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// forgetting is what is taken out of a backup: what its schema does not have is passed
// over. Whose letter has lost its text goes whole, as nothing is sealed anew here. A
// letter is known by its token and not by its number, which a database that was brought
// back from elsewhere may have given to another.
var forgetting = []struct{ table, column, q string }{
	{"people", "letter_id", `
		DELETE FROM main.people
		WHERE EXISTS (
			SELECT 1 FROM main.letters was
			JOIN live.letters now ON now.token_hash = was.token_hash
			LEFT JOIN live.people p ON p.letter_id = now.id
			WHERE was.id = people.letter_id AND (p.letter_id IS NULL OR now.trimmed = 1 AND p.sealed <> people.sealed)
		)`},
	// What is sealed by now to the organisers' key, which is not here, is so there.
	{"opt_in_people", "sealed", `
		UPDATE main.opt_in_people
		SET sealed = (SELECT p.sealed FROM live.opt_in_people p WHERE p.opt_in_id = opt_in_people.opt_in_id)
		WHERE substr(sealed, 5, 4) <> CAST('age-' AS BLOB)
			AND opt_in_id IN (SELECT opt_in_id FROM live.opt_in_people WHERE substr(sealed, 5, 4) = CAST('age-' AS BLOB))`},
	{"opt_in_people", "opt_in_id", `
		DELETE FROM main.opt_in_people
		WHERE EXISTS (SELECT 1 FROM live.opt_ins o WHERE o.id = opt_in_id AND NOT EXISTS (SELECT 1 FROM live.opt_in_people p WHERE p.opt_in_id = o.id))
			OR printf('%016x', opt_in_id) IN (SELECT mark FROM live.asked WHERE what = 'ended')`},
	{"notes", "letter_id", `DELETE FROM main.notes WHERE ` + ofNobody("letter_id")},
	{"originals", "outbox_id", `DELETE FROM main.originals WHERE outbox_id IN (SELECT id FROM main.outbox WHERE ` + ofNobody("letter_id") + `)`},
	{"captured_mail", "message_id", `DELETE FROM main.captured_mail WHERE message_id IN (SELECT message_id FROM main.outbox WHERE ` + ofNobody("letter_id") + `)`},
	{"outbox", "message_id", `UPDATE main.outbox SET message_id = 'erased-' || id WHERE message_id NOT LIKE 'erased-%' AND ` + ofNobody("letter_id")},
	{"outbox", "answer", `UPDATE main.outbox SET answer = '' WHERE answer <> '' AND ` + ofNobody("letter_id")},
	{"outbox", "sealed", `UPDATE main.outbox SET sealed = NULL WHERE sealed IS NOT NULL AND ` + ofNobody("letter_id")},
	{"letters", "repeat_hash", `UPDATE main.letters SET repeat_hash = NULL WHERE repeat_hash IS NOT NULL AND ` + ofNobody("id")},
	{"letters", "email_hash", `UPDATE main.letters SET email_hash = NULL WHERE email_hash IS NOT NULL AND ` + ofNobody("id")},
	{"letters", "content_hash", `UPDATE main.letters SET content_hash = NULL WHERE content_hash IS NOT NULL AND ` + ofNobody("id")},
	{"letters", "replace_hash", `UPDATE main.letters SET replace_hash = NULL WHERE replace_hash IS NOT NULL AND ` + ofNobody("id")},
	{"limits", "hash", `DELETE FROM main.limits WHERE hash NOT IN (SELECT hash FROM live.limits)`},
	{"likenesses", "hash", `DELETE FROM main.likenesses WHERE hash NOT IN (SELECT hash FROM live.likenesses)`},
}

func ofNobody(letter string) string {
	return letter + ` NOT IN (SELECT letter_id FROM main.people)`
}

// forgetIn takes out of a backup what the database has erased since. It stays as old as
// it was, by which it goes.
func (s *Store) forgetIn(ctx context.Context, path string) (err error) {
	made, err := os.Stat(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Chtimes(path, time.Time{}, made.ModTime())) }() // once it is closed
	db, err := openFile(path, "rw&_pragma=secure_delete(1)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	live := url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(s.dir, FileName), RawQuery: "mode=ro"}
	if _, err := db.ExecContext(ctx, `ATTACH $1 AS live`, live.String()); err != nil {
		return err
	}
	for _, f := range forgetting {
		var columns int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info($1, 'main') WHERE name = $2`, f.table, f.column).Scan(&columns); err != nil {
			return err
		}
		if columns == 0 {
			continue
		}
		if _, err := db.ExecContext(ctx, f.q); err != nil {
			return err
		}
	}
	return nil
}
