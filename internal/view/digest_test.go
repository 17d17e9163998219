package view

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

var sampleDigest = campaign.Digest{From: "2026-11-16", To: "2026-11-22", Campaigns: []campaign.DigestCampaign{{
	Slug: "mps-not-border-guards", Title: "MPs Not Border Guards",
	Week: campaign.DigestCounts{Confirmed: 40, Sent: 38, Failed: 1}, All: campaign.DigestCounts{Confirmed: 1240, Sent: 1190, Failed: 3, Bounced: 2},
	Standing: 102, Gained: []string{"Ann Davies", "Ben Lake"}, MoreGained: 1, Lost: []string{"Connor Rand"}, Reached: []string{"Aldershot"},
	Reports: 1, Held: 2, Unpledged: []campaign.DigestSeat{{Code: "E14001319", Name: "Leeds Central and Headingley", MP: "Alex Sobel", Letters: 41}},
}}}

// The whole mail, as it is read.
func TestAccountMail_digest(t *testing.T) {
	says, err := json.Marshal(sampleDigest)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newRenderer(t).AccountMail(account.MailDigest, "Ali", "https://letters.example", says)
	if err != nil {
		t.Fatal(err)
	}
	subject, text := m.Subject, m.Text
	if subject != "Your campaigns in the week to 22 November 2026" {
		t.Errorf("subject %q", subject)
	}
	const want = `Hello Ali,

This is what happened from 16 November 2026 to 22 November 2026.

MPs Not Border Guards

- Letters confirmed: 40 this week, 1,240 in all
- Letters sent: 38 this week, 1,190 in all
- Refused by a mail server this week: 1; came back: 0
- 102 MPs have a pledge that stands
- New pledges: Ann Davies and Ben Lake and 1 more
- Pledges that stand no more: Connor Rand
- The first letters came from: Aldershot

All figures: https://letters.example/organise/c/mps-not-border-guards

What to do next
- Supporters say that 1 MP has pledged. Confirm it or dismiss it:
  https://letters.example/organise/c/mps-not-border-guards/pledges
- 2 letters are held and wait for a decision:
  https://letters.example/organise/c/mps-not-border-guards/letters
- Leeds Central and Headingley has sent 41 letters, and Alex Sobel has not pledged:
  https://letters.example/organise/mps/E14001319

You get this mail on Mondays because your account asks for it. Turn it off here: https://letters.example/organise/account

Sent with Postbag
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
}
