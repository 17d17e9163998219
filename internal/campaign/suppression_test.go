package campaign

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"postbag/internal/testkit"
)

// histories calls f with every history of so many days to so many places, of at
// most so many letters of either kind at a time.
func histories(days, places, most int, f func([][]came)) {
	h := make([][]came, days)
	for d := range h {
		h[d] = make([]came, places)
	}
	var fill func(i int)
	fill = func(i int) {
		if i == days*places {
			f(h)
			return
		}
		for own := range most + 1 {
			for others := range most + 1 - own {
				h[i/places][i%places] = came{own, others}
				fill(i + 1)
			}
		}
	}
	fill(0)
}

// told is everything that the page shows, evening by evening, and what the public
// is told of the same evening: each place that is large enough, and the whole.
func told(h [][]came, least int) (page, public string) {
	codes := make([]string, len(h[0]))
	for i := range codes {
		codes[i] = fmt.Sprint(i)
	}
	s := newSighting(codes, least, 2)
	total := make([]int, len(codes))
	b, p := make([]byte, 0, 64), make([]byte, 0, 32)
	for d, places := range h {
		day := PartnerDay{Day: fmt.Sprintf("2026-11-%02d", d+1), Seats: map[string]PartnerSeat{}}
		for i, c := range places {
			day.Seats[codes[i]] = PartnerSeat{Own: c.own, All: c.own + c.others}
			if total[i] += c.own + c.others; total[i] >= least {
				p = append(p, byte('0'+total[i]))
			} else {
				p = append(p, '.')
			}
		}
		sum := 0
		for _, n := range total {
			sum += n
		}
		p = append(p, byte('0'+sum))
		s.day(day)
		b = append(b, byte('0'+s.sight.Letters))
		for _, code := range codes {
			b = append(b, byte('0'+s.sight.Seats[code]))
		}
	}
	return string(b), string(p)
}

// bounds are the fewest and the most that a number can be in all the worlds that
// look the same.
type bounds struct{ least, most int8 }

// TestPartnerSight_AgainstWhoeverCountsAlong plays an attacker who watches the
// page every evening, and the public numbers, and who knows the rule. For every number of letters, of the partner's and
// of the others', in any place and between any two evenings, there must be a
// world that looks just the same and in which the number is nought, or is large.
func TestPartnerSight_AgainstWhoeverCountsAlong(t *testing.T) {
	testkit.Unhurried(t)
	for _, tt := range []struct{ days, places, most, least int }{
		{2, 2, 6, 2}, {3, 2, 3, 2}, {1, 4, 4, 2}, {1, 5, 3, 2}, {2, 4, 2, 2},
	} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			worlds := map[string][]bounds{}
			numbers := func(h [][]came, f func(i int, n int)) {
				i := 0
				for place := range tt.places + 1 { // the last is the whole
					for from := range tt.days {
						own, others := 0, 0
						for to := from; to < tt.days; to++ {
							for p, c := range h[to] {
								if p == place || place == tt.places {
									own, others = own+c.own, others+c.others
								}
							}
							f(i, own)
							f(i+1, others)
							i += 2
						}
					}
				}
			}
			shown, all := 0, 0
			histories(tt.days, tt.places, tt.most, func(h [][]came) {
				page, public := told(h, tt.least)
				all++
				if page[len(page)-tt.places-1] != '0' {
					shown++
				}
				key := page + public
				known := worlds[key]
				fresh := known == nil
				if fresh {
					known = make([]bounds, tt.days*(tt.days+1)*(tt.places+1))
					worlds[key] = known
				}
				numbers(h, func(i, n int) {
					b := &known[i]
					if fresh {
						*b = bounds{int8(n), int8(n)}
					}
					b.least, b.most = min(b.least, int8(n)), max(b.most, int8(n))
				})
			})
			bad := 0
			for key, known := range worlds {
				for i, b := range known {
					if b.least > 0 && int(b.most) < tt.least {
						if bad++; bad < 6 {
							t.Errorf("who sees %s knows that number %d is from %d to %d", key, i, b.least, b.most)
						}
					}
				}
			}
			t.Logf("%d histories, %d with something told, %d that look different, %d numbers found out", all, shown, len(worlds), bad)
			if shown == 0 {
				t.Error("nothing is ever told")
			}
		})
	}
}

// sightOf is what a partner sees of days.
func sightOf(codes []string, days []PartnerDay) PartnerSight {
	s := newSighting(codes, SuppressBelow, minSuppressed)
	for _, d := range days {
		s.day(d)
	}
	return s.sight
}

// TestPartnerSight_KeepsItsWord lets campaigns of many constituencies run, with
// letters that are returned, and holds the page to what it promises.
func TestPartnerSight_KeepsItsWord(t *testing.T) {
	codes := make([]string, 60)
	for i := range codes {
		codes[i] = fmt.Sprintf("E%02d", i)
	}
	told := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		var days []PartnerDay
		own, others := map[string][]int{}, map[string][]int{}
		var before PartnerSight
		for d := range 40 {
			day := PartnerDay{Day: fmt.Sprintf("2026-%02d-%02d", 1+d/28, 1+d%28), Seats: map[string]PartnerSeat{}}
			for i, code := range codes {
				mine, theirs := r.IntN(1+i/12), r.IntN(1+i/15)
				if r.IntN(30) == 0 {
					mine = -1
				}
				day.Seats[code] = PartnerSeat{Own: mine, All: mine + theirs}
				own[code], others[code] = append(own[code], mine), append(others[code], theirs)
			}
			days = append(days, day)
			now := sightOf(codes, days)
			for code, n := range before.Seats {
				if now.Seats[code] < n {
					t.Fatalf("seed %d, day %d: of %s %d were told, then %d", seed, d, code, n, now.Seats[code])
				}
			}
			changed := now.Letters != before.Letters
			for code, n := range now.Seats {
				if n == before.Seats[code] {
					continue
				}
				told++
				if n-before.Seats[code] < SuppressBelow {
					t.Errorf("seed %d, day %d: %s grew from %d to %d", seed, d, code, before.Seats[code], n)
				}
				if len(now.Steps) == len(before.Steps) {
					t.Errorf("seed %d, day %d: %s is told on its own", seed, d, code)
				}
				all := 0
				for _, n := range others[code] {
					all += n
				}
				if all < SuppressBelow {
					t.Errorf("seed %d, day %d: %s is told, and the others have %d there", seed, d, code, all)
				}
			}
			if !changed && len(now.Steps) > len(before.Steps) {
				t.Errorf("seed %d, day %d: a step of nothing", seed, d)
			}
			sum, inSeats := 0, 0
			for _, s := range now.Steps {
				if sum += s.Letters; s.Letters < SuppressBelow {
					t.Errorf("seed %d, day %d: a step of %d", seed, d, s.Letters)
				}
			}
			for _, n := range now.Seats {
				inSeats += n
			}
			if sum != now.Letters || len(now.Steps) > 0 && now.Letters-inSeats < 2*SuppressBelow {
				t.Errorf("seed %d, day %d: %d letters, %d in steps, %d in constituencies", seed, d, now.Letters, sum, inSeats)
			}
			before = now
		}
	}
	if told < 100 {
		t.Errorf("only %d numbers were ever told", told)
	}
}
