package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

var errOnPurpose = errors.New("on purpose")

// together runs the changes in one commit: the first holds the writer until all
// others wait behind it. It returns their errors, without that of the first.
func (b *bed) together(tb testing.TB, changes ...func(*tx) error) []error {
	tb.Helper()
	holding, release := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		if err := b.writer.do(context.Background(), func(*tx) error { close(holding); <-release; return nil }); err != nil {
			tb.Error(err)
		}
	})
	<-holding
	errs := make([]error, len(changes))
	for i, change := range changes {
		running.Go(func() { errs[i] = b.writer.do(context.Background(), change) })
		b.queued(tb, i+1) // in this order
	}
	close(release)
	running.Wait()
	return errs
}

// queued waits until n changes wait for the writer.
func (b *bed) queued(tb testing.TB, n int) {
	tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for len(b.writer.queue) < n {
		if time.Now().After(deadline) {
			tb.Fatalf("%d changes wait, want %d", len(b.writer.queue), n)
		}
		time.Sleep(50 * time.Microsecond) // a channel's length cannot be waited for
	}
}

func set(key, value string) func(*tx) error {
	return func(tx *tx) error { return tx.set(key, value) }
}

func TestWriter_oneFailureAmongMany(t *testing.T) {
	for _, c := range []struct {
		name string
		bad  func(*tx) error
		want string // in its error
	}{
		{"an error", func(tx *tx) error { _ = tx.set("bad", "1"); return errOnPurpose }, "on purpose"},
		{"a panic", func(tx *tx) error { _ = tx.set("bad", "1"); panic("oh dear") }, "in a transaction: panic with a string\n"},
		{"a panic with nothing", func(tx *tx) error { _ = tx.set("bad", "1"); var none []int; none[len(none)] = 1; return nil }, "panic with a runtime.boundsError\n"},
		{"a broken statement", func(tx *tx) error { _ = tx.set("bad", "1"); _, err := tx.exec(`SELEC 1`); return err }, "syntax error"},
		{"a constraint", func(tx *tx) error {
			_ = tx.set("bad", "1")
			_, err := tx.exec(`INSERT INTO people (letter_id, sealed) VALUES (12345, x'00')`)
			return err
		}, "FOREIGN KEY"},
		{"a panic while reading", func(tx *tx) error {
			_ = tx.set("bad", "1")
			rows, err := tx.query(`SELECT code FROM constituencies`)
			if err != nil {
				return err
			}
			defer rows.Close()
			rows.Next()
			panic(errors.New("oh dear"))
		}, "panic with a *errors.errorString\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			errs := b.together(t, set("before", "1"), c.bad, set("after", "1"))
			if errs[0] != nil || errs[2] != nil {
				t.Errorf("the others: %v, %v", errs[0], errs[2])
			}
			if errs[1] == nil || !strings.Contains(errs[1].Error(), c.want) {
				t.Errorf("error %v, want %q", errs[1], c.want)
			}
			// The value of a panic may hold what somebody typed.
			if errs[1] != nil && strings.Contains(errs[1].Error(), "oh dear") {
				t.Errorf("the error quotes the panic: %v", errs[1])
			}
			// Alone, too.
			if err := b.writer.do(t.Context(), c.bad); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("alone: error %v, want %q", err, c.want)
			}
			if got := b.texts(t, `SELECT key FROM settings WHERE key IN ('before', 'bad', 'after') ORDER BY key`); got != "after, before" {
				t.Errorf("written: %s; want after, before", got)
			}
			if err := b.SetSetting(t.Context(), "later", "1"); err != nil {
				t.Errorf("the writer is of no use afterwards: %v", err)
			}
		})
	}
}

// SQLite gives up the whole transaction after some errors. Nobody may then be
// told that theirs is written.
func TestWriter_wholeTransactionLost(t *testing.T) {
	b := newBed(t)
	errs := b.together(t, set("before", "1"),
		func(tx *tx) error { _, err := tx.exec(`ROLLBACK`); return errors.Join(err, errOnPurpose) },
		set("after", "1"))
	got := b.texts(t, `SELECT key FROM settings WHERE key IN ('before', 'after') ORDER BY key`)
	for i, key := range map[int]string{0: "before", 2: "after"} {
		if errs[i] == nil && !strings.Contains(got, key) {
			t.Errorf("%q was said to be written and is not", key)
		}
	}
	if err := b.SetSetting(t.Context(), "later", "1"); err != nil {
		t.Errorf("the writer is of no use afterwards: %v", err)
	}
}

func TestWriter_readersSeeOnlyWhatIsCommitted(t *testing.T) {
	b := newBed(t)
	holding, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- b.writer.do(context.Background(), func(tx *tx) error {
			err := tx.set("key", "new")
			close(holding)
			<-release
			return err
		})
	}()
	<-holding
	if got, err := b.Setting(t.Context(), "key"); err != nil || got != "" {
		t.Errorf("read %q, %v while it is being written", got, err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got, err := b.Setting(t.Context(), "key"); err != nil || got != "new" {
		t.Errorf("read %q, %v; want what do returned for", got, err)
	}
}

func TestWriter_oneTimePerTransaction(t *testing.T) {
	b := newBed(t)
	err := b.writer.do(t.Context(), func(tx *tx) error {
		before := tx.now
		b.clock.Advance(time.Hour)
		if !tx.now.Equal(before) || !before.Equal(start) {
			return fmt.Errorf("its time was %v, then %v", before, tx.now)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWriter_cancelled(t *testing.T) {
	b := newBed(t)
	ctx, cancel := context.WithCancel(t.Context())
	holding, release := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		_ = b.writer.do(context.Background(), func(*tx) error { close(holding); <-release; return nil })
	})
	<-holding
	// What has been handed over is done, and its caller learns it.
	running.Go(func() {
		if err := b.SetSetting(ctx, "handed over", "1"); err != nil {
			t.Error(err)
		}
	})
	b.queued(t, 1)
	cancel()
	if err := b.SetSetting(ctx, "too late", "1"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
	close(release)
	running.Wait()
	if got := b.texts(t, `SELECT key FROM settings WHERE key IN ('handed over', 'too late')`); got != "handed over" {
		t.Errorf("written: %s", got)
	}
}

func TestWriter_closeWhileWritesWait(t *testing.T) {
	b := newBed(t)
	holding, release := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		_ = b.writer.do(context.Background(), func(*tx) error { close(holding); <-release; return nil })
	})
	<-holding
	const waiting = maxTogether + 40 // more than the queue takes: some block
	var mu sync.Mutex
	written := map[string]bool{}
	for i := range waiting {
		running.Go(func() {
			key := fmt.Sprintf("waiting-%03d", i)
			err := b.SetSetting(context.Background(), key, "1")
			if err != nil && !errors.Is(err, errClosed) {
				t.Errorf("%s: %v", key, err)
			}
			mu.Lock()
			defer mu.Unlock()
			written[key] = err == nil
		})
	}
	b.queued(t, maxTogether)
	running.Go(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	close(release)
	running.Wait()
	got := b.texts(t, `SELECT key FROM settings WHERE key LIKE 'waiting-%'`)
	told := 0
	for key, ok := range written {
		if ok != strings.Contains(got, key) {
			t.Errorf("%s: told %v, written %v", key, ok, !ok)
		}
		if ok {
			told++
		}
	}
	if told < maxTogether {
		t.Errorf("%d written, want all %d that were handed over before Close", told, maxTogether)
	}
}
