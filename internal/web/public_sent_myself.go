package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// The fields of the form with which a supporter says that they sent their
// letter themselves.
const (
	fieldReport = "report" // the token of the page: each letter counts once
	fieldSent   = "sent"   // "1": the box is ticked
)

// sentMyself is what that form needs for a letter; nothing of it says whose
// letter it is. It is empty where we send it, or where nobody sits to get it.
func (s *Server) sentMyself(w campaign.Written) view.SentMyself {
	if w.Way == campaign.WaySend || w.Draft.To.Vacant() {
		return view.SentMyself{}
	}
	return view.SentMyself{Token: s.Service.NewSelfReport(w), Constituency: w.Draft.To.Constituency, Way: string(w.Way)}
}

// reportSentMyself answers POST /c/{campaign}/sent-myself: a letter that went
// by post or by the supporter's own email counts, and nobody is named.
func (s *Server) reportSentMyself(c echo.Context) error {
	slug, lang := c.Param("campaign"), s.lang(c)
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return err
	}
	if err := c.Request().ParseForm(); err != nil {
		return fault.Wrap(errUnreadable, fault.Invalid, "message.422.text")
	}
	form := c.Request().PostForm
	if form.Get(fieldSent) != "1" {
		return fault.New(fault.Invalid, "error.sent_tick")
	}
	err = s.Service.SelfReport(c.Request().Context(), slug, form.Get(fieldConstituency), campaign.Way(form.Get(fieldWay)), form.Get(fieldReport))
	if err != nil {
		return err
	}
	page := view.Thanks{Frame: s.campaignFrame(lang, found)}
	page.Embed = embed(c)
	page.Title = s.View.T(lang, "title.sent_myself")
	return s.page(c, http.StatusOK, page)
}
