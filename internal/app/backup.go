package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"postbag/internal/config"
	"postbag/internal/seal"
	"postbag/internal/store"
)

// BackupOptions say what is backed up and into which file.
type BackupOptions struct {
	DataDir string
	File    string           // must not be there
	To      *seal.Recipients // nil: the file is not sealed
}

// BackupReport is what a backup holds.
type BackupReport struct {
	store.Contents
	Bytes int64 // of the file
}

// Backup writes a copy of the database, also while a server uses it, and reads it
// again to see that it is whole. Only then it gets its name: what has the name of a
// backup is one.
func Backup(ctx context.Context, o BackupOptions) (report BackupReport, err error) {
	if _, err := os.Lstat(o.File); err == nil {
		return report, config.Wrong(fmt.Errorf("%s is there already, and a backup is never written over: give it another name", o.File))
	}
	if info, err := os.Stat(filepath.Dir(o.File)); err != nil || !info.IsDir() {
		return report, config.Wrong(fmt.Errorf("there is no folder %s to write the backup to", filepath.Dir(o.File)))
	}
	// What is not sealed to the recipients stays where the database is.
	dir := o.DataDir
	if o.To == nil {
		dir = filepath.Dir(o.File)
	}
	plain := partIn(dir)
	defer func() { err = errors.Join(err, gone(plain)) }()
	had, err := store.Backup(ctx, o.DataDir, plain)
	if err != nil {
		return report, err
	}
	if report.Contents, err = store.Inspect(ctx, plain); err != nil {
		return report, fmt.Errorf("the backup cannot be trusted and was deleted; \"postbag check\" says whether the database is sound: %w", err)
	}
	if report.Contents != had {
		return report, fmt.Errorf("the backup cannot be trusted and was deleted: it has %+v, the database had %+v", report.Contents, had)
	}
	part := plain
	if o.To != nil {
		part = partIn(filepath.Dir(o.File))
		defer func() { err = errors.Join(err, gone(part)) }()
		if err := sealFile(o.To, plain, part); err != nil {
			return report, err
		}
	}
	info, err := os.Stat(part)
	if err != nil {
		return report, err
	}
	report.Bytes = info.Size()
	if err := store.Place(part, o.File); err != nil {
		return report, fmt.Errorf("name the backup %s: %w", o.File, err)
	}
	return report, nil
}

// partIn is a name for a file that is not whole yet.
func partIn(dir string) string {
	return filepath.Join(dir, ".postbag-"+rand.Text()+".part")
}

// gone deletes a file, if it is there.
func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sealFile seals a file and reads it again, to the last byte.
func sealFile(to *seal.Recipients, plain, part string) error {
	from, err := os.Open(plain)
	if err != nil {
		return fmt.Errorf("seal the backup: %w", err)
	}
	defer from.Close()
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("seal the backup: %w", err)
	}
	defer file.Close()
	in, err := to.Seal(file)
	if err != nil {
		return fmt.Errorf("seal the backup: %w", err)
	}
	written := sha256.New()
	if _, err := io.Copy(io.MultiWriter(in, written), from); err != nil {
		return fmt.Errorf("seal the backup: %w", err)
	}
	for _, err := range []error{in.Close(), file.Sync()} {
		if err != nil {
			return fmt.Errorf("seal the backup: %w", err)
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the sealed backup again: %w", err)
	}
	opened, err := to.Open(file)
	if err != nil {
		return fmt.Errorf("read the sealed backup again: %w", err)
	}
	read := sha256.New()
	if _, err := io.Copy(read, opened); err != nil {
		return fmt.Errorf("read the sealed backup again: %w", err)
	}
	if string(read.Sum(nil)) != string(written.Sum(nil)) {
		return errors.New("the sealed backup is not what was sealed, and was deleted")
	}
	return file.Close()
}
