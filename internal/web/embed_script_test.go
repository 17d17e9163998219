package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postbag/assets"
	"postbag/internal/campaign"
	"postbag/internal/view"
	"postbag/templates"
)

// mostScript is the most bytes of the script that partners' pages load, compressed.
const mostScript = 2 << 10

func TestEmbedScript(t *testing.T) {
	s := start(t, nil)
	a := s.do(http.MethodGet, "/embed.js", nil, "Accept-Encoding", "gzip")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Encoding") != "gzip" || len(a.body) >= mostScript {
		t.Errorf("%s, %q, %d bytes, want less than %d", a.Status, a.Header.Get("Content-Encoding"), len(a.body), mostScript)
	}
	t.Logf("%d bytes compressed", len(a.body))
	for name, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
		"Cache-Control": "public, max-age=600", "Vary": "Accept-Encoding",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	again := s.do(http.MethodGet, "/embed.js", nil, "If-None-Match", a.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || again.body != "" {
		t.Errorf("asked again: %s, %d bytes", again.Status, len(again.body))
	}
	if len(a.Cookies()) > 0 {
		t.Error("it sets a cookie")
	}
}

// The script writes a link where a page has none. Its words are the catalogue's.
func TestEmbedScript_Words(t *testing.T) {
	source, err := assets.FS.ReadFile("embed.js")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := view.New(templates.FS, assets.FS, view.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range catalogue.Languages() {
		if words := catalogue.T(lang, "embed.write"); !strings.Contains(string(source), `"`+words+`"`) {
			t.Errorf("%s: it does not say %q", lang, words)
		}
	}
}

// What talks to the page around a form knows whose pages those may be. What
// stands in its place, and may stand anywhere, talks to nobody.
func TestEmbedScript_KnowsWhomItTalksTo(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	const to = `data-origins="https://friends.example https://www.friends.example"`
	for step, a := range map[string]answer{
		"start": s.get("/cy" + atFriends), "choose": s.post(atFriends+"/letter", url.Values{"choose": {"all"}}),
		"letter": s.post(atFriends+"/letter", url.Values{"postcode": {"LS6 3HN"}}), "preview": s.post(atFriends+"/preview", letter()),
		"sent": s.post(atFriends+"/send", letter()),
	} {
		if !strings.Contains(a.body, `data-step="`+step+`" `+to) {
			t.Errorf("%s: the page does not say so, or not whom to tell", step)
		}
	}
	for name, a := range map[string]answer{
		"a link in its place": s.get("/embed/c/" + slug), "another's page": s.do(http.MethodGet, atFriends, nil, "Referer", "https://strangers.example/"),
		"the campaign's page": s.get("/c/" + slug),
	} {
		if strings.Contains(a.body, "embed-frame") || strings.Contains(a.body, "data-origins") {
			t.Errorf("%s has the script that talks", name)
		}
	}
}

// What a link said of the supporter goes along to the letter, whichever way.
func TestEmbed_WhatALinkSaysGoesAlong(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	given := func(more ...string) url.Values {
		form := url.Values{campaign.FieldName: {"Ann Other"}, campaign.FieldEmail: {"ann@supporter.example"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return form
	}
	for _, way := range []string{"/c/" + slug, atFriends} {
		for name, form := range map[string]url.Values{
			"a postcode": given("postcode", "LS6 3HN"), "half a postcode": given("postcode", "LS6"), "none": given(),
			"one that leads nowhere": given("postcode", "LS6 9ZZ"), "none of them": given("choose", "all"),
		} {
			a := s.post(way+"/letter", form)
			for _, field := range []string{campaign.FieldName, campaign.FieldEmail} {
				if !strings.Contains(a.body, `name="`+field+`"`) || !strings.Contains(a.body, `value="`+form.Get(field)+`"`) {
					t.Errorf("%s with %s: the page has lost the %s", way, name, field)
				}
			}
			if a.Request.URL.RawQuery != "" || a.Header.Get("Location") != "" {
				t.Errorf("%s with %s leads to an address", way, name)
			}
		}
	}
}
