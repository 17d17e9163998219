package web

import (
	"strconv"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// seatWords puts constituencies into words. Hundreds have the same, so each is
// said once.
type seatWords struct {
	view      *view.Renderer
	standings map[campaign.Standing]string
	vacant    string
	letters   map[int]string
	replies   map[int]string
}

func (s *Server) seatWords() *seatWords {
	w := &seatWords{
		view: s.View, standings: map[campaign.Standing]string{}, vacant: s.View.Desk("desk.dash.vacant"),
		letters: map[int]string{}, replies: map[int]string{},
	}
	for _, each := range campaign.Standings() {
		w.standings[each] = s.View.T(view.DefaultLang, "standing."+string(each))
	}
	return w
}

func (w *seatWords) counted(known map[int]string, key string, n int) string {
	said, ok := known[n]
	if !ok {
		said = w.view.Desk(key, "n", n)
		known[n] = said
	}
	return said
}

func (w *seatWords) hexagon(seat *campaign.SeatTally) string {
	return seat.Constituency.Name + ": " + w.counted(w.letters, "desk.seat_letters", seat.Tally.Letters()) + ", " +
		w.counted(w.replies, "desk.map.replies", seat.Tally.Replies.Total()) + "; " + w.standings[seat.Standing]
}

func (w *seatWords) row(seat *campaign.SeatTally) view.DashRow {
	c := seat.Constituency
	row := view.DashRow{
		Code: c.Code, URL: mpAtDesk(c.Code), Place: c.Name, MP: seat.Member.Name, Party: seat.Member.Party,
		Tag: tags[seat.Standing], Pledge: w.standings[seat.Standing],
		Letters: seat.Tally.Letters(), Share: share(seat), Replies: seat.Tally.Replies.Total(), Last: seat.Tally.LastAt,
	}
	if c.NameCy != c.Name {
		row.Also = c.NameCy
	}
	if seat.Vacant() {
		row.MP = w.vacant
	}
	return row
}

// share writes letters per 10,000 postcodes; empty where it is not known.
func share(seat *campaign.SeatTally) string {
	if seat.Share() < 0 {
		return ""
	}
	return strconv.FormatFloat(seat.Share(), 'f', 1, 64)
}

// dashTable is the table as it was asked for.
func (s *Server) dashTable(d *dash) view.DashTable {
	q := d.query
	t := view.DashTable{
		Path: q.path, Silent: q.seats.NoLetters, Find: q.seats.Find, Keep: q.keep(filters...), Total: len(d.board.Seats),
		Narrow: q.seats.Narrows(), Reset: q.only(),
	}
	words := s.seatWords()
	for _, seat := range d.board.Select(q.seats) {
		t.Rows = append(t.Rows, words.row(seat))
	}
	same := func(name string) string { return name }
	var standings []string
	for _, each := range campaign.Standings() {
		standings = append(standings, string(each))
	}
	for _, f := range []struct {
		name, chosen string
		values       []string
		label        func(string) string
	}{
		{askNation, q.seats.Nation, d.board.Nations(), same}, {askRegion, q.seats.Region, d.board.Regions(), same},
		{askParty, q.seats.Party, d.board.Parties(), same},
		{askPledge, string(q.seats.Pledge), standings, func(v string) string { return words.standings[campaign.Standing(v)] }},
	} {
		options := []view.DashOption{{Label: s.View.Desk("desk.dash.all"), Chosen: f.chosen == ""}}
		for _, value := range f.values {
			options = append(options, view.DashOption{Value: value, Label: f.label(value), Chosen: value == f.chosen})
		}
		t.Selects = append(t.Selects, view.DashSelect{Name: f.name, Options: options})
	}
	for _, by := range campaign.SeatSorts() {
		column := view.DashColumn{Name: s.View.Desk("desk.col." + string(by)), URL: q.with(q.path, askSort, string(by), askTurned, ""), Number: by.Falls()}
		if by == q.seats.Sort {
			column.Sort = "ascending"
			if by.Falls() != q.seats.Turned {
				column.Sort = "descending"
			}
			if !q.seats.Turned {
				column.URL = q.with(q.path, askSort, string(by), askTurned, "1")
			}
		}
		t.Columns = append(t.Columns, column)
	}
	for _, kind := range []struct{ name, file, bom string }{
		{"csv", "seats.csv", ""}, {"csv_excel", "seats.csv", "1"}, {"json", "seats.json", ""},
	} {
		t.Files = append(t.Files, view.DeskLink{Name: s.View.Desk("desk.export." + kind.name), URL: q.with(q.path+"/"+kind.file, askBOM, kind.bom)})
	}
	return t
}
