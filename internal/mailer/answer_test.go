package mailer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

func TestCleanAnswer(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"nothing to do", "250 2.0.0 Ok: queued as ABC", "250 2.0.0 Ok: queued as ABC"},
		{"several lines", "550 5.7.1 No\n5.7.1 really\r\nno\ttab", "550 5.7.1 No 5.7.1 really no tab"},
		{"an address", "550 5.1.1 <sam@example.com>: no such user", "550 5.1.1 <[address]>: no such user"},
		{"two addresses", "550 a@b.c, d@e.f refused", "550 [address], [address] refused"},
		{"rewritten", "550 prvs=1a2b=sam=example.com@relay.example: no", "550 [address] no"},
		{"tagged", "550 sam+postbag@example.com", "550 [address]"},
		{"quoted", `550 "sam okafor"@example.com no`, "550 [address] no"},
		{"not ASCII", "550 siân@ŵ.cymru no", "550 [address] no"},
		{"a local part alone", "550 5.1.1 Sam.Okafor: unknown", "550 5.1.1 [address]: unknown"},
		{"twice in a row", "550 sam.okafor sam.okafor", "550 [address] [address]"},
		{"part of a longer word", "550 sam.okaforius", "550 sam.okaforius"},
		{"control characters", "550 a\x1b[31mb\u2028c\x00", "550 a [31mb c"},
		{"not UTF-8", "550 \xff", "550 ?"},
	} {
		if got := cleanAnswer(tt.in, "sam.okafor", ""); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	long := cleanAnswer("550 " + strings.Repeat("ŵ", 5000))
	if n := utf8.RuneCountInString(long); n != maxAnswer || !utf8.ValidString(long) || !strings.HasSuffix(long, "…") {
		t.Errorf("%d characters", n)
	}
}

// TestSender_AnswerNamesNoOne: servers like to quote addresses back.
func TestSender_AnswerNamesNoOne(t *testing.T) {
	m := letter()
	for _, reply := range []string{
		"550 5.1.1 <" + m.To.Email + ">: Recipient address rejected: unknown in alias table",
		"550 5.1.1 alex.rivers.mp: unknown user; Reply-To sam.okafor rejected\n550 see https://example.org/" + m.To.Email,
		"550 5.7.1 " + from + " is not allowed to send to " + strings.ToUpper(m.To.Email),
		"550 5.7.1 From: " + m.FromName + " looks like spam; dear " + strings.Fields(m.FromName)[0] + ", no",
	} {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{})
		server.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Reply: reply})
		got := send(t, newSender(t, server), m)
		wantOutcome(t, got, campaign.VerdictFailed, 550, "550 5.")
		for _, name := range []string{"alex.rivers", "sam.okafor", "@", "letters", strings.ToLower(strings.Fields(m.FromName)[0])} {
			if strings.Contains(strings.ToLower(got.Answer), name) {
				t.Errorf("%q contains %q", got.Answer, name)
			}
		}
	}
}
