package campaign

// Length says whether a letter is short or long for its reader.
type Length string

// The lengths worth a word. An MP's office reads hundreds of letters a week:
// one page is read to its end, and a line or two says too little to answer.
const (
	LengthShort Length = "short" // fewer than 60 words
	LengthLong  Length = "long"  // more than 500, about a page and a half
)

// HardFrom is the reading age from which shorter sentences would help. Most
// adults read easily up to 13 or 14.
const HardFrom = 15

// Hints are what may help with a letter, and never a hurdle.
// assets/words.js finds the same.
type Hints struct {
	Own    int // percentage of the writer's own words
	Level  OwnLevel
	Length Length // empty: nothing to say
	Age    int    // reading age in years; 0: not known, or not in English
}

// Hard reports whether shorter sentences would help.
func (h Hints) Hard() bool { return h.Age >= HardFrom }

// Hints looks at the body of a letter that started from the draft.
func (d Draft) Hints(body string) Hints {
	own := OwnWords(d.Body, body)
	h := Hints{Own: own, Level: LevelOf(own)}
	switch words := len(wordsOf(body)); {
	case words < 60:
		h.Length = LengthShort
	case words > 500:
		h.Length = LengthLong
	}
	if d.Lang == "en" {
		h.Age, _ = ReadingAge(body)
	}
	return h
}
