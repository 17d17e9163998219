package parliament

import (
	"cmp"
	"math"
	"slices"
)

// Neighbour is a seat with how far it is from another.
type Neighbour struct {
	Seat Seat
	Km   float64 // from centroid to centroid, along a great circle
}

// Near returns the n constituencies whose centroids lie nearest to that of the
// constituency with this code, the nearest first, itself left out. It returns
// nothing for an unknown code.
func (r *Roster) Near(code string, n int) []Neighbour {
	from, ok := r.Seat(code)
	if !ok || n <= 0 {
		return nil
	}
	// Few are wanted of many: each takes its place among the best so far.
	var nearest []Neighbour
	for i := range r.seats {
		s := &r.seats[i]
		if s.Constituency.Code == code {
			continue
		}
		km := distance(from.Constituency, s.Constituency)
		if len(nearest) == n && km > nearest[n-1].Km {
			continue
		}
		one := Neighbour{*s, km}
		at, _ := slices.BinarySearchFunc(nearest, one, func(a, b Neighbour) int {
			return cmp.Or(cmp.Compare(a.Km, b.Km), cmp.Compare(a.Seat.Constituency.Code, b.Seat.Constituency.Code))
		})
		nearest = slices.Insert(nearest, at, one)
		nearest = nearest[:min(n, len(nearest))]
	}
	return nearest
}

// earthRadius is the mean radius of the Earth in kilometres (IUGG).
const earthRadius = 6371.0088

// distance returns the kilometres between two centroids on a sphere, by the
// haversine formula, which is exact for short distances as well.
func distance(a, b Constituency) float64 {
	const degree = math.Pi / 180
	lat := math.Sin((b.Lat - a.Lat) * degree / 2)
	lon := math.Sin((b.Lon - a.Lon) * degree / 2)
	h := lat*lat + math.Cos(a.Lat*degree)*math.Cos(b.Lat*degree)*lon*lon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
