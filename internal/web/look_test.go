package web_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/app"
	"postbag/internal/config"
	"postbag/internal/web"
)

func smallPNG(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shippedSource is the file of the campaign that Postbag comes with.
func shippedSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "db", "campaigns", slug+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// startColoured starts a site with a second campaign, "green", that has a colour
// and a picture of its own.
func startColoured(t *testing.T, picture []byte) *site {
	t.Helper()
	source := strings.Replace(shippedSource(t), `slug = "`+slug+`"`, `slug = "green"
accent = "#1f6f50"
picture = "data:image/png;base64,`+base64.StdEncoding.EncodeToString(picture)+`"`, 1)
	source = regexp.MustCompile(`(?m)^headline = `).ReplaceAllString(source, "picture_alt = \"A queue outside a surgery\"\nheadline = ")
	return startWith(t, "green", source)
}

// startWith starts a site with a second campaign, read from source.
func startWith(t *testing.T, slug, source string) *site {
	t.Helper()
	return start(t, func(cfg *config.Config) {
		before, err := app.New(t.Context(), app.Options{Config: *cfg, Log: slog.New(slog.DiscardHandler), View: web.Renderer()})
		if err != nil {
			t.Fatal(err)
		}
		if err := before.Store().AddCampaign(t.Context(), slug, source); err != nil {
			t.Fatal(err)
		}
		if err := before.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLook_ACampaignsColourAndPicture(t *testing.T) {
	picture := smallPNG(t, 320, 200)
	s := startColoured(t, picture)
	page := s.get("/c/green").body
	theme := regexp.MustCompile(`<link rel="stylesheet" href="(/c/green/theme\.[0-9a-f]{12}\.css)">`).FindStringSubmatch(page)
	img := regexp.MustCompile(`<img [^>]*src="(/c/green/image\.[0-9a-f]{12}\.png)" width="320" height="200" alt="A queue outside a surgery">`).FindStringSubmatch(page)
	if theme == nil || img == nil {
		t.Fatalf("the page has the theme %v and the picture %v", theme, img)
	}
	if strings.Index(page, theme[0]) < strings.Index(page, "/assets/style.") {
		t.Error("the theme comes before the stylesheet that says which layer it is")
	}
	for path, want := range map[string]string{theme[1]: "text/css; charset=utf-8", img[1]: "image/png"} {
		a := s.get(path)
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != want {
			t.Errorf("GET %s: %s, %s", path, a.Status, a.Header.Get("Content-Type"))
		}
		if got := a.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("GET %s: Cache-Control %q", path, got)
		}
	}
	if a := s.get(img[1]); a.body != string(picture) {
		t.Error("the picture is another one")
	}
	css := s.get(theme[1]).body
	if !strings.HasPrefix(css, "@layer theme {") || !strings.Contains(css, "--accent: #1f6f50;") || strings.Contains(css, "--red") || len(css) > 1500 {
		t.Errorf("the theme is\n%s", css)
	}
	for _, path := range []string{
		"/c/green/theme.000000000000.css", "/c/green/image.000000000000.png", strings.TrimSuffix(img[1], "png") + "jpg",
		"/c/" + slug + theme[1][len("/c/green"):], "/c/" + slug + img[1][len("/c/green"):], "/c/none" + theme[1][len("/c/green"):],
	} {
		if a := s.get(path); a.StatusCode != http.StatusNotFound || strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s: %s, Cache-Control %q", path, a.Status, a.Header.Get("Cache-Control"))
		}
	}
	// Each page of the campaign wears its colour; the other campaign does not.
	if a := s.post("/c/green/letter", letter("edit", "1")); !strings.Contains(a.body, theme[0]) {
		t.Error("the letter page has not the campaign's colour")
	}
	if a := s.get("/c/" + slug); strings.Contains(a.body, "/theme.") || strings.Contains(a.body, "<img") {
		t.Error("a campaign without a colour and a picture shows some")
	}
}

func TestStyle_IsThereInDevelopmentOnly(t *testing.T) {
	s := start(t, nil)
	for path, lang := range map[string]string{"/dev/style": "en", "/cy/dev/style": "cy"} {
		a := s.get(path)
		if a.StatusCode != http.StatusOK || !strings.Contains(a.body, `<html lang="`+lang+`"`) {
			t.Errorf("GET %s: %s", path, a.Status)
		}
		for _, part := range []string{`class="btn danger"`, `class="errors"`, `class="postmark bounced"`, `<code>--accent</code>`, `type="checkbox"`, "<meter", "<progress"} {
			if !strings.Contains(a.body, part) {
				t.Errorf("%s does not show %s", path, part)
			}
		}
		if !strings.Contains(a.body, `content="noindex`) {
			t.Error("search engines may list it")
		}
	}
	// Also when mail is sent, not captured.
	sends := start(t, func(c *config.Config) { c.SMTPURL = "smtp://127.0.0.1:1?tls=none" })
	if a := sends.get("/dev/style"); a.StatusCode != http.StatusOK {
		t.Errorf("with a mail server: %s", a.Status)
	}
}
