package view

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"postbag/templates"
)

// deskSamples is every page of the workspace in every state that looks
// different, by name. Each area has its own.
func deskSamples(t testing.TB) map[string]Page {
	all := map[string]Page{}
	for _, area := range []map[string]Page{
		deskSignInSamples(t), deskAccountSamples(t), deskDashboardSamples(t), deskCampaignSamples(t), deskLetterSamples(t), deskPledgeSamples(t), deskAuditSamples(t), deskPartnerSamples(t), deskKeySamples(t), deskAgeSamples(t), deskCheckSamples(t), deskDoctorSamples(t),
	} {
		maps.Copy(all, area)
	}
	return all
}

// ownerDesk is the frame of a page as an owner sees it.
func ownerDesk(title string) Desk {
	return Desk{
		Title: title, Path: "/organise", Name: "Noor Example", Role: "owner",
		Nav: []DeskLink{{"Campaigns", "/organise", true}, {"MPs", "/organise/mps", false}, {"People", "/organise/accounts", false}},
	}
}

// campaignDesk is the frame of a page about a campaign.
func campaignDesk(title string) Desk {
	d := ownerDesk(title)
	d.Campaign = &DeskCampaign{Slug: "mps-not-border-guards", Title: "MPs Not Border Guards", State: "live", Nav: []DeskLink{{"Overview", "/organise/c/mps-not-border-guards", true}}}
	return d
}

func TestRender_EveryDeskPage(t *testing.T) {
	r := newRenderer(t)
	seen := map[string]bool{}
	for name, page := range deskSamples(t) {
		seen[page.template()] = true
		t.Run(name, func(t *testing.T) { checkPage(t, render(t, r, page)) })
	}
	for _, p := range deskPages() {
		if !seen[p.template()] {
			t.Errorf("no sample shows the page %q", p.template())
		}
	}
}

// saidAtDesk are the families of messages that Go code says through Desk, with
// keys put together at run time.
var saidAtDesk = []string{
	"desk.title.", "desk.message.", "desk.error.", "desk.done.", "desk.nav.", "desk.why.", "desk.refused.", "desk.audit_action.", "desk.audit.commands",
	"desk.map.", "desk.chart.", "desk.export.", "desk.range.", "desk.unit.", "desk.seat_letters", "desk.col.", "desk.dash.all", "desk.dash.vacant", "desk.dash.unknown",
	"desk.edit.", "desk.rules.", "desk.partner_form.", "desk.snippet.f.", "desk.snippet.h.", "desk.snippet.theme.", "desk.by_partner.none", "desk.by_partner.too_many", "desk.by_partner.no_source", "desk.partners.bar", "desk.partners.chart", "desk.look.", "desk.hub.", "desk.preview.page_", "desk.new.", "desk.stage.", "desk.versions.restored",
	"desk.retention.kind_", "desk.retention.why_", "desk.doctor.says.", "desk.doctor.error.", "desk.doctor.verdict.", "desk.doctor.severity.", "desk.doctor.snippet.", "desk.mail_doctor.",
}

// TestDeskCatalogue_NothingUnused: a message that neither a template nor the
// code says is left over.
func TestDeskCatalogue_NothingUnused(t *testing.T) {
	used := newRenderer(t).now.Load().desk.used
	said, err := loadDeskWords(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	ofPublic := catalogues(t)[DefaultLang].messages
	for _, key := range slices.Sorted(maps.Keys(said.messages)) {
		if ofPublic[key] != nil || isUsed(used, key) {
			continue
		}
		if !slices.ContainsFunc(saidAtDesk, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("nothing says %q", key)
		}
	}
}
