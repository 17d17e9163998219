package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// A backup is the state of one moment: of each letter that is written meanwhile it has
// all or nothing.
func TestBackup_whileLettersAreWritten(t *testing.T) {
	b := newBed(t)
	for n := range 50 {
		b.confirm(t, n)
	}
	var stop atomic.Bool
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 100; !stop.Load(); n++ {
			b.submit(t, n)
		}
	})
	for range 5 {
		to := filepath.Join(t.TempDir(), "backup.db")
		had, err := Backup(t.Context(), b.dir, to)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Inspect(t.Context(), to)
		if err != nil || got != had || got.Letters < 50 || got.People != got.Letters {
			t.Errorf("it has %+v, the database had %+v, %v", got, had, err)
		}
		if all, err := filepath.Glob(to + "?*"); err != nil || len(all) > 0 {
			t.Errorf("beside it are %v", all)
		}
	}
	stop.Store(true)
	writing.Wait()
}

// What is erased in a database that came from a backup is gone from its file: nothing
// of a record stands there twice.
func TestBackup_erasureAfterwards(t *testing.T) {
	b := newBed(t)
	const letters = 8
	for n := range letters {
		b.confirm(t, n)
	}
	b.earlier(t, b.backup(t))
	for n := range letters {
		if err := b.EraseLetter(t.Context(), hashOf("token", n)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{FileName, FileName + "-wal"} {
			content, err := os.ReadFile(filepath.Join(b.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, fmt.Appendf(nil, "sealed record %d", n)) {
				t.Errorf("record %d still stands in %s", n, name)
			}
		}
	}
}

// A database of an earlier schema is backed up as it is.
func TestBackup_changesNothing(t *testing.T) {
	dir := t.TempDir()
	writeVersion1(t, dir)
	before, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "backup.db")
	c, err := Backup(t.Context(), dir, to)
	if err != nil || (c != Contents{Version: 1, Letters: 2, People: 2}) {
		t.Errorf("%+v, %v", c, err)
	}
	after, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the database was changed (%v)", err)
	}
	if _, err := Backup(t.Context(), dir, to); err == nil {
		t.Error("it was written over")
	}
}
