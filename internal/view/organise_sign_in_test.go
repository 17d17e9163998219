package view

import "testing"

func deskSignInSamples(testing.TB) map[string]Page {
	nobody := func(title string) Desk { return Desk{Title: title, Path: "/organise/sign-in"} }
	return map[string]Page{
		"sign-in":              SignIn{Desk: nobody("Sign in"), Next: "/organise"},
		"sign-in-wrong":        SignIn{Desk: nobody("Sign in"), Next: "/organise", Form: DeskForm{Values: map[string]string{"email": "noor@example.org"}, Errors: map[string]string{"": "The email address or the password is not right."}}},
		"set-password":         SetPassword{Desk: nobody("Choose a password"), Token: "x", Email: "noor@example.org", MinPassword: 15},
		"set-password-too-few": SetPassword{Desk: nobody("Choose a password"), Token: "x", Email: "noor@example.org", MinPassword: 15, Form: DeskForm{Errors: map[string]string{"password": "Use 15 characters or more."}}},
	}
}
