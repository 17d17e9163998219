package bounce

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postbag/internal/campaign"
)

const about = "7f3a9c0d5e1b24688642b1e5d0c9a3f7@letters.example.org"

func file(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// TestRead reads messages in the manner of many servers and offices.
func TestRead(t *testing.T) {
	want := map[string]struct {
		kind     campaign.ReturnKind
		code     int
		enhanced string
		about    string
	}{
		"postfix-unknown":      {campaign.ReturnFailed, 550, "5.1.1", about},
		"postfix-delayed":      {campaign.ReturnDelayed, 0, "4.4.1", about},
		"postfix-expired":      {campaign.ReturnFailed, 0, "4.4.1", about},
		"postfix-full":         {campaign.ReturnFull, 0, "5.2.2", about},
		"postfix-full-delayed": {campaign.ReturnDelayed, 452, "4.2.2", about}, // it is still being tried
		"postfix-delivered":    {campaign.ReturnDelivered, 0, "2.1.5", about},
		"postfix-text":         {campaign.ReturnFailed, 554, "5.7.1", ""},
		"exchange-report":      {campaign.ReturnFailed, 550, "5.1.10", about},
		"exchange-policy":      {campaign.ReturnFailed, 550, "5.7.133", about},
		"exchange-quota":       {campaign.ReturnFull, 554, "5.2.2", about},
		"exchange-html":        {campaign.ReturnFailed, 550, "5.1.10", ""},
		"sendmail-two":         {campaign.ReturnFailed, 550, "5.1.1", about},
		"no-action":            {campaign.ReturnFailed, 0, "5.4.6", about},
		"exim-text":            {campaign.ReturnFailed, 550, "5.1.1", about},
		"exim-warning":         {campaign.ReturnDelayed, 451, "4.7.1", ""},
		"exim-quota":           {campaign.ReturnFull, 0, "", about},
		"qmail":                {campaign.ReturnFailed, 550, "5.1.1", about},
		"daemon-unclear":       {campaign.ReturnAuto, 0, "", ""},
		"auto-rfc3834":         {campaign.ReturnAuto, 0, "", ""},
		"auto-exchange":        {campaign.ReturnAuto, 0, "", ""},
		"auto-x":               {campaign.ReturnAuto, 0, "", ""},
		"auto-welsh":           {campaign.ReturnAuto, 0, "", ""},
		"receipt":              {campaign.ReturnAuto, 0, "", ""},
		"reply":                {campaign.ReturnReply, 0, "", about},
		"reply-html":           {campaign.ReturnReply, 0, "", ""},
		"auto-null":            {campaign.ReturnReply, 0, "", ""}, // its sender is not known to be nobody
	}
	for name, w := range want {
		t.Run(name, func(t *testing.T) {
			raw := file(t, name)
			r, err := Read(raw, Envelope{To: "bounces+token@letters.example.org"})
			if err != nil {
				t.Fatal(err)
			}
			if r.Kind != w.kind || r.Code != w.code || r.Enhanced != w.enhanced || r.MessageID != w.about {
				t.Errorf("%s, %d %s about %s; want %s, %d %s about %s (%q)", r.Kind, r.Code, r.Enhanced, r.MessageID, w.kind, w.code, w.enhanced, w.about, r.Diagnostic)
			}
			if r.Kind.Answers() != (r.Raw != nil) || r.Raw != nil && !bytes.Equal(r.Raw, raw) {
				t.Errorf("%d bytes are kept", len(r.Raw))
			}
			if strings.Contains(r.Diagnostic, "Dear Alex") {
				t.Errorf("what the supporter wrote is in %q", r.Diagnostic)
			}
			// The same by way of a pipe: other line ends, and a line that a server put on.
			again, err := Read(append([]byte("Delivered-To: somebody@example.org\n"), bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))...), Envelope{})
			if err != nil || !bytes.Equal(again.Identity, r.Identity) || again.Kind != r.Kind || again.Enhanced != r.Enhanced {
				t.Errorf("read otherwise with other line ends: %s %s, %v", again.Kind, again.Enhanced, err)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) != len(want) {
		t.Errorf("%d files, %d of them read (%v)", len(files), len(want), err)
	}
	seen := map[string]string{}
	for name := range want {
		r, err := Read(file(t, name), Envelope{})
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[string(r.Identity)]; ok {
			t.Errorf("%s and %s pass for the same", name, other)
		}
		seen[string(r.Identity)] = name
	}
}

func TestRead_withANullSender(t *testing.T) {
	for name, kind := range map[string]campaign.ReturnKind{"auto-null": campaign.ReturnAuto, "auto-welsh": campaign.ReturnAuto, "reply": campaign.ReturnAuto, "qmail": campaign.ReturnFailed} {
		if r, err := Read(file(t, name), Envelope{Null: true}); err != nil || r.Kind != kind {
			t.Errorf("%s: %s, %v; want %s", name, r.Kind, err, kind)
		}
	}
}

func TestRead_refuses(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing": "", "no header": "hello there\r\n", "a header without end": "Subject: " + strings.Repeat("x", maxHeaders+1), "noise": "\x00\x01\x02",
	} {
		if r, err := Read([]byte(raw), Envelope{}); !errors.Is(err, ErrNoMessage) {
			t.Errorf("%s: %s, %v", name, r.Kind, err)
		}
	}
	if _, err := ReadAll(bytes.NewReader(make([]byte, MaxMessage+1))); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// What is nested or long without end is read no further than it takes.
func TestRead_bounds(t *testing.T) {
	var nested strings.Builder
	nested.WriteString("From: a@example.org\r\n")
	for i := range 200 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n", i, i)
	}
	nested.WriteString("Content-Type: text/plain\r\n\r\n550 5.1.1 user unknown\r\n")
	wide := "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\n\r\n", 50_000)
	report := "From: mailer-daemon@example.org\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
		strings.Repeat("Final-Recipient: rfc822; x@example.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n", 20_000) + "--b--\r\n"
	for name, raw := range map[string]string{"deep": nested.String(), "wide": wide, "long report": report, "long text": "From: mailer-daemon@example.org\r\n\r\n" + strings.Repeat("user unknown ", 500_000)} {
		if r, err := Read([]byte(raw), Envelope{}); err != nil || r.Kind == "" {
			t.Errorf("%s: %q, %v", name, r.Kind, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		f.Add(file(f, strings.TrimSuffix(filepath.Base(name), ".eml")), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, null bool) {
		r, err := Read(raw, Envelope{Null: null})
		if err != nil {
			return
		}
		switch r.Kind {
		case campaign.ReturnFailed, campaign.ReturnFull, campaign.ReturnDelayed, campaign.ReturnDelivered, campaign.ReturnAuto, campaign.ReturnReply:
		default:
			t.Errorf("read as %q", r.Kind)
		}
		if len(r.Identity) == 0 || r.Kind.Answers() != (r.Raw != nil) || r.Code != 0 && (r.Code < 400 || r.Code > 599) {
			t.Errorf("%+v", r)
		}
	})
}

func TestRead_tellsOfWhom(t *testing.T) {
	r, err := Read(file(t, "sendmail-two"), Envelope{To: "bounces+token@letters.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range r.Each {
		got = append(got, string(one.Kind)+" "+strings.Join(one.Recipients, " "))
	}
	if want := "delivered office@parliament.example, failed alex.rivers.mp@parliament.example"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}
