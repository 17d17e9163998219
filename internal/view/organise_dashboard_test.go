package view

import "testing"

func deskDashboardSamples(testing.TB) map[string]Page {
	return map[string]Page{
		"desk-home":       DeskHome{Desk: ownerDesk("Campaigns"), Campaigns: []DeskCampaignRow{{"mps-not-border-guards", "MPs Not Border Guards", "live", 4182}, {"other", "Save the library", "draft", 1}}},
		"desk-home-empty": DeskHome{Desk: ownerDesk("Campaigns")},
	}
}
