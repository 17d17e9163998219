package web

import (
	"context"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Hooks take what relay providers tell of messages.
type Hooks interface {
	// Take takes what a provider posts, once it is sure that it did, and returns the
	// HTTP status of the answer: 200 no sooner than it is durable. An error is for
	// the log.
	Take(ctx context.Context, provider string, header http.Header, body io.Reader) (int, error)
}

// atHook is where they post it. It is for programs that have no session with us,
// and show by a signature or a password who they are.
const atHook = "/hooks/mail/:provider"

// maxHook is the most bytes of it; each provider has a limit of its own below.
const maxHook = 24 << 20

// takeHook answers POST /hooks/mail/{provider}. The answer is its status alone.
func (s *Server) takeHook(c echo.Context) error {
	status := http.StatusNotFound
	if s.Hooks != nil {
		r := c.Request()
		var err error
		if status, err = s.Hooks.Take(r.Context(), c.Param("provider"), r.Header, r.Body); err != nil {
			s.logFailed(c, err)
		}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.NoContent(status)
}
