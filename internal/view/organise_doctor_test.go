package view

import (
	"strings"
	"testing"

	"postbag/internal/doctor"
)

func deskDoctorSamples(t testing.TB) map[string]Page {
	r := newRenderer(t)
	choices := []DeskChoice{{Value: "mps-not-border-guards", Words: "MPs Not Border Guards", Chosen: true}}
	page := func(findings ...doctor.Finding) DeskDoctor {
		return DeskDoctor{
			Desk: ownerDesk("Check a page"), Slug: "friends", Name: "Friends of Leeds", Campaigns: choices, Checked: "https://friends.example/act",
			Form: DeskForm{Values: map[string]string{"address": "https://friends.example/act"}}, Checkup: r.Checkup(doctor.Report{Findings: findings}),
		}
	}
	fine := doctor.Finding{Severity: doctor.Works, Code: "found_script", Args: []string{"campaign", "mps-not-border-guards", "partner", "friends"}}
	asked := page()
	asked.Checked, asked.Checkup = "", nil
	wrong := asked
	wrong.Form.Errors = map[string]string{"address": "Only pages with https are looked at."}
	return map[string]Page{
		"desk-doctor":       asked,
		"desk-doctor-wrong": wrong,
		"desk-doctor-fine":  page(fine),
		"desk-doctor-broken": page(
			doctor.Finding{Severity: doctor.Broken, Code: "csp_script", Args: []string{"directive", "script-src 'self'", "name", "script-src"}, Line: "script-src 'self' https://letters.example.org;"},
			doctor.Finding{Severity: doctor.WorksBut, Code: "twice", Args: []string{"campaign", "mps-not-border-guards"}}, fine),
	}
}

// Every finding has its sentence, in which nothing is left open.
func TestCheckup_HasASentenceForEveryFinding(t *testing.T) {
	r := newRenderer(t)
	for _, code := range doctor.Codes() {
		if key := "desk.doctor.says." + code; r.Desk(key) == key {
			t.Errorf("there is no sentence for %s", code)
		}
	}
	for name, page := range deskDoctorSamples(t) {
		if c := page.(DeskDoctor).Checkup; c != nil {
			for _, f := range c.Findings {
				if f.Says == "" || strings.ContainsAny(f.Says, "{}") {
					t.Errorf("%s: %q", name, f.Says)
				}
			}
		}
	}
}
