package web

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// listed is one constituency of the pledge list for programs. Days are ISO 8601,
// and what there is none of is empty, but for Letters: it is null where there
// are fewer than campaign.SuppressBelow.
type listed struct {
	Code           string            `json:"code"`
	Constituency   string            `json:"constituency"`
	ConstituencyCy string            `json:"constituency_cy"`
	Nation         string            `json:"nation"`
	Region         string            `json:"region"`
	MemberID       *int              `json:"member_id"` // null while the seat is vacant
	MP             string            `json:"mp"`
	Party          string            `json:"party"`
	Pledge         campaign.Standing `json:"pledge"`
	PledgedOn      string            `json:"pledged_on"`
	Evidence       string            `json:"evidence"`
	WithdrawnOn    string            `json:"withdrawn_on"`
	Withdrawn      string            `json:"withdrawn_evidence"`
	Letters        *int              `json:"letters"`
}

// listedColumns are the columns of the CSV file.
var listedColumns = []string{
	"code", "constituency", "constituency_cy", "nation", "region", "member_id", "mp", "party",
	"pledge", "pledged_on", "evidence", "withdrawn_on", "withdrawn_evidence", "letters",
}

func (f *seatFacts) listed() listed {
	c, m, p := f.Constituency, f.Member, f.pledge
	l := listed{
		Code: c.Code, Constituency: c.Name, ConstituencyCy: c.NameCy, Nation: c.Country, Region: c.Region,
		MP: m.Name, Party: m.Party, Pledge: f.standing,
		PledgedOn: p.On, Evidence: p.Evidence, WithdrawnOn: p.WithdrawnOn, Withdrawn: p.WithdrawnEvidence,
	}
	if !f.Vacant() {
		l.MemberID = &m.ID
	}
	if f.letters > 0 {
		l.Letters = &f.letters
	}
	return l
}

func (l listed) record() []string {
	return []string{
		l.Code, l.Constituency, l.ConstituencyCy, l.Nation, l.Region, figure(l.MemberID), l.MP, l.Party,
		string(l.Pledge), l.PledgedOn, l.Evidence, l.WithdrawnOn, l.Withdrawn, figure(l.Letters),
	}
}

// mpsCSV answers GET /c/{campaign}/mps.csv.
func (s *Server) mpsCSV(c echo.Context) error { return s.sendMPs(c, kindCSV) }

// mpsJSON answers GET /c/{campaign}/mps.json.
func (s *Server) mpsJSON(c echo.Context) error { return s.sendMPs(c, kindJSON) }

// sendMPs sends the whole list in a form for programs, from wherever they ask.
func (s *Server) sendMPs(c echo.Context, kind string) error {
	f, err := s.askedFacts(c)
	if err != nil {
		return err
	}
	list := func() []listed { return listing(f, func(*seatFacts) bool { return true }) }
	c.Response().Header()["Access-Control-Allow-Origin"] = anyOrigin
	s.setSources(c, f.campaign)
	d := data{slug: f.campaign.Slug, noun: "mps", kind: kind, version: f.version, cache: revalidate}
	return s.sendData(c, d, func() any {
		return struct {
			Campaign      string   `json:"campaign"`
			Page          string   `json:"page"`
			Attribution   []string `json:"attribution"`
			SuppressBelow int      `json:"suppress_below"`
			Total         int      `json:"total"`
			Pledged       int      `json:"pledged"`
			MPs           []listed `json:"mps"`
		}{
			Campaign: f.campaign.Slug, Page: s.View.Base() + "/c/" + f.campaign.Slug + "/mps",
			Attribution: f.roster.Attribution(), SuppressBelow: campaign.SuppressBelow,
			Total: parliament.SeatCount, Pledged: f.pledges.Standing, MPs: list(),
		}
	}, func() [][]string { return listedRecords(list()) })
}

// listing is the constituencies that are wanted, for programs.
func listing(f listFacts, wanted func(*seatFacts) bool) []listed {
	list := []listed{}
	for _, each := range f.ofAll(f.roster.Seats()) {
		if wanted(each) {
			list = append(list, each.listed())
		}
	}
	return list
}

// listedRecords is a list as the lines of a CSV file.
func listedRecords(list []listed) [][]string {
	records := [][]string{listedColumns}
	for _, each := range list {
		records = append(records, each.record())
	}
	return records
}

// licences are those of the constituencies and of the members, for programs.
const licences = `<https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/>; rel="license", ` +
	`<https://www.parliament.uk/site-information/copyright-parliament/open-parliament-licence/>; rel="license"`

// setSources says where people read the list, and under which licences it is.
func (s *Server) setSources(c echo.Context, found *campaign.Campaign) {
	c.Response().Header().Set("Link", fmt.Sprintf(`<%s%s>; rel="alternate"; type="text/html", %s`, s.View.Base(), view.At(s.lang(c), "/c/"+found.Slug+"/mps"), licences))
}
