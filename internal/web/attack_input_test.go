package web_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"go/ast"
	"io/fs"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

// A line's end in what is typed would be a header of its own in a mail. It is
// refused where it is typed, and no mail is made of it.
func TestAttack_MailHeaders(t *testing.T) {
	s := start(t, nil)
	s.signIn(account.Owner)
	for _, end := range []string{"\r\n", "\n", "\r", "\u2028", "\u0085", "\x00", "\x0b"} {
		planted := end + "Bcc: evil@evil.example" + end + end + "Pay here."
		for _, field := range []string{"subject", "name", "email", "phone", "address1", "town"} {
			form := letter()
			form.Set(field, form.Get(field)+planted)
			a := s.post("/c/"+slug+"/send", form)
			if a.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s with %q: %s", field, end, a.Status)
			}
		}
		if a := s.post("/organise/accounts", url.Values{"name": {"Ali" + planted}, "email": {"ali@organisers.example"}, "role": {"viewer"}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("an account's name with %q: %s", end, a.Status)
		}
		if a := s.post("/organise/accounts", url.Values{"name": {"Ali"}, "email": {"ali@organisers.example" + planted}, "role": {"viewer"}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("an account's address with %q: %s", end, a.Status)
		}
		if a := s.post("/organise/account", url.Values{"name": {"Owner" + planted}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("one's own name with %q: %s", end, a.Status)
		}
		if a := s.post("/organise/forgot", url.Values{"email": {"owner@organisers.example" + planted}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("an address to reset with %q: %s", end, a.Status)
		}
	}
	s.mails(0)
	// A letter goes to one address, whatever the supporter's own one says.
	for _, email := range []string{"a@example.org, evil@evil.example", "a@example.org;evil@evil.example", "<a@example.org>,evil@evil.example", "evil@evil.example <a@example.org>", `"a@evil.example,"@example.org`, "a@example.org%0aBcc:evil@evil.example", "a@example.org,"} {
		if a := s.post("/c/"+slug+"/send", letter("email", email)); a.StatusCode == http.StatusUnprocessableEntity {
			continue
		}
		raw, _, _ := strings.Cut(s.mails(1)[0], "\r\n\r\n")
		head, err := textproto.NewReader(bufio.NewReader(strings.NewReader(raw + "\r\n\r\n"))).ReadMIMEHeader()
		if err != nil || len(head["To"]) != 1 || strings.Contains(head.Get("To"), ",") || len(head["Bcc"]) > 0 {
			t.Errorf("%q became %v", email, head)
		}
	}
}

// What people write is shown as they wrote it and is never run: not by the page,
// not by what fills pages, letters and mails in.
func TestAttack_Templates(t *testing.T) {
	source := shippedSource(t)
	const hostile = `<img src=x onerror=alert(1)>{{.Secret}}${7*7}<%= 7*7 %>#{7*7}</title><script>alert(1)</script>`
	source = strings.Replace(source, `slug = "`+slug+`"`, `slug = "hostile"`, 1)
	source = regexp.MustCompile(`(?m)^(title|headline|lead) = .*$`).ReplaceAllString(source, `$1 = '''`+strings.ReplaceAll(hostile, "$", "$$")+`'''`)
	s := startWith(t, "hostile", source)
	typed := letter("subject", hostile, "body", "My words: "+hostile+" and {mp_name} and {supporter_name} stay.", "name", "Amina "+`<b>{{.}}</b>`)
	for _, a := range []answer{
		s.get("/c/hostile"), s.get("/cy/c/hostile"), s.get("/"), s.get("/c/hostile/mps"), s.get("/c/hostile/check"), s.post("/c/hostile/letter", typed), s.post("/c/hostile/preview", typed),
		s.post("/c/hostile/preview", letter("email", hostile, "phone", hostile, "postcode", hostile, "constituency", hostile)), s.get("/oembed?format=xml&url=" + url.QueryEscape(s.BaseURL()+"/c/hostile")),
		s.get("/embed/c/hostile"), s.get("/nothing/" + url.PathEscape(hostile)), s.get("/c/hostile/mps?q=" + url.QueryEscape(hostile)), s.get("/organise/sign-in?next=" + url.QueryEscape("/organise?"+hostile)),
	} {
		name := a.Request.Method + " " + a.Request.URL.Path
		if got := runs(t, a.body); got != "" {
			t.Errorf("%s has it as HTML: %s", name, got)
		}
		if strings.Contains(a.body, "49") && strings.Contains(a.body, "$49") {
			t.Errorf("%s has run it", name)
		}
	}
	preview := s.post("/c/hostile/preview", typed)
	for _, want := range []string{"{{.Secret}}${7*7}", "and {mp_name} and {supporter_name} stay."} {
		if preview.StatusCode != http.StatusOK || !strings.Contains(preview.body, want) {
			t.Errorf("%s: the preview lacks %s", preview.Status, want)
		}
	}
	if a := s.post("/c/hostile/send", values(preview.body)); a.StatusCode != http.StatusOK {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	private := privateLink.FindStringSubmatch(s.mails(1)[0])[1]
	s.post(private+"/confirm", url.Values{})
	if mail := s.mails(2)[0]; !strings.Contains(mail, "and {mp_name} and {supporter_name} stay.") || !strings.Contains(mail, "{{.Secret}}${7*7}") {
		t.Errorf("the letter is another than what was typed:\n%s", mail)
	}
	if got := runs(t, s.get(private).body); got != "" {
		t.Errorf("the private page has it as HTML: %s", got)
	}
	if got := runs(t, `<p onclick="x">`) + runs(t, "<script>x</script>") + runs(t, `<a href=" javascript:x">`) + runs(t, "<img src=x>"); strings.Count(got, " ") < 4 {
		t.Errorf("the test finds only %s", got)
	}
}

// runs is what of a page's HTML a browser would run, or load from where we have
// nothing; empty: none.
func runs(t *testing.T, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		source := ""
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(value, "javascript:") || a.Key == "srcdoc" {
				return n.Data + " " + a.Key + " "
			}
			if a.Key == "src" {
				source = value
			}
		}
		if n.Data == "script" && n.FirstChild != nil && strings.TrimSpace(n.FirstChild.Data) != "" || source != "" && !strings.HasPrefix(source, "/") && !strings.HasPrefix(source, "http") {
			return n.Data + " " + source + " "
		}
	}
	return ""
}

// An address leads to nothing but what was meant to be there.
func TestAttack_Paths(t *testing.T) {
	testkit.Unhurried(t)
	s := start(t, nil)
	s.signIn(account.Owner)
	var up []string
	for _, step := range []string{"../", "..%2f", "%2e%2e/", "%2e%2e%2f", `..\`, "..%5c", "....//", "%252e%252e%252f", "%c0%ae%c0%ae/", "..;/", "./../"} {
		for _, file := range []string{"etc/passwd", "go.mod", "data/postbag.db", "secret"} {
			whole := strings.ReplaceAll(strings.Repeat(step, 8)+file, "/", "%2f")
			up = append(up, strings.Repeat(step, 8)+file, whole, whole+"%00.css", file+"%00.css", step+file)
		}
	}
	for _, path := range []string{"/", "/assets/", "/icons/", "/c/" + slug + "/theme.", "/c/" + slug + "/image.", "/c/" + slug + "/look.", "/c/", "/embed/logo/friends/", "/dev/mail/", "/organise/c/" + slug + "/", "/api/v1/constituencies/", "/l/", "/.well-known/", "/hooks/mail/"} {
		for _, rest := range up {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr(), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.Opaque = path + rest // as it is, without being made clean
			if a := s.answer(r); a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusMethodNotAllowed && a.StatusCode != http.StatusBadRequest && a.StatusCode != http.StatusSeeOther || strings.Contains(a.body, "root:x:") || strings.Contains(a.body, "module postbag") || strings.Contains(a.body, "SQLite format") {
				t.Errorf("%s: %s", path+rest, a.Status)
			}
		}
	}
}

// What is typed reaches the database as a value, never as part of a statement.
func TestAttack_SQL(t *testing.T) {
	testkit.Unhurried(t)
	made := regexp.MustCompile(`(?i)\b(select|insert|update|delete|where|from|case|pragma)\b`)
	may := map[string]string{"sums.go": "names of our own columns", "writer.go": "a number", "before.go": "the name of a file"}
	eachCall(t, "../store", func(file string, call *ast.CallExpr, name string) {
		if name != "fmt.Sprintf" {
			return
		}
		if text, ok := call.Args[0].(*ast.BasicLit); !ok || made.MatchString(text.Value) {
			if may[filepath.Base(file)] == "" {
				t.Errorf("%s makes a statement", file)
			}
		}
	})
	s := start(t, nil)
	s.signIn(account.Owner)
	s.write(letter())
	gets, posts := everyRoute(t)
	names := []string{"q", "sort", "by", "from", "to", "region", "party", "state", "reason", "partner", "who", "action", "campaign", "email", "name", "postcode", "constituency", "member", "letter", "before", "after", "since", "source", "id", "page"}
	for _, typed := range []string{`'`, `' OR '1'='1`, `"; DROP TABLE letters; --`, `1) UNION SELECT value FROM settings --`, `%' ESCAPE '\`} {
		form := url.Values{}
		for _, name := range names {
			form.Set(name, typed)
		}
		for _, path := range gets {
			if a := s.get(path + "?" + form.Encode()); a.StatusCode >= 500 && a.StatusCode != http.StatusNotImplemented {
				t.Errorf("GET %s with %s: %s", path, typed, a.Status)
			}
		}
		for _, path := range posts {
			if a := s.post(path, form); a.StatusCode >= 500 {
				t.Errorf("POST %s with %s: %s", path, typed, a.Status)
			}
		}
	}
	if counts, err := s.Store().Counts(t.Context(), slug); err != nil || len(counts) != 1 || counts[0].Written != 1 {
		t.Errorf("the letters are %+v, %v", counts, err)
	}
}

// Whatever a request holds, it is one line of the log, and the line is ours.
func TestAttack_Log(t *testing.T) {
	s := start(t, nil)
	const forged = `{"time":"2026-01-01T00:00:00Z","level":"INFO","msg":"forged"}`
	for _, end := range []string{"\n", "\r\n", "\r", "\u2028", "\x1b[2K\r"} {
		escaped := url.PathEscape(end + forged)
		for _, path := range []string{"/c/" + escaped, "/l/" + escaped, "/?x=" + url.QueryEscape(end+forged), "/api/v1/postcodes/" + escaped, "/hooks/mail/" + escaped, "/organise/c/" + escaped} {
			s.do(http.MethodGet, path, nil, "User-Agent", "x "+forged, "Referer", "http://evil.example/"+forged, "X-Request-Id", forged, "Accept-Language", forged)
			s.do(http.MethodPost, path, url.Values{"x" + end: {end + forged}}, "Cookie", "postbag="+url.QueryEscape(forged))
		}
	}
	for _, sent := range []string{"FORGED" + forged[:1] + " / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /\n" + forged + " HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nforged\r\n\r\n", "\x16\x03\x01" + forged + "\n\n"} {
		s.wire(sent)
	}
	s.eventually("the log", func() bool { return strings.Count(s.log.String(), `"msg":"request"`) >= 60 })
	for line := range strings.Lines(s.log.String()) {
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Msg == "forged" || entry.Level == "" {
			t.Errorf("a line of the log: %s, %v", line, err)
		}
		if strings.Contains(line, "forged") && entry.Msg != "request" && !strings.Contains(entry.Msg, "http") {
			t.Errorf("the log has what a client sent: %s", line)
		}
	}
	ids := regexp.MustCompile(`"id":"([^"]*)"`)
	for _, m := range ids.FindAllStringSubmatch(s.log.String(), -1) {
		if !regexp.MustCompile(`^[0-9a-z]{1,13}$`).MatchString(m[1]) {
			t.Errorf("the log names a request %q", m[1])
		}
	}
}

// Every file of commas goes through what keeps spreadsheets from taking a field for
// a formula.
func TestAttack_EveryCSV(t *testing.T) {
	n := 0
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			writers := strings.Count(string(source), "csv.NewWriter(")
			if n += writers; writers > strings.Count(string(source), ".Harmless(field)") {
				t.Errorf("%s writes CSV as it comes", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 5 {
		t.Errorf("%d writers found", n)
	}
	s := start(t, nil)
	s.signIn(account.Owner)
	for i, name := range []string{`=HYPERLINK("http://evil.example")`, "+Amina", "@SUM(Amina)", "-Amina", "＝Amina"} {
		if a := s.post("/c/"+slug+"/send", letter("name", name, "email", fmt.Sprintf("a%d@example.org", i), "subject", name)); a.StatusCode != http.StatusOK {
			t.Fatalf("%q: %s", name, a.Status)
		}
	}
	a := s.post("/organise/c/"+slug+"/letters/people", url.Values{})
	if strings.Count(a.body, "HYPERLINK") < 2 || strings.Count(a.body, "\n") < 6 {
		t.Fatalf("%s: the export has not what was typed:\n%s", a.Status, a.body)
	}
	records, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		for _, field := range record {
			if strings.IndexAny(field, "=+-@＝") == 0 {
				t.Errorf("the export has a formula: %q", field)
			}
		}
	}
}
