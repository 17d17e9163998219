package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// atUnsubscribe is where an opt-in is ended. Its address is what lets somebody do
// so, with no cookie and from anywhere: mail programs post here for their users
// (RFC 8058), some of them from a page of their own.
const atUnsubscribe = "/u/:token"

// atStop is where the questions about a letter are stopped, in the same way.
const atStop = "/stop/:token"

// optInRoutes declares the public routes of opt-ins.
func (s *Server) optInRoutes(get func(string, echo.HandlerFunc)) {
	get(atUnsubscribe, s.showUnsubscribe)
	s.echo.POST(atUnsubscribe, s.unsubscribe)
	get(atStop, s.showStop)
	s.echo.POST(atStop, s.stopFollowUps)
	s.echo.POST("/l/:token/stop", s.stopLetterFollowUps)
	get("/l/:token/stop", s.backToPrivate)
	s.echo.POST("/l/:token/opt-out", s.endLetterOptIn)
	get("/l/:token/opt-out", s.backToPrivate)
}

// optInBoxes are the questions of a letter's page as it shows them.
func (s *Server) optInBoxes(lang string, asks []campaign.OptInAsk) []view.OptIn {
	var boxes []view.OptIn
	for _, ask := range asks {
		field := fieldOptInOwner
		if ask.Partner != "" {
			field = fieldOptInPartner
		}
		boxes = append(boxes, view.OptIn{
			Field: field, Partner: ask.Name, Words: ask.Wording.Text, Lang: foreign(lang, ask.Wording.Lang), Value: ask.Wording.Hash(),
			Ticked: ask.Ticked, Changed: ask.Changed,
		})
	}
	return boxes
}

// givenOptIns are a letter's opt-ins as its private page shows them.
func (s *Server) givenOptIns(lang string, given []campaign.OptIn) []view.OptIn {
	var all []view.OptIn
	for _, o := range given {
		one := view.OptIn{
			Words: o.Wording.Text, Lang: foreign(lang, o.Wording.Lang), ID: strconv.FormatInt(o.ID, 10), Waits: o.Confirmed == "",
		}
		if p, err := s.Service.AnyPartner(o.Partner); err == nil {
			one.Partner = p.Name
		}
		all = append(all, one)
	}
	return all
}

// endLetterOptIn answers POST /l/{token}/opt-out. Where there is none to end any
// more, the page shows which there are.
func (s *Server) endLetterOptIn(c echo.Context) error {
	id, err := strconv.ParseInt(c.FormValue("opt_in"), 10, 64)
	if err != nil {
		return fault.Wrap(errUnreadable, fault.Invalid, "message.422.text")
	}
	err = s.Service.EndLetterOptIn(c.Request().Context(), c.Param("token"), id)
	if fault.CodeOf(err) == fault.NotFound {
		return s.backToPrivate(c)
	}
	if err != nil {
		return err
	}
	c.Response().Header()["Cache-Control"] = noStore
	done := "?done=opted_out&opt_in=" + strconv.FormatInt(id, 10)
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/l/"+c.Param("token")+done))
}

// isEnded reports whether the opt-in of a letter that an address names may well
// be one that has ended: of those that stand it is none.
func isEnded(p *campaign.Private, named string) bool {
	id, err := strconv.ParseInt(named, 10, 64)
	return err == nil && p.Person != nil && len(p.OptIns) < mostOptIns &&
		!slices.ContainsFunc(p.OptIns, func(o campaign.OptIn) bool { return o.ID == id })
}

// mostOptIns is how many a letter has at most: one to its partner, and one to who
// runs the campaign.
const mostOptIns = 2

// showUnsubscribe answers GET /u/{token}. It changes nothing, as mail scanners
// follow links, and looks nothing up: whoever tries addresses learns nothing.
func (s *Server) showUnsubscribe(c echo.Context) error { return s.unsubscribePage(c, false) }

// unsubscribe answers POST /u/{token}. What is posted does not matter: the
// address says it all. It answers at once, as mail programs follow nothing.
func (s *Server) unsubscribe(c echo.Context) error {
	if err := s.Service.EndOptIn(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	return s.unsubscribePage(c, true)
}

func (s *Server) unsubscribePage(c echo.Context, done bool) error {
	lang := s.lang(c)
	page := view.Unsubscribe{Frame: s.plainFrame(lang), Token: c.Param("token"), Done: done}
	page.Path = "/u/" + page.Token
	page.Title = s.View.T(lang, "title.unsubscribe")
	c.Response().Header()["X-Robots-Tag"] = noIndex
	return s.page(c, http.StatusOK, page)
}
