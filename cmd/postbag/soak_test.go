package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"postbag/internal/store"
	"postbag/internal/testkit"
)

// The soak lets many people at once do everything that the site offers, while the mail
// server, the disk's lock and the program itself fail them, and counts in the end.
const (
	soakServe = "POSTBAG_TEST_SERVE" // the test binary is then the program
	soakUsers = 16
)

func TestMain(m *testing.M) {
	if os.Getenv(soakServe) != "" {
		os.Unsetenv(soakServe)
		main()
	}
	os.Exit(m.Run())
}

// soak is the program under it, with those who use it.
type soak struct {
	*testing.T
	dir, base string
	env       []string
	smtp      *testkit.SMTPServer
	http      *http.Client

	requests atomic.Int64
	most     int64
	next     atomic.Int64 // number of the next person
	down     atomic.Bool  // the program is being killed, or starts again
	locked   atomic.Bool  // the database is

	mu       sync.Mutex
	process  *exec.Cmd
	statuses map[string]int  // by flow and status
	written  map[string]bool // addresses whose letter was taken
	links    []string        // private links that nobody has followed yet
	said     map[string]bool // of those, which were confirmed
	seen     int             // messages read
}

func (s *soak) start() {
	s.Helper()
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	p := exec.Command(self, "serve")
	p.Env = append(os.Environ(), s.env...)
	log, err := os.OpenFile(filepath.Join(s.dir, "..", "soak.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.Fatal(err)
	}
	p.Stdout, p.Stderr = log, log
	if err := p.Start(); err != nil {
		s.Fatal(err)
	}
	log.Close()
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	s.until("it is ready", func() bool {
		r, err := http.Get(s.base + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	s.down.Store(false)
}

// until waits for something that comes.
func (s *soak) until(what string, come func() bool) {
	s.Helper()
	limit := time.After(4 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !come() {
		select {
		case <-limit:
			s.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// memory is what the program has in memory, in MB.
func (s *soak) memory() float64 {
	s.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	kb, err := strconv.ParseFloat(string(regexp.MustCompile(`VmRSS:\s+(\d+)`).FindSubmatch(status)[1]), 64)
	if err != nil {
		s.Fatal(err)
	}
	return kb / 1024
}

// ask makes a request for a flow and returns the answer's status and page, or 0 while
// the program is down. Any 5xx is a failure, but for 503 while the database is locked.
func (s *soak) ask(flow, method, path string, form url.Values) (int, string) {
	for s.down.Load() && s.statusesOf(flow+" 0") > soakUsers { // some have found out that it is down
		time.Sleep(10 * time.Millisecond)
	}
	s.requests.Add(1)
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, s.base+path, body)
	if err != nil {
		s.Error(err)
		return 0, ""
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	wasDown, wasLocked := s.down.Load(), s.locked.Load()
	a, err := s.http.Do(r)
	if err == nil {
		defer a.Body.Close()
		var page []byte
		if page, err = io.ReadAll(a.Body); err == nil {
			s.note(flow, a.StatusCode)
			if a.StatusCode >= 500 && (a.StatusCode != http.StatusServiceUnavailable || !wasLocked && !s.locked.Load()) {
				s.Errorf("%s %s: %s\n%.300s", method, path, a.Status, page)
			}
			return a.StatusCode, string(page)
		}
	}
	if !wasDown && !s.down.Load() {
		s.Errorf("%s %s: %v", method, path, err)
	}
	s.note(flow, 0)
	return 0, ""
}

func (s *soak) statusesOf(line string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statuses[line]
}

func (s *soak) note(flow string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses[fmt.Sprintf("%s %d", flow, status)]++
}

// use is one person after the other, until all requests are made.
func (s *soak) use(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	for s.requests.Load() < s.most {
		switch n := random.IntN(100); {
		case n < 35:
			s.look(random)
		case n < 55:
			s.program(random)
		case n < 75:
			s.write(random)
		case n < 92:
			s.follow(random)
		default:
			s.err(random)
		}
	}
}

const soakPath = "/c/mps-not-border-guards"

// look reads pages.
func (s *soak) look(random *rand.Rand) {
	pages := []string{"/", soakPath, soakPath + "/check", soakPath + "/mps", soakPath + "/mps/chorley", soakPath + "/map", soakPath + "/privacy", "/cy" + soakPath, "/accessibility", "/api", "/robots.txt", "/manifest.webmanifest", soakPath + "/picture.png", "/organise", "/organise/sign-in"}
	s.ask("look", http.MethodGet, pages[random.IntN(len(pages))], nil)
	if random.IntN(3) == 0 {
		s.ask("check", http.MethodPost, soakPath+"/check", url.Values{"who": {soakPostcodes[random.IntN(len(soakPostcodes))]}})
	}
}

// program asks what programs ask.
func (s *soak) program(random *rand.Rand) {
	paths := []string{
		"/api/v1/postcodes/" + strings.ReplaceAll(soakPostcodes[random.IntN(len(soakPostcodes))], " ", ""), "/api/v1/campaigns", "/api/v1/campaigns/mps-not-border-guards/counts",
		"/api/v1/constituencies/E14001319", soakPath + "/mps.json", "/api/v1/openapi.json", "/healthz",
	}
	s.ask("program", http.MethodGet, paths[random.IntN(len(paths))], nil)
}

var soakPostcodes = []string{"LS6 3HN", "DH1 3LE", "PR7 1DP"}

// write writes a letter from the postcode to the form that is sent.
func (s *soak) write(random *rand.Rand) {
	n := s.next.Add(1)
	email := fmt.Sprintf("person%d@soak%d.example", n, n)
	typed := url.Values{
		"name": {fmt.Sprintf("Person Number%d", n)}, "email": {email}, "address1": {fmt.Sprintf("%d High Street", n)}, "town": {"Leeds"},
		"subject": {"Please sign the pledge"}, "body": {fmt.Sprintf("My reasons are %d and %d.\r\n\r\nPlease sign.", random.Uint64(), random.Uint64())},
	}
	status, page := s.ask("write", http.MethodPost, soakPath+"/letter", url.Values{"postcode": {soakPostcodes[random.IntN(len(soakPostcodes))]}})
	if status != http.StatusOK {
		return
	}
	form := soakForm(page)
	maps.Copy(form, typed)
	if status, page = s.ask("write", http.MethodPost, soakPath+"/preview", form); status != http.StatusOK {
		return
	}
	form = soakForm(page)
	status, page = s.ask("write", http.MethodPost, soakPath+"/send", form)
	switch {
	case status == http.StatusOK && strings.Contains(page, "<form") && strings.Contains(page, `name="body"`) && !strings.Contains(page, email):
		s.Errorf("sent, and the form came back:\n%.2000s", page)
	case status == http.StatusOK:
		s.mu.Lock()
		s.written[email] = true
		s.mu.Unlock()
	}
}

// soakForm is what a browser would send of a page's fields.
func soakForm(page string) url.Values {
	form := url.Values{}
	attr := func(tag, name string) string {
		if m := regexp.MustCompile(`\s` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
			return html.UnescapeString(m[1])
		}
		return ""
	}
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(page, -1) {
		kind := attr(tag, "type")
		if name := attr(tag, "name"); name != "" && !form.Has(name) && (kind != "radio" && kind != "checkbox" || strings.Contains(tag, " checked")) {
			form.Set(name, attr(tag, "value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	return form
}

var soakLink = regexp.MustCompile(`/l/([A-Za-z0-9_-]{22})`)

// read takes the links out of the mails that came.
func (s *soak) read() {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.smtp.Messages()
	for _, m := range all[s.seen:] {
		found := soakLink.FindSubmatch(bytes.ReplaceAll(m.Data, []byte("=\r\n"), nil))
		if found == nil {
			continue
		}
		if token := string(found[1]); !s.said[token] && !slices.Contains(s.links, token) {
			s.links = append(s.links, token)
		}
	}
	s.seen = len(all)
}

// follow does what people do who have got the mail.
func (s *soak) follow(random *rand.Rand) {
	s.mu.Lock()
	if len(s.links) == 0 {
		s.mu.Unlock()
		s.read()
		return
	}
	i := random.IntN(len(s.links))
	token := s.links[i]
	s.links = slices.Delete(s.links, i, i+1)
	s.mu.Unlock()
	path := "/l/" + token
	s.ask("private", http.MethodGet, path, nil)
	switch random.IntN(10) {
	case 0:
		s.ask("withdraw", http.MethodPost, path+"/withdraw", url.Values{})
		return
	case 1:
		s.ask("erase", http.MethodPost, path+"/erase", url.Values{})
		return
	}
	if status, _ := s.ask("confirm", http.MethodPost, path+"/confirm", url.Values{}); status == http.StatusSeeOther {
		s.mu.Lock()
		s.said[token] = true
		s.mu.Unlock()
	}
	s.ask("data", http.MethodPost, path+"/data", url.Values{})
	if random.IntN(5) == 0 {
		s.ask("erase later", http.MethodPost, path+"/erase", url.Values{})
	}
}

// err does what is not right.
func (s *soak) err(random *rand.Rand) {
	switch random.IntN(5) {
	case 0:
		s.ask("wrong", http.MethodGet, "/no/such/page", nil)
	case 1:
		s.ask("wrong", http.MethodPost, soakPath+"/send", url.Values{"postcode": {"nonsense"}, "name": {"<b>"}})
	case 2:
		s.ask("wrong", http.MethodPost, "/l/0123456789012345678901/confirm", url.Values{})
	case 3:
		s.ask("wrong", http.MethodGet, "/api/v1/postcodes/XX", nil)
	default:
		s.ask("wrong", http.MethodPost, "/organise/sign-in", url.Values{"email": {"nobody@example.org"}, "password": {"wrong"}})
	}
}

// fail brings the faults, each at its share of the requests.
func (s *soak) fail(ctx context.Context) {
	for _, f := range []struct {
		at float64
		do func()
	}{
		{0.10, s.kill},
		{0.30, func() { // the mail server takes nothing
			s.smtp.Script(testkit.SMTPFault{Stage: testkit.StageMAIL, Reply: "451 4.3.2 Try later"})
			s.wait(ctx, 2*time.Second)
			s.smtp.ClearScript()
		}},
		{0.45, func() { s.lock(ctx) }},
		{0.60, s.smtp.DropConnections},
		{0.70, func() { // some letters are refused
			s.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Reply: "550 5.1.1 No such mailbox", Nth: 1, Times: 3})
			s.wait(ctx, time.Second)
			s.smtp.ClearScript()
		}},
		{0.75, s.smtp.DropConnections},
	} {
		for float64(s.requests.Load()) < f.at*float64(s.most) {
			if s.wait(ctx, 5*time.Millisecond); ctx.Err() != nil {
				return
			}
		}
		f.do()
	}
}

func (s *soak) wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// kill ends the program at once, and starts it again.
func (s *soak) kill() {
	s.down.Store(true)
	if err := s.process.Process.Kill(); err != nil {
		s.Error(err)
	}
	_ = s.process.Wait() // it says that it was killed
	// What it was sending is nobody's for some minutes; here they are over.
	if _, err := s.database().Exec(`UPDATE outbox SET lease_until = '2020-01-01T00:00:00.000Z' WHERE status = 'sending'`); err != nil {
		s.Error(err)
	}
	s.start()
}

// lock keeps the database from being written for a while, as a backup program that
// means well does.
func (s *soak) lock(ctx context.Context) {
	conn, err := s.database().Conn(ctx)
	if err != nil {
		s.Error(err)
		return
	}
	defer conn.Close()
	s.locked.Store(true)
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		s.Error(err)
	}
	s.wait(ctx, 3*time.Second)
	if _, err := conn.ExecContext(context.Background(), `ROLLBACK`); err != nil {
		s.Error(err)
	}
	s.wait(ctx, time.Second) // who waited for it is still to be answered
	s.locked.Store(false)
}

func (s *soak) database() *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, store.FileName)+"?_pragma=busy_timeout(30000)")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { db.Close() })
	return db
}

func TestSoak(t *testing.T) {
	most, err := strconv.ParseInt(os.Getenv("POSTBAG_SOAK"), 10, 64)
	if err != nil {
		t.Skip("takes minutes: POSTBAG_SOAK=200000 go test -timeout 1h -v ./cmd/postbag -run TestSoak")
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := port.Addr().String()
	port.Close()
	s := &soak{
		T: t, dir: filepath.Join(t.TempDir(), "data"), base: "http://" + addr, most: most,
		smtp:     testkit.StartSMTP(t, testkit.SMTPConfig{Pipelining: true}),
		http:     &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: soakUsers}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		statuses: map[string]int{}, written: map[string]bool{}, said: map[string]bool{},
	}
	s.env = []string{
		soakServe + "=1", "POSTBAG_ENV=development", "POSTBAG_ADDR=" + addr, "POSTBAG_DATA_DIR=" + s.dir, "POSTBAG_SECRET=a secret of at least 32 bytes, for a test",
		"POSTBAG_SMTP_URL=smtp://" + s.smtp.Addr() + "?tls=none", "POSTBAG_MAIL_FROM=letters@postbag.example", "POSTBAG_MP_PER_HOUR=0", "POSTBAG_SMTP_CONNECTIONS=8",
	}
	s.start()
	defer func() {
		if err := s.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		if err := s.process.Wait(); err != nil {
			t.Errorf("it did not end well: %v", err)
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.dir, "..", "soak.log"))
			t.Logf("the end of its log:\n%s", log[max(0, len(log)-4000):])
		}
	}()
	ctx, stop := context.WithCancel(t.Context())
	var faults, users sync.WaitGroup
	faults.Go(func() { s.fail(ctx) })
	var warm atomic.Uint64
	faults.Go(func() { // once everything has been used, what it has is what it needs
		for float64(s.requests.Load()) < 0.5*float64(most) {
			if s.wait(ctx, 5*time.Millisecond); ctx.Err() != nil {
				return
			}
		}
		warm.Store(uint64(s.memory()))
	})
	began := time.Now()
	for n := range soakUsers {
		users.Go(func() { s.use(uint64(n)) })
	}
	users.Wait()
	took := time.Since(began)
	faults.Wait()
	stop()
	after := s.memory()
	s.account()
	for _, line := range slices.Sorted(maps.Keys(s.statuses)) {
		t.Logf("%8d %s", s.statuses[line], line)
	}
	t.Logf("%d requests in %s (%.0f/s), %d letters, %d MB half-way, %.0f MB at the end", s.requests.Load(), took.Round(time.Second), float64(s.requests.Load())/took.Seconds(), len(s.written), warm.Load(), after)
}

// account waits until all has gone that can go, and looks whether every letter is
// where it must be.
func (s *soak) account() {
	s.Helper()
	db := s.database()
	number := func(q string, args ...any) (n int) {
		s.Helper()
		if err := db.QueryRow(q, args...).Scan(&n); err != nil {
			s.Fatal(err)
		}
		return n
	}
	// What failed for a while is tried again after minutes; here it is at once.
	if _, err := db.Exec(`UPDATE outbox SET next_at = due_at WHERE status = 'ready' AND next_at > due_at`); err != nil {
		s.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM relay`); err != nil {
		s.Fatal(err)
	}
	s.until("all has gone that can go", func() bool {
		return number(`SELECT count(*) FROM outbox WHERE status = 'sending' OR status = 'ready' AND kind = 'letter'`) == 0
	})
	if n := number(`SELECT count(*) FROM letters`); n < len(s.written) {
		s.Errorf("%d letters were taken, and %d are there", len(s.written), n)
	}
	if n := number(`SELECT count(*) FROM letters WHERE confirmed_at IS NOT NULL`); n < len(s.said) {
		s.Errorf("%d were told that their letter is confirmed, and %d are", len(s.said), n)
	}
	lost := number(`SELECT count(*) FROM letters WHERE confirmed_at IS NOT NULL AND state IN ('queued', 'sending', 'awaiting')`)
	if lost > 0 {
		s.Errorf("%d confirmed letters are nowhere", lost)
	}
	arrived, twice := map[string]int{}, 0
	for _, m := range s.smtp.Messages() {
		if !strings.HasSuffix(m.To[0], "@parliament.uk") {
			continue
		}
		id := regexp.MustCompile(`(?mi)^Message-ID: <([^>]+)>`).FindSubmatch(m.Data)
		if arrived[string(id[1])]++; arrived[string(id[1])] == 2 {
			twice++
		}
	}
	sent, uncertain := number(`SELECT count(*) FROM letters WHERE sent_at IS NOT NULL`), number(`SELECT count(*) FROM letters WHERE state = 'uncertain'`)
	if twice > 0 || len(arrived) < sent || len(arrived) > sent+uncertain {
		s.Errorf("%d letters arrived, %d of them twice; %d are sent and %d uncertain", len(arrived), twice, sent, uncertain)
	}
	s.Logf("%d letters arrived; %d sent, %d uncertain, %d failed", len(arrived), sent, uncertain, number(`SELECT count(*) FROM letters WHERE state = 'failed'`))
}
