package web

import (
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// A letter that an organiser declined was not taken back by its supporter, and
// files say so; their columns stay as they are.
func TestExporter_DeclinedIsNotWithdrawn(t *testing.T) {
	roster, err := parliament.NewRoster(nil, parliament.Source{}, parliament.Source{})
	if err != nil {
		roster = new(parliament.Roster)
	}
	e := exporter{roster: roster, days: map[int64]string{}}
	for why, want := range map[string]string{campaign.WhyDeclined: "declined", "": "withdrawn"} {
		row := e.fill(&campaign.ExportLetter{State: campaign.StateWithdrawn, Why: why, Own: -1}).record(nil)
		if len(row) != len(exportColumns) || row[7] != want {
			t.Errorf("because of %q: %q", why, row)
		}
	}
}
