package campaign

import (
	"fmt"
	"regexp"
	"slices"

	"postbag/internal/parliament"
)

// Rule says who gets a letter of their own, or none. A campaign's rules stand in
// order, and the first that fits is the one that counts. Every condition that is
// given must hold; of the values of one, any.
type Rule struct {
	Name         string     `toml:"name"`   // for organisers; may be empty
	Pledge       []Standing `toml:"pledge"` // of PledgeStates
	Party        []string   `toml:"party"`  // names in full
	Nation       []string   `toml:"nation"`
	Region       []string   `toml:"region"`
	Constituency []string   `toml:"constituency"` // ONS codes
	Member       []int      `toml:"member"`       // Parliament's ids
	Vacant       *bool      `toml:"vacant"`
	NoEmail      *bool      `toml:"no_email"` // sits, and publishes no address

	// What follows: one of the two.
	Letter  string `toml:"letter"`  // key of Text.Letters
	Exclude string `toml:"exclude"` // key of Text.Exclusions: no letter is written

	Exempt bool `toml:"exempt"` // the MP is not asked to pledge: lists say so
}

// PledgeStates are the standings that a rule can ask for.
func PledgeStates() []Standing {
	return []Standing{StandingPledged, StandingNotYet, StandingWithdrawn}
}

// Rest is the number of the rule that catches whom no other does: they are asked.
const Rest = -1

// Ruling is what the rules say of an MP.
type Ruling struct {
	Rule    int // its number from 0, or Rest
	Letter  string
	Exclude string // empty: a letter can be written
	Exempt  bool
}

// situation is what the conditions of rules look at.
type situation struct {
	seat    parliament.Constituency
	member  parliament.Member
	vacant  bool
	noEmail bool
	pledge  Standing
}

func situationOf(seat parliament.Seat, pledge Standing) situation {
	s := situation{seat: seat.Constituency, member: seat.Member, vacant: seat.Vacant(), pledge: pledge}
	s.noEmail = !s.vacant && !seat.Member.HasEmail()
	return s
}

// Ruling says which letter an MP gets whose pledge stands as given: one of
// PledgeStates.
func (c *Campaign) Ruling(seat parliament.Seat, pledge Standing) Ruling {
	return c.ruling(situationOf(seat, pledge))
}

func (c *Campaign) ruling(s situation) Ruling {
	for i := range c.Rules {
		if r := &c.Rules[i]; r.fits(s) {
			return Ruling{Rule: i, Letter: r.Letter, Exclude: r.Exclude, Exempt: r.Exempt}
		}
	}
	return Ruling{Rule: Rest, Letter: string(VariantAsk)}
}

// asks reports whether a condition is given.
func asks[V comparable](wanted []V, have V) bool {
	return len(wanted) == 0 || slices.Contains(wanted, have)
}

func (r *Rule) fits(s situation) bool {
	return asks(r.Pledge, s.pledge) && asks(r.Party, s.member.Party) && asks(r.Nation, s.seat.Country) &&
		asks(r.Region, s.seat.Region) && asks(r.Constituency, s.seat.Code) && asks(r.Member, s.member.ID) &&
		(r.Vacant == nil || *r.Vacant == s.vacant) && (r.NoEmail == nil || *r.NoEmail == s.noEmail)
}

// Tag returns the few words of the text that stand in place of whether the MP
// has pledged.
func (t *Text) Tag(o Ruling) string {
	if o.Exclude != "" {
		return t.Exclusions[o.Exclude].Tag
	}
	return t.Letters[o.Letter].Tag
}

// check returns what the check says of an MP who is exempt.
func (t *Text) check(o Ruling) string {
	if o.Exclude != "" {
		return t.Exclusions[o.Exclude].Check
	}
	return t.Letters[o.Letter].Check
}

// Excluded returns what a supporter reads whose MP is not written to, its
// placeholders filled.
func (c *Campaign) Excluded(lang string, to Recipient) Exclusion {
	e := c.Text(lang).Exclusions[to.Ruling.Exclude]
	e.Text = fill(e.Text, map[string]string{PlaceMPName: to.MP, PlaceConstituency: to.Seat.NameIn(lang), PlaceParty: to.Party})
	return e
}

// ThankYou returns what a supporter reads once they have confirmed a letter that
// started from a text.
func (c *Campaign) ThankYou(lang string, v Variant, to Recipient) string {
	return fill(c.Text(lang).Letters[string(v)].ThankYou, map[string]string{
		PlaceMPName: to.MP, PlaceConstituency: to.Seat.NameIn(lang), PlaceParty: to.Party,
	})
}

var validKey = regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`)

// Nations lists the values of Rule.Nation.
func Nations() []string { return []string{"England", "Scotland", "Wales", "Northern Ireland"} }

// Regions lists the values of Rule.Region, as the roster has them.
func Regions() []string {
	return []string{
		"North East", "North West", "Yorkshire and The Humber", "East Midlands", "West Midlands", "East of England",
		"London", "South East", "South West", "Scotland", "Wales", "Northern Ireland",
	}
}

// checkRules returns what is wrong with the rules by themselves.
func checkRules(rules []Rule) (problems []Problem) {
	for i, r := range rules {
		add := func(key, format string, args ...any) {
			problems = append(problems, Problem{Key: fmt.Sprintf("rules: entry %d: %s", i+1, key), Text: fmt.Sprintf(format, args...)})
		}
		for _, p := range r.Pledge {
			if !slices.Contains(PledgeStates(), p) {
				add("pledge", "%q is none of pledged, not_yet and withdrawn", p)
			}
		}
		for _, n := range r.Nation {
			if !slices.Contains(Nations(), n) {
				add("nation", "%q is none of England, Scotland, Wales and Northern Ireland", n)
			}
		}
		for _, n := range r.Region {
			if !slices.Contains(Regions(), n) {
				add("region", "%q is no region (such as North West)", n)
			}
		}
		for _, code := range r.Constituency {
			if !validConstituency.MatchString(code) {
				add("constituency", "%q is no ONS constituency code (such as E14001172)", code)
			}
		}
		for _, id := range r.Member {
			if id <= 0 {
				add("member", "%d is no member’s number (such as 4514)", id)
			}
		}
		switch {
		case r.Letter == "" && r.Exclude == "":
			add("letter", "missing; name a letter, or with exclude a text for those who write none")
		case r.Letter != "" && r.Exclude != "":
			add("letter", "a rule has a letter or an exclusion, and this one has both")
		}
	}
	return problems
}
