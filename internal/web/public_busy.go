package web

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// How long a page that waits does so at least, and how much longer at most, so that
// those who wait do not all come at once.
const (
	busyFor    = 20 * time.Second
	busySpread = 20 * time.Second
)

// showBusy answers a letter that has to wait because so many write: with all that
// was typed, and a button that sends it. A script presses it by itself.
func (s *Server) showBusy(c echo.Context, found *campaign.Campaign, f letterForm, busy *campaign.BusyError) error {
	wait := max(busyFor, busy.For) + rand.N(busySpread)
	page := view.Busy{
		Frame: s.campaignFrame(f.Lang, found), Action: here(c, f.Lang), Fields: hiddenValues(c.Request().PostForm),
		Seconds: int(math.Ceil(wait.Seconds())), Network: busy.Check == campaign.CheckAddress,
	}
	page.Embed = embed(c)
	page.Title = s.View.T(f.Lang, "title.busy")
	c.Response().Header().Set("Retry-After", strconv.Itoa(page.Seconds))
	return s.page(c, http.StatusTooManyRequests, page)
}
