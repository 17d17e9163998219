package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/assets"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/mailer"
	"postbag/internal/parliament"
	"postbag/internal/store"
	"postbag/internal/testkit"
	"postbag/internal/view"
	"postbag/templates"
)

// slug is the campaign that ships with Postbag.
const slug = "mps-not-border-guards"

// mailFrom is the address that the program under test sends from.
const mailFrom = "letters@postbag.example"

// program is Postbag running, with the mail server that it talks to.
type program struct {
	t     *testing.T
	app   *app.App
	smtp  *testkit.SMTPServer
	base  string // its address, without a slash at the end
	dir   string // its data directory
	log   *logbook
	words *view.Renderer

	mayWarn  bool // the test makes things go wrong, and the log may say so
	mayBreak bool // it breaks the program itself
}

// start runs the program as the command does, until the test ends. Then it
// must stop in order, and must have written nothing about anyone into its log
// or, unsealed, into its files.
func start(t *testing.T, with ...func(*app.Options, map[string]string)) *program {
	t.Helper()
	p := &program{t: t, smtp: testkit.StartSMTP(t, testkit.SMTPConfig{}), dir: t.TempDir(), log: new(logbook)}
	settings := map[string]string{
		"POSTBAG_ADDR":        "127.0.0.1:0",
		"POSTBAG_DATA_DIR":    p.dir,
		"POSTBAG_SMTP_URL":    "smtp://" + p.smtp.Addr() + "?tls=none",
		"POSTBAG_MAIL_FROM":   mailFrom,
		"POSTBAG_MP_PER_HOUR": "0", // several tests write to one MP, and wait for each letter
	}
	words, err := renderer()
	if err != nil {
		t.Fatal(err)
	}
	o := app.Options{View: words}
	for _, change := range with {
		change(&o, settings)
	}
	testkit.FillDatabase(t, p.dir, store.FileName, firstStart)
	cfg, err := config.Load(func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}, func(raw string) error {
		_, err := mailer.ParseURL(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	o.Config, o.Log = cfg, slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if p.app, err = app.New(ctx, o); err != nil {
		stop()
		t.Fatalf("start the program: %v", err)
	}
	p.base = p.app.BaseURL()
	stopped := make(chan error, 1)
	go func() { stopped <- p.app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("the program ended with %v", err)
		}
		p.checkLog()
		p.checkFiles()
	})
	p.words = words
	return p
}

// renderer reads and tries every template once for all programs: it takes longer
// than many a test.
var renderer = sync.OnceValues(func() (*view.Renderer, error) { return view.New(templates.FS, assets.FS, view.Options{}) })

// firstStart fills a database as the program does when it finds none.
func firstStart(dir string) (io.Closer, error) {
	return app.OpenStore(context.Background(), config.Config{DataDir: dir}, slog.New(slog.DiscardHandler), time.Now)
}

// at starts the program with a clock that only the test moves.
func at(clock *testkit.Clock) func(*app.Options, map[string]string) {
	return func(o *app.Options, _ map[string]string) { o.Clock = clock }
}

// capturing starts the program without a mail server, as a newcomer does.
func capturing(_ *app.Options, settings map[string]string) {
	delete(settings, "POSTBAG_SMTP_URL")
	delete(settings, "POSTBAG_MAIL_FROM")
}

// testMode starts the program in test mode.
func testMode(_ *app.Options, settings map[string]string) {
	settings["POSTBAG_TEST_RECIPIENT"] = "organiser@campaign.example"
}

// vacate empties a seat, as a death or a resignation does.
func (p *program) vacate(code string) {
	p.t.Helper()
	roster, _ := p.app.Service().Roster()
	seats := roster.Seats()
	for i := range seats {
		if seats[i].Constituency.Code == code {
			seats[i].Member = parliament.Member{}
		}
	}
	p.applyRoster(parliament.NewRoster(seats, roster.ConstituencySource(), roster.MemberSource()))
}

func (p *program) applyRoster(roster *parliament.Roster, err error) {
	p.t.Helper()
	ctx := context.Background()
	if err == nil {
		err = p.app.Store().ApplyRoster(ctx, roster)
	}
	if err == nil {
		err = p.app.Service().Refresh(ctx)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// in returns the same program for a subtest.
func (p *program) in(t *testing.T) *program {
	q := *p
	q.t = t
	return &q
}

// say returns a sentence as the pages say it.
func (p *program) say(key string, args ...any) string {
	p.t.Helper()
	sentence := p.words.T(view.DefaultLang, key, args...)
	if sentence == key {
		p.t.Fatalf("the catalogue has no message %q", key)
	}
	return sentence
}

// logbook is where the program's log goes.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// checkLog sees to it that nothing went wrong behind the pages, and that the
// log names no one.
func (p *program) checkLog() {
	for line := range strings.Lines(p.log.String()) {
		if strings.Contains(line, "level=WARN") && !p.mayWarn || strings.Contains(line, "level=ERROR") && !p.mayBreak {
			p.t.Errorf("the log complains: %s", line)
		}
	}
	for _, s := range personal {
		if strings.Contains(strings.ToLower(p.log.String()), strings.ToLower(s)) {
			p.t.Errorf("the log holds %q", s)
		}
	}
}

// checkFiles sees to it that whoever gets hold of the files learns of no one.
func (p *program) checkFiles() {
	err := filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range personal {
			if bytes.Contains(bytes.ToLower(content), bytes.ToLower([]byte(s))) {
				p.t.Errorf("the file %s holds %q", entry.Name(), s)
			}
		}
		return nil
	})
	if err != nil {
		p.t.Errorf("read the data directory: %v", err)
	}
}

// rows counts the rows of a table in the database file itself.
func (p *program) rows(table string) int {
	p.t.Helper()
	db := p.database()
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		p.t.Fatalf("count %s: %v", table, err)
	}
	return n
}

// database opens the database file itself, beside the program.
func (p *program) database() *sql.DB {
	p.t.Helper()
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.Join(p.dir, store.FileName), RawQuery: "_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		p.t.Fatal(err)
	}
	return db
}

// sent has letters go from a constituency before the test.
func (p *program) sent(db *sql.DB, code string, letters int) {
	p.t.Helper()
	if _, err := db.Exec(`INSERT INTO tallies (campaign_id, constituency, sent) VALUES (1, $1, $2) ON CONFLICT (campaign_id, constituency) DO UPDATE SET sent = tallies.sent + excluded.sent`, code, letters); err != nil {
		p.t.Fatal(err)
	}
}

// counts returns the campaign's counts by constituency.
func (p *program) counts() map[string]campaign.Count {
	p.t.Helper()
	list, err := p.app.Store().Counts(context.Background(), slug)
	if err != nil {
		p.t.Fatal(err)
	}
	counts := map[string]campaign.Count{}
	for _, c := range list {
		counts[c.Constituency] = c
	}
	return counts
}

// state returns where the letter behind a private link stands, as the database
// has it.
func (p *program) state(link string) campaign.State {
	p.t.Helper()
	private, err := p.app.Service().Open(context.Background(), token(link))
	if err != nil {
		p.t.Fatal(err)
	}
	return private.Letter.State
}

// token returns the last part of a private link.
func token(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }
