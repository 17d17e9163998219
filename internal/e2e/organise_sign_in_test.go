package e2e

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

// codeStep is how long a code of a telephone is good.
const codeStep = 30 * time.Second

// mayKeepCookie says that this window signs in by itself.
func (b *tab) mayKeepCookie() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signedIn = true
}

// enter signs in with an address and the password, up to where that leads.
func (b *tab) enter(email string) {
	b.t.Helper()
	b.mayKeepCookie()
	b.visit(atDesk + "/sign-in")
	b.fill("#email", email)
	b.fill("#password", password)
	b.follow("main form button")
}

// enrol sets up a second step and returns its secret and the recovery codes. The
// clock is then at the next code.
func (b *tab) enrol(clock *testkit.Clock) (secret string, codes []string) {
	b.t.Helper()
	b.visit(atDesk + "/account/second-factor")
	secret = strings.ReplaceAll(b.content("code.secret"), " ", "")
	b.fill("#code", testkit.Code(b.t, secret, clock.Now()))
	b.follow("main form button")
	clock.Advance(codeStep)
	return secret, strings.Fields(strings.ReplaceAll(b.text(".recovery-codes"), "\n", " "))
}

func tourDeskSignIn(b *tab, clock *testkit.Clock, shot func(name string)) {
	b.visit(atDesk + "/sign-in")
	shot("desk-sign-in")
	b.fill("#email", "nobody@organisers.example")
	b.fill("#password", "not the right one")
	b.followFor(401, "main form button")
	shot("desk-sign-in-wrong")
	b.visit(atDesk + "/forgot")
	shot("desk-forgot")
	b.fill("#email", "nobody@organisers.example")
	b.follow("main form button")
	shot("desk-forgot-sent")
	b.visitFor(404, atDesk+"/password/0123456789012345678901")
	shot("desk-message")
	first := strings.TrimPrefix(b.program.app.FirstURL(), b.program.base)
	b.visit(first)
	shot("desk-first")
	b.fill("#name", "Noor")
	b.fill("#email", "noor@organisers.example")
	b.fill("#password", "password password")
	b.followFor(422, "main form button")
	shot("desk-first-wrong")
	b.signIn(account.Organiser)
	shot("desk-home")
	b.visit(atDesk + "/account/second-factor")
	shot("desk-second-factor-off")
	b.fill("#code", "000000")
	b.followFor(422, "main form button")
	shot("desk-second-factor-wrong")
	b.enrol(clock)
	b.follow(".desk-who button")
	b.enter("organiser@organisers.example")
	shot("desk-code")
	b.fill("#code", "000000")
	b.followFor(401, "main form.sheet button")
	shot("desk-code-wrong")
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

// Whoever starts a new server makes the first account behind the link that it
// prints, and invites the next.
func TestDesk_FirstAccountAndInvitation(t *testing.T) {
	t.Parallel()
	p := start(t, capturing)
	b := p.open(desktop)
	b.mayKeepCookie()
	first := regexp.MustCompile(`http\S+/organise/first/\S+`).FindString(p.app.Banner())
	b.visit(strings.TrimPrefix(first, p.base))
	b.fill("#name", "Noor")
	b.fill("#email", "noor@organisers.example")
	b.fill("#password", password)
	b.follow("main form button")
	b.at(atDesk)
	b.follow(`.desk-nav a[href="/organise/accounts"]`)
	b.fill("#name", "Ali")
	b.fill("#email", "ali@organisers.example")
	b.press(`label[for="role-viewer"]`)
	b.follow("main form button")
	b.sees("The invitation is on its way", "ali@organisers.example", "invited")

	ali := p.open(phone)
	ali.mayKeepCookie()
	ali.visit(linkFromMail(t, ali))
	ali.fill("#password", password)
	ali.follow("main form button")
	ali.at(atDesk)
	ali.visitFor(404, strings.TrimPrefix(first, p.base))
	p.mayWarn = true // who tries what they may not is logged
	ali.visitFor(403, atDesk+"/accounts")
}

// linkFromMail finds the link in the latest captured mail, and returns its path.
func linkFromMail(t *testing.T, b *tab) string {
	t.Helper()
	for b.visit("/dev/mail"); b.count(".mails li") == 0; b.visit("/dev/mail") {
		if b.ctx.Err() != nil {
			t.Fatal("no mail came")
		}
	}
	b.follow(".mails li:first-child a")
	link := regexp.MustCompile(`/organise/password/[A-Za-z0-9_-]{22}`).FindString(b.text("main"))
	if link == "" {
		t.Fatalf("the mail has no link:\n%s", b.text("main"))
	}
	return link
}

func TestDesk_SignInWithACode(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(monday)
	p := start(t, at(clock))
	b := p.open(phone)
	b.signIn(account.Organiser)
	secret, codes := b.enrol(clock)
	if len(codes) != 10 {
		t.Fatalf("recovery codes %q", codes)
	}
	b.follow(".desk-who button")

	b.enter("organiser@organisers.example")
	b.at(atDesk + "/sign-in/code")
	b.fill("#code", "000000")
	b.followFor(401, "main form.sheet button")
	b.sees("This code is not right")
	code := testkit.Code(t, secret, clock.Now())
	b.fill("#code", code)
	b.follow("main form.sheet button")
	b.at(atDesk)

	other := p.open(desktop)
	other.enter("organiser@organisers.example")
	other.fill("#code", code)
	other.followFor(401, "main form.sheet button")
	other.sees("was used before")
	other.fill("#code", codes[0])
	other.follow("main form.sheet button")
	other.at(atDesk)
}

func TestDesk_ResetByMail(t *testing.T) {
	t.Parallel()
	p := start(t, capturing)
	_, _, err := p.app.Accounts().Add(context.Background(), account.Actor{Name: "test"}, account.Account{Email: "noor@organisers.example", Name: "Noor", Role: account.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	b := p.open(phone)
	b.mayKeepCookie()
	b.visit(atDesk + "/sign-in")
	b.follow(`a[href="/organise/forgot"]`)
	b.fill("#email", "noor@organisers.example")
	b.follow("main form button")
	b.sees("Look into your mail")
	b.visit(linkFromMail(t, b))
	b.fill("#password", password)
	b.follow("main form button")
	b.at(atDesk)
	b.sees("Your password is saved")
}

func TestDesk_SignOutEverywhere(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Viewer)
	other := p.open(desktop)
	other.enter("viewer@organisers.example")
	other.at(atDesk)
	b.visit(atDesk + "/account")
	b.follow(`form[action$="/sign-out-everywhere"] button`)
	b.at(atDesk + "/sign-in")
	other.reload()
	other.at(atDesk + "/sign-in?next=%2Forganise")
}
