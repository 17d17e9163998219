package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// writer is the one connection that writes. Making a change durable costs a
// forced write to the disk, far more than the change itself, so all changes
// that are asked for while one commit is under way go into the next one
// together. Each runs inside a savepoint: one that fails is undone alone, and
// nobody is told of success before the disk has it.
type writer struct {
	conn     *sql.Conn
	now      func() time.Time
	log      *slog.Logger
	delivery Delivery
	judge    atomic.Pointer[campaign.Judge] // none: there is nothing to judge by
	stmts    map[string]*sql.Stmt
	queue    chan *change
	done     chan struct{}
	stale    bool          // the journal still holds what was erased
	put      int           // commits of which it does so because more is being erased; see putOff
	asked    askedFile     // what people asked, beside the database
	leased   map[int64]row // letters of this process under way, by message; see keep
	suspects []suspect     // refused since a message was last accepted
	clock    time.Time     // of the last transaction
	setBack  bool          // the clock went back since plans were last looked at; see mendClock

	mu     sync.RWMutex // held for reading while sending on queue
	closed bool
}

// change is one transaction that somebody waits for.
type change struct {
	do    func(*tx) error
	err   error
	ready chan struct{}
}

// maxTogether bounds how many changes share a commit, and so how long the first
// of them waits for the last.
const maxTogether = 128

var errClosed = errors.New("the database is closed")

func newWriter(ctx context.Context, db *sql.DB, o Options) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the writing connection: %w", err)
	}
	w := &writer{
		conn: conn, now: o.Now, log: o.Log, delivery: o.Delivery, stmts: map[string]*sql.Stmt{}, leased: map[int64]row{},
		setBack: true, // for all that is known of the time before
		asked:   askedFile{path: filepath.Join(o.Dir, AskedName)},
		queue:   make(chan *change, maxTogether), done: make(chan struct{}),
	}
	w.truncateJournal(0) // what a process that was killed left behind
	go w.run()
	return w, nil
}

// do runs fn in a transaction and returns when it is durable, or undone. Once
// it has begun it is not cut short by ctx: the caller must know how it ended.
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &change{do: fn, ready: make(chan struct{})}
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return errClosed
	}
	w.queue <- c
	w.mu.RUnlock()
	<-c.ready
	return c.err
}

func (w *writer) close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
	for _, stmt := range w.stmts {
		stmt.Close()
	}
	if err := w.conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	return nil
}

func (w *writer) run() {
	defer close(w.done)
	together := make([]*change, 0, maxTogether)
	for c := range w.queue {
		together = append(together[:0], c)
	drain:
		for len(together) < maxTogether {
			select {
			case c, ok := <-w.queue:
				if !ok {
					break drain
				}
				together = append(together, c)
			default:
				break drain
			}
		}
		// Whoever is told that something is erased is told the truth, so the
		// journal comes before the answer.
		erased, more := w.commit(together)
		if more {
			w.put++
		}
		switch {
		case erased:
			w.truncateJournal(truncateWait)
		case w.stale || w.put >= mostPut:
			w.truncateJournal(0)
		}
		w.keepAsked()
		for _, c := range together {
			close(c.ready)
		}
	}
	if w.stale || w.put > 0 { // nobody else knows of it
		w.truncateJournal(truncateWait)
	}
}

// mostPut is how many commits may put off clearing the journal.
const mostPut = 8

// commit runs the changes in one transaction and sets the error of each. It
// reports whether personal data was deleted, and whether more of it is about to be,
// so that the journal can wait (putOff).
func (w *writer) commit(together []*change) (erased, more bool) {
	ctx := context.Background() // see do
	fail := func(err error) {
		for _, c := range together {
			if c.err == nil {
				c.err = err
			}
		}
	}
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		fail(fault.Wrap(fmt.Errorf("begin: %w", err), fault.Unavailable, "error.busy"))
		return false, false
	}
	tx := &tx{w: w, now: w.now().UTC().Truncate(time.Millisecond)}
	w.sawClock(tx.now)
	for _, c := range together {
		if len(together) == 1 {
			c.err = told(tx.try(c.do))
			if c.err != nil {
				w.rollback("ROLLBACK", c.err)
				return false, false
			}
			continue
		}
		if _, err := tx.exec("SAVEPOINT change"); err != nil {
			fail(err)
			w.rollback("ROLLBACK", err)
			return false, false
		}
		counted := len(tx.deltas)
		if c.err = told(tx.try(c.do)); c.err != nil {
			w.rollback("ROLLBACK TO change", c.err)
			tx.deltas, tx.relayKnown = tx.deltas[:counted], relayState{}
		}
		if _, err := tx.exec("RELEASE change"); err != nil {
			fail(err)
			w.rollback("ROLLBACK", err)
			return false, false
		}
	}
	if err := tx.flush(); err != nil {
		fail(err)
		w.rollback("ROLLBACK", err)
		return false, false
	}
	if _, err := tx.exec("COMMIT"); err != nil {
		fail(fault.Wrap(fmt.Errorf("commit: %w", err), fault.Unavailable, "error.busy"))
		w.rollback("ROLLBACK", err)
		return false, false
	}
	w.asked.behind = w.asked.behind || tx.asked
	return tx.erased, tx.more
}

// told has whoever asked for a change come again when there is room on the disk.
func told(err error) error {
	if outOfRoom(err) {
		return fault.Wrap(err, fault.Unavailable, "error.busy")
	}
	return err
}

// rollback undoes a change after an error. With some SQLite has undone the whole
// transaction by itself.
func (w *writer) rollback(statement string, after error) {
	if _, err := w.conn.ExecContext(context.Background(), statement); err != nil && !outOfRoom(after) {
		w.log.Error("database: undo a change", "err", err)
	}
}

// truncateWait is how long an erasure waits for those who read an older state.
const truncateWait = 200 * time.Millisecond

// truncateJournal takes what was erased out of the write-ahead log as well. A
// reader may be in the way for longer than the wait; then every further commit,
// and the next start, tries again.
func (w *writer) truncateJournal(wait time.Duration) {
	ctx := context.Background()
	timeout := func(d time.Duration) error {
		_, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds()))
		return err
	}
	busy, frames, moved := 1, 0, 0
	err := timeout(wait)
	if err == nil {
		err = w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	}
	if err = errors.Join(err, timeout(busyTimeout)); err != nil {
		w.log.Warn("database: truncate the journal", "err", err)
	}
	w.stale = busy != 0
	if !w.stale {
		w.put = 0
	}
}

// tx is a transaction in the writer.
type tx struct {
	w      *writer
	now    time.Time // of everything the transaction writes
	erased bool      // personal data was deleted
	more   bool      // likewise, and the next step of the same follows at once; see putOff
	asked  bool      // what somebody asked was noted; see asked
	deltas []delta   // what the commit's changes have counted so far, see sums.go

	ledgerDay string // that erasures count to, once one was; see noteErasure

	credits map[sum]bool // rows of credits that were found not to be there yet

	relayKnown relayState // once it was looked up

	// undone is why the transaction may be no more: SQLite undoes it by itself when the
	// disk is full or fails. What is written after that would stand alone.
	undone error
}

// putOff runs a step of many that erase what is due, of which nobody waits to be told.
// It returns how many records it did; if it did as many as it could, the journal is
// cleared with a later step, were there nothing left for that to do: clearing it costs
// more than the step. A process that stops before clears it then, and one that is
// killed when it starts again.
func (t *tx) putOff(limit int, step func() (int, error)) (int, error) {
	before := t.erased
	n, err := step()
	if err == nil && n == limit && t.erased && !before {
		t.erased, t.more = false, true
	} else if err == nil && t.w.put > 0 {
		t.erased = true
	}
	return n, err
}

// try runs fn and turns a panic into an error, so that one change that goes
// wrong does not take the others, or the process, with it.
func (t *tx) try(fn func(*tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("in a transaction: %w", fault.Panicked(p))
		}
	}()
	return fn(t)
}

// within runs fn in a savepoint of its own inside the change, and undoes what
// it did, and only that, when it fails.
func (t *tx) within(fn func() error) error {
	if _, err := t.exec("SAVEPOINT step"); err != nil {
		return err
	}
	counted := len(t.deltas)
	err := fn()
	if t.undone != nil {
		return t.undone
	}
	if err != nil {
		t.w.rollback("ROLLBACK TO step", err)
		t.deltas, t.relayKnown = t.deltas[:counted], relayState{}
	}
	if _, release := t.exec("RELEASE step"); release != nil {
		return release
	}
	return err
}

func (t *tx) stmt(q string) (*sql.Stmt, error) {
	if stmt, ok := t.w.stmts[q]; ok {
		return stmt, nil
	}
	stmt, err := t.w.conn.PrepareContext(context.Background(), q)
	if err != nil {
		return nil, err
	}
	t.w.stmts[q] = stmt
	return stmt, nil
}

func (t *tx) exec(q string, args ...any) (sql.Result, error) {
	stmt, err := t.prepared(q)
	if err != nil {
		return nil, err
	}
	result, err := stmt.Exec(args...)
	return result, t.noted(err)
}

func (t *tx) queryRow(q string, dest []any, args ...any) error {
	stmt, err := t.prepared(q)
	if err != nil {
		return err
	}
	return t.noted(stmt.QueryRow(args...).Scan(dest...))
}

func (t *tx) query(q string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepared(q)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.Query(args...)
	return rows, t.noted(err)
}

// prepared returns a statement of a transaction that stands.
func (t *tx) prepared(q string) (*sql.Stmt, error) {
	if t.undone != nil {
		return nil, t.undone
	}
	return t.stmt(q)
}

// noted notes errors that end the transaction.
func (t *tx) noted(err error) error {
	if outOfRoom(err) {
		t.undone = err
	}
	return err
}
