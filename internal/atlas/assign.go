package atlas

import (
	"cmp"
	"math"
	"slices"
)

// seatCells gives each point a cell of its own so that the sum of squared
// distances is the least there is (the Jonker-Volgenant form of the Hungarian
// method: shortest augmenting paths). The cells to choose from are those near
// some point.
func seatCells(at []point) []Hex {
	seen := map[Hex]bool{}
	var cells []Hex
	for _, p := range at {
		middle := nearest(p)
		for q := -3; q <= 3; q++ {
			for r := -3; r <= 3; r++ {
				if h := middle.plus(Hex{q, r}); h.distance(middle) <= 3 && !seen[h] {
					seen[h] = true
					cells = append(cells, h)
				}
			}
		}
	}
	slices.SortFunc(cells, func(a, b Hex) int { return cmp.Or(cmp.Compare(a.R, b.R), cmp.Compare(a.Q, b.Q)) })
	n, m := len(at), len(cells)
	centres := make([]point, m)
	for j, h := range cells {
		centres[j] = h.centre()
	}
	u, v := make([]float64, n+1), make([]float64, m+1)
	owner, way := make([]int, m+1), make([]int, m+1)
	for i := 1; i <= n; i++ {
		owner[0] = i
		j0 := 0
		least := make([]float64, m+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		used := make([]bool, m+1)
		for owner[j0] != 0 {
			used[j0] = true
			i0, j1, delta := owner[j0], 0, math.Inf(1)
			for j := 1; j <= m; j++ {
				if used[j] {
					continue
				}
				d := at[i0-1].minus(centres[j-1])
				if c := d.dot(d) - u[i0] - v[j]; c < least[j] {
					least[j], way[j] = c, j0
				}
				if least[j] < delta {
					delta, j1 = least[j], j
				}
			}
			for j := 0; j <= m; j++ {
				if used[j] {
					u[owner[j]] += delta
					v[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			j0 = j1
		}
		for j0 != 0 {
			owner[j0] = owner[way[j0]]
			j0 = way[j0]
		}
	}
	result := make([]Hex, n)
	for j := 1; j <= m; j++ {
		if owner[j] != 0 {
			result[owner[j]-1] = cells[j-1]
		}
	}
	return result
}
