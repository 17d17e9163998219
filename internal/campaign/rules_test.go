package campaign

import (
	"testing"

	"postbag/db"
	"postbag/internal/parliament"
)

func TestCampaign_Ruling(t *testing.T) {
	yes, no := true, false
	seat := parliament.Seat{
		Constituency: parliament.Constituency{Code: "W07000102", Name: "Ynys Môn", Country: "Wales", Region: "Wales"},
		Member:       parliament.Member{ID: 7, Name: "Jane Doe", Party: "Labour", Email: "jane@example.org"},
	}
	vacant, unreachable := seat, seat
	vacant.Member = parliament.Member{}
	unreachable.Member.Email = ""
	for _, tt := range []struct {
		name   string
		rule   Rule
		seat   parliament.Seat
		pledge Standing
		fits   bool
	}{
		{"no condition", Rule{}, seat, StandingNotYet, true},
		{"the pledge", Rule{Pledge: []Standing{StandingPledged, StandingWithdrawn}}, seat, StandingWithdrawn, true},
		{"another pledge", Rule{Pledge: []Standing{StandingPledged}}, seat, StandingNotYet, false},
		{"the party", Rule{Party: []string{"Green Party", "Labour"}}, seat, StandingNotYet, true},
		{"the party of nobody", Rule{Party: []string{"Labour"}}, vacant, StandingNotYet, false},
		{"the nation", Rule{Nation: []string{"Wales"}}, seat, StandingNotYet, true},
		{"another region", Rule{Region: []string{"London"}}, seat, StandingNotYet, false},
		{"the constituency", Rule{Constituency: []string{"W07000102"}}, vacant, StandingNotYet, true},
		{"the member", Rule{Member: []int{7}}, seat, StandingNotYet, true},
		{"the member who left", Rule{Member: []int{7}}, vacant, StandingNotYet, false},
		{"vacant", Rule{Vacant: &yes}, vacant, StandingNotYet, true},
		{"not vacant", Rule{Vacant: &no}, vacant, StandingNotYet, false},
		{"no email", Rule{NoEmail: &yes}, unreachable, StandingNotYet, true},
		{"nobody has no email", Rule{NoEmail: &yes}, vacant, StandingNotYet, false},
		{"two conditions", Rule{Nation: []string{"Wales"}, NoEmail: &yes}, seat, StandingNotYet, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.rule.Letter = "own"
			c := &Campaign{Rules: []Rule{tt.rule, {Letter: "second"}}}
			want := Ruling{Rule: 1, Letter: "second"}
			if tt.fits {
				want = Ruling{Rule: 0, Letter: "own"}
			}
			if got := c.Ruling(tt.seat, tt.pledge); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
	if got := (&Campaign{}).Ruling(seat, StandingNotYet); got.Rule != Rest || got.Letter != "ask" {
		t.Errorf("without rules: %+v", got)
	}
}

func TestCampaign_coverage(t *testing.T) {
	roster, err := parliament.Load(db.FS)
	if err != nil {
		t.Fatal(err)
	}
	c := &Campaign{Rules: []Rule{
		{Constituency: []string{"E14001170"}, Letter: "speaker"},
		{Pledge: []Standing{StandingPledged}, Letter: "thanks"},
		{Nation: []string{"Scotland"}, Exclude: "scotland"},
		{Nation: []string{"Scotland"}, Party: []string{"Labour"}, Letter: "late"},
		{Nation: []string{"Wales"}, Region: []string{"London"}, Letter: "nowhere"},
	}}
	cover := c.coverage(roster, PledgeList{})
	sum := len(cover.Rest)
	for i, want := range []struct {
		seats int
		flaw  Flaw
	}{{1, ""}, {0, FlawNobody}, {57, ""}, {0, FlawShadowed}, {0, FlawNever}} {
		got := cover.Rules[i]
		sum += len(got.Seats)
		if len(got.Seats) != want.seats || got.Flaw != want.flaw {
			t.Errorf("rule %d: %d seats, %q; want %d, %q", i+1, len(got.Seats), got.Flaw, want.seats, want.flaw)
		}
	}
	if sum != roster.Len() || cover.Rules[3].Fits == 0 {
		t.Errorf("%d of %d seats fall somewhere; rule 4 fits %d", sum, roster.Len(), cover.Rules[3].Fits)
	}
}
