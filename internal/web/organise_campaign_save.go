package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// editForm is a form for one part of a campaign's file.
type editForm struct {
	set  func(*campaign.File, url.Values)                                                // takes the part from the form
	try  func(url.Values) []campaign.Problem                                             // what of it cannot be taken; nil: everything can
	page func(d view.CampaignDesk, f campaign.File, values url.Values) view.CampaignEdit // draws it
	look func(v visit, c *campaign.Campaign, values url.Values) *view.DeskLook           // what it comes to; nil: nothing to see
	back string                                                                          // where the form is, under /organise/c/{campaign}/edit
}

// showEdit answers GET of a form: as the file has it.
func (s *Server) showEdit(v visit, form editForm) error {
	_, file, err := s.kept(v)
	if err != nil {
		return err
	}
	return s.editPage(v, http.StatusOK, form, file.Values(), nil)
}

// editPage draws a form with values and what is wrong with them.
func (s *Server) editPage(v visit, code int, form editForm, values url.Values, problems []campaign.Problem) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_edit")
	if err != nil {
		return err
	}
	source, file, err := s.kept(v)
	if err != nil {
		return err
	}
	d.Version = source.Version
	if base := baseOf(v); base > 0 {
		d.Version = base
	}
	page := form.page(d, file, values)
	page.Action = atDesk + "/c/" + source.Slug + "/edit" + form.back
	page.Note = s.field("line", "note", "desk.edit.note", values.Get("note"))
	page.Commented = hasComment(source.TOML)
	page.Form.Errors = s.mark(page.Groups, problems, values)
	for _, group := range page.Groups {
		page.Form.Order = append(page.Form.Order, view.FieldNames(group.Fields)...)
	}
	if text, ok := page.Form.Errors["note"]; ok {
		page.Note.Error = text
	}
	if form.look != nil {
		form.set(&file, values)
		if c, _ := campaign.Read(file.TOML()); c != nil {
			page.Look = form.look(v, c, values)
		} else {
			page.Look = form.look(v, found, values) // for the choice of whose letter it is
			page.Look.Error = s.View.Desk("desk.look.wrong")
		}
	}
	return s.deskPage(v, code, page)
}

// hasComment reports whether a file has lines that say something to its readers
// alone.
func hasComment(source string) bool {
	for line := range strings.SplitSeq(source, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			return true
		}
	}
	return false
}

// mark puts problems beside their fields, and returns them for the top of the
// page.
func (s *Server) mark(groups []view.DeskGroup, problems []campaign.Problem, values url.Values) map[string]string {
	if len(problems) == 0 {
		return nil
	}
	all := map[string]string{}
	for _, p := range problems {
		field, text := p.Field(), p.Text
		if p.Missing && p.Text == "missing" {
			text = s.View.Desk("desk.edit.missing")
		}
		if n := lineOf(values.Get(field), p.Mark); n > 0 {
			text = s.View.Desk("desk.edit.line", "number", n, "text", text)
		}
		if placed(groups, field, text) {
			all[field] = text
			continue
		}
		where := p
		where.Line = 0
		all[""] = strings.TrimSpace(all[""] + " " + where.String())
	}
	return all
}

// lineOf returns the line of a text on which a placeholder stands; 0 for none.
func lineOf(text, mark string) int {
	if mark == "" {
		return 0
	}
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.Contains(line, mark) {
			return i + 1
		}
	}
	return 0
}

func placed(groups []view.DeskGroup, field, text string) bool {
	for i := range groups {
		for j := range groups[i].Fields {
			if f := &groups[i].Fields[j]; f.Name == field {
				f.Error = strings.TrimSpace(f.Error + " " + text)
				return true
			}
		}
	}
	return false
}

// saveEdit answers POST of a form: it moves entries of lists about, shows what
// the form comes to, or keeps it as a new version.
func (s *Server) saveEdit(v visit, form editForm) error {
	values, err := readValues(v.Context)
	if err != nil {
		return err
	}
	_, file, err := s.kept(v)
	if err != nil {
		return err
	}
	do := values.Get("do")
	if list, what, ok := strings.Cut(do, " "); ok {
		campaign.Rearrange(values, list, what)
		return s.editPage(v, http.StatusOK, form, values, nil)
	}
	if form.try != nil && do != "look" {
		if wrong := form.try(values); len(wrong) > 0 {
			return s.editPage(v, http.StatusUnprocessableEntity, form, values, wrong)
		}
	}
	form.set(&file, values)
	text := file.TOML()
	if do == "look" {
		_, problems := campaign.Read(text)
		wrong := problems[:0]
		for _, p := range problems {
			if !p.Missing {
				wrong = append(wrong, p)
			}
		}
		return s.editPage(v, http.StatusOK, form, values, wrong)
	}
	_, err = s.Service.SaveCampaign(v.Request().Context(), v.by(), file.Slug, text, baseOf(v), values.Get("note"))
	if wrong, ok := errors.AsType[*campaign.FileError](err); ok {
		return s.editPage(v, http.StatusUnprocessableEntity, form, values, wrong.Problems)
	}
	if stale, ok := staleOf(err); ok {
		return s.stalePage(v, text, form.back, stale)
	}
	if fault.CodeOf(err) == fault.Invalid {
		wrong, _ := s.wrong(err)
		var problems []campaign.Problem
		for field, sentence := range wrong {
			problems = append(problems, campaign.Problem{Key: field, Text: sentence})
		}
		return s.editPage(v, http.StatusUnprocessableEntity, form, values, problems)
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+file.Slug+"/edit"+form.back, "desk.done.saved")
}

func staleOf(err error) (*campaign.StaleError, bool) { return errors.AsType[*campaign.StaleError](err) }

// wrongFile returns what is wrong with a file that a button made, in sentences.
func (s *Server) wrongFile(err error) (map[string]string, bool) {
	if wrong, ok := errors.AsType[*campaign.FileError](err); ok {
		lines := make([]string, len(wrong.Problems))
		for i, p := range wrong.Problems {
			lines[i] = p.String()
		}
		return map[string]string{"": strings.Join(lines, " ")}, true
	}
	if fault.CodeOf(err) == fault.Invalid {
		return s.wrong(err)
	}
	return nil, false
}

// stalePage shows what somebody saved meanwhile beside what was to be saved.
func (s *Server) stalePage(v visit, mine, back string, stale *campaign.StaleError) error {
	d, found, err := s.editDesk(v, "desk.title.campaign_stale")
	if err != nil {
		return err
	}
	theirs, err := s.Service.Version(v.Request().Context(), found.Slug, stale.Newest)
	if err != nil {
		return err
	}
	d.Version = stale.Newest
	page := view.CampaignStale{
		CampaignDesk: d, Author: theirs.Author, At: theirs.At, Source: mine, Lines: campaign.Compare(theirs.Source, mine),
		Note: s.field("line", "note", "desk.edit.note", v.FormValue("note")), Back: atDesk + "/c/" + found.Slug + "/edit" + back,
	}
	if file, _ := campaign.ReadFile(theirs.Source); back != "/file" {
		page.Lines = campaign.Compare(file.TOML(), mine) // both as forms write it
	}
	return s.deskPage(v, http.StatusConflict, page)
}

// showSource answers GET /organise/c/{campaign}/edit/file.
func (s *Server) showSource(v visit) error {
	source, _, err := s.kept(v)
	if err != nil {
		return err
	}
	return s.sourcePage(v, http.StatusOK, source.Version, source.TOML, nil, nil, "")
}

func (s *Server) sourcePage(v visit, code, base int, source string, problems []campaign.Problem, wrong map[string]string, done string) error {
	d, _, err := s.editDesk(v, "desk.title.campaign_file")
	if err != nil {
		return err
	}
	d.Version = base
	if done != "" {
		d.Done = s.View.Desk(done)
	}
	page := view.CampaignSource{CampaignDesk: d, Source: source, Form: view.DeskForm{Errors: wrong}, Note: s.field("line", "note", "desk.edit.note", v.FormValue("note"))}
	for _, p := range problems {
		line := p.LineOf(source)
		p.Line = 0
		page.Problems = append(page.Problems, view.SourceProblem{Line: line, Text: p.String(), Incomplete: p.Missing})
	}
	return s.deskPage(v, code, page)
}

// editRoute is where the forms are that hold a campaign's file, or parts of it.
const editRoute = "/organise/c/:campaign/edit"

// saveSource answers POST /organise/c/{campaign}/edit/file.
func (s *Server) saveSource(v visit) error {
	values, err := readValues(v.Context)
	if err != nil {
		return err
	}
	slug, text := v.Param("campaign"), strings.ReplaceAll(values.Get("source"), "\r\n", "\n")
	if v.FormValue("do") == "check" {
		_, problems := campaign.Read(text)
		if len(problems) == 0 {
			return s.sourcePage(v, http.StatusOK, baseOf(v), text, nil, nil, "desk.done.checked")
		}
		return s.sourcePage(v, http.StatusUnprocessableEntity, baseOf(v), text, problems, nil, "")
	}
	_, err = s.Service.SaveCampaign(v.Request().Context(), v.by(), slug, text, baseOf(v), values.Get("note"))
	if wrong, ok := errors.AsType[*campaign.FileError](err); ok {
		return s.sourcePage(v, http.StatusUnprocessableEntity, baseOf(v), text, wrong.Problems, nil, "")
	}
	if stale, ok := staleOf(err); ok {
		return s.stalePage(v, text, "/file", stale)
	}
	if fault.CodeOf(err) == fault.Invalid {
		wrong, _ := s.wrong(err)
		return s.sourcePage(v, http.StatusUnprocessableEntity, baseOf(v), text, nil, wrong, "")
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+slug+"/edit/file", "desk.done.saved")
}

// downloadSource answers GET /organise/c/{campaign}/edit/file.toml.
func (s *Server) downloadSource(v visit) error {
	source, _, err := s.kept(v)
	if err != nil {
		return err
	}
	v.Response().Header().Set("Content-Disposition", `attachment; filename="`+source.Slug+`.toml"`)
	return send(v.Context, http.StatusOK, []string{"application/toml; charset=utf-8"}, []byte(source.TOML))
}
