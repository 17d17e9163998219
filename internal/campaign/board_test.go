package campaign_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	. "postbag/internal/campaign"
)

func contextThatIsOver(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

const belfast = "N05000002"

// tally puts numbers of a constituency into the database.
func (d *desk) tally(t *testing.T, code, columns string, numbers ...any) {
	t.Helper()
	marks := ""
	for i := range numbers {
		marks += fmt.Sprintf(", $%d", i+2)
	}
	d.alter(t, `INSERT INTO tallies (campaign_id, constituency, `+columns+`) VALUES (1, $1`+marks+`)`, append([]any{code}, numbers...)...)
	d.alter(t, `INSERT INTO changes (campaign_id, version) VALUES (1, 1) ON CONFLICT (campaign_id) DO UPDATE SET version = version + 1`)
}

func TestService_Board(t *testing.T) {
	d := newDesk(t)
	b := must(d.Board(t.Context(), slug))
	if len(b.Seats) != 650 || b.Total.Letters() != 0 {
		t.Fatalf("%d seats, %d letters", len(b.Seats), b.Total.Letters())
	}
	if again := must(d.Board(t.Context(), slug)); again != b {
		t.Error("it is made anew though nothing changed")
	}
	d.tally(t, durham, "sent, bounced, replied_real, replied_none, last_at", 12, 2, 3, 9, "2026-11-20T10:00:00.000Z")
	d.tally(t, belfast, "sent", 5)
	b = must(d.Board(t.Context(), slug))
	seat, ok := b.Seat(durham)
	if !ok || seat.Tally.Letters() != 10 || seat.Tally.Replies.Total() != 3 || seat.Tally.LastAt.IsZero() || b.Total.Letters() != 15 {
		t.Errorf("Durham: %+v of %d", seat.Tally, b.Total.Letters())
	}
	if seat.Postcodes < 1000 || seat.Share() < 1 || seat.Share() > 100 {
		t.Errorf("Durham has %d postcodes, %.1f letters for ten thousand", seat.Postcodes, seat.Share())
	}
	if ni, _ := b.Seat(belfast); ni.Postcodes != 0 || ni.Share() >= 0 {
		t.Errorf("Belfast has %d postcodes", ni.Postcodes)
	}
	d.reseat(t, durham, vacate)
	if seat, _ := must(d.Board(t.Context(), slug)).Seat(durham); !seat.Vacant() || seat.Standing != StandingVacant {
		t.Errorf("after the MP left: %+v", seat.Member)
	}
}

func TestBoard_Select(t *testing.T) {
	d := newDesk(t)
	d.tally(t, durham, "sent, replied_real, last_at", 12, 1, "2026-11-20T10:00:00.000Z")
	d.tally(t, chorley, "sent, replied_real, last_at", 5, 2, "2026-11-21T10:00:00.000Z")
	d.tally(t, belfast, "sent, bounced, last_at", 1, 1, "2026-11-22T10:00:00.000Z")
	b := must(d.Board(t.Context(), slug))
	for _, c := range []struct {
		name  string
		query SeatQuery
		n     int
		first string // code
	}{
		{"all by letters", SeatQuery{Sort: SortLetters}, 650, durham},
		{"all by the latest", SeatQuery{Sort: SortLast}, 650, belfast},
		{"all by replies", SeatQuery{Sort: SortReplies}, 650, chorley},
		{"all by share", SeatQuery{Sort: SortShare}, 650, durham},
		{"shares not known come last", SeatQuery{Sort: SortShare, Turned: true, Nation: "Northern Ireland"}, 18, ""},
		{"a nation", SeatQuery{Nation: "Wales"}, 32, ""},
		{"a region", SeatQuery{Region: "North East", Sort: SortLetters}, 27, durham},
		{"a nation and another's region", SeatQuery{Nation: "Wales", Region: "London"}, 0, ""},
		{"without letters", SeatQuery{NoLetters: true}, 648, ""},
		{"a constituency", SeatQuery{Find: "city of durham"}, 1, durham},
		{"an MP", SeatQuery{Find: "Lindsay Hoyle"}, 1, chorley},
		{"in Welsh", SeatQuery{Find: "Ynys Môn"}, 1, ""},
		{"nobody", SeatQuery{Find: "nobody of this name"}, 0, ""},
		{"of no party there is", SeatQuery{Party: "None"}, 0, ""},
		{"exempt", SeatQuery{Pledge: StandingExempt}, 1, chorley},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := b.Select(c.query)
			if len(got) != c.n || c.first != "" && got[0].Constituency.Code != c.first {
				t.Errorf("%d seats, want %d, beginning with %s", len(got), c.n, c.first)
			}
		})
	}
	for _, by := range SeatSorts() {
		one, other := b.Select(SeatQuery{Sort: by}), b.Select(SeatQuery{Sort: by, Turned: true})
		if len(one) != 650 || len(other) != 650 || one[0] == other[0] {
			t.Errorf("sorted by %s, both ways begin with %s", by, one[0].Constituency.Name)
		}
	}
	if by := b.Select(SeatQuery{Sort: SortPlace}); by[0].Constituency.Name != "Aberafan Maesteg" || by[649].Constituency.Name != "York Outer" {
		t.Errorf("by name: %s … %s", by[0].Constituency.Name, by[649].Constituency.Name)
	}
}

func TestBoard_Next(t *testing.T) {
	d := newDesk(t)
	kinds := func() (all []TodoKind) {
		for _, todo := range must(d.Board(t.Context(), slug)).Next() {
			all = append(all, todo.Kind)
		}
		return all
	}
	if got := kinds(); !slices.Equal(got, []TodoKind{TodoSilent}) {
		t.Fatalf("at the start: %v", got)
	}
	d.tally(t, durham, "sent, now_held, now_bounced, thanked_at", 12, 1, 2, "2026-10-31T10:00:00.000Z")
	d.tally(t, chorley, "sent", 100) // the Speaker is not asked
	if _, err := d.AddPledge(t.Context(), slug, Pledge{MemberID: member(belfast).ID, On: "2026-11-01", RecordedBy: "test"}, Correction{}); err != nil {
		t.Fatal(err)
	}
	todos := map[TodoKind]Todo{}
	for _, todo := range must(d.Board(t.Context(), slug)).Next() {
		todos[todo.Kind] = todo
	}
	for kind, want := range map[TodoKind]int{TodoWaiting: 3, TodoBounces: 1, TodoThanks: 1, TodoPush: 1, TodoSilent: 648} {
		if todos[kind].N != want {
			t.Errorf("%s: %d, want %d", kind, todos[kind].N, want)
		}
	}
	if push := todos[TodoPush].Seats; len(push) != 1 || push[0].Constituency.Code != durham {
		t.Errorf("push: %v", push)
	}
	if silent := todos[TodoSilent].Regions; len(silent) != 12 || silent[0].Region != "South East" || silent[0].N != silent[0].Of {
		t.Errorf("silent: %+v", silent)
	}
	// Thanks for an earlier pledge are no thanks for this one.
	d.alter(t, `INSERT INTO tallies (campaign_id, constituency, thanked_at) VALUES (1, $1, '2026-10-31T10:00:00.000Z')`, belfast)
	d.alter(t, `UPDATE changes SET version = version + 1`)
	if !slices.Contains(kinds(), TodoThanks) {
		t.Error("thanks from before the pledge count")
	}
	d.alter(t, `UPDATE tallies SET thanked_at = '2026-11-01T09:00:00.000Z' WHERE constituency = $1`, belfast)
	d.alter(t, `UPDATE changes SET version = version + 1`)
	if slices.Contains(kinds(), TodoThanks) {
		t.Error("they are thanked, and it is asked for again")
	}
}
