package atlas

import (
	"cmp"
	"math"
	"slices"
)

// Border is a pair of neighbouring constituencies.
type Border struct {
	A, B string // ONS codes, A before B
	// Length of what they share in kilometres, as counted on a raster, which
	// makes it longer than any map would; 0 where it is unknown (Northern
	// Ireland) and for a link across water.
	Length int
}

func compareBorders(a, b Border) int {
	return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
}

// gabriel finds the neighbours among seats by their centroids alone: two are
// neighbours when no third lies in the circle between them.
func gabriel(seats []Seat) []Border {
	at := make([]point, len(seats))
	for i, s := range seats {
		at[i] = s.grid()
	}
	var list []Border
	for i := range seats {
		for j := range i {
			middle := at[i].plus(at[j]).times(0.5)
			radius := at[i].apart(at[j]) / 2
			free := true
			for k := range seats {
				if k != i && k != j && at[k].apart(middle) < radius {
					free = false
					break
				}
			}
			if free {
				a, b := seats[i].Code, seats[j].Code
				list = append(list, Border{A: min(a, b), B: max(a, b)})
			}
		}
	}
	slices.SortFunc(list, compareBorders)
	return list
}

// grid projects a centroid to the British National Grid's transverse Mercator,
// in kilometres, y to the south as on a page. The datum shift of some 100 m and
// the series' higher terms are left out.
func (s Seat) grid() point {
	const (
		a, e2      = 6378.137, 0.00669438 // GRS80
		scale      = 0.9996012717
		lat0, lon0 = 49 * math.Pi / 180, -2 * math.Pi / 180
		east0      = 400
		north0     = -100
	)
	lat, lon := s.Lat*math.Pi/180, s.Lon*math.Pi/180
	sin, cos := math.Sincos(lat)
	tan2 := sin * sin / (cos * cos)
	nu := a * scale / math.Sqrt(1-e2*sin*sin)
	rho := nu * (1 - e2) / (1 - e2*sin*sin)
	eta2 := nu/rho - 1
	p := (lon - lon0) * cos
	east := east0 + nu*(p+p*p*p/6*(nu/rho-tan2))
	north := north0 + meridian(lat)*scale - meridian(lat0)*scale +
		nu*sin/cos*(p*p/2+p*p*p*p/24*(5-tan2+9*eta2))
	return point{east, -north}
}

// meridian is the length of the meridian from the equator, in kilometres.
func meridian(lat float64) float64 {
	const a, e2 = 6378.137, 0.00669438
	return a * ((1-e2/4-3*e2*e2/64)*lat - (3*e2/8+3*e2*e2/32)*math.Sin(2*lat) + 15*e2*e2/256*math.Sin(4*lat))
}
