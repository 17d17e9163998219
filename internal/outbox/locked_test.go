package outbox_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"postbag/internal/store"
	"postbag/internal/testkit"
)

// Somebody else holds the database for longer than anybody waits for it, just as
// letters have been sent: what became of them is written down afterwards.
func TestDay_locked(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(6)
	reached, release := make(chan struct{}, 10), make(chan struct{})
	d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Reached: reached, Hang: release})
	d.starts(d.sender(nothing), 2)
	<-reached
	<-reached
	conn := must[*sql.Conn](t)(d.raw.Conn(t.Context()))
	defer conn.Close()
	lock := func(statement string) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	lock("BEGIN EXCLUSIVE")
	close(release)
	d.until("it cannot be written down", func() bool { return d.logs.holds("level=ERROR", "database is locked") > 0 })
	if n := d.smtp.Accepted(); n != 2 {
		t.Errorf("the server has %d letters: others were sent with nowhere to write it down", n)
	}
	lock("ROLLBACK")
	d.clock.Advance(5 * time.Second) // it tries again
	d.passes(time.Minute, 5*time.Second)
	d.sentOnce(d.all()...)
	if got := d.value(`SELECT count(*) || ' ' || max(attempt) FROM attempts`); got != fmt.Sprint(d.wrote, " ", 1) {
		t.Errorf("attempts and most of one letter: %s", got)
	}
	if n := d.logs.holds("level=ERROR"); n > 6 {
		t.Errorf("%d errors for one lock:\n%s", n, d.logs.lines.String())
	}
	d.discreet()
}
