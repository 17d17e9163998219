package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// DevMail is the captured mail of a development server.
type DevMail interface {
	// List returns the latest mails, the newest first.
	List(ctx context.Context) ([]view.DevMail, error)
	// Get returns one mail; not_found if there is none.
	Get(ctx context.Context, id int64) (view.DevMail, error)
}

// showDevMails answers GET /dev/mail.
func (s *Server) showDevMails(c echo.Context) error {
	mails, err := s.Mail.List(c.Request().Context())
	if err != nil {
		return err
	}
	page := view.DevMailList{Frame: s.plainFrame(view.DefaultLang), Mails: mails}
	page.Title = s.View.T(view.DefaultLang, "title.dev_mail_list")
	return s.page(c, http.StatusOK, page)
}

func (s *Server) devMail(c echo.Context) (view.DevMail, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return view.DevMail{}, echo.ErrNotFound
	}
	return s.Mail.Get(c.Request().Context(), id)
}

// showDevMail answers GET /dev/mail/{id}: as a mail program would show it.
func (s *Server) showDevMail(c echo.Context) error {
	m, err := s.devMail(c)
	if err != nil {
		return err
	}
	m.Frame = s.plainFrame(view.DefaultLang)
	m.Title = s.View.T(view.DefaultLang, "title.dev_mail")
	return s.page(c, http.StatusOK, m)
}

// showDevMailRaw answers GET /dev/mail/{id}/raw: as it would have gone out.
func (s *Server) showDevMailRaw(c echo.Context) error {
	m, err := s.devMail(c)
	if err != nil {
		return err
	}
	c.Response().Header()["Cache-Control"] = noStore
	return send(c, http.StatusOK, typeText, []byte(m.Raw))
}
