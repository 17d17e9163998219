package campaign

// Judge says why a letter that waits to be sent may not go after all, by the
// rules of its campaign as they stand now, or "". The store asks it in the
// transaction that sends the letter; slug, constituency and variant are the
// letter's, pledged is whether the MP has a pledge that stands.
type Judge func(slug, constituency string, variant Variant, pledged bool) (why string)

// Judge implements Judge. A letter is held when the campaign writes to this MP no
// more, and when they have pledged since it was written and the campaign has
// another letter for those: what it asks for is done.
func (s *Service) Judge(slug, constituency string, variant Variant, pledged bool) string {
	c, err := s.Campaign(slug)
	if err != nil {
		return "" // nothing is known against it
	}
	roster, _ := s.Roster()
	seat, ok := roster.Seat(constituency)
	if !ok {
		return ""
	}
	now := c.Ruling(seat, StandingNotYet)
	if pledged {
		now = c.Ruling(seat, StandingPledged)
	}
	switch {
	case now.Exclude != "":
		return WhyExcluded
	case pledged && now.Letter != string(variant) && c.Ruling(seat, StandingNotYet).Letter == string(variant):
		return WhyPledged
	}
	return ""
}
