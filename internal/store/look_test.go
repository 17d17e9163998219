package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// contentsOf returns the files of a data directory that keep something: SQLite's
// shared memory and an empty journal do not.
func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range all {
		if strings.HasSuffix(f.Name(), "-shm") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if len(content) > 0 || !strings.HasSuffix(f.Name(), "-wal") {
			files[f.Name()] = string(content)
		}
	}
	return files
}

// wantRefused opens a database that cannot be used, and looks that nothing was
// changed by it.
func wantRefused(t *testing.T, name, dir string, want error, words ...string) {
	t.Helper()
	before := contentsOf(t, dir)
	o := options(dir)
	o.Look = time.Minute
	s, err := Open(t.Context(), o)
	if err == nil {
		s.Close()
		t.Fatalf("%s: it opens", name)
	}
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", name, err, want)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v does not say %q", name, err, word)
		}
	}
	after := contentsOf(t, dir)
	if len(after) != len(before) {
		t.Errorf("%s: there were %d files, now %d", name, len(before), len(after))
	}
	for file, content := range before {
		if after[file] != content {
			t.Errorf("%s: %s was changed", name, file)
		}
	}
}

// killed returns the files of a database whose program was killed, of which some
// stands in its journal alone, and where the page is that leads to all constituencies.
func killed(t *testing.T) (db, journal []byte, page int) {
	t.Helper()
	b := newBed(t)
	for n := range 30 {
		b.confirm(t, n)
	}
	b.alter(t, `PRAGMA wal_checkpoint(TRUNCATE)`)
	b.confirm(t, 30)
	files := contentsOf(t, b.dir)
	if len(files[FileName+"-wal"]) == 0 {
		t.Fatal("there is no journal")
	}
	if err := b.raw.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = 'constituencies'`).Scan(&page); err != nil {
		t.Fatal(err)
	}
	return []byte(files[FileName]), []byte(files[FileName+"-wal"]), page
}

func TestOpen_damaged(t *testing.T) {
	whole, journal, page := killed(t)
	flip := func(from, n int) []byte {
		damaged := bytes.Clone(whole)
		for i := from; i < from+n; i++ {
			damaged[i] ^= 0xff
		}
		return damaged
	}
	const first = "its first page overwritten"
	for name, db := range map[string][]byte{
		"no database":                       []byte(strings.Repeat("not a database ", 500)),
		first:                               flip(0, 4096),
		"a page in the middle overwritten":  flip((page-1)*4096, 4096),
		"the end of its last pages":         flip(len(whole)-3*4096, 3*4096),
		"cut off in the middle":             whole[:len(whole)/2],
		"cut off in the middle of its head": whole[:60],
	} {
		for _, journal := range [][]byte{journal, nil} {
			if journal != nil && name == first {
				continue // it stands in the journal too, so nothing is lost
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, FileName), db, 0o600); err != nil {
				t.Fatal(err)
			}
			if journal != nil {
				if err := os.WriteFile(filepath.Join(dir, FileName+"-wal"), journal, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			wantRefused(t, name, dir, ErrDamaged, filepath.Join(dir, FileName), "is left as it is", "postbag restore FILE --from-old")
			if _, err := Check(t.Context(), dir); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: the check says %v", name, err)
			}
		}
	}
	// What is not damaged opens, its journal with it.
	dir := t.TempDir()
	for name, content := range map[string][]byte{FileName: whole, FileName + "-wal": journal} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := options(dir)
	o.Look = time.Minute
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if c, err := Check(t.Context(), dir); err != nil || c.Letters != 31 || c.People != 31 {
		t.Errorf("%+v, %v", c, err)
	}
}

// An empty database is made where there never was one, and nowhere else.
func TestOpen_gone(t *testing.T) {
	_, journal, _ := killed(t)
	for name, files := range map[string]map[string]string{
		"deleted, what people asked is there":    {AskedName: askedHead + "1 2026-11-23 erased 00ff\n"},
		"cut off at its beginning, and the same": {AskedName: askedHead + "1 2026-11-23 erased 00ff\n", FileName: ""},
		"deleted, its journal is there":          {FileName + "-wal": string(journal)},
		"cut off, its journal is there":          {FileName + "-wal": string(journal), FileName: ""},
	} {
		dir := t.TempDir()
		for file, content := range files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		wantRefused(t, name, dir, ErrGone, "postbag restore", "to begin anew")
	}
	dir := t.TempDir() // a first start that was killed at its first step
	if err := os.WriteFile(filepath.Join(dir, FileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpen_ofAnotherProgram(t *testing.T) {
	dir := t.TempDir()
	raw := openRaw(t, dir)
	if _, err := raw.Exec(`CREATE TABLE bookmarks (id INTEGER)`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "bookmarks", dir, ErrDamaged, "another program")
}

func TestOpen_notAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "data")} {
		if _, err := Open(t.Context(), options(dir)); !errors.Is(err, ErrSetUp) || !strings.Contains(err.Error(), "no folder") {
			t.Errorf("%v", err)
		}
	}
}

func TestOpen_locked(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), fresh(), 0o600); err != nil {
		t.Fatal(err)
	}
	raw := openRaw(t, dir)
	raw.SetMaxOpenConns(1)
	for _, q := range []string{`PRAGMA locking_mode = EXCLUSIVE`, `BEGIN EXCLUSIVE`, `UPDATE settings SET value = value`} {
		if _, err := raw.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(t.Context(), options(dir))
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "fuser -v") {
		t.Errorf("%v", err)
	}
}

// A look that takes too long is broken off, and the database opens.
func TestLook_takesNoLongerThanItMay(t *testing.T) {
	b := newBed(t)
	path := filepath.Join(b.dir, FileName)
	if whole, err := look(t.Context(), path, 1000, time.Nanosecond); whole || err != nil {
		t.Errorf("%v, %v", whole, err)
	}
	if whole, err := look(t.Context(), path, 1000, time.Minute); !whole || err != nil {
		t.Errorf("%v, %v", whole, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := look(ctx, path, 1000, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
