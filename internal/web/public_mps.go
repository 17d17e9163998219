package web

import (
	"bytes"
	"sync"

	"github.com/labstack/echo/v4"

	"postbag/internal/parliament"
	"postbag/internal/view"
)

// showMPs answers GET /c/{campaign}/mps: every MP, pledged or not. The whole
// list is the same for everyone until one of its facts changes, so it is
// rendered once for each; what a search found (?q=) is made anew.
func (s *Server) showMPs(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	if q := c.QueryParam("q"); q != "" {
		return s.showFound(c, found, q)
	}
	facts, err := s.facts(c.Request().Context(), found)
	if err != nil {
		return err
	}
	lang, path := s.lang(c), "/c/"+found.Slug+"/mps"
	suggest := s.suggest(c, path)
	key := listKey{slug: found.Slug, lang: lang, sort: sortOf(c.QueryParam("sort")), suggested: suggest != nil}
	return s.sendKept(c, key, facts.version, func() (view.Page, error) {
		page := s.listPage(lang, facts, key.sort)
		page.NoIndex, page.Path, page.Suggest = false, path, suggest
		return page, nil
	})
}

// sendKept sends the page of a key, made and rendered anew only when it is of
// other facts.
func (s *Server) sendKept(c echo.Context, key listKey, version uint64, make func() (view.Page, error)) error {
	p, err := s.lists.get(key, version, s.Reload, func() (*cachedPage, error) {
		page, err := make()
		if err != nil {
			return nil, err
		}
		var html bytes.Buffer
		if err := s.View.Render(&html, page); err != nil {
			return nil, err
		}
		return newCachedPage(html.Bytes())
	})
	if err != nil {
		return err
	}
	return p.send(c)
}

// listPage is the whole list in one order.
func (s *Server) listPage(lang string, f listFacts, order listSort) view.MPs {
	page := s.mpsPage(lang, f)
	seats := f.roster.Seats()
	parliament.SortByName(seats, lang)
	all := f.ofAll(seats)
	w := s.rowWords(lang, f)
	page.Groups = w.groups(f.roster, all, order)
	page.Places = order == byConstituency
	page.Filters = w.filters(f.roster, all)
	for _, each := range listSorts {
		url := view.At(lang, page.Path)
		if each != byConstituency {
			url += "?sort=" + string(each)
		}
		name := string(each)
		if each == byConstituency {
			name = "constituency"
		}
		page.Sorts = append(page.Sorts, view.MPSort{Name: s.View.T(lang, "mps.sort_"+name), URL: url, Current: each == order})
	}
	return page
}

// mpsPage is the list's page without its rows.
func (s *Server) mpsPage(lang string, f listFacts) view.MPs {
	page := view.MPs{Frame: s.campaignFrame(lang, f.campaign), Pledged: f.pledges.Standing, Total: parliament.SeatCount}
	page.Path = "/c/" + f.campaign.Slug + "/mps"
	page.Title = s.View.T(lang, "title.mps")
	page.Summary = s.View.T(lang, "mps.lead")
	return page
}

// listSort is an order of the list, as it stands in addresses.
type listSort string

const (
	byConstituency listSort = "" // by nation and region, then by name
	bySurname      listSort = "name"
	byLetters      listSort = "letters"
	byPledge       listSort = "pledge"
)

var listSorts = []listSort{byConstituency, bySurname, byLetters, byPledge}

// sortOf reads an order; what is none is the first.
func sortOf(typed string) listSort {
	for _, each := range listSorts {
		if string(each) == typed {
			return each
		}
	}
	return byConstituency
}

// listKey is what a kept list depends on besides its facts.
type listKey struct {
	slug, lang string
	sort       listSort
	suggested  bool // with another language on offer
	kind       string
}

// listCache keeps the latest list of each key.
type listCache struct {
	mu    sync.Mutex
	lists map[listKey]versionedPage
}

type versionedPage struct {
	version uint64
	page    *cachedPage
}

// get returns the list of a key, made anew when it is of other facts. It makes
// one at a time: when the facts change under many readers, one of them makes the
// list and the others wait for it.
func (l *listCache) get(key listKey, version uint64, always bool, make func() (*cachedPage, error)) (*cachedPage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if have, ok := l.lists[key]; ok && have.version == version && !always {
		return have.page, nil
	}
	page, err := make()
	if err != nil {
		return nil, err
	}
	if l.lists == nil {
		l.lists = map[listKey]versionedPage{}
	}
	l.lists[key] = versionedPage{version, page}
	return page, nil
}
