package testkit

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var filled struct {
	once    sync.Once
	content []byte
	err     error
}

// FillDatabase puts the database file into dir that open fills on a first
// start, if none is there. It is made once for all tests of a package: with the race detector,
// 650 constituencies take longer to write than most tests run.
func FillDatabase(t testing.TB, dir, file string, open func(dir string) (io.Closer, error)) {
	t.Helper()
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); err == nil {
		return
	}
	filled.once.Do(func() {
		filled.content, filled.err = firstStart(file, open)
	})
	if filled.err != nil {
		t.Fatalf("fill a database: %v", filled.err)
	}
	if err := os.WriteFile(path, filled.content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func firstStart(file string, open func(dir string) (io.Closer, error)) (content []byte, err error) {
	dir, err := os.MkdirTemp("", "postbag-first-start")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover in the temporary folder harms nobody
	s, err := open(dir)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, file))
}
