// Package store keeps everything in one SQLite database file. It is the only
// importer of database drivers.
//
// One connection writes and several read. Writes that arrive while another is
// being made durable are committed together (see writer), so that the cost of
// forcing them to the disk is shared, and each is still a transaction of its
// own to whoever asked for it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // also the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"postbag/internal/campaign"
)

// FileName is the database's name in the data directory.
const FileName = "postbag.db"

// timeLayout is how times are kept: UTC, of one width, so that they sort as text.
const timeLayout = "2006-01-02T15:04:05.000Z"

// busyTimeout is how long a connection waits for a lock that another process
// holds.
const busyTimeout = 5 * time.Second

// Store is an open database. It is safe for concurrent use.
type Store struct {
	read   *sql.DB
	write  *sql.DB
	writer *writer
	now    func() time.Time
	dir    string

	repeated Repeated // at the start

	readStmts sync.Map // query text to *sql.Stmt
	campaigns sync.Map // slug to id; ids never change
}

// Options say how a database is opened.
type Options struct {
	Dir        string // the data directory; made if it is missing
	Migrations fs.FS  // *.sql
	Now        func() time.Time
	Log        *slog.Logger
	Delivery   Delivery

	// Look is how long the file is looked through for damage before it is used; 0:
	// not at all.
	Look time.Duration

	// Copy says that it is a copy: none is made before its schema is changed.
	Copy bool
}

// Delivery says how what is queued is sent. The zero value holds nothing back.
type Delivery struct {
	Pace      campaign.Pace
	PerMinute int // messages to the mail server, of all kinds; 0: as many as it takes

	// MessageID makes identifiers for mails that the store queues by itself; nil:
	// it queues none.
	MessageID func() string
}

// ErrTooNew is returned for a database that a later version of Postbag wrote.
var ErrTooNew = errors.New("the database was written by a later version of Postbag; run that version, or restore a backup made before the upgrade")

// Open opens the database in the data directory, making it if there never was one,
// and brings its schema up to date, of which it makes a backup first (see before).
// What stands in its way is told with what to do about it (see trouble), and nothing
// is changed then.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := open(ctx, o)
	if err != nil {
		return nil, trouble(o.Dir, err)
	}
	return s, nil
}

func open(ctx context.Context, o Options) (*Store, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	path := filepath.Join(o.Dir, FileName)
	latest, err := Latest(o.Migrations)
	if err != nil {
		return nil, err
	}
	fresh, err := usable(o.Dir)
	if err != nil {
		return nil, err
	}
	if fresh && o.Look > 0 {
		o.Log.Info("database: there is none, so a new one is made. Is this the right folder, and its volume mounted?", "folder", o.Dir)
	}
	if !fresh {
		whole, err := look(ctx, path, latest, o.Look)
		if err != nil {
			return nil, err
		}
		if !whole && o.Look > 0 {
			o.Log.Info("database: too large to be looked through at the start; \"postbag check\" does", "within", o.Look)
		}
	}
	// The file is made here so that nobody else on the machine may read it: the
	// driver would go by the umask. SQLite gives its journal the same mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	// The writer's cache (8 MB) holds the head of every MP's line however many wait.
	write, err := sql.Open("sqlite", dsn(path, "immediate", "cache_size(-8000)"))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write, o); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	if err := dropBefore(o.Dir, o.Now()); err != nil {
		o.Log.Warn("database: a backup from before an upgrade is still there", "err", err)
	}
	read, err := sql.Open("sqlite", dsn(path, "deferred", "query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), write.Close())
	}
	read.SetMaxOpenConns(4)
	read.SetMaxIdleConns(4)
	s := &Store{read: read, write: write, now: o.Now, dir: o.Dir}
	if s.writer, err = newWriter(ctx, write, o); err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	if s.repeated, err = s.catchUp(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// dsn names the file with the pragmas that every connection needs. The busy
// timeout comes first, so that the others wait for a lock as well.
func dsn(path, txlock string, pragmas ...string) string {
	q := url.Values{}
	for _, p := range append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)", // a confirmed letter survives a power cut
		"foreign_keys(1)",
		"secure_delete(1)", // what is erased is overwritten
		"temp_store(MEMORY)",
		"wal_autocheckpoint(4000)", // pages: a letter writes about ten, and each checkpoint waits for the disk twice
	}, pragmas...) {
		q.Add("_pragma", p)
	}
	q.Set("_txlock", txlock)
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}

func migrate(ctx context.Context, db *sql.DB, o Options) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, o.Migrations)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	for deadline := time.Now().Add(busyTimeout); ; {
		have, want, err := provider.GetVersions(ctx)
		if isBusy(err) && time.Now().Before(deadline) {
			// Another process is making the database this very moment. Turning to
			// the write-ahead log does not wait for the lock by itself.
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("read the database's version (is this a Postbag database?): %w", err)
		}
		if have > want {
			return tooNew(have, want)
		}
		if have < want {
			if err := before(ctx, o, have, want); err != nil {
				return err
			}
		}
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
		// Another process that started at the same moment may have been quicker.
		if isBusy(err) && time.Now().Before(deadline) {
			continue
		}
		if now, _, again := provider.GetVersions(ctx); again != nil || now == have {
			return fmt.Errorf("bring the database up to date: %w", err)
		}
	}
}

// isBusy reports whether another connection held a lock (SQLITE_BUSY, in any of
// its extended forms).
func isBusy(err error) bool {
	coded, ok := errors.AsType[*sqlite.Error](err)
	return ok && coded.Code()&0xff == sqlite3.SQLITE_BUSY
}

// outOfRoom reports whether the disk is full, or fails (SQLITE_FULL, SQLITE_IOERR,
// in any of its extended forms): it is not what was to be written that is wrong.
func outOfRoom(err error) bool {
	coded, ok := errors.AsType[*sqlite.Error](err)
	return ok && (coded.Code()&0xff == sqlite3.SQLITE_FULL || coded.Code()&0xff == sqlite3.SQLITE_IOERR)
}

// Close finishes the writes that were asked for and closes the database.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.read.Close(), s.write.Close())
}

// SetJudge says by what letters are judged at the moment they are sent; before
// that, nothing is. It is called before anything is claimed.
func (s *Store) SetJudge(judge campaign.Judge) { s.writer.judge.Store(&judge) }

// Ping reports whether the database can be written: it commits an empty
// change.
func (s *Store) Ping(ctx context.Context) error {
	return s.writer.do(ctx, func(tx *tx) error {
		_, err := tx.exec(`UPDATE settings SET value = value WHERE key = 'roster_version'`)
		return err
	})
}

// query prepares a reading statement once and runs it.
func (s *Store) query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepared(ctx, q)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (s *Store) queryRow(ctx context.Context, q string, dest []any, args ...any) error {
	stmt, err := s.prepared(ctx, q)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(ctx, args...).Scan(dest...)
}

func (s *Store) prepared(ctx context.Context, q string) (*sql.Stmt, error) {
	if stmt, ok := s.readStmts.Load(q); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := s.read.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	if other, loaded := s.readStmts.LoadOrStore(q, stmt); loaded {
		return other.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// parseTime reads a time that the store wrote; the zero time for none.
func parseTime(s sql.NullString) (time.Time, error) {
	if !s.Valid {
		return time.Time{}, nil
	}
	t, err := time.Parse(timeLayout, s.String)
	if err != nil {
		return time.Time{}, fmt.Errorf("time in the database: %w", err)
	}
	return t, nil
}
