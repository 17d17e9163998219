package web

import (
	"net/http"
	"strconv"
	"strings"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

func (s *Server) checkRoutes(d desk) {
	d.get("/organise/c/:campaign/checks", account.DecideLetters, s.showChecks)
	d.post("/organise/c/:campaign/checks", account.EditCampaigns, s.setChecks)
}

// limitsInOrder are the numbers of the checks, those first that organisers change.
var limitsInOrder = []string{
	"similar", "seats", "email_hour", "email_day", "postcode_hour", "postcode_day", "address_hour", "address_day", "campaign_hour", "campaign_day",
}

// showChecks answers GET /organise/c/{campaign}/checks: what the checks held, and
// what organisers made of it.
func (s *Server) showChecks(v visit) error { return s.checksPage(v, http.StatusOK, nil, nil) }

// checksPage shows the page with what was typed, if anything was.
func (s *Server) checksPage(v visit, code int, typed, wrong map[string]string) error {
	d, found, err := s.campaignDesk(v, "desk.title.checks")
	if err != nil {
		return err
	}
	b, err := s.Service.CheckBook(v.Request().Context(), found.Slug)
	if err != nil {
		return err
	}
	page := view.DeskChecks{
		Desk: d, Counts: b.Counts, Letters: lettersAt(found.Slug), May: v.who.Role.May(account.EditCampaigns), Was: b.Was,
		Form: view.DeskForm{Values: typed, Errors: wrong, Order: append(limitsInOrder, campaign.FieldWords)},
	}
	if typed == nil {
		page.Form.Values = map[string]string{campaign.FieldWords: strings.Join(b.Words, "\n")}
	}
	for _, name := range limitsInOrder {
		page.Limits = append(page.Limits, view.DeskLimit{Name: name, Most: b.Bounds.Get(name)})
		if typed == nil {
			page.Form.Values[name] = strconv.Itoa(b.Get(name))
		}
	}
	return s.deskPage(v, code, page)
}

// setChecks answers POST /organise/c/{campaign}/checks.
func (s *Server) setChecks(v visit) error {
	slug, c := v.Param("campaign"), campaign.Checks{Words: strings.Split(v.FormValue(campaign.FieldWords), "\n")}
	typed := map[string]string{campaign.FieldWords: v.FormValue(campaign.FieldWords)}
	for _, name := range limitsInOrder {
		typed[name] = strings.TrimSpace(v.FormValue(name))
		n, err := strconv.Atoi(typed[name])
		if err != nil {
			n = -1 // which will not do
		}
		c.Set(name, n)
	}
	err := s.Service.SetChecks(v.Request().Context(), v.by(), slug, v.FormValue("was"), c)
	if wrong, ok := s.wrong(err); ok {
		for _, name := range limitsInOrder { // they say the same, and stand above the form as well
			if text := wrong[name]; text != "" {
				wrong[name] = s.View.Desk("desk.error.check_named", "name", s.View.Desk("desk.limit."+name+".name"), "text", text)
			}
		}
		return s.checksPage(v, status(err), typed, wrong)
	}
	if err != nil {
		return err
	}
	return s.done(v, atDesk+"/c/"+slug+"/checks", "desk.done.checks")
}
