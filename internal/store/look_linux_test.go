package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"postbag/internal/campaign"
)

// mounted is a file system of its own, with a database in it.
func mounted(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("postbag", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("this needs a file system of its own, which only root may mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	if err := os.WriteFile(filepath.Join(dir, FileName), fresh(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOpen_readOnlyVolume(t *testing.T) {
	dir := mounted(t, "8m")
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "read-only", dir, ErrSetUp, dir+", or the database in it, can only be read", "mount its volume for writing")
}

// The file alone, as one that was mounted into a container.
func TestOpen_readOnlyFile(t *testing.T) {
	dir := mounted(t, "8m")
	path := filepath.Join(dir, FileName)
	if err := syscall.Mount(path, path, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("this needs a bind mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
	if err := syscall.Mount("", path, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "read-only", dir, ErrSetUp, "can only be read", "for writing")
}

// On a full disk nothing opens and nothing is lost; an upgrade that has no room for
// its backup is not begun.
func TestOpen_fullDisk(t *testing.T) {
	dir := mounted(t, "6m")
	b := &bed{dir: dir}
	old := openAt(t, dir, newBed(t).clock)
	b.Store = old
	hash := b.confirm(t, 1)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	fillUp(t, ballast)
	wantRefused(t, "full", dir, ErrRoom, "make room", "nothing is lost")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	if l, err := s.LetterByToken(t.Context(), hash); err != nil || l.State != campaign.StateQueued {
		t.Errorf("%+v, %v", l, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	b.raw = openRaw(t, dir)
	b.downTo(t, 17)
	fillUp(t, ballast)
	info, err := os.Stat(ballast)
	if err == nil {
		err = os.Truncate(ballast, info.Size()-300_000) // less than the database
	}
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "no room for the backup", dir, ErrRoom, "make room", "before its schema is changed")
	if c, err := Check(t.Context(), dir); err != nil || c.Version > 17 || c.Letters != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// fillUp writes until the disk is full.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
}

// The folder belongs to somebody else, as after a copy by root.
func TestOpen_wrongOwner(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), fresh(), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	} else {
		runtime.LockOSThread() // root is nobody on this thread, which ends with the test
		if err := syscall.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = syscall.Setfsuid(0)
			runtime.UnlockOSThread()
		}()
	}
	_, err := Open(t.Context(), options(dir))
	if !errors.Is(err, ErrSetUp) || !strings.Contains(err.Error(), "chown -R") || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
}
