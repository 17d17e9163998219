package account

import "testing"

func TestRole_May(t *testing.T) {
	tests := []struct {
		role Role
		can  []Permission
		not  []Permission
	}{
		{Owner, Permissions(), nil},
		{Organiser, []Permission{SeeCounts, EditCampaigns, KeepPartners, KeepPledges, KeepMPs, DecideLetters, ReadLetters, ExportPeople, SignedIn, Anyone}, []Permission{ManageAccounts, SeeAudit, SeeOwnPartner}},
		{Viewer, []Permission{SeeCounts, SignedIn, Anyone}, []Permission{EditCampaigns, KeepPartners, KeepPledges, KeepMPs, DecideLetters, ReadLetters, ExportPeople, ManageAccounts, SeeAudit, SeeOwnPartner}},
		{Partner, []Permission{SeeOwnPartner, SignedIn, Anyone}, []Permission{SeeCounts, EditCampaigns, KeepPartners, KeepPledges, KeepMPs, DecideLetters, ReadLetters, ExportPeople, ManageAccounts, SeeAudit}},
		{"", []Permission{Anyone}, []Permission{SignedIn, SeeCounts, SeeOwnPartner, ManageAccounts}},
		{"emperor", []Permission{Anyone}, []Permission{SignedIn, SeeCounts, SeeOwnPartner, ManageAccounts}},
	}
	for _, tt := range tests {
		t.Run(string(tt.role), func(t *testing.T) {
			if len(tt.can)+len(tt.not) < 5 {
				t.Fatal("hardly anything is tested")
			}
			for _, p := range tt.can {
				if !tt.role.May(p) {
					t.Errorf("may not %s", p)
				}
			}
			for _, p := range tt.not {
				if tt.role.May(p) {
					t.Errorf("may %s", p)
				}
			}
		})
	}
	if Owner.May("anything at all") {
		t.Error("an owner may do what is no permission")
	}
}
