package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/seal"
)

// RosterSync takes Parliament's list anew while organisers do other things: it is
// read in the background, and applied when somebody has looked at what differs.
// There is one at a time. It is safe for concurrent use.
type RosterSync struct {
	service *Service
	client  func() (*parliament.Client, error)
	now     func() time.Time
	log     *slog.Logger

	stop    context.CancelFunc
	running sync.WaitGroup
	ctx     context.Context

	mu      sync.Mutex
	state   SyncState
	listing parliament.Listing
	next    *parliament.Roster
}

// SyncStage says how far a sync has come.
type SyncStage string

// The stages, the whole list.
const (
	SyncNone    SyncStage = ""        // nobody has asked
	SyncRunning SyncStage = "running" // Parliament is being asked
	SyncFailed  SyncStage = "failed"  // it did not answer, or nothing of use
	SyncReady   SyncStage = "ready"   // somebody has to look at what differs
	SyncApplied SyncStage = "applied" // it is in force
)

// SyncState is what everyone who may sync sees.
type SyncState struct {
	Stage       SyncStage
	ID          string // of this sync
	By          string // who started it
	StartedAt   time.Time
	EndedAt     time.Time // zero while it runs
	Done, Total int       // questions to Parliament; Total 0: not known yet
	Diff        parliament.Diff
	Version     int64  // of the roster that Diff is about
	Problem     string // what went wrong, in the words of package parliament
}

// NewRosterSync returns one. client says whom to ask, or why nobody can be: an
// error that a person may see.
func NewRosterSync(s *Service, client func() (*parliament.Client, error)) *RosterSync {
	r := &RosterSync{service: s, client: client, now: s.now, log: s.log}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Close ends what runs and waits for it.
func (r *RosterSync) Close() {
	r.stop()
	r.running.Wait()
}

// State returns how far the latest sync has come. What differs is looked up anew
// when the roster has changed since.
func (r *RosterSync) State(ctx context.Context) (SyncState, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.compare(ctx); err != nil {
		return SyncState{}, err
	}
	return r.state, nil
}

// compare sees to it that what is ready is about the roster in force.
func (r *RosterSync) compare(ctx context.Context) error {
	current, version := r.service.Roster()
	if r.state.Stage != SyncReady || version == r.state.Version {
		return nil
	}
	corrections, err := r.service.Corrections(ctx)
	if err != nil {
		return err
	}
	r.next, r.state.Diff, err = r.listing.Against(current, StandingCorrections(corrections))
	if err != nil {
		return fmt.Errorf("compare the roster: %w", err)
	}
	r.state.Version = version
	return nil
}

// Start begins to ask Parliament. conflict while another sync runs, or if
// nobody can be asked.
func (r *RosterSync) Start(by account.Actor) error {
	client, err := r.client()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Stage == SyncRunning || r.ctx.Err() != nil {
		return fault.New(fault.Conflict, "desk.error.sync_running")
	}
	r.state = SyncState{Stage: SyncRunning, ID: seal.NewToken(), By: by.Name, StartedAt: r.now()}
	client.Progress = func(done, total int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.state.Done, r.state.Total = done, total
	}
	r.running.Go(func() { r.run(client) })
	return nil
}

func (r *RosterSync) run(client *parliament.Client) {
	listing, err := parliament.Fetch(r.ctx, client)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.EndedAt = r.now()
	if err == nil {
		r.listing, r.state.Version, r.state.Stage = listing, -1, SyncReady
		err = r.compare(r.ctx)
	}
	if err != nil {
		r.state.Stage, r.state.Problem = SyncFailed, problemOf(err)
		if r.ctx.Err() == nil {
			r.log.Warn("sync the roster", "err", err)
		}
	}
}

// problemOf is an error without what only whoever runs the server understands.
func problemOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return "the server was stopped"
	}
	return err.Error()
}

// Apply puts in force what is ready, in one transaction. id names the sync that
// was looked at, version the roster that it was compared with; what differs from
// that is a conflict, and so are seats that are unaccounted for unless force is
// set: they become vacant.
func (r *RosterSync) Apply(ctx context.Context, by account.Actor, id string, version int64, force bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Stage != SyncReady || r.state.ID != id {
		return fault.New(fault.Conflict, "desk.error.sync_gone")
	}
	if err := r.service.Refresh(ctx); err != nil {
		return err
	}
	if err := r.compare(ctx); err != nil {
		return err
	}
	switch {
	case version != r.state.Version:
		return fault.New(fault.Conflict, "desk.error.sync_stale")
	case !r.state.Diff.Complete() && !force:
		return fault.New(fault.Conflict, "desk.error.sync_incomplete")
	}
	if err := r.service.ReplaceRoster(ctx, by, r.next, r.state.Version, "mps.sync", r.state.Diff); err != nil {
		return err
	}
	r.state.Stage, r.state.EndedAt = SyncApplied, r.now()
	r.listing, r.next = parliament.Listing{}, nil
	return nil
}

// Discard forgets a sync that nobody wants to apply. conflict while it runs.
func (r *RosterSync) Discard(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Stage == SyncRunning {
		return fault.New(fault.Conflict, "desk.error.sync_running")
	}
	if r.state.ID == id {
		r.state, r.listing, r.next = SyncState{}, parliament.Listing{}, nil
	}
	return nil
}

// ReplaceRoster puts a list in force that differs so from the roster of a
// version. conflict if that is not the one in force any more.
func (s *Service) ReplaceRoster(ctx context.Context, by account.Actor, next *parliament.Roster, version int64, action string, d parliament.Diff) error {
	summary, err := RosterSummary(d)
	if err != nil {
		return err
	}
	if err := s.store.ReplaceRoster(ctx, by, next, version, action, summary); err != nil {
		return fmt.Errorf("replace the roster: %w", err)
	}
	return s.Refresh(ctx)
}

// RosterSummary is what the audit log tells of a new list.
func RosterSummary(d parliament.Diff) (string, error) {
	summary, err := json.Marshal(map[string]int{
		"joined": len(d.Joined), "left": len(d.Left), "changed": len(d.Changed), "members": d.Members, "unaccounted": len(d.Unaccounted),
	})
	if err != nil {
		return "", fmt.Errorf("sum up the roster: %w", err)
	}
	return string(summary), nil
}
