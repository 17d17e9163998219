package store

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// Where the file cannot grow, whatever fails is undone as a whole, and no letter is
// taken for damaged because of it.
func TestStore_full(t *testing.T) {
	b := newBed(t)
	var log bytes.Buffer
	b.writer.log = slog.New(slog.NewTextHandler(&log, nil))
	const letters = 60
	for n := range letters {
		b.confirm(t, n)
	}
	limit := func(pages string) {
		t.Helper()
		if _, err := b.writer.conn.ExecContext(t.Context(), `PRAGMA max_page_count = `+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit(b.texts(t, `SELECT page_count FROM pragma_page_count()`))
	var jobs []campaign.Job
	refused := 0
	for range letters {
		got, err := b.Claim(t.Context(), 1, lease)
		if err != nil {
			refused++
			if !outOfRoom(err) {
				t.Fatalf("claim: %v", err)
			}
			break
		}
		jobs = append(jobs, got...)
	}
	for n := range 1000 {
		l := newLetter(1000 + n)
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			if fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("a supporter is told: %v", err)
			}
			refused++
			break
		}
	}
	if log.Len() > 0 {
		t.Errorf("the log blames what was to be written:\n%s", &log)
	}
	if refused == 0 {
		t.Fatal("it is not full")
	}
	for _, j := range jobs {
		err := b.Finish(t.Context(), j, campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}, b.clock.Now())
		if err != nil && !outOfRoom(err) {
			t.Fatalf("finish: %v", err)
		}
	}
	limit("1000000")
	for _, j := range jobs {
		if err := b.Finish(t.Context(), j, campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.texts(t, `SELECT count(*) FROM letters WHERE state = 'sent'`); got != fmt.Sprint(len(jobs)) {
		t.Errorf("%s letters were sent, want %d", got, len(jobs))
	}
	if got := b.texts(t, `SELECT count(*) FROM letters WHERE state NOT IN ('sent', 'queued', 'awaiting')`); got != "0" {
		t.Errorf("%s letters are something else: %s", got, b.texts(t, `SELECT DISTINCT state || ' ' || why FROM letters`))
	}
	if got := b.texts(t, `SELECT count(*) FROM outbox WHERE status NOT IN ('sent', 'ready', 'dropped')`); got != "0" {
		t.Errorf("%s messages are something else: %s", got, b.mails(t))
	}
	if got := b.texts(t, `PRAGMA integrity_check`); got != "ok" {
		t.Error(got)
	}
}
