package campaign

import "time"

// Stage is where a campaign stands.
type Stage string

// The stages, the whole list.
const (
	StageDraft  Stage = "draft"  // organisers alone know of it
	StageLive   Stage = "live"   // letters are written
	StagePaused Stage = "paused" // no letter can be written just now; those that are confirmed go
	StageClosed Stage = "closed" // it is over, and can be read
)

// Stages lists every stage, in the order of a campaign's life.
func Stages() []Stage { return []Stage{StageDraft, StageLive, StagePaused, StageClosed} }

// turns holds every allowed step from stage to stage. What was public once stays
// so: people have its address.
var turns = map[Stage][]Stage{
	StageDraft:  {StageLive},
	StageLive:   {StagePaused, StageClosed},
	StagePaused: {StageLive, StageClosed},
	StageClosed: {StageLive},
}

// Turns lists the stages to which a campaign can go from s.
func (s Stage) Turns() []Stage { return turns[s] }

// Asks reports whether whoever brings a campaign from s to another stage is asked
// once more: what has been public stays so, and an end is told to everybody.
func (s Stage) Asks(to Stage) bool { return s == StageDraft || to == StageClosed }

// Writing reports whether letters can be written and confirmed.
func (c *Campaign) Writing() bool { return c.Stage == StageLive || c.Stage == "" }

// Closed reports whether the campaign is over.
func (c *Campaign) Closed() bool { return c.Stage == StageClosed }

// due returns the stage to which time alone brings the campaign.
func (c *Campaign) due(now time.Time) (Stage, bool) {
	past := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	switch {
	case c.Stage == StageDraft && past(c.StartsAt):
		return StageLive, true
	case (c.Stage == StageLive || c.Stage == StagePaused) && past(c.EndsAt):
		return StageClosed, true
	}
	return "", false
}
