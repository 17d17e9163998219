package outbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/outbox"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// The disk is full while letters are being sent: nothing is lost, the log says
// what it is, and all goes on when there is room again.
func TestDay_diskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("postbag", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("this needs a small file system of its own, which only root may mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	d := newDayIn(t, dir, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(60)
	reached, release := make(chan struct{}, 100), make(chan struct{})
	d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Nth: 21, Times: 2, Reached: reached, Hang: release})
	d.starts(d.sender(nothing), 2)
	<-reached
	<-reached
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	close(release)
	d.until("it cannot be written down", func() bool { return d.logs.holds("level=ERROR", "disk is full") > 0 })

	// Whoever writes a letter meanwhile is told to come again.
	err := d.store.ConfirmLetter(t.Context(), []byte("nobody's"), "none@postbag.example.org")
	if err == nil {
		t.Error("something could be written")
	}
	for range 6 {
		<-d.clock.Waiting(1)
		d.clock.Advance(5 * time.Second)
	}
	<-d.clock.Waiting(1)
	if n := d.smtp.Accepted(); n > 22+outbox.Held*2 {
		t.Errorf("the server has %d letters: more than were claimed were sent with nowhere to write it down", n)
	}
	if n := d.logs.holds("level=ERROR"); n > 20 {
		t.Errorf("%d errors in half a minute:\n%s", n, d.logs.lines.String())
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	d.clock.Advance(5 * time.Second) // it tries again
	d.passes(2*time.Minute, 5*time.Second)
	d.sentOnce(d.all()...)
	if n := atoi(d.value(`SELECT count(*) FROM letters WHERE state = $1`, campaign.StateUncertain)); n != 0 {
		t.Errorf("%d letters are uncertain", n)
	}
	if got := d.value(`PRAGMA integrity_check`); got != "ok" {
		t.Error(got)
	}
	d.discreet()
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f := must[*os.File](t)(os.Create(path))
	defer f.Close()
	block := []byte(strings.Repeat("x", 4096))
	for {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}
