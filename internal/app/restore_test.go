package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// running is the program beside a mail server.
type running struct {
	*App
	stop func()
}

func startAt(t *testing.T, cfg config.Config) running {
	t.Helper()
	a, err := open(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return running{a, stop}
}

// letter has somebody write to the nth MP, and confirm it.
func (r running) letter(t *testing.T, n int) {
	t.Helper()
	keys, err := OpenKeys(t.Context(), r.cfg, r.store)
	if err != nil {
		t.Fatal(err)
	}
	hash := func(kind string) []byte { return keys.Hash(kind, fmt.Sprint(n)) }
	sealed, err := campaign.SealPerson(keys, &campaign.Person{
		Name: "Amina O’Connor", Email: fmt.Sprintf("amina%d@example.org", n), Address1: "1 High Street", Town: "Durham", Postcode: "DH1 3LE",
		Subject: "Please sign", Letter: "Please sign.\n", Token: fmt.Sprintf("token-of-letter-%d", n),
	}, hash("token"))
	if err != nil {
		t.Fatal(err)
	}
	roster, _ := r.service.Roster()
	seat := roster.Seats()[n]
	err = r.store.SubmitLetter(t.Context(), campaign.NewLetter{
		Campaign: "mps-not-border-guards", Constituency: seat.Constituency.Code, MemberID: seat.Member.ID, Lang: "en", Variant: campaign.VariantAsk,
		TokenHash: hash("token"), RepeatHash: hash("repeat"), EmailHash: hash("email"), ContentHash: hash("content"), ReplaceHash: hash("replace"),
		Sealed: sealed, MessageID: fmt.Sprintf("confirm-%d@postbag.example.org", n),
	})
	if err == nil {
		err = r.store.ConfirmLetter(t.Context(), hash("token"), fmt.Sprintf("letter-%d@postbag.example.org", n))
	}
	if err != nil {
		t.Fatal(err)
	}
	r.worker.Wake()
}

// A backup is made while letters are under way; they go; the disk is lost and the
// backup brought back. No letter goes a second time but the one that an organiser
// sends, and of it the server gets the same message.
func TestRestore_nothingGoesTwice(t *testing.T) {
	smtp := testkit.StartSMTP(t, testkit.SMTPConfig{})
	reached, release := make(chan struct{}, 100), make(chan struct{})
	smtp.Script(testkit.SMTPFault{Stage: testkit.StageMAIL, Nth: 1, Times: 1000, Reached: reached, Hang: release})
	cfg := development(filepath.Join(t.TempDir(), "data"))
	cfg.SMTPURL = config.Secret("smtp://" + smtp.Addr() + "?tls=none")
	cfg.MailFrom = "letters@postbag.example.org"
	const letters = 6
	a := startAt(t, cfg)
	for n := range letters {
		a.letter(t, n)
	}
	<-reached
	file := filepath.Join(t.TempDir(), "backup.db")
	if r, err := Backup(t.Context(), BackupOptions{DataDir: cfg.DataDir, File: file}); err != nil || r.Letters != letters {
		t.Fatalf("%+v, %v", r, err)
	}
	close(release)
	ids := map[string]string{} // of the letter to each MP
	for len(ids) < letters {
		to, id := nextLetter(t, smtp)
		ids[to] = id
	}
	a.stop()
	old := filepath.Join(t.TempDir(), "old")
	if err := os.Mkdir(old, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		err := os.Rename(filepath.Join(cfg.DataDir, store.FileName+end), filepath.Join(old, store.FileName+end))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	r, err := Restore(t.Context(), RestoreOptions{DataDir: cfg.DataDir, File: file, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil || r.Letters != letters || r.Key == "" {
		t.Fatalf("%+v, %v", r, err)
	}

	a = startAt(t, cfg)
	found, n, err := a.service.ListLetters(t.Context(), "mps-not-border-guards", campaign.OpenFilter{State: campaign.StateUncertain}, 100)
	if err != nil || n != letters {
		t.Fatalf("%d are uncertain, %v", n, err)
	}
	judged, err := a.service.Decide(t.Context(), account.Actor{Name: "a test"}, "mps-not-border-guards", campaign.DecideRetry, []campaign.Chosen{{ID: found[3].ID}}, "")
	if err != nil || len(judged) != 1 || judged[0].Refused != "" {
		t.Fatalf("%+v, %v", judged, err)
	}
	if to, id := nextLetter(t, smtp); id != ids[to] {
		t.Errorf("to %s goes %s, and went %s", to, id, ids[to])
	}
	a.letter(t, letters) // and what is new goes
	if to, id := nextLetter(t, smtp); ids[to] != "" {
		t.Errorf("to %s goes %s, another letter", to, id)
	}
	a.stop()
	got := 0
	for _, m := range smtp.Messages() {
		if strings.HasPrefix(messageID(m), "<letter-") {
			got++
		}
	}
	if got != letters+2 {
		t.Errorf("the server got %d letters, want %d", got, letters+2)
	}
}

// nextLetter waits for the next letter to an MP.
func nextLetter(t *testing.T, smtp *testkit.SMTPServer) (to, id string) {
	t.Helper()
	for {
		m := smtp.Next(t)
		if id := messageID(m); strings.HasPrefix(id, "<letter-") {
			return m.To[0], id
		}
	}
}

func messageID(m testkit.SMTPMessage) string {
	for line := range strings.SplitSeq(string(m.Data), "\r\n") {
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			return id
		}
	}
	return ""
}
