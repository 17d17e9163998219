package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"postbag/db"
	"postbag/internal/config"
	"postbag/internal/seal"
	"postbag/internal/store"
)

// RestoreOptions say which backup is brought back, and what is known of the time
// after it.
type RestoreOptions struct {
	DataDir     string // has no database
	File        string
	Identities  seal.StreamKeys // that open it, if it is sealed
	Erased      []string        // files of what people asked (store.AskedName)
	Old         []string        // databases that may know more, were they damaged
	NothingSent bool            // nothing was sent since the backup was made
	Now         func() time.Time
	Log         *slog.Logger
}

// RestoreReport is what came of it.
type RestoreReport struct {
	Backup   store.Contents // as it was
	Version  int64          // of the schema, now
	Key      string         // of the secret that seals it; empty: nothing is sealed
	Asked    int            // things that people had asked, of which the files and old databases told
	Sources  []string       // those of them that were read
	Unread   error          // why an old database could not be read to its end
	Repeated store.Repeated
	Due      int  // letters erased because their time was over
	Texts    bool // texts of others are due: the server takes them away, with the secret
	store.Doubted
}

// Restore puts a backup in the place of a database that is not there. What people
// asked since is done again, what may have been sent since is stopped, and what is
// due is erased, all before the database gets its name: nobody can serve it earlier.
func Restore(ctx context.Context, o RestoreOptions) (report RestoreReport, err error) {
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return report, fmt.Errorf("make the data directory: %w", err)
	}
	path := filepath.Join(o.DataDir, store.FileName)
	if err := nothingAt(path); err != nil {
		return report, err
	}
	stage, err := os.MkdirTemp(o.DataDir, ".restoring-")
	if err != nil {
		return report, fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	staged := filepath.Join(stage, store.FileName)
	if err := unpack(o.File, staged, o.Identities); err != nil {
		return report, err
	}
	if report.Backup, err = store.Inspect(ctx, staged); err != nil {
		return report, fmt.Errorf("%s cannot be brought back, and nothing was changed; try an older backup: %w", o.File, err)
	}
	files := o.Erased
	beside := filepath.Join(o.DataDir, store.AskedName)
	if _, err := os.Stat(beside); err == nil {
		files = append([]string{beside}, files...)
	}
	report.Sources = append(append(report.Sources, files...), o.Old...)
	if report.Asked, report.Unread, err = store.MergeAsked(ctx, filepath.Join(stage, store.AskedName), files, o.Old); err != nil {
		return report, config.Wrong(err)
	}
	if err := settle(ctx, o, stage, &report); err != nil {
		return report, err
	}
	if asked := filepath.Join(stage, store.AskedName); report.Asked > 0 {
		if err := os.Rename(asked, beside); err != nil {
			return report, fmt.Errorf("restore: %w", err)
		}
	}
	if err := store.Place(staged, path); err != nil {
		return report, fmt.Errorf("put the database in its place: %w", err)
	}
	return report, nil
}

// nothingAt makes sure that there is no database, nor a journal of one: SQLite would
// take it for that of the backup.
func nothingAt(path string) error {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(path + end); err == nil {
			return config.Wrong(fmt.Errorf("%s is there, and is never written over: stop the server, move %s and what begins with its name to another folder, and name it there with --from-old", path+end, path))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look for a database: %w", err)
		}
	}
	return nil
}

// sqliteMagic begins a database file (https://www.sqlite.org/fileformat2.html, 1.3).
const sqliteMagic = "SQLite format 3\x00"

// unpack copies a backup, opening it if it is sealed.
func unpack(file, to string, by seal.StreamKeys) error {
	in, err := os.Open(file)
	if err != nil {
		return config.Wrong(fmt.Errorf("read the backup: %w", err))
	}
	defer in.Close()
	var from io.Reader = in
	start := make([]byte, seal.SealedPrefix)
	n, err := in.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the backup: %w", err)
	}
	switch {
	case seal.Sealed(start[:n]) && len(by) == 0:
		return config.Wrong(fmt.Errorf("%s is sealed with age: name the file with the secret key with --identity", file))
	case seal.Sealed(start[:n]):
		if from, err = seal.OpenStream(in, by); err != nil {
			return config.Wrong(fmt.Errorf("open %s: %w", file, err))
		}
	case n < len(sqliteMagic) || string(start[:len(sqliteMagic)]) != sqliteMagic:
		return config.Wrong(fmt.Errorf("%s is no backup of Postbag: neither a database nor a file sealed with age", file))
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy the backup: %w", err)
	}
	if _, err := io.Copy(out, from); err != nil {
		return errors.Join(fmt.Errorf("%s cannot be read to its end; try an older backup: %w", file, err), out.Close())
	}
	return errors.Join(out.Sync(), out.Close())
}

// settle brings a database that stands apart to the state in which it may be served.
func settle(ctx context.Context, o RestoreOptions, dir string, report *RestoreReport) (err error) {
	migrations, err := fs.Sub(db.FS, "migrations")
	if err != nil {
		return err
	}
	if report.Version, err = store.Latest(migrations); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Dir: dir, Migrations: migrations, Now: o.Now, Log: o.Log, Copy: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	report.Repeated = s.Repeated()
	if report.Key, err = s.Setting(ctx, "key_id"); err != nil {
		return err
	}
	if report.Doubted, err = s.DoubtQueue(ctx, !o.NothingSent); err != nil {
		return err
	}
	const together = 100
	for {
		n, err := s.ExpireLetters(ctx, together)
		if err != nil {
			return err
		}
		if n < together {
			break
		}
	}
	for {
		n, err := s.EraseDue(ctx, together)
		if err != nil {
			return err
		}
		report.Due += n
		if n < together {
			break
		}
	}
	if report.Texts, err = s.TrimsDue(ctx); err != nil {
		return err
	}
	_, err = s.CloseErasures(ctx)
	return err
}
