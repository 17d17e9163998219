package campaign

import (
	"context"
	"fmt"
	"sync"

	"postbag/internal/parliament"
)

// OwnShares are how many confirmed letters are to 0, 1 … 100 percent in their
// supporters' own words.
type OwnShares [101]int

// ByLevel adds them up by level, in the order of OwnLevels.
func (o OwnShares) ByLevel() map[OwnLevel]int {
	levels := map[OwnLevel]int{}
	for percent, letters := range o {
		levels[LevelOf(percent)] += letters
	}
	return levels
}

// OwnLevels lists the levels of own words, from the least.
func OwnLevels() []OwnLevel { return []OwnLevel{OwnNone, OwnStart, OwnGood, OwnYours} }

// SeatTally is what organisers know of one constituency in a campaign.
type SeatTally struct {
	parliament.Seat
	Standing  Standing
	Pledge    Pledge // the zero Pledge where there never was one
	Tally     Tally
	Postcodes int // that lie in it; 0: not known, as in Northern Ireland

	rank    int    // by nation, region and name
	byName  int    // by name alone
	surname string // of its MP, as names are sorted
}

// Share is how many letters there are for ten thousand postcodes, so that large
// constituencies do not hide small ones; -1 where Postcodes is not known.
func (s *SeatTally) Share() float64 {
	if s.Postcodes == 0 {
		return -1
	}
	return float64(max(s.Tally.Letters(), 0)) * 10_000 / float64(s.Postcodes)
}

// Board is everything that organisers know of a campaign's letters now. It is
// shared: whoever reads it must not change it.
type Board struct {
	Campaign *Campaign
	Seats    []SeatTally // by nation, region and name
	Total    Tally
	Own      OwnShares
	Version  int64 // of what is counted, see ChangesVersion
	Pledged  int   // MPs who sit now and whose pledge stands

	roster *parliament.Roster
	index  map[string]int // by ONS code: where in Seats
	made   boardKey
}

// Seat returns one constituency of the board by its ONS code.
func (b *Board) Seat(code string) (*SeatTally, bool) {
	i, ok := b.index[code]
	if !ok {
		return nil, false
	}
	return &b.Seats[i], true
}

// boardKey is what a board is made of.
type boardKey struct {
	campaign         *Campaign
	changes, members int64
	pledges          uint64
}

// boards keep the latest board of each campaign for as long as it is true.
type boards struct {
	mu  sync.Mutex
	all map[string]*Board
}

// Board returns what is known of a campaign's letters at this moment; not_found.
func (s *Service) Board(ctx context.Context, slug string) (*Board, error) {
	c, err := s.Campaign(slug)
	if err != nil {
		return nil, err
	}
	s.boards.mu.Lock()
	defer s.boards.mu.Unlock()
	key := boardKey{campaign: c}
	if key.changes, err = s.store.ChangesVersion(ctx, slug); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	roster, version := s.Roster()
	key.members = version
	pledges, err := s.Pledges(ctx, slug)
	if err != nil {
		return nil, err
	}
	key.pledges = pledges.Version
	if have := s.boards.all[slug]; have != nil && have.made == key {
		return have, nil
	}
	b, err := s.newBoard(ctx, c, roster, pledges)
	if err != nil {
		return nil, err
	}
	b.made, b.Version = key, key.changes
	if s.boards.all == nil {
		s.boards.all = map[string]*Board{}
	}
	s.boards.all[slug] = b
	return b, nil
}

func (s *Service) newBoard(ctx context.Context, c *Campaign, roster *parliament.Roster, pledges PledgeList) (*Board, error) {
	tallies, err := s.store.Tallies(ctx, c.Slug)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	own, err := s.store.OwnWords(ctx, c.Slug)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	seats := roster.Seats()
	b := &Board{
		Campaign: c, Seats: make([]SeatTally, len(seats)), Total: Totals(tallies), Own: own, Pledged: pledges.Standing,
		roster: roster, index: make(map[string]int, len(seats)),
	}
	for i, seat := range seats {
		t := &b.Seats[i]
		t.Seat, t.rank, t.surname = seat, i, seat.Member.SurnameKey()
		t.Standing, t.Pledge = c.Standing(seat, pledges)
		t.Tally.Constituency = seat.Constituency.Code
		t.Postcodes = s.postcodes.Postcodes(seat.Constituency.Code)
		b.index[seat.Constituency.Code] = i
	}
	parliament.SortByName(seats, "en")
	for i, seat := range seats {
		b.Seats[b.index[seat.Constituency.Code]].byName = i
	}
	for _, t := range tallies {
		if i, ok := b.index[t.Constituency]; ok {
			b.Seats[i].Tally = t
		}
	}
	return b, nil
}

// Totals returns what the list of campaigns tells of one; not_found.
func (s *Service) Totals(ctx context.Context, slug string) (Tally, error) {
	return s.store.Totals(ctx, slug)
}

// ChangesVersion returns a number that grows whenever what a Board is made of
// changes, but for the list of MPs; not_found.
func (s *Service) ChangesVersion(ctx context.Context, slug string) (int64, error) {
	if _, err := s.Campaign(slug); err != nil {
		return 0, err
	}
	return s.store.ChangesVersion(ctx, slug)
}
