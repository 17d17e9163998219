package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/labstack/echo/v4"

	"postbag/internal/fault"
	"postbag/internal/view"
)

// fail answers a request that went wrong: what may be said is said, in the form
// that was asked for, and what may not is logged once.
func (s *Server) fail(err error, c echo.Context) {
	code := status(err)
	id := c.Response().Header().Get(headerRequestID)
	if code >= http.StatusInternalServerError {
		s.logFailed(c, err)
	}
	if c.Response().Committed {
		return
	}
	if strings.HasPrefix(c.Request().URL.Path, inAPI) {
		err = s.failJSON(c, err, code)
	} else if inDesk(c) && code != http.StatusMisdirectedRequest {
		err = s.failDesk(c, err, code, id)
	} else {
		err = s.failPage(c, err, code, id)
	}
	if err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelError, "show the error",
			slog.String("id", id), slog.String("route", c.Path()), slog.Any("err", err))
	}
}

// logFailed writes down why a request failed. A client that hangs up before it has
// its answer is no fault of ours.
func (s *Server) logFailed(c echo.Context, err error) {
	level := slog.LevelError
	if hungUp(c, err) {
		level = slog.LevelInfo
	}
	s.Log.LogAttrs(c.Request().Context(), level, "request failed",
		slog.String("id", c.Response().Header().Get(headerRequestID)), slog.String("route", c.Path()), slog.Any("err", err))
}

// hungUp reports that an error came of a client that waits no more.
func hungUp(c echo.Context, err error) bool {
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		return true
	}
	return c.Response().Committed && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET))
}

// failPage shows the page for an error. When a form was posted, what was typed
// goes along, so that trying again loses nothing.
func (s *Server) failPage(c echo.Context, err error, code int, id string) error {
	lang := s.lang(c)
	m := view.Message{Frame: s.plainFrame(lang), Status: code}
	if code == http.StatusNotFound {
		m.Frame = s.lostFrame(lang, c.Request().URL.Path)
	}
	if m.Embed = embed(c); m.Embed != nil {
		m.Frame = s.lostFrame(lang, "/c/"+c.Param("campaign"))
		m.Embed = embed(c)
	}
	key := "message." + strconv.Itoa(code)
	if !s.View.Has(lang, key+".heading") {
		key = "message.500"
		if code < http.StatusInternalServerError {
			key = "message.422"
		}
	}
	m.Heading = s.View.T(lang, key+".heading")
	m.Title = m.Heading
	m.Paragraphs = []string{s.View.T(lang, key+".text")}
	if sentence := s.safeSentence(lang, err); sentence != "" {
		m.Paragraphs = []string{sentence}
	}
	if code >= http.StatusInternalServerError {
		m.RequestID = id
	}
	if r := c.Request(); canTryAgain(r, code) && r.ParseForm() == nil && count(r.PostForm) <= maxFields {
		if code == http.StatusForbidden { // another site filled the form in: nobody ticks a box for the supporter
			r.PostForm.Del(fieldOptInPartner)
			r.PostForm.Del(fieldOptInOwner)
		}
		m.Action = here(c, lang)
		m.Fields = hiddenValues(r.PostForm)
	}
	if c.Path() == checkRoute { // to be left in a hurry like the rest, and of the same size
		m.Exit = s.exitOf(c.Param("campaign"))
		return s.padded(c, code, m)
	}
	return s.page(c, code, m)
}

// safeSentence is the sentence of an error that stands for it as a whole; empty:
// it has none.
func (s *Server) safeSentence(lang string, err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && strings.HasPrefix(f.Safe, "error.") && s.View.Has(lang, f.Safe) {
		return s.View.T(lang, f.Safe)
	}
	return ""
}

// lostFrame keeps whoever took a wrong turn in the campaign that they were in,
// or in the only one, with the ways on from there.
func (s *Server) lostFrame(lang, path string) view.Frame {
	campaigns := s.Service.Campaigns()
	rest, inCampaign := strings.CutPrefix(path, "/c/")
	slug, _, _ := strings.Cut(rest, "/")
	for _, each := range campaigns {
		if inCampaign && each.Slug == slug {
			return s.campaignFrame(lang, each)
		}
	}
	if only := onlyOne(campaigns); only != nil {
		return s.campaignFrame(lang, only)
	}
	return s.plainFrame(lang)
}

// canTryAgain reports whether the same form may be taken next time: after a
// fault of ours, and where a letter was refused for how it came, not for what
// it says. A private page's buttons, pressed from another site, are not offered
// again: what some of them do cannot be undone.
func canTryAgain(r *http.Request, code int) bool {
	switch {
	case r.Method != http.MethodPost:
		return false
	case code == http.StatusForbidden, code == http.StatusTooManyRequests:
		return strings.HasPrefix(r.URL.Path, "/c/") || strings.HasPrefix(r.URL.Path, "/embed/")
	}
	return code >= http.StatusInternalServerError
}

// count returns how many values a form has.
func count(form url.Values) int {
	n := 0
	for _, values := range form {
		n += len(values)
	}
	return n
}
