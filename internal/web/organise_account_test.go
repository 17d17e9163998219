package web_test

import (
	"database/sql"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/config"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

const password = "five plain words are plenty"

// another is the same site in another browser.
func (s *site) another() *site {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	other := *s
	other.http = &http.Client{Jar: jar, CheckRedirect: s.http.CheckRedirect}
	s.t.Cleanup(other.http.CloseIdleConnections)
	return &other
}

// enter signs in with a password.
func (s *site) enter(email string) answer {
	s.t.Helper()
	return s.post("/organise/sign-in", url.Values{"email": {email}, "password": {password}})
}

// inside reports whether the browser is signed in.
func (s *site) inside() bool {
	s.t.Helper()
	return s.get("/organise/account").StatusCode == http.StatusOK
}

var (
	enrolSecret  = regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`)
	enrolSealed  = regexp.MustCompile(`name="secret" value="([^"]+)"`)
	recoveryCode = regexp.MustCompile(`<code>([0-9a-z]{5}-[0-9a-z]{5})</code>`)
	linkPath     = regexp.MustCompile(`/organise/password/[A-Za-z0-9_-]{22}`)
)

// enrol sets up a second factor and returns its secret and the recovery codes.
func (s *site) enrol() (secret string, codes []string) {
	s.t.Helper()
	page := s.get("/organise/account/second-factor").body
	secret = strings.ReplaceAll(enrolSecret.FindStringSubmatch(page)[1], " ", "")
	a := s.post("/organise/account/second-factor", url.Values{"secret": {enrolSealed.FindStringSubmatch(page)[1]}, "code": {testkit.Code(s.t, secret, time.Now())}})
	for _, m := range recoveryCode.FindAllStringSubmatch(a.body, -1) {
		codes = append(codes, m[1])
	}
	if a.StatusCode != http.StatusOK || len(codes) != 10 {
		s.t.Fatalf("set up a second factor: %s, %d codes\n%s", a.Status, len(codes), a.body)
	}
	return secret, codes
}

func TestOrganise_SecondStep(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	other := s.another()
	other.enter("organiser@organisers.example")
	_, codes := s.enrol()
	if !s.inside() || other.inside() {
		t.Errorf("after setting it up: here %v, elsewhere %v", s.inside(), other.inside())
	}
	s.post("/organise/sign-out", url.Values{})
	a := s.enter("organiser@organisers.example")
	if a.Header.Get("Location") != "/organise/sign-in/code" || s.inside() {
		t.Fatalf("after the password: %s to %q, inside: %v", a.Status, a.Header.Get("Location"), s.inside())
	}
	for n := 1; n <= 5; n++ {
		a := s.post("/organise/sign-in/code", url.Values{"code": {"000000"}})
		if a.StatusCode != http.StatusUnauthorized || strings.Contains(a.body, `name="password"`) != (n == 5) {
			t.Fatalf("wrong code %d: %s\n%s", n, a.Status, a.body)
		}
	}
	if a := s.post("/organise/sign-in/code", url.Values{"code": {codes[0]}}); a.StatusCode != http.StatusUnauthorized || s.inside() {
		t.Errorf("after five wrong ones: %s", a.Status)
	}
	s.enter("organiser@organisers.example")
	a = s.post("/organise/sign-in/code", url.Values{"code": {codes[0]}})
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "60" || !strings.Contains(a.body, "Wait a minute") {
		t.Errorf("at once again: %s, Retry-After %q\n%s", a.Status, a.Header.Get("Retry-After"), a.body)
	}
	if a := s.another().get("/organise/sign-in/code"); a.Header.Get("Location") != "/organise/sign-in" {
		t.Errorf("the second step without the first: %s to %q", a.Status, a.Header.Get("Location"))
	}
}

func TestOrganise_RecoveryCode(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Organiser)
	_, codes := s.enrol()
	other := s.another()
	other.enter("organiser@organisers.example")
	if a := other.post("/organise/sign-in/code", url.Values{"code": {codes[0]}, "next": {"/organise/account"}}); a.Header.Get("Location") != "/organise/account" || !other.inside() {
		t.Errorf("a recovery code: %s to %q", a.Status, a.Header.Get("Location"))
	}
	if a := s.post("/organise/account/second-factor/off", url.Values{"code": {codes[0]}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the same again: %s", a.Status)
	}
	if a := s.post("/organise/account/second-factor/off", url.Values{"code": {codes[1]}}); a.StatusCode != http.StatusSeeOther || other.inside() || !s.inside() {
		t.Errorf("taken off: %s; elsewhere %v, here %v", a.Status, other.inside(), s.inside())
	}
}

func TestOrganise_ThrottledSignIn(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	s.post("/organise/sign-out", url.Values{})
	for range 5 {
		s.post("/organise/sign-in", url.Values{"email": {"viewer@organisers.example"}, "password": {"wrong"}})
	}
	a := s.enter("viewer@organisers.example")
	if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "60" || !strings.Contains(a.body, "Too many attempts. Wait a minute") || !strings.Contains(a.body, "viewer@organisers.example") {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
	// A proxy on this machine says who it speaks for.
	if a := s.do("POST", "/organise/sign-in", url.Values{"email": {"viewer@organisers.example"}, "password": {password}}, "X-Forwarded-For", "192.0.2.1"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the owner elsewhere: %s", a.Status)
	}
}

func TestOrganise_SignOutEverywhere(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	other := s.another()
	other.enter("viewer@organisers.example")
	if !other.inside() {
		t.Fatal("the second browser is not in")
	}
	s.post("/organise/account/sign-out-everywhere", url.Values{})
	if s.inside() || other.inside() {
		t.Errorf("here %v, elsewhere %v", s.inside(), other.inside())
	}
}

func TestOrganise_ChangePassword(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	other := s.another()
	other.enter("viewer@organisers.example")
	change := func(old, to string) answer {
		return s.post("/organise/account/password", url.Values{"old": {old}, "password": {to}})
	}
	for name, tt := range map[string]struct{ old, to, says string }{
		"the old one is wrong": {"not this one at all", "six other plain words are more", "This is not your password"},
		"too short":            {password, "short", "15 characters"},
		"easy":                 {password, "viewer@organisers.example", "easy to guess"},
	} {
		if a := change(tt.old, tt.to); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, tt.says) || strings.Contains(a.body, tt.to) && tt.to != "viewer@organisers.example" {
			t.Errorf("%s: %s\n%s", name, a.Status, a.body)
		}
	}
	if a := change(password, "six other plain words are more"); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	if !s.inside() || other.inside() {
		t.Errorf("here %v, elsewhere %v", s.inside(), other.inside())
	}
	if a := other.enter("viewer@organisers.example"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("the old password: %s", a.Status)
	}
}

func TestOrganise_ResetByMail(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Viewer)
	other := s.another()
	var said []string
	for _, email := range []string{"nobody@organisers.example", "viewer@organisers.example"} {
		a := other.post("/organise/forgot", url.Values{"email": {email}})
		if a.StatusCode != http.StatusOK {
			t.Fatal(a.Status)
		}
		said = append(said, strings.ReplaceAll(a.body, email, ""))
	}
	if said[0] != said[1] {
		t.Error("the page tells whether an address has an account")
	}
	mail := s.mails(1)[0]
	link := linkPath.FindString(mail)
	if !strings.Contains(mail, "To: \"The viewer\" <viewer@organisers.example>") || link == "" {
		t.Fatalf("the mail is\n%s", mail)
	}
	for range 2 { // whoever follows links changes nothing
		if a := other.get(link); a.StatusCode != http.StatusOK || !s.inside() {
			t.Fatalf("%s; still in: %v", a.Status, s.inside())
		}
	}
	if a := other.post(link, url.Values{"password": {"six other plain words are more"}}); a.StatusCode != http.StatusSeeOther || !other.inside() || s.inside() {
		t.Errorf("%s; in: %v, the one before: %v", a.Status, other.inside(), s.inside())
	}
	a := other.get(link)
	if a.StatusCode != http.StatusNotFound || !strings.Contains(a.body, "This link has been used") {
		t.Errorf("the link again: %s\n%s", a.Status, a.body)
	}
}

// A link sets a password; it does not take the place of the second step.
func TestOrganise_ResetKeepsTheSecondStep(t *testing.T) {
	s := start(t, nil)
	who := s.signIn(account.Viewer)
	s.enrol()
	token, err := s.Accounts().NewLink(t.Context(), account.Actor{Name: "test"}, who.ID)
	if err != nil {
		t.Fatal(err)
	}
	other := s.another()
	a := other.post("/organise/password/"+token, url.Values{"password": {"six other plain words are more"}})
	if a.Header.Get("Location") != "/organise/sign-in/code" || other.inside() {
		t.Errorf("%s to %q; in: %v", a.Status, a.Header.Get("Location"), other.inside())
	}
}

func TestOrganise_People(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	invite := url.Values{"name": {"Ali"}, "email": {"ali@organisers.example"}, "role": {"viewer"}}
	if a := s.post("/organise/accounts", url.Values{"name": {"Ali"}, "email": {"ali"}, "role": {"viewer"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="Ali"`) {
		t.Errorf("no address: %s", a.Status)
	}
	if a := s.post("/organise/accounts", invite); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("invite: %s\n%s", a.Status, a.body)
	}
	if a := s.post("/organise/accounts", invite); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "has an account already") {
		t.Errorf("invite twice: %s", a.Status)
	}
	ali := s.another()
	if a := ali.post(linkPath.FindString(s.mails(1)[0]), url.Values{"password": {password}}); a.StatusCode != http.StatusSeeOther || !ali.inside() {
		t.Fatalf("%s", a.Status)
	}
	edit := func(role, wasRole string) answer {
		return s.post("/organise/accounts/2", url.Values{"name": {"Ali"}, "role": {role}, "was_name": {"Ali"}, "was_role": {wasRole}, "was_partner": {""}})
	}
	if a := edit("organiser", "viewer"); a.StatusCode != http.StatusSeeOther || ali.inside() {
		t.Errorf("another role: %s; still signed in: %v", a.Status, ali.inside())
	}
	if a := edit("owner", "viewer"); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Somebody else changed this account") || !strings.Contains(a.body, "What is saved now") {
		t.Errorf("a stale page: %s\n%s", a.Status, a.body)
	}
	ali.enter("ali@organisers.example")
	if a := s.post("/organise/accounts/2/disable", url.Values{}); a.StatusCode != http.StatusSeeOther || ali.inside() {
		t.Errorf("closed: %s; still signed in: %v", a.Status, ali.inside())
	}
	if a := ali.enter("ali@organisers.example"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a closed account signs in: %s", a.Status)
	}
	if a := s.post("/organise/accounts/2/link", url.Values{}); a.StatusCode != http.StatusConflict {
		t.Errorf("a link for a closed account: %s", a.Status)
	}
	s.post("/organise/accounts/2/enable", url.Values{})
	if a := ali.enter("ali@organisers.example"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("open again: %s", a.Status)
	}
	ali.enrol()
	if a := s.post("/organise/accounts/1/second-factor", url.Values{}); a.StatusCode != http.StatusConflict || !s.inside() {
		t.Errorf("one's own, without a code: %s", a.Status)
	}
	if a := s.post("/organise/accounts/2/second-factor", url.Values{}); a.StatusCode != http.StatusSeeOther || ali.inside() {
		t.Errorf("the second step taken off: %s; still signed in: %v", a.Status, ali.inside())
	}
	a := s.post("/organise/accounts/1/disable", url.Values{})
	if a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "no owner left") || !s.inside() {
		t.Errorf("the last owner: %s\n%s", a.Status, a.body)
	}
	if a := s.get("/organise/accounts/99"); a.StatusCode != http.StatusNotFound {
		t.Errorf("nobody: %s", a.Status)
	}
	if a := s.get("/organise/accounts/x"); a.StatusCode != http.StatusNotFound {
		t.Errorf("no number: %s", a.Status)
	}
}

func TestOrganise_First(t *testing.T) {
	s := start(t, nil)
	path := strings.TrimPrefix(s.FirstURL(), s.BaseURL())
	if !strings.HasPrefix(path, "/organise/first/") || !strings.Contains(s.Banner(), s.FirstURL()) {
		t.Fatalf("the link is %q, the banner\n%s", s.FirstURL(), s.Banner())
	}
	if a := s.get(path); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	form := url.Values{"name": {"Noor"}, "email": {"noor@organisers.example"}, "password": {"short"}}
	if a := s.post(path, form); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="Noor"`) {
		t.Errorf("a short password: %s", a.Status)
	}
	form.Set("password", password)
	if a := s.post(path, form); a.StatusCode != http.StatusSeeOther || s.get("/organise/accounts").StatusCode != http.StatusOK {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	if a := s.another().get(path); a.StatusCode != http.StatusNotFound {
		t.Errorf("the link again: %s", a.Status)
	}
	if strings.Contains(s.log.String(), path) {
		t.Error("the log has the link")
	}
}

// In production nobody who can read letters does anything before they have a
// second factor. The cookie is for https, so the test carries it.
func TestOrganise_SecondFactorIsNeeded(t *testing.T) {
	s := start(t, func(c *config.Config) {
		c.Env, c.Secret, c.BaseURL = config.Production, "0123456789abcdef0123456789abcdef", "https://letters.example.org"
		c.SMTPURL = "smtp://127.0.0.1:1?tls=none"
	})
	if s.FirstURL() != "" {
		t.Error("production lets whoever comes first make an account")
	}
	for role, forced := range map[account.Role]bool{account.Owner: true, account.Organiser: true, account.Viewer: false} {
		t.Run(string(role), func(t *testing.T) {
			_, token, err := s.Accounts().Add(t.Context(), account.Actor{Name: "test"}, account.Account{Email: string(role) + "@organisers.example", Name: "O", Role: role})
			if err != nil {
				t.Fatal(err)
			}
			a := s.post("/organise/password/"+token, url.Values{"password": {password}})
			cookie := a.Cookies()[0].Name + "=" + a.Cookies()[0].Value
			for _, path := range []string{"/organise", "/organise/account", "/organise/account/password"} {
				method := map[bool]string{true: "POST", false: "GET"}[strings.HasSuffix(path, "password")]
				a := s.do(method, path, url.Values{}, "Cookie", cookie)
				if sent := a.Header.Get("Location") == "/organise/account/second-factor"; sent != forced {
					t.Errorf("%s %s: %s to %q", method, path, a.Status, a.Header.Get("Location"))
				}
			}
			if a := s.do("GET", "/organise/account/second-factor", nil, "Cookie", cookie); a.StatusCode != http.StatusOK {
				t.Errorf("the page to set it up: %s", a.Status)
			}
		})
	}
}

func TestOrganise_Partner(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Partner)
	if a := s.get("/organise"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "not set up here yet") || a.heading() != "friends" {
		t.Errorf("%s %q\n%s", a.Status, a.heading(), a.body)
	}
}

// What was done is written down, and says nothing that lets anybody in.
func TestOrganise_AccountsAreAudited(t *testing.T) {
	dir := ""
	s := start(t, func(c *config.Config) { dir = c.DataDir })
	s.signIn(account.Owner)
	s.post("/organise/sign-in", url.Values{"email": {"owner@organisers.example"}, "password": {"wrong"}})
	s.post("/organise/account", url.Values{"name": {"Another Name"}, "digest": {"1"}})
	_, codes := s.enrol()
	s.post("/organise/account/second-factor/codes", url.Values{"code": {codes[0]}})
	s.post("/organise/account/sign-out-everywhere", url.Values{})
	want := []string{"account.add", "password.setup", "sign_in", "sign_in.fail", "account.profile", "second_factor.add", "recovery_code.use", "recovery_codes.new", "sign_out.everywhere"}
	actions := audited(t, dir)
	if strings.Join(actions, " ") != strings.Join(want, " ") {
		t.Errorf("the audit log has\n%v, want\n%v", actions, want)
	}
}

// audited lists the actions in the audit log, in order.
func audited(t *testing.T, dir string) (actions []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT action, object || before || after FROM audit ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var action, rest string
		if err := rows.Scan(&action, &rest); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(rest, "@") || strings.Contains(rest, "argon2") {
			t.Errorf("%s: the log holds %s", action, rest)
		}
		actions = append(actions, action)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return actions
}

// Whoever signs in while the password is being changed gets nothing from the old
// one: their session may be written down after all others were ended.
func TestOrganise_ASessionOfTheOldPasswordIsOver(t *testing.T) {
	dir := t.TempDir()
	s := start(t, func(c *config.Config) { c.DataDir = dir })
	who := s.signIn(account.Organiser)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE accounts SET password = 'changed, and the session came back' WHERE id = $1`, who.ID); err != nil {
		t.Fatal(err)
	}
	if a := s.get("/organise/account"); a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Location"), "/sign-in") {
		t.Errorf("still signed in: %s", a.Status)
	}
}

// One's own sessions are listed, and each of the others can be ended.
func TestOrganise_OwnSessions(t *testing.T) {
	s := start(t, nil)
	who := s.signIn(account.Organiser)
	there := s.another()
	if a := there.post("/organise/sign-in", url.Values{"email": {who.Email}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	a := s.get("/organise/account")
	found := regexp.MustCompile(`name="session" value="([^"]+)"`).FindAllStringSubmatch(a.body, -1)
	if len(found) != 1 || strings.Count(a.body, "Signed in on") != 3 || !strings.Contains(a.body, "this one") {
		t.Fatalf("%d sessions to end", len(found))
	}
	if a := s.post("/organise/account/sessions/end", url.Values{"session": {found[0][1]}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("end it: %s", a.Status)
	}
	if a := s.get("/organise/account"); a.StatusCode != http.StatusOK || strings.Contains(a.body, `name="session"`) {
		t.Errorf("this session: %s", a.Status)
	}
	if a := there.get("/organise/account"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the other session goes on: %s", a.Status)
	}
}
