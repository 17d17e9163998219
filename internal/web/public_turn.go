package web

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// soon is how near its turn a letter is going out now.
const soon = time.Minute

// turn tells where a letter stands in line; nil if it stands in none.
func (s *Server) turn(c echo.Context, p *campaign.Private) (*view.Turn, error) {
	if p.Person == nil {
		return nil, nil
	}
	t, err := s.Service.PlaceInLine(c.Request().Context(), p.Letter)
	if t == nil || err != nil {
		return nil, err
	}
	lang, now := s.lang(c), s.Service.Now()
	turn := &view.Turn{Place: s.ordinal(lang, t.Place)}
	if t.Why != "" {
		turn.Why = s.View.T(lang, "turn."+t.Why)
	}
	if t.Place > 1 || t.Why != "" || t.Expected.After(now.Add(soon)) {
		turn.At, turn.Today = t.Expected, campaign.Day(t.Expected) == campaign.Day(now)
		turn.Day = t.Why == campaign.WaitDissolved
	}
	return turn, nil
}

// ordinal says which in a row: 1st, 2nd, 3rd, and so on.
func (s *Server) ordinal(lang string, n int) string {
	key := "end"
	if tens := n % 100 / 10; tens != 1 && n%10 >= 1 && n%10 <= 3 {
		key = "end" + strconv.Itoa(n%10)
	}
	return s.View.T(lang, "ordinal."+key, "number", strconv.Itoa(n))
}
