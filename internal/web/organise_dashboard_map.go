package web

import (
	"html/template"
	"strings"

	"postbag/internal/atlas"
	"postbag/internal/campaign"
	"postbag/internal/view"
)

// fillMap draws the map, which tells exact numbers here.
func (s *Server) fillMap(d *dash, page *view.Dashboard) error {
	q := d.query
	for _, by := range []string{mapByLetters, mapByPledge, mapByReplies} {
		asked := by
		if by == mapByLetters {
			asked = ""
		}
		page.MapWays = append(page.MapWays, view.MapWay{Name: s.View.Desk("desk.map.by_" + by), URL: q.with(q.path, askMap, asked), Current: by == q.mapBy})
	}
	page.MapFile = q.with(q.path + "/map.svg")
	options, key := s.dashMap(d)
	var svg strings.Builder
	if err := s.Map.Full(&svg, options); err != nil {
		return err
	}
	page.Map = template.HTML(svg.String()) //nolint:gosec // our own drawing, which escapes what it is given
	for _, k := range key {
		var swatch strings.Builder
		if err := atlas.Swatch(&swatch, k.Class, k.Mark); err != nil {
			return err
		}
		page.Key = append(page.Key, view.MapKey{Swatch: template.HTML(swatch.String()), Words: k.Words}) //nolint:gosec // our own drawing
	}
	return nil
}

// dashMap says what the map shows of each constituency, and its legend. A
// hexagon leads to the constituency's row, where every row is there.
func (s *Server) dashMap(d *dash) (atlas.Options, []atlas.Key) {
	by, whole := d.query.mapBy, !d.query.seats.Narrows()
	number := func(seat *campaign.SeatTally) int {
		if by == mapByReplies {
			return seat.Tally.Replies.Total()
		}
		return max(seat.Tally.Letters(), 0)
	}
	most := 0
	for i := range d.board.Seats {
		most = max(most, number(&d.board.Seats[i]))
	}
	scale := atlas.Scale(most)
	words := s.seatWords()
	o := atlas.Options{Title: s.View.Desk("desk.map.title_" + by), Cell: func(code string) atlas.Cell {
		seat, ok := d.board.Seat(code)
		if !ok {
			return atlas.Cell{Title: code}
		}
		c := atlas.Cell{Mark: seat.Standing == campaign.StandingPledged, Href: "#" + code, Title: words.hexagon(seat)}
		if !whole {
			c.Href = mpAtDesk(code)
		}
		switch {
		case by != mapByPledge:
			c.Class = atlas.ClassOf(scale, number(seat))
		case c.Mark:
			c.Class = atlas.Pledged
		}
		return c
	}}
	var key []atlas.Key
	if by == mapByPledge {
		return o, append(key, atlas.Key{Words: s.View.Desk("desk.map.key_not")},
			atlas.Key{Class: atlas.Pledged, Mark: true, Words: s.View.Desk("desk.map.key_pledged")})
	}
	say := func(n int) string { return s.View.Number(view.DefaultLang, n) }
	for class, step := range scale {
		words := say(step.From)
		switch {
		case class == len(scale)-1 && class > 0:
			words = s.View.Desk("desk.map.key_from", "from", say(step.From))
		case step.To > step.From:
			words = s.View.Desk("desk.map.key_range", "from", say(step.From), "to", say(step.To))
		}
		key = append(key, atlas.Key{Class: class, Words: words})
	}
	return o, append(key, atlas.Key{Mark: true, Words: s.View.Desk("desk.map.key_pledged")})
}

// mapFile answers GET /organise/c/{campaign}/map.svg.
func (s *Server) mapFile(v visit) error {
	d, err := s.dashFile(v)
	if err != nil {
		return err
	}
	options, key := s.dashMap(d)
	return s.sendSVG(d, "map", func(b *strings.Builder) error { return s.Map.File(b, options, key) })
}
