package campaign

import (
	"testing"

	"postbag/internal/parliament"
)

func TestCampaign_Standing(t *testing.T) {
	const code, chorley = "E14001319", "E14001170"
	c := &Campaign{Rules: []Rule{{Constituency: []string{chorley}, Letter: "speaker", Exempt: true}}}
	stands, back := Pledge{MemberID: 1, On: "2026-11-01"}, Pledge{MemberID: 2, On: "2026-11-01", WithdrawnOn: "2026-11-20"}
	speaker := Pledge{MemberID: 4, On: "2026-11-02"}
	pledges := PledgeList{ByMember: map[int]Pledge{1: stands, 2: back, 4: speaker}}
	for _, tt := range []struct {
		name   string
		code   string
		member int // 0: vacant
		want   Standing
		pledge Pledge
	}{
		{"a pledge that stands", code, 1, StandingPledged, stands},
		{"one that was taken back", code, 2, StandingWithdrawn, back},
		{"no pledge", code, 3, StandingNotYet, Pledge{}},
		{"a predecessor's pledge is not the seat's", code, 5, StandingNotYet, Pledge{}},
		{"nobody sits", code, 0, StandingVacant, Pledge{}},
		{"nobody sits where an exception is made", chorley, 0, StandingVacant, Pledge{}},
		{"an exception", chorley, 3, StandingExempt, Pledge{}},
		{"an exception who pledged all the same", chorley, 4, StandingPledged, speaker},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seat := parliament.Seat{Constituency: parliament.Constituency{Code: tt.code}, Member: parliament.Member{ID: tt.member}}
			if got, p := c.Standing(seat, pledges); got != tt.want || p != tt.pledge {
				t.Errorf("%s %+v", got, p)
			}
		})
	}
}
