package campaign

import (
	"fmt"
	"time"

	"postbag/internal/seal"
)

// Keep is how long a campaign keeps what it gets of a person, in days.
type Keep struct {
	Text        int `toml:"text_days"`        // a letter's text, and the address and telephone number in it, once it was sent
	Email       int `toml:"email_days"`       // name and email address, once it was sent, at most
	Unconfirmed int `toml:"unconfirmed_days"` // all of it, once a letter expired that nobody confirmed
}

// DefaultKeep is for campaigns that say nothing. Servers give up on a mail after five
// days (RFC 5321, 4.5.4.1), so within Text a letter that comes back is still whole;
// within Email its supporter can be asked for the last time whether the MP answered.
var DefaultKeep = Keep{Text: 7, Email: 30, Unconfirmed: 7}

// MostKept is the longest that a campaign can ask for.
var MostKept = Keep{Text: 30, Email: 60, Unconfirmed: 30}

const aDay = 24 * time.Hour

// Or returns k, or DefaultKeep for one that says nothing.
func (k Keep) Or() Keep {
	if k == (Keep{}) {
		return DefaultKeep
	}
	return k
}

// Shortest returns the shorter of two times to keep, each for itself.
func (k Keep) Shortest(other Keep) Keep {
	return Keep{min(k.Text, other.Text), min(k.Email, other.Email), min(k.Unconfirmed, other.Unconfirmed)}
}

// TrimAfter returns when the text goes of a letter that was sent: never after its
// person.
func (k Keep) TrimAfter() time.Duration { return time.Duration(min(k.Text, k.Email)) * aDay }

// EraseAfter returns how long the sealed record is kept once a letter has come
// to the state for a reason, or 0 while it is needed.
func (k Keep) EraseAfter(s State, why string) time.Duration {
	if s == StateHeld && why == WhyVacant {
		return RetainVacant
	}
	switch s {
	case StateSent:
		return time.Duration(k.Email) * aDay
	case StateExpired:
		return time.Duration(k.Unconfirmed) * aDay
	case StateWithdrawn:
		return RetainEnded
	case StateHeld, StateFailed, StateBounced, StateUncertain:
		return RetainOpen
	default:
		return 0
	}
}

// Asks reports whether supporters are asked what came of their letters: name and
// email are kept until the last question.
func (k Keep) Asks() bool { return time.Duration(k.Email)*aDay > LastAfter }

// code writes the days in a few characters.
func (k Keep) code() string { return fmt.Sprintf("%d-%d-%d", k.Text, k.Email, k.Unconfirmed) }

// keepOf reads what code wrote.
func keepOf(code string) (Keep, bool) {
	var k Keep
	n, err := fmt.Sscanf(code, "%d-%d-%d", &k.Text, &k.Email, &k.Unconfirmed)
	return k, n == 3 && err == nil && len(k.check()) == 0
}

// fields returns the days by the key that each has in a campaign file.
func (k *Keep) fields() map[string]*int {
	return map[string]*int{"keep.text_days": &k.Text, "keep.email_days": &k.Email, "keep.unconfirmed_days": &k.Unconfirmed}
}

// check returns what is wrong with the days of a campaign file.
func (k Keep) check() []Problem {
	var problems []Problem
	most := MostKept.fields()
	for key, days := range k.fields() {
		if *days < 1 || *days > *most[key] {
			problems = append(problems, Problem{Key: key, Text: fmt.Sprintf("a number of days from 1 to %d", *most[key])})
		}
	}
	if len(problems) == 0 && k.Text > k.Email {
		problems = append(problems, Problem{Key: "keep.text_days", Text: "no more than email_days: a letter does not outlive its writer's name"})
	}
	return problems
}

// Trim takes the letter's text away, and the address and telephone number that
// stand in it. What is left can be written to, and no more.
func (p *Person) Trim() {
	*p = Person{Name: p.Name, Email: p.Email, Lang: p.Lang, Token: p.Token, Trimmed: true}
}

// Trimmer makes of a sealed record that of the same person with only what is kept
// when the text is due.
type Trimmer func(sealed, tokenHash []byte) ([]byte, error)

// NewTrimmer returns a Trimmer of records that were sealed with keys.
func NewTrimmer(keys *seal.Keys) Trimmer {
	return func(sealed, tokenHash []byte) ([]byte, error) {
		p, err := OpenPerson(keys, sealed, tokenHash)
		if err != nil {
			return nil, err
		}
		p.Trim()
		return SealPerson(keys, p, tokenHash)
	}
}
