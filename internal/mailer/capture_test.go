package mailer

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

// shelf is an Archive in memory.
type shelf struct {
	mails []campaign.CapturedMail
	err   error
}

func (s *shelf) SaveMail(_ context.Context, m campaign.CapturedMail) error {
	if s.err == nil {
		s.mails = append(s.mails, m)
	}
	return s.err
}

// TestCapture_Send: what is captured is, to the byte, what a server would have
// received.
func TestCapture_Send(t *testing.T) {
	at := time.Date(2025, 3, 30, 9, 16, 0, 0, time.UTC)
	clock := testkit.NewClock(at)
	for _, test := range []string{"", "tester@example.net"} {
		for _, m := range []campaign.Mail{letter(), confirmation()} {
			m.Text += "\n.dot\nFrom here ŵ  \nno break"
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			sender := newSender(t, server, func(o *Options) { o.TestRecipient = test })
			wantOutcome(t, send(t, sender, m), campaign.VerdictSent, 250, "")
			want := server.Next(t)

			archive := &shelf{}
			capture, err := NewCapture(from, test, archive, clock.Now)
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, capture.Send(t.Context(), m), campaign.VerdictSent, 0, "captured, not delivered")
			got := archive.mails[0]
			if diff := cmp.Diff(string(want.Data), string(got.Raw)); diff != "" {
				t.Errorf("captured bytes differ (-sent +captured):\n%s", diff)
			}
			if got.To.Email != want.To[0] || got.To.Name != m.To.Name || got.Kind != m.Kind || got.MessageID != m.MessageID || !got.At.Equal(at) {
				t.Errorf("captured %+v", got)
			}
			subject := m.Subject
			if test != "" && m.Kind == campaign.MailLetter {
				subject = "[TEST] " + subject
			}
			if got.Subject != subject {
				t.Errorf("subject %q, want %q", got.Subject, subject)
			}
		}
	}
}

func TestCapture_Send_Fails(t *testing.T) {
	archive := &shelf{err: errors.New("disk full while storing for sam.okafor@example.com")}
	capture, err := NewCapture(from, "", archive, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	wantOutcome(t, capture.Send(t.Context(), letter()), campaign.VerdictRetry, 0, "store the captured message: disk full while storing for [address]")

	bad := letter()
	bad.Subject = "a\r\nBcc: x@example.org"
	wantOutcome(t, capture.Send(t.Context(), bad), campaign.VerdictFailed, 0, "the subject contains a line break")

	if _, err := NewCapture("nobody", "", archive, time.Now); err == nil {
		t.Error("a bad From was accepted")
	}
}
