package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

const atKeys = atDesk + "/keys"

// keyRoutes declares the routes of the keys that programs are let in by. They
// open what a partner's supporters agreed to, so they are for who says who gets
// in.
func (s *Server) keyRoutes(d desk) {
	d.get("/organise/keys", account.ManageAccounts, s.showKeys)
	d.post("/organise/keys", account.ManageAccounts, s.addKey)
	d.post("/organise/keys/:id/revoke", account.ManageAccounts, s.revokeKey)
}

// showKeys answers GET /organise/keys.
func (s *Server) showKeys(v visit) error { return s.keysPage(v, http.StatusOK, view.DeskForm{}) }

func (s *Server) keysPage(v visit, code int, form view.DeskForm) error {
	all, err := s.Service.EveryAPIKey(v.Request().Context())
	if err != nil {
		return err
	}
	page := view.DeskKeys{Desk: s.deskFrame(v, "desk.title.keys"), Form: form}
	for _, k := range all {
		key := view.DeskKey{
			ID: k.ID, Name: k.Name, Partner: s.keyOwner(k.Partner), CreatedOn: campaign.Day(k.CreatedAt), CreatedBy: k.CreatedBy, LastUsedOn: k.LastUsedOn,
		}
		if k.Revoked() {
			key.RevokedOn = campaign.Day(k.RevokedAt)
		}
		page.Keys = append(page.Keys, key)
	}
	chosen := form.Values["partner"]
	page.Partners = []view.DeskChoice{{Words: s.View.Desk("desk.keys.site"), Chosen: chosen == ""}}
	for _, p := range s.Service.Partners() {
		if !p.Retired() {
			page.Partners = append(page.Partners, view.DeskChoice{Value: p.Slug, Words: p.Name, Chosen: p.Slug == chosen})
		}
	}
	return s.deskPage(v, code, page)
}

// keyOwner is what the partner is called whose key it is; empty: it is the site's.
func (s *Server) keyOwner(slug string) string {
	if slug == "" {
		return ""
	}
	return s.partnerName(slug)
}

// addKey answers POST /organise/keys. What it shows is shown this once: no cache
// keeps it, and nobody can ask for it again.
func (s *Server) addKey(v visit) error {
	name, partner := v.FormValue(campaign.FieldName), v.FormValue(fieldPartner)
	key, err := s.Service.NewAPIKey(v.Request().Context(), v.by(), partner, name)
	if fault.CodeOf(err) == fault.NotFound { // it has retired meanwhile
		err = fault.Fieldwise(map[string]string{fieldPartner: "desk.error.key_partner"})
	}
	if wrong, ok := s.wrong(err); ok {
		return s.keysPage(v, status(err), view.DeskForm{Values: map[string]string{"name": name, "partner": partner}, Errors: wrong})
	}
	if err != nil {
		return err
	}
	return s.deskPage(v, http.StatusOK, view.DeskKeyMade{
		Desk: s.deskFrame(v, "desk.title.key_made"), Name: name, Partner: s.keyOwner(partner), Key: key,
		Curl: `curl -H "Authorization: Bearer ` + key + `" ` + s.View.Base() + "/api/v1/campaigns",
	})
}

// revokeKey answers POST /organise/keys/{id}/revoke.
func (s *Server) revokeKey(v visit) error {
	ctx := v.Request().Context()
	id, err := strconv.ParseInt(v.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	all, err := s.Service.EveryAPIKey(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.ID == id {
			if err := s.Service.RevokeAPIKey(ctx, v.by(), k.Partner, id); err != nil {
				return err
			}
			return s.done(v, atKeys, "desk.done.key_revoked")
		}
	}
	return echo.ErrNotFound
}
