package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// beforeKept is how long a backup stays that was made before an upgrade. It holds
// sealed records that are erased in the database meanwhile.
const beforeKept = 7 * 24 * time.Hour

// beforeName is what it is called, by the version of the schema that it was made for.
const beforeName = "postbag-before-%d.db"

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
	name := fmt.Sprintf(beforeName, want)
	// Another process may do the same, and an attempt may have failed before: the
	// latest counts.
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
			errs = append(errs, os.RemoveAll(filepath.Join(dir, file.Name())))
		}
	}
	return errors.Join(errs...)
}

// DropOldBackups deletes backups from before upgrades when their time is over.
func (s *Store) DropOldBackups() error { return dropBefore(s.dir, s.now()) }
