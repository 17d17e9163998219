package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"postbag/internal/campaign"
)

func TestStore_SubmitLetter_concurrent(t *testing.T) {
	const people, goroutines = 150, 200 // 50 write twice at once
	b := newBed(t)
	var running sync.WaitGroup
	for i := range goroutines {
		running.Go(func() {
			l := newLetter(i)
			l.RepeatHash, l.ContentHash = hashOf("repeat", i%people), hashOf("content", i%people)
			l.Credit.Partner = []string{"", "union"}[i%2]
			if i%3 == 0 {
				l.Constituency, l.MemberID = seatB, member(seatB).ID
			}
			if err := b.SubmitLetter(t.Context(), l); err != nil {
				t.Error(err)
				return
			}
			_, err := b.LetterByToken(t.Context(), l.TokenHash)
			if i < people && goroutines-people <= i && err != nil {
				t.Errorf("not to be read after it was written: %v", err)
			}
		})
	}
	running.Wait()
	if got := b.everything(t); got != "150, 150, 150, 150, 150" {
		t.Errorf("letters, people, events, mails, counted: %s; want 150 of each", got)
	}
	if a, other := b.count(t, seatA), b.count(t, seatB); a.Written+other.Written != people {
		t.Errorf("counted %d and %d", a.Written, other.Written)
	}
	if got := b.texts(t, `SELECT count(*) FROM (SELECT constituency, partner, count(*) AS n FROM letters GROUP BY 1, 2) l
		JOIN counters c ON c.constituency = l.constituency AND c.partner = l.partner AND c.letters = l.n`); got != "4" {
		t.Errorf("%s of the 4 counters agree with the letters", got)
	}
}

// A program that serves and a command that runs beside it, on one file.
func TestStore_twoProcesses(t *testing.T) {
	const each = 40
	b := newBed(t)
	stores := []*Store{b.Store, openAt(t, b.dir, b.clock)}
	var running sync.WaitGroup
	var claimed atomic.Int64
	for i, s := range stores {
		for k := range each {
			running.Go(func() {
				n := i*each + k
				l := newLetter(n)
				if err := s.SubmitLetter(t.Context(), l); err != nil {
					t.Error("submit:", err)
					return
				}
				if err := s.ConfirmLetter(t.Context(), l.TokenHash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
					t.Error("confirm:", err)
				}
			})
		}
	}
	running.Wait()
	for _, s := range stores {
		for range 3 {
			running.Go(func() {
				for {
					jobs, err := s.Claim(t.Context(), 7, lease)
					if err != nil {
						t.Error("claim:", err)
					}
					if len(jobs) == 0 {
						return
					}
					claimed.Add(int64(len(jobs)))
					for _, j := range jobs {
						if err := s.Finish(t.Context(), j, campaign.Outcome{Verdict: campaign.VerdictSent}, b.clock.Now()); err != nil {
							t.Error("finish:", err)
						}
					}
				}
			})
		}
	}
	running.Wait()
	if claimed.Load() != 2*each {
		t.Errorf("%d claimed, want each of %d once", claimed.Load(), 2*each)
	}
	want := campaign.Count{Constituency: seatA, Written: 2 * each, Confirmed: 2 * each, Sent: 2 * each}
	if got := b.count(t, seatA); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}
