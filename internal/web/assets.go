package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// showAsset answers GET /assets/{file}. The address changes with the content,
// so it may be kept for ever.
func (s *Server) showAsset(c echo.Context) error {
	asset, ok := s.View.Assets().Lookup(c.Request().URL.Path)
	if !ok {
		return echo.ErrNotFound
	}
	return s.sendAsset(c, asset, "public, max-age=31536000, immutable")
}

// showEmbedScript answers GET /embed.js: the script that partners' pages load. Its
// address never changes, so that theirs need not; it is soon asked for again.
func (s *Server) showEmbedScript(c echo.Context) error {
	url, err := s.View.Assets().URL("embed.js")
	if err != nil {
		return err
	}
	asset, _ := s.View.Assets().Lookup(url)
	return s.sendAsset(c, asset, "public, max-age=600")
}

// sendAsset sends an asset that anybody's pages may load, to be kept as cache
// says, or says that the client has it already.
func (s *Server) sendAsset(c echo.Context, asset *view.Asset, cache string) error {
	h := c.Response().Header()
	// An embed in a sandbox has no origin: without these its stylesheet and its
	// scripts would be kept from it. They are the same for everyone.
	h["Cross-Origin-Resource-Policy"] = crossOrigin
	h["Access-Control-Allow-Origin"] = anyOrigin
	windowless(h)
	h.Set("Cache-Control", cache)
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
