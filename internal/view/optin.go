package view

// OptIn asks whether an organisation may write to the supporter, or says that it
// may.
type OptIn struct {
	Field   string // of the form
	Partner string // name of the organisation; empty: who runs the campaign
	Words   string // exactly what they agree to
	Lang    string // of Words, where that is not the page's; empty otherwise
	Value   string // stands for Words
	Ticked  bool
	Changed bool   // they ticked it under other words
	ID      string // on the private page: names it
	Waits   bool   // likewise: it does not count before the letter is confirmed
}

// Unsubscribe is where whoever does not want to hear from an organisation any
// more says so. It is the same whatever its address: it tells nobody whether
// there is something to end.
type Unsubscribe struct {
	Frame
	Token string
	Done  bool
}

func (Unsubscribe) template() string { return "unsubscribe" }

// OptInCount is how many people may be written to by an organisation.
type OptInCount struct {
	Partner         string // name; empty: who runs the campaign
	Standing, Ended int
	Export          string // where they can be had; empty: not by whoever looks
	SealedTo        string // fingerprint of the key that they are sealed to; empty: none
}
