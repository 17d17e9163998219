package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// Contents say what is in a database file.
type Contents struct {
	Version int64 // of the schema
	Letters int64
	People  int64 // sealed records, of letters and opt-ins
}

// Backup writes a copy of the database in dir into a file that must not be there, and
// returns what it had. It is the state of one moment, whatever is written meanwhile,
// also by another process, and needs no journal beside it. The database is changed in
// nothing, not even where its schema is older than the program's.
//
// Pages are copied as they are. VACUUM INTO, which would make a smaller file, writes
// without secure_delete: what it leaves of sealed records in unused parts of pages no
// erasure would find after the copy was brought back.
func Backup(ctx context.Context, dir, to string) (c Contents, err error) {
	db, err := openFile(filepath.Join(dir, FileName), "rw")
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return c, fmt.Errorf("read the database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return c, fmt.Errorf("read the database: %w", err)
	}
	if c, err = contents(ctx, conn); err != nil { // and the moment is set
		return c, fmt.Errorf("read the database: %w", err)
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // for nobody else
	if err != nil {
		return c, fmt.Errorf("write the backup: %w", err)
	}
	if err := f.Close(); err != nil {
		return c, fmt.Errorf("write the backup: %w", err)
	}
	if err := conn.Raw(func(raw any) error { return copyPages(ctx, raw, to) }); err != nil {
		return c, fmt.Errorf("write the backup: %w", err)
	}
	if err := syncFile(to); err != nil {
		return c, fmt.Errorf("write the backup: %w", err)
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return c, err
}

// backupPages is how many pages are copied between looks at whether to go on.
const backupPages = 2000

// copyPages copies the database of a connection, in the state of its transaction.
func copyPages(ctx context.Context, conn any, to string) (err error) {
	source, ok := conn.(interface {
		NewBackup(to string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.New("the driver makes no backups")
	}
	b, err := source.NewBackup((&url.URL{Scheme: "file", OmitHost: true, Path: to}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Finish()) }()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if more, err = b.Step(backupPages); err != nil {
			return err
		}
	}
	return nil
}

// Inspect looks through a database file that nobody uses: whether it is sound, of
// this program, and what is in it. The file is not changed.
func Inspect(ctx context.Context, path string) (Contents, error) {
	db, err := openFile(path, "ro&immutable=1")
	if err != nil {
		return Contents{}, err
	}
	c, err := contents(ctx, db)
	if err == nil {
		err = sound(ctx, db, "integrity_check(20)")
	}
	return c, errors.Join(err, db.Close())
}

// Latest is the schema's version that the program knows.
func Latest(migrations fs.FS) (int64, error) {
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(err, errors.New("there are no migrations"))
	}
	var latest int64
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		latest = max(latest, version)
	}
	return latest, nil
}

// ErrDamaged is returned for a file that is a database and not sound, or none.
var ErrDamaged = errors.New("it is damaged")

// sound runs a check of SQLite's, and that of references between tables.
func sound(ctx context.Context, db *sql.DB, check string) error {
	problems, err := said(ctx, db, "PRAGMA "+check)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(problems) != 1 || problems[0] != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, strings.Join(problems, "; "))
	}
	lost, err := said(ctx, db, `SELECT DISTINCT "table" || ' without its ' || parent FROM pragma_foreign_key_check LIMIT 20`)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(lost) > 0 {
		return fmt.Errorf("%w: rows refer to others that are not there: %s", ErrDamaged, strings.Join(lost, "; "))
	}
	return nil
}

// said returns the one column of a query.
func said(ctx context.Context, db *sql.DB, q string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// rowQuerier is a database, or a connection to one.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// contents counts what is in a database of any version.
func contents(ctx context.Context, db rowQuerier) (Contents, error) {
	var c Contents
	var optIns bool
	for _, one := range []struct {
		q    string
		dest any
	}{
		{`SELECT max(version_id) FROM goose_db_version WHERE is_applied`, &c.Version},
		{`SELECT count(*) FROM letters`, &c.Letters},
		{`SELECT count(*) FROM people`, &c.People},
		{`SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'opt_in_people')`, &optIns},
	} {
		if err := db.QueryRowContext(ctx, one.q).Scan(one.dest); err != nil {
			return c, fmt.Errorf("%w, or no database of Postbag: %w", ErrDamaged, err)
		}
	}
	if optIns {
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM opt_in_people`).Scan(&n); err != nil {
			return c, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		c.People += n
	}
	return c, nil
}

// openFile opens a database file that is there, as it is.
func openFile(path, mode string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	query := fmt.Sprintf("mode=%s&_pragma=busy_timeout(%d)&_pragma=temp_store(MEMORY)", mode, busyTimeout.Milliseconds())
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query}).String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// Place gives a file that is written its name, and returns when the disk has both. A
// file of that name is left alone: fs.ErrExist.
func Place(part, name string) error {
	if err := syncFile(part); err != nil {
		return err
	}
	err := os.Link(part, name)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// Not every file system has links.
		if _, there := os.Lstat(name); there == nil {
			return fs.ErrExist
		}
		if err := os.Rename(part, name); err != nil {
			return err
		}
		return syncDir(filepath.Dir(name))
	}
	if err != nil {
		return err
	}
	return errors.Join(os.Remove(part), syncDir(filepath.Dir(name)))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
