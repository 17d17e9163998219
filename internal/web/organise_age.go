package web

import (
	"net/http"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// ageRoutes declares the routes of a campaign's age key. It decides who can read an
// export, so it is for those who may make one.
func (s *Server) ageRoutes(d desk) {
	d.get("/organise/c/:campaign/age", account.ExportPeople, s.showAge)
	d.post("/organise/c/:campaign/age", account.ExportPeople, s.setAge)
	d.post("/organise/c/:campaign/age/remove", account.ExportPeople, s.removeAge)
}

// showAge answers GET /organise/c/{campaign}/age.
func (s *Server) showAge(v visit) error { return s.agePage(v, http.StatusOK, view.DeskForm{}) }

func (s *Server) agePage(v visit, code int, form view.DeskForm) error {
	frame, found, err := s.campaignDesk(v, "desk.title.age")
	if err != nil {
		return err
	}
	k, err := s.Service.AgeKey(v.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	page := view.DeskAge{Desk: frame, At: atAge(found.Slug), Make: "age-keygen -o key.txt", Form: form}
	if k.Key != "" {
		page.Key, page.Fingerprint, page.AddedBy, page.AddedAt, page.Sealing = k.Key, k.Fingerprint(), k.AddedBy, k.AddedAt, !k.Swept
	}
	return s.deskPage(v, code, page)
}

func atAge(slug string) string { return atDesk + "/c/" + slug + "/age" }

// setAge answers POST /organise/c/{campaign}/age. What is no public key does not
// come back with the page: it may be a secret one.
func (s *Server) setAge(v visit) error {
	slug, typed := v.Param("campaign"), v.FormValue(campaign.FieldAgeKey)
	err := s.Service.SetAgeKey(v.Request().Context(), v.by(), slug, typed)
	if wrong, ok := s.wrong(err); ok {
		form := view.DeskForm{Errors: wrong}
		if strings.HasPrefix(strings.TrimSpace(typed), "age1") && len(typed) < 100 {
			form.Values = map[string]string{campaign.FieldAgeKey: typed}
		}
		return s.agePage(v, status(err), form)
	}
	if err != nil {
		return err
	}
	return s.done(v, atAge(slug), "desk.done.age_set")
}

// removeAge answers POST /organise/c/{campaign}/age/remove.
func (s *Server) removeAge(v visit) error {
	slug := v.Param("campaign")
	if err := s.Service.RemoveAgeKey(v.Request().Context(), v.by(), slug); err != nil {
		return err
	}
	return s.done(v, atAge(slug), "desk.done.age_removed")
}
