package campaign_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

func ledger() []Erasure {
	all := []Erasure{
		{Day: "2026-11-23", Campaign: "guards", Kind: ErasedLetter, Why: EraseDue, Records: 12, Number: 1},
		{Day: "2026-11-23", Campaign: "guards", Kind: ErasedOptIn, Why: EraseEnded, Records: 1, Number: 2},
		{Day: "2026-11-25", Campaign: "guards", Kind: ErasedLetter, Why: EraseAsked, Records: 3, Number: 3},
		{Day: "2026-11-26", Campaign: "guards", Kind: ErasedLetter, Why: EraseDue, Records: 2},
	}
	head := FirstErasure
	for i := range all[:3] {
		all[i].Hash = all[i].Chain(head)
		head = all[i].Hash
	}
	return all
}

// Whoever has the printed ledger can compute it again with nothing of ours.
func TestErasure_Chain(t *testing.T) {
	sum := sha256.Sum256([]byte(strings.Repeat("0", 64) + " 1 2026-11-23 guards letter due 12\n"))
	if got := ledger()[0].Hash; got != hex.EncodeToString(sum[:]) {
		t.Errorf("%s", got)
	}
}

func TestCheckErasures(t *testing.T) {
	if head, wrong := CheckErasures(ledger()); wrong != "" || head != ledger()[2].Hash {
		t.Errorf("a sound ledger: %s, head %s", wrong, head)
	}
	if head, wrong := CheckErasures(nil); wrong != "" || head != FirstErasure {
		t.Errorf("an empty ledger: %s, head %s", wrong, head)
	}
	for name, change := range map[string]func([]Erasure) []Erasure{
		"a count":               func(l []Erasure) []Erasure { l[0].Records = 11; return l },
		"the day":               func(l []Erasure) []Erasure { l[2].Day = "2026-11-24"; return l },
		"the reason":            func(l []Erasure) []Erasure { l[2].Why = EraseDue; return l },
		"a line is gone":        func(l []Erasure) []Erasure { return append(l[:1], l[2:]...) },
		"the first is gone":     func(l []Erasure) []Erasure { return l[1:] },
		"a line too many":       func(l []Erasure) []Erasure { return append(l[:1], l...) },
		"another order":         func(l []Erasure) []Erasure { l[0], l[1] = l[1], l[0]; return l },
		"added to a closed day": func(l []Erasure) []Erasure { l[3].Day = "2026-11-25"; return l },
		"a count, hashed anew": func(l []Erasure) []Erasure {
			l[0].Records = 11
			l[0].Hash = l[0].Chain(FirstErasure)
			return l
		},
	} {
		if _, wrong := CheckErasures(change(ledger())); wrong == "" {
			t.Errorf("%s: nobody notices", name)
		}
	}
}
