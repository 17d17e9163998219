package app

import (
	"context"
	"net/url"

	"postbag/internal/bounce"
	"postbag/internal/config"
	"postbag/internal/web"
)

// hooks are what relay providers may tell us by; nil for none.
func (a *App) hooks() web.Hooks {
	reader := hosts(a.cfg)
	h := bounce.NewHooks(bounce.HookOptions{
		Taker: a.service, Postmark: string(a.cfg.HookPostmark), Mailgun: string(a.cfg.HookMailgun), Topics: a.cfg.HookSES, Now: a.clock.Now, Tokens: a.store,
		Fetch: func(ctx context.Context, address *url.URL) ([]byte, error) {
			return reader.Raw(ctx, address, maxHookFetch)
		},
	})
	if h == nil {
		return nil // and no interface with nothing in it
	}
	return h
}

// maxHookFetch is the most bytes of a certificate, or of what SNS answers.
const maxHookFetch = 64 << 10

// tokenHeader is the header that a provider repeats.
func tokenHeader(cfg config.Config) string {
	if cfg.HookPostmark == "" {
		return ""
	}
	return bounce.PostmarkHeader
}
