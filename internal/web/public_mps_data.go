package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

var typeCSV = []string{"text/csv; charset=utf-8; header=present"}

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
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	record := []string{
		l.Code, l.Constituency, l.ConstituencyCy, l.Nation, l.Region, number(l.MemberID), l.MP, l.Party,
		string(l.Pledge), l.PledgedOn, l.Evidence, l.WithdrawnOn, l.Withdrawn, number(l.Letters),
	}
	for i, field := range record {
		record[i] = harmless(field)
	}
	return record
}

// harmless keeps a spreadsheet from taking a field for a formula: an apostrophe
// before it makes it text.
func harmless(field string) string {
	if field != "" && bytes.IndexByte([]byte("=+-@\t\r\n"), field[0]) >= 0 {
		return "'" + field
	}
	return field
}

// mpsCSV answers GET /c/{campaign}/mps.csv.
func (s *Server) mpsCSV(c echo.Context) error {
	return s.sendData(c, "csv", typeCSV, func(f listFacts) ([]byte, error) {
		var body bytes.Buffer
		w := csv.NewWriter(&body)
		w.UseCRLF = true // RFC 4180
		records := [][]string{listedColumns}
		for _, each := range f.ofAll(f.roster.Seats()) {
			records = append(records, each.listed().record())
		}
		err := w.WriteAll(records)
		return body.Bytes(), err
	})
}

// mpsJSON answers GET /c/{campaign}/mps.json.
func (s *Server) mpsJSON(c echo.Context) error {
	return s.sendData(c, "json", typeJSON, func(f listFacts) ([]byte, error) {
		out := struct {
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
			Total: parliament.SeatCount, Pledged: f.pledges.Standing,
		}
		for _, each := range f.ofAll(f.roster.Seats()) {
			out.MPs = append(out.MPs, each.listed())
		}
		body, err := json.Marshal(out)
		return append(body, '\n'), err
	})
}

// licences are those of the constituencies and of the members, for programs.
const licences = `<https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/>; rel="license", ` +
	`<https://www.parliament.uk/site-information/copyright-parliament/open-parliament-licence/>; rel="license"`

// sendData sends the list in a form for programs, from wherever they ask.
func (s *Server) sendData(c echo.Context, kind string, contentType []string, write func(listFacts) ([]byte, error)) error {
	facts, err := s.askedFacts(c)
	if err != nil {
		return err
	}
	p, err := s.lists.get(listKey{slug: facts.campaign.Slug, kind: kind}, facts.version, s.Reload, func() (*cachedPage, error) {
		body, err := write(facts)
		if err != nil {
			return nil, fmt.Errorf("write the pledge list as %s: %w", kind, err)
		}
		p, err := newCachedPage(body)
		if err == nil {
			p.contentType = contentType
		}
		return p, err
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Link", fmt.Sprintf(`<%s%s>; rel="alternate"; type="text/html", %s`, s.View.Base(), view.At(s.lang(c), "/c/"+facts.campaign.Slug+"/mps"), licences))
	if kind == "csv" {
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-mps.csv"`, facts.campaign.Slug))
	}
	return p.send(c)
}
