package web

import (
	"context"
	"maps"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// apiCampaign is a campaign for programs. Addresses are whole.
type apiCampaign struct {
	Slug          string             `json:"slug"`
	State         campaign.Stage     `json:"state"`
	Language      string             `json:"language"` // of Texts, where one is missing in another
	Texts         map[string]apiText `json:"texts"`    // by language
	Organisers    []string           `json:"organisers"`
	Letters       int                `json:"letters"` // as in the counts
	Goal          *int               `json:"goal"`    // null: none
	Pledged       int                `json:"pledged"` // MPs whose pledge stands
	Address       string             `json:"address"`
	Picture       apiPicture         `json:"picture"` // as networks show it with a link
	Embed         string             `json:"embed"`   // a link for a frame, which any page may show
	EmbedTemplate string             `json:"embed_template"`
	OEmbed        string             `json:"oembed"`
	Counts        string             `json:"counts"`
	Pledges       string             `json:"pledges"`
}

// apiText is what a campaign says in one language.
type apiText struct {
	Title       string `json:"title"`
	Headline    string `json:"headline"`
	Lead        string `json:"lead"`
	Description string `json:"description"`
	Ask         string `json:"ask"` // the pledge that MPs are asked to sign
	Address     string `json:"address"`
}

type apiPicture struct {
	URL    string `json:"url"`
	Alt    string `json:"alt"`
	Width  int    `json:"width"` // pixels
	Height int    `json:"height"`
}

// apiCampaigns answers GET /api/v1/campaigns: those that everyone may know of.
func (s *Server) apiCampaigns(c echo.Context) error {
	all := []apiCampaign{}
	for _, found := range s.Service.Campaigns() {
		one, err := s.apiCampaign(c.Request().Context(), found)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	return s.sendDocument(c, map[string][]apiCampaign{"campaigns": all})
}

// apiOneCampaign answers GET /api/v1/campaigns/{campaign}.
func (s *Server) apiOneCampaign(c echo.Context) error {
	found, err := s.Service.Campaign(c.Param("campaign"))
	if err != nil {
		return err
	}
	one, err := s.apiCampaign(c.Request().Context(), found)
	if err != nil {
		return err
	}
	return s.sendDocument(c, one)
}

func (s *Server) apiCampaign(ctx context.Context, found *campaign.Campaign) (apiCampaign, error) {
	f, err := s.facts(ctx, found)
	if err != nil {
		return apiCampaign{}, err
	}
	base, path := s.View.Base(), "/c/"+found.Slug
	address, own := base+path, base+"/api/v1/campaigns/"+found.Slug
	picture := pictureOf(path, found.Text(found.DefaultLang).Headline, f.public.Total)
	out := apiCampaign{
		Slug: found.Slug, State: found.Stage, Language: found.DefaultLang, Texts: map[string]apiText{}, Organisers: slices.Concat([]string{}, found.Organisers),
		Letters: f.public.Total, Pledged: f.pledges.Standing, Address: address,
		Picture: apiPicture{base + picture.Path, picture.Alt, 1200, 630},
		Embed:   base + "/embed" + path, EmbedTemplate: base + "/embed/{partner}" + path,
		OEmbed: base + "/oembed?format=json&url=" + url.QueryEscape(address), Counts: own + "/counts", Pledges: own + "/pledges",
	}
	if found.Goal > 0 {
		out.Goal = &found.Goal
	}
	for _, lang := range slices.Sorted(maps.Keys(found.Texts)) {
		t := found.Texts[lang]
		out.Texts[lang] = apiText{t.Title, t.Headline, t.Lead, t.Description, t.Ask, base + view.At(lang, path)}
	}
	return out, nil
}
