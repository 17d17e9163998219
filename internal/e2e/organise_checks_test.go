package e2e

import (
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

const atChecks = atDesk + "/c/" + slug + "/checks"

func tourDeskChecks(b *tab, _ *testkit.Clock, shot func(name string)) {
	b.signIn(account.Organiser)
	b.visit(atChecks)
	shot("desk-checks")
	b.fill("#seats", "0")
	b.fill("#words", "***")
	b.followFor(422, "main form button")
	shot("desk-checks-wrong")
}

// An organiser finds the checks below the queue and sets them, and is told what will
// not do.
func TestDesk_Checks(t *testing.T) {
	t.Parallel()
	for _, d := range []device{phone, {name: "desktop", width: 1280, height: 900}} {
		b := start(t).open(d)
		b.signIn(account.Organiser)
		b.visit(atDesk + "/c/" + slug + "/letters")
		b.follow(`a[href$="/checks"]`)
		b.at(atChecks)
		b.fill("#seats", "0")
		b.fill("#words", "***")
		b.followFor(422, "main form button")
		if got := b.list(".errors[role=alert] a"); len(got) != 2 {
			t.Errorf("what is wrong: %q", got)
		}
		b.fill("#seats", "2")
		b.fill("#words", "burn in hell\nscum*")
		b.follow("main form button")
		b.sees("The checks are set. They hold for letters from now on.")
		if got := b.value("#words"); strings.TrimSpace(got) != "burn in hell\nscum*" || b.value("#seats") != "2" {
			t.Errorf("set: %q, %s", got, b.value("#seats"))
		}
	}
}
