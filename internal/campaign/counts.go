package campaign

// Count is what happened to the letters of one constituency. Every number
// counts moves: a letter that was sent and then bounced counts in both.
type Count struct {
	Constituency string // ONS code
	Written      int    // put in by a supporter
	Confirmed    int    // confirmed by email
	Sent         int    // accepted by the mail server
	Failed       int    // refused for good
	Bounced      int    // returned after they had been accepted
	Uncertain    int    // may have arrived, nobody knows
	Withdrawn    int
	Expired      int

	// SelfReported is how many letters supporters say they sent by post or from
	// their own mail program. Nobody can check it: it is part of no other number.
	SelfReported int

	Replies Replies // what supporters say their MP answered to letters sent
}

// Letters returns how many letters count: accepted, and not returned.
func (c Count) Letters() int { return c.Sent - c.Bounced }

// SuppressBelow is the number of letters in a constituency below which the
// public is not told how many.
const SuppressBelow = 5

// minSuppressed is how many constituencies must be suppressed before letters in
// them are part of a public total.
const minSuppressed = 5

// PublicCounts is what everyone may know.
type PublicCounts struct {
	Total     int            // letters, see Suppress
	Disclosed map[string]int // by ONS code: constituencies with SuppressBelow letters or more

	// SelfReported is how many letters supporters say they sent by themselves,
	// told for the whole campaign alone. It is no part of Total.
	SelfReported int
}

// Suppress returns what may be told of counts over a number of constituencies
// (those without a Count have no letters).
//
// A constituency with fewer than SuppressBelow letters is never told apart from
// one without any. The total includes the suppressed letters, but never so many
// that one could conclude from it that a certain suppressed constituency has
// any: with n constituencies suppressed, n-1 of them could hold at most
// (n-1)*(SuppressBelow-1) letters, so no more than that is added, and nothing
// at all while n is small. Nor does it add fewer than SuppressBelow: to add none
// would tell that each of them has none. Whoever subtracts what is disclosed from
// the total learns how many letters came from somewhere, not from where.
//
// Self-reported letters are never told by constituency. So their total alone
// bounds none of them: whichever constituency has some could have none, the rest
// having all. Only while it is below SuppressBelow, 0 among it, or where there
// are hardly any constituencies, nothing is told.
func Suppress(counts []Count, constituencies int) PublicCounts {
	public := PublicCounts{Disclosed: map[string]int{}}
	hidden, selfReported := 0, 0
	for _, c := range counts {
		selfReported += c.SelfReported
		letters := c.Letters()
		if letters >= SuppressBelow {
			public.Disclosed[c.Constituency] = letters
			public.Total += letters
		} else {
			hidden += max(letters, 0)
		}
	}
	suppressed := constituencies - len(public.Disclosed)
	if suppressed >= minSuppressed && hidden >= SuppressBelow {
		public.Total += min(hidden, (suppressed-1)*(SuppressBelow-1))
	}
	if constituencies >= minSuppressed && selfReported >= SuppressBelow {
		public.SelfReported = selfReported
	}
	return public
}
