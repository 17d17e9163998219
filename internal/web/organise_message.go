package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// keyVisit is under which an echo.Context keeps its visit.
const keyVisit = "visit"

// inDesk reports whether a request is one of the workspace.
func inDesk(c echo.Context) bool {
	path := c.Request().URL.Path
	return path == atDesk || strings.HasPrefix(path, atDesk+"/")
}

// failDesk shows the page for an error within the workspace.
func (s *Server) failDesk(c echo.Context, err error, code int, id string) error {
	name := strconv.Itoa(code)
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests:
	default:
		name = "500"
		if code < http.StatusInternalServerError {
			name = "422"
		}
	}
	page := view.DeskMessage{Status: code, Heading: s.View.Desk("desk.message." + name + ".heading"), Text: s.View.Desk("desk.message." + name + ".text")}
	v, ok := c.Get(keyVisit).(visit)
	if !ok && code == http.StatusNotFound { // no route has asked who they are
		found, err := s.visit(c)
		v, ok = found, err == nil
	}
	if ok {
		page.Desk = s.deskFrame(v, "desk.message."+name+".heading")
	} else { // there is no such page, or nobody was asked who they are
		page.Desk = view.Desk{Title: page.Heading, Path: c.Request().URL.Path, Captured: s.Captured, TestMode: s.TestMode}
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && strings.HasPrefix(f.Safe, "desk.error.") {
		page.Text = s.View.Desk(f.Safe)
	}
	if wait, ok := account.IsWait(err); ok {
		page.Text = s.waitSentence(wait)
	}
	if code >= http.StatusInternalServerError {
		page.RequestID = id
	}
	return s.page(c, code, page)
}

// waitSentence says how long to leave what was tried too often.
func (s *Server) waitSentence(wait *account.WaitError) string {
	return s.View.Desk("desk.error.wait", "n", wait.Minutes())
}

// refusal is the status of a form that is shown again; programs are told how
// long to wait too.
func (s *Server) refusal(v visit, err error) int {
	if wait, ok := account.IsWait(err); ok {
		v.Response().Header().Set("Retry-After", strconv.Itoa(wait.Minutes()*60))
	}
	return status(err)
}
