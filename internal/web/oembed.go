package web

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/picture"
	"postbag/internal/view"
)

// What others need to show a campaign within a page of theirs when somebody
// pastes its address there (oembed.com, version 1.0).

// The width of an embed, in pixels, unless less is asked for; and below which it
// is made for a phone.
const oembedWidth, oembedNarrow = 640, 480

// oembedHeight is how tall the first page of an embed is, in pixels, before a
// script tells its host: as measured, with some room.
type oembedHeight struct{ wide, narrow int }

var (
	oembedForm    = oembedHeight{500, 980}
	oembedCompact = oembedHeight{410, 700}
	oembedLink    = oembedHeight{400, 500}
)

// oembedAge is how long, in seconds, others may keep an answer: not longer than a
// partner who leaves is to be shown.
const oembedAge = 600

var (
	typeTextXML = []string{"text/xml; charset=utf-8"} // the specification's
	oembedCache = []string{"public, max-age=" + strconv.Itoa(oembedAge)}
)

// oembed is an answer, as JSON and as XML, in the names of the specification.
type oembed struct {
	XMLName         xml.Name `json:"-" xml:"oembed"`
	Type            string   `json:"type" xml:"type"`
	Version         string   `json:"version" xml:"version"`
	Title           string   `json:"title" xml:"title"`
	AuthorName      string   `json:"author_name,omitempty" xml:"author_name,omitempty"`
	AuthorURL       string   `json:"author_url,omitempty" xml:"author_url,omitempty"`
	ProviderName    string   `json:"provider_name" xml:"provider_name"`
	ProviderURL     string   `json:"provider_url" xml:"provider_url"`
	CacheAge        int      `json:"cache_age" xml:"cache_age"`
	ThumbnailURL    string   `json:"thumbnail_url,omitempty" xml:"thumbnail_url,omitempty"`
	ThumbnailWidth  int      `json:"thumbnail_width,omitempty" xml:"thumbnail_width,omitempty"`
	ThumbnailHeight int      `json:"thumbnail_height,omitempty" xml:"thumbnail_height,omitempty"`
	HTML            string   `json:"html" xml:"html"`
	Width           int      `json:"width" xml:"width"`
	Height          int      `json:"height" xml:"height"`
}

// embeddable is a campaign's page as others embed it.
type embeddable struct {
	lang     string
	campaign *campaign.Campaign
	partner  string // slug, of a partner whose embeds work; empty: none
	source   string // see campaign.Credit
	look     view.EmbedLook
}

// query writes parameters behind a path: what is given, then where the visit
// comes from.
func (e embeddable) query(given string) string {
	given = strings.TrimPrefix(given, "?")
	if source := campaign.SourceParameters(e.source).Encode(); source != "" {
		given = strings.TrimPrefix(given+"&"+source, "&")
	}
	if given == "" {
		return ""
	}
	return "?" + given
}

// page is the address of the campaign's own page, without host.
func (e embeddable) page() string {
	var asked string
	if e.partner != "" {
		asked = strings.TrimSuffix("?"+fieldPartner+"="+e.partner+"&"+strings.TrimPrefix(e.look.Query(), "?"), "&")
	}
	return view.At(e.lang, "/c/"+e.campaign.Slug) + e.query(asked)
}

// frame is the address of what is shown in its place within another page.
func (e embeddable) frame() string {
	if e.partner == "" {
		return view.At(e.lang, "/embed/c/"+e.campaign.Slug) + e.query("")
	}
	return view.At(e.lang, "/embed/"+e.partner+"/c/"+e.campaign.Slug) + e.query(e.look.Query())
}

// oembedURL is where programs learn how to embed a page, but for the format.
func (s *Server) oembedURL(e embeddable) string {
	return s.View.Base() + "/oembed?url=" + url.QueryEscape(s.View.Base()+e.page())
}

// readEmbeddable returns what an address is of; an error for one that is none of
// ours, or not that of a campaign's page.
func (s *Server) readEmbeddable(address string) (embeddable, error) {
	var e embeddable
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Opaque != "" {
		return e, echo.ErrNotFound
	}
	base, err := url.Parse(s.View.Base())
	if err != nil {
		return e, fmt.Errorf("read our own address: %w", err)
	}
	if !sameSite(u, base) {
		return e, echo.ErrNotFound
	}
	lang, path := view.Split(s.langs, u.Path)
	slug, ok := strings.CutPrefix(strings.TrimSuffix(path, "/"), "/c/")
	if !ok || strings.Contains(slug, "/") {
		return e, echo.ErrNotFound
	}
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return e, err
	}
	asked := u.Query()
	credit := s.Service.Credit(campaign.Credit{Partner: asked.Get(fieldPartner), Source: campaign.ReadSource(asked)})
	return embeddable{lang: lang, campaign: found, partner: credit.Partner, source: credit.Source, look: view.ReadEmbedLook(asked)}, nil
}

// sameSite reports whether an address is on the site of this base. Many paste
// http:// for https://, and the other way round.
func sameSite(u, base *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Hostname(), base.Hostname()) && usualPort(u) == usualPort(base)
}

// usualPort is the port of an address; empty where it is that of its scheme.
func usualPort(u *url.URL) string {
	port := u.Port()
	if u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return ""
	}
	return port
}

// showOEmbed answers GET /oembed?url=…&format=…&maxwidth=…&maxheight=…
func (s *Server) showOEmbed(c echo.Context) error {
	h := c.Response().Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Cross-Origin-Resource-Policy"] = crossOrigin
	asked := c.QueryParams()
	format := asked.Get("format")
	if format != "" && format != "json" && format != "xml" {
		return s.failJSON(c, nil, http.StatusNotImplemented)
	}
	e, err := s.readEmbeddable(asked.Get("url"))
	if err != nil {
		if code := status(err); code == http.StatusNotFound {
			return s.failJSON(c, err, code)
		}
		return err
	}
	public, err := s.Service.PublicCounts(c.Request().Context(), e.campaign.Slug)
	if err != nil {
		return err
	}
	body, contentType, err := s.describe(e, public.Total, mostPixels(asked.Get("maxwidth")), mostPixels(asked.Get("maxheight"))).encode(format)
	if err != nil {
		return fmt.Errorf("describe an embed: %w", err)
	}
	h["Cache-Control"] = oembedCache
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", tagOf(body))
	if c.Request().Header.Get("If-None-Match") == h.Get("ETag") {
		return c.NoContent(http.StatusNotModified)
	}
	return send(c, http.StatusOK, contentType, body)
}

// mostPixels reads a limit on a size; 0 is none.
func mostPixels(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// atMost is a size that obeys a limit, if there is one.
func atMost(size, most int) int {
	if most > 0 && size > most {
		return most
	}
	return size
}

// describe is the answer for an embed of this size at most.
func (s *Server) describe(e embeddable, letters, maxWidth, maxHeight int) oembed {
	text, base := e.campaign.Text(e.lang), s.View.Base()
	o := oembed{
		Type: "rich", Version: "1.0", Title: text.Headline, CacheAge: oembedAge,
		AuthorName: strings.Join(e.campaign.Organisers, ", "), AuthorURL: base + view.At(e.lang, "/c/"+e.campaign.Slug),
		ProviderName: s.View.Site(), ProviderURL: base + "/",
		Width: atMost(oembedWidth, maxWidth),
	}
	if o.AuthorName == "" {
		o.AuthorURL = ""
	}
	tall := oembedLink
	switch {
	case e.partner != "" && e.look.Compact:
		tall = oembedCompact
	case e.partner != "":
		tall = oembedForm
	}
	o.Height = tall.wide
	if o.Width < oembedNarrow {
		o.Height = tall.narrow
	}
	o.Height = atMost(o.Height, maxHeight)
	if atMost(picture.Width, maxWidth) == picture.Width && atMost(picture.Height, maxHeight) == picture.Height { // it too has to obey
		o.ThumbnailURL = base + view.At(e.lang, pictureOf("/c/"+e.campaign.Slug, "", letters).Path)
		o.ThumbnailWidth, o.ThumbnailHeight = picture.Width, picture.Height
	}
	o.HTML = s.oembedHTML(e, s.View.T(e.lang, "oembed.title", "headline", text.Headline), o.Width, o.Height)
	return o
}

// oembedHTML is what stands in a host's page. WordPress keeps of a site that it
// does not trust a link in a quotation and a frame, takes every other attribute
// away, puts the frame into a sandbox that lets no form be sent, and shows the
// link in its place. Anywhere else the link stays hidden.
func (s *Server) oembedHTML(e embeddable, title string, width, height int) string {
	base := s.View.Base()
	title = html.EscapeString(title)
	var script string
	if e.partner != "" { // a link is never taller than we say
		script = `<script async="async" src="` + html.EscapeString(base) + `/embed.js"></script>`
	}
	return fmt.Sprintf(`<blockquote hidden="hidden"><a href="%s">%s</a></blockquote><iframe class="postbag" src="%s" title="%s" width="%d" height="%d" frameborder="0" loading="lazy"></iframe>%s`,
		html.EscapeString(base+e.page()), title, html.EscapeString(base+e.frame()), title, width, height, script)
}

// encode writes the answer in a format: "xml", or JSON.
func (o oembed) encode(format string) (body []byte, contentType []string, err error) {
	if format != "xml" {
		body, err = json.Marshal(o)
		return append(body, '\n'), typeJSON, err
	}
	body, err = xml.Marshal(o)
	body = append([]byte(`<?xml version="1.0" encoding="utf-8" standalone="yes"?>`+"\n"), body...)
	return append(body, '\n'), typeTextXML, err
}
