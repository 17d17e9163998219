package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"postbag/internal/bounce"
	"postbag/internal/campaign"
	"postbag/internal/config"
)

// listenForBounces begins to listen for what comes back, if the settings say where.
func (a *App) listenForBounces() error {
	if a.cfg.BounceListen == "" {
		return nil
	}
	where, err := bounce.ParseWhere(a.cfg.BounceListen)
	if err != nil {
		return config.Wrong(fmt.Errorf("POSTBAG_BOUNCE_LISTEN %w", err))
	}
	if a.bounces, err = bounce.Listen(where, a.cfg.MailDomain(), a.service, a.log); err != nil {
		return fmt.Errorf("receive what comes back (POSTBAG_BOUNCE_LISTEN): %w", err)
	}
	return nil
}

// Bounces returns the address on which what comes back is received; empty: none.
func (a *App) Bounces() string {
	if a.bounces == nil {
		return ""
	}
	return a.bounces.Addr().String()
}

// Bounce errors that a mail server which hands over one message tells apart.
var (
	ErrBounceNoMessage = bounce.ErrNoMessage
	ErrBounceTooLong   = bounce.ErrTooLong
)

// TakeBounce takes one message that came back to an address, beside a server or
// without one, and returns what was made of it. The errors are those above, those
// of campaign.Service.TakeReturn, and any other for what is to be tried again.
func TakeBounce(ctx context.Context, cfg config.Config, log *slog.Logger, message io.Reader, env bounce.Envelope) (taken campaign.Taken, err error) {
	raw, err := bounce.ReadAll(message)
	if err != nil {
		return "", err
	}
	if env.To == "" {
		env.To = bounce.RecipientOf(raw)
	}
	if env.To == "" {
		return "", campaign.ErrReturnUnknown // what it quotes shows nobody's right to say so
	}
	r, err := bounce.Read(raw, env)
	if err != nil {
		return "", err
	}
	s, err := OpenStore(ctx, cfg, log, time.Now)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	keys, err := OpenKeys(ctx, cfg, s)
	if err != nil {
		return "", err
	}
	returns, err := campaign.NewReturnPath(keys, cfg.BounceAddress)
	if err != nil {
		return "", err
	}
	service, err := campaign.NewService(ctx, campaign.Options{
		Store: s, Keys: keys, MailDomain: cfg.MailDomain(), Now: time.Now, Log: log, Wake: func() {},
		Returns: returns, Testing: cfg.TestRecipient != "",
	})
	if err != nil {
		return "", err
	}
	return service.TakeReturn(ctx, r)
}

// Envelope is what a mail server says of a message that it hands over.
type Envelope = bounce.Envelope
