package atlas

import "testing"

// The floors are what the layout reaches, less a little, so that a change of
// method that makes it worse is seen.
func TestQuality_Floors(t *testing.T) {
	q := committed(t).Measure(committedBorders(t))
	percent := func(part, whole int) float64 { return 100 * float64(part) / float64(whole) }
	for _, c := range []struct {
		what             string
		got, least, most float64
	}{
		{"percent of neighbours that touch", percent(q.Kept, q.Borders), 69, 100},
		{"percent of the length of their borders", 100 * q.KeptLength, 72, 100},
		{"percent of neighbours at most two steps apart", percent(q.Near, q.Borders), 91.5, 100},
		{"percent of touching pairs that are neighbours", percent(q.Kept, q.Touching), 66.5, 100},
		{"mean displacement in widths", q.MeanOff, 0, 2.6},
		{"mean error of direction in degrees", q.Turned, 0, 27.5},
		{"steps from Northern Ireland to Great Britain", float64(q.Apart), channel, 6},
	} {
		if c.got < c.least || c.got > c.most {
			t.Errorf("%s: %.2f, want from %.2f to %.2f", c.what, c.got, c.least, c.most)
		}
	}
	if q.Seats != 650 || len(q.Parts) != 13 {
		t.Errorf("%d seats in %d nations and regions, want 650 in 13 (with England)", q.Seats, len(q.Parts))
	}
	for _, p := range q.Parts {
		if p.Pieces != 1 {
			t.Errorf("%s is in %d pieces", p.Name, p.Pieces)
		}
	}
}

// What the measure says of layouts where the answer is plain.
func TestMeasure(t *testing.T) {
	row := func(code, nation string, lon float64) Seat {
		return Seat{Code: code, Nation: nation, Region: nation, Lon: lon, Lat: 52}
	}
	seats := []Seat{row("A", "Wales", -4), row("B", "Wales", -3), row("C", "Wales", -2), row("N", "Northern Ireland", -6)}
	borders := []Border{{"A", "B", 10}, {"B", "C", 30}}
	for name, c := range map[string]struct {
		at                           map[string]Hex
		kept, near, touching, pieces int
		length                       float64
		turned                       float64 // about, in degrees
	}{
		"as it is": {map[string]Hex{"A": {0, 0}, "B": {1, 0}, "C": {2, 0}, "N": {-3, 0}}, 2, 2, 2, 1, 1, 0},
		"mirrored": {map[string]Hex{"A": {2, 0}, "B": {1, 0}, "C": {0, 0}, "N": {-3, 0}}, 2, 2, 2, 1, 1, 180},
		"one away": {map[string]Hex{"A": {-1, 0}, "B": {1, 0}, "C": {2, 0}, "N": {-4, 0}}, 1, 2, 1, 2, .75, 0},
		"swapped":  {map[string]Hex{"A": {1, 0}, "B": {0, 0}, "C": {2, 0}, "N": {-3, 0}}, 1, 2, 2, 1, .25, 90},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := newLayout(seats, c.at)
			if err != nil {
				t.Fatal(err)
			}
			q := l.Measure(borders)
			if q.Kept != c.kept || q.Near != c.near || q.Touching != c.touching || q.Parts[1].Pieces != c.pieces || q.Apart != 3 {
				t.Errorf("kept %d, near %d, touching %d, pieces %d, apart %d; want %d, %d, %d, %d, 3",
					q.Kept, q.Near, q.Touching, q.Parts[1].Pieces, q.Apart, c.kept, c.near, c.touching, c.pieces)
			}
			if q.KeptLength != c.length || q.Turned < c.turned-1.5 || q.Turned > c.turned+1.5 {
				t.Errorf("length %.2f, turned %.1f; want %.2f, %.1f", q.KeptLength, q.Turned, c.length, c.turned)
			}
		})
	}
}
