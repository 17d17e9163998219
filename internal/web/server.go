// Package web is the program's face to browsers and to programs that speak
// HTTP. It is the only importer of echo. The code of a page stands in the file
// named after its address: public_*.go for supporters, api_*.go for programs,
// dev_*.go for development.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/atlas"
	"postbag/internal/auth"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// Options are what a Server is made of.
type Options struct {
	Service    *campaign.Service
	View       *view.Renderer
	Map        *atlas.Layout // the hex map; nil: pages show none
	Log        *slog.Logger
	Ready      func(context.Context) error // why the program is not ready; nil when it is
	Mail       DevMail                     // the captured mail; nil when mail is sent
	Captured   bool                        // nothing is delivered
	TestMode   bool                        // letters go to the test recipient
	Production bool
	Proxies    []netip.Prefix // that are believed about whom they speak for, besides those on this machine

	Accounts *account.Service // who runs campaigns
	Sessions *auth.Sessions   // who of them is signed in

	Sync *campaign.RosterSync // takes Parliament's list anew

	Hosts Hosts // reads pages of partners' sites
	Hooks Hooks // takes what relay providers tell; nil: none may

	SecurityContact string           // an address of mail or of a page, for whoever finds a weakness
	Now             func() time.Time // the clock

	TestRecipient string // the address, in test mode
	Notice        Notice // what the privacy notice says of the settings
	Reload        bool   // templates may change: cache no page
}

// Server answers every request. It is an http.Handler.
type Server struct {
	Options
	echo    *echo.Echo
	cross   *http.CrossOriginProtection
	pages   pageCache
	lists   listCache
	rosters rosterCache
	themes  themes
	embeds  embedCache
	sourced embedCache // pages of embeds whose address says where it stood
	live    *live
	doctor  sync.Map // account ids: for whom a page is being checked

	perAddress, perKey *limits // of the API
	wrongKeys          *limits // by address
	pictures           *pictureCache
	langs              []string // that pages are written in
	name               name     // of the site
}

// Limits on a request.
const (
	// maxForm is the most bytes of a form: a letter of campaign.MaxBody
	// characters of four bytes each, percent-encoded, and the rest.
	maxForm = 256 << 10
	// maxEditForm is the most bytes of a form that holds a campaign's file or a part
	// of it: some more than campaign.MaxFile bytes are when all are percent-encoded,
	// so that a file that is too long comes back with a sentence.
	maxEditForm = 3*campaign.MaxFile + 64<<10
	// maxHeader is the most bytes of all header fields together.
	maxHeader = 16 << 10
)

// New returns a server.
func New(o Options) *Server {
	s := &Server{Options: o, echo: echo.New(), cross: http.NewCrossOriginProtection(), langs: o.View.Languages(), pictures: newPictureCache(), live: newLive(),
		perAddress: newLimits("address", LimitPerAddress), perKey: newLimits("key", LimitPerKey),
		wrongKeys: newLimits("address", LimitPerAddress), name: nameOf(o.View.Base())}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.Use(s.frame)

	get := func(path string, h echo.HandlerFunc) { e.Match([]string{http.MethodGet, http.MethodHead}, path, h) }

	get("/", s.showHome)
	get("/c/:campaign", s.showCampaign)
	get("/c/:campaign/theme.:file", s.showTheme)
	get("/c/:campaign/image.:file", s.showImage)
	e.POST("/c/:campaign/letter", s.startLetter)
	e.POST("/c/:campaign/preview", s.previewLetter)
	e.POST("/c/:campaign/send", s.sendLetter)
	e.POST("/c/:campaign/sent-myself", s.reportSentMyself)
	for _, step := range []string{"letter", "preview", "send", "sent-myself"} {
		get("/c/:campaign/"+step, s.backToCampaign)
	}
	get("/check", s.shortCheck)
	get("/c/:campaign/check", s.showCheck)
	e.POST("/c/:campaign/check", s.submitCheck)
	get("/c/:campaign/check/card", s.showCheckCard)
	get("/c/:campaign/mps", s.showMPs)
	e.POST("/c/:campaign/mps", s.findMP)
	get("/c/:campaign/mps.csv", s.mpsCSV)
	get("/c/:campaign/mps.json", s.mpsJSON)
	get("/c/:campaign/mps/:seat", s.showSeat)
	get("/c/:campaign/mps/:seat/picture.png", s.showSeatPicture)
	get("/c/:campaign/map", s.showMap)
	get("/c/:campaign/picture.png", s.showPicture)
	get("/icons/:file", s.showIcon)
	get("/l/:token", s.showPrivate)
	e.POST("/l/:token/confirm", s.confirmLetter)
	e.POST("/l/:token/withdraw", s.withdrawLetter)
	e.POST("/l/:token/erase", s.eraseLetter)
	e.POST("/l/:token/reply", s.noteReply)
	e.POST("/l/:token/data", s.copyLetter)
	e.POST("/l/:token/readdress", s.readdressLetter)
	for _, step := range []string{"confirm", "readdress", "withdraw", "erase", "reply", "data"} {
		get("/l/:token/"+step, s.backToPrivate)
	}
	get("/accessibility", s.showAccessibility)
	get("/privacy", s.showNotice)
	get("/c/:campaign/privacy", s.showCampaignNotice)
	get("/robots.txt", s.showRobots)
	get("/.well-known/security.txt", s.showSecurity)
	get("/sitemap.xml", s.showSitemap)
	get("/manifest.webmanifest", s.showManifest)
	get("/assets/:file", s.showAsset)

	get("/api", s.showAPI)
	get("/healthz", s.health)
	get("/readyz", s.readiness)

	e.POST("/hooks/mail/:provider", s.takeHook)

	s.apiRoutes()
	s.embedRoutes(get)
	get("/oembed", s.showOEmbed)
	s.partnerLinkRoutes(get)
	s.optInRoutes(get)
	s.organiseRoutes()

	if !o.Production {
		get("/dev/style", s.showStyle)
	}
	if o.Mail != nil && !o.Production {
		get("/dev/mail", s.showDevMails)
		get("/dev/mail/:id", s.showDevMail)
		get("/dev/mail/:id/raw", s.showDevMailRaw)
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.echo.ServeHTTP(w, s.localise(s.fromProxies(r)))
}

// HTTP returns an http.Server with the time limits that keep a slow or
// malicious client from holding connections.
func (s *Server) HTTP() *http.Server {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(s.live.stop)
	return server
}
