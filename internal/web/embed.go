package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// Embeds stand under /embed/{partner}/c/{campaign}: the way to a letter, from the
// postcode to "check your email", within a page of a partner's. What does the
// work is the same as under /c/{campaign}; only what stands around it differs.

// keyEmbed is where a request keeps which embed it is of.
const keyEmbed = "embed"

// inEmbeds is the beginning of their routes.
const inEmbeds = "/embed/"

// embedRoute is where the way to a letter begins.
const embedRoute = "/embed/:partner/c/:campaign"

// embedRoutes declares the routes of embeds.
func (s *Server) embedRoutes(get func(string, echo.HandlerFunc)) {
	get("/embed.js", s.showEmbedScript)
	get("/embed/c/:campaign", s.showEmbedLink)
	get(embedRoute, s.embedded(s.showEmbed))
	for step, h := range map[string]echo.HandlerFunc{
		"letter": s.startLetter, "preview": s.previewLetter, "send": s.sendLetter, "sent-myself": s.reportSentMyself,
	} {
		s.echo.POST("/embed/:partner/c/:campaign/"+step, s.embedded(h))
		get("/embed/:partner/c/:campaign/"+step, s.embedded(s.backToEmbed))
	}
	get("/c/:campaign/look.:file", s.showEmbedTheme)
	get("/embed/logo/:partner/:file", s.showLogo)
}

// embed is which embed a request is of; nil: of none.
func embed(c echo.Context) *view.Embed {
	e, _ := c.Get(keyEmbed).(*view.Embed)
	return e
}

// here is the address of a request in a language, with the options of an embed.
func here(c echo.Context, lang string) string {
	path := view.At(lang, c.Request().URL.Path)
	if e := embed(c); e != nil {
		path += e.Query
	}
	return path
}

// embedded lets a partner's pages show what h answers, and nobody else's. Where
// it is another page that asks, or there is no such partner, the answer is a link
// to the campaign in its place: browsers would show a broken frame.
func (s *Server) embedded(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		p, err := s.Service.AnyPartner(c.Param("partner"))
		if err != nil {
			return s.showEmbedLink(c)
		}
		// Who began to write while the partner's embeds worked may finish.
		from, begun := refererOrigin(r), r.Method == http.MethodPost
		refused := !begun && (p.Retired() || from != "" && from != s.View.Base() && !p.MayFrame(from))
		if r.Method == http.MethodGet && c.Path() == embedRoute && !p.Retired() && from != s.View.Base() && r.Header.Get("Sec-Fetch-Dest") != "document" {
			s.Service.NoteLoad(p, from, refused)
		}
		if refused {
			return s.showEmbedLink(c)
		}
		e, err := s.embedOf(p, view.ReadEmbedLook(r.URL.Query()), c.Param("campaign"))
		if err != nil {
			return lostEmbed(c, err)
		}
		c.Set(keyEmbed, e)
		allowFraming(c, p.Origins...)
		return h(c)
	}
}

// lostEmbed lets any page show why there is nothing to show: browsers would show
// a broken frame.
func lostEmbed(c echo.Context, err error) error {
	c.Set(keyEmbed, &view.Embed{})
	allowFraming(c, "*")
	return err
}

// embedOf is a partner's embed of a campaign.
func (s *Server) embedOf(p *campaign.Partner, look view.EmbedLook, slug string) (*view.Embed, error) {
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return nil, err
	}
	e := &view.Embed{Partner: p.Slug, Version: p.Version, Name: p.Name, Origins: p.Origins, Query: look.Query(), Compact: look.Compact}
	if logo := partnerLogo(p, 220, 32); logo != nil {
		e.Logo, e.Width, e.Height = logo.URL, logo.Width, logo.Height
	}
	theme, err := s.embeds.theme(s.View, look, found.Accent)
	if err == nil && theme.Hash != "" {
		e.Look = "/c/" + found.Slug + "/look." + theme.Hash + ".css" + e.Query
	}
	return e, err
}

// allowFraming has browsers show the answer within pages of these origins and
// no others; "*" is any. A page that wants to be isolated from others
// (Cross-Origin-Embedder-Policy: require-corp) may show it too, as we load
// nothing from elsewhere.
func allowFraming(c echo.Context, origins ...string) {
	h := c.Response().Header()
	h["Content-Security-Policy"] = []string{strings.Replace(policy, "frame-ancestors 'none'", "frame-ancestors "+strings.Join(origins, " "), 1)}
	delete(h, "X-Frame-Options")
	h["Cross-Origin-Resource-Policy"] = crossOrigin
	h["Cross-Origin-Embedder-Policy"] = requireCORP
}

var (
	crossOrigin = []string{"cross-origin"}
	requireCORP = []string{"require-corp"}
	anyOrigin   = []string{"*"}
)

// fromSandbox reports whether a form comes from one of our own embeds in a frame
// that its host has put into a sandbox, where browsers take every page's origin
// away. Anybody can make such a frame. But what is posted within an embed carries
// no right of whoever sends it, no cookie and no secret address: another site
// gains nothing by it that it could not do without a browser.
func fromSandbox(c echo.Context) bool {
	return strings.HasPrefix(c.Path(), inEmbeds) && c.Request().Header.Get("Origin") == "null"
}

// refererOrigin is the origin of the page that a request comes from; empty where
// it is not told.
func refererOrigin(r *http.Request) string {
	u, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// creditAsked is whose doing a visit is, as far as it holds.
func (s *Server) creditAsked(c echo.Context) campaign.Credit {
	r := c.Request()
	if r.URL.RawQuery == "" {
		return campaign.Credit{}
	}
	asked := r.URL.Query()
	return s.Service.Credit(campaign.Credit{Partner: asked.Get(fieldPartner), Source: campaign.ReadSource(asked), Via: refererOrigin(r)})
}

// showEmbed answers GET /embed/{partner}/c/{campaign}: where the way to a letter
// begins. Like the campaign's own page it is rendered once for each count.
func (s *Server) showEmbed(c echo.Context) error {
	e, lang := embed(c), s.lang(c)
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	r := c.Request()
	if r.Header.Get("Sec-Fetch-Dest") == "document" { // it stands by itself: nothing is around it
		asked := campaign.SourceParameters(campaign.ReadSource(r.URL.Query()))
		asked.Set(fieldPartner, e.Partner)
		return c.Redirect(http.StatusSeeOther, view.At(lang, "/c/"+found.Slug+"?"+asked.Encode()))
	}
	public, err := s.Service.PublicCounts(r.Context(), found.Slug)
	if err != nil {
		return err
	}
	credit := s.Service.Credit(campaign.Credit{Partner: e.Partner, Source: campaign.ReadSource(r.URL.Query()), Via: refererOrigin(r)})
	waits := s.Service.DissolvedUntil()
	page := view.CampaignPage{Frame: s.campaignFrame(lang, found), Letters: public.Total, Credit: creditFields(credit), Waits: waits}
	e.Source = credit.Source
	page.Embed = e
	if s.Reload {
		return s.sendAnew(c, page)
	}
	cache := &s.embeds
	if credit.Source != "" { // there may be any number, which must not push out the others
		cache = &s.sourced
	}
	p, err := cache.page(s.View, embedKey{found, e.Partner, e.Version, lang, e.Query, public.Total, credit.Via, credit.Source, waits}, page)
	if err != nil {
		return err
	}
	return p.send(c)
}

// backToEmbed answers a GET of an address that takes forms only.
func (s *Server) backToEmbed(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/embed/"+embed(c).Partner+"/c/"+c.Param("campaign")+embed(c).Query))
}

// showEmbedLink answers GET /embed/c/{campaign}: a link to the campaign, which
// any page may show. There is nothing on it to be tricked into.
func (s *Server) showEmbedLink(c echo.Context) error {
	lang := s.lang(c)
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return lostEmbed(c, err)
	}
	asked := embeddable{lang: lang, campaign: found, source: campaign.ReadSource(c.QueryParams())}
	page := view.EmbedLink{Frame: s.campaignFrame(lang, found), URL: asked.page()}
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	page.Letters = public.Total
	page.Embed = &view.Embed{}
	page.Title = found.Text(lang).Headline
	allowFraming(c, "*")
	return s.page(c, http.StatusOK, page)
}

// showEmbedTheme answers GET /c/{campaign}/look.{hash}.css: the options of an
// embed.
func (s *Server) showEmbedTheme(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	theme, err := s.embeds.theme(s.View, view.ReadEmbedLook(c.QueryParams()), found.Accent)
	if err != nil {
		return err
	}
	c.Response().Header()["Cross-Origin-Resource-Policy"] = crossOrigin
	return sendForever(c, theme.Hash != "" && c.Param("file") == theme.Hash+".css", "text/css; charset=utf-8", theme.Body)
}

// showLogo answers GET /embed/logo/{partner}/{hash}.{png,jpg}.
func (s *Server) showLogo(c echo.Context) error {
	p, err := s.Service.AnyPartner(c.Param("partner"))
	if err != nil {
		return err
	}
	if p.Logo == nil {
		return echo.ErrNotFound
	}
	c.Response().Header()["Cross-Origin-Resource-Policy"] = crossOrigin
	return sendForever(c, c.Param("file") == p.Logo.Hash+"."+p.Logo.Ext, p.Logo.Type, p.Logo.Data)
}
