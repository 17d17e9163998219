package store

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
)

// What letters of before came of is worked out of their history: as it would have
// been counted, whatever became of them since.
func TestMigrate_creditsOfLettersBefore(t *testing.T) {
	b := newBed(t)
	n := 0
	letter := func(credit campaign.Credit) []byte {
		n++
		l := newLetter(n)
		l.Credit = credit
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		return l.TokenHash
	}
	confirmed := func(credit campaign.Credit) []byte {
		hash := letter(credit)
		if err := b.ConfirmLetter(t.Context(), hash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	for _, credit := range []campaign.Credit{
		{}, {Partner: "friends"}, {Partner: "friends", Source: "source=mail", Via: "https://friends.example"}, {Source: "source=mail"}, {Partner: "others"},
	} {
		letter(credit)
		if err := b.WithdrawLetter(t.Context(), letter(credit)); err != nil {
			t.Fatal(err)
		}
		if err := b.EraseLetter(t.Context(), letter(credit)); err != nil {
			t.Fatal(err)
		}
		confirmed(credit)
		if err := b.WithdrawLetter(t.Context(), confirmed(credit)); err != nil {
			t.Fatal(err)
		}
		if err := b.EraseLetter(t.Context(), confirmed(credit)); err != nil {
			t.Fatal(err)
		}
	}
	for _, verdict := range []campaign.State{campaign.StateSent, campaign.StateFailed, campaign.StateSent} {
		b.finish(t, b.claimed(t), campaign.Verdict(verdict))
	}
	for i := range campaign.MaxSources + 9 { // of what links say, no more than so many are told apart
		l := campaign.Credit{Partner: "many", Source: fmt.Sprintf("source=s%d", i%(campaign.MaxSources+5)), Via: "https://many.example"}
		if hash := letter(l); i%2 == 0 {
			if err := b.ConfirmLetter(t.Context(), hash, fmt.Sprintf("letter-%d@example.org", n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	want, err := b.Credits(t.Context(), slug)
	if err != nil || len(want) != 4+campaign.MaxSources+1 {
		t.Fatalf("%+v, %v", want, err)
	}
	b.downTo(t, 6)
	again := openAt(t, b.dir, b.clock)
	got, err := again.Credits(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("credits (-counted +worked out):\n%s", diff)
	}
}
