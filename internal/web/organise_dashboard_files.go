package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postbag/internal/campaign"
)

var typeSVG = []string{"image/svg+xml"}

// dashFile gathers what a file of numbers is made of. Days that make no sense are
// an error here: nobody would see in a file that it is of others.
func (s *Server) dashFile(v visit) (*dash, error) {
	d, err := s.dash(v)
	if err == nil && d.err != nil {
		err = d.err
	}
	return d, err
}

// tallied is one constituency of the table, for programs. Times are ISO 8601 in
// UTC; what there is none of is empty, or null.
type tallied struct {
	Code            string            `json:"code"`
	Constituency    string            `json:"constituency"`
	ConstituencyCy  string            `json:"constituency_cy"`
	Nation          string            `json:"nation"`
	Region          string            `json:"region"`
	MemberID        *int              `json:"member_id"` // null while the seat is vacant
	MP              string            `json:"mp"`
	Party           string            `json:"party"`
	Pledge          campaign.Standing `json:"pledge"`
	PledgedOn       string            `json:"pledged_on"`
	Letters         int               `json:"letters"`
	Postcodes       *int              `json:"postcodes"` // null where they are not known
	Share           *float64          `json:"letters_per_10000_postcodes"`
	Written         int               `json:"written"`
	Confirmed       int               `json:"confirmed"`
	Sent            int               `json:"sent"`
	Awaiting        int               `json:"awaiting"`
	Queued          int               `json:"queued"`
	Held            int               `json:"held"`
	Failed          int               `json:"failed"`
	Bounced         int               `json:"bounced"`
	Uncertain       int               `json:"uncertain"`
	RepliesNone     int               `json:"replies_none"`
	RepliesStandard int               `json:"replies_standard"`
	RepliesReal     int               `json:"replies_real"`
	RepliesPledged  int               `json:"replies_pledged"`
	RepliesRefused  int               `json:"replies_refused"`
	SelfReported    int               `json:"self_reported"`
	LastLetter      string            `json:"last_letter"`
}

var talliedColumns = []string{
	"code", "constituency", "constituency_cy", "nation", "region", "member_id", "mp", "party", "pledge", "pledged_on",
	"letters", "postcodes", "letters_per_10000_postcodes", "written", "confirmed", "sent", "awaiting", "queued", "held", "failed", "bounced", "uncertain",
	"replies_none", "replies_standard", "replies_real", "replies_pledged", "replies_refused", "self_reported", "last_letter",
}

func tallyOf(seat *campaign.SeatTally) tallied {
	c, m, t := seat.Constituency, seat.Member, seat.Tally
	out := tallied{
		Code: c.Code, Constituency: c.Name, ConstituencyCy: c.NameCy, Nation: c.Country, Region: c.Region, MP: m.Name, Party: m.Party,
		Pledge: seat.Standing, PledgedOn: seat.Pledge.On, Letters: t.Letters(), Written: t.Written, Confirmed: t.Confirmed, Sent: t.Sent,
		Awaiting: t.Now.Awaiting, Queued: t.Now.Queued, Held: t.Now.Held, Failed: t.Now.Failed, Bounced: t.Now.Bounced, Uncertain: t.Now.Uncertain,
		RepliesNone: t.Replies.None, RepliesStandard: t.Replies.Standard, RepliesReal: t.Replies.Real, RepliesPledged: t.Replies.Pledged,
		RepliesRefused: t.Replies.Refused, SelfReported: t.SelfReported,
	}
	if !seat.Vacant() {
		out.MemberID = &m.ID
	}
	if seat.Postcodes > 0 {
		per := seat.Share()
		out.Postcodes, out.Share = &seat.Postcodes, &per
	}
	if !t.LastAt.IsZero() {
		out.LastLetter = t.LastAt.UTC().Format(time.RFC3339)
	}
	return out
}

func (t tallied) record() []string {
	per := ""
	if t.Share != nil {
		per = strconv.FormatFloat(*t.Share, 'f', 2, 64)
	}
	record := []string{
		t.Code, t.Constituency, t.ConstituencyCy, t.Nation, t.Region, figure(t.MemberID), t.MP, t.Party, string(t.Pledge), t.PledgedOn,
		strconv.Itoa(t.Letters), figure(t.Postcodes), per,
	}
	for _, n := range []int{
		t.Written, t.Confirmed, t.Sent, t.Awaiting, t.Queued, t.Held, t.Failed, t.Bounced, t.Uncertain,
		t.RepliesNone, t.RepliesStandard, t.RepliesReal, t.RepliesPledged, t.RepliesRefused, t.SelfReported,
	} {
		record = append(record, strconv.Itoa(n))
	}
	return append(record, t.LastLetter)
}

// seatsCSV answers GET /organise/c/{campaign}/seats.csv: the table, with its
// filters and in its order.
func (s *Server) seatsCSV(v visit) error {
	d, err := s.dashFile(v)
	if err != nil {
		return err
	}
	records := [][]string{talliedColumns}
	for _, seat := range d.board.Select(d.query.seats) {
		records = append(records, tallyOf(seat).record())
	}
	return s.sendCSV(d, "constituencies", records)
}

// seatsJSON answers GET /organise/c/{campaign}/seats.json.
func (s *Server) seatsJSON(v visit) error {
	d, err := s.dashFile(v)
	if err != nil {
		return err
	}
	out := struct {
		Campaign       string    `json:"campaign"`
		At             string    `json:"at"`
		Constituencies []tallied `json:"constituencies"`
	}{d.board.Campaign.Slug, s.Service.Now().UTC().Format(time.RFC3339), []tallied{}}
	for _, seat := range d.board.Select(d.query.seats) {
		out.Constituencies = append(out.Constituencies, tallyOf(seat))
	}
	return s.sendJSON(d, "constituencies", out)
}

// point is one day or hour of the series, for programs: At begins it, in
// London's time.
type point struct {
	At        string `json:"at"`
	Written   int    `json:"written"`
	Confirmed int    `json:"confirmed"`
	Sent      int    `json:"sent"`
	Failed    int    `json:"failed"`
	Bounced   int    `json:"bounced"`
	Uncertain int    `json:"uncertain"`
}

func pointsOf(series *campaign.Series) []point {
	all := make([]point, len(series.Points))
	for i, p := range series.Points {
		at := p.At.In(campaign.London).Format(time.DateOnly)
		if series.By == campaign.ByHour {
			at = p.At.In(campaign.London).Format(time.RFC3339)
		}
		all[i] = point{at, p.Written, p.Confirmed, p.Sent, p.Failed, p.Bounced, p.Uncertain}
	}
	return all
}

// seriesCSV answers GET /organise/c/{campaign}/series.csv: the chart's numbers.
func (s *Server) seriesCSV(v visit) error {
	d, err := s.dashFile(v)
	if err != nil {
		return err
	}
	records := [][]string{{string(d.series.By), "written", "confirmed", "sent", "failed", "bounced", "uncertain"}}
	for _, p := range pointsOf(d.series) {
		record := []string{p.At}
		for _, n := range []int{p.Written, p.Confirmed, p.Sent, p.Failed, p.Bounced, p.Uncertain} {
			record = append(record, strconv.Itoa(n))
		}
		records = append(records, record)
	}
	return s.sendCSV(d, "letters-by-"+string(d.series.By), records)
}

// seriesJSON answers GET /organise/c/{campaign}/series.json.
func (s *Server) seriesJSON(v visit) error {
	d, err := s.dashFile(v)
	if err != nil {
		return err
	}
	f := d.series.Funnel
	return s.sendJSON(d, "letters-by-"+string(d.series.By), struct {
		Campaign string         `json:"campaign"`
		From     string         `json:"from"`
		To       string         `json:"to"`
		By       campaign.Unit  `json:"by"`
		Points   []point        `json:"points"`
		Funnel   map[string]int `json:"funnel"`
	}{d.board.Campaign.Slug, d.series.From, d.series.To, d.series.By, pointsOf(d.series), map[string]int{
		"found": f.Found, "previewed": f.Previewed, "written": f.Written, "confirmed": f.Confirmed, "sent": f.Sent,
	}})
}

func (s *Server) sendCSV(d *dash, name string, records [][]string) error {
	body, err := csvOf(records, d.QueryParam(askBOM) == "1")
	if err != nil {
		return fmt.Errorf("write %s as CSV: %w", name, err)
	}
	return s.sendFile(d, name+".csv", typeCSV, body)
}

func (s *Server) sendJSON(d *dash, name string, out any) error {
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("write %s as JSON: %w", name, err)
	}
	return s.sendFile(d, name+".json", typeJSON, append(body, '\n'))
}

func (s *Server) sendSVG(d *dash, name string, draw func(*strings.Builder) error) error {
	var b strings.Builder
	if err := draw(&b); err != nil {
		return fmt.Errorf("draw the %s: %w", name, err)
	}
	return s.sendFile(d, name+".svg", typeSVG, []byte(b.String()))
}

// sendFile sends a file to be kept, named after its campaign and the day.
func (s *Server) sendFile(d *dash, name string, contentType []string, body []byte) error {
	d.Response().Header().Set("Content-Disposition",
		fmt.Sprintf(`attachment; filename="%s-%s-%s"`, d.board.Campaign.Slug, campaign.Day(s.Service.Now()), name))
	return send(d.Context, http.StatusOK, contentType, body)
}
