package campaign_test

import (
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

// Only an MP who is not asked is spoken of in the campaign's own words.
func TestCampaign_About(t *testing.T) {
	c := must(ParseFile(shippedFile()))
	seat, _ := roster().Seat(chorley)
	exempt := c.Safety(seat, PledgeList{})
	if got := c.About("en", exempt); !strings.HasPrefix(got, "Sir Lindsay Hoyle is the Speaker") {
		t.Errorf("of the Speaker: %q", got)
	}
	pledged := c.Safety(seat, PledgeList{ByMember: map[int]Pledge{seat.Member.ID: {MemberID: seat.Member.ID, On: "2026-11-01"}}})
	if got := c.About("en", pledged); pledged.Standing != StandingPledged || got != "" {
		t.Errorf("of a Speaker who has pledged all the same: %s, %q", pledged.Standing, got)
	}
}
