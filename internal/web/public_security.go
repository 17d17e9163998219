package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// securityFor is how long what is said of whom to tell stands: less than a year, as
// RFC 9116 (2.5.5) recommends.
const securityFor = 180 * 24 * time.Hour

// showSecurity answers GET /.well-known/security.txt: whom to tell of a weakness
// (RFC 9116). It is written from the settings, so its day never passes.
func (s *Server) showSecurity(c echo.Context) error {
	contact := s.SecurityContact
	if contact == "" {
		return echo.ErrNotFound
	}
	if !strings.HasPrefix(contact, "https://") {
		contact = "mailto:" + contact
	}
	body := fmt.Sprintf("Contact: %s\nExpires: %s\nPreferred-Languages: %s\nCanonical: %s%s\n",
		contact, s.Now().UTC().Add(securityFor).Truncate(24*time.Hour).Format(time.RFC3339), strings.Join(s.langs, ", "), s.View.Base(), c.Path())
	c.Response().Header()["Cache-Control"] = hourCache
	return send(c, http.StatusOK, typeText, []byte(body))
}
