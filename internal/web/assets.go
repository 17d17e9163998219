package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// showAsset answers GET /assets/{file}. The address changes with the content,
// so it may be kept for ever.
func (s *Server) showAsset(c echo.Context) error {
	asset, ok := s.View.Assets().Lookup(c.Request().URL.Path)
	if !ok {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	// An embed in a sandbox has no origin: without these its stylesheet and its
	// scripts would be kept from it. They are the same for everyone.
	h["Cross-Origin-Resource-Policy"] = crossOrigin
	h["Access-Control-Allow-Origin"] = anyOrigin
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", asset.ETag)
	h.Set("Vary", "Accept-Encoding")
	if c.Request().Header.Get("If-None-Match") == asset.ETag {
		return c.NoContent(http.StatusNotModified)
	}
	h.Set("Content-Type", asset.ContentType)
	if asset.Gzip != nil && takesGzip(c.Request()) {
		h.Set("Content-Encoding", "gzip")
		return sendRaw(c, http.StatusOK, asset.Gzip)
	}
	return sendRaw(c, http.StatusOK, asset.Body)
}
