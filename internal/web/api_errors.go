package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// apiError is what an answer that is not 200 holds.
type apiError struct {
	Status  string `json:"status"`  // a code for programs
	Message string `json:"message"` // a sentence for people
}

// failJSON is fail for programs. What was asked wrongly is said as it is on pages;
// of the rest the status says enough.
func (s *Server) failJSON(c echo.Context, err error, code int) error {
	e := apiError{Status: statusWord(code), Message: http.StatusText(code)}
	for _, key := range []string{"message." + strconv.Itoa(code) + ".heading", "api.refused.s" + strconv.Itoa(code)} {
		if s.View.Has(view.DefaultLang, key) {
			e.Message = s.View.T(view.DefaultLang, key)
		}
	}
	if sentence := s.safeSentence(view.DefaultLang, err); code == http.StatusUnprocessableEntity && sentence != "" {
		e.Message = sentence
	}
	allowOrigins(c)
	return s.json(c, code, e)
}

// statusWord names an HTTP status of failure for programs: as package fault
// does where it has a name.
func statusWord(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	case http.StatusConflict:
		return "conflict"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusTooManyRequests:
		return "rate_limited"
	case http.StatusNotImplemented:
		return "not_implemented"
	case http.StatusServiceUnavailable:
		return "unavailable"
	}
	if code < http.StatusInternalServerError {
		return "invalid"
	}
	return "internal"
}

func (s *Server) json(c echo.Context, code int, v any) error {
	body, err := jsonLine(v)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if h.Get("Cache-Control") == "" {
		h["Cache-Control"] = noStore
	}
	return send(c, code, typeJSON, body)
}
