package mailer

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden files in testdata instead of comparing with them")

const from = "letters@postbag.example.org"

// letter returns a letter to an MP as the outbox hands it over.
func letter() campaign.Mail {
	return campaign.Mail{
		Kind:      campaign.MailLetter,
		MessageID: "letter.7h2k@postbag.example.org",
		Date:      time.Date(2025, 3, 30, 9, 15, 0, 0, time.UTC),
		FromName:  "Sam Okafor",
		To:        campaign.Address{Name: "Alex Rivers MP", Email: "alex.rivers.mp@parliament.example"},
		ReplyTo:   campaign.Address{Name: "Sam Okafor", Email: "sam.okafor@example.com"},
		Subject:   "Please sign the pledge",
		Text:      "Dear Alex Rivers,\n\nPlease sign.\n\nSam Okafor\n1 High Street\nLeeds\nLS1 1AA\n",
	}
}

// confirmation returns a mail from the campaign to a supporter.
func confirmation() campaign.Mail {
	m := letter()
	m.Kind = campaign.MailConfirm
	m.MessageID = "confirm.7h2k@postbag.example.org"
	m.FromName = "MPs Not Border Guards"
	m.To = campaign.Address{Email: "sam.okafor@example.com"}
	m.ReplyTo = campaign.Address{}
	m.Subject = "Confirm your letter"
	m.Text = "Please confirm:\n\nhttps://postbag.example.org/l/abc\n"
	return m
}

// settings returns the settings for a server without TLS or AUTH.
func settings(s *testkit.SMTPServer) SMTP {
	return SMTP{Host: s.Host(), Port: s.Port(), TLS: TLSNone}
}

// newSender returns a sender to the server that cannot leave the machine and
// is closed with the test; change adjusts its options.
func newSender(tb testing.TB, s *testkit.SMTPServer, change ...func(*Options)) *Sender {
	tb.Helper()
	o := Options{SMTP: settings(s), From: from, LoopbackOnly: true, RootCAs: s.RootCAs()}
	for _, c := range change {
		c(&o)
	}
	sender, err := NewSender(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(sender.Close)
	return sender
}

// quick returns options with timeouts short enough to wait for. Only what is
// expected to time out gets one.
func quick(change func(*Timeouts)) func(*Options) {
	return func(o *Options) { change(&o.Timeouts) }
}

func send(t *testing.T, s *Sender, m campaign.Mail) campaign.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return s.Send(ctx, m)
}

func wantOutcome(t *testing.T, got campaign.Outcome, verdict campaign.Verdict, code int, answer string) {
	t.Helper()
	if got.Verdict != verdict || got.Code != code || !strings.Contains(got.Answer, answer) {
		t.Errorf("outcome %s %d %q, want %s %d %q", got.Verdict, got.Code, got.Answer, verdict, code, answer)
	}
}

// golden compares with a file in testdata. Nothing in our messages is random,
// so there is nothing to normalise: the date and the Message-ID are given and
// a message of one part has no boundary.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the test with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}
