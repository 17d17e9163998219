package view

import (
	"strings"
	"testing"

	"postbag/internal/campaign"
)

func deskAuditSamples(testing.TB) map[string]Page {
	choices := []DeskChoice{{Value: "1", Words: "Noor Example"}, {Value: "-1", Words: "Commands, and Postbag itself", Chosen: true}}
	lines := []DeskAuditLine{
		{At: day, Who: "Noor Example", Origin: "192.0.2.7", Did: "Declined a letter", Action: "letter.decline", Campaign: "mps-not-border-guards", Object: "letter 12",
			Changes: []DeskChange{{"state", "held", "withdrawn"}, {"why", "vacant", "declined"}}},
		{At: day, Who: "postbag pledges add: AB", Did: "pledge.add", Action: "pledge.add", Object: "member 1234", Changes: []DeskChange{{"", "", "anything"}}},
		{At: day, Who: "Noor Example", Origin: "2001:db8::7", Did: "Opened a letter", Action: "letter.read", Campaign: "mps-not-border-guards", Object: "letter 4711"},
	}
	ledger := []DeskErasure{{0, "2026-11-24", "mps-not-border-guards", "Text and address of a letter", "its time was over", 3, ""}, {1, "2026-11-23", "mps-not-border-guards", "All about who wrote a letter", "its supporter asked for it", 1200, strings.Repeat("0a", 32)}}
	return map[string]Page{
		"desk-retention":      DeskRetention{Desk: ownerDesk("Kept and deleted"), Campaigns: []DeskKeep{{"mps-not-border-guards", "MPs Not Border Guards", campaign.DefaultKeep}}, Kept: []DeskKept{{"MPs Not Border Guards", "All about who wrote a letter", "2026-12-23", false, 1234}, {"MPs Not Border Guards", "All about who wrote a letter", "", false, 2}, {"MPs Not Border Guards", "Name and email of somebody who wants to hear more", "", true, 4}}, Ledger: ledger, More: 7, Head: strings.Repeat("0a", 32), Wrong: "line 1 is missing"},
		"desk-cookies":        DeskCookies{Desk: ownerDesk("The cookie of this workspace"), Cookie: "__Host-postbag", Secure: true, Idle: 2, Lasts: 12},
		"desk-cookies-http":   DeskCookies{Desk: ownerDesk("The cookie of this workspace"), Cookie: "postbag", Idle: 2, Lasts: 12},
		"desk-retention-none": DeskRetention{Desk: ownerDesk("Kept and deleted")},
		"desk-audit":          DeskAudit{Desk: ownerDesk("Audit log"), Lines: lines, People: choices, Families: choices, Campaigns: choices, Day: "2026-11-23", Sifted: true, First: "/organise/audit", Next: "/organise/audit?before=3", Query: "?day=2026-11-23"},
		"desk-audit-none":     DeskAudit{Desk: ownerDesk("Audit log"), People: choices},
		"desk-audit-wrong":    DeskAudit{Desk: ownerDesk("Audit log"), Day: "x", Form: DeskForm{Errors: map[string]string{"day": "Type a day, such as 2026-11-23."}}},
	}
}
