package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// What can be chosen about a snippet, as addresses have it.
const (
	askTheme      = "theme"
	askAccent     = "accent"
	askRadius     = "radius"
	askCompact    = "compact"
	askFormLang   = "form_lang"
	askSourceName = "utm_source"
)

// snippetDesk is where somebody looks at snippets: an organiser, a partner who is
// signed in, or whoever has a partner's link.
type snippetDesk struct {
	echo.Context
	partner *campaign.Partner
	desk    view.Desk
	base    string // address of the partner's page
	under   string // beginning of the addresses of snippets and previews
}

// showSnippet answers GET /organise/partners/{partner}/embed/{campaign}.
func (s *Server) showSnippet(v visit) error {
	p, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	return s.snippetPage(snippetDesk{v.Context, p, s.deskFrame(v, "desk.title.snippet"), atPartner(p.Slug), atPartner(p.Slug)})
}

// showOwnSnippet answers GET /organise/own/embed/{campaign}, for a partner.
func (s *Server) showOwnSnippet(v visit) error {
	p, err := s.ownPartner(v)
	if err != nil {
		return err
	}
	return s.snippetPage(snippetDesk{v.Context, p, s.deskFrame(v, "desk.title.snippet"), atDesk, atOwn})
}

// ownPartner is the partner of whoever is signed in; not_found.
func (s *Server) ownPartner(v visit) (*campaign.Partner, error) {
	if v.who.Role != account.Partner {
		return nil, fault.New(fault.NotFound, "error.no_partner")
	}
	return s.Service.AnyPartner(v.who.Partner)
}

// snippetPage shows the lines to paste, and how the form looks with them.
func (s *Server) snippetPage(d snippetDesk) error {
	found, err := s.Service.Campaign(d.Param("campaign"))
	if err != nil {
		return err
	}
	asked := d.QueryParams()
	lang := s.snippetLang(found, asked.Get(askFormLang))
	look, wrong := s.readLook(asked)
	source := campaign.ReadSource(asked)
	if asked.Get(askSourceName) != "" && source == "" {
		wrong[askSourceName] = s.View.Desk("desk.error.snippet_source", "most", campaign.MaxSource)
	}
	of := view.SnippetOf{
		Base: s.View.Base(), Campaign: found.Slug, Partner: d.partner.Slug, Lang: lang, Source: source,
		Headline: found.Text(lang).Headline, Link: s.View.T(lang, "embed.write"), Look: look,
	}
	page := view.PartnerSnippet{
		Desk: d.desk, Name: d.partner.Name, Title: titleAtDesk(found), Back: d.base, Action: d.under + "/embed/" + found.Slug,
		Snippets: of.Snippets(), Preview: d.under + "/preview/" + found.Slug, Form: view.DeskForm{Errors: wrong},
		Fields: s.snippetFields(found, asked, lang, wrong),
	}
	page.Form.Order = view.FieldNames(page.Fields)
	query := strings.TrimPrefix(look.Query(), "?")
	if lang != view.DefaultLang {
		query = strings.TrimPrefix(query+"&"+askFormLang+"="+lang, "&")
	}
	if query != "" {
		page.Preview += "?" + query
	}
	code := http.StatusOK
	if len(wrong) > 0 { // nobody shall paste what is not what they asked for
		code, page.Snippets, page.Preview = http.StatusUnprocessableEntity, nil, ""
	}
	// The preview is the one frame that a page of ours has.
	d.Response().Header()["Content-Security-Policy"] = []string{policy + "; frame-src 'self'"}
	return s.page(d.Context, code, page)
}

// snippetLang is the language that the form is to be in: one that both the
// campaign and our pages have.
func (s *Server) snippetLang(c *campaign.Campaign, asked string) string {
	for _, lang := range s.langs {
		if lang == asked && c.Texts[lang] != nil {
			return lang
		}
	}
	return view.DefaultLang
}

// readLook reads the options, and says what is wrong with them.
func (s *Server) readLook(asked url.Values) (view.EmbedLook, map[string]string) {
	wrong := map[string]string{}
	if hex := strings.TrimSpace(asked.Get(askAccent)); hex != "" {
		asked.Set(askAccent, hex)
		if _, err := campaign.ParseAccent("#" + strings.TrimPrefix(hex, "#")); err != nil {
			wrong[askAccent] = s.View.Desk("desk.error.snippet_accent", "why", err.Error())
		}
	}
	if typed := strings.TrimSpace(asked.Get(askRadius)); typed != "" {
		asked.Set(askRadius, typed)
		if n, err := strconv.Atoi(typed); err != nil || n < 0 || n > view.MaxRadius {
			wrong[askRadius] = s.View.Desk("desk.error.snippet_radius", "most", view.MaxRadius)
		}
	}
	return view.ReadEmbedLook(asked), wrong
}

// snippetFields are the options to choose.
func (s *Server) snippetFields(c *campaign.Campaign, asked url.Values, lang string, wrong map[string]string) []view.DeskField {
	field := func(kind, name string) view.DeskField {
		f := view.DeskField{Kind: kind, Name: name, Label: s.View.Desk("desk.snippet.f." + name), Value: asked.Get(name), Error: wrong[name]}
		if key := "desk.snippet.h." + name; s.View.Desk(key) != key {
			f.Hint = s.View.Desk(key)
		}
		return f
	}
	theme, language := field("select", askTheme), field("select", askFormLang)
	for _, each := range []view.Scheme{view.SchemeAuto, view.SchemeLight, view.SchemeDark} {
		name := string(each)
		if each == view.SchemeAuto {
			name = "auto"
		}
		theme.Options = append(theme.Options, view.DeskOption{Value: string(each), Words: s.View.Desk("desk.snippet.theme." + name), Chosen: string(each) == asked.Get(askTheme)})
	}
	for _, each := range s.langs {
		if c.Texts[each] != nil {
			language.Options = append(language.Options, view.DeskOption{Value: each, Words: s.language(each), Chosen: each == lang})
		}
	}
	compact := field("check", askCompact)
	fields := []view.DeskField{theme, field("line", askAccent), field("line", askRadius), compact}
	if len(language.Options) > 1 {
		fields = append(fields, language)
	}
	return append(fields, field("line", askSourceName))
}

// showEmbedPreview answers GET /organise/partners/{partner}/preview/{campaign}.
func (s *Server) showEmbedPreview(v visit) error {
	p, err := s.Service.AnyPartner(v.Param("partner"))
	if err != nil {
		return err
	}
	return s.embedPreview(v.Context, p)
}

// showOwnEmbedPreview answers GET /organise/own/preview/{campaign}.
func (s *Server) showOwnEmbedPreview(v visit) error {
	p, err := s.ownPartner(v)
	if err != nil {
		return err
	}
	return s.embedPreview(v.Context, p)
}

// embedPreview shows the form as a partner's page would. Nothing can be sent
// with it, and no page but ours may show it.
func (s *Server) embedPreview(c echo.Context, p *campaign.Partner) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	asked := c.QueryParams()
	lang := s.snippetLang(found, asked.Get(askFormLang))
	e, err := s.embedOf(p, view.ReadEmbedLook(asked), found.Slug)
	if err != nil {
		return err
	}
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	page := view.CampaignPage{Frame: s.campaignFrame(lang, found), Letters: public.Total}
	page.Embed, page.Preview = e, true
	allowFraming(c, "'self'")
	h := c.Response().Header()
	h["Content-Security-Policy"] = []string{strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", "form-action 'none'", 1)}
	h["Cross-Origin-Resource-Policy"] = []string{"same-origin"}
	return s.page(c, http.StatusOK, page)
}
