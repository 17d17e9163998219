package view

import "testing"

func deskAuditSamples(testing.TB) map[string]Page {
	choices := []DeskChoice{{Value: "1", Words: "Noor Example"}, {Value: "-1", Words: "Commands, and Postbag itself", Chosen: true}}
	lines := []DeskAuditLine{
		{At: day, Who: "Noor Example", Origin: "192.0.2.7", Did: "Declined a letter", Action: "letter.decline", Campaign: "mps-not-border-guards", Object: "letter 12",
			Changes: []DeskChange{{"state", "held", "withdrawn"}, {"why", "vacant", "declined"}}},
		{At: day, Who: "postbag pledges add: AB", Did: "pledge.add", Action: "pledge.add", Object: "member 1234", Changes: []DeskChange{{"", "", "anything"}}},
		{At: day, Who: "Noor Example", Origin: "2001:db8::7", Did: "Opened a letter", Action: "letter.read", Campaign: "mps-not-border-guards", Object: "letter 4711"},
	}
	return map[string]Page{
		"desk-audit":       DeskAudit{Desk: ownerDesk("Audit log"), Lines: lines, People: choices, Families: choices, Campaigns: choices, Day: "2026-11-23", Sifted: true, First: "/organise/audit", Next: "/organise/audit?before=3", Query: "?day=2026-11-23"},
		"desk-audit-none":  DeskAudit{Desk: ownerDesk("Audit log"), People: choices},
		"desk-audit-wrong": DeskAudit{Desk: ownerDesk("Audit log"), Day: "x", Form: DeskForm{Errors: map[string]string{"day": "Type a day, such as 2026-11-23."}}},
	}
}
