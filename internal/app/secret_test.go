package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postbag/internal/seal"
)

func TestDevelopmentSecret(t *testing.T) {
	dir := t.TempDir()
	first, err := developmentSecret(dir)
	if err != nil || len(first) < seal.MinSecret {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	again, err := developmentSecret(dir)
	if err != nil || string(again) != string(first) {
		t.Errorf("the second start has another secret (%v)", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v left behind (%v)", files, err)
	}
	if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file may be read by others: %v, %v", info.Mode(), err)
	}
}

func TestDevelopmentSecret_TooShort(t *testing.T) {
	for _, content := range []string{"", "\n", "short\n"} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := developmentSecret(filepath.Dir(path))
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "delete the file") {
			t.Errorf("%q: %v", content, err)
		}
		if left, _ := os.ReadFile(path); string(left) != content {
			t.Errorf("%q was overwritten", content)
		}
	}
}
