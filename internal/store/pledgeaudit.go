package store

import (
	"strconv"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

// pledgeActions are how the audit log calls the changes; what is not here changed
// nothing.
var pledgeActions = map[campaign.PledgeAction]string{
	campaign.PledgeAdded: "pledge.add", campaign.PledgeCorrected: "pledge.correct",
	campaign.PledgeWithdrawn: "pledge.withdraw", campaign.PledgeVoided: "pledge.void",
}

// pledgeEntry is a pledge as the audit log has it.
type pledgeEntry struct {
	On                string `json:"on,omitempty"`
	Evidence          string `json:"evidence,omitempty"`
	Note              string `json:"note,omitempty"`
	RecordedBy        string `json:"recorded_by,omitempty"`
	WithdrawnOn       string `json:"withdrawn_on,omitempty"`
	WithdrawnEvidence string `json:"withdrawn_evidence,omitempty"`
	WithdrawnReason   string `json:"withdrawn_reason,omitempty"`
	VoidedReason      string `json:"voided_reason,omitempty"`
}

func entryOf(p campaign.Pledge) pledgeEntry {
	return pledgeEntry{
		On: p.On, Evidence: p.Evidence, Note: p.Note, RecordedBy: p.RecordedBy,
		WithdrawnOn: p.WithdrawnOn, WithdrawnEvidence: p.WithdrawnEvidence, WithdrawnReason: p.WithdrawnReason,
	}
}

func (t *tx) auditPledge(slug string, c campaign.PledgeChange) error {
	action, ok := pledgeActions[c.Action]
	if !ok {
		return nil
	}
	e := account.Entry{Actor: c.By, Action: action, Campaign: slug, Object: memberObject(c.Pledge.MemberID)}
	if c.Action != campaign.PledgeAdded {
		e.Before = asJSON(entryOf(c.Before))
	}
	after := entryOf(c.Pledge)
	if c.Action == campaign.PledgeVoided {
		after = pledgeEntry{VoidedReason: c.Reason}
	}
	e.After = asJSON(after)
	return t.audit(e)
}

func memberObject(id int) string { return "member " + strconv.Itoa(id) }
