package web

// This file needs no other test's, as form_fuzz_test.go.

import (
	"encoding/csv"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"postbag/assets"
	"postbag/internal/campaign"
	"postbag/internal/view"
	"postbag/templates"
)

func TestTidySearch_cutsOnce(t *testing.T) {
	once := tidySearch(strings.Repeat("a", maxFind-1) + " b")
	if once != strings.Repeat("a", maxFind-1) || tidySearch(once) != once {
		t.Errorf("%q", once)
	}
}

// FuzzAsked gives one text to each reader of what addresses and headers ask for:
// what they make of it keeps to our own pages, and reads as itself.
func FuzzAsked(f *testing.F) {
	for _, asked := range []string{
		"theme=dark&accent=1f6f50&radius=8&compact=1", "accent=%23FFFFFF&radius=-1&theme=x", "accent=+1f6f5", "nation=Wales&pledge=pledged&sort=name&turned=1&range=all&from=2026-01-01&by=day&map=replies&q=a%00+b",
		"cy, en;q=0.8", "cy-GB;q=0, *", "x-cy;q=9e99", "https://friends.example/page?x", "http://[::1", "/organise/c/x?y=z", "//evil.example/organise", "/organise\\evil", "/organise/%2e%2e//x#f", "/cy/c/x",
		"state=held&why=x&member=-1&after=9", "7.1764000000000&8.-9223372036854775808&7.1", `{"a":"b","c":[1]}`, "203.0.113.9, ::ffff:1.2.3.4", "fe80::1%eth0", "2026-01-01T00:00:00+14:00",
		"=cmd|'/C calc'!A0", "＝1", "-1.5", "\xff\"\r\n,", "who=1&what=x&before=9&day=2026-01-01", "",
	} {
		f.Add(asked)
	}
	r, err := view.New(templates.FS, assets.FS, view.Options{Base: "https://letters.example.org"})
	if err != nil {
		f.Fatal(err)
	}
	design, ok := view.ReadEmbedLook(nil), r.Languages()
	if design.Query() != "" || len(ok) < 2 {
		f.Fatal(design, ok)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		if values, err := url.ParseQuery(asked); err == nil {
			checkLook(t, r, values)
			checkDashboard(t, asked, values)
		}
		if s := r.Suggest("en", "/c/x", asked); s != nil && (s.Lang == "en" || !slices.Contains(r.Languages(), s.Lang) || s.URL != view.At(s.Lang, "/c/x")) {
			t.Errorf("%q is offered %+v", asked, s)
		}
		if lang, rest := view.Split(r.Languages(), asked); lang != view.DefaultLang && (view.At(lang, rest) != asked && view.At(lang, rest) != asked+"/" && "/"+asked != view.At(lang, rest) && "/"+asked+"/" != view.At(lang, rest)) {
			t.Errorf("%q is %s of %q", asked, lang, rest)
		}
		to := next(asked)
		if again := next(to); again != to {
			t.Errorf("%q leads to %q, and that to %q", asked, to, again)
		}
		base, _ := url.Parse("https://letters.example.org/organise/sign-in")
		if at, err := base.Parse(to); err != nil || at.Host != base.Host || at.Scheme != base.Scheme || strings.ContainsAny(to, "\r\n\\ ") {
			t.Errorf("%q leads to %q", asked, to)
		}
		checkLists(t, asked)
		request := httptest.NewRequest("GET", "/", nil)
		request.RemoteAddr = "127.0.0.1:4711"
		request.Header["X-Forwarded-For"] = []string{asked, "203.0.113.1"}
		if from := origin(request); from != "203.0.113.1" {
			t.Errorf("who says %q comes from %s", asked, from)
		}
		request.Header["X-Forwarded-For"] = []string{"203.0.113.1", asked}
		if from, err := netip.ParseAddr(origin(request)); err != nil || from.Is4In6() || from.Zone() != "" {
			t.Errorf("the proxy says %q, and it comes from %s", asked, from)
		}
		request.Header.Set("Referer", asked)
		if origin := refererOrigin(request); origin != "" && (&campaign.Partner{Origins: []string{origin}}).MayFrame(origin) != true {
			t.Errorf("%q is of %q", asked, origin)
		}
		checkCSV(t, asked)
	})
}

// checkLook: options that are taken make a stylesheet of colours and lengths alone.
func checkLook(t *testing.T, r *view.Renderer, values url.Values) {
	t.Helper()
	look := view.ReadEmbedLook(values)
	query, err := url.ParseQuery(strings.TrimPrefix(look.Query(), "?"))
	if again := view.ReadEmbedLook(query); err != nil || again.Query() != look.Query() || look.Radius > view.MaxRadius || strings.ContainsAny(look.Query(), "\"<> ;") {
		t.Errorf("%v is %q, which is %q", values, look.Query(), again.Query())
	}
	theme, err := r.EmbedTheme(look, nil)
	if err != nil || (theme.Hash == "") != (len(theme.Body) == 0) || strings.Count(string(theme.Body), "{") != strings.Count(string(theme.Body), "}") ||
		strings.ContainsAny(string(theme.Body), "<\"'\\") || strings.Contains(string(theme.Body), "url(") {
		t.Errorf("the stylesheet of %v is %s, %v", values, theme.Body, err)
	}
}

// checkDashboard: what an address of the dashboard asks for is what the links on it
// ask for again.
func checkDashboard(t *testing.T, asked string, values url.Values) {
	t.Helper()
	q := readDashQuery(&url.URL{Path: atDesk + "/c/x/map.svg", RawQuery: asked})
	u, err := url.Parse(q.with(q.path))
	if err != nil || u.Path != atDesk+"/c/x" {
		t.Fatalf("%q is at %q, %v", asked, q.with(q.path), err)
	}
	if again := readDashQuery(u); again.seats != q.seats || again.series != q.series || again.mapBy != q.mapBy {
		t.Errorf("%q asks for %+v, and its own link for %+v", asked, q, again)
	}
	if filter, wrong := auditFilter(values); wrong != (filter.From.IsZero() && values.Get("day") != "") || !wrong && !filter.From.Equal(filter.Until) && !filter.Until.After(filter.From) {
		t.Errorf("%q sifts by %+v", asked, filter)
	}
}

// checkLists: what letters are listed, and which of them are ticked, comes back from
// the addresses and values that we write; so does what the audit log tells.
func checkLists(t *testing.T, asked string) {
	t.Helper()
	if values, err := url.ParseQuery(asked); err == nil {
		f := filterOf(values)
		again, err := url.ParseQuery(strings.TrimPrefix(query(f, f.After), "?"))
		if got := filterOf(again); err != nil || got != f {
			t.Errorf("%q asks for %+v, and its own link for %+v", asked, f, got)
		}
	}
	all := chosen(strings.Split(asked, "&"))
	for _, c := range all {
		got := chosen([]string{chosenValue(campaign.DeskLetter{ID: c.ID, StateAt: c.Seen})})
		if len(got) != 1 || got[0] != c {
			t.Errorf("%+v is ticked, and then %+v", c, got)
		}
	}
	if told, ok := fields(asked); ok != (told != nil) {
		t.Errorf("%q tells %v", asked, told)
	}
	if since, err := campaign.ReadSince(asked); err == nil && since != "" {
		if again, err := campaign.ReadSince(since); err != nil || again != since {
			t.Errorf("since %q is %q, and that %q", asked, since, again)
		}
	}
}

// checkCSV: a field comes out of the file as it went in, but for the mark that
// keeps a spreadsheet from computing it.
func checkCSV(t *testing.T, field string) {
	t.Helper()
	body, err := csvOf([][]string{{field, "x"}}, true)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body), byteOrderMark))).ReadAll()
	if err != nil || len(records) != 1 || len(records[0]) != 2 {
		t.Fatalf("%q is written as %q, and read as %q, %v", field, body, records, err)
	}
	// Line ends are made the same (RFC 4180).
	want := strings.ReplaceAll(strings.ReplaceAll(field, "\r\n", "\n"), "\r", "")
	got := records[0][0]
	if strings.ReplaceAll(strings.TrimPrefix(got, "'"), "\r", "") != want && strings.ReplaceAll(got, "\r", "") != want {
		t.Errorf("%q is read as %q", field, got)
	}
	if campaign.Harmless(got) != got {
		t.Errorf("%q begins a formula", got)
	}
}
