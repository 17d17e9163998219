package view

// signInPages are the pages of getting in.
var signInPages = []Page{SignIn{}, SignInCode{}, Forgot{}, SetPassword{}, First{}, DeskMessage{Heading: "x"}}

// SignIn asks who somebody is.
type SignIn struct {
	Desk
	Form DeskForm
	Next string // where to go then
}

func (SignIn) template() string { return "organise/sign_in" }
func (p SignIn) failed() bool   { return len(p.Form.Errors) > 0 }

// SignInCode asks for a code of the telephone, or a recovery code.
type SignInCode struct {
	Desk
	Form DeskForm
	Next string
}

func (SignInCode) template() string { return "organise/sign_in_code" }
func (p SignInCode) failed() bool   { return len(p.Form.Errors) > 0 }

// Forgot mails a link to who has forgotten their password.
type Forgot struct {
	Desk
	Form DeskForm
	Sent bool // or nobody has the address, which is nobody's business
}

func (Forgot) template() string { return "organise/forgot" }
func (p Forgot) failed() bool   { return len(p.Form.Errors) > 0 }

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

// First lets who started a new server make the first account.
type First struct {
	Desk
	Form        DeskForm
	Token       string
	MinPassword int
}

func (First) template() string { return "organise/first" }
func (p First) failed() bool   { return len(p.Form.Errors) > 0 }

// DeskMessage says what went wrong in the workspace, and what to do.
type DeskMessage struct {
	Desk
	Status    int
	Heading   string
	Text      string
	RequestID string // by which the log tells more; empty: it tells nothing
}

func (DeskMessage) template() string { return "organise/message" }
