package web

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// checkRoute is the route of "is my MP safe to talk to?". Of its requests the
// log tells neither the size nor the time they took, which differ by answer.
const checkRoute = "/c/:campaign/check"

// showCheck answers GET /c/{campaign}/check: the question.
func (s *Server) showCheck(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	page := s.checkPage(s.lang(c), found)
	page.NoIndex = false
	page.ShareTitle = s.View.T(page.Lang, "safe.heading")
	page.Summary = s.View.T(page.Lang, "safe.summary")
	page.Suggest = s.suggest(c, page.Path)
	return s.padded(c, http.StatusOK, page)
}

// submitCheck answers POST /c/{campaign}/check. What was typed is in no address,
// and nothing of it is kept: see campaign.Service.Ask.
func (s *Server) submitCheck(c echo.Context) error {
	slug, lang := c.Param("campaign"), s.lang(c)
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return err
	}
	form, err := readValues(c)
	if err != nil {
		return err
	}
	page := s.checkPage(lang, found)
	page.Typed = form.Get(campaign.FieldQuestion)
	var f campaign.Finding
	if code := form.Get(fieldConstituency); code != "" {
		f, err = s.Service.AskAbout(c.Request().Context(), slug, code)
	} else {
		f, err = s.Service.Ask(c.Request().Context(), slug, page.Typed)
	}
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		page.Error = s.View.T(lang, "safe.wrong.mistaken")
	case err != nil:
		return err
	}
	for _, a := range f.Answers {
		page.Answers = append(page.Answers, checkAnswer(lang, found, a))
	}
	switch f.Match {
	case campaign.MatchOne:
		page.Typed = "" // whoever looks over a shoulder need not read it as well
		page.Advice = advice(lang, found)
	case campaign.MatchSeveral, campaign.MatchNear, campaign.MatchNorthernIreland:
		page.Which = s.View.T(lang, "safe.which."+string(f.Match), "within", f.Within)
	case campaign.MatchOutside:
		page.Error = s.View.T(lang, "safe.wrong.outside", "place", s.View.T(lang, "place."+f.Place.String()))
	case "": // no such constituency
	default:
		page.Error = s.View.T(lang, "safe.wrong."+string(f.Match))
	}
	if page.Error != "" {
		return s.padded(c, http.StatusUnprocessableEntity, page)
	}
	return s.padded(c, http.StatusOK, page)
}

// shortCheck answers GET /check, which is short enough to be typed from a card:
// it leads to the oldest campaign's check, so that cards which are out keep
// their meaning when another campaign begins.
func (s *Server) shortCheck(c echo.Context) error {
	campaigns := s.Service.Campaigns()
	if len(campaigns) == 0 {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/c/"+campaigns[0].Slug+"/check"))
}

// showCheckCard answers GET /c/{campaign}/check/card: cards to print.
func (s *Server) showCheckCard(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	lang := s.lang(c)
	check := "/c/" + found.Slug + "/check"
	address := s.View.Base() + view.At(lang, check)
	if found.Slug == s.Service.Campaigns()[0].Slug {
		address = s.View.Base() + view.At(lang, "/check")
	}
	code, err := view.NewQR(address)
	if err != nil {
		return err
	}
	_, typed, _ := strings.Cut(address, "://")
	page := view.CheckCard{Frame: s.campaignFrame(lang, found), Address: typed, Code: code}
	page.Path = check + "/card"
	page.Title = s.View.T(lang, "safe.card_heading")
	return s.page(c, http.StatusOK, page)
}

// exitOf returns where a campaign's "leave this page" leads, also from an address
// of no campaign.
func (s *Server) exitOf(slug string) string {
	found, err := s.Service.Campaign(slug)
	if err != nil {
		return campaign.DefaultExit
	}
	return found.Exit
}

func (s *Server) checkPage(lang string, found *campaign.Campaign) view.CheckPage {
	page := view.CheckPage{Frame: s.campaignFrame(lang, found)}
	page.Path = "/c/" + found.Slug + "/check"
	page.Exit = found.Exit
	return page
}

func checkAnswer(lang string, found *campaign.Campaign, a campaign.Safety) view.CheckAnswer {
	return view.CheckAnswer{
		Standing: a.Standing, Constituency: a.Seat.Constituency.NameIn(lang), Code: a.Seat.Constituency.Code,
		MP: a.Seat.Member.Name, Party: a.Seat.Member.Party,
		On: a.Pledge.On, TakenBack: a.Pledge.WithdrawnOn, Evidence: a.Pledge.Evidence,
		About: found.About(lang, a),
	}
}

// advice lists the organisations that people can turn to.
func advice(lang string, found *campaign.Campaign) []view.CheckAdvice {
	var list []view.CheckAdvice
	for _, o := range slices.Concat(found.Signatories, found.Supporting) {
		if o.GivesAdvice() {
			words, own := o.AdviceIn(lang)
			in := lang
			if !own {
				in = found.DefaultLang
			}
			list = append(list, view.CheckAdvice{Name: o.Name, For: words, Lang: foreign(lang, in), URL: o.URL, Phone: o.Phone})
		}
	}
	return list
}

// Sizes, in bytes, that pages of the check are filled up to a multiple of. Even
// encrypted, a page's size is seen by whoever watches the network, and would
// tell one answer from another.
const (
	checkZipped = 8 << 10
	checkPlain  = 32 << 10
)

// padded renders a page, fills it up and sends it. A compressed page is filled
// up in the header of its gzip stream (RFC 1952, 2.3.1.1: "extra" bytes, which
// readers skip), so that neither compressing nor a proxy undoes it.
func (s *Server) padded(c echo.Context, code int, p view.Page) error {
	var html bytes.Buffer
	if err := s.View.Render(&html, p); err != nil {
		return err
	}
	h := c.Response().Header()
	h["Cache-Control"] = noStore
	h["Content-Type"] = typeHTML
	h.Set("Vary", "Accept-Encoding")
	if !takesGzip(c.Request()) {
		html.WriteString(strings.Repeat("\n", fill(html.Len(), checkPlain)))
		return sendRaw(c, code, html.Bytes())
	}
	body, err := filled(html.Bytes(), checkZipped)
	if err != nil {
		return err
	}
	h.Set("Content-Encoding", "gzip")
	return sendRaw(c, code, body)
}

// fill returns how many bytes are missing to a multiple of step.
func fill(size, step int) int { return (step - size%step) % step }

// filled compresses a page to a multiple of step.
func filled(html []byte, step int) ([]byte, error) {
	bare, err := zipped(html, 0)
	if err != nil {
		return nil, err
	}
	return zipped(html, fill(len(bare), step))
}

// zipped compresses a page, with so many extra bytes in its header. Their length
// stands before them, even when there are none: it is two bytes of the size.
func zipped(html []byte, extra int) ([]byte, error) {
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, gzip.DefaultCompression)
	if err != nil {
		return nil, err
	}
	zw.Extra = make([]byte, extra)
	if _, err := zw.Write(html); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
