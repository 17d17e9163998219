package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

func (s *Server) campaignRoutes(d desk) {
	d.get("/organise/campaigns/new", account.EditCampaigns, s.showNewCampaign)
	d.post("/organise/campaigns/new", account.EditCampaigns, s.createCampaign)
	d.get("/organise/c/:campaign/edit", account.EditCampaigns, s.showCampaignHub)
	d.post("/organise/c/:campaign/edit/add", account.EditCampaigns, s.addPart)
	d.post("/organise/c/:campaign/edit/remove", account.EditCampaigns, s.removePart)
	d.get("/organise/c/:campaign/edit/campaign", account.EditCampaigns, s.showEditCampaign)
	d.post("/organise/c/:campaign/edit/campaign", account.EditCampaigns, s.saveEditCampaign)
	d.get("/organise/c/:campaign/edit/texts/:lang", account.EditCampaigns, s.showEditTexts)
	d.post("/organise/c/:campaign/edit/texts/:lang", account.EditCampaigns, s.saveEditTexts)
	d.get("/organise/c/:campaign/edit/letters/:key/:lang", account.EditCampaigns, s.showEditLetter)
	d.post("/organise/c/:campaign/edit/letters/:key/:lang", account.EditCampaigns, s.saveEditLetter)
	d.get("/organise/c/:campaign/edit/exclusions/:key/:lang", account.EditCampaigns, s.showEditExclusion)
	d.post("/organise/c/:campaign/edit/exclusions/:key/:lang", account.EditCampaigns, s.saveEditExclusion)
	d.get("/organise/c/:campaign/edit/rules", account.EditCampaigns, s.showEditRules)
	d.post("/organise/c/:campaign/edit/rules", account.EditCampaigns, s.saveEditRules)
	d.get("/organise/c/:campaign/edit/file", account.EditCampaigns, s.showSource)
	d.post("/organise/c/:campaign/edit/file", account.EditCampaigns, s.saveSource)
	d.get("/organise/c/:campaign/edit/file.toml", account.EditCampaigns, s.downloadSource)
	d.get("/organise/c/:campaign/versions", account.EditCampaigns, s.showVersions)
	d.get("/organise/c/:campaign/versions/:version", account.EditCampaigns, s.showVersion)
	d.post("/organise/c/:campaign/versions/:version/restore", account.EditCampaigns, s.restoreVersion)
	d.get("/organise/c/:campaign/state", account.EditCampaigns, s.showStage)
	d.post("/organise/c/:campaign/state", account.EditCampaigns, s.turnCampaign)
	d.post("/organise/c/:campaign/schedule", account.EditCampaigns, s.scheduleCampaign)
	d.post("/organise/c/:campaign/goal", account.EditCampaigns, s.setGoal)
	d.post("/organise/c/:campaign/delete", account.EditCampaigns, s.deleteCampaign)
	d.get("/organise/c/:campaign/coverage", account.SeeCounts, s.showCoverage)
	d.get("/organise/c/:campaign/preview", account.EditCampaigns, s.showCampaignPreview)
	d.post("/organise/c/:campaign/preview", account.EditCampaigns, s.showCampaignPreview)
	d.get("/organise/c/:campaign/preview/page", account.EditCampaigns, s.previewCampaignPage)
	d.get("/organise/c/:campaign/preview/letter", account.EditCampaigns, s.previewLetterPage)
}

// editDesk is the frame of a page on which a campaign is made.
func (s *Server) editDesk(v visit, title string) (view.CampaignDesk, *campaign.Campaign, error) {
	d, found, err := s.campaignDesk(v, title)
	if err != nil {
		return view.CampaignDesk{}, nil, err
	}
	page := view.CampaignDesk{Desk: d, Version: found.Version}
	at := atDesk + "/c/" + found.Slug
	for _, link := range []struct{ key, path string }{
		{"edit", "/edit"}, {"rules", "/edit/rules"}, {"coverage", "/coverage"}, {"preview", "/preview"}, {"history", "/versions"}, {"state", "/state"}, {"file", "/edit/file"},
	} {
		if link.key != "coverage" && !v.who.Role.May(account.EditCampaigns) {
			continue
		}
		page.Tabs = append(page.Tabs, view.DeskLink{Name: s.View.Desk("desk.nav." + link.key), URL: at + link.path, Current: d.Path == at+link.path})
	}
	for i, link := range page.Campaign.Nav {
		page.Campaign.Nav[i].Current = link.URL == at+"/edit"
	}
	return page, found, nil
}

// kept returns the campaign's file as it is kept now.
func (s *Server) kept(v visit) (campaign.Source, campaign.File, error) {
	source, err := s.Service.Source(v.Request().Context(), v.Param("campaign"))
	if err != nil {
		return source, campaign.File{}, err
	}
	file, _ := campaign.ReadFile(source.TOML)
	return source, file, nil
}

// language is what a language calls itself, or its code where there is no
// catalogue of it.
func (s *Server) language(code string) string {
	if slices.Contains(s.langs, code) {
		return s.View.T(code, "language.name")
	}
	return code
}

// showCampaignHub answers GET /organise/c/{campaign}/edit: the parts of the file.
func (s *Server) showCampaignHub(v visit) error { return s.hubPage(v, http.StatusOK, nil) }

func (s *Server) hubPage(v visit, code int, wrong map[string]string) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_edit")
	if err != nil {
		return err
	}
	source, file, err := s.kept(v)
	if err != nil {
		return err
	}
	d.Version = source.Version
	at := atDesk + "/c/" + found.Slug + "/edit"
	page := view.CampaignHub{CampaignDesk: d, Form: view.DeskForm{Errors: wrong}}
	versions, err := s.Service.Versions(v.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	if len(versions) > 0 {
		page.Author, page.At = versions[0].Author, versions[0].At
	}
	_, problems := campaign.Read(source.TOML)
	page.Missing = s.missing(at, file, problems)
	part := func(key, url string, args ...any) {
		page.Parts = append(page.Parts, view.HubPart{Name: s.View.Desk("desk.hub.part_"+key, args...), Text: s.View.Desk("desk.hub.part_" + key + "_text"), URL: at + url})
	}
	for _, lang := range file.Languages() {
		part("texts", "/texts/"+lang, "language", s.language(lang))
		page.Languages = append(page.Languages, view.HubLanguage{Code: lang, Name: s.language(lang), URL: at + "/texts/" + lang, CanRemove: file.Removable(campaign.PartLanguage, lang)})
	}
	part("rules", "/rules")
	part("campaign", "/campaign")
	part("file", "/file")
	page.Letters = s.hubLetters(at, file)
	kind := v.FormValue("kind")
	page.Kind = s.field("select", "kind", "desk.hub.kind", kind)
	for _, k := range []string{"letter", "exclusion"} {
		page.Kind.Options = append(page.Kind.Options, view.DeskOption{Value: k, Words: s.View.Desk("desk.hub.kind_" + k), Chosen: k == kind})
	}
	key, lang := v.FormValue("key"), ""
	if kind == "language" {
		key, lang = "", key
	}
	page.Key, page.Text = s.field("line", "key", "desk.hub.key", key), s.field("area", "text", "desk.hub.text", v.FormValue("text"))
	page.Lang = s.field("line", "language", "desk.hub.lang", strings.TrimSpace(v.FormValue("language")+lang))
	page.Key.Error, page.Text.Error, page.Lang.Error = wrong["key"], wrong["text"], wrong["language"]
	return s.deskPage(v, code, page)
}

func (s *Server) hubLetters(at string, file campaign.File) []view.HubLetter {
	own := file.Texts[file.DefaultLanguage]
	if own == nil {
		return nil
	}
	var all []view.HubLetter
	add := func(key, kind, path string) {
		l := view.HubLetter{Key: key, Kind: kind, Name: key}
		uses := file.Uses(key, kind == campaign.PartExclusion)
		l.Rules = s.View.Desk("desk.hub.unused")
		if len(uses) > 0 {
			l.Rules = s.View.Desk("desk.hub.rule_numbers", "rules", strings.Trim(strings.ReplaceAll(fmt.Sprint(uses), " ", ", "), "[]"))
		}
		l.CanRemove = file.Removable(kind, key)
		if kind == campaign.PartLetter && key == string(campaign.VariantAsk) {
			l.Rules = s.View.Desk("desk.hub.rest")
		}
		for _, lang := range file.Languages() {
			l.Links = append(l.Links, view.DeskLink{Name: s.language(lang), URL: at + path + key + "/" + lang})
		}
		all = append(all, l)
	}
	for _, key := range campaign.LetterKeys(own.Letters) {
		add(key, campaign.PartLetter, "/letters/")
	}
	for _, key := range slices.Sorted(maps.Keys(own.Exclusions)) {
		add(key, campaign.PartExclusion, "/exclusions/")
	}
	return all
}

// addPart answers POST /organise/c/{campaign}/edit/add: a letter, an exclusion or
// a language more.
func (s *Server) addPart(v visit) error {
	source, file, err := s.kept(v)
	if err != nil {
		return err
	}
	own := file.Texts[file.DefaultLanguage]
	kind, key := v.FormValue("kind"), strings.TrimSpace(v.FormValue("key"))
	at := atDesk + "/c/" + source.Slug + "/edit"
	refuse := func(field, key string) error {
		return s.hubPage(v, http.StatusUnprocessableEntity, map[string]string{field: s.View.Desk(key)})
	}
	switch kind {
	case "language":
		lang := strings.TrimSpace(v.FormValue("language"))
		if !campaign.ValidLang(lang) || file.Texts[lang] != nil {
			return refuse("language", "desk.error.lang")
		}
		file.AddLanguage(lang)
		at += "/texts/" + lang
	case "letter":
		if !campaign.ValidKey(key) {
			return refuse("key", "desk.error.key")
		}
		if _, ok := own.Letters[key]; ok {
			return refuse("key", "desk.error.key_taken")
		}
		file.AddLetter(key)
		at += "/letters/" + key + "/" + file.DefaultLanguage
	case "exclusion":
		text := strings.TrimSpace(v.FormValue("text"))
		if !campaign.ValidKey(key) {
			return refuse("key", "desk.error.key")
		}
		if _, ok := own.Exclusions[key]; ok {
			return refuse("key", "desk.error.key_taken")
		}
		if text == "" {
			return refuse("text", "desk.error.exclusion_text")
		}
		file.AddExclusion(key, text)
		at += "/exclusions/" + key + "/" + file.DefaultLanguage
	default:
		return fault.New(fault.Invalid, "desk.error.key")
	}
	return s.savePart(v, file, at, "desk.done.added")
}

// removePart answers POST /organise/c/{campaign}/edit/remove.
func (s *Server) removePart(v visit) error {
	_, file, err := s.kept(v)
	if err != nil {
		return err
	}
	kind, key := v.FormValue("kind"), v.FormValue("key")
	if !file.Remove(kind, key) {
		return s.hubPage(v, http.StatusConflict, map[string]string{"": s.View.Desk("desk.error.used")})
	}
	return s.savePart(v, file, atDesk+"/c/"+file.Slug+"/edit", "desk.done.removed")
}

// savePart keeps a file that a button of the hub changed.
func (s *Server) savePart(v visit, file campaign.File, at, done string) error {
	_, err := s.Service.SaveCampaign(v.Request().Context(), v.by(), file.Slug, file.TOML(), baseOf(v), "")
	if wrong, ok := s.wrongFile(err); ok {
		return s.hubPage(v, http.StatusUnprocessableEntity, wrong)
	}
	if stale, ok := staleOf(err); ok {
		return s.stalePage(v, file.TOML(), "", stale)
	}
	if err != nil {
		return err
	}
	return s.done(v, at, done)
}

// baseOf is the version that a form began from.
func baseOf(v visit) int {
	base, _ := strconv.Atoi(v.FormValue("base"))
	return base
}

// field is a field without a hint, but for the one that the catalogue has.
func (s *Server) field(kind, name, key, value string) view.DeskField {
	f := view.DeskField{Kind: kind, Name: name, Label: s.View.Desk(key), Value: value, Rows: 3}
	if hint := s.View.Desk(key + "_hint"); hint != key+"_hint" {
		f.Hint = hint
	}
	return f
}
