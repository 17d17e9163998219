package web

import (
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"
)

// health answers GET /healthz: the process is alive.
func (s *Server) health(c echo.Context) error {
	return s.json(c, http.StatusOK, map[string]string{"status": "alive"})
}

// readiness answers GET /readyz: the database can be written, the index is
// loaded, the worker runs. The reason why not goes to the log only.
func (s *Server) readiness(c echo.Context) error {
	if err := s.Ready(c.Request().Context()); err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelWarn, "not ready", slog.Any("err", err))
		return s.json(c, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
	}
	return s.json(c, http.StatusOK, map[string]string{"status": "ready"})
}
