package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// change writes changes as they are.
func (b *bed) change(tb testing.TB, changes ...campaign.PledgeChange) {
	tb.Helper()
	err := b.ChangePledges(tb.Context(), slug, func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error) { return changes, nil })
	if err != nil {
		tb.Fatal(err)
	}
}

func (b *bed) pledges(tb testing.TB) []campaign.Pledge {
	tb.Helper()
	all, err := b.Pledges(tb.Context(), slug)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func added(code, on string) campaign.PledgeChange {
	return campaign.PledgeChange{Action: campaign.PledgeAdded, Pledge: campaign.Pledge{MemberID: member(code).ID, On: on, RecordedBy: "Ann"}}
}

func TestStore_ChangePledges(t *testing.T) {
	b := newBed(t)
	ann := campaign.Pledge{
		MemberID: member(seatA).ID, MemberName: member(seatA).Name, On: "2026-11-01", Evidence: "https://example.org/1",
		RecordedBy: "Ann", RecordedAt: start,
	}
	b.change(t, campaign.PledgeChange{Action: campaign.PledgeAdded, Pledge: ann})
	all := b.pledges(t)
	if len(all) != 1 {
		t.Fatalf("%d pledges", len(all))
	}
	ann.ID = all[0].ID
	if diff := cmp.Diff(ann, all[0]); diff != "" || !all[0].Stands() {
		t.Fatal("added:", diff)
	}

	b.clock.Advance(time.Hour)
	fixed := ann
	fixed.On, fixed.RecordedBy, fixed.RecordedAt = "2026-11-02", "Bea", start.Add(time.Hour)
	b.change(t, campaign.PledgeChange{Action: campaign.PledgeCorrected, Pledge: fixed})
	all = b.pledges(t)
	if len(all) != 1 || all[0].ID == ann.ID {
		t.Fatalf("corrected: %+v", all)
	}
	fixed.ID = all[0].ID
	if diff := cmp.Diff(fixed, all[0]); diff != "" {
		t.Error("corrected:", diff)
	}

	b.clock.Advance(time.Hour)
	gone := fixed
	gone.WithdrawnOn, gone.WithdrawnEvidence, gone.WithdrawnBy = "2026-11-20", "https://example.org/2", "Cat"
	b.change(t, campaign.PledgeChange{Action: campaign.PledgeWithdrawn, Pledge: gone})
	gone.WithdrawnAt = start.Add(2 * time.Hour)
	again := added(seatA, "2026-11-21")
	b.change(t, again)
	all = b.pledges(t)
	if len(all) != 2 || all[0].Stands() || !all[1].Stands() {
		t.Fatalf("withdrawn and pledged again: %+v", all)
	}
	if diff := cmp.Diff(gone, all[0]); diff != "" {
		t.Error("withdrawn:", diff)
	}
	if got := b.texts(t, `SELECT recorded_by || ' ' || pledged_on || ' ' || COALESCE(withdrawn_on, '-') || ' ' || COALESCE(corrected_at, '-') FROM pledges ORDER BY id`); got !=
		"Ann 2026-11-01 - 2026-11-23T13:00:00.000Z, Bea 2026-11-02 2026-11-20 -, Ann 2026-11-21 - -" {
		t.Errorf("the whole history: %s", got)
	}
}

func TestStore_VoidedPledges(t *testing.T) {
	b := newBed(t)
	b.change(t, added(seatA, "2026-11-01"), added(seatB, "2026-11-02"))
	wrong := b.pledges(t)[0]
	b.clock.Advance(time.Hour)
	b.change(t, campaign.PledgeChange{Action: campaign.PledgeVoided, Pledge: wrong, VoidedBy: "Bea", Reason: "meant another"})
	voided, err := b.VoidedPledges(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	want := []campaign.VoidedPledge{{Pledge: wrong, VoidedBy: "Bea", Reason: "meant another", VoidedAt: start.Add(time.Hour)}}
	if diff := cmp.Diff(want, voided); diff != "" {
		t.Error(diff)
	}
	if all := b.pledges(t); len(all) != 1 || all[0].MemberID == wrong.MemberID {
		t.Errorf("it still counts: %+v", all)
	}
	if pledged, err := b.Pledged(t.Context(), slug, wrong.MemberID); err != nil || pledged {
		t.Errorf("it stands: %v, %v", pledged, err)
	}
	err = b.ChangePledges(t.Context(), slug, func(history []campaign.Pledge, told []campaign.VoidedPledge) ([]campaign.PledgeChange, error) {
		if diff := cmp.Diff(want, told); diff != "" || len(history) != 1 {
			t.Errorf("whoever decides next is told of %d and %s", len(history), diff)
		}
		return nil, nil
	})
	if err != nil {
		t.Error(err)
	}
	// A correction is no voiding.
	fixed := b.pledges(t)[0]
	fixed.On = "2026-11-03"
	b.change(t, campaign.PledgeChange{Action: campaign.PledgeCorrected, Pledge: fixed})
	if voided, err := b.VoidedPledges(t.Context(), slug); err != nil || len(voided) != 1 {
		t.Errorf("%+v, %v", voided, err)
	}
}

func TestStore_ChangePledges_allOrNothing(t *testing.T) {
	b := newBed(t)
	refused := errors.New("refused")
	stranger := campaign.PledgeChange{Action: campaign.PledgeAdded, Pledge: campaign.Pledge{MemberID: 999999, On: "2026-11-01"}}
	for _, c := range []struct {
		name    string
		changes []campaign.PledgeChange
		err     error
	}{
		{"the decision is no", []campaign.PledgeChange{added(seatA, "2026-11-01")}, refused},
		{"a member who does not exist", []campaign.PledgeChange{added(seatA, "2026-11-01"), stranger}, nil},
		{"two that stand at once", []campaign.PledgeChange{added(seatA, "2026-11-01"), added(seatA, "2026-11-02")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := b.ChangePledges(t.Context(), slug, func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error) {
				return c.changes, c.err
			})
			if err == nil || c.err != nil && !errors.Is(err, c.err) {
				t.Errorf("error %v", err)
			}
			if all := b.pledges(t); len(all) > 0 {
				t.Errorf("written all the same: %+v", all)
			}
		})
	}
}

func TestStore_Pledged(t *testing.T) {
	b := newBed(t)
	if err := b.AddCampaign(t.Context(), "other", ""); err != nil {
		t.Fatal(err)
	}
	gone := added(seatB, "2026-11-01")
	gone.Pledge.WithdrawnOn = "2026-11-02"
	b.change(t, added(seatA, "2026-11-01"), gone)
	for _, c := range []struct {
		name, slug string
		member     int
		want       bool
	}{
		{"pledged", slug, member(seatA).ID, true},
		{"withdrawn", slug, member(seatB).ID, false},
		{"another campaign", "other", member(seatA).ID, false},
		{"nobody", slug, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := b.Pledged(t.Context(), c.slug, c.member)
			if err != nil || got != c.want {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
	other, err := b.Pledges(t.Context(), "other")
	if err != nil || len(other) > 0 {
		t.Errorf("pledges of another campaign: %v, %v", other, err)
	}
	b.change(t, campaign.PledgeChange{Action: campaign.PledgeCorrected, Pledge: func() campaign.Pledge {
		p := b.pledges(t)[1]
		if p.MemberID == member(seatA).ID {
			p = b.pledges(t)[0]
		}
		p.WithdrawnOn = ""
		return p
	}()})
	if got, err := b.Pledged(t.Context(), slug, member(seatB).ID); err != nil || !got {
		t.Errorf("a withdrawal that was a mistake, corrected: %v, %v", got, err)
	}
}

// A command that records pledges beside a server: neither loses the other's.
func TestStore_ChangePledges_twoProcesses(t *testing.T) {
	b := newBed(t)
	stores := []*Store{b.Store, openAt(t, b.dir, b.clock)}
	seats := roster().Seats()[:60]
	var running sync.WaitGroup
	for i, s := range stores {
		for _, seat := range seats {
			running.Go(func() {
				err := s.ChangePledges(t.Context(), slug, func(history []campaign.Pledge, _ []campaign.VoidedPledge) ([]campaign.PledgeChange, error) {
					for _, p := range history {
						if p.MemberID == seat.Member.ID {
							return nil, nil // the other was quicker
						}
					}
					c := added(seat.Constituency.Code, "2026-11-01")
					c.Pledge.RecordedBy = fmt.Sprint("process ", i)
					return []campaign.PledgeChange{c}, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	running.Wait()
	for i, s := range stores {
		all, err := s.Pledges(t.Context(), slug)
		if err != nil || len(all) != len(seats) {
			t.Errorf("process %d sees %d pledges, %v; want %d", i, len(all), err, len(seats))
		}
	}
}

func TestStore_unknownCampaignOfPledges(t *testing.T) {
	b := newBed(t)
	_, pledges := b.Pledges(t.Context(), "nobody's")
	_, voided := b.VoidedPledges(t.Context(), "nobody's")
	for name, err := range map[string]error{
		"pledges": pledges,
		"voided":  voided,
		"change": b.ChangePledges(t.Context(), "nobody's", func([]campaign.Pledge, []campaign.VoidedPledge) ([]campaign.PledgeChange, error) {
			t.Error("asked to decide")
			return nil, nil
		}),
		"self-report": b.AddSelfReport(t.Context(), campaign.SelfReport{Campaign: "nobody's", Constituency: seatA}),
	} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v, want not_found", name, err)
		}
	}
}
