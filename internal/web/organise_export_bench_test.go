package web_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// BenchmarkExport downloads every letter of a campaign from the running program,
// which may not take more than 50 MB for it, whoever wrote them included or not.
func BenchmarkExport(b *testing.B) {
	for _, c := range []struct {
		name    string
		path    string
		letters int
		lines   int // for each letter: a person's has thirty and one
		people  bool
	}{
		{"letters=1000000", "letters.csv", 1_000_000, 1, false},
		{"people=50000", "letters/people", 50_000, 31, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			dir := b.TempDir()
			cfg := config.Config{Env: config.Development, Addr: "127.0.0.1:0", DataDir: dir, MailFrom: "letters@postbag.invalid", Secret: "0123456789abcdef0123456789abcdef"}
			testkit.FillDatabase(b, dir, store.FileName, firstStart)
			fillExport(b, filepath.Join(dir, store.FileName), string(cfg.Secret), c.letters, c.people)
			a, err := app.New(b.Context(), app.Options{Config: cfg, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- a.Run(ctx) }()
			b.Cleanup(func() { stop(); <-done })
			client := signedIn(b, a)
			runtime.GC()
			before := heap()
			most, ended := uint64(0), make(chan struct{})
			watched := make(chan struct{})
			go func() {
				defer close(watched)
				for {
					select {
					case <-ended:
						return
					case <-time.After(20 * time.Millisecond):
						most = max(most, heap())
					}
				}
			}()
			for b.Loop() {
				r, err := http.NewRequest(http.MethodPost, a.BaseURL()+"/organise/c/"+slug+"/"+c.path, nil)
				if err != nil {
					b.Fatal(err)
				}
				response, err := client.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				n, in := 0, bufio.NewReaderSize(response.Body, 1<<16)
				for {
					piece, err := in.ReadSlice('\n')
					if err == io.EOF {
						break
					}
					if err != nil && err != bufio.ErrBufferFull {
						b.Fatal(err)
					}
					if len(piece) > 1 && piece[len(piece)-2] == '\r' {
						n++
					}
				}
				response.Body.Close()
				if response.StatusCode != http.StatusOK || n != c.letters*c.lines+1 {
					b.Fatal(response.Status, n)
				}
			}
			close(ended)
			<-watched
			b.ReportMetric(float64(c.letters*b.N)/b.Elapsed().Seconds(), "letters/s")
			b.ReportMetric(float64(max(most, before)-before)/1e6, "MB-more")
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// signedIn returns a client as which an organiser is signed in.
func signedIn(b *testing.B, a *app.App) *http.Client {
	b.Helper()
	_, token, err := a.Accounts().Add(b.Context(), account.Actor{Name: "test"}, account.Account{Email: "o@organisers.example", Name: "O", Role: account.Organiser})
	if err != nil {
		b.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	response, err := client.PostForm(a.BaseURL()+"/organise/password/"+token, url.Values{"password": {"five plain words are plenty"}})
	if err != nil {
		b.Fatal(err)
	}
	response.Body.Close()
	return client
}

// fillExport writes letters that were sent into a database, with the people who
// wrote them, sealed, if asked.
func fillExport(b *testing.B, file, secret string, letters int, people bool) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(b.Context(), `
		WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < $1)
		INSERT INTO letters (id, campaign_id, constituency, member_id, partner, lang, variant, chosen, state, token_hash, created_at, state_at, expires_at, confirmed_at, sent_at, own, why)
		SELECT n.id, 1, 'E14001319', (SELECT id FROM members WHERE constituency = 'E14001319'), '', 'en', 'ask', 0, 'sent', CAST(printf('%032d', n.id) AS BLOB),
			'2026-11-23T12:00:00.000Z', '2026-11-23T12:00:00.000Z', '2026-11-30T12:00:00.000Z', '2026-11-23T12:00:00.000Z', '2026-11-23T12:00:00.000Z', n.id % 100, 'accepted'
		FROM n`, letters)
	if err != nil {
		b.Fatal(err)
	}
	if !people {
		return
	}
	keys, err := seal.New([]byte(secret))
	if err != nil {
		b.Fatal(err)
	}
	// As of a database from before it kept keys of its own: the program takes these over.
	if _, err := db.ExecContext(b.Context(), `INSERT INTO settings (key, value) VALUES ('key_id', $1)`, keys.ID()); err != nil {
		b.Fatal(err)
	}
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	person := campaign.Person{Name: "Amina O’Connor", Email: "amina@example.org", Address1: "1 High Street", Town: "Leeds", Postcode: "LS6 3HN", Subject: "My neighbour"}
	for range 30 {
		person.Letter += "My neighbour is afraid to come to you for help, and she should not be.\n"
	}
	for id := range letters {
		hash := fmt.Appendf(nil, "%032d", id+1)
		sealed, err := campaign.SealPerson(keys, &person, hash)
		if err != nil {
			b.Fatal(err)
		}
		kept := make([]byte, 4000) // as the store pads it: its length, itself, zeros
		kept[2], kept[3] = byte(len(sealed)>>8), byte(len(sealed))
		copy(kept[4:], sealed)
		if _, err := tx.ExecContext(b.Context(), `INSERT INTO people (letter_id, sealed) VALUES ($1, $2)`, id+1, kept); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
