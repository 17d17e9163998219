package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// langKey is where a request's context carries its language, when that is not
// the default one.
type langKey struct{}

// localise takes the language off a request's address, so that a route is
// declared once for all languages: /cy/c/x is /c/x in Welsh. Only pages have
// languages; what else stands under /cy is found nowhere, and said so in Welsh.
func (s *Server) localise(r *http.Request) *http.Request {
	lang, path := view.Split(s.langs, r.URL.Path)
	if lang == view.DefaultLang {
		return r
	}
	r = r.WithContext(context.WithValue(r.Context(), langKey{}, lang))
	if translated(path) {
		u := *r.URL
		u.Path = path
		if u.RawPath != "" {
			_, u.RawPath = view.Split(s.langs, u.RawPath)
		}
		r.URL = &u
	}
	return r
}

// translated reports whether a page is written in several languages.
func translated(path string) bool {
	return path == "/" || path == "/accessibility" || path == "/privacy" || path == "/api" || path == "/check" || path == "/dev/style" || path == "/manifest.webmanifest" || strings.HasPrefix(path, "/c/") || strings.HasPrefix(path, "/embed/") || strings.HasPrefix(path, "/l/") || strings.HasPrefix(path, "/u/") || strings.HasPrefix(path, "/stop/")
}

// lang is the language that a request's address asks for.
func (s *Server) lang(c echo.Context) string {
	if lang, ok := c.Request().Context().Value(langKey{}).(string); ok {
		return lang
	}
	return view.DefaultLang
}

// foreign returns the language of some words where that is not the page's: they
// are then marked with it. Empty otherwise.
func foreign(page, words string) string {
	if words == page {
		return ""
	}
	return words
}

// suggest offers the page at path (without its language) in the language that
// the browser prefers, if that is another.
func (s *Server) suggest(c echo.Context, path string) *view.Suggestion {
	return s.View.Suggest(s.lang(c), path, c.Request().Header.Get("Accept-Language"))
}
