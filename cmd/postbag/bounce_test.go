package main

import (
	"bytes"
	"crypto/sha256"
	"log/slog"
	"strings"
	"testing"
	"time"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
)

const bounceAddress = "bounces@letters.example.org"

// sentLetter has a letter sent, and returns the address to which it would bounce.
func sentLetter(t *testing.T, dir string) (cfg config.Config, returnPath string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg = config.Config{Env: config.Development, DataDir: dir, MailFrom: "letters@letters.example.org", BounceAddress: bounceAddress}
	s, err := app.OpenStore(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	must(err)
	defer s.Close()
	keys, err := app.OpenKeys(t.Context(), cfg, s)
	must(err)
	hash := func(of string) []byte { sum := sha256.Sum256([]byte(of)); return sum[:] }
	sealed, err := campaign.SealPerson(keys, &campaign.Person{Name: "Amina", Email: "amina@example.org", Subject: "s", Letter: "l", Token: "t"}, hash("token"))
	must(err)
	roster, _, err := s.Roster(t.Context())
	must(err)
	seat, _ := roster.Seat("E14001319")
	must(s.SubmitLetter(t.Context(), campaign.NewLetter{
		Campaign: shipped, Constituency: seat.Constituency.Code, MemberID: seat.Member.ID, Lang: "en", Variant: campaign.VariantAsk,
		TokenHash: hash("token"), RepeatHash: hash("repeat"), EmailHash: hash("email"), ContentHash: hash("content"), ReplaceHash: hash("replace"),
		Sealed: sealed, MessageID: "confirm@letters.example.org",
	}))
	must(s.ConfirmLetter(t.Context(), hash("token"), "letter@letters.example.org"))
	jobs, err := s.Claim(t.Context(), 9, time.Minute)
	must(err)
	returns, err := campaign.NewReturnPath(keys, bounceAddress)
	must(err)
	for _, j := range jobs {
		must(s.Finish(t.Context(), j, campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}, time.Time{}))
		if j.Kind == campaign.MailLetter {
			returnPath = returns.For(j.ID)
		}
	}
	return cfg, returnPath
}

// pipe hands a message to the program as a mail server does.
func pipe(t *testing.T, dir, message string, args ...string) result {
	t.Helper()
	t.Setenv("POSTBAG_DATA_DIR", dir)
	var out, err bytes.Buffer
	w := &world{ctx: t.Context(), in: strings.NewReader(message), out: &out, err: &err, env: func(name string) (string, bool) {
		value, ok := map[string]string{"POSTBAG_BOUNCE_ADDRESS": bounceAddress, "POSTBAG_MAIL_FROM": "letters@letters.example.org"}[name]
		return value, ok
	}}
	code := w.run(append([]string{"bounce"}, args...))
	return result{code, out.String(), err.String()}
}

// A mail server tells by the exit code what to do with the message.
func TestBounce(t *testing.T) {
	dir := withDatabase(t)
	_, to := sentLetter(t, dir)
	const report = "From: MAILER-DAEMON@relay.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n" +
		"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n" +
		"Final-Recipient: rfc822; mp@parliament.uk\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user Amina\n\n--x--\n"
	for _, tt := range []struct {
		name, message string
		args          []string
		code          int
		out           string
	}{
		{"no message", "", []string{to}, exDataErr, ""},
		{"a made-up address", report, []string{"bounces+aaaa@letters.example.org"}, exNoUser, ""},
		{"no address at all", report, nil, exNoUser, ""},
		{"no address, and a letter's Message-ID", strings.Replace(report, "\n--x--", "\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <letter@letters.example.org>\n\n--x--", 1), nil, exNoUser, ""},
		{"a report", report, []string{"--sender", "", to}, exitOK, "bounced\n"},
		{"once more, its address in the message", "Delivered-To: " + strings.ToUpper(to) + "\n" + report, nil, exitOK, "before\n"},
		{"an answer", "From: mp@parliament.example\nSubject: Re: s\n\nThank you, Amina.\n", []string{to}, exitOK, "forwarded\n"},
	} {
		got := pipe(t, dir, tt.message, tt.args...)
		if got.code != tt.code || got.out != tt.out {
			t.Errorf("%s: %+v, want exit code %d and %q", tt.name, got, tt.code, tt.out)
		}
		if strings.Contains(got.err, "Amina") || strings.Contains(got.err, to) || strings.Contains(got.err, "amina@") {
			t.Errorf("%s: it names somebody: %s", tt.name, got.err)
		}
	}
	if got := postbag(t, dir, "bounce", to); got.code != exTempFail || !strings.Contains(got.err, "POSTBAG_BOUNCE_ADDRESS is missing") {
		t.Errorf("without the setting: %+v", got)
	}
}
