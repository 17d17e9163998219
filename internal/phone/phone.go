// Package phone reads telephone numbers as people type them. It is the only
// importer of the phonenumbers library.
package phone

import (
	"errors"

	"github.com/nyaruka/phonenumbers"
)

// ErrInvalid is returned for what is no telephone number.
var ErrInvalid = errors.New("not a telephone number")

// region is where a number without a country code is taken to be.
const region = "GB"

// Normalise returns the number as it is written in a letter: national form for
// a British number ("0113 496 0123"), international form for any other.
// Only possible and valid numbers are taken.
func Normalise(typed string) (string, error) {
	number, err := phonenumbers.Parse(typed, region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", ErrInvalid
	}
	if number.GetCountryCode() == 44 {
		return phonenumbers.Format(number, phonenumbers.NATIONAL), nil
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL), nil
}
