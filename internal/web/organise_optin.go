package web

import (
	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// optInDeskRoutes declares the downloads of opt-ins. Exports are written down, so
// each is a POST: nothing fetches it ahead.
func (s *Server) optInDeskRoutes(d desk) {
	d.post("/organise/c/:campaign/opt-ins.csv", account.ExportPeople, s.exportOwnOptIns)
	d.post("/organise/own/opt-ins.csv", account.SeeOwnPartner, s.exportPartnerOptIns)
}

// exportOwnOptIns answers POST /organise/c/{campaign}/opt-ins.csv: what was given
// to who runs the campaign, and to nobody else.
func (s *Server) exportOwnOptIns(v visit) error {
	found, err := s.Service.AnyCampaign(v.Param("campaign"))
	if err != nil {
		return err
	}
	return s.exportOptIns(v, v.by(), campaign.OptInsOf{Campaign: found.Slug}, found.Slug+"-opt-ins.csv", v.FormValue(askBOM) == "1")
}

// exportPartnerOptIns answers POST /organise/own/opt-ins.csv: what was given
// to the partner whose account it is. Whoever else may see a partner's counts may
// not have its contacts: they have no partner. One that has retired still has to
// learn who does not want to hear from it any more.
func (s *Server) exportPartnerOptIns(v visit) error {
	if v.who.Role != account.Partner {
		return fault.New(fault.NotFound, "error.no_partner")
	}
	p, err := s.Service.AnyPartner(v.who.Partner)
	if err != nil {
		return err
	}
	return s.exportOptIns(v, v.by(), campaign.OptInsOf{Partner: p.Slug}, p.Slug+"-opt-ins.csv", v.FormValue(askBOM) == "1")
}

// optInCounts are a campaign's counts of opt-ins as its dashboard shows them.
func (s *Server) optInCounts(v visit, slug string) ([]view.OptInCount, error) {
	counts, err := s.Service.OptInCounts(v.Request().Context(), slug)
	if err != nil {
		return nil, err
	}
	var all []view.OptInCount
	for _, c := range counts {
		one := view.OptInCount{Standing: c.Standing(), Ended: c.Ended}
		if c.Partner != "" {
			one.Partner = c.Partner
			if p, err := s.Service.AnyPartner(c.Partner); err == nil {
				one.Partner = p.Name
			}
		} else if v.who.Role.May(account.ExportPeople) {
			one.Export = atDesk + "/c/" + slug + "/opt-ins.csv"
			k, err := s.Service.AgeKey(v.Request().Context(), slug)
			if err != nil {
				return nil, err
			}
			one.SealedTo = k.Fingerprint()
		}
		all = append(all, one)
	}
	return all, nil
}
