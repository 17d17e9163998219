package store

import (
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

var olga = account.Actor{Account: 7, Name: "Olga", Origin: "192.0.2.1"}

// Every change of a campaign is in the audit log, by version and state alone.
func TestStore_Campaigns_audit(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	before, err := b.CampaignsVersion(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		b.CreateCampaign(ctx, olga, "second", "its file", "begun"),
		b.TurnCampaign(ctx, olga, "second", campaign.StageDraft, campaign.StageLive, 1),
		b.ScheduleCampaign(ctx, olga, "second", time.Time{}, start.Add(time.Hour)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.SaveCampaign(ctx, olga, campaign.CampaignChange{Slug: "second", Source: "another file", Base: 1}); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	want := strings.Join([]string{
		`campaign.create campaign second  {"state":"draft","version":1}`,
		`campaign.turn campaign second {"state":"draft"} {"state":"live"}`,
		`campaign.schedule campaign second {"state":"live"} {"state":"live","ends":"2026-11-23T13:00:00.000Z"}`,
		`campaign.edit version 2 {"version":1} {"version":2}`,
	}, "\n")
	if got := b.texts(t, `SELECT group_concat(action || ' ' || object || ' ' || before || ' ' || after, char(10)) FROM audit WHERE actor = 'Olga' AND origin = '192.0.2.1'`); got != want {
		t.Errorf("the log says\n%s\nwant\n%s", got, want)
	}
	if after, err := b.CampaignsVersion(ctx); err != nil || after != before+5 { // made and created count each
		t.Errorf("version %d became %d, %v", before, after, err)
	}
	for name, err := range map[string]error{
		"the slug again":        b.CreateCampaign(ctx, olga, "second", "x", ""),
		"from another state":    b.TurnCampaign(ctx, olga, "second", campaign.StagePaused, campaign.StageLive, 2),
		"deleting what is live": b.DeleteCampaign(ctx, olga, "second"),
	} {
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("%s: %v, want a conflict", name, err)
		}
	}
	if _, err := b.SaveCampaign(ctx, olga, campaign.CampaignChange{Slug: "second", Source: "x", Base: 1}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("saved over another's version: %v", err)
	}
	if _, err := b.SaveCampaign(ctx, olga, campaign.CampaignChange{Slug: "second", Source: "x", Base: 2, Draft: true}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an incomplete file of a live campaign: %v", err)
	}
}

func TestStore_Modernise(t *testing.T) {
	b := newBed(t)
	b.submit(t, 1)
	for _, q := range []string{`UPDATE letters SET variant = 'exception'`, `DELETE FROM variants`, `INSERT INTO variants (campaign_id, variant, written) VALUES (1, 'exception', 1)`} {
		if _, err := b.raw.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Modernise(t.Context(), slug, "new file", map[string]string{seatA: "speaker", seatB: "nobody"}); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT variant FROM letters`); got != "speaker" {
		t.Errorf("the letter is one of %q", got)
	}
	counts, err := b.Variants(t.Context(), slug)
	if err != nil || len(counts) != 1 || counts[0] != (campaign.VariantCount{Variant: "speaker", Written: 1}) {
		t.Errorf("%+v, %v", counts, err)
	}
	versions, err := b.CampaignVersions(t.Context(), slug)
	if err != nil || len(versions) != 2 || versions[0].Author != "Postbag" {
		t.Errorf("%+v, %v", versions, err)
	}
	if v, err := b.CampaignVersion(t.Context(), slug, 2); err != nil || v.Source != "new file" {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := b.CampaignVersion(t.Context(), slug, 3); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a version that is not there: %v", err)
	}
}

// A draft is launched as the version that was found complete, or not at all.
func TestStore_TurnCampaign_savedMeanwhile(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	if err := b.CreateCampaign(ctx, olga, "second", "complete", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SaveCampaign(ctx, olga, campaign.CampaignChange{Slug: "second", Source: "incomplete", Base: 1, Draft: true}); err != nil {
		t.Fatal(err)
	}
	if err := b.TurnCampaign(ctx, olga, "second", campaign.StageDraft, campaign.StageLive, 1); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("version 2 is launched as version 1: %v", err)
	}
	if got := b.texts(t, `SELECT state FROM campaigns WHERE slug = 'second'`); got != "draft" {
		t.Errorf("it is %s", got)
	}
	if err := b.ScheduleCampaign(ctx, olga, "second", start.Add(time.Hour), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SaveCampaign(ctx, olga, campaign.CampaignChange{Slug: "second", Source: "still incomplete", Base: 2, Draft: true}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an incomplete file of one that starts by itself: %v", err)
	}
}

// What the audit log says of a campaign that was deleted is never another's.
func TestStore_DeleteCampaign_numbers(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	for _, err := range []error{
		b.CreateCampaign(ctx, olga, "second", "x", ""), b.DeleteCampaign(ctx, olga, "second"), b.CreateCampaign(ctx, olga, "third", "x", ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines, err := b.AuditLog(ctx, account.AuditFilter{Campaign: "third"}, 10)
	if err != nil || len(lines) != 1 || lines[0].Action != "campaign.create" {
		t.Errorf("the log of the third: %+v, %v", lines, err)
	}
}

// A pledge that was voided stands in no campaign's way.
func TestStore_DeleteCampaign_voidedPledge(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	if err := b.CreateCampaign(ctx, olga, "second", "x", ""); err != nil {
		t.Fatal(err)
	}
	b.alter(t, `INSERT INTO pledges (campaign_id, member_id, pledged_on, evidence, recorded_by, recorded_at, corrected_at)
		SELECT c.id, m.id, '2026-11-01', '', 'Ann', '2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'
		FROM campaigns c, members m WHERE c.slug = 'second' AND m.constituency = $1`, seatA)
	if err := b.DeleteCampaign(ctx, olga, "second"); err != nil {
		t.Error(err)
	}
}
