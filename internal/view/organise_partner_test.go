package view

import (
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

func deskPartnerSamples(testing.TB) map[string]Page {
	at := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	logo := &PartnerLogo{"/embed/logo/friends/1.png", 120, 60}
	wrong := DeskForm{Errors: map[string]string{"name": "Say who.", "logo": "This logo will not do."}}
	fields := []DeskField{{Kind: "line", Name: "name", Label: "Name", Error: "Say who."}, {Kind: "area", Name: "origins", Label: "Websites", Value: "https://a.example", Rows: 3, Hint: "One a line"}}
	health := PartnerHealth{Days: 30, EmbedHealth: campaign.EmbedHealth{
		Shown:   []campaign.OriginLoads{{Origin: "", Times: 3, LastOn: "2026-11-22"}, {Origin: "https://a.example", Times: 1200, LastOn: "2026-11-23"}},
		Refused: []campaign.OriginLoads{{Origin: "https://new.example", Times: 12, LastOn: "2026-11-23"}, {Origin: "https://b.example", Times: 1, LastOn: "2026-11-20"}},
	}}
	told := PartnerCampaign{
		Slug: "x", Title: "MPs Not Border Guards", State: "live", Snippet: "/organise/own/embed/x", Letters: 57, UpTo: "2026-11-22",
		Steps: []PartnerStep{{"2026-11-22", "2026-11-22", 40}, {"2026-11-01", "2026-11-21", 17}}, Seats: []PartnerSeat{{"Leeds North West", 12}},
	}
	few, exact := told, told
	few.Seats = nil
	exact.Exact = &campaign.Credited{Written: 80, Confirmed: 70, Sent: 60}
	nothing := PartnerCampaign{Slug: "y", Title: "Save the library", State: "closed"}
	page := PartnerPage{
		Desk: ownerDesk("Friends"), Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example", Logo: logo, Least: 5,
		Campaigns: []PartnerCampaign{exact, nothing}, Health: health, At: "/organise/partners/friends", Version: 2,
		Links: []campaign.PartnerLink{{ID: 1, Name: "Ola", CreatedBy: "Noor", CreatedAt: at}, {ID: 2, Name: "Jo", CreatedBy: "Noor", CreatedAt: at, RevokedAt: at}},
	}
	page.Health.Edit = "/organise/partners/friends/edit"
	retired, refused := page, page
	retired.Retired, retired.Health, retired.Links = true, PartnerHealth{}, nil
	refused.Form = DeskForm{Errors: map[string]string{"name": "Say for whom."}}
	own := PartnerPage{Desk: Desk{Title: "Friends", Path: "/partners/x", Private: true}, Own: true, Slug: "friends", Name: "Friends of Leeds", Least: 5, Campaigns: []PartnerCampaign{told, few, nothing}, Health: health}
	for i := range own.Campaigns {
		own.Campaigns[i].Slug += string(rune('a' + i))
	}
	of := SnippetOf{Base: "https://letters.example", Campaign: "x", Partner: "friends", Lang: "cy", Source: "source=mail", Headline: `Say "no"`, Link: "Ysgrifennwch", Look: EmbedLook{Radius: 4, Compact: true, Scheme: SchemeDark}}
	snippet := PartnerSnippet{Desk: ownerDesk("Snippet"), Name: "Friends", Title: "MPs", Back: "/organise", Action: "/organise/own/embed/x", Fields: fields, Snippets: of.Snippets(), Preview: "/organise/own/preview/x"}
	snippetWrong := snippet
	snippetWrong.Snippets, snippetWrong.Preview = nil, ""
	snippetWrong.Form = DeskForm{Errors: map[string]string{"name": "Say who."}}
	return map[string]Page{
		"partners": PartnerList{Desk: ownerDesk("Partners"), Partners: []PartnerRow{
			{Slug: "friends", Name: "Friends", Origins: []string{"https://a.example"}, Letters: 12, Loads: 3, LastOn: "2026-11-22", Refused: 2}, {Slug: "b", Name: "Others", Retired: true, Refused: 1},
		}},
		"partners-none":   PartnerList{Desk: ownerDesk("Partners")},
		"partner-new":     PartnerForm{Desk: ownerDesk("New"), Action: "/organise/partners/new", Fields: []DeskField{{Kind: "line", Name: "name", Label: "Name"}}, Most: 40},
		"partner-edit":    PartnerForm{Desk: ownerDesk("Edit"), Slug: "friends", Name: "Friends", Action: "/organise/partners/friends/edit", Fields: fields, Form: wrong, Version: 2, Logo: logo, Most: 40},
		"partner-stale":   PartnerForm{Desk: ownerDesk("Edit"), Slug: "friends", Name: "Friends", Action: "/organise/partners/friends/edit", Fields: fields, Form: wrong, Kept: "aGk=", Changed: []Compared{{"Name", "A", "B"}}, Most: 40},
		"partner":         page,
		"partner-retired": retired,
		"partner-refused": refused,
		"partner-own":     own,
		"partner-unknown": PartnerPage{Desk: ownerDesk("Partner"), Own: true, Name: "Somebody"},
		"partner-link":    PartnerNew{Desk: ownerDesk("Link"), Name: "Friends", For: "Ola", URL: "https://letters.example/partners/x", Back: "/organise/partners/friends"},
		"snippet":         snippet,
		"snippet-wrong":   snippetWrong,
	}
}

func TestSnippets(t *testing.T) {
	of := SnippetOf{Base: "https://letters.example", Campaign: "act", Partner: "friends", Lang: "en", Headline: `Say "no" & <go>`, Link: "Write to your MP", Look: EmbedLook{Radius: -1}}
	got := map[string]string{}
	for _, s := range of.Snippets() {
		got[s.Key] = s.Code
	}
	const script = `<script async src="https://letters.example/embed.js"></script>`
	for key, want := range map[string]string{
		"script":  `<a class="postbag" href="https://letters.example/c/act?partner=friends">Write to your MP</a>` + "\n" + script,
		"address": `https://letters.example/c/act?partner=friends`,
		"element": `<postbag-letter campaign="act" partner="friends">` + "\n" + `<a href="https://letters.example/c/act?partner=friends">Write to your MP</a>` + "\n</postbag-letter>\n" + script,
		"frame":   `<iframe class="postbag" src="https://letters.example/embed/friends/c/act" title="Say &#34;no&#34; &amp; &lt;go&gt;" width="100%" height="640" frameborder="0" referrerpolicy="strict-origin"></iframe>`,
	} {
		if got[key] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", key, got[key], want)
		}
	}
	accent, err := campaign.ParseAccent("#1f6f50")
	if err != nil {
		t.Fatal(err)
	}
	of.Lang, of.Source, of.Look = "cy", "campaign=a&source=b", EmbedLook{Scheme: SchemeDark, Accent: accent, Radius: 0, Compact: true}
	for _, s := range of.Snippets() {
		got[s.Key] = s.Code
	}
	for key, parts := range map[string][]string{
		"script":  {`href="https://letters.example/cy/c/act?partner=friends&amp;utm_campaign=a&amp;utm_source=b"`, `data-theme="dark" data-accent="#1f6f50" data-radius="0" data-compact="1" data-lang="cy"`},
		"element": {`theme="dark" accent="#1f6f50" radius="0" compact="1" lang="cy" utm_campaign="a" utm_source="b"`},
		"address": {`https://letters.example/cy/c/act?partner=friends&accent=1f6f50&compact=1&radius=0&theme=dark&utm_campaign=a&utm_source=b`},
		"frame":   {`src="https://letters.example/cy/embed/friends/c/act?accent=1f6f50&amp;compact=1&amp;radius=0&amp;theme=dark&amp;utm_campaign=a&amp;utm_source=b"`},
	} {
		for _, part := range parts {
			if !strings.Contains(got[key], part) {
				t.Errorf("%s has no %s:\n%s", key, part, got[key])
			}
		}
	}
}
