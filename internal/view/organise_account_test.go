package view

import (
	"strings"
	"testing"
	"time"
)

func deskAccountSamples(t testing.TB) map[string]Page {
	qr, err := NewQR("otpauth://totp/Postbag:noor@example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Postbag")
	if err != nil {
		t.Fatal(err)
	}
	wrong := func(field string) DeskForm {
		return DeskForm{Values: map[string]string{"name": "Noor", "role": "viewer"}, Errors: map[string]string{field: "This is wrong."}}
	}
	enrol := SecondFactor{Desk: ownerDesk("Second step"), QR: qr, Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", Sealed: "sealed"}
	forced, enrolWrong := enrol, enrol
	forced.Forced, forced.Needed, forced.Desk.Nav = true, true, nil
	enrolWrong.Form = wrong("code")
	roles := []string{"owner", "organiser", "viewer", "partner"}
	noor := Person{ID: 1, Name: "Noor Example", Email: "noor@example.org", Role: "owner", Ready: true, SecondFactor: true, SignedInAt: time.Unix(1795430400, 0)}
	all := []Person{
		noor,
		{ID: 2, Name: "Ali Invited", Email: "ali@example.org", Role: "organiser"},
		{ID: 3, Name: "Friends of the Library", Email: "friends@example.org", Role: "partner", Partner: "Friends", Ready: true, Disabled: true},
	}
	form := DeskForm{Values: map[string]string{"name": "Noor Example", "role": "owner"}}
	return map[string]Page{
		"account":               OwnAccount{Desk: ownerDesk("Your account"), Sessions: []OwnSession{{ID: "a", Since: day, Seen: day, This: true}, {ID: "b", Since: day, Seen: day}}, Form: form, Email: "noor@example.org", HasDigest: true, Digest: true, SecondFactor: true, CodesLeft: 7, MinPassword: 15},
		"account-wrong":         OwnAccount{Desk: ownerDesk("Your account"), Form: wrong("old"), Email: "noor@example.org", MinPassword: 15},
		"second-factor-off":     enrol,
		"second-factor-forced":  forced,
		"second-factor-wrong":   enrolWrong,
		"second-factor-on":      SecondFactor{Desk: ownerDesk("Second step"), On: true, Needed: true, CodesLeft: 1},
		"second-factor-refused": SecondFactor{Desk: ownerDesk("Second step"), On: true, CodesLeft: 10, Form: wrong("code")},
		"recovery-codes":        RecoveryCodes{Desk: ownerDesk("Recovery codes"), Email: "noor@example.org", Codes: []string{"abcde-fghjk", "01234-56789"}},
		"people":                People{Desk: ownerDesk("People"), People: all, Form: DeskForm{Values: map[string]string{"role": "organiser"}}, Roles: roles, Partners: []DeskOption{{"friends", "Friends", true}}},
		"people-wrong":          People{Desk: ownerDesk("People"), People: all, Form: wrong("role"), Roles: roles, Partners: []DeskOption{{"friends", "Friends", true}}},
		"people-wrong-partner":  People{Desk: ownerDesk("People"), People: all, Form: wrong("partner"), Roles: roles, Partners: []DeskOption{{"friends", "Friends", true}}},
		"person":                PersonPage{Desk: ownerDesk("Account"), Person: noor, Form: form, Roles: roles, Partners: []DeskOption{{"friends", "Friends", false}}, Self: true},
		"person-invited":        PersonPage{Desk: ownerDesk("Account"), Person: all[1], Form: form, Roles: roles, Partners: []DeskOption{{"friends", "Friends", true}}},
		"person-closed":         PersonPage{Desk: ownerDesk("Account"), Person: all[2], Form: form, Roles: roles, Partners: []DeskOption{{"friends", "Friends", true}}},
		"person-changed":        PersonPage{Desk: ownerDesk("Account"), Person: noor, Form: wrong(""), Roles: roles, Typed: true},
	}
}

// What is typed as a password never comes back in a page.
func TestDeskForm_passwordsAreNotShown(t *testing.T) {
	const typed = "five plain words are plenty"
	form := DeskForm{Values: map[string]string{"password": typed, "old": typed}}
	r := newRenderer(t)
	for _, page := range []Page{SignIn{Form: form}, SetPassword{Form: form}, First{Form: form}, OwnAccount{Form: form}} {
		if strings.Contains(render(t, r, page), typed) {
			t.Errorf("%T shows a password", page)
		}
	}
}
