package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/mailer"
)

// Exit codes that mail servers know (sysexits.h). Whatever is not settled is to
// come again: a mail server keeps it and tries later.
const (
	exDataErr  = 65 // this is no message, or one too long
	exNoUser   = 67 // no message of ours has this address
	exTempFail = 75
)

type bounceCmd struct {
	Recipient string  `arg:"" optional:"" help:"The address that the message came to, such as bounces+…@letters.example.org; left out, it is read from the message (X-Original-To, Envelope-To, Delivered-To)."`
	Sender    *string `placeholder:"EMAIL" help:"The envelope's sender, as the mail server knows it; empty for none, as reports have it."`
	dataFlag
}

// Help says more than the one line.
func (c *bounceCmd) Help() string {
	return `Exit codes are those of sysexits.h: 0 taken; 65 this is no message, or one too long; 67 no message of ours has this address; 75 try again later.`
}

// Run takes one message.
func (c *bounceCmd) Run(w *world) error {
	cfg, err := config.Load(w.env, func(raw string) error {
		_, err := mailer.ParseURL(raw)
		return err
	})
	if err == nil && cfg.BounceAddress == "" {
		err = errors.New("POSTBAG_BOUNCE_ADDRESS is missing; set it as the server has it")
	}
	if err != nil {
		return codeError{err, exTempFail} // what comes back is not to be lost by a setting
	}
	cfg.DataDir = c.DataDir
	env := app.Envelope{To: c.Recipient}
	if c.Sender != nil {
		env.From = strings.Trim(*c.Sender, "<>")
		env.Null = env.From == "" || env.From == "MAILER-DAEMON" // as Postfix's pipe calls nobody, unless told otherwise
	}
	log := slog.New(slog.NewTextHandler(w.err, nil))
	taken, err := app.TakeBounce(w.ctx, cfg, log, w.in, env)
	switch {
	case err == nil:
		_, err = fmt.Fprintln(w.out, taken)
		return err
	case errors.Is(err, app.ErrBounceNoMessage), errors.Is(err, app.ErrBounceTooLong):
		return codeError{err, exDataErr}
	case errors.Is(err, campaign.ErrReturnUnknown), errors.Is(err, campaign.ErrReturnErased):
		return codeError{err, exNoUser}
	}
	return codeError{err, exTempFail}
}
