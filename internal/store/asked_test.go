package store

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// askedLines returns what the file beside the database says, without its head.
func (b *bed) askedLines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, AskedName))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if !strings.HasPrefix(lines[0], "# ") {
		t.Errorf("it begins with %q", lines[0])
	}
	return lines[1:]
}

// optsIn submits and confirms letter n with an opt-in of its own.
func (b *bed) optsIn(t *testing.T, n int) []byte {
	t.Helper()
	l := newLetter(n)
	l.OptIns = []campaign.NewOptIn{{
		ID: int64(9000 + n), Wording: campaign.Wording{Lang: "en", Text: "Yes"}, TokenHash: hashOf("opt-in", n), EmailHash: hashOf("opt-in email", n), Sealed: []byte("sealed"),
	}}
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if err := b.ConfirmLetter(t.Context(), l.TokenHash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
		t.Fatal(err)
	}
	return l.TokenHash
}

// earlier puts an earlier state of the database in the place of this one, as somebody
// does who copies a file.
func (b *bed) earlier(t *testing.T, state []byte) *Store {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.raw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, FileName), state, 0o600); err != nil {
		t.Fatal(err)
	}
	b.Store = openAt(t, b.dir, b.clock)
	b.raw = openRaw(t, b.dir)
	return b.Store
}

// backup returns the database as a backup has it.
func (b *bed) backup(t *testing.T) []byte {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup.db")
	if _, err := Backup(t.Context(), b.dir, to); err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestAsked_isDoneAgain(t *testing.T) {
	b := newBed(t)
	erased, withdrawn, stays := b.optsIn(t, 1), b.confirm(t, 3), b.optsIn(t, 4)
	b.optsIn(t, 2)
	other := b.bring(t, 5, campaign.StateAwaiting)
	before := b.backup(t)
	if _, err := os.Stat(filepath.Join(b.dir, AskedName)); err == nil {
		t.Error("there is a file of what people asked before anybody did")
	}
	for _, err := range []error{
		b.EraseLetter(t.Context(), erased), b.EraseLetter(t.Context(), erased), b.EndOptIn(t.Context(), hashOf("opt-in", 2)), b.WithdrawLetter(t.Context(), withdrawn),
		b.EraseLetter(t.Context(), other),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := b.askedLines(t)
	want := []string{
		fmt.Sprintf("1 2026-11-23 erased %x", erased), fmt.Sprintf("2 2026-11-23 ended %016x", 9001),
		fmt.Sprintf("3 2026-11-23 ended %016x", 9002), fmt.Sprintf("4 2026-11-23 withdrawn %x", withdrawn), fmt.Sprintf("5 2026-11-23 erased %x", other),
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("the file has\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if info, err := os.Stat(filepath.Join(b.dir, AskedName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	people := b.texts(t, `SELECT letter_id FROM people ORDER BY 1`)

	s := b.earlier(t, before)
	if got, want := s.Repeated(), (Repeated{Erased: 2, Ended: 1, Withdrawn: 1}); got != want {
		t.Errorf("done again: %+v, want %+v", got, want)
	}
	if got := b.texts(t, `SELECT letter_id FROM people ORDER BY 1`); got != people {
		t.Errorf("kept are the people of %s, want %s", got, people)
	}
	if got := b.texts(t, `SELECT opt_in_id FROM opt_in_people`); got != "9004" {
		t.Errorf("opt-ins are kept: %s", got)
	}
	b.wantState(t, withdrawn, campaign.StateWithdrawn)
	b.wantState(t, stays, campaign.StateQueued)
	if got := b.askedLines(t); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the file now has\n%s", strings.Join(got, "\n"))
	}
	if again := b.earlier(t, b.backup(t)); again.Repeated().Any() {
		t.Errorf("done once more: %+v", again.Repeated())
	}
	// It goes on from there.
	if err := b.EraseLetter(t.Context(), stays); err != nil {
		t.Fatal(err)
	}
	if got := b.askedLines(t); len(got) != 7 || got[5] != fmt.Sprintf("6 2026-11-23 erased %x", stays) {
		t.Errorf("afterwards: %q", got)
	}
}

// A letter that was being sent when the backup was made may have gone.
func TestAsked_ofALetterBeingSent(t *testing.T) {
	b := newBed(t)
	hash := b.confirm(t, 1)
	job := b.claimed(t)
	before := b.backup(t)
	b.finish(t, job, campaign.VerdictSent)
	if err := b.EraseLetter(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	b.earlier(t, before)
	b.wantState(t, hash, campaign.StateUncertain)
	if got := b.texts(t, `SELECT count(*) FROM people`); got != "0" {
		t.Errorf("%s people are kept", got)
	}
	b.clock.Advance(time.Hour)
	if jobs := b.claims(t, 10); len(jobs) > 0 {
		t.Errorf("it is sent: %+v", jobs)
	}
}

// The file is written again from the database when it is gone, was cut off in the
// middle of a line, or could not be written when somebody asked.
func TestAsked_fileFollowsTheDatabase(t *testing.T) {
	b := newBed(t)
	path := filepath.Join(b.dir, AskedName)
	for n := range 3 {
		if err := b.EraseLetter(t.Context(), b.submit(t, n)); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Join(b.askedLines(t), "\n")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"gone": nil, "empty": {}, "cut off": whole[:len(whole)-20], "its last line missing": whole[:bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1],
	} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if content != nil {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if s := openAt(t, b.dir, b.clock); s.Repeated().Any() {
			t.Errorf("%s: %+v was done again", name, s.Repeated())
		}
		if got := strings.Join(b.askedLines(t), "\n"); got != want {
			t.Errorf("%s: the file has\n%s\nwant\n%s", name, got, want)
		}
	}

	var log bytes.Buffer
	b.writer.log = slog.New(slog.NewTextHandler(&log, nil))
	b.writer.asked.path = filepath.Join(b.dir, "no folder", AskedName)
	if err := b.EraseLetter(t.Context(), b.submit(t, 7)); err != nil {
		t.Errorf("it is not erased because the file cannot be written: %v", err)
	}
	b.submit(t, 6)
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("somebody is told %d times, want once: %s", n, &log)
	}
	b.writer.asked.path = path
	b.submit(t, 8) // anything at all
	if got := b.askedLines(t); len(got) != 4 || !strings.HasSuffix(got[3], fmt.Sprintf("%x", hashOf("token", 7))) {
		t.Errorf("the file has %q", got)
	}
}

// Several processes write into the one file.
func TestAsked_severalProcesses(t *testing.T) {
	b := newBed(t)
	other := openAt(t, b.dir, b.clock)
	for n := range 6 {
		s := b.Store
		if n%2 == 1 {
			s = other
		}
		if err := s.EraseLetter(t.Context(), b.submit(t, n)); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.Join(b.askedLines(t), "\n")
	for n := range 6 {
		if !strings.Contains(text, fmt.Sprintf("%d 2026-11-23 erased %x", n+1, hashOf("token", n))) {
			t.Errorf("the file does not have letter %d:\n%s", n, text)
		}
	}
	if s := openAt(t, b.dir, b.clock); s.Repeated().Any() {
		t.Errorf("%+v was done again", s.Repeated())
	}
}

// What cannot be read stops the start: somebody might come back by it.
func TestAsked_damagedFile(t *testing.T) {
	for _, line := range []string{"x\n", "1 2026-11-23 erased\n", "1 2026-11-23 forgiven 00ff\n", "1 2026-11-23 erased zz\n"} {
		b := newBed(t)
		path := filepath.Join(b.dir, AskedName)
		content := askedHead + "1 2026-11-23 erased 00ff\n" + line + "3 2026-11-23 erased 01ff\n"
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), options(b.dir))
		if err == nil {
			s.Close()
			t.Fatalf("%q: it opens", line)
		}
		if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%q: %v", line, err)
		}
		if left, err := os.ReadFile(path); err != nil || string(left) != content {
			t.Errorf("%q: the file was changed", line)
		}
	}
}

// Of an erasure that is undone nothing is kept.
func TestAsked_undone(t *testing.T) {
	b := newBed(t)
	one, other := b.submit(t, 1), b.submit(t, 2)
	errs := b.together(t,
		func(tx *tx) error {
			l, err := tx.letter(one)
			if err == nil {
				err = tx.eraseLetter(l)
			}
			if err == nil {
				err = errOnPurpose
			}
			return err
		},
		func(tx *tx) error {
			l, err := tx.letter(other)
			if err == nil {
				err = tx.eraseLetter(l)
			}
			return err
		})
	if errs[0] == nil || errs[1] != nil {
		t.Fatal(errs)
	}
	if got := b.askedLines(t); len(got) != 1 || !strings.HasSuffix(got[0], fmt.Sprintf("%x", other)) {
		t.Errorf("the file has %q", got)
	}
}

// A copy of the file that was made while a line was written, or that somebody saved
// with an empty line, counts as well where the database knows of nothing yet.
func TestAsked_isDoneAgainByAFileCutOff(t *testing.T) {
	for _, end := range []string{"2 2026-11", "\n", "# a note\n"} {
		b := newBed(t)
		hash := b.confirm(t, 1)
		before := b.backup(t)
		if err := b.EraseLetter(t.Context(), hash); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(filepath.Join(b.dir, AskedName), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(end); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		s := b.earlier(t, before)
		if got, want := s.Repeated(), (Repeated{Erased: 1}); got != want || b.letter(t, hash).Sealed != nil {
			t.Errorf("with %q at its end: done again: %+v, want %+v", end, got, want)
		}
	}
}
