package web

import (
	"bytes"
	"context"
	"hash/maphash"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"postbag/internal/atlas"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// showHome answers GET /: the one live campaign, or a list of several.
func (s *Server) showHome(c echo.Context) error {
	lang := s.lang(c)
	campaigns := s.Service.Campaigns()
	if only := onlyOne(campaigns); only != nil {
		c.Response().Header().Set("Cache-Control", "no-cache")
		return c.Redirect(http.StatusSeeOther, view.At(lang, "/c/"+only.Slug))
	}
	page := view.Home{Frame: s.plainFrame(lang)}
	page.NoIndex = false
	page.Title = s.View.T(lang, "title.home")
	page.Path = "/"
	page.Suggest = s.suggest(c, page.Path)
	for _, each := range campaigns {
		public, err := s.Service.PublicCounts(c.Request().Context(), each.Slug)
		if err != nil {
			return err
		}
		text := each.Text(lang)
		page.Campaigns = append(page.Campaigns, view.HomeCampaign{Slug: each.Slug, Title: text.Title, Lead: text.Lead, Lang: foreign(lang, text.Lang), Letters: public.Total,
			Paused: each.Stage == campaign.StagePaused, Closed: each.Closed()})
	}
	return s.page(c, http.StatusOK, page)
}

// onlyOne is the campaign that the site is about, when there is but one, or but
// one that is not over; nil otherwise.
func onlyOne(campaigns []*campaign.Campaign) *campaign.Campaign {
	if len(campaigns) == 1 {
		return campaigns[0]
	}
	var only *campaign.Campaign
	for _, c := range campaigns {
		if c.Closed() {
			continue
		}
		if only != nil {
			return nil
		}
		only = c
	}
	return only
}

// showCampaign answers GET /c/{campaign}. The page is the same for everyone
// until another letter or pledge counts, so it is rendered once for each count.
func (s *Server) showCampaign(c echo.Context) error {
	lang := s.lang(c)
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	public, err := s.Service.PublicCounts(c.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	path := "/c/" + found.Slug
	suggest := s.suggest(c, path)
	tally, err := s.tally(c.Request().Context(), found, public)
	if err != nil {
		return err
	}
	if credit := s.creditAsked(c); !credit.Zero() {
		page, err := s.campaignPage(lang, found, tally)
		if err != nil {
			return err
		}
		page.Path, page.Suggest, page.Credit = path, suggest, creditFields(credit)
		here := embeddable{lang: lang, campaign: found, partner: credit.Partner, source: credit.Source, look: view.ReadEmbedLook(c.QueryParams())}
		page.OEmbed = s.oembedURL(here)
		here.look = view.EmbedLook{Radius: -1}
		if _, asked, ok := strings.Cut(here.page(), "?"); ok {
			page.Asked = "?" + asked
		}
		return s.sendAnew(c, page)
	}
	key := s.newPageKey(found, lang, suggest != nil, tally)
	p, ok := s.pages.get(key)
	if !ok || s.Reload {
		var html bytes.Buffer
		page, err := s.campaignPage(lang, found, tally)
		if err != nil {
			return err
		}
		page.Path, page.Suggest = path, suggest
		page.OEmbed = s.oembedURL(embeddable{lang: lang, campaign: found})
		if err := s.View.Render(&html, page); err != nil {
			return err
		}
		if p, err = newCachedPage(html.Bytes()); err != nil {
			return err
		}
		s.pages.put(key, p)
	}
	return p.send(c)
}

// tally is what a campaign's page tells of how far it has come.
type tally struct {
	counts  campaign.PublicCounts
	pledges campaign.PledgeList
	roster  *parliament.Roster
	version int64 // of the roster
}

func (s *Server) tally(ctx context.Context, c *campaign.Campaign, public campaign.PublicCounts) (tally, error) {
	pledges, err := s.Service.Pledges(ctx, c.Slug)
	roster, version := s.Service.Roster()
	return tally{public, pledges, roster, version}, err
}

// campaignPageNow is the page as things stand, for an answer that no other visitor
// gets.
func (s *Server) campaignPageNow(ctx context.Context, lang string, c *campaign.Campaign) (view.CampaignPage, error) {
	public, err := s.Service.PublicCounts(ctx, c.Slug)
	if err != nil {
		return view.CampaignPage{}, err
	}
	tally, err := s.tally(ctx, c, public)
	if err != nil {
		return view.CampaignPage{}, err
	}
	return s.campaignPage(lang, c, tally)
}

func (s *Server) campaignPage(lang string, c *campaign.Campaign, t tally) (view.CampaignPage, error) {
	page := view.CampaignPage{
		Waits: s.Service.DissolvedUntil(),
		Frame: s.campaignFrame(lang, c), Letters: t.counts.Total,
		Reached: len(t.counts.Disclosed), Least: campaign.SuppressBelow,
		SelfReported: t.counts.SelfReported, Pledged: t.pledges.Standing, Seats: t.roster.Len(),
	}
	page.NoIndex = false
	page.Frame.Picture = pictureOf("/c/"+c.Slug, c.Text(lang).Headline, t.counts.Total)
	if c.Goal > 0 {
		page.Percent = min(100, t.counts.Total*100/c.Goal)
	}
	// A map on which nothing has happened yet tells nothing.
	if s.Map == nil || page.Reached == 0 && page.Pledged == 0 {
		return page, nil
	}
	var svg strings.Builder
	err := s.Map.Overview(&svg, atlas.Options{Title: s.View.T(lang, "campaign.where"), Cell: func(code string) atlas.Cell {
		seat, _ := t.roster.Seat(code)
		return atlas.Cell{Class: atlas.Shade(t.counts.Disclosed[code]), Mark: t.pledges.Stands(seat.Member.ID)}
	}})
	page.Map = template.HTML(svg.String()) //nolint:gosec // our own drawing, which escapes the title
	return page, err
}

// backToCampaign answers a GET of an address that takes forms only: somebody
// reloaded or shared the address of a step.
func (s *Server) backToCampaign(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, view.At(s.lang(c), "/c/"+found.Slug))
}

// pageKey is everything that a cached page depends on.
type pageKey struct {
	campaign  *campaign.Campaign // as last read; another one has other words
	lang      string
	suggested bool // with another language on offer
	letters   int
	reported  int    // letters that people say they sent themselves
	spread    uint64 // of the letters over constituencies
	pledges   uint64
	roster    int64
	waits     time.Time // see view.CampaignPage
}

func (s *Server) newPageKey(c *campaign.Campaign, lang string, suggested bool, t tally) pageKey {
	k := pageKey{campaign: c, lang: lang, suggested: suggested, letters: t.counts.Total, reported: t.counts.SelfReported, pledges: t.pledges.Version, roster: t.version, waits: s.Service.DissolvedUntil()}
	for code, letters := range t.counts.Disclosed { // in any order
		k.spread += maphash.String(spreadSeed, code) * uint64(letters)
	}
	return k
}

var spreadSeed = maphash.MakeSeed()

// place is where a page of this key is kept: the latest one of each campaign
// and language.
func (k pageKey) place() place { return place{k.campaign.Slug, k.lang, k.suggested} }

type place struct {
	slug, lang string
	suggested  bool
}

// pageCache holds the latest pages.
type pageCache struct {
	mu    sync.RWMutex
	pages map[place]keyedPage
}

type keyedPage struct {
	key  pageKey
	page *cachedPage
}

func (p *pageCache) get(key pageKey) (*cachedPage, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	have, ok := p.pages[key.place()]
	return have.page, ok && have.key == key
}

func (p *pageCache) put(key pageKey, page *cachedPage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pages == nil {
		p.pages = map[place]keyedPage{}
	}
	p.pages[key.place()] = keyedPage{key, page}
}

// cachedPage is a page ready to be sent, plain and compressed.
type cachedPage struct {
	html, zipped       []byte
	tag                string
	contentType, cache []string
}

func newCachedPage(html []byte) (*cachedPage, error) {
	var zipped bytes.Buffer
	// Of the largest pages this takes 9 ms, which is longer than making them, once
	// for each state of their facts. The map would be over its limit without.
	zw, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(html); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return &cachedPage{html: html, zipped: zipped.Bytes(), tag: tagOf(html), contentType: typeHTML, cache: revalidate}, nil
}

// send answers with the page, or says that the client has it already.
func (p *cachedPage) send(c echo.Context) error {
	if has(c, p.tag, p.cache) {
		return c.NoContent(http.StatusNotModified)
	}
	h := c.Response().Header()
	h["Content-Type"] = p.contentType
	if takesGzip(c.Request()) {
		h.Set("Content-Encoding", "gzip")
		return sendRaw(c, http.StatusOK, p.zipped)
	}
	return sendRaw(c, http.StatusOK, p.html)
}
