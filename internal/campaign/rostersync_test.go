package campaign_test

import (
	"errors"
	"strings"
	"testing"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

// syncing is a sync that asks a stand-in for Parliament.
func (d *desk) syncing(t *testing.T) (*RosterSync, *testkit.MembersAPI) {
	t.Helper()
	api := testkit.NewMembersAPI(t, roster())
	r := NewRosterSync(d.Service, func() (*parliament.Client, error) {
		c, err := parliament.NewClient(api.URL)
		c.Attempts = 1
		return c, err
	})
	t.Cleanup(r.Close)
	return r, api
}

// ended waits for a sync to end.
func ended(t *testing.T, r *RosterSync) SyncState {
	t.Helper()
	for {
		state := must(r.State(t.Context()))
		if state.Stage != SyncRunning {
			return state
		}
		if t.Context().Err() != nil {
			t.Fatal("it never ends")
		}
	}
}

func TestRosterSync(t *testing.T) {
	d := newDesk(t)
	r, api := d.syncing(t)
	api.Keep(t, "Aldershot", "City of Durham")
	api.Edit(t, "Aldershot", func(m *testkit.APIMember) { m.Email = "new@parliament.uk" })
	if state := must(r.State(t.Context())); state.Stage != SyncNone {
		t.Errorf("before anybody asked: %+v", state)
	}
	if err := r.Start(ann); err != nil {
		t.Fatal(err)
	}
	state := ended(t, r)
	if state.Stage != SyncReady || state.By != "Ann" || state.Done != state.Total || state.Total == 0 || len(state.Diff.Changed) == 0 {
		t.Fatalf("%+v", state)
	}
	apply := func(id string, version int64, force bool) string {
		t.Helper()
		err := r.Apply(t.Context(), ann, id, version, force)
		if err == nil {
			return "applied"
		}
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Code != fault.Conflict {
			t.Fatal(err)
		}
		return strings.TrimPrefix(f.Safe, "desk.error.")
	}
	if got := apply("another", state.Version, true); got != "sync_gone" {
		t.Errorf("another sync: %s", got)
	}
	if got := apply(state.ID, state.Version, false); got != "sync_incomplete" {
		t.Errorf("seats that are unaccounted for: %s", got)
	}
	// Another process corrects an address, so what was looked at is not what is.
	must(0, d.store.Correct(t.Context(), ann, MPCorrection{Source: "x", Correction: parliament.Correction{
		Constituency: durham, MemberID: member(durham).ID, Field: parliament.CorrectedEmail, Value: "right@example.org",
	}}))
	if got := apply(state.ID, state.Version, true); got != "sync_stale" {
		t.Errorf("a roster that has changed: %s", got)
	}
	state = must(r.State(t.Context()))
	for _, c := range state.Diff.Changed {
		if c.Code == durham {
			for _, f := range c.Fields {
				if f.Field == "email" {
					t.Errorf("the correction does not hold: %s", f)
				}
			}
		}
	}
	if got := apply(state.ID, state.Version, true); got != "applied" {
		t.Fatalf("after another look: %s", got)
	}
	if got := apply(state.ID, state.Version, true); got != "sync_gone" {
		t.Errorf("applied twice: %s", got)
	}
	now, _ := d.Roster()
	aldershot, _ := now.ByName("Aldershot")
	ofDurham, _ := now.Seat(durham)
	if aldershot.Member.Email != "new@parliament.uk" || ofDurham.Member.Email != "right@example.org" {
		t.Errorf("letters go to %q and %q", aldershot.Member.Email, ofDurham.Member.Email)
	}
}

func TestRosterSync_oneAtATime(t *testing.T) {
	d := newDesk(t)
	r, api := d.syncing(t)
	api.Fault(testkit.SearchPath, 1, testkit.FaultHang)
	if err := r.Start(ann); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(ann); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second: %v", err)
	}
	if err := r.Discard(must(r.State(t.Context())).ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("put aside while it runs: %v", err)
	}
	r.Close() // and the server stops, whatever Parliament does
	if state := must(r.State(t.Context())); state.Stage != SyncFailed {
		t.Errorf("%+v", state)
	}
	if err := r.Start(ann); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("started by a server that stops: %v", err)
	}
}

func TestRosterSync_fails(t *testing.T) {
	d := newDesk(t)
	r, api := d.syncing(t)
	api.Fault(testkit.SearchPath, 1, testkit.FaultHTML)
	if err := r.Start(ann); err != nil {
		t.Fatal(err)
	}
	state := ended(t, r)
	if state.Stage != SyncFailed || !strings.Contains(state.Problem, "members API") {
		t.Errorf("%+v", state)
	}
	if now, _ := d.Roster(); now.Len() != parliament.SeatCount {
		t.Error("the roster has changed")
	}
	if err := r.Discard(state.ID); err != nil || must(r.State(t.Context())).Stage != SyncNone {
		t.Errorf("put aside: %v", err)
	}
}
