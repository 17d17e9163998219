package view

import (
	"testing"

	"postbag/internal/parliament"
)

func deskPledgeSamples(testing.TB) map[string]Page {
	book := func(change func(*PledgeBook)) PledgeBook {
		p := PledgeBook{
			Desk: campaignDesk("Pledges"), May: true, Standing: 1, Withdrawn: 1, Voided: 1,
			Rows: []PledgeRow{sampleStands, sampleWithdrawn, {URL: "/organise/c/x/pledges/9", MP: "Connor Rand", Place: "Altrincham and Sale West", On: "2026-09-01", State: "voided", Reason: "Of another MP", Evidence: "https://example.org/3", RecordedBy: "Noor"}},
			Reports: []PledgeReport{
				{MemberID: 4, MP: "Alex Sobel", Place: "Leeds Central and Headingley", Supporters: 3, First: day, Last: day, Until: "2026-11-23T10:00:00Z", ID: "report-4-"},
				{MemberID: 5, MP: "Ann Davies", Place: "Caerfyrddin", Supporters: 1, First: day, Last: day, Until: "2026-11-23T10:00:00Z", ID: "report-5-", Recorded: true},
			},
			Refusals: []Refusal{{"Ben Lake", "Ceredigion Preseli", "/organise/mps/W07000100", 2}},
		}
		change(&p)
		return p
	}
	record := func(row PledgeRow, change func(*PledgeRecord)) PledgeRecord {
		p := PledgeRecord{Desk: campaignDesk("Pledge"), Row: row, ID: 7, MemberID: 4, Version: "abc", May: true, Form: DeskForm{Values: map[string]string{"correct-date": row.On}}}
		change(&p)
		return p
	}
	imports := func(change func(*PledgeImport)) PledgeImport {
		p := PledgeImport{Desk: campaignDesk("Import pledges"), CSV: "mp,date\nAldershot,2026-11-01\n"}
		change(&p)
		return p
	}
	sync := func(change func(*RosterSync)) RosterSync {
		p := RosterSync{Desk: ownerDesk("Parliament’s list"), ID: "x", By: "Noor", StartedAt: day}
		change(&p)
		return p
	}
	someone := parliament.Entry{Code: "E14001063", Constituency: "Aldershot", MemberID: 4, Name: "Alex Baker", Party: "Labour"}
	seat := func(change func(*DeskSeat)) DeskSeat {
		p := DeskSeat{
			Desk: ownerDesk("Aldershot"), Seat: DeskMP{Code: "E14001063", Place: "Aldershot", Region: "South East", MP: "Alex Baker", Party: "Labour", Email: "alex.baker.mp@parliament.uk"},
			PlaceCy: "Aldershot", MemberID: 4, May: true,
			Campaigns: []SeatCampaign{{Slug: "mps-not-border-guards", Title: "MPs Not Border Guards", Written: 12, Confirmed: 9, Sent: 8, Bounced: 1}},
		}
		change(&p)
		return p
	}
	return map[string]Page{
		"pledges":       book(func(*PledgeBook) {}),
		"pledges-empty": PledgeBook{Desk: campaignDesk("Pledges")},
		"pledges-wrong": book(func(p *PledgeBook) {
			p.Form = DeskForm{Values: map[string]string{"mp": "Chorle"}, Errors: map[string]string{"mp": "“Chorle” is neither an MP nor a constituency."}}
			p.Replace, p.Reinstate = true, true
			p.Reports[0].Form = DeskForm{Errors: map[string]string{"report-4-date": "Date is missing."}}
		}),
		"pledge":           record(sampleStands, func(*PledgeRecord) {}),
		"pledge-withdrawn": record(sampleWithdrawn, func(*PledgeRecord) {}),
		"pledge-stale": record(sampleStands, func(p *PledgeRecord) {
			p.Open, p.Form.Errors = "withdraw", map[string]string{"": "Somebody else has changed this pledge meanwhile.", "withdraw-reason": "The reason is missing."}
			p.Changed = []Compared{{"Day of the pledge", "2026-11-01", "2026-11-02"}, {"Note", "", "A letter"}}
		}),
		"pledge-seen": record(sampleStands, func(p *PledgeRecord) { p.May = false }),
		"import":      imports(func(p *PledgeImport) { p.CSV = "" }),
		"import-wrong": imports(func(p *PledgeImport) {
			p.Looked, p.OfferCorrect, p.OfferReinstate = true, true, true
			p.Problems = []ImportProblem{{0, "The file has no rows."}, {3, "“Atlantis” is neither an MP nor a constituency."}}
		}),
		"import-missing": imports(func(p *PledgeImport) {
			p.CSV, p.Form.Errors = "", map[string]string{"csv": "Choose a file, or paste its content."}
		}),
		"import-diff": imports(func(p *PledgeImport) {
			p.Looked, p.Stale, p.Unchanged, p.Plan, p.Ignored = true, true, 4, "abc", []string{"colour"}
			p.Changes = []ImportChange{{2, "added", "Alex Baker", "Aldershot", "pledged on 2026-11-01", ""}, {3, "corrected", "Ann Davies", "Caerfyrddin", "pledged on 2026-11-02", "pledged on 2026-11-01"}, {4, "withdrawn", "Ben Lake", "Ceredigion Preseli", "pledged on 2026-11-02; withdrawn on 2026-11-03", "pledged on 2026-11-02"}}
		}),
		"import-nothing": imports(func(p *PledgeImport) { p.Looked, p.Unchanged = true, 2 }),
		"mps": DeskMPs{
			Desk: ownerDesk("MPs"), Query: "a", Total: 650, Vacant: 1, NoEmail: 4, Corrected: 1, Source: "UK Parliament", Date: "2026-06-01", May: true,
			Regions: []Group{{"England", "England"}, {"Wales", "Wales"}}, Region: "Wales", Parties: []string{"Labour", "Plaid Cymru"}, Party: "Labour", Show: "corrected",
			Rows: []DeskMP{{Code: "E14001063", Place: "Aldershot", MP: "Alex Baker", Party: "Labour", Email: "a@parliament.uk", Corrected: true}, {Code: "E14001170", Place: "Chorley", Vacant: true}, {Code: "E14001171", Place: "Preston", MP: "Sir Mark Hendrick", Party: "Labour"}},
		},
		"mps-failing": DeskMPs{Desk: ownerDesk("MPs"), Total: 650, Failing: FailingList{May: true, Rows: []FailingRow{
			{1, "E14001063", "Aldershot", "Alex Baker", "a@parliament.uk", "2026-11-02", 3, "5.1.1"}, {2, "E14001171", "Preston", "Sir Mark Hendrick", "m@parliament.uk", "2026-11-03", 1, ""}}}},
		"mp-failing": seat(func(p *DeskSeat) {
			p.Failing = FailingList{Rows: []FailingRow{{1, "E14001063", "Aldershot", "Alex Baker", "a@parliament.uk", "2026-11-02", 3, "5.1.1"}}}
		}),
		"mps-none": DeskMPs{Desk: ownerDesk("MPs"), Query: "atlantis", Total: 650},
		"mp":       seat(func(*DeskSeat) {}),
		"mp-vacant": seat(func(p *DeskSeat) {
			p.Seat.Vacant = true
			p.Corrections = []CorrectionRow{{ID: 1, Field: "vacant", MP: "Alex Baker", Source: "BBC", By: "Noor", At: "2026-11-02"}, {ID: 2, Field: "email", MP: "Alex Baker", Value: "x@parliament.uk", Source: "Phone", By: "Noor", At: "2026-11-02", EndedAt: "2026-11-03"}}
			p.Campaigns[0].Pledge = &sampleStands
		}),
		"mp-stale": seat(func(p *DeskSeat) {
			p.Open, p.Form = "email", DeskForm{Values: map[string]string{"email": "b@parliament.uk"}, Errors: map[string]string{"": "Somebody else has changed the address meanwhile.", "source": "Say how it is known."}}
			p.Changed = []Compared{{"Address for letters", "a@parliament.uk", "b@parliament.uk"}}
			p.Corrections = []CorrectionRow{{ID: 1, Field: "email", MP: "Alex Baker", Value: "a@parliament.uk", Listed: "z@parliament.uk", Source: "Phone", By: "Noor", At: "2026-11-02", EndedAt: "2026-11-03", EndedBy: "Ali"}}
		}),
		"sync":         sync(func(p *RosterSync) {}),
		"sync-begins":  sync(func(p *RosterSync) { p.Stage = "running" }),
		"sync-running": sync(func(p *RosterSync) { p.Stage, p.Done, p.Total = "running", 240, 683 }),
		"sync-failed":  sync(func(p *RosterSync) { p.Stage, p.Problem = "failed", "members API: 500" }),
		"sync-applied": sync(func(p *RosterSync) { p.Stage = "applied" }),
		"sync-same":    sync(func(p *RosterSync) { p.Stage, p.Diff.Members, p.Diff.Seats = "ready", 650, 650 }),
		"sync-ready": sync(func(p *RosterSync) {
			p.Stage, p.NeedsForce, p.Error = "ready", true, "Not every seat is accounted for."
			p.Diff = parliament.Diff{
				Seats: 650, Members: 648, Joined: []parliament.Entry{someone}, Left: []parliament.Entry{someone}, WithoutEmail: []parliament.Entry{someone},
				Unaccounted: []parliament.Entry{{Constituency: "Chorley"}}, Unmatched: []parliament.Entry{someone}, Contested: []parliament.Entry{someone}, Notes: []string{"A note"},
				Changed: []parliament.Change{{Entry: someone, Fields: []parliament.Field{{Field: "email", Old: "", New: "a@parliament.uk"}, {Field: "party", Old: "Labour", New: "Independent"}}}},
			}
			p.Held = []CorrectionRow{{Field: "vacant", MP: "Ben Lake"}, {Field: "email", MP: "Ann Davies", Value: "a@example.org"}}
		}),
		"sync-many": sync(func(p *RosterSync) {
			p.Stage = "ready"
			for range manyGreeted + 1 {
				p.Diff.Changed = append(p.Diff.Changed, parliament.Change{Entry: someone, Fields: []parliament.Field{{Field: "salutation", New: "Alex"}}})
			}
		}),
		"digest": DigestPage{Desk: ownerDesk("Weekly digest"), Wanted: true, Subject: "Your campaigns", Text: "Hello\n\nhttps://letters.example/organise\n"},
	}
}

var (
	sampleStands    = PledgeRow{URL: "/organise/c/x/pledges/7", MP: "Alex Baker", Place: "Aldershot", PlaceURL: "/organise/mps/E14001063", On: "2026-11-01", State: "stands", Evidence: "https://www.example.org/1", Note: "Letter, in the office", RecordedBy: "Noor", RecordedAt: "2026-11-02"}
	sampleWithdrawn = PledgeRow{URL: "/organise/c/x/pledges/8", MP: "Ann Davies", On: "2026-10-01", State: "withdrawn", WithdrawnOn: "2026-11-02", Reason: "Said so on the radio", WithdrawnEvidence: "https://example.org/2", EndedBy: "Ali"}
)
