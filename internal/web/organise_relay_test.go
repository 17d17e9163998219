package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
)

// While the mail server refuses everything every page of the workspace says so
// once, and no page of the public's does.
func TestOrganise_RelayRefuses(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	const said = "smtp 535 5.7.8"
	if a := s.get("/organise"); strings.Contains(a.body, said) {
		t.Error("it is said before")
	}
	soon := time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	if _, err := s.database().Exec(`
		INSERT OR REPLACE INTO relay (id, since, next_at, trying, failures, code, answer)
		VALUES (1, '2026-11-02T10:00:00.000Z', ?, 0, 4, 535, ?)`, soon, said); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/organise", "/organise/mps", "/organise/c/" + slug + "/letters"} {
		if a := s.get(path); strings.Count(a.body, said) != 1 {
			t.Errorf("%s says it %d times", path, strings.Count(a.body, said))
		}
	}
	if a := s.get("/c/" + slug); strings.Contains(a.body, said) {
		t.Error("the public is told")
	}
}

// An organiser sees what the server answered, attempt by attempt, and nothing of
// who wrote.
func TestOrganise_AttemptsOfALetter(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	s.post(private+"/confirm", nil)
	s.eventually("the letter to be sent", func() bool { return strings.Contains(s.get(private).body, "Your letter is on its way") })
	if _, err := s.database().Exec(`
		UPDATE letters SET state = 'uncertain';
		UPDATE outbox SET attempts = 2 WHERE kind = 'letter';
		DELETE FROM attempts WHERE outbox_id = (SELECT id FROM outbox WHERE kind = 'letter');
		INSERT INTO attempts (outbox_id, attempt, at, verdict, code, enhanced)
		SELECT id, 1, '2026-11-02T10:00:00.000Z', 'retry', 451, '4.7.1' FROM outbox WHERE kind = 'letter';
		INSERT INTO attempts (outbox_id, attempt, at, verdict, code, enhanced)
		SELECT id, 2, '2026-11-02T10:20:00.000Z', 'uncertain', 0, '' FROM outbox WHERE kind = 'letter'`); err != nil {
		t.Fatal(err)
	}
	s.signIn(account.Organiser)
	list := s.get("/organise/c/" + slug + "/letters?state=uncertain")
	link := regexp.MustCompile(`/organise/c/` + slug + `/letters/[0-9]+`).FindString(list.body)
	if link == "" {
		t.Fatalf("no letter is listed:\n%s", list.body)
	}
	a := s.get(link)
	for _, want := range []string{"2 attempts", "451 4.7.1"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(a.body, "17 Brudenell Road") {
		t.Error("it tells who wrote, and nobody asked to see it")
	}
}
