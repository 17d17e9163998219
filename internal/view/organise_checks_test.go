package view

import (
	"testing"

	"postbag/internal/campaign"
)

func deskCheckSamples(testing.TB) map[string]Page {
	counts := []campaign.CheckCount{{Check: campaign.CheckSimilar, Held: 1234, Sent: 200, Declined: 1000}}
	for _, c := range campaign.EveryCheck()[1:] {
		counts = append(counts, campaign.CheckCount{Check: c})
	}
	var limits []DeskLimit
	values := map[string]string{"words": "scum\nburn in hell"}
	for i, name := range campaign.LimitNames() {
		limits = append(limits, DeskLimit{name, i * 100})
		values[name] = "5"
	}
	wrong := DeskForm{Values: values, Errors: map[string]string{"similar": "Give a whole number.", "words": "A line has no letters."}}
	page := DeskChecks{Desk: campaignDesk("Checks"), Counts: counts, Letters: "/organise/c/x/letters", May: true, Limits: limits, Was: "0123", Form: DeskForm{Values: values}}
	bad := page
	bad.Form = wrong
	read := page
	read.May = false
	return map[string]Page{"desk-checks": page, "desk-checks-wrong": bad, "desk-checks-read": read}
}
