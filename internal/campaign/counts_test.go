package campaign_test

import (
	"fmt"
	"maps"
	"testing"

	. "postbag/internal/campaign"
)

// publication is a PublicCounts over a few constituencies, comparable.
type publication struct {
	total     int
	disclosed [7]int8
}

// TestSuppress_nobodyIsTold goes through every way in which up to seven
// constituencies can have 0 to 6 letters each (0 to 5 of the seven). Whatever is published, each
// suppressed constituency must be able to have none, and to have some.
func TestSuppress_nobodyIsTold(t *testing.T) {
	for n := 1; n <= 7; n++ {
		most := 6
		if n == 7 {
			most = 5 // six more seconds would show the same again
		}
		codes := make([]string, n)
		counts := make([]Count, n)
		for i := range codes {
			codes[i] = fmt.Sprint("E", i)
		}
		seen := map[publication]*[7][2]bool{} // by constituency: none, some
		letters := make([]int, n)
		for {
			for i := range counts {
				counts[i] = Count{Constituency: codes[i], Sent: letters[i]}
			}
			public := Suppress(counts, n)
			key := publication{total: public.Total}
			for i, code := range codes {
				key.disclosed[i] = int8(public.Disclosed[code])
			}
			if seen[key] == nil {
				seen[key] = &[7][2]bool{}
			}
			for i, k := range letters {
				seen[key][i][min(k, 1)] = true
			}
			i := 0
			for ; i < n && letters[i] == most; i++ {
				letters[i] = 0
			}
			if i == n {
				break
			}
			letters[i]++
		}
		for key, could := range seen {
			for i := range n {
				if key.disclosed[i] == 0 && could[i] != [2]bool{true, true} {
					t.Errorf("%d constituencies, %+v published: number %d can have none %v, some %v", n, key, i, could[i][0], could[i][1])
				}
			}
		}
	}
}

// TestSuppress_nobodyIsToldOfSelfReports does the same for letters that
// supporters sent by themselves, of which the total alone is published.
func TestSuppress_nobodyIsToldOfSelfReports(t *testing.T) {
	const most = SuppressBelow + 1
	for n := 1; n <= 6; n++ {
		seen := map[int]*[6][2]bool{} // by total, constituency: none, some
		letters := make([]int, n)
		for {
			counts := make([]Count, n)
			for i := range counts {
				counts[i] = Count{Constituency: fmt.Sprint("E", i), SelfReported: letters[i]}
			}
			public := Suppress(counts, n)
			if public.Total != 0 || len(public.Disclosed) > 0 {
				t.Fatalf("%v: %+v", letters, public)
			}
			if seen[public.SelfReported] == nil {
				seen[public.SelfReported] = &[6][2]bool{}
			}
			for i, k := range letters {
				seen[public.SelfReported][i][min(k, 1)] = true
			}
			i := 0
			for ; i < n && letters[i] == most; i++ {
				letters[i] = 0
			}
			if i == n {
				break
			}
			letters[i]++
		}
		for total, could := range seen {
			for i := range n {
				// Where everybody has as many as this test tries, the total says so.
				if total < n*most-most && could[i] != [2]bool{true, true} {
					t.Errorf("%d constituencies, %d published: number %d can have none %v, some %v", n, total, i, could[i][0], could[i][1])
				}
			}
		}
	}
}

// Of a single constituency, the total is its own number.
func TestSuppress_tellsNoSelfReportsOfAFewConstituencies(t *testing.T) {
	counts := []Count{{Constituency: "E0", SelfReported: 99}}
	for n, want := range map[int]int{1: 0, 4: 0, 5: 99, 650: 99} {
		if got := Suppress(counts, n).SelfReported; got != want {
			t.Errorf("%d constituencies: told %d, want %d", n, got, want)
		}
	}
}

func TestSuppress(t *testing.T) {
	sent := func(n ...int) (counts []Count) {
		for i, k := range n {
			counts = append(counts, Count{Constituency: fmt.Sprint("E", i), Written: 50, Confirmed: 40, Failed: 30, Uncertain: 20, Withdrawn: 10, Expired: 10, Sent: k})
		}
		return counts
	}
	for _, c := range []struct {
		name           string
		counts         []Count
		constituencies int
		total          int
		disclosed      map[string]int
	}{
		{"nothing at all", nil, 650, 0, map[string]int{}},
		{"five in one", sent(5), 650, 5, map[string]int{"E0": 5}},
		{"five, here and there", sent(1, 1, 1, 1, 1), 650, 5, map[string]int{}},
		{"some disclosed, some not", sent(7, 4, 3), 650, 14, map[string]int{"E0": 7}},
		{"the last to be suppressed", sent(9, 4), 2, 9, map[string]int{"E0": 9}},
		{"none to be suppressed", sent(9, 5), 2, 14, map[string]int{"E0": 9, "E1": 5}},
		{"returned letters do not count", []Count{{Constituency: "E0", Sent: 6, Bounced: 2}, {Constituency: "E1", Sent: 9, Bounced: 4}}, 2, 5, map[string]int{"E1": 5}},
		{"more returned than sent", []Count{{Constituency: "E0", Sent: 1, Bounced: 2}, {Constituency: "E1", Sent: 5}}, 650, 5, map[string]int{"E1": 5}},
		{"failures are no letters", []Count{{Constituency: "E0", Written: 99, Confirmed: 99, Failed: 99, Uncertain: 99}}, 650, 0, map[string]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Suppress(c.counts, c.constituencies)
			if got.Total != c.total || !maps.Equal(got.Disclosed, c.disclosed) {
				t.Errorf("got %+v, want %d and %v", got, c.total, c.disclosed)
			}
		})
	}
}
