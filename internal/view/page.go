package view

// Page is a page that Render can show: one of the models in this package.
type Page interface {
	// template names the file under templates/pages, without its ending.
	template() string
	// frame is what stands around the page.
	frame() Frame
	// failed reports whether the page says that something typed cannot be
	// used; its title says so first.
	failed() bool
}

func (f Frame) frame() Frame { return f }
func (f Frame) failed() bool { return false }

func (Home) template() string { return "home" }

func (p CampaignPage) template() string {
	if p.Embed != nil {
		return "embed"
	}
	return "campaign"
}

func (Choose) template() string        { return "choose" }
func (Excluded) template() string      { return "excluded" }
func (CheckEmail) template() string    { return "check_email" }
func (PrivatePage) template() string   { return "private" }
func (Message) template() string       { return "message" }
func (Busy) template() string          { return "busy" }
func (Accessibility) template() string { return "accessibility" }
func (Privacy) template() string       { return "privacy" }
func (DevMailList) template() string   { return "dev_mail_list" }
func (DevMail) template() string       { return "dev_mail" }

func (p CampaignPage) failed() bool { return p.Error != "" }
func (p Choose) failed() bool       { return p.Error != "" }
