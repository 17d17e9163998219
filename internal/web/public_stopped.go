package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// showStopped answers what is posted on the way to a letter while a campaign is
// paused or closed: its page, which says so. What was typed goes along.
func (s *Server) showStopped(c echo.Context, found *campaign.Campaign, f letterForm) error {
	page, err := s.campaignPageNow(c.Request().Context(), f.Lang, found)
	if err != nil {
		return err
	}
	page.NoIndex, page.Embed = true, embed(c)
	page.Kept, page.KeptAction, page.KeptBody = hiddenValues(c.Request().PostForm), here(c, f.Lang), f.Body
	return s.page(c, http.StatusConflict, page)
}

// showExcluded says that this campaign does not write to an MP, in the campaign's
// words.
func (s *Server) showExcluded(c echo.Context, found *campaign.Campaign, f letterForm, draft campaign.Draft) error {
	page := s.excludedPage(found, f, draft)
	page.Embed = embed(c)
	return s.page(c, http.StatusOK, page)
}

func (s *Server) excludedPage(found *campaign.Campaign, f letterForm, draft campaign.Draft) view.Excluded {
	page := view.Excluded{Frame: s.campaignFrame(f.Lang, found), To: recipient(f.Lang, found, draft.To)}
	why := found.Excluded(f.Lang, draft.To)
	page.Title = s.View.T(f.Lang, "title.excluded")
	page.Paragraphs = campaign.Paragraphs(why.Text)
	page.Link, page.LinkText = why.Link, why.LinkText
	page.Fields = f.hidden()
	return page
}
