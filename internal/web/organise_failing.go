package web

import (
	"strconv"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// failing are the addresses from which letters come back, in a constituency or in
// all.
func (s *Server) failing(v visit, code string) (view.FailingList, error) {
	list := view.FailingList{May: v.who.Role.May(account.KeepMPs)}
	all, err := s.Service.FailingAddresses(v.Request().Context())
	if err != nil {
		return list, err
	}
	roster, _ := s.Service.Roster()
	for _, f := range all {
		if code != "" && f.Constituency != code {
			continue
		}
		seat, _ := roster.Seat(f.Constituency)
		list.Rows = append(list.Rows, view.FailingRow{
			ID: f.ID, Code: f.Constituency, Place: seat.Constituency.Name, MP: f.MP, Email: f.Email,
			Since: campaign.Day(f.Since), Letters: f.Letters, Status: f.Enhanced,
		})
	}
	return list, nil
}

// clearFailing answers POST /organise/mps/{seat}/clear.
func (s *Server) clearFailing(v visit) error {
	id, _ := strconv.ParseInt(v.FormValue("id"), 10, 64)
	code := strings.ToUpper(v.Param("seat"))
	err := s.Service.ClearFailing(v.Request().Context(), v.by(), code, id)
	if fault.SafeOf(err) == "desk.error.no_failing" { // somebody else was quicker
		page, bad := s.deskSeat(v)
		if bad != nil {
			return bad
		}
		page.Form.Errors = map[string]string{"": s.View.Desk("desk.error.no_failing")}
		return s.deskPage(v, status(err), page)
	}
	if err != nil {
		return err
	}
	return s.done(v, atMP(code), "desk.done.mp_clear")
}
