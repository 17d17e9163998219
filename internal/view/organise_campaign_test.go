package view

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

func deskCampaignSamples(testing.TB) map[string]Page {
	at := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	desk := func(title string) CampaignDesk {
		return CampaignDesk{Desk: campaignDesk(title), Version: 3, Tabs: []DeskLink{{"Parts", "/organise/c/x/edit", true}, {"Rules", "/organise/c/x/edit/rules", false}}}
	}
	note := DeskField{Kind: "line", Name: "note", Label: "What you changed"}
	body := DeskField{Kind: "area", Name: "texts.en.letters.ask.body", Label: "Body", Hint: "A hint", Places: []string{"mp_name"}, Value: "I live in {town}.", Rows: 4, Lang: "en", Error: "Line 1: unknown placeholder"}
	pick := DeskField{Kind: "select", Name: "rules.0.then", Label: "Then", Options: []DeskOption{{"letter ask", "Letter “ask”", true}}}
	checks := DeskField{Kind: "checks", Name: "rules.0.nation", Label: "Nation", Options: []DeskOption{{"Wales", "Wales", true}, {"Scotland", "Scotland", false}}}
	look := DeskLook{
		Fields: []DeskField{{Kind: "line", Name: "seat", Label: "Constituency", Value: "Leeds"}}, To: Recipient{Constituency: "Leeds", Name: "Jane Doe"}, Rule: "Rule 1 decides.",
		Note: "A note", Subject: "Please", Salutation: "Dear Jane,", Body: "One.\n\nTwo.", SignOff: "Yours,", ThankYou: "Thank you", Page: "/organise/c/x/preview/letter",
	}
	excluded, failed := look, look
	excluded.Excluded, excluded.Link, excluded.LinkText = []string{"No letter."}, "https://example.org/", "Read more"
	failed.Error = "There is no such constituency."
	lines := campaign.Compare("a\nb\nc\nd\nsame words here", "a\nb\nx\nc\nd\nother words here")
	missing := []HubProblem{{"texts.en.lead: missing", "/organise/c/x/edit/texts/en#lead"}, {"something", ""}}
	version := campaign.Version{Number: 2, Source: "slug = \"x\"", Author: "Noor", At: at, Note: "Shorter"}
	return map[string]Page{
		"campaign-hub": CampaignHub{
			CampaignDesk: desk("Texts and rules"), Author: "Noor", At: at, Missing: missing, Parts: []HubPart{{"Rules", "Who gets what", "/organise/c/x/edit/rules"}},
			Letters:   []HubLetter{{Key: "ask", Kind: "letter", Name: "ask", Rules: "everyone", Links: []DeskLink{{"English", "/x", false}}}, {Key: "n", Kind: "exclusion", Name: "n", CanRemove: true}},
			Languages: []HubLanguage{{"en", "English", "/x", false}, {"cy", "Cymraeg", "/y", true}},
			Key:       DeskField{Kind: "line", Name: "key", Label: "Key"}, Text: DeskField{Kind: "area", Name: "text", Label: "Text", Rows: 2},
			Kind: DeskField{Kind: "select", Name: "kind", Label: "Kind"}, Lang: DeskField{Kind: "line", Name: "language", Label: "Language"},
		},
		"campaign-form": CampaignEdit{
			CampaignDesk: desk("Letter"), Heading: "Letter", Lead: "About it", Action: "/organise/c/x/edit/letters/ask/en", Others: []DeskLink{{"English", "/x", true}, {"Cymraeg", "/y", false}},
			Groups: []DeskGroup{{Legend: "Letter", Hint: "A hint", Fields: []DeskField{body}}}, Note: note, Commented: true, Look: &look,
			Form: DeskForm{Errors: map[string]string{body.Name: body.Error, "": "And something else."}},
		},
		"campaign-form-failed-look":   CampaignEdit{CampaignDesk: desk("Letter"), Heading: "Letter", Action: "/x", Note: note, Look: &failed},
		"campaign-form-excluded-look": CampaignEdit{CampaignDesk: desk("Letter"), Heading: "Letter", Action: "/x", Note: note, Look: &excluded},
		"campaign-rules": CampaignEdit{
			CampaignDesk: desk("Rules"), Heading: "Rules", Action: "/organise/c/x/edit/rules", Note: note, Cover: "/organise/c/x/coverage",
			Groups: []DeskGroup{
				{Legend: "Rule 1", List: "rules", First: true, Fields: []DeskField{pick, checks, {Kind: "check", Name: "rules.0.exempt", Label: "Exempt", Value: "true"}}},
				{Legend: "Rule 2", List: "rules", Entry: 1, Last: true}, {List: "rules", Add: "Add a rule"},
			},
		},
		"campaign-file":         CampaignSource{CampaignDesk: desk("File"), Source: "slug = \"x\"", Note: note},
		"campaign-file-wrong":   CampaignSource{CampaignDesk: desk("File"), Source: "slug = x", Note: note, Problems: []SourceProblem{{Line: 1, Text: "no text"}, {Text: "goal: wrong"}}},
		"campaign-stale":        CampaignStale{CampaignDesk: desk("Stale"), Author: "Olu", At: at, Lines: lines, Source: "slug", Note: note, Back: "/organise/c/x/edit"},
		"campaign-versions":     CampaignVersions{CampaignDesk: desk("History"), Versions: []campaign.Version{{Number: 3, At: at}, version}},
		"campaign-version":      CampaignVersion{CampaignDesk: desk("Version 2"), Shown: version, Against: 1, Lines: lines},
		"campaign-version-same": CampaignVersion{CampaignDesk: desk("Version 2"), Shown: version, Against: 1, Newest: true},
		"campaign-state": CampaignState{
			CampaignDesk: desk("State"), Turns: []DeskTurn{{To: "live", Strong: true}, {To: "closed", Allowed: true}}, Missing: missing, Draft: true,
			Starts: DeskField{Kind: "time", Name: "starts", Label: "Starts"}, Ends: DeskField{Kind: "time", Name: "ends", Label: "Ends", Error: "Past"}, Goal: DeskField{Kind: "line", Name: "goal", Label: "Goal"},
			Form: DeskForm{Errors: map[string]string{"ends": "Past"}},
		},
		"campaign-state-held": CampaignState{
			CampaignDesk: desk("State"), Turns: []DeskTurn{{To: "paused", Allowed: true}, {To: "closed", Allowed: true}}, Holds: campaign.Holds{Letters: 2, Pledges: 1, SelfReports: 3, Public: true},
			Starts: DeskField{Kind: "time", Name: "starts", Label: "Starts"}, Ends: DeskField{Kind: "time", Name: "ends", Label: "Ends"}, Goal: DeskField{Kind: "line", Name: "goal", Label: "Goal"},
		},
		"campaign-launch": CampaignTurn{CampaignDesk: desk("Are you sure?"), To: "live", URL: "https://letters.example.org/c/x", Languages: []string{"English", "Cymraeg"}, EndsAt: at},
		"campaign-close":  CampaignTurn{CampaignDesk: desk("Are you sure?"), To: "closed", Closing: "We won.\n\nThank you."},
		"campaign-coverage": CampaignCoverage{
			CampaignDesk: desk("Who gets what"), MayEdit: true, Variants: []campaign.VariantCount{{Variant: "ask", Written: 1200, Confirmed: 1100, Sent: 1000, RepliedPledged: 7}},
			Rules: []CoverRule{
				{Number: 1, Name: "The Speaker", When: []string{"Constituencies: Chorley"}, Then: "Letter “speaker”", Seats: []CoverSeat{{"E14001170", "Chorley", "Sir Lindsay Hoyle", "Speaker", "/x"}}},
				{Number: 2, When: []string{"Pledge: pledged"}, Then: "Letter “thanks”", Flaw: "nobody"}, {Number: 3, Then: "No letter", Flaw: "shadowed", Fits: 57}, {Then: "Letter “ask”"},
			},
		},
		"campaign-preview": CampaignPreview{CampaignDesk: desk("Preview"), Look: look, Pages: []DeskLink{{"Campaign page", "/x", false}}},
		"campaign-new": CampaignNew{
			Desk: ownerDesk("New campaign"), Fields: []DeskField{{Kind: "line", Name: "slug", Label: "Slug", Error: "Taken"}}, Form: DeskForm{Errors: map[string]string{"slug": "Taken"}},
		},
	}
}
