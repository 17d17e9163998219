package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// The API stands under /api/v1: api_*.go, one file for each noun. It is described
// in openapi.json, which a test holds against what is here.

// inAPI is the beginning of its routes.
const inAPI = "/api/"

// apiRoutes declares the routes of the API.
func (s *Server) apiRoutes() {
	get := func(path string, h echo.HandlerFunc) {
		s.echo.Match([]string{http.MethodGet, http.MethodHead}, path, s.program(h))
		s.echo.OPTIONS(path, preflight)
	}
	get("/api/v1/postcodes/:postcode", s.apiPostcode)
	get("/api/v1/campaigns", s.apiCampaigns)
	get("/api/v1/campaigns/:campaign", s.apiOneCampaign)
	get("/api/v1/campaigns/:campaign/counts", s.apiCounts)
	get("/api/v1/campaigns/:campaign/counts.:format", s.apiCounts)
	get("/api/v1/campaigns/:campaign/pledges", s.apiPledges)
	get("/api/v1/campaigns/:campaign/pledges.:format", s.apiPledges)
	get("/api/v1/constituencies", s.apiConstituencies)
	get("/api/v1/constituencies.:format", s.apiConstituencies)
	get("/api/v1/constituencies/:code", s.apiOneConstituency)
	get("/api/v1/openapi.json", s.showOpenAPI)
	// Of people: no page of another site may read it.
	s.echo.Match([]string{http.MethodGet, http.MethodHead}, "/api/v1/opt-ins.csv", s.limited(s.apiOptIns))
}

// program lets a program in that may ask, from whatever page it runs in.
func (s *Server) program(h echo.HandlerFunc) echo.HandlerFunc {
	h = s.limited(h)
	return func(c echo.Context) error {
		allowOrigins(c)
		return h(c)
	}
}

// limited lets a program in that may ask.
func (s *Server) limited(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if refused, err := s.refused(c); refused || err != nil {
			return err
		}
		return h(c)
	}
}

// What programs in browsers may send, and may read of an answer.
var (
	corsMethods = []string{"GET, HEAD, OPTIONS"}
	corsHeaders = []string{"Authorization, If-None-Match"}
	corsFor     = []string{"86400"} // seconds
	corsExposed = []string{"ETag, RateLimit, RateLimit-Policy, Retry-After"}
)

// allowOrigins lets the pages of any site read the answer. There is no cookie that
// would tell them more than anyone else.
func allowOrigins(c echo.Context) {
	h := c.Response().Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = corsExposed
	windowless(h)
}

// windowless takes away the two headers that are about windows, where an answer is
// data for everybody and opens none: every byte counts here.
func windowless(h http.Header) {
	delete(h, "Cross-Origin-Opener-Policy")
	delete(h, "Permissions-Policy")
}

// preflight answers a browser that asks what a page of another site may do.
func preflight(c echo.Context) error {
	allowOrigins(c)
	h := c.Response().Header()
	h["Access-Control-Allow-Methods"] = corsMethods
	h["Access-Control-Allow-Headers"] = corsHeaders
	h["Access-Control-Max-Age"] = corsFor
	h["Allow"] = corsMethods
	return c.NoContent(http.StatusNoContent)
}
