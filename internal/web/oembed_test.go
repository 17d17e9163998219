package web_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
)

// oembedFields are the parameters of an answer that oembed.com, 2.3.4, has for
// any type and for the type rich: whether each is a number, and whether it must be
// there.
var oembedFields = map[string]struct{ number, required bool }{
	"type": {required: true}, "version": {required: true}, "title": {}, "author_name": {}, "author_url": {},
	"provider_name": {}, "provider_url": {}, "cache_age": {number: true},
	"thumbnail_url": {}, "thumbnail_width": {number: true}, "thumbnail_height": {number: true},
	"html": {required: true}, "width": {number: true, required: true}, "height": {number: true, required: true},
}

// oembed asks how to embed an address; pairs add parameters.
func (s *site) oembed(address string, pairs ...string) answer {
	s.t.Helper()
	asked := url.Values{"url": {address}}
	for i := 0; i < len(pairs); i += 2 {
		asked.Set(pairs[i], pairs[i+1])
	}
	return s.get("/oembed?" + asked.Encode())
}

// rich is an answer held against the specification, every value as text.
func (s *site) rich(address string, pairs ...string) map[string]string {
	s.t.Helper()
	a, b := s.oembed(address, append(pairs, "format", "json")...), s.oembed(address, append(pairs, "format", "xml")...)
	if a.StatusCode != http.StatusOK || b.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: JSON %s, XML %s", address, a.Status, b.Status)
	}
	if got := a.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		s.t.Errorf("JSON comes as %q", got)
	}
	if got := b.Header.Get("Content-Type"); got != "text/xml; charset=utf-8" {
		s.t.Errorf("XML comes as %q", got)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(a.body), &fields); err != nil {
		s.t.Fatalf("the JSON is not well-formed: %v", err)
	}
	texts := map[string]string{}
	for name, value := range fields {
		known, ok := oembedFields[name]
		if !ok {
			s.t.Errorf("the specification has no %q", name)
		}
		switch value := value.(type) {
		case string:
			if known.number || value == "" {
				s.t.Errorf("%s is the text %q", name, value)
			}
			texts[name] = value
		case float64:
			if !known.number || value != float64(int(value)) || value <= 0 {
				s.t.Errorf("%s is the number %v", name, value)
			}
			texts[name] = strconv.Itoa(int(value))
		default:
			s.t.Errorf("%s is %T", name, value)
		}
	}
	for name, f := range oembedFields {
		if f.required && texts[name] == "" {
			s.t.Errorf("there is no %s", name)
		}
	}
	if texts["type"] != "rich" || texts["version"] != "1.0" {
		s.t.Errorf("type %q, version %q", texts["type"], texts["version"])
	}
	for _, part := range []string{"width", "height"} {
		if (texts["thumbnail_url"] == "") != (texts["thumbnail_"+part] == "") {
			s.t.Errorf("a thumbnail without its address, or without its %s", part)
		}
		limits := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			limits.Set(pairs[i], pairs[i+1])
		}
		if most, err := strconv.Atoi(limits.Get("max" + part)); err == nil && most > 0 {
			for _, name := range []string{part, "thumbnail_" + part} {
				if got, err := strconv.Atoi(texts[name]); err == nil && got > most {
					s.t.Errorf("%s is %d, more than the %d asked for", name, got, most)
				}
			}
		}
	}
	for _, name := range []string{"author_url", "provider_url", "thumbnail_url"} {
		if u, err := url.Parse(texts[name]); texts[name] != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			s.t.Errorf("%s is %q", name, texts[name])
		}
	}
	if same := xmlFields(s.t, b.body); !maps.Equal(texts, same) {
		s.t.Errorf("JSON says %v\nXML says %v", texts, same)
	}
	checkFragment(s.t, texts)
	return texts
}

// xmlFields reads an answer in XML: one element "oembed", and in it one of each
// name with nothing but text.
func xmlFields(t *testing.T, body string) map[string]string {
	t.Helper()
	if !strings.HasPrefix(body, `<?xml version="1.0" encoding="utf-8" standalone="yes"?>`) {
		t.Errorf("the XML begins with %.60q", body)
	}
	fields, path := map[string]string{}, []string{}
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return fields
		}
		if err != nil {
			t.Fatalf("the XML is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
			if _, again := fields[token.Name.Local]; again || len(path) > 2 || path[0] != "oembed" || len(token.Attr) > 0 {
				t.Errorf("the XML has %v", path)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) == 2 {
				fields[path[1]] += string(token)
			}
		}
	}
}

// checkFragment holds the HTML of an answer: well-formed, as the specification
// would have it, of the size that is said, and without any style or script but ours.
func checkFragment(t *testing.T, fields map[string]string) {
	t.Helper()
	found := map[string]map[string]string{}
	for d := xml.NewDecoder(strings.NewReader(fields["html"])); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the HTML is not well-formed: %v: %s", err, fields["html"])
		}
		if e, ok := token.(xml.StartElement); ok {
			attributes := map[string]string{}
			for _, a := range e.Attr {
				attributes[a.Name.Local] = a.Value
			}
			if attributes["style"] != "" || found[e.Name.Local] != nil {
				t.Errorf("the HTML has a style, or twice %s", e.Name.Local)
			}
			found[e.Name.Local] = attributes
		}
	}
	frame := found["iframe"]
	if frame["width"] != fields["width"] || frame["height"] != fields["height"] || frame["class"] != "postbag" || frame["title"] == "" || frame["frameborder"] != "0" {
		t.Errorf("the frame is %v", frame)
	}
	for name := range found {
		if !slices.Contains([]string{"blockquote", "a", "iframe", "script"}, name) {
			t.Errorf("the HTML has %s", name)
		}
	}
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/(cy/)?c/`).MatchString(found["a"]["href"]) {
		t.Errorf("no link to fall back to: %v", found["a"])
	}
}

func TestOEmbed_WhatIsShown(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	base := s.BaseURL()
	const utm = "utm_campaign=autumn&utm_source=mail"
	for name, row := range map[string]struct{ page, frame, link string }{
		"no partner":            {"/c/" + slug, "/embed/c/" + slug, "/c/" + slug},
		"a slash at its end":    {"/c/" + slug + "/", "/embed/c/" + slug, "/c/" + slug},
		"in Welsh":              {"/cy/c/" + slug, "/cy/embed/c/" + slug, "/cy/c/" + slug},
		"a partner":             {"/c/" + slug + "?partner=friends", atFriends, "/c/" + slug + "?partner=friends"},
		"a partner, in Welsh":   {"/cy/c/" + slug + "/?partner=friends#top", "/cy" + atFriends, "/cy/c/" + slug + "?partner=friends"},
		"no such partner":       {"/c/" + slug + "?partner=strangers", "/embed/c/" + slug, "/c/" + slug},
		"where it comes from":   {"/c/" + slug + "?partner=friends&utm_source=Mail&utm_campaign=autumn&utm_term=x", atFriends + "?" + utm, "/c/" + slug + "?partner=friends&" + utm},
		"that without partner":  {"/c/" + slug + "?" + utm, "/embed/c/" + slug + "?" + utm, "/c/" + slug + "?" + utm},
		"how it looks":          {"/c/" + slug + "?partner=friends&theme=dark&compact=1&utm_source=mail", atFriends + "?compact=1&theme=dark&utm_source=mail", "/c/" + slug + "?partner=friends&compact=1&theme=dark&utm_source=mail"},
		"what nobody asked for": {"/c/" + slug + `?partner=friends&x="><script>&accent=%22&utm_source=%3Cb%3E`, atFriends, "/c/" + slug + "?partner=friends"},
	} {
		t.Run(name, func(t *testing.T) {
			in := *s
			in.t = t
			got := in.rich(base + row.page)["html"]
			escaped := strings.NewReplacer("&", "&amp;")
			if want := ` src="` + escaped.Replace(base+row.frame) + `" `; !strings.Contains(got, want) {
				t.Errorf("it shows no %s: %s", want, got)
			}
			if want := `href="` + escaped.Replace(base+row.link) + `"`; !strings.Contains(got, want) {
				t.Errorf("it has no %s: %s", want, got)
			}
			if want := strings.Contains(row.frame, "friends"); strings.HasSuffix(got, `<script async="async" src="`+base+`/embed.js"></script>`) != want {
				t.Errorf("with the script: %v, want %v", !want, want)
			}
			if a := in.get(row.frame); a.StatusCode != http.StatusOK {
				t.Errorf("what it shows: %s", a.Status)
			}
		})
	}
}

func TestOEmbed_Fields(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	page := s.BaseURL() + "/c/" + slug
	got := s.rich(page)
	for name, want := range map[string]string{
		"provider_name": "Postbag", "provider_url": s.BaseURL() + "/", "author_url": page, "cache_age": "600",
		"thumbnail_width": "1200", "thumbnail_height": "630",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	picture := s.get(strings.TrimPrefix(got["thumbnail_url"], s.BaseURL()))
	if picture.StatusCode != http.StatusOK || picture.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the thumbnail: %s %s", picture.Status, picture.Header.Get("Content-Type"))
	}
	if welsh := s.rich(s.BaseURL() + "/cy/c/" + slug); welsh["title"] == got["title"] || welsh["author_url"] != s.BaseURL()+"/cy/c/"+slug {
		t.Errorf("in Welsh: %q by %q", welsh["title"], welsh["author_url"])
	}
}

func TestOEmbed_Sizes(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	page := s.BaseURL() + "/c/" + slug + "?partner=friends"
	usual := s.rich(page)
	for name, row := range map[string]struct{ pairs []string }{
		"narrow":              {[]string{"maxwidth", "320"}},
		"next to nothing":     {[]string{"maxwidth", "1", "maxheight", "1"}},
		"as WordPress asks":   {[]string{"maxwidth", "500", "maxheight", "750"}},
		"low":                 {[]string{"maxheight", "200"}},
		"wide":                {[]string{"maxwidth", "1920", "maxheight", "1080"}},
		"too low for picture": {[]string{"maxwidth", "1200", "maxheight", "629"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := *s
			in.t = t
			in.rich(page, row.pairs...)
		})
	}
	for _, nonsense := range []string{"", "0", "-1", "wide", "12e3", "99999999999999999999"} {
		if got := s.rich(page, "maxwidth", nonsense, "maxheight", nonsense); !maps.Equal(got, usual) {
			t.Errorf("a limit of %q changes the answer", nonsense)
		}
	}
	height := func(address string, pairs ...string) int {
		n, err := strconv.Atoi(s.rich(address, pairs...)["height"])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	whole := height(page)
	if narrow := height(page, "maxwidth", "320"); narrow <= whole {
		t.Errorf("%d high where it is narrow, %d where it is not", narrow, whole)
	}
	if compact := height(page + "&compact=1"); compact >= whole {
		t.Errorf("%d high without the campaign's words, %d with them", compact, whole)
	}
}

func TestOEmbed_Refused(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	page := s.BaseURL() + "/c/" + slug
	for name, row := range map[string]struct {
		query string
		want  int
	}{
		"no address":        {"", 404},
		"an empty address":  {"url=", 404},
		"no URL":            {"url=" + url.QueryEscape("http://[::1"), 404},
		"somebody else's":   {"url=" + url.QueryEscape("https://elsewhere.example/c/"+slug), 404},
		"another port":      {"url=" + url.QueryEscape("http://127.0.0.1:1/c/"+slug), 404},
		"a part of ours":    {"url=" + url.QueryEscape(strings.Replace(page, "127.0.0.1", "127.0.0.1.elsewhere.example", 1)), 404},
		"with a password":   {"url=" + url.QueryEscape(strings.Replace(page, "http://", "http://a:b@", 1)), 404},
		"another scheme":    {"url=" + url.QueryEscape(strings.Replace(page, "http://", "javascript://", 1)), 404},
		"no scheme":         {"url=" + url.QueryEscape("/c/"+slug), 404},
		"no campaign":       {"url=" + url.QueryEscape(s.BaseURL()+"/c/nothing"), 404},
		"no page for it":    {"url=" + url.QueryEscape(page+"/mps"), 404},
		"the front page":    {"url=" + url.QueryEscape(s.BaseURL()+"/"), 404},
		"a private page":    {"url=" + url.QueryEscape(s.BaseURL()+"/l/0123456789012345678901"), 404},
		"an unknown format": {"format=yaml&url=" + url.QueryEscape(page), 501},
		"JSON as code":      {"format=jsonp&url=" + url.QueryEscape(page), 501},
		"capitals":          {"format=JSON&url=" + url.QueryEscape(page), 501},
	} {
		a := s.get("/oembed?" + row.query)
		if a.StatusCode != row.want || strings.Contains(a.body, "iframe") {
			t.Errorf("%s: %s, want %d", name, a.Status, row.want)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: CORS %q, %q", name, a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Cache-Control"))
		}
	}
	if strings.Contains(s.log.String(), "ERROR") {
		t.Error("a refusal is logged as a fault of ours")
	}
	if strings.Contains(s.log.String(), "elsewhere.example") {
		t.Error("the log holds an address")
	}
	for _, same := range []string{strings.Replace(page, "http://", "HTTP://", 1), strings.Replace(page, "http://", "https://", 1)} {
		if a := s.oembed(same); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", same, a.Status)
		}
	}
}

func TestOEmbed_IsKept(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	page := s.BaseURL() + "/c/" + slug + "?partner=friends"
	a := s.oembed(page)
	if a.Header.Get("Cache-Control") != "public, max-age=600" || a.Header.Get("Vary") != "Accept-Encoding" || a.Header.Get("ETag") == "" || a.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%v", a.Header)
	}
	if len(a.Cookies()) > 0 {
		t.Error("it sets a cookie")
	}
	path := "/oembed?url=" + url.QueryEscape(page)
	if again := s.do(http.MethodGet, path, nil, "If-None-Match", a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || again.body != "" {
		t.Errorf("asked again: %s", again.Status)
	}
	if xml := s.get(path + "&format=xml"); xml.Header.Get("ETag") == a.Header.Get("ETag") {
		t.Error("JSON and XML have one tag")
	}
	if head := s.do(http.MethodHead, path, nil); head.StatusCode != http.StatusOK || head.body != "" {
		t.Errorf("the head of it: %s, %d bytes", head.Status, len(head.body))
	}
}

// A partner who leaves is no longer offered.
func TestOEmbed_APartnerWhoLeft(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	gone := *s.Service().Partners()[0]
	gone.RetiredAt = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	if err := s.Service().EditPartner(t.Context(), account.Actor{Name: "test"}, gone); err != nil {
		t.Fatal(err)
	}
	if got := s.rich(s.BaseURL() + "/c/" + slug + "?partner=friends")["html"]; strings.Contains(got, "friends") || !strings.Contains(got, "/embed/c/"+slug) {
		t.Error(got)
	}
}

var discovery = regexp.MustCompile(`<link rel="alternate" type="(application/json|text/xml)\+oembed" href="([^"]*)">`)

func TestOEmbed_Discovery(t *testing.T) {
	s := start(t, nil)
	s.partner(friends)
	for path, frame := range map[string]string{
		"/c/" + slug:                        atLink,
		"/c/" + slug + "?partner=strangers": atLink,
		"/cy/c/" + slug:                     "/cy" + atLink,
		"/c/" + slug + "?partner=friends":   atFriends,
		"/cy/c/" + slug + "?partner=friends&utm_source=x&theme=dark": "/cy" + atFriends + "?theme=dark&amp;utm_source=x",
	} {
		head, _, _ := strings.Cut(s.get(path).body, "</head>")
		links := discovery.FindAllStringSubmatch(head, -1)
		if len(links) != 2 || links[0][1] != "application/json" || links[1][1] != "text/xml" {
			t.Fatalf("%s: %v", path, links)
		}
		for i, format := range []string{"json", "xml"} {
			address := strings.ReplaceAll(links[i][2], "&amp;", "&")
			if !strings.HasPrefix(address, s.BaseURL()+"/oembed?url=") || !strings.HasSuffix(address, "&format="+format) {
				t.Errorf("%s: %s", path, address)
			}
			a := s.get(strings.TrimPrefix(address, s.BaseURL()))
			text := a.body
			if format == "json" {
				var o struct{ HTML string }
				if err := json.Unmarshal([]byte(a.body), &o); err != nil {
					t.Fatal(err)
				}
				text = o.HTML
			} else {
				text = xmlFields(t, text)["html"]
			}
			if want := fmt.Sprintf(` src="%s%s" `, s.BaseURL(), frame); !strings.Contains(text, want) {
				t.Errorf("%s leads to no %s: %s", path, want, text)
			}
		}
	}
	for _, path := range []string{"/c/" + slug + "/mps", "/accessibility", atFriends, atLink} {
		if strings.Contains(s.get(path).body, "+oembed") {
			t.Errorf("%s says that it can be embedded", path)
		}
	}
}

const atLink = "/embed/c/" + slug

// What stands in the place of a form takes along where its reader came from.
func TestEmbed_TheLinkKeepsItsSource(t *testing.T) {
	s := start(t, nil)
	if got := s.get(atLink + "?utm_source=mail&utm_term=x&partner=none").body; !strings.Contains(got, `href="/c/`+slug+`?utm_source=mail"`) {
		t.Error(got)
	}
}
