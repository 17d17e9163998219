package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

const successorID = 99_999

// succeed puts another MP into a seat; bring back its own with giveBack.
func (b *bed) succeed(tb testing.TB, code string) {
	tb.Helper()
	b.unseat(tb, code)
	b.alter(tb, `
		INSERT INTO members (id, name, full_title, salutation, party, email, constituency)
		VALUES ($1, 'Jane Doe', 'Jane Doe MP', '', '', 'jane.doe.mp@parliament.uk', $2)
		ON CONFLICT (id) DO UPDATE SET constituency = excluded.constituency`, successorID, code)
}

func (b *bed) giveBack(tb testing.TB, code string) {
	tb.Helper()
	b.alter(tb, `UPDATE members SET constituency = NULL WHERE id = $1`, successorID)
	b.reseat(tb, code)
}

// toSuccessor is a letter sent on, by the person of newLetter(n).
func toSuccessor(n int) campaign.Readdressed {
	return campaign.Readdressed{
		Member: successorID, Sealed: []byte("sealed anew"), RepeatHash: hashOf("repeat to the successor", n), ContentHash: hashOf("content", 1000+n),
		MessageID: fmt.Sprintf("on-%d-%d@example.org", n, time.Now().UnixNano()),
	}
}

// heldForSuccessor returns a letter to seatA that is held, as another MP sits.
func (b *bed) heldForSuccessor(tb testing.TB, n int) []byte {
	tb.Helper()
	hash := b.submit(tb, n)
	b.succeed(tb, seatA)
	if err := b.ConfirmLetter(tb.Context(), hash, "first@example.org"); err != nil {
		tb.Fatal(err)
	}
	b.wantState(tb, hash, campaign.StateHeld)
	return hash
}

func TestStore_ReaddressLetter(t *testing.T) {
	b := newBed(t)
	hash := b.heldForSuccessor(t, 1)
	if err := b.ReaddressLetter(t.Context(), hash, toSuccessor(1)); err != nil {
		t.Fatal(err)
	}
	l := b.letter(t, hash)
	if l.State != campaign.StateQueued || l.MemberID != successorID || string(l.Sealed) != "sealed anew" {
		t.Errorf("%s to %d: %q", l.State, l.MemberID, l.Sealed)
	}
	if last := l.Events[len(l.Events)-1]; last.Why != campaign.WhyReaddressed {
		t.Errorf("why: %s", last.Why)
	}
	if j := b.claimed(t); j.Kind != campaign.MailLetter || j.To.MemberID != successorID || !strings.HasPrefix(j.MessageID, "on-") {
		t.Errorf("claimed %+v", j)
	}
	b.wantSums(t)
	if err := b.ReaddressLetter(t.Context(), hash, toSuccessor(1)); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second time: %v", err)
	}
}

func TestStore_ReaddressLetter_refuses(t *testing.T) {
	for name, spoil := range map[string]func(*bed, []byte, *campaign.Readdressed){
		"when the MP changed again": func(b *bed, _ []byte, r *campaign.Readdressed) { r.Member++ },
		"when nobody sits":          func(b *bed, _ []byte, r *campaign.Readdressed) { b.unseat(t, seatA) },
		"when it was taken back":    func(b *bed, h []byte, _ *campaign.Readdressed) { _ = b.WithdrawLetter(t.Context(), h) },
		"when it was erased":        func(b *bed, h []byte, _ *campaign.Readdressed) { _ = b.EraseLetter(t.Context(), h) },
		"when they wrote to the new one": func(b *bed, _ []byte, r *campaign.Readdressed) {
			l := newLetter(2)
			l.MemberID, l.RepeatHash = successorID, r.RepeatHash
			if err := b.SubmitLetter(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if err := b.ConfirmLetter(t.Context(), l.TokenHash, "second@example.org"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			hash, r := b.heldForSuccessor(t, 1), toSuccessor(1)
			spoil(b, hash, &r)
			before := b.letter(t, hash)
			if err := b.ReaddressLetter(t.Context(), hash, r); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("%v", err)
			}
			if l := b.letter(t, hash); l.State != before.State || l.MemberID == successorID || strings.Contains(b.mails(t), "letter ready\nletter ready") {
				t.Errorf("it went all the same: %s", l.State)
			}
		})
	}
}

// That the successor's own address fails is no reason to say that the MP changed
// again: the letter is theirs by now, and is held until letters go there.
func TestStore_ReaddressLetter_toAFailingAddress(t *testing.T) {
	b := newBed(t)
	hash := b.heldForSuccessor(t, 1)
	b.alter(t, `INSERT INTO failing (member_id, email, since, letters, enhanced) VALUES ($1, 'jane.doe.mp@parliament.uk', $2, 3, '5.1.1')`, successorID, formatTime(start))
	if err := b.ReaddressLetter(t.Context(), hash, toSuccessor(1)); err != nil {
		t.Fatal(err)
	}
	if jobs := b.claims(t, 10); len(jobs) != 0 {
		t.Errorf("claimed %+v", jobs)
	}
	l := b.letter(t, hash)
	if last := l.Events[len(l.Events)-1]; l.State != campaign.StateHeld || last.Why != campaign.WhyFailing || l.MemberID != successorID {
		t.Errorf("%s to %d, for %s", l.State, l.MemberID, last.Why)
	}
	b.wantSums(t)
}
