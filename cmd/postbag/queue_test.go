package main

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/store"
	"postbag/internal/testkit"
)

// What the commands of the queue say where nothing waits; what they do to
// letters is the domain's, and tested there.
func TestQueue(t *testing.T) {
	dir := withDatabase(t)
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"none waits", []string{"list", shipped}, exitOK, "Mail server: nothing is wrong, as far as is known\n", "No letter waits"},
		{"an unknown campaign", []string{"list", "nothing"}, exitUsage, "", "there is no campaign \"nothing\": there is " + shipped + "\n"},
		{"an unknown state", []string{"list", shipped, "--state", "posted"}, exitUsage, "", "--state"},
		{"no letter in a state", []string{"list", shipped, "--state", "sent"}, exitOK, "Queued: 0\n", "No such letter is sent."},
		{"fewer than none", []string{"list", shipped, "--limit", "-1"}, exitUsage, "", "--limit"},
		{"no such letter", []string{"show", shipped, "12"}, exitNo, "", "no letter 12"},
		{"nobody decides", []string{"send", shipped, "12"}, exitUsage, "", "--by"},
		{"no such letter to send", []string{"send", shipped, "12", "--by", "Noor"}, exitNo, "letter 12: there is none", ""},
		{"no such letter to retry", []string{"retry", shipped, "12", "--by", "Noor"}, exitNo, "letter 12: there is none", ""},
		{"no such letter to mark", []string{"mark-sent", shipped, "12", "13", "--by", "Noor"}, exitNo, "letter 13: there is none", ""},
		{"declined without a note", []string{"decline", shipped, "12", "--by", "Noor"}, exitUsage, "", "--note"},
		{"declined with an empty one", []string{"decline", shipped, "12", "--by", "Noor", "--note", " "}, exitUsage, "", "--note needs some words"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"queue"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// withQueue makes a database with twelve letters: 1 to 7 in each of the states that
// can be listed, the others queued; and a mail server that refuses everything.
func withQueue(t *testing.T) string {
	t.Helper()
	dir := withDatabase(t)
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	testkit.FillQueue(t, conn, testkit.Queue{
		Number: 12, Campaign: 1, Since: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC),
		Sealed: func(int, []byte) []byte { return []byte("sealed") },
	})
	for _, q := range []string{
		`UPDATE letters SET state = 'sending', why = 'claimed' WHERE id = 1`,
		`UPDATE letters SET state = 'held', why = 'vacant', erase_at = '2999-01-01T00:00:00.000Z' WHERE id = 2`,
		`UPDATE letters SET state = 'uncertain', why = 'lost', erase_at = '2999-01-01T00:00:00.000Z' WHERE id = 3`,
		`UPDATE letters SET state = 'sent', why = 'accepted', sent_at = '2026-11-23T12:00:09.000Z' WHERE id = 4`,
		`UPDATE letters SET state = 'failed', why = 'refused', erase_at = '2999-01-01T00:00:00.000Z' WHERE id = 5`,
		`UPDATE letters SET state = 'bounced', why = 'no_mailbox', erase_at = '2999-01-01T00:00:00.000Z' WHERE id = 6`,
		`UPDATE outbox SET status = 'sending', lease_until = '2999-01-01T00:00:00.000Z' WHERE letter_id = 1`,
		`UPDATE outbox SET status = 'dropped' WHERE letter_id = 2`,
		`UPDATE outbox SET status = 'failed', finished_at = '2026-11-23T12:00:09.000Z', code = 550, answer = '550 5.1.1' WHERE letter_id = 5`,
		`UPDATE outbox SET status = 'sent' WHERE letter_id IN (3, 4, 6)`,
		`UPDATE outbox SET next_at = '2999-03-01T09:30:00.000Z' WHERE letter_id = 9`,
		`INSERT INTO attempts (outbox_id, attempt, at, verdict, code, enhanced) SELECT id, 1, '2026-11-23T12:00:09.000Z', 'failed', 550, '5.1.1' FROM outbox WHERE letter_id = 5`,
		`INSERT INTO relay (id, since, next_at, trying, failures, code, answer) VALUES (1, '2026-11-23T12:05:00.000Z', '2026-11-23T12:20:00.000Z', 0, 7, 535, '535 5.7.8')`,
	} {
		if _, err := conn.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%v in %s", err, q)
		}
	}
	return dir
}

// letters are the numbers in a list.
func letters(out string) string {
	return strings.Join(regexp.MustCompile(`(?m)^\d+`).FindAllString(out, -1), " ")
}

// How the queue stands, and the letters in each state, a few of many.
func TestQueue_list(t *testing.T) {
	dir := withQueue(t)
	const stands = "Mail server: refuses everything since 2026-11-23T12:05:00Z (535 5.7.8); failures in a row: 7; tried again 2026-11-23T12:20:00Z\n" +
		"Queued: 6; the last is expected to go 2999-03-01T09:30:00Z\n"
	for _, tt := range []struct {
		args    string
		letters string
		more    string // "": none
	}{
		{"", "2 3 5 6", ""},
		{"--state queued", "7 8 9 10 11 12", ""},
		{"--state queued --limit 2", "7 8", "And 4 more: --limit shows more of them, 0 all.\n"},
		{"--state queued --limit 6", "7 8 9 10 11 12", ""},
		{"--limit 0", "2 3 5 6", ""},
		{"--limit 1", "2", "And 3 more"},
		{"--state sending", "1", ""},
		{"--state held", "2", ""},
		{"--state uncertain", "3", ""},
		{"--state sent", "4", ""},
		{"--state failed", "5", ""},
		{"--state bounced", "6", ""},
		{"--state queued --partner -", "7 8 9 10 11 12", ""},
		{"--state queued --partner friends", "", ""},
		{"--state sent --why accepted", "4", ""},
		{"--state sent --why marked", "", ""},
	} {
		t.Run(tt.args, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"queue", "list", shipped}, strings.Fields(tt.args)...)...)
			if got.code != exitOK || !strings.HasPrefix(got.out, stands) || letters(got.out) != tt.letters {
				t.Errorf("letters %s, want %s: %+v", letters(got.out), tt.letters, got)
			}
			if strings.Contains(got.out, "more") != (tt.more != "") || !strings.Contains(got.out, tt.more) {
				t.Errorf("the list ends with\n%s\nwant %q", got.out, tt.more)
			}
		})
	}
	got := postbag(t, dir, "queue", "list", shipped, "--state", "queued", "--limit", "2", "--json")
	if lines := strings.Split(strings.TrimSpace(got.out), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"letter":7,`) {
		t.Errorf("as JSON:\n%s", got.out)
	}
	if !strings.HasPrefix(got.err, stands) || !strings.Contains(got.err, "And 4 more") {
		t.Errorf("beside the JSON:\n%s", got.err)
	}
}

// As JSON, what became of a letter has names like all others that the program prints,
// and times that programs read.
func TestQueue_showJSON(t *testing.T) {
	got := postbag(t, withQueue(t), "queue", "show", shipped, "5", "--json")
	var all map[string]any
	if err := json.Unmarshal([]byte(got.out), &all); err != nil || got.code != exitOK {
		t.Fatalf("%v: %+v", err, got)
	}
	for _, part := range []string{
		`"log": [
        {
          "at": "2026-11-23T12:00:09Z",
          "verdict": "failed",
          "code": 550,
          "enhanced": "5.1.1",
          "meaning": "no_mailbox"
        }
      ]`,
		`"queued_at": "2026-11-23T12:00:00Z"`, `"finished_at": "2026-11-23T12:00:09Z"`, `"status": "failed"`,
		`"from": "awaiting"`, `"to": "queued"`,
	} {
		if !strings.Contains(got.out, part) {
			t.Errorf("%s is not in\n%s", part, got.out)
		}
	}
	if name := regexp.MustCompile(`"[^"]*[A-Z][^"]*":`).FindString(got.out); name != "" {
		t.Errorf("a field named %s", name)
	}
}
