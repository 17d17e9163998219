package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

var (
	typeXML      = []string{"application/xml; charset=utf-8"}
	typeManifest = []string{"application/manifest+json; charset=utf-8"}
	hourCache    = []string{"public, max-age=3600"}
	noIndex      = []string{"noindex, nofollow, noarchive"}
)

// showRobots answers GET /robots.txt. Private pages say themselves that they
// are not to be indexed; here crawlers are asked not even to fetch them. The
// answers of the check need no line: they come to a POST, which crawlers do not
// send. Nobody finds a copy that is not the real site.
func (s *Server) showRobots(c echo.Context) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	if s.Production {
		for _, lang := range s.langs {
			fmt.Fprintf(&b, "Disallow: %s\n", view.At(lang, "/l/"))
		}
		b.WriteString("Disallow: /api/\n")
		fmt.Fprintf(&b, "Sitemap: %s/sitemap.xml\n", s.View.Base())
	} else {
		b.WriteString("Disallow: /\n")
	}
	c.Response().Header()["Cache-Control"] = hourCache
	return send(c, http.StatusOK, typeText, []byte(b.String()))
}

// showSitemap answers GET /sitemap.xml (sitemaps.org, protocol 0.9): every page
// that everyone may find, in every language, each with its twins.
// It is written once for the campaigns and the constituencies as they are.
func (s *Server) showSitemap(c echo.Context) error {
	campaigns := s.Service.Campaigns()
	roster, version := s.Service.Roster()
	sum := fnv.New64a()
	fmt.Fprintln(sum, version)
	for _, found := range campaigns {
		fmt.Fprintln(sum, found.Slug, found.Closed())
	}
	p, err := s.lists.get(listKey{kind: "sitemap"}, sum.Sum64(), s.Reload, func() (*cachedPage, error) {
		p, err := newCachedPage(s.sitemap(campaigns, roster))
		if err == nil {
			p.contentType, p.cache = typeXML, hourCache
		}
		return p, err
	})
	if err != nil {
		return err
	}
	return p.send(c)
}

func (s *Server) sitemap(campaigns []*campaign.Campaign, roster *parliament.Roster) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	for _, path := range publicPaths(campaigns, roster) {
		for _, lang := range s.langs {
			fmt.Fprintf(&b, "<url><loc>%s%s</loc>", s.View.Base(), view.At(lang, path))
			for _, twin := range s.langs {
				fmt.Fprintf(&b, `<xhtml:link rel="alternate" hreflang="%s" href="%s%s"/>`, twin, s.View.Base(), view.At(twin, path))
			}
			b.WriteString("</url>\n")
		}
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

// publicPaths lists the pages that everyone may find, in the default language.
func publicPaths(campaigns []*campaign.Campaign, roster *parliament.Roster) []string {
	var paths []string
	if onlyOne(campaigns) == nil { // with one, the front page only leads to it
		paths = append(paths, "/")
	}
	for _, found := range campaigns {
		base := "/c/" + found.Slug
		paths = append(paths, base, base+"/check", base+"/mps", base+"/map")
		for _, seat := range roster.Seats() {
			paths = append(paths, base+"/mps/"+parliament.Slug(seat.Constituency))
		}
	}
	return append(paths, "/accessibility", "/privacy", "/api")
}

// showManifest answers GET /manifest.webmanifest (W3C, Web Application
// Manifest): what a phone shows when the site is put on its home screen.
func (s *Server) showManifest(c echo.Context) error {
	lang := s.lang(c)
	icon, err := s.View.Assets().URL("icon.svg")
	if err != nil {
		return err
	}
	name, summary := s.View.Site(), ""
	if only := onlyOne(s.Service.Campaigns()); only != nil {
		text := only.Text(lang)
		name, summary = text.Title, text.Description
	}
	type image struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	body, err := json.Marshal(struct {
		Name        string  `json:"name"`
		ShortName   string  `json:"short_name"`
		Description string  `json:"description,omitempty"`
		Lang        string  `json:"lang"`
		StartURL    string  `json:"start_url"`
		Scope       string  `json:"scope"`
		Display     string  `json:"display"`
		Background  string  `json:"background_color"`
		Theme       string  `json:"theme_color"`
		Icons       []image `json:"icons"`
	}{
		Name: name, ShortName: shortName(name, s.View.Site()), Description: summary, Lang: lang, StartURL: view.At(lang, "/"), Scope: "/",
		// In a browser's own window: people must see whose site this is.
		Display: "browser", Background: "#f8f3e7", Theme: "#f8f3e7",
		Icons: []image{
			{Src: icon, Sizes: "any", Type: "image/svg+xml"},
			{Src: "/icons/192.png", Sizes: "192x192", Type: "image/png"},
			{Src: "/icons/512.png", Sizes: "512x512", Type: "image/png"},
			{Src: "/icons/192-maskable.png", Sizes: "192x192", Type: "image/png", Purpose: "maskable"},
			{Src: "/icons/512-maskable.png", Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
		},
	})
	if err != nil {
		return err
	}
	c.Response().Header()["Cache-Control"] = hourCache
	return send(c, http.StatusOK, typeManifest, body)
}

// longestShort is the most characters of a name under an icon. Most phones show
// fewer and end it with an ellipsis, which still tells whose it is.
const longestShort = 30

// shortName is what stands under an icon: the whole name, or the site's where
// that is too long. A name cut off after some words may say something else.
func shortName(name, site string) string {
	if utf8.RuneCountInString(name) > longestShort {
		return site
	}
	return name
}
