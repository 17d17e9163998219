package e2e

import (
	"testing"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

// The workspace's pages, named by where they are.
const (
	atDesk         = "/organise"
	atDeskCampaign = "/organise/c/" + slug
)

// password is what every organiser of the tests chooses.
const password = "five plain words are plenty"

// signIn adds an account with a role and signs it in in this window, as somebody
// does who was sent a link.
func (b *tab) signIn(role account.Role) {
	b.t.Helper()
	b.mu.Lock()
	b.signedIn = true
	b.mu.Unlock()
	a := account.Account{Email: string(role) + "@organisers.example", Name: "Noor the " + string(role), Role: role}
	if role == account.Partner {
		a.Partner = "friends"
	}
	_, token, err := b.program.app.Accounts().Add(b.ctx, account.Actor{Name: "test"}, a)
	if err != nil {
		b.t.Fatal(err)
	}
	b.visit(atDesk + "/password/" + token)
	b.fill("#password", password)
	b.follow("main form button")
	b.at(atDesk)
}

// tourDesk walks through every page of the workspace in every state, as tour
// does through the public ones. Its pages are in one language.
func tourDesk(t *testing.T, d device, see func(b *tab, name string)) {
	for _, area := range []func(b *tab, clock *testkit.Clock, shot func(name string)){
		tourDeskSignIn, tourDeskAccounts, tourDeskDashboard, tourDeskCampaigns, tourDeskLetters, tourDeskPledges, tourDeskAudit, tourDeskPartners, tourDeskKeys, tourDeskAge, tourDeskChecks, tourDeskDoctor,
	} {
		clock := testkit.NewClock(monday)
		p := start(t, at(clock))
		p.mayWarn = true
		b := p.open(d)
		area(b, clock, func(name string) { see(b, name) })
	}
}
