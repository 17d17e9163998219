//go:build unix

package mailer

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A key is a small file. What is none would be read for ever, or wait for ever.
func TestReadDKIMKey_notAFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(large, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{pipe: "no ordinary file", "/dev/zero": "no ordinary file", large: "too large", link: "too large"} {
		answer := make(chan error, 1)
		go func() {
			_, err := ReadDKIMKey("post", path)
			answer <- err
		}()
		select {
		case err := <-answer:
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", path, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: it waits for ever", path)
		}
	}
}
