package mailer

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"postbag/internal/maildoctor"
	"postbag/internal/testkit"
)

// TestProbe_Stops: whoever asks may leave in the middle of a silence.
func TestProbe_Stops(t *testing.T) {
	for _, stage := range []testkit.SMTPStage{testkit.StageGreeting, testkit.StageEHLO, testkit.StageSTARTTLS, testkit.StageAUTH} {
		server := testkit.StartSMTP(t, testkit.SMTPConfig{StartTLS: true, Users: map[string]string{"u": "p"}})
		reached := make(chan struct{}, 1)
		server.Script(testkit.SMTPFault{Stage: stage, Reached: reached, Hang: make(chan struct{})})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-reached
			cancel()
		}()
		o := Options{SMTP: settings(server), From: from, LoopbackOnly: true, RootCAs: server.RootCAs()}
		o.SMTP.TLS, o.SMTP.User, o.SMTP.Password = TLSRequired, "u", "p"
		if r := Probe(ctx, o); r.Failed == "" || r.LoginSucceed {
			t.Errorf("%s: %+v", stage, r)
		}
		cancel()
	}
}

// TestProbe_LikeSender: what the probe finds well is what sending works with.
func TestProbe_LikeSender(t *testing.T) {
	for name, config := range map[string]testkit.SMTPConfig{
		"plain":        {},
		"with TLS":     {StartTLS: true},
		"implicit TLS": {ImplicitTLS: true},
		"a password":   {StartTLS: true, Users: map[string]string{"u": "p"}, RequireAuth: true},
	} {
		server := testkit.StartSMTP(t, config)
		o := Options{SMTP: settings(server), From: from, LoopbackOnly: true, RootCAs: server.RootCAs()}
		switch {
		case config.StartTLS:
			o.SMTP.TLS = TLSRequired
		case config.ImplicitTLS:
			o.SMTP.TLS = TLSImplicit
		}
		if config.Users != nil {
			o.SMTP.User, o.SMTP.Password = "u", "p"
		}
		r := Probe(t.Context(), o)
		if r.Failed != "" || r.Encrypted != (o.SMTP.TLS != TLSNone) || r.LoginSucceed != (config.Users != nil) || !r.Local() || r.Size != 10<<20 {
			t.Errorf("%s: %+v", name, r)
		}
		for _, c := range server.Commands() {
			if c.Verb == "MAIL" {
				t.Errorf("%s: mail was begun", name)
			}
		}
	}
}

func TestProbe_LoopbackOnly(t *testing.T) {
	o := Options{SMTP: SMTP{Host: "192.0.2.1", Port: 25, TLS: TLSNone}, From: from, LoopbackOnly: true}
	if r := Probe(t.Context(), o); r.Failed != maildoctor.StepConnect || r.Trouble != maildoctor.Elsewhere {
		t.Errorf("%+v", r)
	}
	if err := Greet(t.Context(), []netip.Addr{netip.MustParseAddr("192.0.2.1")}, 25, true, Timeouts{}); err != maildoctor.ErrElsewhere {
		t.Errorf("greet: %v", err)
	}
}

func TestGreet(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	here := []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	if err := Greet(t.Context(), here, server.Port(), true, Timeouts{}); err != nil {
		t.Error(err)
	}
	server.Script(testkit.SMTPFault{Stage: testkit.StageGreeting, Reply: "554 No"})
	if err := Greet(t.Context(), here, server.Port(), true, Timeouts{}); err == nil || !strings.Contains(err.Error(), "554 No") {
		t.Error(err)
	}
	if err := Greet(t.Context(), here, 1, true, Timeouts{}); err == nil || err.Error() != "nothing listens there" {
		t.Error(err)
	}
	if err := Greet(t.Context(), nil, 25, true, Timeouts{}); err == nil {
		t.Error("nobody greeted")
	}
}
