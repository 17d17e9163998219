package campaign

import (
	"cmp"
	"slices"
	"strings"

	"postbag/internal/parliament"
)

// SeatSort is a column by which the table of constituencies is sorted.
type SeatSort string

// The columns. Each has the way round that is asked for most as its first.
const (
	SortLetters SeatSort = "letters" // the most first
	SortPlace   SeatSort = "place"   // by name
	SortMP      SeatSort = "mp"      // by surname
	SortParty   SeatSort = "party"
	SortPledge  SeatSort = "pledge"  // in the order of Standings
	SortLast    SeatSort = "last"    // the latest letter first
	SortReplies SeatSort = "replies" // the most first
	SortShare   SeatSort = "share"   // letters per 10,000 postcodes, the most first
)

// SeatSorts lists the columns in the order of the table.
func SeatSorts() []SeatSort {
	return []SeatSort{SortPlace, SortMP, SortParty, SortPledge, SortLetters, SortShare, SortReplies, SortLast}
}

// Falls reports whether the column's first way round is from the most to the
// least.
func (s SeatSort) Falls() bool {
	return s == SortLetters || s == SortLast || s == SortReplies || s == SortShare
}

// SeatQuery asks for some constituencies of a board. Empty fields ask for all;
// what is not known finds none.
type SeatQuery struct {
	Nation, Region, Party string
	Pledge                Standing
	NoLetters             bool   // none was ever sent from there
	Find                  string // a constituency or MP, as parliament.Roster.Search finds them
	Sort                  SeatSort
	Turned                bool // the other way round
}

// Narrows reports whether the query leaves anything out.
func (q SeatQuery) Narrows() bool {
	q.Sort, q.Turned = "", false
	return q != SeatQuery{}
}

// Select returns the constituencies that a query asks for, in its order; by
// nation, region and name among equals.
func (b *Board) Select(q SeatQuery) []*SeatTally {
	var found map[string]bool
	if strings.TrimSpace(q.Find) != "" {
		found = map[string]bool{}
		for _, seat := range b.roster.Search(q.Find, 0) {
			found[seat.Constituency.Code] = true
		}
	}
	all := make([]*SeatTally, 0, len(b.Seats))
	for i := range b.Seats {
		s := &b.Seats[i]
		c := s.Constituency
		switch {
		case q.Nation != "" && c.Country != q.Nation, q.Region != "" && c.Region != q.Region,
			q.Party != "" && s.Member.Party != q.Party, q.Pledge != "" && s.Standing != q.Pledge,
			q.NoLetters && s.Tally.Letters() > 0, found != nil && !found[c.Code]:
		default:
			all = append(all, s)
		}
	}
	less := order(q.Sort)
	if q.Turned {
		first := less
		less = func(a, b *SeatTally) int { return first(b, a) }
	}
	slices.SortFunc(all, func(a, b *SeatTally) int { return cmp.Or(less(a, b), cmp.Compare(a.rank, b.rank)) })
	return all
}

// order compares by a column, its first way round.
func order(by SeatSort) func(a, b *SeatTally) int {
	switch by {
	case SortMP:
		return func(a, b *SeatTally) int { return cmp.Compare(cmp.Or(a.surname, "~"), cmp.Or(b.surname, "~")) }
	case SortParty:
		return func(a, b *SeatTally) int {
			return cmp.Compare(cmp.Or(a.Member.Party, "~"), cmp.Or(b.Member.Party, "~"))
		}
	case SortPledge:
		rank := map[Standing]int{}
		for i, s := range Standings() {
			rank[s] = i
		}
		return func(a, b *SeatTally) int { return cmp.Compare(rank[a.Standing], rank[b.Standing]) }
	case SortLetters:
		return func(a, b *SeatTally) int { return cmp.Compare(b.Tally.Letters(), a.Tally.Letters()) }
	case SortLast:
		return func(a, b *SeatTally) int { return b.Tally.LastAt.Compare(a.Tally.LastAt) }
	case SortReplies:
		return func(a, b *SeatTally) int {
			return cmp.Compare(b.Tally.Replies.Total(), a.Tally.Replies.Total())
		}
	case SortShare:
		return func(a, b *SeatTally) int { return cmp.Compare(b.Share(), a.Share()) }
	}
	return func(a, b *SeatTally) int { return cmp.Compare(a.byName, b.byName) }
}

// Parties lists the parties of those who sit, the largest first.
func (b *Board) Parties() []string {
	n := map[string]int{}
	for i := range b.Seats {
		if p := b.Seats[i].Member.Party; p != "" {
			n[p]++
		}
	}
	parties := make([]string, 0, len(n))
	for p := range n {
		parties = append(parties, p)
	}
	slices.SortFunc(parties, func(x, y string) int { return cmp.Or(cmp.Compare(n[y], n[x]), cmp.Compare(x, y)) })
	return parties
}

// Nations lists the nations, in the order of every list.
func (b *Board) Nations() []string {
	return b.distinct(func(c parliament.Constituency) string { return c.Country })
}

// Regions lists the regions; a nation without regions is one.
func (b *Board) Regions() []string {
	return b.distinct(func(c parliament.Constituency) string { return c.Region })
}

func (b *Board) distinct(of func(parliament.Constituency) string) []string {
	var all []string
	for i := range b.Seats {
		if name := of(b.Seats[i].Constituency); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
