package campaign_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

var desker = account.Actor{Account: 1, Name: "Olwen"}

func friends() Partner {
	return Partner{
		Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example",
		Origins: []string{"https://friends.example", "https://www.friends.example:8443"}, Contact: "web@friends.example",
		OptIn: map[string]string{"en": "Friends of Leeds may write to me."},
	}
}

func TestParseOrigin(t *testing.T) {
	for typed, want := range map[string]string{
		"..": "", "https://.example.org": "", "example.org..": "", "www..example.org": "", "https://.:443": "",
		"https://www.example.org":                  "https://www.example.org",
		" https://WWW.Example.ORG/act/now?x=1#y ":  "https://www.example.org",
		"www.example.org":                          "https://www.example.org",
		"https://example.org:443/":                 "https://example.org",
		"https://example.org:8443":                 "https://example.org:8443",
		"https://example.org.":                     "https://example.org",
		"https://bücher.example":                   "https://xn--bcher-kva.example",
		"http://localhost:8080":                    "http://localhost:8080",
		"HTTP://LOCALHOST:19000/":                  "http://localhost:19000",
		"HTTPS://WWW.EXAMPLE.ORG":                  "https://www.example.org",
		"http://127.0.0.2:80/":                     "http://127.0.0.2",
		"http://[::1]:9000":                        "http://[::1]:9000",
		"http://example.org":                       "",
		"ftp://example.org":                        "",
		"https://*.example.org":                    "",
		"https://example.org evil.example":         "",
		"https://example.org;script-src *":         "",
		"https://user:secret@example.org":          "",
		"https://":                                 "",
		"":                                         "",
		"javascript://example.org/%0aalert(1)":     "",
		"https://example.org'":                     "",
		"https://exa mple.org":                     "",
		"https://" + strings.Repeat("a", 300):      "",
		"http://localhost.example.org":             "",
		"https://example.org:99999999999999999999": "",
		"https://example.org:70000":                "",
	} {
		got, err := ParseOrigin(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseOrigin(%q) = %q, %v, want %q", typed, got, err, want)
		}
	}
}

func TestNewLogo(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	if p, err := NewLogo(file.Bytes()); err != nil || p.Width != 8 {
		t.Errorf("a PNG: %+v, %v", p, err)
	}
	file.WriteString("XML:com.adobe.xmp") // behind its end; wherever it is
	if p, err := NewLogo(file.Bytes()); err == nil || !strings.Contains(err.Error(), "XMP") || p != nil {
		t.Errorf("with notes: %+v, %v", p, err)
	}
	if p, err := KeptLogo(file.Bytes()); err != nil || p.Width != 8 {
		t.Errorf("with notes, let pass once: %+v, %v", p, err)
	}
}

func TestService_AddPartner(t *testing.T) {
	d := newDesk(t)
	if err := d.AddPartner(t.Context(), desker, friends()); err != nil {
		t.Fatal(err)
	}
	p, err := d.Partner("friends")
	if err != nil {
		t.Fatal(err)
	}
	want := friends()
	want.Version, want.CreatedAt = 1, start.UTC()
	if diff := cmp.Diff(&want, p); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	short := friends()
	short.Slug, short.Website = "short", " friends.example/about "
	if err := d.AddPartner(t.Context(), desker, short); err != nil {
		t.Errorf("a website as people write it: %v", err)
	} else if p, _ := d.Partner("short"); p.Website != "https://friends.example/about" {
		t.Errorf("it is kept as %q", p.Website)
	}
	if !p.MayFrame("https://friends.example") || p.MayFrame("https://friends.example.evil.example") || p.MayFrame("") {
		t.Error("it is the wrong pages that may show it")
	}
	if got := wrongAt(t, d.AddPartner(t.Context(), desker, friends())); got[FieldSlug] != "desk.error.partner_taken" {
		t.Errorf("the same again: %v", got)
	}
}

func TestService_AddPartnerRefuses(t *testing.T) {
	d := newDesk(t)
	for field, change := range map[string]func(*Partner){
		FieldSlug:    func(p *Partner) { p.Slug = "Friends of Leeds" },
		FieldName:    func(p *Partner) { p.Name = " \u200b " },
		FieldWebsite: func(p *Partner) { p.Website = "javascript:alert(1)" },
		FieldOrigins: func(p *Partner) { p.Origins = []string{"https://friends.example", "http://friends.example"} },
		FieldContact: func(p *Partner) { p.Contact = "somebody" },
		FieldOptIn:   func(p *Partner) { p.OptIn = map[string]string{"en": strings.Repeat("x", MaxOptIn+1)} },
	} {
		p := friends()
		change(&p)
		got := wrongAt(t, d.AddPartner(t.Context(), desker, p))
		if len(got) != 1 || got[field] == "" {
			t.Errorf("%s: %v", field, got)
		}
	}
	for _, slug := range []string{"new", "logo"} { // at their addresses stands something else
		p := friends()
		p.Slug = slug
		if got := wrongAt(t, d.AddPartner(t.Context(), desker, p)); got[FieldSlug] != "desk.error.partner_slug_ours" {
			t.Errorf("%s: %v", slug, got)
		}
	}
	none := friends()
	none.Origins = []string{"", " "}
	if got := wrongAt(t, d.AddPartner(t.Context(), desker, none)); got[FieldOrigins] == "" {
		t.Error("a partner that may show the form nowhere")
	}
	many := friends()
	for range MaxOrigins {
		many.Origins = append(many.Origins, "https://x"+strings.Repeat("x", len(many.Origins))+".example")
	}
	if got := wrongAt(t, d.AddPartner(t.Context(), desker, many)); got[FieldOrigins] != "desk.error.partner_too_many" {
		t.Errorf("too many sites: %v", got)
	}
	if len(d.Partners()) != 0 {
		t.Error("one was kept")
	}
}

func TestService_EditPartner(t *testing.T) {
	d := newDesk(t)
	if err := d.AddPartner(t.Context(), desker, friends()); err != nil {
		t.Fatal(err)
	}
	p := friends()
	p.Version, p.Name, p.RetiredAt = 1, "The Friends", start
	if err := d.EditPartner(t.Context(), desker, p); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Partner("friends"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("one that has retired: %v", err)
	}
	if got, err := d.AnyPartner("friends"); err != nil || got.Name != "The Friends" || got.Version != 2 || !got.Retired() {
		t.Errorf("%+v, %v", got, err)
	}
	if err := d.EditPartner(t.Context(), desker, p); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("over somebody else's change: %v", err)
	}
	p.Slug = "strangers"
	if err := d.EditPartner(t.Context(), desker, p); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("one that there is not: %v", err)
	}
}

// What somebody puts into a link must not tell who follows it.
func TestReadSource(t *testing.T) {
	for query, want := range map[string]string{
		"": "",
		"utm_source=Newsletter&utm_medium=email&utm_campaign=spring-26": "campaign=spring-26&medium=email&source=newsletter",
		"utm_source=amina@example.org":                                  "",
		"utm_source=LS6+3HN":                                            "",
		"utm_content=x&utm_term=y&utm_id=z&fbclid=1&source=x":           "",
		"utm_source=a%26medium=b":                                       "",
		"utm_source=" + strings.Repeat("x", MaxSource+1):                "",
		"utm_source=" + strings.Repeat("x", MaxSource):                  "source=" + strings.Repeat("x", MaxSource),
	} {
		asked, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := ReadSource(asked); got != want {
			t.Errorf("ReadSource(%q) = %q, want %q", query, got, want)
		}
	}
}

func TestService_Credit(t *testing.T) {
	d := newDesk(t)
	if err := d.AddPartner(t.Context(), desker, friends()); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ said, want Credit }{
		"all of it":            {Credit{"friends", "source=mail", "https://friends.example"}, Credit{"friends", "source=mail", "https://friends.example"}},
		"another's page":       {Credit{"friends", "", "https://evil.example"}, Credit{Partner: "friends"}},
		"no such partner":      {Credit{"strangers", "source=mail", "https://friends.example"}, Credit{Source: "source=mail"}},
		"a source made up":     {Credit{"friends", "source=amina@example.org&x=<b>&medium=email", ""}, Credit{Partner: "friends", Source: "medium=email"}},
		"nothing":              {},
		"an address in source": {Credit{Source: "https://x/?utm_source=y"}, Credit{}},
	} {
		if got := d.Credit(tt.said); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
		if got := d.Credit(tt.want); got != tt.want {
			t.Errorf("%s: what holds holds no more: %+v", name, got)
		}
	}
}

func TestService_APIKey(t *testing.T) {
	d := newDesk(t)
	if err := d.AddPartner(t.Context(), desker, friends()); err != nil {
		t.Fatal(err)
	}
	if got := wrongAt(t, second(d.NewAPIKey(t.Context(), desker, "friends", " "))); got[FieldName] == "" {
		t.Error("a key for nothing")
	}
	if _, err := d.NewAPIKey(t.Context(), desker, "strangers", "CRM"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger's key: %v", err)
	}
	key, err := d.NewAPIKey(t.Context(), desker, "friends", "CRM")
	if err != nil {
		t.Fatal(err)
	}
	k, err := d.APIKey(t.Context(), key)
	if err != nil || k.Partner != "friends" || k.Name != "CRM" || k.LastUsedOn != Day(start) {
		t.Errorf("%+v, %v", k, err)
	}
	for _, wrong := range []string{"", "pbk_", key[:len(key)-1], key + "x", strings.ToUpper(key), "Bearer " + key} {
		if _, err := d.APIKey(t.Context(), wrong); fault.CodeOf(err) != fault.Unauthorized {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := d.RevokeAPIKey(t.Context(), desker, "", k.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another's key: %v", err)
	}
	if _, err := d.APIKey(t.Context(), key); err != nil {
		t.Errorf("not revoked, and yet: %v", err)
	}
	for range 2 {
		if err := d.RevokeAPIKey(t.Context(), desker, "friends", k.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.APIKey(t.Context(), key); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("revoked: %v", err)
	}
	if keys, err := d.APIKeys(t.Context(), "friends"); err != nil || len(keys) != 1 || !keys[0].Revoked() {
		t.Errorf("%+v, %v", keys, err)
	}
}

// The key of a partner that has retired opens nothing.
func TestService_APIKeyOfARetiredPartner(t *testing.T) {
	d := newDesk(t)
	if err := d.AddPartner(t.Context(), desker, friends()); err != nil {
		t.Fatal(err)
	}
	key, err := d.NewAPIKey(t.Context(), desker, "friends", "CRM")
	if err != nil {
		t.Fatal(err)
	}
	p := friends()
	p.Version, p.RetiredAt = 1, start
	if err := d.EditPartner(t.Context(), desker, p); err != nil {
		t.Fatal(err)
	}
	if _, err := d.APIKey(t.Context(), key); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("%v", err)
	}
}

// wrongAt returns the fields that an error is about.
func wrongAt(t *testing.T, err error) map[string]string {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	return f.Fields
}

func second[A, B any](_ A, b B) B { return b }
