package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/auth"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// Notice is what the privacy notice has to know of the settings in force.
type Notice struct {
	Contact   string   // whom to ask about data: an email address, or an address with https; empty: the organisers
	Apart     bool     // the secret is not kept with the database
	Relay     string   // the host of the mail server that takes the letters; empty: they are captured
	Providers []string // who tells what became of mail, by name; empty: nobody but mail servers
}

// showNotice answers GET /privacy, for every campaign of the site.
func (s *Server) showNotice(c echo.Context) error {
	lang := s.lang(c)
	frame, campaigns := s.plainFrame(lang), s.Service.Campaigns()
	if only := onlyOne(campaigns); only != nil {
		frame = s.campaignFrame(lang, only)
	}
	return s.notice(c, frame, "/privacy", campaigns)
}

// showCampaignNotice answers GET /c/{campaign}/privacy.
func (s *Server) showCampaignNotice(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	return s.notice(c, s.campaignFrame(s.lang(c), found), "/c/"+found.Slug+"/privacy", []*campaign.Campaign{found})
}

// notice says what is done with people's data, by the settings and the campaigns as
// they are now: nothing of it is written down a second time.
func (s *Server) notice(c echo.Context, frame view.Frame, path string, campaigns []*campaign.Campaign) error {
	page := view.Privacy{
		Frame: frame, Contact: s.Notice.Contact, Apart: s.Notice.Apart, Relay: s.Notice.Relay, Providers: s.Notice.Providers, Counts: s.Service.CountsLetters(),
		Vacant: campaign.RetainVacant, Open: campaign.RetainOpen, Ended: campaign.RetainEnded, Confirm: campaign.ConfirmWithin, Remember: campaign.RememberFor,
	}
	page.NoIndex, page.Path = false, path
	page.Title, page.Summary = s.View.T(frame.Lang, "title.privacy"), s.View.T(frame.Lang, "notice.lead")
	page.Suggest = s.suggest(c, path)
	page.ByMail = strings.Contains(page.Contact, "@") && !strings.Contains(page.Contact, "/")
	for _, each := range campaigns {
		t := each.Text(frame.Lang)
		k, err := s.Service.AgeKey(c.Request().Context(), each.Slug)
		if err != nil {
			return err
		}
		page.Campaigns = append(page.Campaigns, view.PrivacyCampaign{
			Title: t.Title, Lang: foreign(frame.Lang, t.Lang), Organisers: each.Organisers, Keep: each.Keep.Or(), OptIn: t.OptIn != "", Sealed: k.Swept,
		})
	}
	return s.page(c, http.StatusOK, page)
}

// showCookies answers GET /organise/cookies: the one cookie, which organisers get who
// sign in. Nobody need be signed in to read it.
func (s *Server) showCookies(v visit) error {
	name, secure := s.Sessions.Cookie()
	return s.deskPage(v, http.StatusOK, view.DeskCookies{
		Desk: s.deskFrame(v, "desk.title.cookies"), Cookie: name, Secure: secure, Idle: int(auth.IdleFor.Hours()), Lasts: int(auth.Lasts.Hours()),
	})
}
