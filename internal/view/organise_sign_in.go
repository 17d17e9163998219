package view

// signInPages are the pages of getting in.
var signInPages = []Page{SignIn{}, SetPassword{}}

// SignIn asks who somebody is.
type SignIn struct {
	Desk
	Form DeskForm
	Next string // where to go then
}

func (SignIn) template() string { return "organise/sign_in" }
func (p SignIn) failed() bool   { return len(p.Form.Errors) > 0 }

// SetPassword lets somebody who came by a link choose a password.
type SetPassword struct {
	Desk
	Form        DeskForm
	Token       string
	Email       string
	MinPassword int
}

func (SetPassword) template() string { return "organise/set_password" }
func (p SetPassword) failed() bool   { return len(p.Form.Errors) > 0 }
