package web

import (
	"net/http"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// showNewCampaign answers GET /organise/campaigns/new.
func (s *Server) showNewCampaign(v visit) error { return s.newCampaignPage(v, http.StatusOK, nil) }

func (s *Server) newCampaignPage(v visit, code int, wrong map[string]string) error {
	page := view.CampaignNew{Desk: s.deskFrame(v, "desk.title.campaign_new"), Form: view.DeskForm{Errors: wrong}}
	value := func(name, usual string) string {
		if v.Request().Method == http.MethodPost {
			return v.FormValue(name)
		}
		return usual
	}
	for _, name := range []string{"title", "slug", "lang"} {
		f := s.field("line", name, "desk.new."+name, value(name, map[string]string{"lang": view.DefaultLang}[name]))
		f.Error = wrong[name]
		page.Fields = append(page.Fields, f)
	}
	clone := s.field("select", "clone", "desk.new.clone", "")
	clone.Options = []view.DeskOption{{Words: s.View.Desk("desk.new.clone_none")}}
	clone.Error = wrong["clone"]
	chosen := value("clone", v.QueryParam("clone"))
	for _, c := range s.Service.AllCampaigns() {
		clone.Options = append(clone.Options, view.DeskOption{Value: c.Slug, Words: s.View.Desk("desk.new.clone_of", "title", titleAtDesk(c)), Chosen: c.Slug == chosen})
	}
	page.Fields = append(page.Fields, clone)
	return s.deskPage(v, code, page)
}

// createCampaign answers POST /organise/campaigns/new: a draft, from nothing or
// as a copy.
func (s *Server) createCampaign(v visit) error {
	ctx := v.Request().Context()
	title, slug, lang := strings.TrimSpace(v.FormValue("title")), strings.TrimSpace(v.FormValue("slug")), strings.TrimSpace(v.FormValue("lang"))
	wrong := map[string]string{}
	if title == "" {
		wrong["title"] = s.View.Desk("desk.error.title")
	}
	if !campaign.ValidSlug(slug) {
		wrong["slug"] = s.View.Desk("desk.error.slug")
	}
	clone := v.FormValue("clone")
	if clone == "" && !campaign.ValidLang(lang) {
		wrong["lang"] = s.View.Desk("desk.error.lang")
	}
	if len(wrong) > 0 {
		return s.newCampaignPage(v, http.StatusUnprocessableEntity, wrong)
	}
	note := s.View.Desk("desk.new.note")
	file := campaign.NewFile(slug, title, lang, s.View.Desk("desk.new.salutation", "mp_name", "{mp_name}"), s.View.Desk("desk.new.sign_off")+"\n\n{supporter_name}")
	if clone != "" {
		from, err := s.Service.Source(ctx, clone)
		if fault.CodeOf(err) == fault.NotFound { // deleted meanwhile
			return s.newCampaignPage(v, http.StatusUnprocessableEntity, map[string]string{"clone": s.View.Desk("desk.error.clone_gone")})
		}
		if err != nil {
			return err
		}
		file, _ = campaign.ReadFile(from.TOML)
		note = s.View.Desk("desk.new.note_clone", "title", file.Texts[file.DefaultLanguage].Title)
		file.Slug = slug
		file.Texts[file.DefaultLanguage].Title = title
	}
	made, err := s.Service.CreateCampaign(ctx, v.by(), file.TOML(), note)
	if wrong, ok := s.wrongFile(err); ok {
		return s.newCampaignPage(v, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+made+"/edit", "desk.done.created")
}
