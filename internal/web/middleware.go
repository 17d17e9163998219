package web

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/fault"
)

// policy allows what the pages use and nothing else: our stylesheets, scripts
// and pictures, forms and requests to ourselves. No script of ours makes HTML or
// code of text, so none may (Trusted Types), and no policy is allowed that lets it.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// fixedHeaders stand on every answer. The keys are in canonical form and the
// values shared: they are set without being copied, and nothing may change
// them.
var fixedHeaders = [...]struct {
	name  string
	value []string
}{
	{"Content-Security-Policy", []string{policy}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Permissions-Policy", []string{"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"}},
	// Nothing leaves the site. "no-referrer" would also make browsers send
	// "Origin: null" with our own forms, which those without Sec-Fetch-Site
	// (any over plain http, Safari before 16.4) then could not send.
	{"Referrer-Policy", []string{"same-origin"}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
}

// strictTransport is added in production: browsers then use nothing but https,
// for the site and whatever stands below its name.
var strictTransport = []string{"max-age=31536000; includeSubDomains"}

// closeAfter ends the connection with the answer. A message in chunks may come
// with a length too, which net/http takes away unseen: a proxy that went by it would
// hand us as a request of its own what was meant as the rest of this one. In HTTP/1.0
// there are no chunks, and they would be taken for the next request (both RFC 9112,
// 6.1). Nothing is read after either, so there is nothing to smuggle.
var closeAfter = []string{"close"}

// headerRequestID names a request in the answer and in the log, so that the one
// can be found by the other.
const headerRequestID = "X-Request-Id"

// frame is what every request passes: it names the request, sets the headers,
// refuses what comes from another site or is too large, catches a panic and
// writes the log line. The line has the route, never the address: that can hold
// a postcode or the token of a private link.
func (s *Server) frame(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		start := time.Now()
		r, w := c.Request(), c.Response()
		id := strconv.FormatUint(rand.Uint64(), 36) // a counter would tell how busy we are
		h := w.Header()
		h[headerRequestID] = []string{id}
		for i := range fixedHeaders {
			h[fixedHeaders[i].name] = fixedHeaders[i].value
		}
		if s.Production {
			h["Strict-Transport-Security"] = strictTransport
		}
		if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
			h["Connection"] = closeAfter
		}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.fail(fault.Panicked(p), c)
				err = nil
			}
			s.logRequest(c, id, start)
		}()
		if !s.ours(r.Host) && !forProbes(c.Path()) {
			s.fail(echo.NewHTTPError(http.StatusMisdirectedRequest), c)
			return nil
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			limit := int64(maxForm)
			if strings.HasPrefix(c.Path(), editRoute) {
				limit = maxEditForm
			}
			if holdsLogo(c.Path()) {
				limit = maxLogoForm
			}
			if c.Path() == atHook {
				limit = maxHook
			}
			r.Body = http.MaxBytesReader(w.Writer, r.Body, limit)
			if err := s.cross.Check(r); err != nil && !fromSandbox(c) && c.Path() != atUnsubscribe && c.Path() != atStop {
				s.fail(fault.Wrap(err, fault.Forbidden, "message.403.text"), c)
				return nil
			}
		}
		if err := next(c); err != nil {
			s.fail(err, c)
		}
		return nil
	}
}

func (s *Server) logRequest(c echo.Context, id string, start time.Time) {
	r, w := c.Request(), c.Response()
	route := c.Path()
	if route == "" {
		route = "none"
	}
	attrs := []slog.Attr{
		slog.String("id", id),
		slog.String("method", method(r.Method)),
		slog.String("route", route),
		slog.Int("status", w.Status),
		slog.Int64("bytes", w.Size),
		slog.Int64("us", time.Since(start).Microseconds()),
	}
	if route == checkRoute {
		attrs = attrs[:3]
	}
	s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
}

// method keeps what a client may put in the method's place out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// status is the one place that turns a fault's code into an HTTP status.
func status(err error) int {
	var he *echo.HTTPError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &he):
		return he.Code
	}
	switch fault.CodeOf(err) {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
