package e2e

import (
	"testing"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

func tourDeskSignIn(b *tab, _ *testkit.Clock, shot func(name string)) {
	b.visit(atDesk + "/sign-in")
	shot("desk-sign-in")
	b.fill("#email", "nobody@organisers.example")
	b.fill("#password", "not the right one")
	b.followFor(401, "main form button")
	shot("desk-sign-in-wrong")
	b.signIn(account.Owner)
	shot("desk-home")
}

func TestDesk_SignIn(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Viewer)
	b.follow(".desk-who button")
	b.at(atDesk + "/sign-in")
	b.visit(atDesk)
	b.at(atDesk + "/sign-in?next=%2Forganise")
	b.fill("#email", "viewer@organisers.example")
	b.fill("#password", password)
	b.follow("main form button")
	b.at(atDesk)
}
