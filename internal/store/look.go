package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a database cannot be used. Nothing was changed in any of these cases.
var (
	// ErrSetUp marks what is mended where the program is set up: a folder, its owner.
	ErrSetUp = errors.New("the data directory cannot be used")
	// ErrGone is returned where there was a database once.
	ErrGone = errors.New("the database is gone")
	// ErrRoom is returned where the disk is full or fails.
	ErrRoom = errors.New("the disk is full, or fails")
	// ErrLocked is returned where another process lets nobody at the database.
	ErrLocked = errors.New("another process holds the database locked")
)

// usable makes sure that files can be written in the data directory, and that an
// empty database is only made where there never was one. It reports whether there is
// none yet.
func usable(dir string) (fresh bool, err error) {
	probe, err := os.CreateTemp(dir, ".postbag-*.part")
	if err != nil {
		return false, err
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return false, err
	}
	path := filepath.Join(dir, FileName)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, err
	case info.Size() > 0:
		return false, nil
	}
	for _, trace := range []string{path + "-wal", filepath.Join(dir, AskedName)} {
		if info, err := os.Stat(trace); err == nil && info.Size() > 0 {
			return false, fmt.Errorf("%w: %s is there, and %s is missing or empty. Bring a backup back with \"postbag restore\" (first move an empty database and its journal away); or, to begin anew with nothing, move %s away too",
				ErrGone, trace, path, trace)
		}
	}
	return true, nil
}

// look looks through a database before anything is written to it: whether it is one,
// whether this program knows its schema and, for as long as it may take, whether it is
// sound. It reports whether it came to the end.
func look(ctx context.Context, path string, latest int64, within time.Duration) (whole bool, err error) {
	db, err := openFile(path, "ro")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables, ours int
	if err := db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'goose_db_version') FROM sqlite_schema`).Scan(&tables, &ours); err != nil {
		return false, err
	}
	if ours == 0 && tables > 0 {
		return false, fmt.Errorf("%w: it is a database of another program", ErrDamaged)
	}
	if ours > 0 {
		var have int64
		if err := db.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have); err != nil {
			return false, err
		}
		if have > latest {
			return false, tooNew(have, latest)
		}
	}
	if within <= 0 {
		return false, nil
	}
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := sound(limited, db, "quick_check(5)"); limited.Err() == nil || ctx.Err() != nil {
		return err == nil, errors.Join(err, ctx.Err())
	}
	return false, nil
}

func tooNew(have, latest int64) error {
	return fmt.Errorf("%w (it has version %d, this program knows %d)", ErrTooNew, have, latest)
}

// Check looks through the whole database in dir, also beside a server: every page,
// every index and every reference, which takes as long as reading the file. The
// sealed records are not opened.
func Check(ctx context.Context, dir string) (Contents, error) {
	path := filepath.Join(dir, FileName)
	db, err := openFile(path, "ro")
	if err != nil {
		return Contents{}, trouble(dir, err)
	}
	c, err := contents(ctx, db)
	if err == nil {
		err = sound(ctx, db, "integrity_check(20)")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return c, trouble(dir, err)
	}
	_, err = (&askedFile{path: filepath.Join(dir, AskedName)}).read()
	return c, trouble(dir, err)
}

// trouble says what keeps a database from being used, and what to do.
func trouble(dir string, err error) error {
	path := filepath.Join(dir, FileName)
	code := -1
	if coded, ok := errors.AsType[*sqlite.Error](err); ok {
		code = coded.Code() & 0xff
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EROFS), code == sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %s, or the database in it, can only be read: mount its volume for writing: %w", ErrSetUp, dir, err)
	case errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: in %s is a file that nobody may change (lsattr %[2]s shows an i or an a; chattr -i -a takes it away): %[3]w", ErrSetUp, dir, err)
	case errors.Is(err, fs.ErrPermission), code == sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: this program runs as user %d, who may not write in %s: give it the folder and all that is in it (chown -R %[2]d %[3]s): %[4]w", ErrSetUp, os.Getuid(), dir, err)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %s, or what it stands in, is a file and no folder: %w", ErrSetUp, dir, err)
	case errors.Is(err, ErrDamaged), code == sqlite3.SQLITE_CORRUPT, code == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the database %s is damaged, or no database at all, and is left as it is. Keep a copy of %s and all files that begin with its name; then bring a backup back with \"postbag restore FILE --from-old\" and that copy: %w", path, path, damaged(err))
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), code == sqlite3.SQLITE_FULL, code == sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: make room where %s is (df -h %s), and start again; nothing is lost: %w", ErrRoom, dir, dir, err)
	case isBusy(err), code == sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %s (is a backup program or a database shell at it? \"fuser -v %s\" says who): %w", ErrLocked, path, path, err)
	case code == sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: %s cannot be opened; do it and what begins with its name belong to user %d?: %w", ErrSetUp, path, os.Getuid(), err)
	}
	return err
}

func damaged(err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: %s", ErrDamaged, strings.TrimSpace(err.Error()))
}
