package view

import (
	"testing"
	"time"

	"postbag/internal/campaign"
)

// deskRow is a letter in a list, in a state.
func deskRow(id int64, state, why string) DeskLetterRow {
	return DeskLetterRow{
		ID: id, URL: "/organise/c/mps-not-border-guards/letters/12", Value: "12.1", Reference: "K7QM-2XRD", Campaign: "MPs Not Border Guards",
		Constituency: "Dwyfor Meirionnydd and the Isle of Anglesey", MP: "Jane Example", MPNow: "Jane Example", SameMP: true, State: state, Why: why,
		Since: day, Written: day.Add(-time.Hour), Own: 34, Attempts: 3, Answer: "550 5.1.1", Similar: 41, SimilarURL: "/organise/c/x/letters?why=refused", Kept: true,
	}
}

func deskLetterSamples(testing.TB) map[string]Page {
	held, lost := deskRow(1, "held", "Nobody holds the seat."), deskRow(2, "uncertain", "The connection was lost after the letter was handed over.")
	held.SameMP, held.MPNow, held.Attempts, held.Own, held.Answer, held.Similar = false, "", 0, -1, "", 0
	failed, bounced := deskRow(3, "failed", "The mail server refused it for good."), deskRow(4, "bounced", "It was accepted and then returned.")
	rows := []DeskLetterRow{held, lost, failed, bounced}
	refused := failed
	refused.SameMP, refused.MPNow, refused.Refused = false, "John Sample", "Another MP sits now. The letter is written to the one before, so it goes to nobody else."
	choices := []DeskChoice{{"held", "held", 3, true}, {"failed", "failed", 12000, false}}
	form := DeskForm{Values: map[string]string{"note": "  Two\nlines"}, Errors: map[string]string{"note": "Write no more than 2,000 characters."}}
	sought := DeskForm{Values: map[string]string{"sought": "amina@example.org"}}
	gone := deskRow(5, "sent", "")
	gone.Kept, gone.Reference = false, ""
	all := map[string]Page{
		"desk-letters": DeskQueue{Desk: campaignDesk("Letters"), Letters: rows, Waiting: 12004, Found: 12003, States: choices, Reasons: choices, Seats: choices, Partners: choices, Sifted: true, Filter: []DeskHidden{{"state", "held"}},
			First: "/organise/c/x/letters", Next: "/organise/c/x/letters?after=4", Decisions: campaign.Decisions(), People: true},
		"desk-letters-failing": DeskQueue{Desk: campaignDesk("Letters"), Waiting: 1, Failing: FailingList{May: true, Rows: []FailingRow{
			{1, "E14001063", "Aldershot", "Alex Baker", "a@parliament.uk", "2026-11-02", 3, "5.1.1"}}}},
		"desk-letters-none":    DeskQueue{Desk: campaignDesk("Letters")},
		"desk-letters-nothing": DeskQueue{Desk: campaignDesk("Letters"), Waiting: 1, Sifted: true},
		"desk-letters-wrong":   DeskQueue{Desk: campaignDesk("Letters"), Letters: rows[:1], Waiting: 1, Found: 1, Decisions: campaign.Decisions(), Form: DeskForm{Errors: map[string]string{"": "Choose at least one letter."}}},
		"desk-letters-freed":   DeskQueue{Desk: campaignDesk("Letters"), Letters: rows[:1], Waiting: 1, Found: 1, Freed: 1, Decisions: campaign.Decisions()},
		"desk-decide-many":     DeskDecide{Desk: campaignDesk("Letters"), Decision: "decline", Many: true, Count: 1234, MaxNote: 2000, All: []DeskHidden{{"whole", "1"}}},
		"desk-decided-many":    DeskDecided{Desk: campaignDesk("Letters"), Decision: "retry", Many: true, Count: 2000, Left: 1, Refused: []DeskLetterRow{refused}, On: []DeskHidden{{"whole", "1"}}, Back: "/organise/c/x/letters"},
		"desk-decided-broken":  DeskDecided{Desk: campaignDesk("Letters"), Decision: "retry", Many: true, Count: 200, Before: 2000, Broken: true, On: []DeskHidden{{"whole", "1"}}, Back: "/organise/c/x/letters"},
		"desk-decide-nothing":  DeskDecide{Desk: campaignDesk("Letters"), Decision: "send", Refused: []DeskLetterRow{refused}},
		"desk-decide-wrong":    DeskDecide{Desk: campaignDesk("Letters"), Decision: "decline", Letters: rows[:1], Form: form, MaxNote: 2000},
		"desk-decided":         DeskDecided{Desk: campaignDesk("Letters"), Decision: "retry", Done: rows[2:], Refused: []DeskLetterRow{refused}, Back: "/organise/c/x/letters"},
		"desk-decided-nothing": DeskDecided{Desk: campaignDesk("Letters"), Decision: "retry", Refused: []DeskLetterRow{refused}, Back: "/organise/c/x/letters"},
		"desk-people":          DeskPeople{Desk: ownerDesk("Find a person")},
		"desk-people-wrong":    DeskPeople{Desk: ownerDesk("Find a person"), Form: DeskForm{Values: map[string]string{"sought": "x"}, Errors: map[string]string{"sought": "Type an email address."}}},
		"desk-people-none":     DeskPeople{Desk: ownerDesk("Find a person"), Form: sought, Searched: true},
		"desk-people-found":    DeskPeople{Desk: ownerDesk("Find a person"), Form: sought, Searched: true, Letters: []DeskLetterRow{held, gone}, Kept: 1, OptIns: 2},
		"desk-people-opt-ins":  DeskPeople{Desk: ownerDesk("Find a person"), Form: sought, Searched: true, OptIns: 1},
		"desk-erase":           DeskErase{Desk: ownerDesk("Find a person"), Sought: "amina@example.org", Letters: rows, OptIns: 2},
		"desk-erased":          DeskErase{Desk: ownerDesk("Find a person"), Done: true, Erased: 1, OptIns: 1, Letters: []DeskLetterRow{refused}},
	}
	for _, d := range campaign.Decisions() {
		all["desk-decide-"+string(d)] = DeskDecide{Desk: campaignDesk("Letters"), Decision: string(d), Letters: rows, Refused: []DeskLetterRow{refused}, MaxNote: 2000}
	}
	for _, s := range campaign.States() {
		p := DeskLetter{
			Desk: campaignDesk("A letter"), Row: deskRow(12, string(s), "The mail server refused it for good."), Variant: "ask", Lang: "English", Partner: "friends",
			Erase: day.AddDate(0, 0, 30), Events: []DeskEvent{{day, "awaiting", "The supporter wrote it."}, {day, string(s), "The mail server refused it for good."}},
			Postings:  []DeskPosting{{"confirm", "sent", 1, day, "250 2.0.0", nil}, {"letter", "failed", 3, day, "550 5.1.1", []DeskAttempt{{day, "retry", "451 4.4.1", "no_answer"}, {day, "failed", "550 5.1.1", "no_mailbox"}}}, {"declined", "ready", 0, day, "", nil}},
			Decisions: campaign.Decisions(), MayRead: true,
		}
		switch s {
		case campaign.StateHeld:
			p.Checks = []string{"It has a word of the campaign’s list in it.", "What its supporter wrote is very much like other letters."}
			p.Blocked, p.Problem = "Nobody holds the seat.", "Nothing of the person is left to be read."
		case campaign.StateFailed:
			p.Opened = &DeskOpened{campaign.Person{Name: "Zofia Example", Email: "zofia@example.org", Phone: "0113 496 0999", Address1: "1 High Street", Address2: "Hyde Park", Town: "Leeds", Postcode: "LS6 3HN", Subject: "My neighbour", Letter: "Dear Jane Example,\n\nMy neighbour is afraid.\n\nZofia Example"}, "Please write to the new MP."}
		case campaign.StateExpired:
			p.Row, p.Decisions, p.Erase, p.Postings = gone, nil, time.Time{}, nil
		}
		all["desk-letter-"+string(s)] = p
	}
	return all
}
