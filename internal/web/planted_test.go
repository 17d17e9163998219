package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// A letter's whole life, with a mail server, a relay and an MP's office that quote
// all of it, leaves none of it readable in any file or in the log.
func TestPlanted_nothingReadableIsKept(t *testing.T) {
	const name, email, address, phone, postcode = "Zebedee Quillfeather", "zeb.quill@plantedmail.example", "77 Nowhere Crescent", "0113 496 0987", "LS6 3HN"
	const subject, words, note, answer = "A planted subject line", "The planted words of a letter", "A planted note of an organiser", "A planted answer of an office"
	quote := fmt.Sprintf("%s <%s> %s %s %s: %s, %s", name, email, address, phone, postcode, subject, words)
	texts := []string{name, "Quillfeather", email, "zeb.quill", "plantedmail", address, phone, "01134960987", "+441134960987", postcode, "LS63HN", subject, words, note, answer}

	mail := testkit.StartSMTP(t, testkit.SMTPConfig{})
	var cfg config.Config
	s := start(t, func(c *config.Config) {
		c.SMTPURL, c.MailFrom = config.Secret("smtp://"+mail.Addr()+"?tls=none"), "letters@letters.example.org"
		c.HookPostmark, c.BounceAddress = hookLogin, "bounces@letters.example.org"
		cfg = *c
	})
	p := friends
	p.OptIn = map[string]string{"en": friendsAsk}
	s.partner(p)
	s.asks(ownAsk)
	db := s.database()
	check := func(step string) { t.Helper(); s.holdsNone(step, texts) }
	send := func() string {
		t.Helper()
		form := letter("partner", "friends", "opt_in_partner", partnerTick, "opt_in_owner", ownerTick, "name", name, "email", email,
			"address1", address, "phone", phone, "postcode", postcode, "subject", subject, "body", words)
		if a := s.post("/c/"+slug+"/send", form); a.StatusCode != http.StatusOK {
			t.Fatalf("%s\n%s", a.Status, a.body)
		}
		link := privateLink.FindStringSubmatch(mail.Next(t).Part(t, "text/plain"))
		if link == nil {
			t.Fatal("no private link")
		}
		return link[1]
	}
	state := func(id int) (now string) {
		if err := db.QueryRow(`SELECT state FROM letters WHERE id = $1`, id).Scan(&now); err != nil {
			t.Fatal(err)
		}
		return now
	}
	private := send()
	check("written")
	// Taken by a server that quotes all of it.
	mail.Script(testkit.SMTPFault{Stage: testkit.StageDot, Nth: 1, Reply: "250 2.0.0 took " + quote})
	s.post(private+"/confirm", url.Values{})
	s.eventually("the letter to be sent", func() bool { return state(1) == "sent" })
	check("sent")

	var id int64
	if err := db.QueryRow(`SELECT id FROM outbox WHERE kind = 'letter'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	keys, err := app.OpenKeys(t.Context(), config.Config{DataDir: s.dir}, s.Store())
	if err != nil {
		t.Fatal(err)
	}
	returns, err := campaign.NewReturnPath(keys, cfg.BounceAddress)
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Replace(bounce(returns.Token(id)), "unknown", "unknown: "+quote, 1)
	if a := s.hook(hookLogin, told); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	s.eventually("the letter to have bounced", func() bool { return state(1) == "bounced" })
	check("told of by a relay")
	reply := "From: office@parliament.example\r\nTo: " + name + " <" + returns.For(id) + ">\r\nSubject: Re: " + subject + "\r\nMessage-ID: <1@x>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\n" + answer + "\r\n> " + quote + "\r\n"
	cfg.DataDir = s.dir
	if _, err := app.TakeBounce(t.Context(), cfg, slog.New(slog.DiscardHandler), strings.NewReader(reply), app.Envelope{To: returns.For(id), From: "office@parliament.example"}); err != nil {
		t.Fatal(err)
	}
	check("answered")

	// An organiser reads it, and tells the supporter something.
	s.signIn(account.Owner)
	s.get("/organise/c/" + slug + "/letters/1")
	by := account.Actor{Name: "test"}
	if _, err := s.Service().Decide(t.Context(), by, slug, campaign.DecideDecline, []campaign.Chosen{{ID: 1}}, note); err != nil {
		t.Fatal(err)
	}
	s.eventually("the supporter to be told", func() bool {
		for _, m := range mail.Messages() {
			if bytes.Contains(m.Data, []byte(note)) {
				return true
			}
		}
		return false
	})
	check("declined")
	for _, path := range []string{"/organise/people", "/organise/people/copy"} {
		if a := s.post(path, url.Values{"sought": {email}}); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	s.post("/organise/c/"+slug+"/letters/people", url.Values{})
	s.post("/organise/c/"+slug+"/opt-ins.csv", url.Values{})
	check("looked for and exported")
	if a := s.post(private+"/erase", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("erase: %s", a.Status)
	}
	check("erased")
}

// Mail that a development server shows instead of sending it is as private.
func TestPlanted_capturedMail(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	s.post(private+"/confirm", url.Values{})
	s.mails(2)
	s.holdsNone("captured", []string{"Amina O’Connor", "amina@example.org", "Brudenell Road", "0113 496 0123", "LS6 3HN", "Please sign the pledge", "My neighbour is afraid", strings.TrimPrefix(private, "/l/")})
}

// holdsNone fails where a file of the data directory, or the log, holds a text. It
// makes sure that it would find one.
func (s *site) holdsNone(step string, texts []string) {
	s.t.Helper()
	files := s.files(s.dir)
	files["the log"] = []byte(s.log.String())
	if !bytes.Contains(files[store.FileName], testkit.Encodings(slug)["plain"]) {
		s.t.Errorf("%s: the database was not looked into", step)
	}
	for _, text := range texts {
		for form, want := range testkit.Encodings(text) {
			for file, content := range files {
				if bytes.Contains(content, want) {
					s.t.Errorf("%s: %s holds %q as %s", step, file, text, form)
				}
			}
		}
	}
}
