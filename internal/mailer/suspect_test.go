package mailer

import (
	"errors"
	"net/textproto"
	"testing"
)

// What may be about the mail server as well as about the message.
func TestSuspect(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   stage
		code int
		text string
		want bool
	}{
		{"Postfix relays for nobody it does not know", stageRcpt, 554, "5.7.1 <x>: Relay access denied", true},
		{"sendmail", stageRcpt, 550, "5.7.1 Relaying denied", true},
		{"Exchange", stageRcpt, 550, "5.7.54 SMTP; Unable to relay recipient", true},
		{"Exim, without an enhanced code", stageRcpt, 550, "relay not permitted", true},
		{"qmail, with its own way to write one", stageRcpt, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", true},
		{"it closes when it hears who it is to", stageRcpt, 421, "4.7.0 Closing", true},
		{"it closes before the message", stageData, 421, "4.7.0 Closing", true},

		{"nobody of that name", stageRcpt, 550, "5.1.1 No such user", false},
		{"nobody of that name, who relays", stageRcpt, 550, "5.1.1 relay knows no such user", false},
		{"no such user, without an enhanced code", stageRcpt, 550, "No such user", false},
		{"a relay for now", stageRcpt, 454, "4.7.1 Relay access denied", false},
		{"sign in first", stageRcpt, 530, "5.7.0 Authenticate", false},
		{"the sender is refused", stageMail, 550, "5.7.1 No", false},
		{"it closes before the message begins", stageMail, 421, "4.7.0 Closing", false},
		{"no messages", stageData, 554, "5.7.1 No", false},
		{"spam", stageAnswer, 554, "5.7.1 Spam", false},
	} {
		if got := suspect(tt.at, &textproto.Error{Code: tt.code, Msg: tt.text}); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if suspect(stageRcpt, errors.New("lost")) {
		t.Error("a lost connection says nothing")
	}
}
