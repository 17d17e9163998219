package view

// keyPages are the pages about the keys of programs.
var keyPages = []Page{DeskKeys{}, DeskKeyMade{}}

// DeskKey is a key as it is listed. The key itself is not to be had again.
type DeskKey struct {
	ID         int64
	Name       string // what it is for
	Partner    string // whose it is; empty: the site's
	CreatedOn  string // a day
	CreatedBy  string
	LastUsedOn string // empty: never
	RevokedOn  string // empty: it is good
}

// DeskKeys lists the keys, and lets an owner make one.
type DeskKeys struct {
	Desk
	Keys     []DeskKey
	Partners []DeskChoice // whose it may be
	Form     DeskForm
}

func (DeskKeys) template() string { return "organise/keys" }
func (p DeskKeys) failed() bool   { return len(p.Form.Errors) > 0 }

// DeskKeyMade shows a new key, this once.
type DeskKeyMade struct {
	Desk
	Name, Partner string
	Key           string
	Curl          string // how to try it
}

func (DeskKeyMade) template() string { return "organise/key_made" }
