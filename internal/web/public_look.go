package web

import (
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// themes keeps the stylesheets of campaigns' accents, by colour.
type themes struct{ byAccent sync.Map }

func (t *themes) of(a *campaign.Accent) view.Theme {
	if have, ok := t.byAccent.Load(a.Hex); ok {
		return have.(view.Theme)
	}
	made := view.NewTheme(a)
	t.byAccent.Store(a.Hex, made)
	return made
}

// themeURL is the address of a campaign's own colours; empty when it has none.
func (s *Server) themeURL(c *campaign.Campaign) string {
	if c.Accent == nil {
		return ""
	}
	return "/c/" + c.Slug + "/theme." + s.themes.of(c.Accent).Hash + ".css"
}

// showTheme answers GET /c/{campaign}/theme.{hash}.css.
func (s *Server) showTheme(c echo.Context) error {
	found, err := s.Service.AnyCampaign(c.Param("campaign")) // a draft's too: previews show it
	if err != nil {
		return err
	}
	if found.Accent == nil {
		return echo.ErrNotFound
	}
	theme := s.themes.of(found.Accent)
	return sendForever(c, c.Param("file") == theme.Hash+".css", "text/css; charset=utf-8", theme.Body)
}

// showImage answers GET /c/{campaign}/image.{hash}.{png,jpg}: the campaign's own
// picture.
func (s *Server) showImage(c echo.Context) error {
	found, err := s.Service.AnyCampaign(c.Param("campaign")) // a draft's too: previews show it
	if err != nil {
		return err
	}
	p := found.Picture
	if p == nil {
		return echo.ErrNotFound
	}
	return sendForever(c, c.Param("file") == p.Hash+"."+p.Ext, p.Type, p.Data)
}

// sendForever answers with what never changes under its address. An address with
// another hash is not current, and what stands there is not this.
func sendForever(c echo.Context, current bool, contentType string, body []byte) error {
	if !current {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if !strings.HasPrefix(contentType, "text/") { // a picture is compressed as it is
		c.Response().Header().Set("Content-Type", contentType)
		return sendRaw(c, http.StatusOK, body)
	}
	return send(c, http.StatusOK, []string{contentType}, body)
}
