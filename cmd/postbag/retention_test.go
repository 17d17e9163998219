package main

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/store"
)

// alter changes the database as only somebody can who has the file.
func alter(t *testing.T, dir string, statements ...string) {
	t.Helper()
	alterFile(t, filepath.Join(dir, store.FileName), statements...)
}

func alterFile(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestRetention(t *testing.T) {
	dir := withDatabase(t)
	if got := postbag(t, dir, "retention", "plan"); got.code != exitOK || got.out != "No sealed record is kept.\n" {
		t.Errorf("of nobody: %+v", got)
	}
	if got := postbag(t, dir, "retention", "prove"); got.code != exitOK || got.out != "" || got.err != "The ledger is sound, and nothing is overdue. No day of it is closed yet, so it has no hash.\n" {
		t.Errorf("an empty ledger: %+v", got)
	}
	sentLetter(t, dir)
	if got := postbag(t, dir, "retention", "plan"); got.code != exitOK || !regexp.MustCompile(`mps-not-border-guards +letter +20\d\d-\d\d-\d\d +1\nmps-not-border-guards +text +20\d\d-\d\d-\d\d \(name and email stay\) +1\n$`).MatchString(got.out) {
		t.Errorf("the plan: %+v", got)
	}
	if got := postbag(t, dir, "retention", "run"); got.code != exitOK || got.out != "Nothing was due.\n" {
		t.Errorf("before anything is due: %+v", got)
	}
	alter(t, dir, `UPDATE letters SET erase_at = '2026-01-02T10:00:00.000Z'`)
	if got := postbag(t, dir, "retention", "prove"); got.code != exitFailed || !strings.Contains(got.err, "sealed records should have gone more than an hour ago, 1 of them") {
		t.Errorf("overdue: %+v", got)
	}
	if got := postbag(t, dir, "retention", "run"); got.code != exitOK || got.out != "1 letter was due: nothing says any more who wrote it.\n" {
		t.Errorf("the run: %+v", got)
	}
	if got := postbag(t, dir, "retention", "prove"); got.code != exitOK || !regexp.MustCompile(`^0 20\d\d-\d\d-\d\d mps-not-border-guards letter due 1  \(the day is not over\)\n$`).MatchString(got.out) {
		t.Errorf("what was erased: %+v", got)
	}

	// When the day is over its line is closed, and whoever changes it is found out.
	alter(t, dir, `UPDATE erasures SET day = '2026-01-03'`)
	postbag(t, dir, "retention", "run")
	sound := postbag(t, dir, "retention", "prove")
	head := regexp.MustCompile(`[0-9a-f]{64}\n$`).FindString(sound.err)
	if sound.code != exitOK || head == "" || !strings.HasPrefix(sound.out, "1 2026-01-03 mps-not-border-guards letter due 1  "+head) {
		t.Fatalf("a closed day: %+v", sound)
	}
	head = strings.TrimSpace(head)
	if got := postbag(t, dir, "retention", "prove", "--head", head); got.code != exitOK {
		t.Errorf("with the hash that was kept: %+v", got)
	}
	for _, head := range []string{"", head[:63], head + "1"} {
		if got := postbag(t, dir, "retention", "prove", "--head", head); got.code != exitUsage || !strings.Contains(got.err, "64 characters") || strings.Contains(got.err, "sound") {
			t.Errorf("what is no hash: %+v", got)
		}
	}
	if got := postbag(t, dir, "retention", "prove", "--head", strings.Repeat("1", 64)); got.code != exitFailed || !strings.Contains(got.err, "lines are missing") {
		t.Errorf("with another hash: %+v", got)
	}
	alter(t, dir, `DROP TRIGGER erasures_stay`, `UPDATE erasures SET records = 2`)
	if got := postbag(t, dir, "retention", "prove"); got.code != exitFailed || !strings.Contains(got.err, "line 1 is not as it was") {
		t.Errorf("a changed line: %+v", got)
	}
}

// A campaign that keeps less from now on, and letters that are over by that: one run
// does all of it.
func TestRetention_runAfterKeepingLess(t *testing.T) {
	dir := withDatabase(t)
	sentLetter(t, dir)
	alter(t, dir, `UPDATE letters SET sent_at = '2026-01-02T10:00:00.000Z'`, `UPDATE campaigns SET keep_text = 1, keep_email = 1, keep_unconfirmed = 1`)
	if got := postbag(t, dir, "retention", "run"); got.code != exitOK || !strings.Contains(got.out, "1 letter was due") {
		t.Errorf("the run: %+v", got)
	}
	if got := postbag(t, dir, "retention", "prove"); got.code != exitOK {
		t.Errorf("after it: %+v", got)
	}
}

// A run that leaves something behind does not say that all is well.
func TestRetention_runLeavesSomething(t *testing.T) {
	dir := withDatabase(t)
	sentLetter(t, dir)
	alter(t, dir, `UPDATE letters SET erase_at = '2026-01-02T10:00:00.000Z'`,
		`CREATE TRIGGER no BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'no'); END`)
	if got := postbag(t, dir, "retention", "run"); got.code != exitFailed || !strings.Contains(got.err, "1 letter is due and could not be dealt with") {
		t.Errorf("the run: %+v", got)
	}
}

// One that is passed over is not the end of the others.
func TestUntilNone(t *testing.T) {
	left := []int{eraseTogether, eraseTogether - 1, 3, 0}
	total, err := untilNone(func() (int, error) {
		n := left[0]
		left = left[1:]
		return n, nil
	})
	if total != 2*eraseTogether+2 || err != nil || len(left) > 0 {
		t.Errorf("%d done, %v; not asked for: %v", total, err, left)
	}
}
