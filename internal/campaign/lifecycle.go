package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// CampaignStore keeps campaigns with where they stand and every version of their
// files. Each change writes its entry in the audit log.
type CampaignStore interface {
	// Sources returns the campaigns, the oldest first.
	Sources(ctx context.Context) ([]Source, error)

	// CampaignsVersion returns a number that changes whenever a campaign does.
	CampaignsVersion(ctx context.Context) (int64, error)

	// CreateCampaign keeps a new campaign as a draft. conflict if there is one of
	// that slug.
	CreateCampaign(ctx context.Context, by account.Actor, slug, source, note string) error

	// SaveCampaign makes a file the campaign's newest version and returns its
	// number. conflict if base is not the newest until then, or if the campaign
	// is no longer a draft and the file is one for drafts only; not_found.
	SaveCampaign(ctx context.Context, by account.Actor, c CampaignChange) (int, error)

	// TurnCampaign brings a campaign from one stage to another and takes away the
	// time at which that would have happened. conflict if it is in another stage,
	// or of another version; not_found.
	TurnCampaign(ctx context.Context, by account.Actor, slug string, from, to Stage, version int) error

	// ScheduleCampaign sets when a campaign starts and ends by itself; the zero
	// time for never. not_found.
	ScheduleCampaign(ctx context.Context, by account.Actor, slug string, starts, ends time.Time) error

	// CampaignHolds counts what stands in the way of deleting a campaign; not_found.
	CampaignHolds(ctx context.Context, slug string) (Holds, error)

	// DeleteCampaign deletes a draft that holds nothing. conflict otherwise;
	// not_found.
	DeleteCampaign(ctx context.Context, by account.Actor, slug string) error

	// CampaignVersions returns every version without its file, the newest first;
	// not_found if there is no such campaign.
	CampaignVersions(ctx context.Context, slug string) ([]Version, error)

	// CampaignVersion returns one version with its file; not_found.
	CampaignVersion(ctx context.Context, slug string, version int) (Version, error)

	// Variants returns what became of the letters that started from each text;
	// not_found if there is no such campaign.
	Variants(ctx context.Context, slug string) ([]VariantCount, error)
}

// CampaignChange is a version of a campaign's file about to be kept.
type CampaignChange struct {
	Slug   string
	Source string
	Base   int    // the version that it was made from
	Note   string // why; may be empty
	Draft  bool   // texts are missing: good for a draft only
	Keep   Keep   // as the file says; zero: DefaultKeep
}

// Version is a campaign's file as it was at one time.
type Version struct {
	Number int
	Source string
	Author string // empty: it came with the program
	At     time.Time
	Note   string
}

// Holds is what a campaign has that keeps it from being deleted.
type Holds struct {
	Letters, Pledges, SelfReports int
	Public                        bool // it is no draft
}

// Any reports whether there is anything.
func (h Holds) Any() bool { return h.Public || h.Letters+h.Pledges+h.SelfReports > 0 }

// VariantCount is what became of the letters that started from one text.
type VariantCount struct {
	Variant                                  Variant
	Written, Confirmed, Sent, RepliedPledged int
}

// gathered is every campaign as last read.
type gathered struct {
	all     []*Campaign // the oldest first
	public  []*Campaign // without drafts
	version int64
}

func (s *Service) loadCampaigns(ctx context.Context) error {
	version, err := s.store.CampaignsVersion(ctx) // before, so that what changes meanwhile is read again
	if err != nil {
		return fmt.Errorf("load campaigns: %w", err)
	}
	sources, err := s.store.Sources(ctx)
	if err != nil {
		return fmt.Errorf("load campaigns: %w", err)
	}
	g := &gathered{version: version}
	for _, source := range sources {
		c, err := source.campaign()
		if err != nil {
			return fmt.Errorf("load campaign %s: %w", source.Slug, err)
		}
		if had := s.had(source); had != nil {
			c = had
		}
		g.all = append(g.all, c)
		if c.Stage != StageDraft {
			g.public = append(g.public, c)
		}
	}
	s.campaigns.Store(g)
	return nil
}

// campaign reads a file as it is kept. Of a draft, texts may be missing.
func (source Source) campaign() (*Campaign, error) {
	c, problems := Read(source.TOML)
	problems = ofNow(problems)
	if source.Stage == StageDraft && !Usable(problems) || source.Stage != StageDraft && len(problems) > 0 {
		return nil, &FileError{problems}
	}
	c.Stage, c.Version, c.StartsAt, c.EndsAt = source.Stage, source.Version, source.StartsAt, source.EndsAt
	return c, nil
}

// had returns the campaign of before where nothing has changed: pages are kept by
// which one it is.
func (s *Service) had(source Source) *Campaign {
	g := s.campaigns.Load()
	if g == nil {
		return nil
	}
	for _, c := range g.all {
		if c.Slug == source.Slug && c.Version == source.Version && c.Stage == source.Stage && c.StartsAt.Equal(source.StartsAt) && c.EndsAt.Equal(source.EndsAt) {
			return c
		}
	}
	return nil
}

// refreshCampaigns reads the campaigns again if any has changed.
func (s *Service) refreshCampaigns(ctx context.Context) error {
	version, err := s.store.CampaignsVersion(ctx)
	if err != nil {
		return fmt.Errorf("refresh campaigns: %w", err)
	}
	if s.campaigns.Load().version == version {
		return nil
	}
	return s.loadCampaigns(ctx)
}

// Campaigns returns the campaigns that everyone may see, the oldest first: all
// but drafts.
func (s *Service) Campaigns() []*Campaign { return s.campaigns.Load().public }

// Campaign returns one of them by its slug; not_found if there is none.
func (s *Service) Campaign(slug string) (*Campaign, error) { return bySlug(s.Campaigns(), slug) }

// AllCampaigns returns the campaigns in every stage, for organisers.
func (s *Service) AllCampaigns() []*Campaign { return s.campaigns.Load().all }

// AnyCampaign returns a campaign in whatever stage, for organisers; not_found.
func (s *Service) AnyCampaign(slug string) (*Campaign, error) {
	return bySlug(s.AllCampaigns(), slug)
}

func bySlug(campaigns []*Campaign, slug string) (*Campaign, error) {
	for _, c := range campaigns {
		if c.Slug == slug {
			return c, nil
		}
	}
	return nil, fault.New(fault.NotFound, "error.no_campaign")
}

// writing returns a campaign in which letters can be written now; not_found, or
// conflict with the reason why they can't.
func (s *Service) writing(slug string) (*Campaign, error) {
	c, err := s.Campaign(slug)
	switch {
	case err != nil:
		return nil, err
	case c.Closed():
		return nil, fault.New(fault.Conflict, "error.closed")
	case !c.Writing():
		return nil, fault.New(fault.Conflict, "error.paused")
	}
	return c, nil
}

// Incomplete returns what has to be written before a campaign can be launched;
// not_found.
func (s *Service) Incomplete(ctx context.Context, slug string) ([]Problem, error) {
	source, err := s.Source(ctx, slug)
	if err != nil {
		return nil, err
	}
	_, problems := Read(source.TOML)
	return problems, nil
}

// Source returns a campaign's file as it is kept now; not_found.
func (s *Service) Source(ctx context.Context, slug string) (Source, error) {
	sources, err := s.store.Sources(ctx)
	if err != nil {
		return Source{}, fmt.Errorf("campaign's file: %w", err)
	}
	for _, source := range sources {
		if source.Slug == slug {
			return source, nil
		}
	}
	return Source{}, fault.New(fault.NotFound, "error.no_campaign")
}

// Turn brings a campaign to another stage. invalid if a draft is to be launched
// with texts missing; conflict if it is not in the stage any more from which
// that goes; not_found.
func (s *Service) Turn(ctx context.Context, by account.Actor, slug string, from, to Stage) error {
	now, err := s.Source(ctx, slug)
	if err != nil {
		return err
	}
	if !slices.Contains(from.Turns(), to) {
		return fault.New(fault.Conflict, "desk.error.turn")
	}
	if from == StageDraft {
		if _, problems := Read(now.TOML); len(problems) > 0 {
			return fault.New(fault.Invalid, "desk.error.incomplete")
		}
	}
	if err := s.store.TurnCampaign(ctx, by, slug, from, to, now.Version); err != nil {
		return fmt.Errorf("turn campaign: %w", err)
	}
	return s.loadCampaigns(ctx)
}

// Schedule sets when a campaign starts and ends by itself; the zero time for
// never. invalid with the fields starts and ends; not_found.
func (s *Service) Schedule(ctx context.Context, by account.Actor, slug string, starts, ends time.Time) error {
	c, err := s.AnyCampaign(slug)
	if err != nil {
		return err
	}
	wrong := map[string]string{}
	if !starts.IsZero() && c.Stage != StageDraft {
		wrong["starts"] = "desk.error.started"
	}
	if !starts.IsZero() && !starts.After(s.now()) {
		wrong["starts"] = "desk.error.past"
	}
	if !ends.IsZero() && !ends.After(s.now()) {
		wrong["ends"] = "desk.error.past"
	}
	if !ends.IsZero() && !starts.IsZero() && !ends.After(starts) {
		wrong["ends"] = "desk.error.ends_first"
	}
	if !starts.IsZero() && len(wrong) == 0 {
		problems, err := s.Incomplete(ctx, slug)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			wrong["starts"] = "desk.error.incomplete"
		}
	}
	if len(wrong) > 0 {
		return fault.Fieldwise(wrong)
	}
	if err := s.store.ScheduleCampaign(ctx, by, slug, starts, ends); err != nil {
		return fmt.Errorf("schedule campaign: %w", err)
	}
	return s.loadCampaigns(ctx)
}

// itself is Postbag as an actor.
var itself = account.Actor{Name: "Postbag"}

// turnDue starts and ends campaigns whose time has come. A draft that is not
// complete does not start; its page says what is missing.
func (s *Service) turnDue(ctx context.Context) error {
	if err := s.refreshCampaigns(ctx); err != nil {
		return err
	}
	var errs []error
	for _, c := range s.AllCampaigns() {
		to, ok := c.due(s.now())
		if !ok {
			continue
		}
		switch err := s.Turn(ctx, itself, c.Slug, c.Stage, to); fault.CodeOf(err) {
		case "", fault.Conflict: // another process was quicker
		case fault.Invalid:
			s.log.Warn("a campaign cannot start: texts are missing", "campaign", c.Slug)
		default:
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Holds counts what stands in the way of deleting a campaign; not_found.
func (s *Service) Holds(ctx context.Context, slug string) (Holds, error) {
	return s.store.CampaignHolds(ctx, slug)
}

// DeleteCampaign deletes a draft that nothing belongs to yet; conflict, not_found.
func (s *Service) DeleteCampaign(ctx context.Context, by account.Actor, slug string) error {
	if err := s.store.DeleteCampaign(ctx, by, slug); err != nil {
		return fmt.Errorf("delete campaign: %w", err)
	}
	return s.loadCampaigns(ctx)
}

// Variants returns what became of the letters that started from each text;
// not_found.
func (s *Service) Variants(ctx context.Context, slug string) ([]VariantCount, error) {
	return s.store.Variants(ctx, slug)
}

// Standpoint is where a campaign stands, as the audit log has it.
type Standpoint struct {
	Stage   Stage  `json:"state,omitempty"`
	Version int    `json:"version,omitempty"`
	Starts  string `json:"starts,omitempty"`
	Ends    string `json:"ends,omitempty"`
}

// JSON is the standpoint as it is written down; empty for none.
func (p Standpoint) JSON() string {
	if p == (Standpoint{}) {
		return ""
	}
	text, _ := json.Marshal(p) // of plain values: it cannot fail
	return string(text)
}
