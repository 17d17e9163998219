package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// look is a letter of a campaign, saved or not, as the chosen constituency's
// voters would find it. letter is shown whatever the rules say; empty: as they
// say.
func (s *Server) look(c *campaign.Campaign, values url.Values, letter, lang string) *view.DeskLook {
	l := &view.DeskLook{}
	typed := values.Get("seat")
	seats := s.Service.Seek(typed)
	if typed == "" {
		example := s.Service.Example()
		typed = example.Constituency.Name
		seats = append(seats[:0], example)
	}
	seat := s.field("line", "seat", "desk.look.seat", typed)
	pledge := campaign.Standing(values.Get("pledge"))
	if !slices.Contains(campaign.PledgeStates(), pledge) {
		pledge = campaign.StandingNotYet
	}
	pledges := s.field("select", "pledge", "desk.look.pledge", string(pledge))
	for _, p := range campaign.PledgeStates() {
		pledges.Options = append(pledges.Options, view.DeskOption{Value: string(p), Words: s.View.Desk("desk.look." + string(p)), Chosen: p == pledge})
	}
	if len(seats) != 1 {
		seat.Error = s.View.Desk("desk.error.seat")
		l.Error = seat.Error
	}
	l.Fields = []view.DeskField{seat, pledges}
	if len(seats) != 1 {
		return l
	}
	sight, err := s.Service.Look(c, seats[0].Constituency.Code, pledge, lang, letter)
	if err != nil {
		l.Error = s.View.Desk("desk.error.seat")
		return l
	}
	d := sight.Draft
	l.To, l.Note, l.Subject, l.Salutation, l.Body, l.SignOff = recipient(lang, c, d.To), d.Note, d.Subject, d.Salutation, d.Body, d.SignOff()
	l.ThankYou = c.ThankYou(lang, d.Variant, d.To)
	l.Excluded, l.Link, l.LinkText = campaign.Paragraphs(sight.Excluded.Text), sight.Excluded.Link, sight.Excluded.LinkText
	if lang != view.DefaultLang {
		l.Lang = lang
	}
	if letter == "" {
		l.Rule = s.View.Desk("desk.look.rest")
		if n := d.To.Ruling.Rule; n != campaign.Rest {
			l.Rule = s.View.Desk("desk.look.rule", "number", n+1)
		}
	}
	return l
}

// lookLang is the language that a preview is asked for in.
func lookLang(c *campaign.Campaign, asked string) string {
	if c.Texts[asked] != nil {
		return asked
	}
	return c.DefaultLang
}

// showCampaignPreview answers GET and POST /organise/c/{campaign}/preview. A
// postcode is posted: it belongs in no address.
func (s *Server) showCampaignPreview(v visit) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_preview")
	if err != nil {
		return err
	}
	if err := v.Request().ParseForm(); err != nil {
		return fault.Wrap(errUnreadable, fault.Invalid, "message.422.text")
	}
	values := v.Request().Form
	lang := lookLang(found, values.Get("lang"))
	page := view.CampaignPreview{CampaignDesk: d, Look: *s.look(found, values, "", lang)}
	choose := s.field("select", "lang", "desk.look.lang", lang)
	at := atDesk + "/c/" + found.Slug + "/preview"
	for _, code := range languagesOf(found) {
		choose.Options = append(choose.Options, view.DeskOption{Value: code, Words: s.language(code), Chosen: code == lang})
		page.Pages = append(page.Pages, view.DeskLink{Name: s.View.Desk("desk.preview.page_campaign", "language", s.language(code)), URL: at + "/page?lang=" + code})
	}
	page.Look.Fields = append(page.Look.Fields, choose)
	if page.Look.Error == "" {
		query := url.Values{"seat": {page.Look.To.Code}, "pledge": {page.Look.Fields[1].Value}, "lang": {lang}}
		page.Pages = append(page.Pages, view.DeskLink{Name: s.View.Desk("desk.preview.page_letter"), URL: at + "/letter?" + query.Encode()})
	}
	for _, stage := range []campaign.Stage{campaign.StagePaused, campaign.StageClosed} {
		page.Pages = append(page.Pages, view.DeskLink{Name: s.View.Desk("desk.preview.page_" + string(stage)), URL: at + "/page?stage=" + string(stage) + "&lang=" + lang})
	}
	return s.deskPage(v, http.StatusOK, page)
}

// languagesOf lists the languages of a campaign, its own first.
func languagesOf(c *campaign.Campaign) []string {
	return campaign.File{DefaultLanguage: c.DefaultLang, Texts: c.Texts}.Languages()
}

// previewed is a campaign as it would be in a stage, and the language to show.
func (s *Server) previewed(v visit) (*campaign.Campaign, string, error) {
	found, err := s.Service.AnyCampaign(v.Param("campaign"))
	if err != nil {
		return nil, "", err
	}
	c := *found
	c.Stage = cmp.Or(campaign.Stage(v.QueryParam("stage")), campaign.StageLive)
	return &c, lookLang(&c, v.QueryParam("lang")), nil
}

// previewCampaignPage answers GET /organise/c/{campaign}/preview/page: the page
// as the public would see it.
func (s *Server) previewCampaignPage(v visit) error {
	c, lang, err := s.previewed(v)
	if err != nil {
		return err
	}
	page, err := s.campaignPageNow(v.Request().Context(), lang, c)
	if err != nil {
		return err
	}
	page.Preview, page.NoIndex = true, true
	return s.deskPage(v, http.StatusOK, page)
}

// previewLetterPage answers GET /organise/c/{campaign}/preview/letter: the page on
// which a supporter would write, or on which they read why they cannot.
func (s *Server) previewLetterPage(v visit) error {
	c, lang, err := s.previewed(v)
	if err != nil {
		return err
	}
	pledge := campaign.Standing(v.QueryParam("pledge"))
	if !slices.Contains(campaign.PledgeStates(), pledge) {
		pledge = campaign.StandingNotYet
	}
	code := cmp.Or(v.QueryParam("seat"), s.Service.Example().Constituency.Code)
	sight, err := s.Service.Look(c, code, pledge, lang, "")
	if err != nil {
		return err
	}
	f := letterForm{Form: campaign.Form{Lang: lang, LetterLang: lang, Constituency: code, Subject: sight.Draft.Subject, Body: sight.Draft.Body}}
	if sight.Draft.To.Ruling.Exclude != "" {
		page := s.excludedPage(c, f, sight.Draft)
		page.Preview = true
		return s.deskPage(v, http.StatusOK, page)
	}
	page := s.letterPage(c, f, sight.Draft, nil, kept{})
	page.Preview = true
	return s.deskPage(v, http.StatusOK, page)
}
