package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

func TestStore_Roster(t *testing.T) {
	b := newBed(t)
	got, version, err := b.Roster(t.Context())
	if err != nil || version != 1 {
		t.Fatalf("version %d, %v; want 1", version, err)
	}
	if diff := cmp.Diff(roster().Seats(), got.Seats()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(roster().MemberSource(), got.MemberSource()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(roster().ConstituencySource(), got.ConstituencySource()); diff != "" {
		t.Error(diff)
	}
}

func TestStore_ApplyRoster(t *testing.T) {
	a, other := member(seatA), member(seatB)
	for _, c := range []struct {
		name   string
		change func([]parliament.Seat)
		seated map[string]int // the member in a seat, 0: vacant
	}{
		{"as it is", func([]parliament.Seat) {}, map[string]int{seatA: a.ID, seatB: other.ID}},
		{"a seat falls vacant", func(s []parliament.Seat) { *in(s, seatA) = parliament.Member{} }, map[string]int{seatA: 0, seatB: other.ID}},
		{"a new member", func(s []parliament.Seat) { *in(s, seatA) = parliament.Member{ID: 999_999, Name: "New Member"} },
			map[string]int{seatA: 999_999, seatB: other.ID}},
		{"a member takes another seat", func(s []parliament.Seat) { *in(s, seatB) = a; *in(s, seatA) = parliament.Member{} },
			map[string]int{seatA: 0, seatB: a.ID}},
		{"two members change seats", func(s []parliament.Seat) { *in(s, seatB), *in(s, seatA) = a, other },
			map[string]int{seatA: other.ID, seatB: a.ID}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			seats := roster().Seats()
			c.change(seats)
			r, err := parliament.NewRoster(seats, roster().ConstituencySource(), parliament.Source{Name: "test", Date: "2026-11-23"})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.ApplyRoster(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			got, version, err := b.Roster(t.Context())
			if err != nil || version != 2 {
				t.Fatalf("version %d, %v; want 2", version, err)
			}
			if diff := cmp.Diff(r.Seats(), got.Seats()); diff != "" {
				t.Error(diff)
			}
			for code, want := range c.seated {
				if seat, _ := got.Seat(code); seat.Member.ID != want {
					t.Errorf("%s: member %d, want %d", code, seat.Member.ID, want)
				}
			}
			if got.MemberSource().Name != "test" {
				t.Errorf("source %q", got.MemberSource().Name)
			}
		})
	}
}

func in(seats []parliament.Seat, code string) *parliament.Member {
	for i := range seats {
		if seats[i].Constituency.Code == code {
			return &seats[i].Member
		}
	}
	panic("no seat " + code)
}

// Letters and pledges name members who have left.
func TestStore_ApplyRoster_keepsWhoLeft(t *testing.T) {
	b := newBed(t)
	hash := b.submit(t, 1)
	b.unseat(t, seatA)
	if got := b.letter(t, hash); got.MemberName != member(seatA).Name {
		t.Errorf("the letter was to %q, want %q", got.MemberName, member(seatA).Name)
	}
	b.reseat(t, seatA)
	if err := b.ConfirmLetter(t.Context(), hash, "m@x"); err != nil {
		t.Fatal(err)
	}
	b.wantState(t, hash, campaign.StateQueued)
}

func TestStore_ApplyRoster_wholeOrNotAtAll(t *testing.T) {
	b := newBed(t)
	// The version is written last, when every seat has been.
	b.alter(t, `CREATE TRIGGER stop BEFORE UPDATE ON settings WHEN new.key = 'roster_version' BEGIN SELECT RAISE(ABORT, 'stop'); END`)
	seats := roster().Seats()
	*in(seats, seatA) = parliament.Member{}
	r, err := parliament.NewRoster(seats, roster().ConstituencySource(), roster().MemberSource())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ApplyRoster(t.Context(), r); err == nil {
		t.Fatal("nothing failed")
	}
	got, version, err := b.Roster(t.Context())
	if err != nil || version != 1 {
		t.Fatalf("version %d, %v; want 1", version, err)
	}
	if diff := cmp.Diff(roster().Seats(), got.Seats()); diff != "" {
		t.Error(diff)
	}
}
