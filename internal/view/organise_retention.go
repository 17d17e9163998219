package view

import "postbag/internal/campaign"

// retentionPages are the pages about what is kept of people, and was erased.
var retentionPages = []Page{DeskRetention{}, DeskCookies{}}

// DeskRetention says what is kept of people until when, and shows the erasure ledger.
type DeskRetention struct {
	Desk
	Campaigns []DeskKeep
	Kept      []DeskKept
	Ledger    []DeskErasure // the latest first
	More      int           // earlier lines that are not shown
	Head      string        // the hash of the last closed line; empty: none is closed
	Wrong     string        // what is wrong with the ledger; empty: it is sound
}

// DeskKeep is how long a campaign keeps what it gets.
type DeskKeep struct {
	Slug, Title string
	Keep        campaign.Keep
}

// DeskKept is how many records go on a day.
type DeskKept struct {
	Campaign, What string
	Day            string // empty: not before something else happens
	Ended          bool   // its person ends it
	Records        int
}

// DeskErasure is a line of the ledger in words.
type DeskErasure struct {
	Number                   int // 0: the day is not over
	Day, Campaign, What, Why string
	Records                  int
	Hash                     string
}

func (DeskRetention) template() string { return "organise/retention" }

// DeskCookies tells organisers of the one cookie that they get.
type DeskCookies struct {
	Desk
	Cookie      string
	Secure      bool // it goes over https alone
	Idle, Lasts int  // hours
}

func (DeskCookies) template() string { return "organise/cookies" }
