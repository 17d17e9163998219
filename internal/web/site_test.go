package web_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/app"
	"postbag/internal/config"
	"postbag/internal/store"
	"postbag/internal/testkit"
	"postbag/internal/web"
)

const slug = "mps-not-border-guards"

// site is the running program, its log, and a client that follows nothing.
type site struct {
	*app.App
	t    *testing.T
	log  *safeBuffer
	http *http.Client
	dir  string // of its data
}

// database opens the program's database beside it.
func (s *site) database() *sql.DB {
	s.t.Helper()
	file := url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(s.dir, store.FileName), RawQuery: "_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	return db
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func start(t *testing.T, change func(*config.Config)) *site {
	t.Helper()
	cfg := config.Config{Env: config.Development, Addr: "127.0.0.1:0", DataDir: t.TempDir(), MailFrom: "letters@postbag.invalid"}
	if change != nil {
		change(&cfg)
	}
	testkit.FillDatabase(t, cfg.DataDir, store.FileName, firstStart)
	s := &site{t: t, log: &safeBuffer{}, dir: cfg.DataDir}
	log := app.NewLog(s.log, true)
	var err error
	if s.App, err = app.New(t.Context(), app.Options{Config: cfg, Log: log.Logger, View: web.Renderer()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.http = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		s.http.CloseIdleConnections()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		log.Close()
	})
	return s
}

// firstStart fills a database as the program does when it finds none.
func firstStart(dir string) (io.Closer, error) {
	return app.OpenStore(context.Background(), config.Config{DataDir: dir}, slog.New(slog.DiscardHandler), time.Now)
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

func (s *site) do(method, path string, form url.Values, headers ...string) answer {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.Addr()+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.answer(r)
}

// answer asks, and reads what comes back.
func (s *site) answer(r *http.Request) answer {
	s.t.Helper()
	resp, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp, string(all)}
}

func (s *site) get(path string) answer { s.t.Helper(); return s.do(http.MethodGet, path, nil) }

func (s *site) post(path string, form url.Values) answer {
	s.t.Helper()
	return s.do(http.MethodPost, path, form)
}

// letter is a complete form; pairs replace or add fields.
func letter(pairs ...string) url.Values {
	form := url.Values{
		"postcode": {"LS6 3HN"}, "constituency": {"E14001319"}, "subject": {"Please sign the pledge"},
		"body": {"My neighbour is afraid.\r\n\r\nPlease sign."}, "name": {"Amina O’Connor"}, "email": {"amina@example.org"},
		"phone": {"0113 496 0123"}, "address1": {"Flat 2, 17 Brudenell Road"}, "address2": {""}, "town": {"Leeds"},
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

var privateLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+(/l/[A-Za-z0-9_-]{22})`)

// eventually looks again until it finds something, for as long as a busy machine
// may need.
func (s *site) eventually(what string, found func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !found(); {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// mails returns the captured mails, the newest first, once there are n.
func (s *site) mails(n int) []string {
	s.t.Helper()
	var texts []string
	s.eventually("captured mail", func() bool {
		texts = nil
		for _, link := range regexp.MustCompile(`/dev/mail/\d+`).FindAllString(s.get("/dev/mail").body, -1) {
			texts = append(texts, decodeQuoted(s.t, s.get(link+"/raw").body))
		}
		return len(texts) >= n
	})
	if len(texts) != n {
		s.t.Fatalf("%d mails, want %d", len(texts), n)
	}
	return texts
}

// write sends a letter and returns the path of its private page.
func (s *site) write(form url.Values) string {
	s.t.Helper()
	if a := s.post("/c/"+slug+"/send", form); a.StatusCode != http.StatusOK {
		s.t.Fatalf("send: %s\n%s", a.Status, a.body)
	}
	link := privateLink.FindStringSubmatch(s.mails(1)[0])
	if link == nil {
		s.t.Fatal("the mail has no private link")
	}
	return link[1]
}

func (a answer) heading() string {
	m := regexp.MustCompile(`<h1[^>]*>([^<]*)</h1>`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return m[1]
}
