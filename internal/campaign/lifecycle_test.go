package campaign_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

var olga = account.Actor{Account: 7, Name: "Olga"}

// other is a second campaign: the small one, complete.
const other = "small"

func (d *desk) create(tb testing.TB, source string) {
	tb.Helper()
	if _, err := d.CreateCampaign(tb.Context(), olga, source, ""); err != nil {
		tb.Fatal(err)
	}
}

func (d *desk) turn(tb testing.TB, slug string, from, to Stage) {
	tb.Helper()
	if err := d.Turn(tb.Context(), olga, slug, from, to); err != nil {
		tb.Fatal(err)
	}
}

// A placeholder where nothing is filled in was let pass once: a campaign that is
// kept with one is read all the same, and no other is kept.
func TestService_PlaceholdersWhereNoneAreFilledIn(t *testing.T) {
	source := strings.Replace(small, `headline = "H"`, `headline = "For {mp_name}"`, 1)
	if _, err := ParseKept(source); err != nil {
		t.Errorf("what was kept is not read: %v", err)
	}
	d := newDesk(t)
	if _, err := d.CreateCampaign(t.Context(), olga, source, ""); err == nil {
		t.Error("a new one is kept")
	}
	d.create(t, small)
	if _, err := d.SaveCampaign(t.Context(), olga, other, source, 1, ""); err == nil {
		t.Error("a draft is saved with it")
	}
}

func TestService_Turn(t *testing.T) {
	d := newDesk(t)
	d.create(t, small)
	if _, err := d.Campaign(other); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a draft is public: %v", err)
	}
	if c, err := d.AnyCampaign(other); err != nil || c.Stage != StageDraft || c.Version != 1 {
		t.Errorf("organisers see %+v, %v", c, err)
	}
	for _, to := range []Stage{StagePaused, StageClosed, StageDraft, "nonsense"} {
		if err := d.Turn(t.Context(), olga, other, StageDraft, to); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("a draft became %s: %v", to, err)
		}
	}
	d.turn(t, other, StageDraft, StageLive)
	if err := d.Turn(t.Context(), olga, other, StageDraft, StageLive); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("launched twice: %v", err)
	}
	f := Form{Lang: "en", Constituency: durham}
	for _, step := range []struct {
		from, to Stage
		want     fault.Code
	}{{StageLive, StagePaused, fault.Conflict}, {StagePaused, StageLive, ""}, {StageLive, StageClosed, fault.Conflict}, {StageClosed, StageLive, ""}} {
		d.turn(t, other, step.from, step.to)
		if _, err := d.Draft(t.Context(), other, f); fault.CodeOf(err) != step.want {
			t.Errorf("%s: a letter is begun: %v", step.to, err)
		}
		if _, err := d.Campaign(other); err != nil {
			t.Errorf("%s: it is not found: %v", step.to, err)
		}
	}
}

func TestService_Turn_incompleteDraft(t *testing.T) {
	d := newDesk(t)
	d.create(t, strings.Replace(small, `title = "T"`, "", 1))
	if err := d.Turn(t.Context(), olga, other, StageDraft, StageLive); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("launched without a title: %v", err)
	}
	if err := d.Schedule(t.Context(), olga, other, start.Add(time.Hour), time.Time{}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("scheduled without a title: %v", err)
	}
	if _, err := d.SaveCampaign(t.Context(), olga, slug, strings.Replace(shippedFile(), "headline =", "# ", 1), 1, ""); err == nil {
		t.Error("a live campaign lost its headline")
	}
}

// What is confirmed goes; what is not waits for the campaign.
func TestService_Confirm_whilePaused(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	d.turn(t, slug, StageLive, StagePaused)
	if err := d.Confirm(t.Context(), token); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("confirmed while paused: %v", err)
	}
	d.turn(t, slug, StagePaused, StageLive)
	if err := d.Confirm(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	d.turn(t, slug, StageLive, StagePaused)
	if jobs := d.mails(t); len(jobs) != 1 || jobs[0].Kind != MailLetter {
		t.Errorf("after pausing, what is confirmed goes: %v", jobs)
	}
}

func TestService_Schedule(t *testing.T) {
	d := newDesk(t)
	d.create(t, small)
	if err := d.Schedule(t.Context(), olga, other, start.Add(time.Hour), start.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	stage := func(when string, want Stage) {
		t.Helper()
		if err := d.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c, err := d.AnyCampaign(other); err != nil || c.Stage != want {
			t.Errorf("%s it is %s, want %s (%v)", when, c.Stage, want, err)
		}
	}
	stage("before", StageDraft)
	d.clock.Advance(time.Hour)
	stage("at its start", StageLive)
	d.clock.Advance(time.Hour)
	stage("at its end", StageClosed)
	d.turn(t, other, StageClosed, StageLive)
	stage("opened again", StageLive)
	for name, times := range map[string][2]time.Time{
		"a start of what has started": {d.clock.Now().Add(time.Hour), {}}, "an end in the past": {{}, start},
	} {
		if err := d.Schedule(t.Context(), olga, other, times[0], times[1]); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestService_SaveCampaign(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	goal := func(n string) string { return strings.Replace(shippedFile(), "goal = 5000", "goal = "+n, 1) }
	if n, err := d.SaveCampaign(ctx, olga, slug, goal("6000"), 1, "More"); err != nil || n != 2 {
		t.Fatalf("version %d, %v", n, err)
	}
	if c, _ := d.Campaign(slug); c.Goal != 6000 || c.Version != 2 {
		t.Errorf("goal %d in version %d", c.Goal, c.Version)
	}
	_, err := d.SaveCampaign(ctx, olga, slug, goal("7000"), 1, "")
	if stale, ok := errors.AsType[*StaleError](err); !ok || stale.Newest != 2 {
		t.Errorf("somebody saved meanwhile: %v", err)
	}
	if n, err := d.SaveCampaign(ctx, olga, slug, goal("6000"), 2, ""); err != nil || n != 2 {
		t.Errorf("the same again is version %d, %v", n, err)
	}
	if _, err := d.SaveCampaign(ctx, olga, slug, strings.Replace(goal("1"), `slug = "`+slug, `slug = "x`, 1), 2, ""); err == nil {
		t.Error("it has another slug now")
	}
	if n, err := d.Restore(ctx, olga, slug, 1, 2, ""); err != nil || n != 3 {
		t.Fatalf("restored as %d, %v", n, err)
	}
	versions, err := d.Versions(ctx, slug)
	if err != nil || len(versions) != 3 || versions[1].Author != "Olga" || versions[1].Note != "More" {
		t.Errorf("%+v, %v", versions, err)
	}
	// A letter remembers the version that it was written from.
	d.mailed(t, typed())
	d.alter(t, `UPDATE letters SET version = version / (version = 3)`) // NULL, which is refused, for any other
}

// Another process changes a campaign, and this one notices.
func TestService_Refresh_campaigns(t *testing.T) {
	d := newDesk(t)
	if err := d.store.TurnCampaign(t.Context(), olga, slug, StageLive, StagePaused, 1); err != nil {
		t.Fatal(err)
	}
	if c, _ := d.Campaign(slug); c.Stage != StageLive {
		t.Fatal("it knew at once, so this tests nothing")
	}
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, _ := d.Campaign(slug); c.Stage != StagePaused {
		t.Errorf("it is still %s", c.Stage)
	}
}

func TestService_DeleteCampaign(t *testing.T) {
	d := newDesk(t)
	d.create(t, small)
	pledge := Pledge{MemberID: member(durham).ID, On: "2026-11-01", RecordedBy: "Olga"}
	if _, err := d.AddPledge(t.Context(), other, pledge, Correction{}); err != nil {
		t.Fatal(err)
	}
	if h, err := d.Holds(t.Context(), other); err != nil || h != (Holds{Pledges: 1}) {
		t.Errorf("it holds %+v, %v", h, err)
	}
	for _, in := range []string{other, slug} {
		if err := d.DeleteCampaign(t.Context(), olga, in); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("%s is deleted: %v", in, err)
		}
	}
	d.alter(t, `DELETE FROM pledges`)
	if err := d.DeleteCampaign(t.Context(), olga, other); err != nil {
		t.Fatal(err)
	}
	if _, err := d.AnyCampaign(other); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("it is still there: %v", err)
	}
}

func TestService_excluded(t *testing.T) {
	d := newDesk(t)
	source := strings.Replace(shippedFile(), "[[rules]]", "[[rules]]\nconstituency = [\""+durham+"\"]\nexclude = \"durham\"\n\n[[rules]]", 1) +
		"\n[texts.en.exclusions.durham]\ntext = \"Not to {mp_name}.\"\n[texts.cy.exclusions.durham]\ntext = \"Nid at {mp_name}.\"\n"
	if _, err := d.SaveCampaign(t.Context(), olga, slug, source, 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Submit(t.Context(), slug, typed()); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a letter was written: %v", err)
	}
	draft, err := d.Draft(t.Context(), slug, typed())
	if err != nil {
		t.Fatal(err)
	}
	c, _ := d.Campaign(slug)
	if got := c.Excluded("en", draft.To).Text; got != "Not to "+member(durham).Name+"." {
		t.Errorf("it says %q", got)
	}
}
