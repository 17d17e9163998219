package store

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

func TestStore_SetReply_onlyToALetterThatWasSent(t *testing.T) {
	for i, state := range campaign.States() {
		t.Run(string(state), func(t *testing.T) {
			b := newBed(t)
			err := b.SetReply(t.Context(), b.bring(t, i, state), campaign.AnswerReal)
			if want := state != campaign.StateSent; (fault.CodeOf(err) == fault.Conflict) != want || !want && err != nil {
				t.Errorf("%v", err)
			}
			if got := b.count(t, seatA).Replies.Real; got != map[bool]int{true: 1}[state == campaign.StateSent] {
				t.Errorf("%d counted", got)
			}
		})
	}
}

// Counters are kept by day: what is taken back is taken from the day on which
// it was counted.
func TestStore_SetReply_movesTheCounter(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateSent)
	tell := func(answer campaign.Answer) {
		t.Helper()
		if err := b.SetReply(t.Context(), hash, answer); err != nil {
			t.Fatal(err)
		}
	}
	const counters = `SELECT day || ' ' || state || ' ' || letters FROM counters WHERE state LIKE 'reply%' ORDER BY day, state`
	tell(campaign.AnswerNone)
	b.clock.Advance(24 * time.Hour)
	tell(campaign.AnswerNone) // says nothing new
	if got := b.texts(t, counters); got != "2026-11-23 reply_none 1" {
		t.Errorf("said twice: %s", got)
	}
	tell(campaign.AnswerStandard)
	b.clock.Advance(24 * time.Hour)
	tell(campaign.AnswerReal)
	if got := b.texts(t, counters); got != "2026-11-23 reply_none 0, 2026-11-24 reply_standard 0, 2026-11-25 reply_real 1" {
		t.Errorf("changed twice: %s", got)
	}
	want := campaign.Count{Constituency: seatA, Written: 1, Confirmed: 1, Sent: 1, Replies: campaign.Replies{Real: 1}}
	if got := b.count(t, seatA); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestStore_SetReply_concurrent(t *testing.T) {
	b := newBed(t)
	other := openAt(t, b.dir, b.clock)
	const letters = 8
	var hashes [][]byte
	for n := range letters {
		hashes = append(hashes, b.bring(t, n, campaign.StateSent))
	}
	var running sync.WaitGroup
	for n, hash := range hashes {
		for i, answer := range campaign.Answers() {
			running.Go(func() {
				s := []*Store{b.Store, other}[(n+i)%2]
				if err := s.SetReply(t.Context(), hash, answer); err != nil {
					t.Error(err)
				}
			})
		}
	}
	running.Wait()
	var kept campaign.Replies
	total := 0
	for _, answer := range campaign.Answers() {
		n, err := strconv.Atoi(b.texts(t, `SELECT count(*) FROM replies WHERE answer = $1`, string(answer)))
		if err != nil {
			t.Fatal(err)
		}
		kept.Set(answer, n)
		total += n
	}
	if counted := b.count(t, seatA).Replies; counted != kept {
		t.Errorf("counted %+v, kept %+v", counted, kept)
	}
	if total != letters {
		t.Errorf("%d replies to %d letters", total, letters)
	}
}

func TestStore_AddSelfReport(t *testing.T) {
	b := newBed(t)
	other := openAt(t, b.dir, b.clock)
	var running sync.WaitGroup
	for i := range 30 { // ten letters, each reported three times
		running.Go(func() {
			r := campaign.SelfReport{Campaign: slug, Constituency: seatA, Way: campaign.WayPost, TokenHash: hashOf("self", i%10)}
			if err := []*Store{b.Store, other}[i%2].AddSelfReport(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if got, want := b.count(t, seatA), (campaign.Count{Constituency: seatA, SelfReported: 10}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if got := b.texts(t, `SELECT DISTINCT constituency || ' ' || way || ' ' || day FROM self_reports`); got != seatA+" post 2026-11-23" {
		t.Errorf("kept: %s", got)
	}
}

// One constituency cannot be made to seem livelier than it can be; others, and
// other days, are free.
func TestStore_AddSelfReport_limit(t *testing.T) {
	b := newBed(t)
	report := func(n int, code string) error {
		return b.AddSelfReport(t.Context(), campaign.SelfReport{Campaign: slug, Constituency: code, Way: campaign.WayPost, TokenHash: hashOf("self", n)})
	}
	for n := range campaign.MaxSelfReports {
		if err := report(n, seatA); err != nil {
			t.Fatal(err)
		}
	}
	const more = campaign.MaxSelfReports
	for range 2 {
		if err := report(more, seatA); fault.CodeOf(err) != fault.RateLimited {
			t.Errorf("one more: %v", err)
		}
	}
	if err := report(0, seatA); err != nil {
		t.Error("one that is counted:", err)
	}
	if err := report(more+1, seatB); err != nil {
		t.Error("elsewhere:", err)
	}
	if got := b.count(t, seatA).SelfReported; got != campaign.MaxSelfReports {
		t.Errorf("%d counted, want %d", got, campaign.MaxSelfReports)
	}
	b.clock.Advance(24 * time.Hour)
	if err := report(more, seatA); err != nil {
		t.Error("the next day:", err)
	}
}

func TestStore_ForgetSelfReports(t *testing.T) {
	b := newBed(t)
	for n := range 5 {
		r := campaign.SelfReport{Campaign: slug, Constituency: seatA, Way: campaign.WayPost, TokenHash: hashOf("self", n)}
		if err := b.AddSelfReport(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	forget := func(want int) {
		t.Helper()
		if n, err := b.ForgetSelfReports(t.Context(), 3); err != nil || n != want {
			t.Errorf("%d forgotten, %v; want %d", n, err, want)
		}
	}
	b.clock.Advance(campaign.SelfReportDays*24*time.Hour + 12*time.Hour - time.Millisecond) // the last moment of the last day
	forget(0)
	b.clock.Advance(time.Millisecond)
	for _, want := range []int{3, 2, 0} {
		forget(want)
	}
	if got := b.count(t, seatA).SelfReported; got != 5 {
		t.Errorf("%d counted afterwards, want 5", got)
	}
}

// The share of own words is kept with the letter.
func TestStore_SubmitLetter_keepsOwn(t *testing.T) {
	b := newBed(t)
	l := newLetter(1)
	l.Own = 42
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if got := b.texts(t, `SELECT own FROM letters`); got != "42" {
		t.Errorf("kept %s", got)
	}
}
