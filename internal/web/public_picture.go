package web

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/picture"
	"postbag/internal/view"
)

var typePNG = []string{"image/png"}

// showPicture answers GET /c/{campaign}/picture.png: what networks show with a
// shared link to the campaign.
func (s *Server) showPicture(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	lang := s.lang(c)
	text := found.Text(lang)
	card := s.card(lang, text, text.Headline, public.Total)
	return s.sendCard(c, wanted{name: "campaign " + found.Slug + " " + lang, few: true}, found.Accent, card)
}

// showSeatPicture answers GET /c/{campaign}/mps/{seat}/picture.png. Where the
// letters are too few to be told, it asks in place of telling.
func (s *Server) showSeatPicture(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	roster, _ := s.Service.Roster()
	seat, ok := roster.BySlug(c.Param("seat"))
	if !ok {
		return echo.ErrNotFound
	}
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	lang := s.lang(c)
	letters := public.Disclosed[seat.Constituency.Code]
	card := s.card(lang, found.Text(lang), s.seatHeadline(lang, seat, letters), letters)
	return s.sendCard(c, wanted{name: "seat " + found.Slug + " " + lang + " " + seat.Constituency.Code}, found.Accent, card)
}

// card is what a picture says, with the letters on its stamp; that of the first
// class while none are told.
func (s *Server) card(lang string, text *campaign.Text, headline string, letters int) picture.Card {
	card := picture.Card{
		Site: text.Title, Headline: headline, Detail: s.View.T(lang, "share.picture"), Foot: s.host(),
		Stamp: s.View.T(lang, "campaign.stamp_first"), StampWords: s.View.T(lang, "campaign.stamp_zero"),
	}
	if letters > 0 {
		card.Stamp, card.StampWords = s.View.Number(lang, letters), s.View.T(lang, "campaign.stamp", "n", letters)
	}
	return card
}

// seatHeadline says how many letters came from a constituency, or asks those
// who live there when that may not be told.
func (s *Server) seatHeadline(lang string, seat parliament.Seat, letters int) string {
	name := seat.Constituency.NameIn(lang)
	if letters == 0 {
		return s.View.T(lang, "share.seat_none", "constituency", name)
	}
	return s.View.T(lang, "share.seat", "constituency", name, "n", letters)
}

// host is the site's name on the network, as the pictures show it.
func (s *Server) host() string {
	u, err := url.Parse(s.View.Base())
	if err != nil {
		return ""
	}
	return u.Host
}

// sendCard answers with a picture, drawn unless the one that is kept says the
// same. When too many are to be drawn already, it asks to come back.
func (s *Server) sendCard(c echo.Context, w wanted, accent *campaign.Accent, card picture.Card) error {
	w.says = fmt.Sprintf("%q", []string{card.Site, card.Headline, card.Stamp, card.StampWords, card.Detail})
	if accent != nil {
		w.says += accent.Hex
		card.Accent = colourOf(accent.Hex)
	}
	w.draw = func(to io.Writer) error {
		painter, err := s.pictures.painter()
		if err != nil {
			return err
		}
		return painter.PNG(to, card)
	}
	body, err := s.pictures.get(w)
	if errors.Is(err, errBusy) {
		c.Response().Header()["Cache-Control"] = noStore
		c.Response().Header().Set("Retry-After", "5")
		return c.NoContent(http.StatusServiceUnavailable)
	}
	if err != nil {
		return fmt.Errorf("draw the picture: %w", err)
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=600")
	c.Response().Header()["Content-Type"] = typePNG
	return sendRaw(c, http.StatusOK, body)
}

// colourOf reads a campaign's colour, "#1f6f50"; nil when it is none.
func colourOf(hex string) color.Color {
	c := color.RGBA{A: 0xff}
	if n, err := fmt.Sscanf(hex, "#%02x%02x%02x", &c.R, &c.G, &c.B); n != 3 || err != nil {
		return nil
	}
	return c
}

// pictureOf is the picture of a page, for those who share a link to it. Its
// address changes when what it says does, as networks keep what they once saw.
func pictureOf(path, says string, letters int) *view.Picture {
	return &view.Picture{Path: path + "/picture.png?n=" + strconv.Itoa(letters), Alt: says}
}

// showIcon answers GET /icons/{size}: the site's mark as phones want it.
func (s *Server) showIcon(c echo.Context) error {
	icon, ok := icons[c.Param("file")]
	if !ok {
		return echo.ErrNotFound
	}
	body, err := s.pictures.get(wanted{name: "icon " + c.Param("file"), few: true, draw: func(w io.Writer) error {
		return picture.Icon(w, icon.size, icon.maskable)
	}})
	if err != nil {
		return fmt.Errorf("draw the icon: %w", err)
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	c.Response().Header()["Content-Type"] = typePNG
	return sendRaw(c, http.StatusOK, body)
}

// icons are the sizes that phones ask for, by file.
var icons = map[string]struct {
	size     int
	maskable bool // may be cut to any shape
}{
	"192.png": {192, false}, "512.png": {512, false}, "192-maskable.png": {192, true}, "512-maskable.png": {512, true}, "180.png": {180, true},
}
