package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

func tourDeskAccounts(b *tab, clock *testkit.Clock, shot func(name string)) {
	b.signIn(account.Owner)
	for _, a := range []account.Account{
		{Email: "ali@organisers.example", Name: "Ali of the longest of all surnames", Role: account.Organiser},
		{Email: "friends@organisers.example", Name: "Friends of the Library", Role: account.Partner, Partner: "Friends of the Library"},
	} {
		if _, _, err := b.program.app.Accounts().Add(b.ctx, account.Actor{Name: "test"}, a); err != nil {
			b.t.Fatal(err)
		}
	}
	b.visit(atDesk + "/account")
	shot("desk-account")
	b.fill("#old", "not this one")
	b.fill("#password", "six other plain words are more")
	b.followFor(422, `form[action$="/account/password"] button`)
	shot("desk-account-wrong")
	b.enrol(clock)
	shot("desk-recovery-codes")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	shot("desk-recovery-codes-print")
	b.restoreMedia()
	b.visit(atDesk + "/account/second-factor")
	shot("desk-second-factor-on")
	b.visit(atDesk + "/accounts")
	shot("desk-people")
	b.fill("#name", "Ali")
	b.fill("#email", "ali@organisers.example")
	b.followFor(409, "main form button")
	shot("desk-people-wrong")
	b.visit(atDesk + "/accounts/2")
	shot("desk-person")
	b.visit(atDesk + "/accounts/1")
	b.followFor(409, `form[action$="/disable"] button`)
	shot("desk-person-last-owner")
	b.signIn(account.Partner)
	shot("desk-partner")
}

// An owner changes what somebody may do, and they are out until they sign in
// again.
func TestDesk_People(t *testing.T) {
	t.Parallel()
	p := start(t)
	owner, ali := p.open(desktop), p.open(phone)
	owner.signIn(account.Owner)
	ali.signIn(account.Viewer)
	owner.visit(atDesk + "/accounts")
	owner.follow(`.people a[href$="/2"]`)
	owner.press(`label[for="role-organiser"]`)
	owner.follow(`main form[action$="/accounts/2"] button`)
	owner.sees("Saved.", "Organiser")
	ali.reload()
	if !strings.HasPrefix(ali.path(), atDesk+"/sign-in") {
		t.Errorf("after the change the window shows %s", ali.path())
	}
	ali.enter("viewer@organisers.example")
	owner.follow(`form[action$="/disable"] button`)
	owner.sees("The account is closed")
	ali.reload()
	if !strings.HasPrefix(ali.path(), atDesk+"/sign-in") {
		t.Errorf("after closing the window shows %s", ali.path())
	}
}
