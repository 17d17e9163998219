package web_test

import (
	"bytes"
	"testing"

	"postbag/internal/picture"
	"postbag/internal/view"
	"postbag/internal/web"
)

// Before the first letter the stamp is that of the first class, in the language
// of the page that the picture stands for.
func TestPicture_TheFirstStampIsInTheLanguage(t *testing.T) {
	s := start(t, nil)
	painter, err := picture.New()
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Service().Campaign(slug)
	if err != nil {
		t.Fatal(err)
	}
	for lang, first := range map[string]string{"en": "1st", "cy": "1af"} {
		text := found.Text(lang)
		for path, headline := range map[string]string{
			"":                      text.Headline,
			"/mps/leeds-north-west": web.Renderer().T(lang, "share.seat_none", "constituency", "Leeds North West"),
		} {
			card := picture.Card{
				Site: text.Title, Headline: headline, Detail: web.Renderer().T(lang, "share.picture"), Foot: s.Addr(),
				Stamp: first, StampWords: web.Renderer().T(lang, "campaign.stamp_zero"),
			}
			if found.Accent != nil {
				t.Fatalf("the campaign has the colour %s", found.Accent.Hex)
			}
			var want bytes.Buffer
			if err := painter.PNG(&want, card); err != nil {
				t.Fatal(err)
			}
			address := "/c/" + slug + path + "/picture.png"
			if lang != view.DefaultLang {
				address = "/" + lang + address
			}
			if a := s.get(address); a.body != want.String() {
				t.Errorf("%s is not stamped %q", address, first)
			}
		}
	}
}
