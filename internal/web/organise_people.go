package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/view"
)

const atPeople = atDesk + "/accounts"

func (s *Server) peopleRoutes(d desk) {
	d.get("/organise/accounts", account.ManageAccounts, s.showPeople)
	d.post("/organise/accounts", account.ManageAccounts, s.invitePerson)
	d.get("/organise/accounts/:id", account.ManageAccounts, s.showPerson)
	d.post("/organise/accounts/:id", account.ManageAccounts, s.editPerson)
	d.post("/organise/accounts/:id/link", account.ManageAccounts, s.sendPersonLink)
	d.post("/organise/accounts/:id/second-factor", account.ManageAccounts, s.clearSecondFactor)
	d.post("/organise/accounts/:id/disable", account.ManageAccounts, s.disablePerson)
	d.post("/organise/accounts/:id/enable", account.ManageAccounts, s.enablePerson)
}

// personForm is what the forms about a person hold.
func personForm(v visit) (account.Account, map[string]string) {
	values := map[string]string{}
	for _, field := range []string{"name", "email", "role", "partner"} {
		values[field] = v.FormValue(field)
	}
	return account.Account{Name: values["name"], Email: values["email"], Role: account.Role(values["role"]), Partner: values["partner"]}, values
}

// roles are the roles to choose from.
func roles() (all []string) {
	for _, r := range account.Roles() {
		all = append(all, string(r))
	}
	return all
}

// partnerOptions are the partners to choose from, and the one that is chosen,
// whatever it is.
func (s *Server) partnerOptions(chosen string) []view.DeskOption {
	var all []view.DeskOption
	known := chosen == ""
	for _, p := range s.Service.Partners() {
		if p.Retired() && p.Slug != chosen {
			continue
		}
		known = known || p.Slug == chosen
		all = append(all, view.DeskOption{Value: p.Slug, Words: p.Name, Chosen: p.Slug == chosen})
	}
	if !known {
		all = append(all, view.DeskOption{Value: chosen, Words: chosen, Chosen: true})
	}
	return all
}

// checkPartner reports an account of a partner that there is not.
func (s *Server) checkPartner(a account.Account) error {
	if _, err := s.Service.AnyPartner(a.Partner); err != nil && a.Role == account.Partner && a.Partner != "" {
		return fault.Fieldwise(map[string]string{account.FieldPartner: "desk.error.no_partner"})
	}
	return nil
}

// showPeople answers GET /organise/accounts.
func (s *Server) showPeople(v visit) error {
	return s.peoplePage(v, http.StatusOK, view.DeskForm{Values: map[string]string{"role": string(account.Organiser)}})
}

func (s *Server) peoplePage(v visit, code int, form view.DeskForm) error {
	all, err := s.Accounts.Accounts(v.Request().Context())
	if err != nil {
		return err
	}
	form.Order = []string{"name", account.FieldEmail, "role", "partner"}
	page := view.People{Desk: s.deskFrame(v, "desk.title.people"), Form: form, Roles: roles(), Partners: s.partnerOptions(form.Values["partner"])}
	for _, a := range all {
		page.People = append(page.People, person(a))
	}
	return s.deskPage(v, code, page)
}

func person(a account.Account) view.Person {
	return view.Person{
		ID: a.ID, Name: a.Name, Email: a.Email, Role: string(a.Role), Partner: a.Partner, Ready: a.Ready, Disabled: a.Disabled(),
		SecondFactor: a.SecondFactor, SignedInAt: a.SignedInAt,
	}
}

// invitePerson answers POST /organise/accounts.
func (s *Server) invitePerson(v visit) error {
	a, values := personForm(v)
	if wrong, ok := s.wrong(s.checkPartner(a)); ok {
		return s.peoplePage(v, http.StatusUnprocessableEntity, view.DeskForm{Values: values, Errors: wrong})
	}
	_, err := s.Accounts.Invite(v.Request().Context(), v.by(), a)
	if wrong, ok := s.wrong(err); ok {
		if fault.CodeOf(err) == fault.Conflict {
			wrong = map[string]string{account.FieldEmail: wrong[""]}
		}
		return s.peoplePage(v, status(err), view.DeskForm{Values: values, Errors: wrong})
	}
	if err != nil {
		return err
	}
	return s.done(v, atPeople, "desk.done.invited")
}

// personOf is the account that an address names.
func (s *Server) personOf(v visit) (account.Account, error) {
	id, err := strconv.ParseInt(v.Param("id"), 10, 64)
	if err != nil {
		return account.Account{}, echo.ErrNotFound
	}
	return s.Accounts.AnyAccount(v.Request().Context(), id)
}

// showPerson answers GET /organise/accounts/{id}.
func (s *Server) showPerson(v visit) error { return s.personPage(v, http.StatusOK, nil, nil) }

// personPage shows an account; values are what was typed, nil: nothing.
func (s *Server) personPage(v visit, code int, values, wrong map[string]string) error {
	a, err := s.personOf(v)
	if err != nil {
		return err
	}
	page := view.PersonPage{Desk: s.deskFrame(v, "desk.title.person"), Person: person(a), Roles: roles(), Self: a.ID == v.who.ID}
	page.Typed = values != nil
	if values == nil {
		values = map[string]string{"name": a.Name, "role": string(a.Role), "partner": a.Partner}
	}
	page.Form, page.Partners = view.DeskForm{Values: values, Errors: wrong}, s.partnerOptions(values["partner"])
	return s.deskPage(v, code, page)
}

// editPerson answers POST /organise/accounts/{id}.
func (s *Server) editPerson(v visit) error {
	old, err := s.personOf(v)
	if err != nil {
		return err
	}
	a, values := personForm(v)
	a.ID = old.ID
	was := &account.Account{Name: v.FormValue("was_name"), Role: account.Role(v.FormValue("was_role")), Partner: v.FormValue("was_partner")}
	if a.Partner != old.Partner {
		if wrong, ok := s.wrong(s.checkPartner(a)); ok {
			return s.personPage(v, http.StatusUnprocessableEntity, values, wrong)
		}
	}
	err = s.Accounts.Edit(v.Request().Context(), v.by(), a, was)
	if wrong, ok := s.wrong(err); ok {
		return s.personPage(v, status(err), values, wrong)
	}
	return s.changed(v, old.ID, err, "desk.done.person")
}

// changed leads back to a person after a change, or shows why there was none.
func (s *Server) changed(v visit, id int64, err error, done string) error {
	if wrong, ok := s.wrong(err); ok {
		return s.personPage(v, status(err), nil, wrong)
	}
	if err != nil {
		return err
	}
	return s.done(v, atPeople+"/"+strconv.FormatInt(id, 10), done)
}

// sendPersonLink answers POST /organise/accounts/{id}/link.
func (s *Server) sendPersonLink(v visit) error {
	a, err := s.personOf(v)
	if err != nil {
		return err
	}
	return s.changed(v, a.ID, s.Accounts.SendLink(v.Request().Context(), v.by(), a.ID), "desk.done.link_sent")
}

// clearSecondFactor answers POST /organise/accounts/{id}/second-factor.
func (s *Server) clearSecondFactor(v visit) error {
	a, err := s.personOf(v)
	if err != nil {
		return err
	}
	return s.changed(v, a.ID, s.Accounts.ClearSecondFactor(v.Request().Context(), v.by(), a.ID), "desk.done.second_factor_cleared")
}

// disablePerson answers POST /organise/accounts/{id}/disable.
func (s *Server) disablePerson(v visit) error {
	a, err := s.personOf(v)
	if err != nil {
		return err
	}
	return s.changed(v, a.ID, s.Accounts.Disable(v.Request().Context(), v.by(), a.ID), "desk.done.disabled")
}

// enablePerson answers POST /organise/accounts/{id}/enable.
func (s *Server) enablePerson(v visit) error {
	a, err := s.personOf(v)
	if err != nil {
		return err
	}
	return s.changed(v, a.ID, s.Accounts.Enable(v.Request().Context(), v.by(), a.ID), "desk.done.enabled")
}
