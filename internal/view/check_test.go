package view

import (
	"strings"
	"testing"

	"postbag/internal/campaign"
)

// TestCatalogue_Check: every way in which a question can end has its words.
func TestCatalogue_Check(t *testing.T) {
	families := map[string][]campaign.Match{
		"safe.which.": {campaign.MatchSeveral, campaign.MatchNear, campaign.MatchNorthernIreland},
		"safe.wrong.": {
			campaign.MatchEmpty, campaign.MatchLong, campaign.MatchNobody, campaign.MatchMany,
			campaign.MatchMalformed, campaign.MatchUnknown, campaign.MatchNonGeographic, campaign.MatchOutside,
		},
	}
	for lang, w := range catalogues(t) {
		for family, matches := range families {
			for _, m := range matches {
				if w.messages[family+string(m)] == nil {
					t.Errorf("%s: %q is missing", lang, family+string(m))
				}
			}
		}
		for _, s := range campaign.Standings() {
			for _, part := range []string{"heading", "tag"} {
				if key := "safe.answer." + string(s) + "." + part; w.messages[key] == nil {
					t.Errorf("%s: %q is missing", lang, key)
				}
			}
		}
	}
}

func TestNewQR(t *testing.T) {
	code, err := NewQR("https://letters.example.org/c/x/check")
	if err != nil {
		t.Fatal(err)
	}
	// A finder pattern begins in the corner: seven dark squares, then one, a
	// gap of five and one again.
	if want := "M4 4h7v1h-7z"; !strings.HasPrefix(code.Path, want) || !strings.Contains(code.Path, "M4 5h1v1h-1zM10 5h1v1h-1z") {
		t.Errorf("the code begins %.60s", code.Path)
	}
	if code.Size < 21+2*qrBorder {
		t.Errorf("it is %d wide", code.Size)
	}
	if _, err := NewQR(strings.Repeat("x", 4000)); err == nil {
		t.Error("a text that no code can hold was taken")
	}
}

func TestWords_Day(t *testing.T) {
	for lang, want := range map[string]string{"en": "1\u00a0March 2026", "cy": "1\u00a0Mawrth 2026"} {
		if got := catalogues(t)[lang].day("2026-03-01"); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := catalogues(t)["en"].day("sometime"); got != "sometime" {
		t.Errorf("what is no day became %q", got)
	}
}

func TestHostAndTel(t *testing.T) {
	for address, want := range map[string]string{"https://www.bbc.co.uk/weather": "bbc.co.uk", "http://127.0.0.1:8080/x": "127.0.0.1", "://": "", "": ""} {
		if got := host(address); got != want {
			t.Errorf("host of %q: %q, want %q", address, got, want)
		}
	}
	if got := tel("+44 (20) 7946-0000"); got != "+442079460000" {
		t.Errorf("tel: %q", got)
	}
}
