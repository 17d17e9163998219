package e2e

import (
	"testing"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

func tourDeskAudit(b *tab, _ *testkit.Clock, shot func(name string)) {
	b.signIn(account.Owner)
	b.visit(atDesk + "/audit")
	shot("desk-audit")
	b.visit(atDesk + "/audit?what=nothing")
	shot("desk-audit-none")
	b.visit(atDesk + "/retention")
	shot("desk-retention")
	b.visit(atDesk + "/cookies")
	shot("desk-cookies")
}

// The audit log says who did what, to owners alone.
func TestDesk_Audit(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Owner)
	b.visit(atDesk + "/audit?what=account")
	b.sees("Added an account")
	organiser := p.open(phone)
	organiser.signIn(account.Organiser)
	p.mayWarn = true // who tries what they may not is logged
	organiser.visitFor(403, atDesk+"/audit")
}
