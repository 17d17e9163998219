package store

import (
	"fmt"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// sent brings letters to the state in which their MP's server has them.
func (b *bed) sent(tb testing.TB, numbers ...int) {
	tb.Helper()
	for _, n := range numbers {
		b.bring(tb, n, campaign.StateSent)
	}
}

func (b *bed) failing(tb testing.TB) []campaign.Failing {
	tb.Helper()
	all, err := b.FailingAddresses(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// keepers makes an account of each role, and one that was closed.
func (b *bed) keepers(tb testing.TB) {
	tb.Helper()
	for i, role := range []account.Role{account.Owner, account.Organiser, account.Viewer, account.Organiser} {
		disabled := any(nil)
		if i == 3 {
			disabled = formatTime(start)
		}
		b.alter(tb, `INSERT INTO accounts (email, name, role, partner, password, digest, totp_step, created_at, disabled_at) VALUES ($1, $2, $3, '', 'hash', 0, 0, $4, $5)`,
			fmt.Sprintf("%d@example.org", i), "Ali", string(role), formatTime(start), disabled)
	}
}

func TestStore_failingAddress(t *testing.T) {
	b := newBed(t)
	b.keepers(t)
	b.sent(t, 1, 2, 3, 4)
	b.returned(t, 1, campaign.ReturnFailed, "5.1.1")
	b.returned(t, 2, campaign.ReturnFailed, "5.1.1")
	b.returned(t, 2, campaign.ReturnFailed, "5.1.1", again("twice", 2)) // the same letter once more
	b.returned(t, 4, campaign.ReturnDelayed, "4.4.1")
	if got := b.failing(t); len(got) != 0 {
		t.Fatalf("failing after two letters: %+v", got)
	}
	hash := b.confirm(t, 5) // waits in the queue
	b.returned(t, 3, campaign.ReturnFailed, "5.1.1")
	got := b.failing(t)
	if len(got) != 1 || got[0].Email != member(seatA).Email || got[0].Constituency != seatA || got[0].Letters != 3 || got[0].Enhanced != "5.1.1" || !got[0].Since.Equal(b.clock.Now()) {
		t.Fatalf("failing: %+v", got)
	}
	// Who may do something about it is told, once.
	told := `SELECT a.role FROM account_mail m JOIN accounts a ON a.id = m.account_id WHERE m.kind = 'failing' ORDER BY a.id`
	if got := b.texts(t, told); got != "owner, organiser" {
		t.Errorf("told: %s", got)
	}
	// Letters to that MP wait: those in the queue, and those that come.
	for _, j := range b.claims(t, 10) {
		if j.Kind == campaign.MailLetter {
			t.Error("a letter to a failing address is sent")
		}
	}
	b.wantState(t, hash, campaign.StateHeld)
	late := b.confirm(t, 6)
	if l := b.letter(t, late); l.State != campaign.StateHeld || l.Events[len(l.Events)-1].Why != campaign.WhyFailing {
		t.Errorf("confirmed to a failing address: %s", l.State)
	}
	if err := b.rule(t, late, campaign.DecideSend); fault.SafeOf(err) != "desk.refused.failing" {
		t.Errorf("sent after all: %v", err)
	}
	// Another one that comes back tells nobody again.
	b.returned(t, 4, campaign.ReturnFailed, "5.1.1")
	if got := b.texts(t, told); got != "owner, organiser" {
		t.Errorf("told again: %s", got)
	}
	// Cleared, they can go.
	if err := b.ClearFailing(t.Context(), noor, seatB, b.failing(t)[0].ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("cleared by another constituency: %v", err)
	}
	if err := b.ClearFailing(t.Context(), noor, seatA, b.failing(t)[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := b.failing(t); len(got) != 0 {
		t.Errorf("still failing: %+v", got)
	}
	if got := b.texts(t, `SELECT action || ' ' || actor || ' ' || object FROM audit WHERE action = 'mp.clear'`); got != fmt.Sprintf("mp.clear Noor member %d", member(seatA).ID) {
		t.Errorf("the log says %q", got)
	}
	for n, hash := range map[int][]byte{5: hash, 6: late} {
		if err := b.rule(t, hash, campaign.DecideSend, func(r *campaign.Resolution) {
			r.RepeatHash, r.MessageID = hashOf("repeat", n), fmt.Sprintf("again-%d@example.org", n)
		}); err != nil {
			t.Errorf("letter %d is not sent after it was cleared: %v", n, err)
		}
	}
}

func TestStore_failingAddress_isNot(t *testing.T) {
	for name, tell := range map[string]func(t *testing.T, b *bed){
		"when one answered in between": func(t *testing.T, b *bed) {
			b.returned(t, 1, campaign.ReturnFailed, "5.1.1")
			b.returned(t, 2, campaign.ReturnFailed, "5.1.1")
			b.clock.Advance(time.Second)
			b.returned(t, 4, campaign.ReturnAuto, "")
			b.clock.Advance(time.Second)
			b.returned(t, 3, campaign.ReturnFailed, "5.1.1")
		},
		"when one arrived a day ago and stayed": func(t *testing.T, b *bed) {
			b.returned(t, 1, campaign.ReturnFailed, "5.1.1")
			b.returned(t, 2, campaign.ReturnFailed, "5.1.1")
			b.clock.Advance(time.Second)
			b.returned(t, 4, campaign.ReturnDelivered, "2.0.0")
			b.clock.Advance(bounceWait)
			b.returned(t, 3, campaign.ReturnFailed, "5.1.1")
		},
		"when most arrive": func(t *testing.T, b *bed) {
			b.sent(t, 5, 6, 7, 8)
			for n := range 3 {
				b.returned(t, n+1, campaign.ReturnFailed, "5.7.1")
			}
		},
		"when servers could not be reached": func(t *testing.T, b *bed) {
			for n := range 3 {
				b.returned(t, n+1, campaign.ReturnFailed, "4.4.7")
			}
		},
		"when letters go to a tester": func(t *testing.T, b *bed) {
			for n := range 3 {
				b.returned(t, n+1, campaign.ReturnFailed, "5.1.1", func(r *campaign.Return) { r.Testing = true })
			}
		},
		"when the address is another since": func(t *testing.T, b *bed) {
			b.alter(t, `UPDATE members SET email = 'new@parliament.example' WHERE id = $1`, member(seatA).ID)
			for n := range 3 {
				b.returned(t, n+1, campaign.ReturnFailed, "5.1.1")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.sent(t, 1, 2, 3, 4)
			tell(t, b)
			if got := b.failing(t); len(got) != 0 {
				t.Errorf("failing: %+v", got)
			}
			b.claims(t, 20)                    // what supporters are told
			b.bring(t, 11, campaign.StateSent) // and a letter goes
		})
	}
}

// After it was cleared it takes as many letters again.
func TestStore_failingAddress_clearedAndAgain(t *testing.T) {
	b := newBed(t)
	b.sent(t, 1, 2, 3, 4, 5, 6)
	for _, n := range []int{1, 2, 3} {
		b.returned(t, n, campaign.ReturnFailed, "5.1.1")
	}
	b.clock.Advance(time.Second)
	if err := b.ClearFailing(t.Context(), noor, seatA, b.failing(t)[0].ID); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Second)
	b.returned(t, 4, campaign.ReturnFailed, "5.1.1")
	b.returned(t, 5, campaign.ReturnFailed, "5.1.1")
	if got := b.failing(t); len(got) != 0 {
		t.Errorf("failing after two: %+v", got)
	}
	b.returned(t, 6, campaign.ReturnFailed, "5.1.1")
	if got := b.failing(t); len(got) != 1 {
		t.Errorf("failing after three: %+v", got)
	}
}

// Servers that accept everything and send it back later never end a series.
func TestStore_failingAddress_AcceptsAndBounces(t *testing.T) {
	b := newBed(t)
	b.sent(t, 1, 2, 3)
	for n := 1; n <= 3; n++ {
		b.returned(t, n, campaign.ReturnDelivered, "2.0.0")
		b.clock.Advance(time.Minute)
		b.returned(t, n, campaign.ReturnFailed, "5.1.1")
		b.clock.Advance(48 * time.Hour)
	}
	if got := b.failing(t); len(got) != 1 {
		t.Errorf("failing: %+v", got)
	}
}
