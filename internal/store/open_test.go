package store

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"postbag/internal/testkit"
)

func options(dir string) Options {
	return Options{Dir: dir, Migrations: migrations(), Now: testkit.NewClock(start).Now, Log: slog.New(slog.DiscardHandler)}
}

func TestOpen_makesAPrivateDatabase(t *testing.T) {
	old := syscall.Umask(0) // the worst case; no test of this package runs in parallel
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "deep", "data")
	s, err := Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SetSetting(t.Context(), "some", "thing"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		"": 0o700, FileName: 0o600, FileName + "-wal": 0o600, FileName + "-shm": 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %q is %o, want %o", name, got, want)
		}
	}
}

func TestOpen_startsEmptyAndKeepsWhatIsWritten(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		s, err := Open(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		version, err := s.RosterVersion(t.Context())
		if err != nil || version != 0 {
			t.Fatalf("roster version %d, %v; want 0", version, err)
		}
		sources, err := s.Sources(t.Context())
		if err != nil || len(sources) != 0 {
			t.Fatalf("campaigns %v, %v; want none", sources, err)
		}
		kept, err := s.Setting(t.Context(), "kept")
		if want := map[bool]string{true: "value"}[round > 0]; err != nil || kept != want {
			t.Fatalf("round %d: setting %q, %v; want %q", round, kept, err, want)
		}
		if err := s.SetSetting(t.Context(), "kept", "value"); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, FileName+"-wal")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the journal is still there after Close: %v", err)
		}
	}
}

func TestOpen_refusesALaterSchema(t *testing.T) {
	dir := t.TempDir()
	later := fstest.MapFS{}
	files, err := fs.ReadDir(migrations(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := fs.ReadFile(migrations(), f.Name())
		if err != nil {
			t.Fatal(err)
		}
		later[f.Name()] = &fstest.MapFile{Data: data}
	}
	later["09999_later.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE later (id INTEGER);\n-- +goose Down\nDROP TABLE later;\n")}
	o := options(dir)
	o.Migrations = later
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), options(dir))
	if !errors.Is(err, ErrTooNew) || !strings.Contains(err.Error(), "9999") {
		t.Fatalf("error %v, want ErrTooNew with the version", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || string(after) != string(before) {
		t.Errorf("the database was changed by the program that refused it (%v)", err)
	}
}

func TestOpen_refusesWhatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), options(dir)); err == nil {
		s.Close()
		t.Fatal("opened a text file as a database")
	}
	if _, err := Open(t.Context(), options(filepath.Join(dir, FileName))); err == nil {
		t.Fatal("took a file for the data directory")
	}
}

func TestOpen_anyNameOfDirectory(t *testing.T) {
	for _, name := range []string{"a b", "50%41", "what?mode=memory", "c#d", "e&f=g", "Größe", "h:i"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			s, err := Open(t.Context(), options(dir))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.SetSetting(t.Context(), "a", "b"); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(filepath.Join(dir, FileName))
			if err != nil || info.Size() == 0 {
				t.Fatalf("the database is not in the directory: %v", err)
			}
		})
	}
	t.Run("relative", func(t *testing.T) {
		t.Chdir(t.TempDir())
		s, err := Open(t.Context(), options("./data"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if info, err := os.Stat("data/" + FileName); err != nil || info.Size() == 0 {
			t.Fatalf("the database is not in the directory: %v", err)
		}
	})
}

// Two processes that start at the same moment on an empty directory.
func TestOpen_twiceAtOnce(t *testing.T) {
	for range 2 {
		dir := t.TempDir()
		var opening sync.WaitGroup
		for range 2 {
			opening.Go(func() {
				s, err := Open(t.Context(), options(dir))
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		opening.Wait()
	}
}

func TestOpen_setsEveryConnection(t *testing.T) {
	b := newBed(t)
	conn := b.writer.conn
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "busy_timeout": "5000", "query_only": "0",
	} {
		var got string
		if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %q, %v; want %q", pragma, got, err, want)
		}
	}
	if _, err := b.read.ExecContext(t.Context(), `DELETE FROM settings`); err == nil {
		t.Error("a reading connection can write")
	}
}

func TestClose_afterwards(t *testing.T) {
	b := newBed(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.SetSetting(t.Context(), "a", "b"); !errors.Is(err, errClosed) {
			t.Errorf("writing after Close: %v", err)
		}
		if _, err := b.RosterVersion(t.Context()); err == nil {
			t.Error("reading after Close worked")
		}
		if err := b.Ping(t.Context()); err == nil {
			t.Error("Ping after Close says that it can write")
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("a call after Close hangs")
	}
}

func TestPing_noticesThatNothingCanBeWritten(t *testing.T) {
	b := newBed(t)
	if err := b.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.alter(t, `CREATE TRIGGER full BEFORE UPDATE ON settings BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	if err := b.Ping(t.Context()); err == nil {
		t.Error("Ping says that it can write")
	}
}
