package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// showStop answers GET /stop/{token}, where whoever wants to hear no more about a
// letter says so. It changes nothing, as mail scanners follow links, and looks
// nothing up.
func (s *Server) showStop(c echo.Context) error { return s.stopPage(c, false) }

// stopFollowUps answers POST /stop/{token}. What is posted does not matter, as
// with unsubscribe.
func (s *Server) stopFollowUps(c echo.Context) error {
	if err := s.Service.StopFollowUps(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	return s.stopPage(c, true)
}

// stopLetterFollowUps answers POST /l/{token}/stop.
func (s *Server) stopLetterFollowUps(c echo.Context) error {
	return s.changeLetter(c, s.Service.StopLetterFollowUps, "stopped")
}

func (s *Server) stopPage(c echo.Context, done bool) error {
	lang := s.lang(c)
	page := view.Stop{Frame: s.plainFrame(lang), Token: c.Param("token"), Done: done}
	page.Path = "/stop/" + page.Token
	page.Title = s.View.T(lang, "title.stop")
	c.Response().Header()["X-Robots-Tag"] = noIndex
	return s.page(c, http.StatusOK, page)
}
