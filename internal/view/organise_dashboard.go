package view

// dashboardPages are the pages of counts.
var dashboardPages = []Page{DeskHome{}}

// DeskHome lists the campaigns.
type DeskHome struct {
	Desk
	Campaigns []DeskCampaignRow
}

// DeskCampaignRow is one campaign in the list.
type DeskCampaignRow struct {
	Slug, Title, State string
	Letters            int // accepted, and not returned
}

func (DeskHome) template() string { return "organise/home" }
