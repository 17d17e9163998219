package campaign

// Way is how a letter goes to the MP.
type Way string

// The ways.
const (
	WaySend  Way = "send"  // Postbag sends it, once the supporter has confirmed by email
	WayPost  Way = "post"  // the supporter prints it and posts it
	WayEmail Way = "email" // the supporter sends it from a mail program of their own
)

// Ways returns how a letter can go to the recipient, the usual way first. Where
// there is nobody, or no email address, only the post is left.
func (r Recipient) Ways() []Way {
	if r.ByPost() {
		return []Way{WayPost}
	}
	return []Way{WaySend, WayPost, WayEmail}
}

// Way returns how the letter goes: as the supporter wishes where that can be,
// else the usual way.
func (r Recipient) Way(wish Way) Way {
	ways := r.Ways()
	for _, w := range ways {
		if w == wish {
			return w
		}
	}
	return ways[0]
}
