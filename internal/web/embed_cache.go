package web

import (
	"bytes"
	"sync"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// mostEmbeds is how many pages and stylesheets of embeds are kept. Whoever asks
// for more combinations of options than that has us make them anew.
const mostEmbeds = 512

// embedCache keeps the first page of embeds and the stylesheets of their options.
type embedCache struct {
	mu     sync.RWMutex
	pages  map[embedKey]*cachedPage
	themes map[themeKey]view.Theme
}

// embedKey is everything that the first page of an embed depends on.
type embedKey struct {
	campaign *campaign.Campaign
	partner  string
	version  int // of the partner
	lang     string
	options  string
	letters  int
	via      string
	source   string    // see campaign.Credit
	waits    time.Time // see view.CampaignPage
}

// themeKey is what a stylesheet depends on.
type themeKey struct{ options, accent string }

// page returns the page as it is kept, and keeps it.
func (e *embedCache) page(r *view.Renderer, key embedKey, page view.Page) (*cachedPage, error) {
	e.mu.RLock()
	have, ok := e.pages[key]
	e.mu.RUnlock()
	if ok {
		return have, nil
	}
	var html bytes.Buffer
	if err := r.Render(&html, page); err != nil {
		return nil, err
	}
	made, err := newCachedPage(html.Bytes())
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pages == nil || len(e.pages) >= mostEmbeds {
		e.pages = map[embedKey]*cachedPage{}
	}
	e.pages[key] = made
	return made, nil
}

// theme is the stylesheet of options for a campaign of this accent.
func (e *embedCache) theme(r *view.Renderer, look view.EmbedLook, accent *campaign.Accent) (view.Theme, error) {
	key := themeKey{options: look.Query()}
	if accent != nil {
		key.accent = accent.Hex
	}
	e.mu.RLock()
	have, ok := e.themes[key]
	e.mu.RUnlock()
	if ok {
		return have, nil
	}
	made, err := r.EmbedTheme(look, accent)
	if err != nil {
		return view.Theme{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.themes == nil || len(e.themes) >= mostEmbeds {
		e.themes = map[themeKey]view.Theme{}
	}
	e.themes[key] = made
	return made, nil
}
