package view

import "testing"

func deskSignInSamples(testing.TB) map[string]Page {
	nobody := func(title string) Desk { return Desk{Title: title, Path: "/organise/sign-in"} }
	typed := DeskForm{Values: map[string]string{"email": "noor@example.org", "name": "Noor Example"}}
	wrong := func(field, sentence string) DeskForm {
		return DeskForm{Values: typed.Values, Errors: map[string]string{field: sentence}}
	}
	return map[string]Page{
		"sign-in":              SignIn{Desk: nobody("Sign in"), Next: "/organise"},
		"sign-in-wrong":        SignIn{Desk: nobody("Sign in"), Next: "/organise", Form: wrong("", "The email address or the password is not right.")},
		"sign-in-code":         SignInCode{Desk: nobody("Your code"), Next: "/organise"},
		"sign-in-code-wrong":   SignInCode{Desk: nobody("Your code"), Next: "/organise", Form: wrong("code", "This code is not right.")},
		"forgot":               Forgot{Desk: nobody("Forgotten password")},
		"forgot-wrong":         Forgot{Desk: nobody("Forgotten password"), Form: wrong("email", "Type an email address.")},
		"forgot-sent":          Forgot{Desk: nobody("Forgotten password"), Form: typed, Sent: true},
		"set-password":         SetPassword{Desk: nobody("Choose a password"), Token: "x", Email: "noor@example.org", MinPassword: 15},
		"set-password-too-few": SetPassword{Desk: nobody("Choose a password"), Token: "x", Email: "noor@example.org", MinPassword: 15, Form: wrong("password", "Use 15 characters or more.")},
		"first":                First{Desk: nobody("The first account"), Token: "x", MinPassword: 15},
		"first-wrong":          First{Desk: nobody("The first account"), Token: "x", MinPassword: 15, Form: wrong("name", "Type a name.")},
		"desk-message":         DeskMessage{Desk: ownerDesk("Something went wrong"), Status: 500, Heading: "Something went wrong", Text: "It is our fault.", RequestID: "abc"},
		"desk-message-nobody":  DeskMessage{Desk: nobody("There is no such page"), Status: 404, Heading: "There is no such page", Text: "This link has been used."},
	}
}
